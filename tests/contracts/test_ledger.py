"""Every ledger passes this suite, with the tasks that move its money."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.contracts.making import FINAL, RETRYABLE, VIDEO, new_task

from kineograph.core.allowance import Allowance
from kineograph.core.errors import Conflict, IdempotencyReused, PaymentRequired, TooMany
from kineograph.core.ledger import Account, AccountChange, By, Kind, Ledger, Note
from kineograph.core.ports import Idempotency, TaskStore
from kineograph.core.pricing import Cost, Per, Price
from kineograph.core.task import Status, Task

pytestmark = pytest.mark.anyio
UNIT = 1_000_000
AT = 1_763_856_000.0  # 2025-11-23 00:00 UTC


async def opened(ledger: Ledger, grant: int = 10 * UNIT, **fields: Any) -> Account:
    account = Account("acct_1", "films", AT, metered=True)
    return await ledger.open_account(replace(account, **fields), grant, "key_admin")


def priced(amount: int = UNIT, **fields: Any) -> Task:
    """A task that costs this: 5 seconds at a fifth of it each."""
    return replace(new_task(**fields), cost=Cost(amount, "USD", Per.SECOND, amount // 5))


async def running(store: TaskStore, task: Task) -> Task:
    await store.insert(task)
    claim = await store.start(task.id, "w")
    assert claim is not None
    return claim


async def lines(ledger: Ledger) -> list[tuple[str, int, int]]:
    """Kind, amount, balance after; oldest first, without the grant."""
    found = [(str(line.kind), line.amount, line.balance) for line in await ledger.entries("acct_1")]
    return found[::-1][1:]


async def balance(ledger: Ledger) -> int:
    account = await ledger.account("acct_1")
    assert account is not None
    assert account.balance == sum(entry.amount for entry in await ledger.entries("acct_1", limit=1000))
    return account.balance


async def test_a_film_is_reserved_at_submit_and_charged_when_it_is_finished(store: TaskStore, ledger: Ledger) -> None:
    await opened(ledger)
    claim = await running(store, priced())
    assert await balance(ledger) == 9 * UNIT
    assert await store.finish(claim, VIDEO)
    assert await lines(ledger) == [("reserve", -UNIT, 9 * UNIT), ("settle", 0, 9 * UNIT)]
    done = await store.get(claim.id)
    assert done is not None
    assert done.cost == claim.cost
    assert await ledger.used("acct_1") == UNIT


async def test_what_was_reserved_too_much_comes_back(store: TaskStore, ledger: Ledger) -> None:
    await opened(ledger)
    claim = await running(store, priced())
    assert await store.finish(claim, replace(VIDEO, frames=60))
    assert await lines(ledger) == [("reserve", -UNIT, 9 * UNIT), ("settle", UNIT // 2, 9 * UNIT + UNIT // 2)]
    assert await ledger.used("acct_1") == UNIT // 2


async def test_a_film_longer_than_asked_costs_no_more_than_was_reserved(store: TaskStore, ledger: Ledger) -> None:
    await opened(ledger)
    claim = await running(store, priced())
    assert await store.finish(claim, replace(VIDEO, frames=6000))
    assert await balance(ledger) == 9 * UNIT


async def test_a_failed_film_costs_nothing(store: TaskStore, ledger: Ledger) -> None:
    await opened(ledger)
    claim = await running(store, priced())
    assert await store.fail(claim, FINAL) is Status.FAILED
    assert await lines(ledger) == [("reserve", -UNIT, 9 * UNIT), ("refund", UNIT, 10 * UNIT)]
    failed = await store.get(claim.id)
    assert failed is not None
    assert failed.cost is not None
    assert failed.cost.amount == 0
    assert await ledger.used("acct_1") == 0


async def test_a_retry_is_not_reserved_again(store: TaskStore, ledger: Ledger) -> None:
    await opened(ledger)
    claim = await running(store, priced())
    assert await store.fail(claim, RETRYABLE) is Status.QUEUED
    assert await balance(ledger) == 9 * UNIT
    again = await store.start(claim.id, "v")
    assert again is not None
    assert await store.release(again)
    third = await store.start(claim.id, "u")
    assert third is not None
    assert not await store.finish(claim, VIDEO)
    assert await store.finish(third, VIDEO)
    assert await lines(ledger) == [("reserve", -UNIT, 9 * UNIT), ("settle", 0, 9 * UNIT)]


async def test_a_task_cancelled_while_it_waits_or_runs_costs_nothing(store: TaskStore, ledger: Ledger) -> None:
    await opened(ledger)
    waiting, claim = priced(), await running(store, priced())
    await store.insert(waiting)
    await store.cancel(waiting.id)
    await store.cancel(claim.id)
    assert await store.fail(claim, RETRYABLE) is Status.CANCELLED
    assert await balance(ledger) == 10 * UNIT


async def test_a_film_that_is_ready_after_its_cancel_is_kept_and_not_charged(store: TaskStore, ledger: Ledger) -> None:
    await opened(ledger)
    claim = await running(store, priced())
    await store.cancel(claim.id)
    assert await store.finish(claim, VIDEO)
    assert await lines(ledger) == [("reserve", -UNIT, 9 * UNIT), ("settle", UNIT, 10 * UNIT)]
    done = await store.get(claim.id)
    assert done is not None
    assert done.status is Status.SUCCEEDED
    assert done.cost is not None
    assert done.cost.amount == 0


async def test_a_balance_that_does_not_cover_it_refuses_and_stores_nothing(store: TaskStore, ledger: Ledger) -> None:
    await opened(ledger, grant=UNIT // 2)
    task = priced()
    with pytest.raises(PaymentRequired, match=r"balance of 0\.50 USD .* costs 1\.00 USD"):
        await store.insert(task, Idempotency("key_1", "once", "b"))
    assert await store.get(task.id) is None
    assert await balance(ledger) == UNIT // 2
    await ledger.adjust("acct_1", UNIT, "topped up", "key_admin")
    await store.insert(task, Idempotency("key_1", "once", "b"))
    assert await balance(ledger) == UNIT // 2


async def test_an_overdraft_is_as_deep_as_it_says(store: TaskStore, ledger: Ledger) -> None:
    await opened(ledger, grant=0, overdraft=UNIT)
    await store.insert(priced())
    assert await balance(ledger) == -UNIT
    with pytest.raises(PaymentRequired):
        await store.insert(priced(1))


async def test_the_same_request_is_paid_once(store: TaskStore, ledger: Ledger) -> None:
    await opened(ledger)
    promise = Idempotency("key_1", "once", "body")
    assert not (await store.insert(priced(), promise)).replayed
    assert (await store.insert(priced(), promise)).replayed
    assert await balance(ledger) == 9 * UNIT


async def test_an_account_without_a_meter_pays_nothing_and_sees_what_it_costs(store: TaskStore, ledger: Ledger) -> None:
    await opened(ledger, grant=0, metered=False)
    claim = await running(store, priced())
    assert await store.finish(claim, VIDEO)
    assert await lines(ledger) == []
    assert await ledger.used("acct_1") == UNIT


async def test_a_meter_switched_while_films_are_made_moves_only_what_was_reserved(
    store: TaskStore, ledger: Ledger
) -> None:
    await opened(ledger)
    paid = await running(store, priced())
    await ledger.change_account("acct_1", AccountChange(metered=False), 1, "key_admin")
    free = await running(store, priced())
    await ledger.change_account("acct_1", AccountChange(metered=True), 2, "key_admin")
    assert await store.finish(free, VIDEO)
    assert await store.fail(paid, FINAL) is Status.FAILED
    assert await balance(ledger) == 10 * UNIT


async def test_a_deleted_task_stays_in_the_ledger(store: TaskStore, ledger: Ledger) -> None:
    await opened(ledger)
    claim = await running(store, priced())
    await store.finish(claim, VIDEO)
    await store.delete(claim.id)
    assert [entry.task_id for entry in await ledger.entries("acct_1", limit=2)] == [claim.id, claim.id]
    assert await balance(ledger) == 9 * UNIT


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Allowance(seconds_per_day=12), "seconds_per_day"),
        (Allowance(seconds_per_month=12), "seconds_per_month"),
        (Allowance(spend=2 * UNIT), "spend"),
    ],
)
async def test_a_limit_that_adds_up_refuses_what_would_exceed_it_and_counts_only_what_was_made(
    store: TaskStore, ledger: Ledger, limits: Allowance, reason: str
) -> None:
    await opened(ledger, limits=limits)
    at = AT + 100
    first = await running(store, priced(at=at))
    await store.insert(priced(at=at))
    with pytest.raises(TooMany, match="this account may use") as refusal:
        await store.insert(priced(at=at))
    assert refusal.value.reason == reason
    assert 0 < refusal.value.retry_after <= (86_400 if reason == "seconds_per_day" else 31 * 86_400)
    await store.fail(first, FINAL)
    await store.insert(priced(at=at))  # what failed is given back
    await store.insert(priced(at=AT + 32 * 86_400))  # another month
    if reason == "seconds_per_day":
        await store.insert(priced(at=at + 86_400))


async def test_an_adjustment_is_made_once_for_its_token(ledger: Ledger) -> None:
    await opened(ledger)
    first = await ledger.adjust("acct_1", 5, "a gift", "key_admin", "once")
    assert first == await ledger.adjust("acct_1", 5, "a gift", "key_admin", "once")
    with pytest.raises(IdempotencyReused):
        await ledger.adjust("acct_1", 6, "a gift", "key_admin", "once")
    assert await balance(ledger) == 10 * UNIT + 5
    assert await ledger.adjust("acct_2", 5, "a gift", "key_admin") is None


async def test_no_adjustment_takes_more_than_there_is(ledger: Ledger) -> None:
    await opened(ledger)
    with pytest.raises(Conflict, match=r"would fall to -0\.01"):
        await ledger.adjust("acct_1", -10 * UNIT - UNIT // 100, "a fee", "key_admin")
    await ledger.adjust("acct_1", -10 * UNIT, "a fee", "key_admin")
    assert await balance(ledger) == 0


async def test_of_two_admins_the_second_is_told_that_the_account_changed(ledger: Ledger) -> None:
    account = await opened(ledger)
    changed = await ledger.change_account("acct_1", AccountChange(name="one"), account.version, "key_1")
    assert changed is not None
    assert (changed.name, changed.version) == ("one", 2)
    with pytest.raises(Conflict, match="you saw version 1, it has 2 now"):
        await ledger.change_account("acct_1", AccountChange(name="two"), account.version, "key_2")
    assert await ledger.change_account("acct_2", AccountChange(name="two"), None, "key_2") is None
    with pytest.raises(Conflict):
        await opened(ledger)


async def test_prices_have_versions_and_their_currency_stays_once_money_moved(ledger: Ledger) -> None:
    assert (await ledger.prices()).version == 0
    row = Price("fast", "*", Per.SECOND, 20_000)
    assert (await ledger.set_prices("CNY", [row], 0, "key_1")).version == 1
    with pytest.raises(Conflict, match="you saw version 0"):
        await ledger.set_prices("CNY", [], 0, "key_2")
    assert (await ledger.set_prices("USD", [row], 1, "key_1")).currency == "USD"
    await opened(ledger)
    with pytest.raises(Conflict, match="counted in USD"):
        await ledger.set_prices("CNY", [row], 2, "key_1")
    assert (await ledger.prices()).rows == (row,)


async def test_usage_adds_up_to_what_was_charged(store: TaskStore, ledger: Ledger) -> None:
    await opened(ledger)
    for key, model in (("key_1", "fast"), ("key_1", "slow"), ("key_2", "slow")):
        await store.finish(await running(store, priced(key_id=key, model=model)), VIDEO)
    await store.fail(await running(store, priced()), FINAL)
    found = {by: await ledger.usage("acct_1", 0, 1e11, by) for by in By}
    assert [(row.name, row.tasks, row.cost) for row in found[By.KEY]] == [
        ("key_1", 2, 2 * UNIT),
        ("key_2", 1, UNIT),
    ]
    assert [(row.name, row.tasks) for row in found[By.MODEL]] == [("fast", 1), ("slow", 2)]
    assert [(row.name, row.tasks, row.cost) for row in found[By.STATUS]] == [
        ("succeeded", 3, 3 * UNIT),
        ("failed", 1, 0),
    ]
    (day,) = found[By.DAY]
    assert (len(day.name), day.seconds, day.cost) == (10, 15.0, await ledger.used("acct_1"))
    assert await ledger.usage("acct_2", 0, 1e11, By.DAY) == []
    assert await ledger.usage(None, 0, 1e11, By.KEY) == found[By.KEY]
    assert await ledger.usage(None, 0, 1, By.STATUS) == []


async def test_what_admins_did_is_written_down(ledger: Ledger) -> None:
    await opened(ledger)
    await ledger.change_account("acct_1", AccountChange(limits=Allowance(max_duration=5)), None, "key_2")
    await ledger.note(Note("key_3", "key.revoke", "key_9"))
    notes = await ledger.notes()
    assert {(note.by, note.action, note.target) for note in notes} == {
        ("key_admin", "account.create", "acct_1"),
        ("key_2", "account.change", "acct_1"),
        ("key_3", "key.revoke", "key_9"),
    }
    change = next(note for note in notes if note.action == "account.change")
    assert (change.before["limits"], change.after["limits"]) == ({}, {"max_duration": 5})
    assert len(await ledger.notes(1)) == 1
    assert await ledger.notes(10, before=min(note.id for note in notes)) == []


async def test_entries_come_in_pages_newest_first(ledger: Ledger) -> None:
    await opened(ledger)
    for amount in (1, 2, 3):
        await ledger.adjust("acct_1", amount, "", "key_1")
    first = await ledger.entries("acct_1", 2)
    assert [entry.amount for entry in first] == [3, 2]
    rest = await ledger.entries("acct_1", 50, before=first[-1].number)
    assert [(entry.kind, entry.amount) for entry in rest] == [(Kind.ADJUST, 1), (Kind.GRANT, 10 * UNIT)]
