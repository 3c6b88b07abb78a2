"""A rendered film outlives the storage's and the database's absence: it is put when they are back, and made once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ulid import ULID

from kineograph.core.errors import Unavailable
from kineograph.core.models import Catalogue, Model
from kineograph.core.ports import Signal
from kineograph.core.request import VideoRequest
from kineograph.core.task import Status, Task, Video
from kineograph.engines.bars import Bars
from kineograph.engines.base import Made, Order
from kineograph.media.fetch import Fetcher
from kineograph.store.bucket import Bucket, BucketFileStore
from kineograph.telemetry import subscribe
from kineograph.testing import MemoryFileStore, MemoryTaskStore
from kineograph.testing.proxy import Cut, Pass, Proxy, Refuse
from kineograph.testing.s3 import S3Server
from kineograph.worker.maker import SPARE, Worker

pytestmark = pytest.mark.anyio


class Counting(Bars):
    """The test card, counted."""

    def __init__(self) -> None:
        self.made = 0

    async def make(self, order: Order) -> Made:
        self.made += 1
        return await super().make(order)


class Bench:
    """A worker and one task."""

    def __init__(
        self, folder: Path, files: Any, store: MemoryTaskStore | None = None, time_limit: float = 60, **options: str
    ) -> None:
        self.engine, self.store, self.files = Counting(), store or MemoryTaskStore(), files
        self.worker = Worker(
            "w1",
            store=self.store,
            files=files,
            catalogue=Catalogue((Model("card", "bars", options=options),)),
            engine=lambda _name: self.engine,
            fetcher=Fetcher(),
            scratch=folder / "work",
            time_limit=time_limit,
        )

    async def run(self) -> Task:
        request = VideoRequest(model="card", prompt="a test", seed=1, duration=2, resolution="480p")
        await self.store.insert(Task("task_1", "acct", "key", request, engine="bars", queue="bars"))
        await self.worker.run_one("task_1")
        return self.store.tasks["task_1"]

    async def until(self, wanted: Callable[[Task], bool]) -> None:
        while "task_1" not in self.store.tasks or not wanted(self.store.tasks["task_1"]):
            await asyncio.sleep(0.02)


@pytest.fixture
def proxy(s3: S3Server) -> Iterator[Proxy]:
    with Proxy(s3.port) as made:
        yield made


@pytest.fixture
def bucket(s3: S3Server, proxy: Proxy) -> BucketFileStore:
    return BucketFileStore(Bucket("s3", s3.bucket(), f"t{ULID()}", s3.options(proxy.port)))


@pytest.mark.parametrize("mood", [Refuse(), Cut(1000)])
async def test_a_film_waits_for_the_storage_and_is_made_once(
    tmp_path: Path, bucket: BucketFileStore, proxy: Proxy, mood: Any
) -> None:
    bench = Bench(tmp_path, bucket)
    proxy.mood = mood
    pauses: list[float] = []
    stop = subscribe(lambda name, fields: pauses.append(fields["seconds"]) if name == "worker.waiting" else None)
    making = asyncio.create_task(bench.run())
    await asyncio.wait_for(bench.until(lambda _task: len(pauses) == 2), 30)
    stop()
    task = bench.store.tasks["task_1"]
    assert (task.status, task.phase, pauses) == (Status.RUNNING, "storing", [0.5, 1.0])
    proxy.mood = Pass()
    task = await asyncio.wait_for(making, 30)
    assert (task.status, task.attempt, bench.engine.made) == (Status.SUCCEEDED, 1, 1)
    assert task.video is not None
    info = await bucket.head(task.video.file)
    assert info is not None
    assert info.size == task.video.bytes


async def test_a_cancel_is_heard_while_the_film_waits(tmp_path: Path, bucket: BucketFileStore, proxy: Proxy) -> None:
    bench = Bench(tmp_path, bucket)
    proxy.mood = Refuse()
    making = asyncio.create_task(bench.run())
    await asyncio.wait_for(bench.until(lambda task: task.phase == "storing"), 30)
    await bench.store.cancel("task_1")
    assert (await asyncio.wait_for(making, 10)).status is Status.CANCELLED


async def test_a_film_that_waited_to_its_time_limit_is_tried_again_and_not_failed(
    tmp_path: Path, bucket: BucketFileStore, proxy: Proxy
) -> None:
    proxy.mood = Refuse()
    task = await Bench(tmp_path, bucket, time_limit=SPARE + 3).run()
    assert (task.status, task.attempt) == (Status.QUEUED, 1)


async def test_a_film_waits_for_the_database_too(tmp_path: Path) -> None:
    class Away(MemoryTaskStore):
        """Gone from the first report on, back for the third finish."""

        finishes = 0

        async def report(self, *arguments: Any) -> Signal:
            raise Unavailable("the database is away")

        async def finish(self, claim: Task, video: Video) -> bool:
            self.finishes += 1
            if self.finishes < 3:
                raise Unavailable("the database is away")
            return await super().finish(claim, video)

    bench = Bench(tmp_path, MemoryFileStore(), Away())
    task = await bench.run()
    assert (task.status, bench.engine.made) == (Status.SUCCEEDED, 1)


async def test_a_failure_is_written_down_when_the_database_is_back(tmp_path: Path) -> None:
    class Away(MemoryTaskStore):
        fails = 0

        async def fail(self, *arguments: Any) -> Status | None:
            self.fails += 1
            if self.fails < 3:
                raise Unavailable("the database is away")
            return await super().fail(*arguments)

    bench = Bench(tmp_path, MemoryFileStore(), Away(), fail="once")
    assert (await bench.run()).status is Status.QUEUED
