"""Lanes: a key's order and its limit."""

from __future__ import annotations

import pytest
from tests.contracts.making import IMAGE, VIDEO, new_task

from kineograph.core.errors import TooMany
from kineograph.core.fleet import Limits
from kineograph.core.keys import Key
from kineograph.core.ports import Ticket
from kineograph.store.database import Database
from kineograph.store.keys import SqlKeyStore
from kineograph.store.tasks import SqlTaskStore
from kineograph.testing import MemoryQueue

pytestmark = pytest.mark.anyio


class Place:
    """A store whose tickets can be looked at."""

    def __init__(self, database: Database) -> None:
        self.queue = MemoryQueue()
        self.database = database
        self.store = SqlTaskStore(database, self.queue, Limits(per_account=10))

    async def workers(self, count: int) -> None:
        for i in range(count):
            await self.store.heartbeat(f"worker_{i}", "animatic", "up", [])

    async def tickets(self, count: int, **changes: object) -> list[Ticket]:
        for _ in range(count):
            await self.store.insert(new_task(**changes))
        return [slip.ticket for slip in self.queue.slips.values()]


@pytest.fixture
def place(database: Database) -> Place:
    return Place(database)


def lanes_of(tickets: list[Ticket]) -> list[str]:
    return [ticket.lane for ticket in tickets]


async def test_with_one_worker_a_keys_tasks_stay_in_order(place: Place) -> None:
    await place.workers(1)
    assert set(lanes_of(await place.tickets(5))) == {"key_1#0"}


async def test_a_key_spreads_over_the_workers_there_are_up_to_its_limit(place: Place) -> None:
    await SqlKeyStore(place.database).create(Key("key_1", "acct_1", "a", "kineo_", limit=2), "digest")
    await place.workers(3)
    assert lanes_of(await place.tickets(4)) == ["key_1#0", "key_1#1"] * 2
    assert lanes_of(await place.tickets(3, key_id="key_2"))[4:] == ["key_2#0", "key_2#1", "key_2#2"]


async def test_a_finished_task_leaves_its_lane(place: Place) -> None:
    await place.workers(2)
    first, *_ = await place.tickets(2)
    claim = await place.store.start(first.task_id, "worker_0")
    assert claim is not None
    await place.store.finish(claim, VIDEO)
    assert lanes_of(await place.tickets(1))[-1] == "key_1#0"


async def test_a_slow_image_server_does_not_hold_up_all_of_a_keys_tasks(place: Place) -> None:
    await place.workers(1)
    tickets = await place.tickets(9, images=(IMAGE,))
    assert {ticket.queue for ticket in tickets} == {"fetch"}
    assert len(set(lanes_of(tickets))) > 1


async def test_an_account_has_so_many_unfinished_tasks_and_no_more(place: Place) -> None:
    tickets = await place.tickets(10)
    with pytest.raises(TooMany, match="10 unfinished tasks"):
        await place.store.insert(new_task(key_id="key_2"))
    await place.store.insert(new_task(account_id="acct_2", key_id="key_3"))
    await place.store.cancel(tickets[0].task_id)
    await place.store.insert(new_task())


async def test_workers_that_join_share_what_waits_already(place: Place) -> None:
    await place.workers(1)
    tickets = await place.tickets(7)
    await place.workers(3)
    await place.store.reap(60.0)
    await place.database.write(lambda tx: None)
    waiting = {slip.ticket.task_id: slip.ticket for slip in place.queue.slips.values()}
    assert len(place.queue.slips) == len(waiting) == 7, "each task has one ticket, and it is a new one or the old"
    dealt = [waiting[ticket.task_id].lane for ticket in tickets]
    assert dealt == [f"key_1#{i % 3}" for i in range(7)], "in the order they came"
    await place.store.reap(60.0)
    await place.database.write(lambda tx: None)
    assert [slip.ticket for slip in place.queue.slips.values()] == list(waiting.values()), "once is enough"
    for ticket in tickets:
        claim = await place.store.start(ticket.task_id, "worker_0")
        assert claim is not None
        await place.store.finish(claim, VIDEO)
    with place.database.begin() as tx:
        assert tx.connection.exec_driver_sql("SELECT sum(load) FROM lanes").scalar() == 0


async def test_a_key_at_its_limit_is_not_spread_further(place: Place) -> None:
    await SqlKeyStore(place.database).create(Key("key_1", "acct_1", "a", "kineo_", limit=1), "digest")
    await place.workers(1)
    before = await place.tickets(4)
    await place.workers(3)
    await place.store.reap(60.0)
    await place.database.write(lambda tx: None)
    assert [slip.ticket for slip in place.queue.slips.values()] == before


async def test_urgent_tasks_do_not_queue_up_in_one_lane(place: Place) -> None:
    await place.workers(3)
    tickets = await place.tickets(6)
    for ticket in [ticket for ticket in tickets if ticket.lane == "key_1#2"]:
        await place.store.cancel(ticket.task_id)
    urgent = (await place.tickets(3, priority=9))[-3:]
    assert sorted(lanes_of(urgent)) == ["key_1#0", "key_1#1", "key_1#2"]
