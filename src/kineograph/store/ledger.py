"""Usage: one row per succeeded task, written in the transaction that ends it, kept when the task is deleted."""

from __future__ import annotations

from sqlalchemy import insert

from kineograph.core.task import Task
from kineograph.store.prepared import Prepared
from kineograph.store.schema import usage
from kineograph.store.writer import Transaction

_INSERT = Prepared(insert(usage))


def record(tx: Transaction, task: Task) -> None:
    """Write down what the task used, if it used anything. A second row for one task is refused by the primary key."""
    if task.usage is None:
        return
    _INSERT.run(
        tx.connection,
        {
            "task_id": task.id,
            "account_id": task.account_id,
            "key_id": task.key_id,
            "model": task.request.model,
            "engine": task.engine,
            "seconds": task.usage.seconds,
            "tokens": task.usage.tokens,
            "at": tx.now,
        },
    )
