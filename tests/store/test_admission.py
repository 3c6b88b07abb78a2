"""Who is let in."""

from __future__ import annotations

import pytest
from tests.contracts.making import IMAGE, new_task

from kineograph.core.errors import TooMany, Unavailable
from kineograph.core.fleet import Ability, About, Limits, QueueState
from kineograph.store.admission import Admission
from kineograph.store.database import Database
from kineograph.store.tasks import SqlTaskStore
from kineograph.testing import MemoryFleet, MemoryQueue, MemoryTaskStore

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(per_key=2), "this key has 2 unfinished tasks and 2 is the most, yours would be number 3"),
        (Limits(per_account=2), "your account has 2"),
        (Limits(total=2), "the service has 2"),
    ],
)
async def test_a_full_queue_says_so_and_which_place_it_would_be(database: Database, limits: Limits, words: str) -> None:
    store = SqlTaskStore(database, MemoryQueue(), limits)
    first = (await store.insert(new_task())).task
    await store.insert(new_task())
    with pytest.raises(TooMany, match=words) as refusal:
        await store.insert(new_task())
    assert (refusal.value.reason, refusal.value.retry_after) == ("queue_full", 30)
    await store.cancel(first.id)
    await store.insert(new_task())


async def test_others_are_let_in_where_one_key_is_full(database: Database) -> None:
    store = SqlTaskStore(database, MemoryQueue(), Limits(per_key=1))
    await store.insert(new_task())
    await store.insert(new_task(key_id="key_2"))


async def test_what_no_live_worker_could_make_is_refused() -> None:
    store = MemoryTaskStore()
    now = [0.0]
    admit = Admission(MemoryFleet(store), require_worker=True, clock=lambda: now[0])
    with pytest.raises(Unavailable, match="no live worker can make fast at 1080p") as refusal:
        await admit("animatic", new_task().request)
    assert refusal.value.reason == "no_worker"
    small = About(abilities={"fast": Ability(("480p",), ())})
    await store.heartbeat("w_1", "animatic", "up", [], small)
    now[0] = 2.0
    await admit("animatic", new_task(resolution="480p").request)
    await admit("local-1", new_task().request)
    for queue, request in (
        ("animatic", new_task().request),
        ("animatic", new_task(resolution="480p", images=(IMAGE,)).request),
        ("animatic", new_task(resolution="480p", model="quality").request),
        ("ark", new_task(resolution="480p").request),
    ):
        with pytest.raises(Unavailable):
            await admit(queue, request)
    await store.heartbeat("w_1", "animatic", "draining", [])
    now[0] = 4.0
    with pytest.raises(Unavailable):
        await admit("animatic", new_task(resolution="480p").request)


async def test_a_draining_queue_takes_nothing_more() -> None:
    fleet = MemoryFleet(MemoryTaskStore())
    admit = Admission(fleet, require_worker=False, clock=lambda: 0.0)
    await fleet.set_state("animatic", QueueState.DRAINING)
    with pytest.raises(Unavailable, match="being drained"):
        await admit("animatic", new_task().request)
    await admit("ark", new_task().request)
