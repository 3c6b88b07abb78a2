"""How many tasks go before one that waits: those of its own key, and the other keys' share of the turns until then."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import text

from kineograph.store.database import Database
from kineograph.store.gates import LATER
from kineograph.store.prepared import Prepared, Record

AHEAD = 1000  # counted up to here; a number beyond it helps nobody and costs a scan
FRESH = 1.0  # seconds that the other keys' loads are taken as they were

_MINE = Prepared(
    text(
        "SELECT count(*) AS n FROM (SELECT 1 FROM tasks WHERE status = 'queued' AND key_id = :key_id AND queue = :queue"
        " AND (turn, id) < (:turn, :id) AND (parked IS NULL OR parked <> 'later') LIMIT :most) AS ahead"
    )
)
_LOADS = Prepared(
    text(
        "SELECT queue, key_id, sum(load) AS load, count(DISTINCT lane) AS lanes FROM lanes WHERE load > 0"
        " GROUP BY queue, key_id"
    )
)
_RUNNING = Prepared(
    text("SELECT queue, key_id, count(*) AS n FROM tasks WHERE status = 'running' GROUP BY queue, key_id")
)


class Positions:
    """Counts positions on one database.

    Args:
        clock: Seconds.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._until = -FRESH
        self._loads: dict[str, dict[str, tuple[int, int]]] = {}  # queue -> key -> waiting, lanes

    async def of(self, row: Record) -> int | None:
        """Place of the queued task in this row, 0 = next; None before the start it asked for.

        Keys take turns, each with as many tasks as it has lanes. While the tasks before it of its own key are started, each
        other key therefore starts as many, by lanes, and half a turn more on average.
        """
        if row.parked == LATER and row.ready_at > await self._database.time():
            return None
        terms = {"key_id": row.key_id, "queue": row.queue, "turn": row.turn, "id": row.id, "most": AHEAD}
        mine = int((await self._database.look(_MINE, terms))[0].n)
        keys = await self._of_queue(row.queue)
        turns = (mine + 0.5) / keys.get(row.key_id, (1, 1))[1]
        others = sum(min(waiting, turns * lanes) for key, (waiting, lanes) in keys.items() if key != row.key_id)
        return min(AHEAD, mine + int(others))

    async def _of_queue(self, queue: str) -> dict[str, tuple[int, int]]:
        if self._clock() >= self._until:
            self._until = self._clock() + FRESH
            found = await self._database.look(_RUNNING)
            running = {(row.queue, row.key_id): row.n for row in found}
            loads: dict[str, dict[str, tuple[int, int]]] = {}
            for row in await self._database.look(_LOADS):
                waiting = int(row.load) - running.get((row.queue, row.key_id), 0)
                if waiting > 0:
                    loads.setdefault(row.queue, {})[row.key_id] = (waiting, int(row.lanes))
            self._loads = loads
        return self._loads.get(queue, {})
