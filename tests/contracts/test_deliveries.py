"""The outbox: every implementation tells the same things to the same addresses, and never forgets one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from tests.contracts.making import FINAL, RETRYABLE, VIDEO, new_task

from kineograph.core.deliveries import (
    BOTH_SIGN,
    CLAIM,
    LIFE,
    PER_HOST,
    Answer,
    Deliveries,
    Delivery,
    DeliveryQuery,
    State,
    Via,
)
from kineograph.core.ports import TaskStore
from kineograph.core.task import Status, Task
from kineograph.testing import MemoryTaskStore

HOOK = "https://hooks.example.test/a?task=1"
GOOD, BAD = Answer(0.0, 0.1, 204), Answer(0.0, 0.1, 500, "no")
Pass = Callable[[float], None]


@pytest.fixture
def elapse(store: TaskStore, request: pytest.FixtureRequest) -> Pass:
    """Let that many seconds pass."""
    if isinstance(store, MemoryTaskStore):
        deliveries = store.deliveries

        def later(seconds: float) -> None:
            clock = deliveries.clock
            deliveries.clock = lambda: clock() + seconds

        return later
    database = request.getfixturevalue("database")

    def move(seconds: float) -> None:
        with database.begin() as tx:
            for change in (
                "deliveries SET since = since - :by, next_at = next_at - :by",
                "endpoints SET failing_since = failing_since - :by",
                "webhook_secrets SET rotated_at = rotated_at - :by",
            ):
                tx.connection.execute(text(f"UPDATE {change}"), {"by": seconds})

    return move


async def ended(store: TaskStore, **fields: Any) -> Task:
    """A task that was refused before anybody worked on it."""
    task = (await store.insert(new_task(**{"callback_url": HOOK} | fields))).task
    assert await store.refuse(task.id, FINAL)
    return task


async def claimed(deliveries: Deliveries) -> Delivery:
    (claim,) = await deliveries.claim({}, 10)
    return claim


async def tried(deliveries: Deliveries, answer: Answer) -> Delivery:
    after = await deliveries.settle(await claimed(deliveries), answer)
    assert after is not None
    return after


async def test_a_start_and_an_end_are_told_and_nothing_else(store: TaskStore, deliveries: Deliveries) -> None:
    task = (await store.insert(new_task(callback_url=HOOK, webhook="https://x.test/base/?a=1#f"))).task
    assert await deliveries.of_task(task.id) == []
    claim = await store.start(task.id, "w1")
    assert claim is not None
    await store.report(claim, 0.5, "rendering")
    await store.fail(claim, RETRYABLE)
    claim = await store.start(task.id, "w2")
    assert claim is not None
    await store.finish(claim, VIDEO)
    await store.files_expired(task.id)
    told = await deliveries.of_task(task.id)
    assert [(each.via, each.url, each.status) for each in told if each.via is Via.CALLBACK_URL] == [
        (Via.CALLBACK_URL, HOOK, Status.RUNNING),
        (Via.CALLBACK_URL, HOOK, Status.SUCCEEDED),
    ]
    assert [(each.url, each.status) for each in told if each.via is Via.WEBHOOK] == [
        ("https://x.test/base/callback?a=1", Status.SUCCEEDED)
    ]
    events = await store.events(0, task_id=task.id)
    assert {each.event for each in told} <= {change.id for change in events}
    assert all(
        (change.sequence, change.status) == (each.sequence, each.status)
        for each in told
        for change in events
        if change.id == each.event
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"callback_url": HOOK, "callback_events": "terminal"}, [Status.CANCELLED]),
        ({"callback_url": HOOK}, [Status.CANCELLED]),
        ({"webhook": HOOK}, [Status.CANCELLED]),
        ({"callback_url": HOOK, "dialect": "ark"}, [Status.QUEUED, Status.CANCELLED]),  # as Ark tells its clients
        ({}, []),
    ],
)
async def test_who_asks_for_the_end_is_told_of_the_end(
    store: TaskStore, deliveries: Deliveries, fields: dict[str, Any], told: list[Status]
) -> None:
    task = (await store.insert(new_task(**fields))).task
    await store.cancel(task.id)
    assert [each.status for each in await deliveries.of_task(task.id)] == told


async def test_a_claim_is_one_process_own_until_it_is_taken_for_lost(
    store: TaskStore, deliveries: Deliveries, elapse: Pass
) -> None:
    await ended(store)
    first = await claimed(deliveries)
    assert await deliveries.claim({}, 10) == []
    elapse(CLAIM + 1)
    second = await claimed(deliveries)
    assert (second.id, second.attempts) == (first.id, first.attempts + 1)
    assert await deliveries.settle(first, GOOD) is None  # its claim is not its own any more
    after = await deliveries.settle(second, GOOD)
    assert after is not None
    assert (after.state, after.next_at) == (State.DELIVERED, None)
    elapse(LIFE)
    assert await deliveries.claim({}, 10) == []


async def test_a_try_that_was_broken_off_is_due_again_at_once(store: TaskStore, deliveries: Deliveries) -> None:
    await ended(store)
    claim = await claimed(deliveries)
    await deliveries.put_back([claim])
    assert (await claimed(deliveries)).id == claim.id
    await deliveries.put_back([claim])  # somebody else's by now
    assert await deliveries.claim({}, 10) == []


async def test_pauses_grow_and_a_success_ends_them(store: TaskStore, deliveries: Deliveries, elapse: Pass) -> None:
    task = await ended(store)
    for pause in (5, 30, 120, 600, 3600, 3600):
        after = await tried(deliveries, BAD)
        assert after.state is State.WAITING
        assert await deliveries.claim({}, 10) == []
        elapse(pause * 1.2)
    (failing,) = await deliveries.endpoints("acct_1")
    assert (failing.url, failing.disabled_at) == ("https://hooks.example.test/a", None)
    assert "500" in failing.reason
    await tried(deliveries, GOOD)
    assert await deliveries.endpoints(None) == []
    (row,) = await deliveries.of_task(task.id)
    assert row == await deliveries.get(row.id)
    assert (row.state, row.attempts, row.answer) == (State.DELIVERED, 7, GOOD)


async def test_a_day_of_failure_ends_a_delivery_and_disables_its_endpoint(
    store: TaskStore, deliveries: Deliveries, elapse: Pass
) -> None:
    await ended(store)
    while (after := await tried(deliveries, BAD)).state is State.WAITING:
        elapse(4200)
    assert after.state is State.FAILED
    (endpoint,) = await deliveries.endpoints("acct_1")
    assert endpoint.disabled_at is not None
    later = await ended(store)
    other = await ended(store, account_id="acct_2")
    assert [claim.task_id for claim in await deliveries.claim({}, 10)] == [other.id]  # it is the account's endpoint
    (held,) = await deliveries.of_task(later.id)
    assert (held.state, held.attempts, held.next_at) == (State.HELD, 0, None)
    assert not await deliveries.enable("acct_2", endpoint.url)
    assert await deliveries.enable("acct_1", endpoint.url)
    assert [claim.task_id for claim in await deliveries.claim({}, 10)] == [later.id]
    assert [each.account_id for each in await deliveries.endpoints(None)] == []


async def test_an_endpoint_that_took_something_meanwhile_stays(
    store: TaskStore, deliveries: Deliveries, elapse: Pass
) -> None:
    lost = await ended(store)
    for _ in range(10):
        await tried(deliveries, BAD)
        elapse(4200)
    await deliveries.settle(await claimed(deliveries), BAD)
    well = await ended(store)
    await tried(deliveries, GOOD)
    while (await tried_of(deliveries, lost.id, elapse)).state is State.WAITING:
        pass
    (endpoint,) = await deliveries.endpoints("acct_1")
    assert endpoint.disabled_at is None
    assert [each.state for each in await deliveries.of_task(well.id)] == [State.DELIVERED]


async def tried_of(deliveries: Deliveries, task_id: str, elapse: Pass) -> Delivery:
    elapse(4200)
    claim = await claimed(deliveries)
    assert claim.task_id == task_id
    after = await deliveries.settle(claim, BAD)
    assert after is not None
    return after


async def test_gone_is_gone_until_somebody_sends_again(store: TaskStore, deliveries: Deliveries) -> None:
    await ended(store)
    after = await tried(deliveries, Answer(0.0, 0.1, 410))
    assert after.state is State.FAILED
    held = await ended(store)
    assert await deliveries.claim({}, 10) == []
    again = await deliveries.redeliver(after.id)
    assert again is not None
    assert again.id == after.id
    assert {claim.task_id for claim in await deliveries.claim({}, 10)} == {after.task_id, held.id}
    assert await deliveries.redeliver("delivery_none") is None


async def test_a_host_that_is_slow_leaves_room_for_others(store: TaskStore, deliveries: Deliveries) -> None:
    for _ in range(PER_HOST + 3):
        await ended(store)
    quick = await ended(store, callback_url="https://quick.example.test/")
    claims = await deliveries.claim({}, 100)
    assert sorted(claim.host for claim in claims) == ["hooks.example.test"] * PER_HOST + ["quick.example.test"]
    assert quick.id in {claim.task_id for claim in claims}
    busy = {"hooks.example.test": PER_HOST - 1}
    assert await deliveries.claim(busy, 0) == []
    assert len(await deliveries.claim(busy, 100)) == 1
    assert await deliveries.claim({"hooks.example.test": PER_HOST}, 100) == []


async def test_lists_are_an_accounts_own_newest_first(store: TaskStore, deliveries: Deliveries) -> None:
    tasks = [await ended(store) for _ in range(3)]
    await ended(store, account_id="acct_2")
    await deliveries.settle((await deliveries.claim({}, 1))[0], GOOD)
    page = await deliveries.list(DeliveryQuery("acct_1", limit=2))
    rest = await deliveries.list(DeliveryQuery("acct_1", limit=2, after=page[-1].id))
    assert {each.task_id for each in [*page, *rest]} == {task.id for task in tasks}
    assert [each.id for each in [*page, *rest]] == sorted((each.id for each in [*page, *rest]), reverse=True)
    assert len(await deliveries.list(DeliveryQuery("acct_1", state=State.DELIVERED))) == 1
    assert len(await deliveries.list(DeliveryQuery(None))) == 4


async def test_a_deleted_task_takes_its_deliveries_along(store: TaskStore, deliveries: Deliveries) -> None:
    task = await ended(store)
    claim = await claimed(deliveries)
    assert await store.delete(task.id)
    assert await deliveries.settle(claim, GOOD) is None
    assert await deliveries.list(DeliveryQuery(None)) == []


async def test_both_secrets_sign_for_a_day_after_a_rotation(deliveries: Deliveries, elapse: Pass) -> None:
    first = await deliveries.secret("acct_1")
    assert first == await deliveries.secret("acct_1")
    assert first.text != (await deliveries.secret("acct_2")).text
    second = await deliveries.rotate("acct_1", "key_1")
    now = second.rotated_at
    assert second.signing(now + BOTH_SIGN - 1) == (second.text, first.text)
    assert second.signing(now + BOTH_SIGN) == (second.text,)
    assert replace(await deliveries.secret("acct_1"), rotated_at=now) == second
    assert (await deliveries.rotate("acct_3", "key_1")).previous is not None  # also where nobody had asked for it yet
