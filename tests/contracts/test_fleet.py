"""The contract of Fleet."""

from __future__ import annotations

import time

import pytest
from tests.contracts.making import FINAL, VIDEO, new_task

from kineograph.core.fleet import Ability, About, Fleet, QueueState, Wanted
from kineograph.core.ports import TaskStore
from kineograph.store.fleet import SqlFleet
from kineograph.store.tasks import SqlTaskStore
from kineograph.testing import MemoryFleet, MemoryTaskStore

pytestmark = pytest.mark.anyio
ABOUT = About("host_a", 7, "1.0", "1", 2, {"fast": Ability(("480p",), ("first_frame",))})


@pytest.fixture
def fleet(store: TaskStore, request: pytest.FixtureRequest) -> Fleet:
    if isinstance(store, SqlTaskStore):
        return SqlFleet(request.getfixturevalue("database"), store.records)
    assert isinstance(store, MemoryTaskStore)
    return MemoryFleet(store)


async def test_a_worker_says_once_what_it_is(store: TaskStore, fleet: Fleet) -> None:
    await store.heartbeat("w_1", "animatic", "up", [], ABOUT)
    await store.heartbeat("w_1", "animatic", "draining", ["task_a"], fault="no key")
    (row,) = await fleet.workers()
    assert (row.about, row.state, row.running, row.wanted) == (ABOUT, "draining", ("task_a",), Wanted.UP)
    assert row.fault == "no key"
    assert row.started_at == pytest.approx(time.time(), abs=5)


async def test_what_is_wanted_of_a_worker_outlives_its_heartbeats(store: TaskStore, fleet: Fleet) -> None:
    for name in ("w_1", "w_2"):
        await store.heartbeat(name, "animatic", "up", [])
    await fleet.want(["w_1"], Wanted.DRAINED)
    await store.heartbeat("w_1", "animatic", "up", [])
    assert await store.wanted(["w_1", "w_2", "w_3"]) == {"w_1": Wanted.DRAINED, "w_2": Wanted.UP}
    await fleet.want(["w_1"], Wanted.UP)
    assert await store.wanted(["w_1"]) == {"w_1": Wanted.UP}


async def test_queues_tell_what_waits_and_runs(store: TaskStore, fleet: Fleet) -> None:
    first, _ = [(await store.insert(new_task())).task for _ in range(2)]
    await store.insert(new_task(queue="local-x"))
    await store.heartbeat("w_1", "animatic", "up", [])
    await store.start(first.id, "w_1")
    await fleet.set_state("ark", QueueState.PAUSED)
    await fleet.set_cap("animatic", 5)
    animatic, ark = await fleet.queues()
    assert (animatic.name, animatic.state, animatic.running_cap) == ("animatic", QueueState.OPEN, 5)
    assert (animatic.waiting, animatic.runnable, animatic.running, animatic.workers) == (1, 1, 1, 1)
    assert (ark.name, ark.state, ark.waiting) == ("ark", QueueState.PAUSED, 0)
    assert await fleet.states() == {**await fleet.states(), "ark": QueueState.PAUSED}
    census = {(each.queue, each.model): (each.waiting, each.running) for each in await fleet.census()}
    assert census[("animatic", "fast")] == (1, 1)
    doing = await fleet.doing([first.id, "task_nope"])
    assert {task_id: each.model for task_id, each in doing.items()} == {first.id: "fast"}


async def test_every_end_is_told_with_its_reason(store: TaskStore, fleet: Fleet) -> None:
    before = await fleet.now() - 1
    good, bad, early = [(await store.insert(new_task())).task for _ in range(3)]
    for task, failure in ((good, None), (bad, FINAL)):
        claim = await store.start(task.id, "w_1")
        assert claim is not None
        assert await (store.fail(claim, failure) if failure else store.finish(claim, VIDEO))
    await store.cancel(early.id)
    ended = {each.status: each for each in await fleet.ended(before, await fleet.now() + 1)}
    assert {status: each.reason for status, each in ended.items()} == {
        "succeeded": "",
        "failed": FINAL.reason,
        "cancelled": "",
    }
    assert ended["cancelled"].ran is None
    assert all(0 <= each.waited < 60 for each in ended.values())
    assert await fleet.ended(await fleet.now() + 1, await fleet.now() + 2) == []


async def test_a_lease_has_one_holder_until_it_stops_asking(fleet: Fleet) -> None:
    assert await fleet.lead("chores", "a", 60.0)
    assert await fleet.lead("chores", "a", 60.0)
    assert not await fleet.lead("chores", "b", 60.0)
    assert await fleet.lead("other", "b", 60.0)
    assert await fleet.lead("chores", "a", 0.0)
    assert await fleet.lead("chores", "b", 60.0), "the one before is gone"
    assert not await fleet.lead("chores", "a", 60.0)
