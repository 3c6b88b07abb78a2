"""Lanes: a lane's tickets are worked off one after the other, so a key's lanes bound how many of its tasks run.

The queue hands out the heads of free lanes in no order. A key therefore uses no more lanes than there are workers: with one
worker its tasks are made in the order they came, with several they would run side by side anyway.
"""

from __future__ import annotations

import zlib

from sqlalchemy import text

from kineograph.core.errors import TooMany
from kineograph.core.keys import DEFAULT_LIMIT
from kineograph.store.prepared import Prepared
from kineograph.store.writer import Transaction

FETCH_LANES = 64  # of a key; two of its tasks rarely wait for the same slow server

_LIMIT = Prepared(text("SELECT running_limit FROM keys WHERE id = :key_id"))
_SLOTS = Prepared(text("SELECT count(*) AS slots FROM workers WHERE queue = :queue AND state = 'up'"))
_LOADS = Prepared(text("SELECT key_id, lane, load FROM lanes WHERE account_id = :account_id AND load > 0"))
_TAKE = Prepared(
    text(
        "INSERT INTO lanes (key_id, lane, account_id, load) VALUES (:key_id, :lane, :account_id, 1)"
        " ON CONFLICT (key_id, lane) DO UPDATE SET load = lanes.load + 1"
    )
)
_LEAVE = Prepared(text("UPDATE lanes SET load = load - 1 WHERE key_id = :key_id AND lane = :lane AND load > 0"))


def take(tx: Transaction, key_id: str, account_id: str, queue: str, most: int) -> int:
    """A place in the key's least loaded lane.

    Args:
        queue: Where the task is going to be made.
        most: Unfinished tasks that an account may have.

    Raises:
        TooMany: it has that many.
    """
    found = _LOADS.all(tx.connection, {"account_id": account_id})
    if sum(row.load for row in found) >= most:
        raise TooMany(
            f"your account has {most} unfinished tasks; wait for some to finish, or cancel them",
            retry_after=30,
            reason="queue_full",
        )
    loads = {row.lane: row.load for row in found if row.key_id == key_id}
    lane = min(range(allowed(tx, key_id, queue)), key=lambda lane: loads.get(lane, 0))
    enter(tx, key_id, lane, account_id)
    return lane


def enter(tx: Transaction, key_id: str, lane: int, account_id: str) -> None:
    """One unfinished task more in the lane."""
    _TAKE.run(tx.connection, {"key_id": key_id, "lane": lane, "account_id": account_id})


def leave(tx: Transaction, key_id: str, lane: int) -> None:
    """One unfinished task less in the lane."""
    _LEAVE.run(tx.connection, {"key_id": key_id, "lane": lane})


def fetch_lane(key_id: str, task_id: str) -> str:
    """The lane in which a task's images are fetched: one slow server must not hold up all of a key's tasks."""
    return f"{key_id}#{zlib.crc32(task_id.encode()) % FETCH_LANES}"


def allowed(tx: Transaction, key_id: str, queue: str) -> int:
    """How many lanes the key may use: its limit, or as many as there are workers if they are fewer."""
    key, workers = _LIMIT.one(tx.connection, {"key_id": key_id}), _SLOTS.one(tx.connection, {"queue": queue})
    limit = int(key.running_limit) if key else DEFAULT_LIMIT
    slots = int(workers.slots) if workers else 0
    return min(limit, slots) if slots else limit  # nobody yet: there may be many soon
