"""The contract of TaskStore where an upstream does the work: handing back, handing on, and workers that die while they wait."""

from __future__ import annotations

import pytest
from tests.contracts.making import new_task

from kineograph.core.ports import TaskStore
from kineograph.core.task import MAX_ATTEMPTS, Failure, Status, Task

pytestmark = pytest.mark.anyio

DIED = Failure("worker_died", "it died", retryable=True)


async def running(store: TaskStore, **changes: object) -> Task:
    claim = await store.start((await store.insert(new_task(**changes))).task.id, "worker_1")
    assert claim is not None
    return claim


async def now(store: TaskStore, task: Task) -> Task:
    found = await store.get(task.id)
    assert found is not None
    return found


async def test_a_worker_that_dies_while_an_upstream_works_costs_no_attempt(store: TaskStore) -> None:
    claim = await running(store)
    await store.report(claim, 0.1, "waiting", "cgt-1")
    for round_ in range(MAX_ATTEMPTS + 1):
        assert await store.fail(claim, DIED) is Status.QUEUED
        again = await store.start(claim.id, f"worker_{round_ + 2}")
        assert again is not None
        assert (again.attempt, again.resume_token) == (1, "cgt-1")
        await store.report(again, 0.1, "waiting")
        claim = again


async def test_it_does_cost_one_where_our_own_work_may_have_killed_it(store: TaskStore) -> None:
    claim = await running(store)
    await store.report(claim, 0.1, "waiting", "cgt-1")
    await store.report(claim, 0.9, "copying")
    await store.fail(claim, DIED)
    assert (await now(store, claim)).attempt == 1
    plain = await running(store)
    await store.report(plain, 0.1, "rendering")
    await store.fail(plain, DIED)
    assert (await now(store, plain)).attempt == 1


async def test_what_a_silent_worker_waited_for_goes_back_without_an_attempt(store: TaskStore) -> None:
    claim = await running(store)
    await store.report(claim, 0.1, "rendering", "cgt-1")
    await store.heartbeat("worker_1", "ark", "dead", [claim.id])
    assert await store.reap(60.0) == [claim.id]
    task = await now(store, claim)
    assert (task.status, task.attempt, task.resume_token) == (Status.QUEUED, 0, "cgt-1")


async def test_a_task_handed_back_with_a_delay_is_not_handed_out_before(store: TaskStore) -> None:
    claim = await running(store)
    assert await store.release(claim, 60.0)
    assert (await now(store, claim)).attempt == 0
    assert await store.start(claim.id, "worker_2") is None


async def test_a_task_handed_on_waits_for_the_other_engine_in_its_queue(store: TaskStore) -> None:
    claim = await running(store, engine="ark", queue="ark")
    await store.report(claim, 0.0, "submitting", "an intent")
    assert await store.reroute(claim, "animatic", "animatic")
    task = await now(store, claim)
    assert (task.engine, task.queue, task.status, task.attempt) == ("animatic", "animatic", Status.QUEUED, 0)
    assert task.resume_token is None
    assert await store.reroute(claim, "bars", "bars") is False
    again = await store.start(claim.id, "worker_2")
    assert again is not None
    assert (again.engine, again.attempt) == ("animatic", 1)


async def test_a_cancelled_task_is_not_handed_on(store: TaskStore) -> None:
    claim = await running(store, engine="ark", queue="ark")
    await store.cancel(claim.id)
    assert await store.reroute(claim, "animatic", "animatic")
    assert (await now(store, claim)).status is Status.CANCELLED
