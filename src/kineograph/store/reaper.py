"""The reaper: workers that fell silent are dead, what they were making goes back, tickets that got lost are found."""

from __future__ import annotations

import asyncio
import functools
import json
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text

from kineograph.core import lifecycle
from kineograph.core.fleet import ALIVE
from kineograph.core.ports import ABANDONED_AFTER, Ticket
from kineograph.core.request import EXPIRES_MIN
from kineograph.core.task import Failure, Status, Task
from kineograph.store import rows
from kineograph.store.database import Database
from kineograph.store.prepared import Record
from kineograph.store.queries import TIMED
from kineograph.store.records import Records, ticket_of
from kineograph.store.spread import crowded, deal
from kineograph.store.writer import Transaction
from kineograph.telemetry import event

LEASE = 10.0  # seconds; shorter than the silence that makes a worker dead, so a dead reaper costs no extra wait
GONE = 86_400.0  # seconds after which a dead worker's row is forgotten; its tickets came back long before
GAP = 1.0  # seconds between two looks that are no gap, however short the lease
NEVER = 10.0**9  # seconds
HEADS = 50  # tasks at the head of the queue whose tickets are looked for: one that lost its ticket ends up there

_LEASE = text(
    "INSERT INTO leases (name, holder, until) VALUES (:name, :holder, :until) ON CONFLICT (name) DO UPDATE"
    " SET holder = :holder, until = :until WHERE leases.holder = :holder OR leases.until <= :now RETURNING holder"
)
_FORGET = text("DELETE FROM workers WHERE seen_at < :before AND state NOT IN ('up', 'draining')")
_SILENT = text(
    "UPDATE workers SET state = 'dead' WHERE state IN ('up', 'draining') AND seen_at <= :before RETURNING id"
)
_WORKERS = text("SELECT id, state, running FROM workers")
_CLAIMS = text("SELECT id, worker, attempt, updated_at FROM tasks WHERE status = 'running'")
_WAITING = text(
    "SELECT id, key_id, waits_in, lane, tickets, turn FROM tasks"
    " WHERE status = 'queued' AND parked IS NULL AND ready_at <= :before ORDER BY id LIMIT :heads"
)


_ABANDONED = text(
    "SELECT id FROM tasks WHERE status = 'queued' AND queue >= :prefix AND queue < :beyond AND created_at <= :before"
    " AND NOT EXISTS (SELECT 1 FROM workers WHERE workers.queue = tasks.queue AND workers.state IN ('up', 'draining'))"
)
_HELD = text("SELECT DISTINCT queue FROM lanes WHERE load > 0")
_OVERDUE = text(
    "SELECT id FROM tasks WHERE status = 'queued' AND queue = :queue AND due_at <= :before AND started_at IS NULL"
    " ORDER BY due_at LIMIT :most"
)
# Two selects for two partial indexes. Only tasks old enough that their time can be over.
_TIMED = text(
    " UNION ALL ".join(
        f"SELECT * FROM tasks WHERE status = '{status}' AND created_at <= :before AND request LIKE :mark"  # noqa: S608 - our own words
        for status in ("queued", "running")
    )
)
AT_ONCE = 200  # tasks that waited too long and are settled in one round


def lead(tx: Transaction, name: str, holder: str, seconds: float) -> bool:
    """Take or keep the lease of that name. Whoever holds it is the one who does what it stands for."""
    terms = {"name": name, "holder": holder, "until": tx.now + seconds, "now": tx.now}
    return tx.connection.execute(_LEASE, terms).one_or_none() is not None


@dataclass(slots=True)
class _Round:
    """What a round finds: workers that are gone, tasks that are being made, tasks that are not any more."""

    before: float
    judging: bool
    gone: set[str] = field(default_factory=set)
    busy: dict[str, frozenset[str]] = field(default_factory=dict)
    waiting: list[Ticket] = field(default_factory=list)
    lost: list[Record] = field(default_factory=list)

    def misses(self, claim: Record) -> bool:
        """Whether nobody makes this running task. A worker not heard of yet has as long as a silent one."""
        if claim.worker in self.gone:
            return True
        silent = claim.id not in self.busy.get(claim.worker or "", ()) and claim.updated_at <= self.before
        return silent and self.judging


