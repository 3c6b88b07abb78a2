"""SQL TaskStore: every verb is one transaction, its event included."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, select, text

from kineograph.core import lifecycle
from kineograph.core.errors import IdempotencyInProgress, IdempotencyReused
from kineograph.core.fleet import About, Limits, Wanted, WorkerRow
from kineograph.core.ports import Event, Found, Idempotency, Inserted, Queue, Signal, Standing, TaskQuery
from kineograph.core.request import ImageInput
from kineograph.core.task import FETCH_QUEUE, Failure, Status, Task, Video
from kineograph.store import gates, registry, rows, schema
from kineograph.store.database import Database
from kineograph.store.position import Positions
from kineograph.store.prepared import Prepared, Record
from kineograph.store.queries import LAST_EVENT, count_of, events_after, list_of
from kineograph.store.reaper import Reaper
from kineograph.store.records import Records
from kineograph.store.search import find
from kineograph.store.writer import Transaction

KEY_LIFE = 86_400.0  # seconds that an idempotency key stands for its request, at least

_GET = Prepared(select(schema.tasks).where(schema.tasks.c.id == bindparam("row_id")))
_EARLIER = Prepared(text("SELECT body, task_id FROM idempotency WHERE key_id = :key_id AND value = :value"))
_INSERT_KEY = text(
    "INSERT INTO idempotency (key_id, value, body, task_id, created_at)"
    " VALUES (:key_id, :value, :body, :task_id, :created_at) ON CONFLICT (key_id, value) DO NOTHING"
)
_FORGET_KEYS = delete(schema.idempotency).where(schema.idempotency.c.created_at < bindparam("before"))
# Of the days before as well: the last round may have been missed.
_THIN = Prepared(
    text(
        "DELETE FROM events WHERE status = 'running' AND phase <> 'starting' AND task_id IN"
        " (SELECT id FROM tasks WHERE finished_at < :before AND finished_at > :before - 259200)"
    )
)
_STANDINGS = Prepared(
    text(
        "SELECT id, worker, attempt, cancel_requested FROM tasks WHERE id IN (SELECT value FROM json_each(:task_ids))"
    ),
    postgresql=text(
        "SELECT id, worker, attempt, cancel_requested FROM tasks"
        " WHERE id IN (SELECT json_array_elements_text(CAST(:task_ids AS json)))"
    ),
)
_KNOWN = Prepared(
    text(
        "SELECT 1 AS known WHERE EXISTS (SELECT 1 FROM tasks WHERE id = :owner)"
        " OR EXISTS (SELECT 1 FROM task_inputs WHERE file = :owner)"
    )
)
_FINISHED = (
    select(schema.tasks).where(schema.tasks.c.finished_at < bindparam("before")).order_by(schema.tasks.c.finished_at)
)
_EXPIRING = _FINISHED.where(schema.tasks.c.files_expired_at.is_(None)).limit(bindparam("most"))
_OLD = _FINISHED.limit(bindparam("most"))


class SqlTaskStore:
    """TaskStore on a database, with tickets in the durable queue.

    Args:
        limits: Of what is accepted.
    """

    def __init__(
        self,
        database: Database,
        queue: Queue[Connection],
        limits: Limits = Limits(),  # noqa: B008 - frozen
    ) -> None:
        self._database = database
        self.records = Records(queue, limits)
        self._positions = Positions(database)
        self.reaper = Reaper(database, self.records)

    async def insert(self, task: Task, idempotency: Idempotency | None = None) -> Inserted:
        """See the port."""

        def add(tx: Transaction) -> Inserted:
            earlier = None if idempotency is None else self._promise(tx, task.id, idempotency)
            return earlier or Inserted(self.records.add(tx, task))

        return await self._database.write(add)

    def _promise(self, tx: Transaction, task_id: str, idempotency: Idempotency) -> Inserted | None:
        """Let the key stand for this task, or tell for which it does already."""
        body = {"body": idempotency.body, "task_id": task_id, "created_at": tx.now}
        for _ in range(
            2
        ):  # on PostgreSQL the same request may be stored by another transaction between the two statements
            earlier = _earlier(_EARLIER.all(tx.connection, _key(idempotency)), idempotency)
            row = self.records.load(tx, earlier) if earlier else None
            if row is not None:
                return Inserted(rows.task_from(row), replayed=True)
            if tx.connection.execute(_INSERT_KEY, _key(idempotency) | body).rowcount:
                return None
        raise IdempotencyInProgress("this Idempotency-Key is in use just now; try again in a moment")

    async def replayed(self, idempotency: Idempotency) -> Task | None:
        """See the port."""
        earlier = _earlier(await self._database.look(_EARLIER, _key(idempotency)), idempotency)
        return await self.get(earlier) if earlier else None

    async def get(self, task_id: str) -> Task | None:
        """See the port."""
        found = await self._database.look(_GET, {"row_id": task_id})
        if not found:
            return None
        return rows.task_from(
            found[0], await self._positions.of(found[0]) if found[0].status == Status.QUEUED else None
        )

    async def list(self, query: TaskQuery) -> Sequence[Task]:
        """See the port."""
        statement = list_of(query)
        found = await self._database.read(lambda connection: connection.execute(statement).all())
        return [rows.task_from(row) for row in found]

    async def count(self, query: TaskQuery) -> int:
        """See the port."""
        statement = count_of(query)
        return int(await self._database.read(lambda connection: connection.execute(statement).scalar_one()))

    async def search(self, query: TaskQuery, words: Sequence[str]) -> Found:
        """See the port."""
        return await self._database.read(lambda connection: find(connection, query, words))

    async def prepared(self, task_id: str, images: Sequence[ImageInput]) -> bool:
        """See the port."""

        def note(tx: Transaction) -> bool:
            row = self.records.load(tx, task_id)
            if row is None or row.status != Status.QUEUED:
                return False
            if row.waits_in == FETCH_QUEUE:  # else its ticket came twice, and the other one did the work
                self.records.prepare(tx, row, lifecycle.prepare(rows.task_from(row), images, tx.now))
            return True

        return await self._database.write(note)

    async def refuse(self, task_id: str, failure: Failure) -> bool:
        """See the port."""

        def settle(tx: Transaction) -> bool:
            row = self.records.load(tx, task_id)
            if row is None or row.status != Status.QUEUED:
                return False
            self.records.save(tx, row, lifecycle.end(rows.task_from(row), tx.now, Status.FAILED, failure=failure))
            return True

        return await self._database.write(settle)

    async def start(self, task_id: str, worker: str) -> Task | None:
        """See the port."""

        def claim(tx: Transaction) -> Task | None:
            row = self.records.load(tx, task_id)
            if row is None or row.status != Status.QUEUED:
                return None
            if row.ready_at > tx.now:
                self.records.remind(tx, row)
                return None
            if not row.cancel_requested and (gate := gates.closed(tx, row)) is not None:
                if row.parked != gate:
                    self.records.park(tx, row, gate)
                return None
            task = self.records.save(tx, row, lifecycle.start(rows.task_from(row), worker, tx.now))
            return None if task.finished else task

        return await self._database.write(claim)

    async def report(self, claim: Task, progress: float, phase: str, resume_token: str | None = None) -> Signal:
        """See the port."""
        task = await self._of_claim(
            claim, lambda tx, task: lifecycle.report(task, progress, phase, resume_token, tx.now)
        )
        if task is None:
            return Signal.LOST
        return Signal.CANCEL if task.cancel_requested else Signal.GO_ON

    async def standings(self, task_ids: Collection[str]) -> Mapping[str, Standing]:
        """See the port."""
        found = await self._database.look(_STANDINGS, {"task_ids": json.dumps(list(task_ids))})
        return {row.id: Standing(row.worker, row.attempt, bool(row.cancel_requested)) for row in found}

    async def finish(self, claim: Task, video: Video) -> bool:
        """See the port."""
        return await self._of_claim(claim, lambda tx, task: lifecycle.finish(task, video, tx.now)) is not None

    async def fail(self, claim: Task, failure: Failure, delay: float = 0.0) -> Status | None:
        """See the port."""
        task = await self._of_claim(claim, lambda tx, task: lifecycle.fail(task, failure, tx.now), delay)
        return None if task is None else task.status

    async def release(self, claim: Task, delay: float = 0.0) -> bool:
        """See the port."""
        return await self._of_claim(claim, lambda tx, task: lifecycle.release(task, tx.now), delay) is not None

    async def reroute(self, claim: Task, engine: str, queue: str) -> bool:
        """See the port."""
        return await self._of_claim(claim, lambda tx, task: lifecycle.reroute(task, engine, queue, tx.now)) is not None

    async def _of_claim(
        self, claim: Task, change: Callable[[Transaction, Task], Task], delay: float = 0.0
    ) -> Task | None:
        """Change a task that is still held under this claim; None if it is not."""

        def apply(tx: Transaction) -> Task | None:
            row = self.records.load(tx, claim.id)
            task = None if row is None else rows.task_from(row)
            if row is None or task is None or not lifecycle.held(task, claim):
                return None
            return self.records.save(tx, row, change(tx, task), delay)

        return await self._database.write(apply)

    async def cancel(self, task_id: str) -> Task | None:
        """See the port."""

        def stop(tx: Transaction) -> Task | None:
            row = self.records.load(tx, task_id)
            if row is None:
                return None
            task = rows.task_from(row)
            changed = lifecycle.cancel(task, tx.now)
            return task if changed is task else self.records.save(tx, row, changed)

        return await self._database.write(stop)

    async def delete(self, task_id: str) -> bool:
        """See the port."""

        def wipe(tx: Transaction) -> bool:
            row = self.records.load(tx, task_id)
            if row is None or row.finished_at is None:
                return False
            self.records.remove(tx, [row])
            return True

        return await self._database.write(wipe)

    async def events(
        self, after: int, account_id: str | None = None, task_id: str | None = None, limit: int = 500
    ) -> Sequence[Event]:
        """See the port."""
        statement, parameters = events_after(after, account_id, task_id, limit)
        return [rows.event_from(row) for row in await self._database.look(statement, parameters)]

    async def last_event(self) -> int:
        """See the port."""
        found = await self._database.look(LAST_EVENT)
        return int(found[0].id)

    async def heartbeat(
        self,
        worker: str,
        queue: str,
        state: str,
        running: Sequence[str],
        about: About | None = None,
        fault: str | None = None,
    ) -> bool:
        """See the port."""
        return await self._database.write(lambda tx: registry.seen(tx, worker, queue, state, running, about, fault))

    async def wanted(self, workers: Sequence[str]) -> Mapping[str, Wanted]:
        """See the port."""
        return await registry.wanted(self._database, workers)

    async def workers(self) -> Sequence[WorkerRow]:
        """See the port."""
        return await registry.workers(self._database)

    async def reap(self, silent_for: float) -> Sequence[str]:
        """See the port."""
        return await self.reaper.reap(silent_for)

    async def abandon(self, prefix: str, failure: Failure) -> Sequence[str]:
        """See the port."""
        return await self.reaper.abandon(prefix, failure)

    async def overdue(self, waited: float, failure: Failure) -> Sequence[str]:
        """See the port."""
        return await self.reaper.overdue(waited, failure)

    async def expire(self) -> Sequence[str]:
        """See the port."""
        return await self.reaper.expire()

    async def expiring(self, finished_before: float, limit: int = 100) -> Sequence[Task]:
        """See the port."""
        terms = {"before": finished_before, "most": limit}
        found = await self._database.read(lambda connection: connection.execute(_EXPIRING, terms).all())
        return [rows.task_from(row) for row in found]

    async def files_expired(self, task_id: str) -> None:
        """See the port."""

        def remember(tx: Transaction) -> None:
            row = self.records.load(tx, task_id)
            if row is not None and row.finished_at is not None and row.files_expired_at is None:
                self.records.save(tx, row, lifecycle.change(rows.task_from(row), tx.now, files_expired_at=tx.now))

        await self._database.write(remember)

    async def purge(self, finished_before: float, limit: int = 100) -> int:
        """See the port."""

        def wipe(tx: Transaction) -> int:
            tx.connection.execute(_FORGET_KEYS, {"before": tx.now - KEY_LIFE})
            _THIN.run(tx.connection, {"before": tx.now - lifecycle.PROGRESS_KEPT})
            old = tx.connection.execute(_OLD, {"before": finished_before, "most": limit}).all()
            self.records.remove(tx, old)
            return len(old)

        return await self._database.write(wipe)

    async def knows_file(self, owner: str) -> bool:
        """See the port."""
        return bool(await self._database.look(_KNOWN, {"owner": owner}))


def _key(idempotency: Idempotency) -> dict[str, str]:
    return {"key_id": idempotency.key_id, "value": idempotency.value}


def _earlier(found: Sequence[Record], idempotency: Idempotency) -> str | None:
    """Id of the task that the idempotency key stands for. Raises IdempotencyReused."""
    if not found:
        return None
    if found[0].body != idempotency.body:
        raise IdempotencyReused("this Idempotency-Key was used with another body; use a new key for a new request")
    task_id: str = found[0].task_id
    return task_id
