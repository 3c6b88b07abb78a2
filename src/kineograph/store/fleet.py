"""SQL Fleet: what the operator sees of workers and queues, and says to them."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, delete, insert, text

from kineograph.core.fleet import LOCAL, Census, Doing, Ended, QueueRow, QueueState, Wanted, WorkerRow
from kineograph.core.task import FETCH_QUEUE
from kineograph.store import gates, lanes, registry, schema
from kineograph.store.database import Database
from kineograph.store.prepared import Prepared
from kineograph.store.reaper import lead
from kineograph.store.records import Records
from kineograph.store.writer import Transaction

_KNOW = Prepared(text("INSERT INTO queue_rules (name, state) VALUES (:name, 'open') ON CONFLICT (name) DO NOTHING"))
_RULES = Prepared(text("SELECT name, state, running_cap FROM queue_rules ORDER BY name"))
_SET_STATE = Prepared(
    text("INSERT INTO queue_rules (name, state) VALUES (:name, :state) ON CONFLICT (name) DO UPDATE SET state = :state")
)
_SET_CAP = Prepared(
    text(
        "INSERT INTO queue_rules (name, state, running_cap) VALUES (:name, 'open', :cap)"
        " ON CONFLICT (name) DO UPDATE SET running_cap = :cap"
    )
)
_HELD = Prepared(text("SELECT queue, sum(load) AS n FROM lanes WHERE load > 0 GROUP BY queue"))
_RUNNING = Prepared(text("SELECT queue, count(*) AS n FROM tasks WHERE status = 'running' GROUP BY queue"))
_WORKERS = Prepared(text("SELECT queue, count(*) AS n FROM workers WHERE state = 'up' GROUP BY queue"))
_WANTED = Prepared(text("SELECT queue, wanted AS n FROM autoscale_demand"))
_MODELS = Prepared(text("SELECT queue, model, sum(load) AS n FROM lanes WHERE load > 0 GROUP BY queue, model"))
_RUNNING_MODELS = Prepared(
    text("SELECT queue, model, count(*) AS n FROM tasks WHERE status = 'running' GROUP BY queue, model")
)
_ENDED = Prepared(
    text(
        "SELECT queue, model, status, failure, due_at, started_at, finished_at FROM tasks"
        " WHERE finished_at > :after AND finished_at <= :before"
    )
)
_DOING = Prepared(text("SELECT id, model, progress, phase FROM tasks WHERE id = :id"))
_OLDEST = Prepared(text("SELECT min(due_at) AS at FROM tasks WHERE status = 'queued' AND queue = :queue"))


class SqlFleet:
    """Fleet on a database.

    Args:
        records: The task store's.
    """

    def __init__(self, database: Database, records: Records) -> None:
        self._database = database
        self._records = records
        self._queue = records.queue

    async def workers(self) -> Sequence[WorkerRow]:
        """See the port."""
        return await registry.workers(self._database)

    async def doing(self, task_ids: Sequence[str]) -> Mapping[str, Doing]:
        """See the port."""
        found = [row for task_id in task_ids for row in await self._database.look(_DOING, {"id": task_id})]
        return {row.id: Doing(row.model, row.progress, row.phase) for row in found}

    async def want(self, worker_ids: Sequence[str], wanted: Wanted) -> None:
        """See the port."""

        def tell(tx: Transaction) -> None:
            for worker in worker_ids:
                registry.want(tx, worker, wanted)

        await self._database.write(tell)

    async def states(self) -> Mapping[str, QueueState]:
        """See the port."""
        return {row.name: QueueState(row.state) for row in await self._database.look(_RULES)}

    async def census(self) -> Sequence[Census]:
        """See the port."""
        look = self._database.look
        running = {(row.queue, row.model): int(row.n) for row in await look(_RUNNING_MODELS)}
        found = [
            Census(row.queue, row.model, int(row.n), running.get((row.queue, row.model), 0))
            for row in await look(_MODELS)
        ]
        return [replace(each, waiting=max(0, each.waiting - each.running)) for each in found]

    async def ended(self, after: float, before: float) -> Sequence[Ended]:
        """See the port."""
        return [
            Ended(
                row.queue,
                row.model,
                row.status,
                json.loads(row.failure)["reason"] if row.failure else "",
                max(0.0, (row.started_at or row.finished_at) - row.due_at),
                row.finished_at - row.started_at if row.started_at else None,
            )
            for row in await self._database.look(_ENDED, {"after": after, "before": before})
        ]

    async def now(self) -> float:
        """See the port."""
        return await self._database.time()

    async def queues(self) -> Sequence[QueueRow]:
        """See the port."""
        look = self._database.look
        rules = {row.name: row for row in await look(_RULES)}
        held, running, workers, wanted = [_counts(await look(each)) for each in (_HELD, _RUNNING, _WORKERS, _WANTED)]
        names = sorted(name for name in {*rules, *held, *workers} if not name.startswith(LOCAL))
        oldest = {name: (await look(_OLDEST, {"queue": name}))[0].at for name in names}
        now = await self._database.time()
        return [
            QueueRow(
                name,
                state=QueueState(rules[name].state) if name in rules else QueueState.OPEN,
                running_cap=rules[name].running_cap if name in rules else None,
                waiting=max(0, held.get(name, 0) - running.get(name, 0)),
                runnable=max(0, wanted.get(name, 0) - running.get(name, 0)),
                running=running.get(name, 0),
                workers=workers.get(name, 0),
                oldest_wait=max(0.0, now - (oldest[name] or now)),
            )
            for name in names
        ]

    async def set_state(self, queue: str, state: QueueState) -> None:
        """See the port."""

        def say(tx: Transaction) -> None:
            _SET_STATE.run(tx.connection, {"name": queue, "state": str(state)})
            paused = state is QueueState.PAUSED
            tx.after.append(
                functools.partial(self._queue.pace, queue, paused, self._alive(tx.connection).get(queue, 0))
            )
            if not paused:
                self._let_go(tx, f"paused:{queue}", gates.ROOM)

        await self._database.write(say)

    async def set_cap(self, queue: str, cap: int | None) -> None:
        """See the port."""

        def say(tx: Transaction) -> None:
            _SET_CAP.run(tx.connection, {"name": queue, "cap": cap})
            self._let_go_all(tx)

        await self._database.write(say)

    async def relane(self, key_id: str) -> None:
        """See the port."""

        def fold(tx: Transaction) -> None:
            lanes.fold(tx, self._queue, key_id)
            self._let_go_all(tx)

        await self._database.write(fold)

    async def lead(self, name: str, holder: str, seconds: float) -> bool:
        """See the port."""
        return await self._database.write(lambda tx: lead(tx, name, holder, seconds))

    async def know(self, queues: Sequence[str], caps: Mapping[str, int]) -> None:
        """Tell the database what the catalogue says.

        Args:
            queues: Their names.
            caps: Model -> how many of its films may run at once; models without one are left out.
        """

        def note(tx: Transaction) -> None:
            for name in queues:
                _KNOW.run(tx.connection, {"name": name})
            tx.connection.execute(delete(schema.model_caps))
            for model, cap in caps.items():
                tx.connection.execute(insert(schema.model_caps), {"model": model, "running_cap": cap})
            self._let_go_all(tx)

        await self._database.write(note)

    async def tend(self) -> None:
        """See the port."""

        def look(tx: Transaction) -> None:
            self._let_go_all(tx)
            states = {row.name: row.state for row in _RULES.all(tx.connection, {})}
            alive = self._alive(tx.connection)
            alive[FETCH_QUEUE] = sum(alive.values())
            for name, workers in alive.items():
                paused = states.get(name) == QueueState.PAUSED
                tx.after.append(functools.partial(self._queue.pace, name, paused, workers))
            tx.after.append(self._queue.adopt)

        await self._database.write(look)

    def _let_go_all(self, tx: Transaction) -> None:
        for gate, room in list(gates.waiting(tx)):
            self._let_go(tx, gate, room)

    def _let_go(self, tx: Transaction, gate: str, most: int) -> None:
        key = ""
        for _ in range(min(most, gates.ROOM)):
            row = gates.following(tx, gate, key)
            if row is None:
                return
            key = row.key_id
            self._records.unpark(tx, [row])

    def _alive(self, connection: Connection) -> dict[str, int]:
        return _counts(_WORKERS.all(connection, {}))


def _counts(found: Sequence[object]) -> dict[str, int]:
    return {row.queue: int(row.n) for row in found}  # type: ignore[attr-defined]  # rows of (queue, n)