class Watch:
    """For how long the database has been there without a gap, as far as this process saw.

    While it is away nobody's heartbeat is heard: when it returns, all look dead. Silence counts only where the one who
    judges would have heard a word.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = self._seen = clock()

    def see(self, silent_for: float) -> bool:
        """The database is there now. Whether it was for all of the last `silent_for` seconds."""
        now = self._clock()
        if now - self._seen > max(silent_for / 2, GAP):
            self._since = now
        self._seen = now
        return now - self._since >= silent_for


class Reaper:
    """Looks after the claims of one database. Everything is settled in a small transaction of its own."""

    def __init__(self, database: Database, records: Records, watch: Watch | None = None) -> None:
        self._database = database
        self._records = records
        self._holder = uuid.uuid4().hex
        self._watch = watch or Watch()

    async def reap(self, silent_for: float) -> Sequence[str]:
        """See TaskStore.reap."""
        found = await self._database.write(lambda tx: self._look(tx, silent_for))
        if found is None:
            return []
        returned = await asyncio.gather(*(self._return(claim) for claim in found.lost))
        for key_id, queue, lanes in await self._database.write(crowded):
            await self._database.write(functools.partial(deal, self._records, key_id, queue, lanes))
        await self._database.write(lambda tx: tx.after.append(lambda: self._recover(found, silent_for)))
        return [task_id for task_id in returned if task_id is not None]

    def _look(self, tx: Transaction, silent_for: float) -> _Round | None:
        judging = self._watch.see(silent_for)
        if not lead(tx, "reaper", self._holder, LEASE):
            return None
        found = _Round(before=tx.now - silent_for, judging=judging)
        tx.connection.execute(_FORGET, {"before": tx.now - GONE})
        if judging:
            for row in tx.connection.execute(_SILENT, {"before": found.before}).all():
                event("worker.dead", worker=row.id)
        for row in tx.connection.execute(_WORKERS):
            if row.state in ALIVE:
                found.busy[row.id] = frozenset(json.loads(row.running))
            else:
                found.gone.add(row.id)
        found.lost = [claim for claim in tx.connection.execute(_CLAIMS).all() if found.misses(claim)]
        heads = {"before": found.before, "heads": HEADS}
        found.waiting = [ticket_of(row) for row in tx.connection.execute(_WAITING, heads)]
        return found

    async def _return(self, claim: Record) -> str | None:
        """Its id if the task was still held under this claim; it is queued again, or settled."""

        def settle(tx: Transaction) -> str | None:
            row = self._records.load(tx, claim.id)
            if row is None or (row.status, row.worker, row.attempt) != (Status.RUNNING, claim.worker, claim.attempt):
                return None
            after = self._records.save(tx, row, lifecycle.fail(rows.task_from(row), lifecycle.DIED, tx.now))
            if after.finished:
                self._records.call_off(tx, row)
            event("task.lost", task_id=row.id, worker=claim.worker, attempt=row.attempt)
            return claim_id

        claim_id: str = claim.id
        return await self._database.write(settle)

    def _recover(self, found: _Round, silent_for: float) -> None:
        """In the writer's thread, after the commit: between it and here nothing can be lost that the next round will miss."""
        self._database.backend.free()
        busy = frozenset[str]().union(*found.busy.values())
        older_than = silent_for if found.judging else NEVER
        missing = self._records.queue.recover(found.gone, busy, older_than, found.waiting)
        if missing:
            with self._database.begin() as tx:
                for ticket in missing:
                    self._records.reissue(tx, ticket.task_id, ticket.number)
                    event("task.ticket_lost", task_id=ticket.task_id)

    async def abandon(self, prefix: str, failure: Failure) -> Sequence[str]:
        """See TaskStore.abandon."""

        def find(tx: Transaction) -> Sequence[str]:
            terms = {"prefix": prefix, "beyond": f"{prefix}\U0010ffff", "before": tx.now - ABANDONED_AFTER}
            return tx.connection.execute(_ABANDONED, terms).scalars().all()

        return await self._give_up(find, lambda task, _now: failure if task.status is Status.QUEUED else None)

    async def overdue(self, waited: float, failure: Failure) -> Sequence[str]:
        """See TaskStore.overdue."""

        def find(tx: Transaction) -> Sequence[str]:
            terms = {"before": tx.now - waited, "most": AT_ONCE}
            queues = tx.connection.execute(_HELD).scalars().all()
            found = [tx.connection.execute(_OVERDUE, terms | {"queue": queue}).scalars().all() for queue in queues]
            return [task_id for each in found for task_id in each]

        return await self._give_up(find, lambda task, _now: failure if task.status is Status.QUEUED else None)

    async def expire(self) -> Sequence[str]:
        """See TaskStore.expire."""

        def find(tx: Transaction) -> Sequence[str]:
            terms = {"mark": TIMED, "before": tx.now - EXPIRES_MIN}
            tasks = [rows.task_from(row) for row in tx.connection.execute(_TIMED, terms)]
            return [task.id for task in tasks if lifecycle.overtime(task, tx.now)][:AT_ONCE]

        return await self._give_up(find, lifecycle.overtime)

    async def _give_up(
        self, find: Callable[[Transaction], Sequence[str]], why: Callable[[Task, float], Failure | None]
    ) -> Sequence[str]:
        """Fail the unfinished tasks that are found, if there is a reason still."""

        def settle(tx: Transaction, task_id: str) -> bool:
            row = self._records.load(tx, task_id)
            task = None if row is None else rows.task_from(row)
            if row is None or task is None or task.finished or (failure := why(task, tx.now)) is None:
                return False
            self._records.save(tx, row, lifecycle.end(task, tx.now, Status.FAILED, failure=failure))
            if task.status is Status.RUNNING:
                self._records.call_off(tx, row)
            return True

        found = await self._database.write(find)
        settled = [await self._database.write(functools.partial(settle, task_id=task_id)) for task_id in found]
        return [task_id for task_id, done in zip(found, settled, strict=True) if done]
