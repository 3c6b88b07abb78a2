"""The hands of a worker that waits: tickets are used up with the claim, films go on, stop, or go to the next process."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.worker.test_maker import Bench

from kineograph.core.errors import Unavailable
from kineograph.core.models import Catalogue, Model
from kineograph.core.task import Status
from kineograph.engines.bars import Bars
from kineograph.media.fetch import Fetcher
from kineograph.worker.intake import Intake
from kineograph.worker.loop import LoopHands

pytestmark = pytest.mark.anyio


class Line:
    """What the supervisor would hear."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str | None]] = []

    def say(self, is_: str, task: str | None = None) -> None:
        self.said.append((is_, task))


class Loop:
    """Hands on the in-memory stores and the test card."""

    def __init__(self, folder: Path, concurrency: int = 2, **options: str) -> None:
        self.bench = Bench(folder, **options)
        self.line = Line()
        self.hands = LoopHands(
            self.line,
            self.bench.store,
            self.bench.worker,
            Intake(self.bench.store, self.bench.files, Fetcher(), folder),
            catalogue=Catalogue((Model("card", "bars"),)),
            engine=lambda _name: Bars(),
            concurrency=concurrency,
        )

    async def take(self, task_id: str) -> None:
        await self.bench.submit(task_id)
        await asyncio.to_thread(self.hands.handle, task_id)

    async def until(self, task_id: str, status: Status) -> None:
        async with asyncio.timeout(20):
            while self.bench.store.tasks[task_id].status is not status or ("end", task_id) not in self.line.said:
                await asyncio.sleep(0.02)


async def test_a_ticket_is_used_up_while_its_film_is_made(tmp_path: Path) -> None:
    loop = Loop(tmp_path, seconds="0.5")
    await loop.take("task_1")
    await loop.take("task_2")
    assert {task.status for task in loop.bench.store.tasks.values()} == {Status.RUNNING}
    assert loop.line.said == [("begin", "task_1"), ("begin", "task_2")]
    for task_id in ("task_1", "task_2"):
        await loop.until(task_id, Status.SUCCEEDED)


async def test_a_ticket_stays_in_hand_while_there_is_no_room(tmp_path: Path) -> None:
    loop = Loop(tmp_path, concurrency=1, seconds="0.5")
    await loop.take("task_1")
    with pytest.raises(Unavailable):
        await loop.take("task_2")
    assert loop.bench.store.tasks["task_2"].status is Status.QUEUED
    assert ("end", "task_2") not in loop.line.said, "or the reaper would hand it to others"
    await loop.until("task_1", Status.SUCCEEDED)
    await asyncio.to_thread(loop.hands.handle, "task_2")
    await loop.until("task_2", Status.SUCCEEDED)


async def test_a_ticket_that_comes_twice_does_no_harm(tmp_path: Path) -> None:
    loop = Loop(tmp_path, seconds="0.5")
    await loop.take("task_1")
    await asyncio.to_thread(loop.hands.handle, "task_1")
    assert ("end", "task_1") not in loop.line.said
    await loop.until("task_1", Status.SUCCEEDED)
    assert len(loop.bench.claims) == 1


async def test_a_film_nobody_wants_any_more_stops(tmp_path: Path) -> None:
    loop = Loop(tmp_path, seconds="30")
    await loop.take("task_1")
    await loop.bench.store.cancel("task_1")
    loop.hands.withdraw("task_1")
    await loop.until("task_1", Status.CANCELLED)


async def test_a_process_that_leaves_hands_its_films_back_and_takes_no_more(tmp_path: Path) -> None:
    loop = Loop(tmp_path, seconds="30")
    await loop.take("task_1")
    loop.hands.leave()
    with pytest.raises(Unavailable):
        await loop.take("task_2")
    await loop.hands.stop()
    task = loop.bench.store.tasks["task_1"]
    assert (task.status, task.attempt) == (Status.QUEUED, 0)
