"""Gates: limits and caps are never exceeded, and what they hold back waits without a ticket until a place is free."""

from __future__ import annotations

import asyncio

import pytest
from tests.contracts.making import RETRYABLE, VIDEO, new_task

from kineograph.core.fleet import QueueState
from kineograph.core.keys import Key
from kineograph.core.ledger import AccountChange
from kineograph.core.task import Status, Task
from kineograph.store.accounts import SqlLedger
from kineograph.store.database import Database
from kineograph.store.fleet import SqlFleet
from kineograph.store.keys import SqlKeyStore
from kineograph.store.tasks import SqlTaskStore
from kineograph.testing import MemoryQueue

pytestmark = pytest.mark.anyio


class Place:
    """A store whose tickets can be looked at, its fleet and its keys."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.queue = MemoryQueue()
        self.store = SqlTaskStore(database, self.queue)
        self.fleet = SqlFleet(database, self.store.records)
        self.keys = SqlKeyStore(database)

    async def key(self, key_id: str = "key_1", limit: int = 4) -> None:
        await self.keys.create(Key(key_id, f"acct_{key_id}", "a", "kineo_", limit=limit), key_id)

    async def stored(self, count: int, **changes: object) -> list[Task]:
        return [(await self.store.insert(new_task(**changes))).task for _ in range(count)]

    async def start(self, task: Task) -> Task | None:
        """Take the task's ticket, as a worker does."""
        for slip in [slip for slip in self.queue.slips.values() if slip.ticket.task_id == task.id]:
            del self.queue.slips[slip.ticket.id]
        return await self.store.start(task.id, f"worker_{task.id}")

    async def claimed(self, task: Task) -> Task:
        claim = await self.start(task)
        assert claim is not None
        return claim

    def tickets(self) -> list[str]:
        return [slip.ticket.task_id for slip in self.queue.slips.values()]

    async def demand(self, queue: str = "animatic") -> int:
        await self.database.write(lambda tx: None)
        with self.database.engine.begin() as connection:
            found = connection.exec_driver_sql(f"SELECT wanted FROM autoscale_demand WHERE queue = '{queue}'").scalar()
        return int(found or 0)


@pytest.fixture
def place(database: Database) -> Place:
    return Place(database)


async def test_a_keys_limit_holds_over_all_its_queues(place: Place) -> None:
    await place.key(limit=2)
    here, there = await place.stored(2), await place.stored(2, queue="ark")
    claim = await place.claimed(here[0])
    await place.claimed(there[0])
    assert await place.start(here[1]) is None
    assert await place.start(there[1]) is None
    assert place.tickets() == [], "they wait without a ticket"
    await place.store.finish(claim, VIDEO)
    assert place.tickets() == [here[1].id], "one place, one ticket, the oldest first"
    assert (await place.claimed(here[1])).attempt == 1, "waiting was no attempt"


async def test_racing_workers_never_exceed_a_cap(place: Place) -> None:
    await place.fleet.set_cap("animatic", 3)
    tasks = [task for key in "abcd" for task in await place.stored(5, key_id=f"key_{key}")]
    claims = [claim for claim in await asyncio.gather(*(place.start(task) for task in tasks)) if claim]
    assert len(claims) == 3
    done = 0
    while claims:
        await place.store.finish(claims.pop(), VIDEO)
        done += 1
        woken = [task for task in tasks if task.id in place.tickets()]
        claims += [claim for claim in await asyncio.gather(*(place.start(task) for task in woken)) if claim]
        assert len(claims) <= 3
    assert done == len(tasks), "nobody is forgotten"


async def test_keys_take_turns_at_a_full_cap(place: Place) -> None:
    await place.fleet.set_cap("animatic", 1)
    greedy = await place.stored(30, key_id="key_greedy")
    late = await place.stored(1, key_id="key_late")
    claim = await place.claimed(greedy[0])
    for task in [*greedy[1:], *late]:
        assert await place.start(task) is None
    await place.store.finish(claim, VIDEO)
    assert place.tickets() == [late[0].id]


async def test_of_a_keys_parked_tasks_the_highest_priority_goes_first(place: Place) -> None:
    await place.key(limit=1)
    first, second = await place.stored(2)
    (urgent,) = await place.stored(1, priority=9)
    claim = await place.claimed(first)
    assert await place.start(second) is None
    assert await place.start(urgent) is None
    await place.store.finish(claim, VIDEO)
    assert place.tickets() == [urgent.id]


async def test_a_models_cap_lets_other_models_pass(place: Place) -> None:
    await place.fleet.know(["animatic"], {"dear": 1})
    dear, cheap = await place.stored(2, model="dear"), await place.stored(2, model="cheap")
    claim = await place.claimed(dear[0])
    assert await place.start(dear[1]) is None
    await place.claimed(cheap[0])
    await place.claimed(cheap[1])
    assert await place.store.fail(claim, RETRYABLE, 60.0) is Status.QUEUED
    assert dear[1].id in place.tickets(), "a place is free also where the task comes back"
    await place.start(dear[1])
    await place.fleet.know(["animatic"], {})
    assert await place.demand() == 4


