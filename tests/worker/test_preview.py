"""Preview frames: seen while the film is made, gone when it is over, and never in its way."""

from __future__ import annotations

import asyncio
import io
import time
from pathlib import Path

import pytest
from PIL import Image
from tests.contracts.making import new_task

from kineograph.core.errors import Unavailable
from kineograph.core.models import Catalogue, Model
from kineograph.core.task import Status, Task
from kineograph.engines.bars import Bars
from kineograph.media.fetch import Fetcher
from kineograph.testing import MemoryFileStore, MemoryTaskStore
from kineograph.worker import preview
from kineograph.worker.maker import Worker
from kineograph.worker.preview import Preview


class Stuck(MemoryFileStore):
    """A storage that answers a put only when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go, self.asked = asyncio.Event(), 0

    async def put(self, name: str, source: Path | bytes) -> None:
        self.asked += 1
        await self.go.wait()
        await super().put(name, source)


async def until(files: MemoryFileStore, name: str) -> bytes:
    async with asyncio.timeout(20):
        while name not in files.files:
            await asyncio.sleep(0.01)
    return files.files[name][0]


async def test_the_newest_frame_is_there_while_the_film_is_made_and_gone_afterwards(tmp_path: Path) -> None:
    store, files = MemoryTaskStore(), MemoryFileStore()
    catalogue = Catalogue((Model("card", "bars", options={"seconds": "1"}),))
    worker = Worker(
        "w", store=store, files=files, catalogue=catalogue, engine=lambda _: Bars(), fetcher=Fetcher(), scratch=tmp_path
    )
    task = new_task(model="card", engine="bars", queue="bars", duration=2, resolution="480p")
    await store.insert(task)
    making = asyncio.create_task(worker.run_one(task.id))
    shown = await until(files, f"tasks/{task.id}/1/preview.jpg")
    with Image.open(io.BytesIO(shown)) as picture:
        assert picture.format == "JPEG"
    await making
    made = await store.get(task.id)
    assert made is not None
    assert made.status is Status.SUCCEEDED
    assert sorted(name.split("/")[-1] for name in files.files) == ["poster.jpg", "video.mp4"]


async def test_of_many_frames_few_are_put(claim: Task) -> None:
    files = MemoryFileStore()
    shown = Preview(files, claim)
    for number in range(100):
        await shown(b"%d" % number)
    assert await until(files, f"tasks/{claim.id}/1/preview.jpg") == b"0"
    await shown.close()
    assert files.files == {}


async def test_a_slow_storage_gets_one_picture_at_a_time(claim: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "PREVIEW_EVERY", 0.0)
    files = Stuck()
    shown = Preview(files, claim)
    for _ in range(10):
        await shown(b"frame")
        await asyncio.sleep(0)
    assert files.asked == 1
    files.go.set()
    await shown.close()
    assert files.files == {}


async def test_a_film_does_not_wait_long_for_a_storage_that_is_away(
    claim: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "PATIENCE", 0.05)
    shown = Preview(Stuck(), claim)
    await shown(b"frame")
    before = time.monotonic()
    await shown.close()
    assert time.monotonic() - before < 5


async def test_a_storage_that_refuses_stops_nothing(claim: Task) -> None:
    class Away(MemoryFileStore):
        async def put(self, name: str, source: Path | bytes) -> None:
            raise Unavailable("the storage is away")

        async def delete(self, name: str) -> None:
            raise Unavailable("the storage is away")

    shown = Preview(Away(), claim)
    await shown(b"frame")
    await shown.close()


@pytest.fixture
async def claim() -> Task:
    store = MemoryTaskStore()
    task = new_task()
    await store.insert(task)
    claimed = await store.start(task.id, "w")
    assert claimed is not None
    return claimed
