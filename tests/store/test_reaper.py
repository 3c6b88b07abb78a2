"""The reaper: one at a time, and no ticket stays lost."""

from __future__ import annotations

import pytest
from tests.contracts.making import RETRYABLE, new_task

from kineograph.core.ports import TaskQuery
from kineograph.core.task import Failure, Status
from kineograph.store import reaper
from kineograph.store.database import Database
from kineograph.store.queue import DbosQueue
from kineograph.store.tasks import SqlTaskStore

pytestmark = pytest.mark.anyio


async def test_one_process_reaps_and_another_takes_over_when_it_is_gone(
    database: Database, queue: DbosQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = SqlTaskStore(database, queue), SqlTaskStore(database, queue)
    assert await first.reap(60.0) == []
    claim = await first.start((await first.insert(new_task())).task.id, "worker_1")
    assert claim is not None
    assert await second.reap(0.0) == []
    with database.begin() as tx:
        tx.connection.exec_driver_sql("UPDATE leases SET until = 0")
    assert await second.reap(0.0) == [claim.id]
    assert await first.reap(0.0) == []


async def test_a_queued_task_whose_ticket_went_missing_gets_a_new_one(database: Database, queue: DbosQueue) -> None:
    store = SqlTaskStore(database, queue)
    lost, kept = [(await store.insert(new_task())).task.id for _ in range(2)]
    queue.purge([f"{lost}:1"])
    assert queue.depth() == {"animatic": 1}
    await store.reap(60.0)
    assert queue.depth() == {"animatic": 1}, "a task this young may just be on its way"
    await store.reap(-1.0)
    await store.last_event()
    await store.reap(-1.0)
    assert queue.depth() == {"animatic": 2}
    assert (await store.get(lost)) is not None
    assert await store.start(kept, "worker_1") is not None
    assert await store.start(lost, "worker_1") is not None


async def test_a_task_waiting_for_its_retry_is_not_missed(database: Database, queue: DbosQueue) -> None:
    store = SqlTaskStore(database, queue)
    claim = await store.start((await store.insert(new_task())).task.id, "worker_1")
    assert claim is not None
    await store.fail(claim, RETRYABLE, delay=3600.0)
    for _ in range(2):
        await store.reap(0.0)
    assert queue.depth() == {"animatic": 2}  # the ticket in hand was never taken here, and the delayed one


async def test_workers_gone_for_long_are_forgotten(
    database: Database, queue: DbosQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqlTaskStore(database, queue)
    await store.heartbeat("worker_1", "animatic", "stopped", [])
    await store.heartbeat("worker_2", "animatic", "up", [])
    await store.reap(60.0)
    assert len(await store.workers()) == 2
    monkeypatch.setattr(reaper, "GONE", -1.0)
    await store.reap(60.0)
    assert [row.id for row in await store.workers()] == ["worker_2"]


class Hands:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_after_an_outage_of_the_database_nobody_looks_dead(database: Database, queue: DbosQueue) -> None:
    clock = Hands()
    store = SqlTaskStore(database, queue)
    store.reaper = reaper.Reaper(database, store.records, reaper.Watch(clock))
    claim = await store.start((await store.insert(new_task())).task.id, "worker_1")
    assert claim is not None
    await store.heartbeat("worker_1", "animatic", "up", [claim.id])
    for clock.now in (5.0, 10.0, 15.0):
        assert await store.reap(15.0) == []
    with database.begin() as tx:  # away for a minute: no heartbeat was heard
        tx.connection.exec_driver_sql("UPDATE workers SET seen_at = seen_at - 60")
        tx.connection.exec_driver_sql("UPDATE tasks SET updated_at = updated_at - 60")
    for clock.now in (75.0, 80.0, 85.0):
        assert await store.reap(15.0) == [], "its heartbeat may be on its way"
    clock.now = 90.0
    assert await store.reap(15.0) == [claim.id], "now it would have been heard"


async def test_what_a_worker_said_before_the_outage_still_counts(database: Database, queue: DbosQueue) -> None:
    store = SqlTaskStore(database, queue)
    store.reaper = reaper.Reaper(database, store.records, reaper.Watch(Hands()))
    claim = await store.start((await store.insert(new_task())).task.id, "worker_1")
    assert claim is not None
    await store.heartbeat("worker_1", "animatic", "stopped", [])
    assert await store.reap(15.0) == [claim.id]


async def test_a_task_that_waits_too_long_fails_and_one_that_was_started_does_not(
    database: Database, queue: DbosQueue
) -> None:
    store = SqlTaskStore(database, queue)
    old, begun, later = [(await store.insert(new_task(start_at=at))).task for at in (None, None, 2**33)]
    claim = await store.start(begun.id, "worker_1")
    assert claim is not None
    await store.fail(claim, RETRYABLE)
    late = Failure("queue_time_limit", "no worker was free in time; submit it again later", status=503)
    assert await store.overdue(60.0, late) == []
    assert await store.overdue(-1.0, late) == [old.id]
    ended = await store.get(old.id)
    assert ended is not None
    assert ended.failure == late
    assert ended.usage is None, "nothing is charged"
    assert {task.id for task in await store.list(TaskQuery(None, status=Status.QUEUED))} == {begun.id, later.id}
