"""Money and usage inside a task's own transaction: reserved where it comes, settled or given back where it ends."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import bindparam, insert, select, text

from kineograph.core.allowance import Allowance, Spent, day_of, month_start, room
from kineograph.core.ledger import Account, Kind, closing
from kineograph.core.task import Status, Task
from kineograph.store import schema
from kineograph.store.prepared import Prepared, Record
from kineograph.store.writer import Transaction

NO_LIMITS = "{}"

_INSERT_USAGE = Prepared(insert(schema.usage))
_INSERT_ENTRY = Prepared(insert(schema.entries))
_OWNER = Prepared(
    text(
        "SELECT metered, limits, (SELECT limits FROM keys WHERE id = :key_id) AS key_limits FROM accounts WHERE id = :account_id"
    )
)
# "For update" says nothing on SQLite, where writers take turns anyway.
LOCK = Prepared(select(schema.accounts).where(schema.accounts.c.id == bindparam("account_id")).with_for_update())
_SPENT = Prepared(
    text(
        "SELECT coalesce(sum(CASE WHEN day = :day THEN seconds ELSE 0 END), 0) AS today,"
        " coalesce(sum(seconds), 0) AS seconds, coalesce(sum(micros), 0) AS micros,"
        " coalesce(sum(CASE WHEN day = :day AND key_id = :key_id THEN seconds ELSE 0 END), 0) AS key_today,"
        " coalesce(sum(CASE WHEN key_id = :key_id THEN seconds ELSE 0 END), 0) AS key_seconds,"
        " coalesce(sum(CASE WHEN key_id = :key_id THEN micros ELSE 0 END), 0) AS key_micros"
        " FROM spent WHERE account_id = :account_id AND day >= :start"
    )
)
_SPEND = Prepared(
    text(
        "INSERT INTO spent (account_id, day, key_id, seconds, micros)"
        " VALUES (:account_id, :day, :key_id, :seconds, :micros) ON CONFLICT (account_id, day, key_id)"
        " DO UPDATE SET seconds = spent.seconds + :seconds, micros = spent.micros + :micros"
    )
)
_BOOK = Prepared(
    text(
        "UPDATE accounts SET balance = balance + :amount, entries = entries + 1 WHERE id = :account_id"
        " RETURNING balance, entries"
    )
)


def accept(tx: Transaction, task: Task) -> int:
    """Reserve what a new task costs and count what it uses. Micros taken from the balance.

    Raises:
        PaymentRequired: the balance does not cover it.
        TooMany: a limit of a day or month is used up.
    """
    micros = task.cost.amount if task.cost else 0
    owner = _OWNER.one(tx.connection, {"account_id": task.account_id, "key_id": task.key_id})
    held = 0
    if owner is not None and (
        owner.metered or owner.limits != NO_LIMITS or (owner.key_limits or NO_LIMITS) != NO_LIMITS
    ):
        account = account_from(LOCK.all(tx.connection, {"account_id": task.account_id})[0])
        _check(tx, task, account.limits, limits_from(owner.key_limits or NO_LIMITS), micros)
        held = account.reserve(task.cost)
    if held:
        book(tx, task.account_id, Kind.RESERVE, -held, task.id)
    _count(tx, task, task.request.counted, micros)
    return held


def settle(tx: Transaction, row: Record, task: Task) -> None:
    """The task is over: what it used is written down, what it held is charged or given back. Once, by the unique kind of
    entry and the primary key of usage. Tasks from before there was a ledger are left as they are."""
    charged = task.cost.amount if task.cost else 0
    if row.held is not None:
        reserved = json.loads(row.cost)["amount"] if row.cost else 0
        _count(tx, task, 0 if task.status is Status.SUCCEEDED else -task.request.counted, charged - reserved)
    if row.held:
        kind, back = closing(row.held, task)
        book(tx, task.account_id, kind, back, task.id)
    if task.usage is not None:
        _INSERT_USAGE.run(tx.connection, _usage(tx, task, charged))


def book(
    tx: Transaction,
    account_id: str,
    kind: Kind,
    amount: int,
    task_id: str | None = None,
    reason: str = "",
    by: str = "",
    token: str | None = None,
) -> Record:
    """Add a line to the ledger and its amount to the balance. The line's row."""
    booked = _BOOK.all(tx.connection, {"account_id": account_id, "amount": amount})[0]
    line = {
        "account_id": account_id,
        "number": booked.entries,
        "task_id": task_id,
        "kind": str(kind),
        "amount": amount,
        "balance": booked.balance,
        "reason": reason,
        "at": tx.now,
        "made_by": by,
        "token": token,
    }
    _INSERT_ENTRY.run(tx.connection, line)
    return booked


def account_from(row: Record) -> Account:
    """The account of a row of `accounts`."""
    return Account(
        id=row.id,
        name=row.name,
        created_at=row.created_at,
        metered=bool(row.metered),
        balance=row.balance,
        overdraft=row.overdraft,
        running=row.running_limit,
        limits=limits_from(row.limits),
        entries=row.entries,
        version=row.version,
    )


def limits_from(document: str) -> Allowance:
    """Limits as they are kept."""
    return Allowance() if document == NO_LIMITS else Allowance.of(json.loads(document))


def limits_json(limits: Allowance) -> str:
    """Limits as they are kept."""
    return json.dumps(limits.document(), separators=(",", ":"))


def _check(tx: Transaction, task: Task, account: Allowance, key: Allowance, micros: int) -> None:
    if not account.counted and not key.counted:
        return
    at = task.created_at
    terms = {"account_id": task.account_id, "key_id": task.key_id, "day": day_of(at), "start": month_start(at)}
    row = _SPENT.all(tx.connection, terms)[0]
    seconds = task.request.counted
    room(key, Spent(int(row.key_today), int(row.key_seconds), int(row.key_micros)), seconds, micros, at, "this key")
    room(account, Spent(int(row.today), int(row.seconds), int(row.micros)), seconds, micros, at, "this account")


def _count(tx: Transaction, task: Task, seconds: int, micros: int) -> None:
    """Add to the counters of the day the task came."""
    if seconds or micros:
        day = {"account_id": task.account_id, "day": day_of(task.created_at), "key_id": task.key_id}
        _SPEND.run(tx.connection, day | {"seconds": seconds, "micros": micros})


def _usage(tx: Transaction, task: Task, charged: int) -> dict[str, Any]:
    assert task.usage is not None
    return {
        "task_id": task.id,
        "account_id": task.account_id,
        "key_id": task.key_id,
        "model": task.request.model,
        "engine": task.engine,
        "seconds": task.usage.seconds,
        "tokens": task.usage.tokens,
        "at": tx.now,
        "day": day_of(tx.now),
        "cost": charged,
    }
