"""Retention: what is too old, too much or nobody's goes; everything else stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from tests.contracts.making import FINAL, STORED, VIDEO, new_task

from kineograph.core.files import FileInfo
from kineograph.core.task import Status, Task
from kineograph.store.retention import GRACE, UPLOAD_LIFE, Retention
from kineograph.testing import MemoryFileStore, MemoryTaskStore

pytestmark = pytest.mark.anyio

DAY = 86_400.0


@dataclass
class Place:
    """Stores whose time is ours."""

    now: float = 1_000_000_000.0

    def __post_init__(self) -> None:
        self.store, self.files = MemoryTaskStore(self.clock), MemoryFileStore(self.clock)

    def clock(self) -> float:
        return self.now

    async def film(self, size: int = 1000) -> Task:
        """A finished task with its files."""
        task = (await self.store.insert(new_task(at=self.now))).task
        claim = await self.store.start(task.id, "worker_1")
        assert claim is not None
        await self.files.put(f"inputs/{task.id}/first_frame", b"i")
        for name in ("video.mp4", "poster.jpg"):
            await self.files.put(f"tasks/{task.id}/1/{name}", b"v" * (size // 2))
        video = replace(VIDEO, file=f"tasks/{task.id}/1/video.mp4", poster=f"tasks/{task.id}/1/poster.jpg")
        assert await self.store.finish(claim, video)
        return task

    async def round(self, **options: float) -> None:
        bounds = {"keep_files": 7 * DAY, "keep_tasks": 90 * DAY} | options
        await Retention(self.store, self.files, clock=self.clock, **bounds).run_once()  # type: ignore[arg-type]  # numbers

    async def names(self) -> list[str]:
        return [file.name async for file in self.files.list("")]


@pytest.fixture
def place() -> Place:
    return Place()


async def test_films_expire_and_their_tasks_stay(place: Place) -> None:
    old = await place.film()
    place.now += 7 * DAY + 1
    new = await place.film()
    await place.round()
    assert {name.split("/")[1] for name in await place.names()} == {new.id}
    assert place.store.tasks[old.id].files_expired_at == place.now
    assert place.store.tasks[old.id].status is Status.SUCCEEDED
    assert place.store.tasks[new.id].files_expired_at is None


async def test_tasks_are_purged_with_their_files_whichever_is_kept_longer(place: Place) -> None:
    await place.film()
    place.now += 2 * DAY
    await place.round(keep_tasks=DAY)
    assert place.store.tasks == {}
    assert await place.names() == []


async def test_the_oldest_films_go_when_the_disk_budget_is_used_up(place: Place) -> None:
    films = []
    for _ in range(4):
        films.append(await place.film(1000))
        place.now += 10
    await place.round(max_disk=2500)
    kept = {name.split("/")[1] for name in await place.names()}
    assert kept == {film.id for film in films[2:]}
    await place.round(max_disk=2500)
    assert {name.split("/")[1] for name in await place.names()} == kept


async def test_a_task_that_failed_keeps_no_files_for_ever(place: Place) -> None:
    task = (await place.store.insert(new_task(at=place.now))).task
    await place.files.put(f"inputs/{task.id}/first_frame", b"i")
    await place.store.refuse(task.id, FINAL)
    place.now += 8 * DAY
    await place.round()
    assert await place.names() == []


async def test_files_that_nobody_knows_are_swept_after_an_hour(place: Place) -> None:
    kept = await place.film()
    running = (await place.store.insert(new_task(at=place.now))).task
    assert await place.store.start(running.id, "worker_1") is not None
    orphans = [f"tasks/{kept.id}/2/video.mp4", "tasks/task_gone/1/video.mp4", "inputs/task_gone/first_frame"]
    wanted = [f"tasks/{running.id}/1/video.mp4", f"inputs/{running.id}/first_frame", "uploads/b.png"]
    for name in orphans + wanted:
        await place.files.put(name, b"x")
    place.now += GRACE - 1
    await place.round()
    assert set(orphans) <= set(await place.names())
    place.now += 2
    await place.round()
    left = await place.names()
    assert not set(orphans) & set(left)
    assert set(wanted) <= set(left)
    assert f"tasks/{kept.id}/1/video.mp4" in left


async def test_what_killed_attempts_left_is_swept_whatever_became_of_their_task(place: Place) -> None:
    made, failed = await place.film(), (await place.store.insert(new_task(at=place.now))).task
    claim = await place.store.start(failed.id, "worker_1")
    assert claim is not None
    await place.store.fail(claim, FINAL)
    for name in (f"{made.id}/1/preview.jpg", f"{made.id}/2/video.mp4", f"{failed.id}/1/video.mp4"):
        await place.files.put(f"tasks/{name}", b"left")
    kept = {f"tasks/{made.id}/1/{name}" for name in ("video.mp4", "poster.jpg")} | {f"inputs/{made.id}/first_frame"}
    place.now += GRACE + 1
    await place.round()
    assert set(await place.names()) == kept


async def test_an_upload_lives_three_days_or_as_long_as_a_task_needs_it(place: Place) -> None:
    await place.store.insert(new_task(at=place.now, images=(STORED,)))
    for name in ("uploads/a.png", "uploads/b.png"):
        await place.files.put(name, b"x")
    place.now += UPLOAD_LIFE - 1
    await place.round()
    assert len(await place.names()) == 2
    place.now += 2
    await place.round()
    assert await place.names() == ["uploads/a.png"]


async def test_a_file_that_goes_while_we_look_is_no_trouble(place: Place) -> None:
    class Vanishing(MemoryFileStore):
        async def list(self, prefix: str) -> AsyncIterator[FileInfo]:
            found = [file async for file in super().list(prefix)]
            self.files.clear()
            for file in found:
                yield file

    files = Vanishing(place.clock)
    await files.put("tasks/task_gone/1/video.mp4", b"x")
    place.now += GRACE + 1
    await Retention(place.store, files, DAY, DAY, max_disk=0, clock=place.clock).run_once()
    assert files.files == {}
