"""The reaper: workers that fell silent are dead, what they were making goes back, tickets that got lost are found."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import text

from kineograph.core import lifecycle
from kineograph.core.fleet import ALIVE
from kineograph.core.ports import Ticket
from kineograph.store import rows
from kineograph.store.database import Database
from kineograph.store.records import Records, ticket_of
from kineograph.store.spread import spread
from kineograph.store.writer import Transaction
from kineograph.telemetry import event

LEASE = 10.0  # seconds; shorter than the silence that makes a worker dead, so a dead reaper costs no extra wait
GONE = 86_400.0  # seconds after which a dead worker's row is forgotten; its tickets came back long before
HEADS = 50  # tasks at the head of the queue whose tickets are looked for: one that lost its ticket ends up there

_LEASE = text(
    "INSERT INTO leases (name, holder, until) VALUES ('reaper', :holder, :until) ON CONFLICT (name) DO UPDATE"
    " SET holder = :holder, until = :until WHERE leases.holder = :holder OR leases.until <= :now RETURNING holder"
)
_FORGET = text("DELETE FROM workers WHERE seen_at < :before AND state NOT IN ('up', 'draining')")
_SILENT = text(
    "UPDATE workers SET state = 'dead' WHERE state IN ('up', 'draining') AND seen_at <= :before RETURNING id"
)
_WORKERS = text("SELECT id, state, running FROM workers")
_CLAIMS = text("SELECT id, worker, updated_at FROM tasks WHERE status = 'running'")
_WAITING = text(
    "SELECT id, key_id, waits_in, lane, tickets, turn FROM tasks"
    " WHERE status = 'queued' AND parked IS NULL AND ready_at <= :before ORDER BY id LIMIT :heads"
)


@dataclass(slots=True)
class _Round:
    """What a round finds: workers that are gone, tasks that are being made, tasks that are not any more."""

    before: float
    gone: set[str] = field(default_factory=set)
    busy: dict[str, frozenset[str]] = field(default_factory=dict)
    waiting: list[Ticket] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)

    def lost(self, task_id: str, worker: str | None, updated_at: float) -> bool:
        """Whether nobody makes this running task. A worker not heard of yet has as long as a silent one."""
        if worker in self.gone:
            return True
        return task_id not in self.busy.get(worker or "", ()) and updated_at <= self.before


class Reaper:
    """Looks after the claims of one database."""

    def __init__(self, database: Database, records: Records) -> None:
        self._database = database
        self._records = records
        self._holder = uuid.uuid4().hex

    async def reap(self, silent_for: float) -> Sequence[str]:
        """See TaskStore.reap."""

        def settle(tx: Transaction) -> Sequence[str]:
            if not self._lead(tx):
                return []
            found = self._look(tx, silent_for)
            self._return_claims(tx, found)
            spread(tx, self._records)
            tx.after.append(lambda: self._recover(found, silent_for))
            return found.returned

        return await self._database.write(settle)

    def _lead(self, tx: Transaction) -> bool:
        terms = {"holder": self._holder, "until": tx.now + LEASE, "now": tx.now}
        return tx.connection.execute(_LEASE, terms).one_or_none() is not None

    def _look(self, tx: Transaction, silent_for: float) -> _Round:
        found = _Round(before=tx.now - silent_for)
        tx.connection.execute(_FORGET, {"before": tx.now - GONE})
        for row in tx.connection.execute(_SILENT, {"before": found.before}).all():
            event("worker.dead", worker=row.id)
        for row in tx.connection.execute(_WORKERS):
            if row.state in ALIVE:
                found.busy[row.id] = frozenset(json.loads(row.running))
            else:
                found.gone.add(row.id)
        heads = {"before": found.before, "heads": HEADS}
        found.waiting = [ticket_of(row) for row in tx.connection.execute(_WAITING, heads)]
        return found

    def _return_claims(self, tx: Transaction, found: _Round) -> None:
        for claim in tx.connection.execute(_CLAIMS).all():
            row = self._records.load(tx, claim.id) if found.lost(claim.id, claim.worker, claim.updated_at) else None
            if row is not None:
                self._records.save(tx, row, lifecycle.fail(rows.task_from(row), lifecycle.DIED, tx.now))
                found.returned.append(row.id)
                event("task.lost", task_id=row.id, worker=claim.worker, attempt=row.attempt)

    def _recover(self, found: _Round, silent_for: float) -> None:
        """In the writer's thread, after the commit: between it and here nothing can be lost that the next round will miss."""
        busy = frozenset[str]().union(*found.busy.values())
        missing = self._records.queue.recover(found.gone, busy, silent_for, found.waiting)
        if missing:
            with self._database.begin() as tx:
                for ticket in missing:
                    self._records.reissue(tx, ticket.task_id, ticket.number)
                    event("task.ticket_lost", task_id=ticket.task_id)
