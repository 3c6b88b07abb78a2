"""The local file store: what its disk does to it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kineograph.core.errors import OperatorError, Unavailable
from kineograph.store import disk as module
from kineograph.store.disk import DiskFileStore


@pytest.mark.anyio
async def test_a_file_and_its_folders_are_on_the_disk_before_put_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(module, "_sync_one", synced.append)
    await DiskFileStore(tmp_path).put("tasks/a/1/video.mp4", b"film")
    assert synced == [tmp_path / name for name in ("tasks/a/1/video.mp4", "tasks/a/1", "tasks/a", "tasks", "")]


def test_nothing_half_written_is_left_under_any_name(tmp_path: Path) -> None:
    store = DiskFileStore(tmp_path)
    asyncio.run(store.put("tasks/a/1/video.mp4", b"film"))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["video.mp4"]
    asyncio.run(store.delete("tasks/a/1/video.mp4"))
    assert list(tmp_path.iterdir()) == [], "empty folders go too"


def test_a_full_disk_is_told_and_nothing_is_stored(tmp_path: Path) -> None:
    script = (
        "import asyncio, pathlib, resource, signal, sys\n"
        "from kineograph.core.errors import Unavailable\n"
        "from kineograph.store.disk import DiskFileStore\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "store = DiskFileStore(pathlib.Path(sys.argv[1]))\n"
        "try: asyncio.run(store.put('tasks/a/1/video.mp4', b'x' * 1_000_000))\n"
        "except Unavailable as error: print(error.message)\n"
        "print(asyncio.run(store.head('tasks/a/1/video.mp4')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.split("\n")[0].startswith("the storage is")
    assert done.stdout.split("\n")[1] == "None"


@pytest.mark.anyio
async def test_a_folder_that_cannot_be_written_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OperatorError, match="cannot write in the storage folder"):
        DiskFileStore(tmp_path / "file")


@pytest.mark.anyio
async def test_a_folder_in_the_way_is_trouble_of_ours_not_of_the_callers(tmp_path: Path) -> None:
    store = DiskFileStore(tmp_path)
    await store.put("tasks/a", b"x")
    with pytest.raises(Unavailable):
        await store.put("tasks/a/b", b"x")


@pytest.mark.anyio
async def test_the_free_room_is_what_the_disk_says(tmp_path: Path) -> None:
    assert DiskFileStore(tmp_path).free_bytes() == pytest.approx(
        os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize, rel=0.05
    )