async def test_a_place_that_one_cannot_use_goes_to_another(place: Place) -> None:
    await place.key("key_full", limit=1)
    await place.fleet.set_cap("animatic", 2)
    full, other = await place.stored(2, key_id="key_full"), await place.stored(3, key_id="key_other")
    mine = await place.claimed(full[0])
    theirs = await place.claimed(other[0])
    for task in (full[1], *other[1:]):
        assert await place.start(task) is None
    await place.store.finish(theirs, VIDEO)
    woken = [task for task in (*full, *other) if task.id in place.tickets()]
    while woken:
        claims = [await place.start(task) for task in woken]
        if any(claims):
            break
        woken = [task for task in (*full, *other) if task.id in place.tickets()]
    assert any(claim and claim.key_id == "key_other" for claim in claims), "the key at its limit did not block it"
    await place.store.finish(mine, VIDEO)
    assert full[1].id in place.tickets()


async def test_a_paused_queue_starts_nothing_and_resumes_where_it_was(place: Place) -> None:
    running, waiting = await place.stored(2)
    claim = await place.claimed(running)
    await place.fleet.set_state("animatic", QueueState.PAUSED)
    await place.database.write(lambda tx: None)
    assert place.queue.paused == {"animatic"}
    assert await place.start(waiting) is None, "also where a worker had the ticket in hand already"
    assert await place.demand() == 1, "nobody buys machines for a paused queue"
    assert await place.store.finish(claim, VIDEO), "what runs goes on"
    (later,) = await place.stored(1)
    await place.fleet.set_state("animatic", QueueState.OPEN)
    await place.database.write(lambda tx: None)
    assert place.queue.paused == set()
    assert sorted(place.tickets()) == sorted([waiting.id, later.id])
    assert (await place.claimed(waiting)).attempt == 1


async def test_a_raised_limit_lets_go_what_it_held_and_a_lowered_one_holds_at_once(place: Place) -> None:
    await place.key(limit=1)
    tasks = await place.stored(4)
    await place.claimed(tasks[0])
    for task in tasks[1:]:
        assert await place.start(task) is None
    assert await place.keys.change("key_1", limit=3)
    await place.fleet.relane("key_1")
    assert place.tickets() == [task.id for task in tasks[1:3]]
    await place.claimed(tasks[1])
    await place.keys.change("key_1", limit=2)
    assert await place.start(tasks[2]) is None


async def test_a_lowered_limit_folds_the_lanes(place: Place) -> None:
    await place.key(limit=4)
    tasks = await place.stored(8)
    await place.keys.change("key_1", limit=2)
    await place.fleet.relane("key_1")
    assert {slip.ticket.lane for slip in place.queue.slips.values()} == {"key_1#0", "key_1#1"}
    for task in tasks:
        claim = await place.claimed(task)
        await place.store.finish(claim, VIDEO)
    with place.database.engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT sum(load), max(lane) FROM lanes").one() == (0, 1)


async def test_a_missed_place_is_found_by_the_one_who_tends(place: Place) -> None:
    await place.fleet.set_cap("animatic", 1)
    first, second = await place.stored(2)
    claim = await place.claimed(first)
    assert await place.start(second) is None
    with place.database.begin() as tx:  # as when a task ends while another is being parked
        tx.connection.exec_driver_sql(f"UPDATE tasks SET status = 'failed', finished_at = 1 WHERE id = '{claim.id}'")
    await place.fleet.tend()
    assert place.tickets() == [second.id]


async def test_demand_counts_what_could_run(place: Place) -> None:
    await place.key(limit=2)
    await place.key("key_2", limit=3)
    tasks = await place.stored(5)
    await place.stored(2, key_id="key_2")
    await place.stored(1, key_id="key_3", start_at=2**33)
    assert await place.demand() == 4, "a limited key does not buy machines, a delayed task not yet"
    await place.claimed(tasks[0])
    assert await place.demand() == 4
    await place.fleet.set_cap("animatic", 3)
    assert await place.demand() == 3
    assert await place.demand("local-x") == 0
    (row,) = await place.fleet.queues()
    assert (row.waiting, row.running, row.runnable, row.running_cap) == (7, 1, 2, 3)


async def test_a_delayed_start_waits_and_its_cancel_leaves_nothing(place: Place) -> None:
    (task,) = await place.stored(1, start_at=2**33)
    (slip,) = place.queue.slips.values()
    assert slip.ticket.delay > 10**9
    assert await place.store.start(task.id, "worker_1") is None
    await place.store.cancel(task.id)
    assert await place.demand() == 0


async def test_an_accounts_limit_holds_over_all_its_keys(place: Place) -> None:
    for key_id in ("key_1", "key_2"):
        await place.keys.create(Key(key_id, "acct_1", "a", "kineo_"), key_id)
    ledger = SqlLedger(place.database)
    await ledger.change_account("acct_1", AccountChange(running=1), None, "key_admin")
    (one,), (two,) = await place.stored(1), await place.stored(1, key_id="key_2")
    claim = await place.claimed(one)
    assert await place.start(two) is None
    assert place.tickets() == []
    await place.store.finish(claim, VIDEO)
    assert place.tickets() == [two.id]
    await place.claimed(two)
    (three,) = await place.stored(1)
    assert await place.start(three) is None
    await ledger.change_account("acct_1", AccountChange(running=0), None, "key_admin")
    await place.fleet.tend()
    assert place.tickets() == [three.id]
