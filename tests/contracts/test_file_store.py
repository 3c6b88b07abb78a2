"""The contract of FileStore."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from kineograph.core.errors import InvalidRequest, NotFound
from kineograph.core.files import FileStore

pytestmark = pytest.mark.anyio

NAME = "tasks/task_1/1/video.mp4"
HOSTILE = [
    "../x",
    "a/../../x",
    "/etc/passwd",
    "a//b",
    "a/./b",
    "",
    "a\\b",
    "a/\n",
    "a b",
    "é",
    "a" * 600,
    "%2e%2e/x",
    "a/",
]


async def content(files: FileStore, name: str = NAME, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in files.read(name, start, end)])


async def names(files: FileStore, prefix: str) -> list[str]:
    return sorted([file.name async for file in files.list(prefix)])


async def test_bytes_come_back_whole_and_in_part(files: FileStore) -> None:
    data = bytes(range(256)) * 4000
    await files.put(NAME, data)
    assert await content(files) == data
    assert await content(files, start=10, end=20) == data[10:20]
    assert await content(files, start=len(data) - 5) == data[-5:]
    assert await content(files, start=len(data) - 5, end=len(data) + 50) == data[-5:]
    assert await content(files, start=len(data)) == b""
    assert await content(files, start=7, end=7) == b""


async def test_an_empty_file_is_a_file(files: FileStore) -> None:
    await files.put(NAME, b"")
    assert await content(files) == b""
    info = await files.head(NAME)
    assert info is not None
    assert info.size == 0


async def test_a_local_file_is_copied_in_and_out(files: FileStore, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"film" * 3_000_000)
    await files.put(NAME, source)
    await files.fetch(NAME, target)
    assert target.read_bytes() == source.read_bytes()
    assert source.exists()


async def test_a_second_put_takes_the_place_of_the_first(files: FileStore) -> None:
    await files.put(NAME, b"first, and longer")
    await files.put(NAME, b"second")
    assert await content(files) == b"second"


async def test_head_tells_size_and_time(files: FileStore) -> None:
    await files.put(NAME, b"12345")
    info = await files.head(NAME)
    assert info is not None
    assert (info.name, info.size) == (NAME, 5)
    assert info.modified == pytest.approx(time.time(), abs=5)


async def test_what_is_not_there_is_not_found(files: FileStore, tmp_path: Path) -> None:
    await files.put(NAME, b"x")
    for name in ("tasks/task_1/2/video.mp4", "tasks/task_1/1", "tasks"):
        assert await files.head(name) is None
        with pytest.raises(NotFound):
            await content(files, name)
        with pytest.raises(NotFound):
            await files.fetch(name, tmp_path / "out")
        assert not (tmp_path / "out").exists()
        await files.delete(name)
    assert await content(files) == b"x"


async def test_a_deleted_file_is_gone_and_can_be_deleted_again(files: FileStore) -> None:
    await files.put(NAME, b"x")
    await files.delete(NAME)
    await files.delete(NAME)
    assert await files.head(NAME) is None


async def test_a_list_holds_all_files_under_a_prefix(files: FileStore) -> None:
    for name in ("tasks/a/1/v.mp4", "tasks/a/2/v.mp4", "tasks/ab/1/v.mp4", "inputs/a/first_frame"):
        await files.put(name, b"x")
    assert await names(files, "tasks/a/") == ["tasks/a/1/v.mp4", "tasks/a/2/v.mp4"]
    assert await names(files, "tasks/") == ["tasks/a/1/v.mp4", "tasks/a/2/v.mp4", "tasks/ab/1/v.mp4"]
    assert len(await names(files, "")) == 4
    assert await names(files, "uploads/") == []


@pytest.mark.parametrize("name", HOSTILE)
async def test_no_name_leads_out_of_the_store(files: FileStore, name: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"outside")
    with pytest.raises(InvalidRequest):
        await files.put(name, b"evil")
    assert await files.head(name) is None
    with pytest.raises(NotFound):
        await content(files, name)
    with pytest.raises(NotFound):
        await files.fetch(name, tmp_path / "out")
    await files.delete(name)
    assert (tmp_path / "x").read_bytes() == b"outside"


async def test_a_storage_that_works_checks_out_and_keeps_nothing_of_it(files: FileStore) -> None:
    await files.check()
    assert await names(files, "") == []


async def test_a_reader_may_stop_early(files: FileStore) -> None:
    await files.put(NAME, b"film" * 1_000_000)
    chunks = files.read(NAME)
    assert (await anext(chunks)).startswith(b"film")
    await chunks.aclose()
    assert await content(files, end=4) == b"film"
