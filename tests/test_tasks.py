"""A caller's verbs over the in-memory parts: following and waiting, where a race would lose a change."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from kineograph.core.errors import Conflict, Unavailable
from kineograph.core.keys import Key
from kineograph.core.models import DEFAULT_MODELS, FAST, Catalogue
from kineograph.core.ports import Event, Idempotency
from kineograph.core.request import VideoRequest
from kineograph.core.task import Failure, Status
from kineograph.store.room import Room
from kineograph.tasks import Tasks
from kineograph.testing import MemoryFileStore, MemoryTaskStore

KEY = Key("key_a", "acct_a", "a", "kineo_aa")
FAILURE = Failure("engine_failed", "it broke")


def _parts() -> tuple[Tasks, MemoryTaskStore]:
    store = MemoryTaskStore()
    return Tasks(Catalogue(DEFAULT_MODELS), store, MemoryFileStore()), store


async def _running(tasks: Tasks, store: MemoryTaskStore) -> str:
    inserted = await tasks.submit(VideoRequest(FAST, "a cat", 1), KEY)
    assert await store.start(inserted.task.id, "w")
    return inserted.task.id


def test_following_replays_more_events_than_one_page_holds() -> None:
    async def follow() -> list[Event]:
        tasks, store = _parts()
        task_id = await _running(tasks, store)
        for step in range(700):
            await store.report(store.tasks[task_id], step / 1000, "shading")
        await store.fail(store.tasks[task_id], FAILURE)
        return [change async for change in tasks.follow(KEY, None, task_id)]

    changes = asyncio.run(follow())
    assert [change.sequence for change in changes] == list(range(1, 704))


def test_a_task_that_ends_while_its_past_is_replayed_still_shows_its_end() -> None:
    async def follow() -> list[Event]:
        tasks, store = _parts()
        task_id = await _running(tasks, store)
        seen = []
        async for change in tasks.follow(KEY, None, task_id):
            seen.append(change)
            if len(seen) == 2:  # all that had happened when the stream was opened
                await store.fail(store.tasks[task_id], FAILURE)
        return seen

    changes = asyncio.run(follow())
    assert [change.status for change in changes] == [Status.QUEUED, Status.RUNNING, Status.FAILED]


def test_waiting_for_a_change_that_already_happened_answers_at_once() -> None:
    async def wait() -> Status:
        tasks, store = _parts()
        task_id = await _running(tasks, store)
        async with asyncio.timeout(5):
            return (await tasks.wait(task_id, KEY, 60, seen=1)).status

    assert asyncio.run(wait()) is Status.RUNNING


def test_cancelling_twice_is_a_conflict_once_the_task_is_over() -> None:
    async def cancel() -> None:
        tasks, store = _parts()
        task_id = await _running(tasks, store)
        assert (await tasks.cancel(task_id, KEY)).cancel_requested
        assert (await tasks.cancel(task_id, KEY)).cancel_requested  # asked again before it stopped: no harm
        claim = store.tasks[task_id]
        await store.fail(replace(claim), FAILURE)
        with pytest.raises(Conflict, match="already over"):
            await tasks.cancel(task_id, KEY)

    asyncio.run(cancel())


def test_a_full_disk_refuses_new_tasks_and_still_answers_repeated_ones(tmp_path: Path) -> None:
    async def submit() -> None:
        store, full = MemoryTaskStore(), [False]

        def admit() -> None:
            Room((tmp_path,), 2**60 if full[0] else 0).check()

        tasks = Tasks(Catalogue(DEFAULT_MODELS), store, MemoryFileStore(), admit=admit)
        once = Idempotency("k", "once", "digest")
        first = await tasks.submit(VideoRequest(FAST, "a cat", 1), KEY, once)
        full[0] = True
        with pytest.raises(Unavailable) as caught:
            await tasks.submit(VideoRequest(FAST, "a cat", 1), KEY)
        assert caught.value.reason == "storage_full"
        assert (await tasks.submit(VideoRequest(FAST, "a cat", 1), KEY, once)).task.id == first.task.id
        assert len(store.tasks) == 1

    asyncio.run(submit())
