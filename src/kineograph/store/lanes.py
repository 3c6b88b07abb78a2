"""Lanes: a lane's tickets are worked off one after the other, so a key's lanes bound how many of its tasks run.

The queue hands out the heads of free lanes in no order. A key therefore uses no more lanes than there are workers: with one
worker its tasks are made in the order they came, with several they would run side by side anyway.
"""

from __future__ import annotations

import zlib

from sqlalchemy import Connection, text

from kineograph.core.errors import TooMany
from kineograph.core.fleet import Limits
from kineograph.core.keys import DEFAULT_LIMIT
from kineograph.core.ports import Queue
from kineograph.core.request import PRIORITY, PRIORITY_MAX
from kineograph.core.task import Task
from kineograph.store.prepared import Prepared, Record
from kineograph.store.writer import Transaction

URGENT = 200  # waiting tasks looked at to find the lane of an urgent one
FETCH_LANES = 64  # of a key; two of its tasks rarely wait for the same slow server

_LIMIT = Prepared(text("SELECT running_limit FROM keys WHERE id = :key_id"))
# A worker process has a row of its own. One that waits for an upstream makes as many films at once as it says.
_SLOTS = Prepared(
    text(
        "SELECT CASE WHEN coalesce(max(slots), 0) > count(*) THEN max(slots) ELSE count(*) END AS slots"
        " FROM workers WHERE queue = :queue AND state = 'up'"
    )
)
_LOADS = Prepared(text("SELECT key_id, queue, lane, load FROM lanes WHERE account_id = :account_id AND load > 0"))
_TOTAL = Prepared(text("SELECT coalesce(sum(load), 0) AS load FROM lanes WHERE load > 0"))
_BEFORE = Prepared(
    text(
        "SELECT lane, count(*) AS n FROM (SELECT lane FROM tasks WHERE status = 'queued' AND key_id = :key_id"
        " AND queue = :queue AND turn <= :turn LIMIT :most) AS urgent GROUP BY lane"
    )
)
_TAKE = Prepared(
    text(
        "INSERT INTO lanes (key_id, queue, model, lane, account_id, load)"
        " VALUES (:key_id, :queue, :model, :lane, :account_id, 1)"
        " ON CONFLICT (key_id, queue, model, lane) DO UPDATE SET load = lanes.load + 1"
    )
)
_LEAVE = Prepared(
    text(
        "UPDATE lanes SET load = load - 1"
        " WHERE key_id = :key_id AND queue = :queue AND model = :model AND lane = :lane AND load > 0"
    )
)
_BEYOND = Prepared(text("SELECT * FROM lanes WHERE key_id = :key_id AND lane >= :most"))
_JOIN = Prepared(
    text(
        "INSERT INTO lanes (key_id, queue, model, lane, account_id, load)"
        " VALUES (:key_id, :queue, :model, :lane, :account_id, :load)"
        " ON CONFLICT (key_id, queue, model, lane) DO UPDATE SET load = lanes.load + :load"
    )
)
_JOIN_TASKS = Prepared(
    text(
        "UPDATE tasks SET lane = :new WHERE key_id = :key_id AND queue = :queue AND model = :model AND lane = :lane"
        " AND status IN ('queued', 'running')"
    )
)
_CLOSE = Prepared(
    text("DELETE FROM lanes WHERE key_id = :key_id AND queue = :queue AND model = :model AND lane = :lane")
)


def take(tx: Transaction, task: Task, limits: Limits) -> int:
    """A place for the task in its key's least loaded lane.

    Raises:
        TooMany: there is no place; says what is full and which place it would have had.
    """
    found = _LOADS.all(tx.connection, {"account_id": task.account_id})
    _refuse(sum(row.load for row in found), limits.per_account, "your account has")
    if limits.per_key is not None:
        _refuse(sum(row.load for row in found if row.key_id == task.key_id), limits.per_key, "this key has")
    if limits.total is not None:
        _refuse(int(_TOTAL.all(tx.connection, {})[0].load), limits.total, "the service has")
    loads = dict.fromkeys(range(allowed(tx, task.key_id, task.queue)), 0)
    for row in found:
        if row.key_id == task.key_id and row.queue == task.queue and row.lane in loads:
            loads[row.lane] += row.load
    urgent = _urgent(tx, task) if task.request.priority > PRIORITY else {}
    lane = min(loads, key=lambda lane: (urgent.get(lane, 0), loads[lane]))
    _TAKE.run(
        tx.connection, _place(task.key_id, task.queue, task.request.model, lane) | {"account_id": task.account_id}
    )
    return lane


def _refuse(held: int, most: int, whose: str) -> None:
    if held >= most:
        raise TooMany(
            f"the queue is full: {whose} {held} unfinished tasks and {most} is the most, yours would be number {held + 1}; "
            "wait for some to finish, or cancel some",
            retry_after=30,
            reason="queue_full",
        )


def _urgent(tx: Transaction, task: Task) -> dict[int, int]:
    """How many tasks of the key would go before or beside this one, by lane: urgent ones must not queue up in one."""
    terms = {"key_id": task.key_id, "queue": task.queue, "turn": PRIORITY_MAX - task.request.priority, "most": URGENT}
    return {row.lane: int(row.n) for row in _BEFORE.all(tx.connection, terms)}


def change(tx: Transaction, row: Record, lane: int) -> None:
    """The task of this row goes to another lane of its key."""
    leave(tx, row)
    _TAKE.run(tx.connection, _place(row.key_id, row.queue, row.model, lane) | {"account_id": row.account_id})


def fold(tx: Transaction, queue: Queue[Connection], key_id: str) -> None:
    """A key's limit was lowered: lanes that it may not use any more are joined to others, each in its order."""
    key = _LIMIT.one(tx.connection, {"key_id": key_id})
    if key is None:
        return
    for row in _BEYOND.all(tx.connection, {"key_id": key_id, "most": key.running_limit}):
        place = _place(key_id, row.queue, row.model, row.lane)
        lane = row.lane % key.running_limit
        queue.relane(tx.connection, row.queue, f"{key_id}#{row.lane}", f"{key_id}#{lane}")
        _JOIN_TASKS.run(tx.connection, place | {"new": lane})
        _JOIN.run(tx.connection, place | {"lane": lane, "account_id": row.account_id, "load": row.load})
        _CLOSE.run(tx.connection, place)


def leave(tx: Transaction, row: Record) -> None:
    """The task of this row leaves its lane."""
    _LEAVE.run(tx.connection, _place(row.key_id, row.queue, row.model, row.lane))


def _place(key_id: str, queue: str, model: str, lane: int) -> dict[str, str | int]:
    return {"key_id": key_id, "queue": queue, "model": model, "lane": lane}


def fetch_lane(key_id: str, task_id: str) -> str:
    """The lane in which a task's images are fetched: one slow server must not hold up all of a key's tasks."""
    return f"{key_id}#{zlib.crc32(task_id.encode()) % FETCH_LANES}"


def allowed(tx: Transaction, key_id: str, queue: str) -> int:
    """How many lanes the key may use: its limit, or as many as there are workers if they are fewer."""
    key, workers = _LIMIT.one(tx.connection, {"key_id": key_id}), _SLOTS.one(tx.connection, {"queue": queue})
    limit = int(key.running_limit) if key else DEFAULT_LIMIT
    slots = int(workers.slots) if workers else 0
    return min(limit, slots) if slots else limit  # nobody yet: there may be many soon
