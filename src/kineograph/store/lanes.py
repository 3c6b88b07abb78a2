"""Lanes: a key has as many as it may have running tasks, and a lane's tickets are worked off one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text

from kineograph.core.errors import TooMany
from kineograph.core.keys import DEFAULT_LIMIT
from kineograph.store.writer import Transaction

_LIMIT = text("SELECT running_limit FROM keys WHERE id = :key_id")
_LOADS = text("SELECT lane, load FROM lanes WHERE key_id = :key_id")
_WAITING = text("SELECT sum(load) FROM lanes WHERE account_id = :account_id")
_TAKE = text(
    "INSERT INTO lanes (key_id, lane, account_id, load) VALUES (:key_id, :lane, :account_id, 1)"
    " ON CONFLICT (key_id, lane) DO UPDATE SET load = lanes.load + 1"
)
_LEAVE = text("UPDATE lanes SET load = load - 1 WHERE key_id = :key_id AND lane = :lane AND load > 0")


def take(tx: Transaction, key_id: str, account_id: str, most: int) -> int:
    """A place in the key's least loaded lane.

    Args:
        most: Unfinished tasks that an account may have.

    Raises:
        TooMany: it has that many.
    """
    if int(tx.connection.execute(_WAITING, {"account_id": account_id}).scalar() or 0) >= most:
        raise TooMany(
            f"your account has {most} unfinished tasks; wait for some to finish, or cancel them",
            retry_after=30,
            reason="queue_full",
        )
    limit = tx.connection.execute(_LIMIT, {"key_id": key_id}).scalar() or DEFAULT_LIMIT
    lane = _least_loaded(tx.connection.execute(_LOADS, {"key_id": key_id}).all(), int(limit))
    tx.connection.execute(_TAKE, {"key_id": key_id, "lane": lane, "account_id": account_id})
    return lane


def leave(tx: Transaction, key_id: str, lane: int) -> None:
    """One unfinished task less in the lane."""
    tx.connection.execute(_LEAVE, {"key_id": key_id, "lane": lane})


def _least_loaded(rows: Sequence[Row[Any]], limit: int) -> int:
    loads = {row.lane: row.load for row in rows}
    return min(range(limit), key=lambda lane: loads.get(lane, 0))
