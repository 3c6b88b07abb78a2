"""The reaper: one at a time, and no ticket stays lost."""

from __future__ import annotations

import pytest
from tests.contracts.making import RETRYABLE, new_task

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
