"""The outbox inside a task's own transaction: who is to be told of a change is written down with it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import insert
from ulid import ULID

from kineograph.core.deliveries import Answer, Delivery, State, Via, announced
from kineograph.core.task import Status, Task
from kineograph.store import schema
from kineograph.store.prepared import Prepared, Record
from kineograph.store.writer import Transaction

_INSERT = Prepared(insert(schema.deliveries))


def tell(tx: Transaction, task: Task, event: int) -> None:
    """A change of the task, with the id of its event, goes to everybody who asked to be told."""
    for delivery in announced(task, event, tx.now, lambda: f"delivery_{ULID.from_timestamp(tx.now)}"):
        _INSERT.run(tx.connection, _columns(delivery))


def changing(delivery: Delivery) -> dict[str, Any]:
    """Values of the columns that change in a delivery's life."""
    return {
        "since": delivery.since,
        "next_at": delivery.next_at,
        "state": str(delivery.state),
        "attempts": delivery.attempts,
        "answer": None if delivery.answer is None else json.dumps(asdict(delivery.answer), ensure_ascii=False),
    }


def delivery_from(row: Record) -> Delivery:
    """The delivery of a row of `deliveries`."""
    return Delivery(
        id=row.id,
        task_id=row.task_id,
        account_id=row.account_id,
        via=Via(row.via),
        url=row.url,
        event=row.event,
        sequence=row.sequence,
        status=Status(row.status),
        happened_at=row.happened_at,
        created_at=row.created_at,
        since=row.since,
        next_at=row.next_at,
        state=State(row.state),
        attempts=row.attempts,
        answer=Answer(**json.loads(row.answer)) if row.answer else None,
    )


def _columns(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "task_id": delivery.task_id,
        "account_id": delivery.account_id,
        "via": str(delivery.via),
        "url": delivery.url,
        "endpoint": delivery.endpoint,
        "host": delivery.host,
        "event": delivery.event,
        "sequence": delivery.sequence,
        "status": str(delivery.status),
        "happened_at": delivery.happened_at,
        "created_at": delivery.created_at,
        **changing(delivery),
    }
