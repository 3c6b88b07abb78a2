"""Spread a key's waiting tasks when workers join: they were put into as many lanes as there were workers then."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from sqlalchemy import bindparam, select, text

from kineograph.core.ports import Ticket
from kineograph.store import lanes, schema
from kineograph.store.prepared import Prepared, Record
from kineograph.store.records import Records
from kineograph.store.writer import Transaction
from kineograph.telemetry import event

KEYS = 20  # looked at in one round of the reaper
AT_ONCE = 32  # tasks of a key that move in one round: work for as many workers until the next

_CROWDED = Prepared(
    text(
        "SELECT key_id, count(*) AS used FROM"
        " (SELECT key_id, lane, sum(load) AS load FROM lanes WHERE load > 0 AND queue = :queue GROUP BY key_id, lane) AS held"
        " GROUP BY key_id HAVING max(load) > 1 AND count(*) < :slots ORDER BY max(load) DESC LIMIT :keys"
    )
)
_SLOTS = Prepared(text("SELECT queue, count(*) AS slots FROM workers WHERE state = 'up' GROUP BY queue"))
_TASK = schema.tasks.c
_WAITING = Prepared(
    select(schema.tasks)
    .where(
        _TASK.status == "queued",
        _TASK.key_id == bindparam("key_id"),
        _TASK.queue == bindparam("queue"),
        _TASK.waits_in == bindparam("queue"),
        _TASK.ready_at <= bindparam("now"),
        _TASK.parked.is_(None),
    )
    .order_by(_TASK.turn, _TASK.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)  # whoever holds one is about to start or to end it
)


def crowded(tx: Transaction) -> Sequence[tuple[str, str, int]]:
    """Keys that use fewer lanes of a queue than they could: key, queue, lanes."""
    found = []
    for queue, slots in _SLOTS.all(tx.connection, {}):
        for key in _CROWDED.all(tx.connection, {"queue": queue, "slots": slots, "keys": KEYS}):
            free = lanes.allowed(tx, key.key_id, queue)
            if key.used < free:
                found.append((key.key_id, queue, free))
    return found


def deal(records: Records, key_id: str, queue: str, count: int, tx: Transaction) -> int:
    """Deal the key's oldest tasks to its lanes, one after the other. How many moved."""
    terms = {"key_id": key_id, "queue": queue, "now": tx.now, "most": AT_ONCE}
    moving = [
        (row, place % count)
        for place, row in enumerate(_WAITING.all(tx.connection, terms))
        if place % count != row.lane
    ]
    for row, lane in moving:
        _move(tx, records, row, lane)
    if moving:
        event("queue.spread", key_id=key_id, tasks=len(moving), lanes=count)
    return len(moving)


def _move(tx: Transaction, records: Records, row: Record, lane: int) -> None:
    """A new ticket in the other lane; the old one may be in hand just now, then the task starts with that."""
    lanes.change(tx, row, lane)
    old = Ticket(row.id, row.tickets, row.waits_in, "")
    records.relane(tx, row, lane)
    tx.after.append(functools.partial(records.queue.cancel, [old.id]))
