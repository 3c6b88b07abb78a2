"""The stores in memory."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kineograph.core import lifecycle
from kineograph.core.deliveries import told, told_at_first
from kineograph.core.errors import IdempotencyReused, InvalidRequest, NotFound
from kineograph.core.files import FileInfo
from kineograph.core.fleet import ALIVE, About, Wanted, WorkerRow
from kineograph.core.names import is_file_name
from kineograph.core.ports import ABANDONED_AFTER, Event, Found, Idempotency, Inserted, Signal, Standing, TaskQuery
from kineograph.core.request import EXPIRED, ImageInput
from kineograph.core.task import Failure, Status, Task, Video
from kineograph.testing.deliveries import MemoryDeliveries
from kineograph.testing.ledger import MemoryLedger

Clock = Callable[[], float]


def _expired(task: Task) -> bool:
    return task.failure is not None and task.failure.reason == EXPIRED


def _turn(task: Task) -> tuple[int, str]:
    return -task.request.priority, task.id


@dataclass
class MemoryTaskStore:
    """TaskStore in memory. Tickets are the queued rows themselves: `start` any of them."""

    clock: Clock = time.time
    tasks: dict[str, Task] = field(default_factory=dict)
    log: list[Event] = field(default_factory=list)
    ready_at: dict[str, float] = field(default_factory=dict)
    keys: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    registry: dict[str, WorkerRow] = field(default_factory=dict)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    deliveries: MemoryDeliveries = field(init=False)
    _last: int = 0

    def __post_init__(self) -> None:
        self.deliveries = MemoryDeliveries(self.clock, self.ledger)

    def _put(self, task: Task) -> Task:
        before = self.tasks.get(task.id)
        if task.finished and task.id in self.ledger.held:
            self.ledger.settle(task)
        self.tasks[task.id] = task
        self._last += 1
        t = task
        self.log.append(
            Event(self._last, t.id, t.account_id, t.sequence, t.status, t.progress, t.phase, t.attempt, t.updated_at)
        )
        if told_at_first(task.request) if before is None else told(before, task):
            self.deliveries.tell(task, self._last)
        return task

    def _claimed(self, claim: Task) -> Task | None:
        row = self.tasks.get(claim.id)
        return row if lifecycle.held(row, claim) else None

    async def insert(self, task: Task, idempotency: Idempotency | None = None) -> Inserted:
        """See the port."""
        if idempotency is not None:
            earlier = await self.replayed(idempotency)
            if earlier is not None:
                return Inserted(earlier, replayed=True)
        self.ledger.accept(task)
        if idempotency is not None:
            self.keys[idempotency.key_id, idempotency.value] = (idempotency.body, task.id)
        return Inserted(self._put(replace(task, sequence=1, updated_at=self.clock())))

    async def replayed(self, idempotency: Idempotency) -> Task | None:
        """See the port."""
        body, task_id = self.keys.get((idempotency.key_id, idempotency.value), (None, ""))
        if body is not None and body != idempotency.body:
            raise IdempotencyReused("this Idempotency-Key was used with another body; use a new key for a new request")
        return self.tasks.get(task_id)

    async def get(self, task_id: str) -> Task | None:
        """See the port."""
        task = self.tasks.get(task_id)
        if task is None or task.status is not Status.QUEUED or (task.request.start_at or 0) > self.clock():
            return task
        queued = [other for other in self.tasks.values() if other.status is Status.QUEUED and other.queue == task.queue]
        due = [other for other in queued if (other.request.start_at or 0) <= self.clock()]
        ahead = sum(1 for other in due if other.key_id == task.key_id and _turn(other) < _turn(task))
        others = Counter(other.key_id for other in due if other.key_id != task.key_id)
        return replace(task, queue_position=ahead + int(sum(min(n, ahead + 0.5) for n in others.values())))

    async def list(self, query: TaskQuery) -> Sequence[Task]:
        """See the port."""
        rows = sorted(self._found(query), key=lambda task: task.id, reverse=not query.ascending)
        return rows[query.offset : query.offset + query.limit]

    async def count(self, query: TaskQuery) -> int:
        """See the port."""
        return len(self._found(query))

    def _found(self, query: TaskQuery) -> Sequence[Task]:
        def wanted(task: Task) -> bool:
            return (
                query.account_id in (None, task.account_id)
                and (query.after is None or (task.id > query.after if query.ascending else task.id < query.after))
                and (query.status is None or task.status is query.status)
                and (query.model is None or task.request.model == query.model)
                and (query.created_after is None or task.created_at >= query.created_after)
                and (query.created_before is None or task.created_at <= query.created_before)
                and all(task.request.metadata.get(name) == value for name, value in query.metadata.items())
                and (query.ids is None or task.id in query.ids)
                and (query.expired is None or _expired(task) is query.expired)
                and (query.flex is None or task.request.flex is query.flex)
            )

        return [task for task in self.tasks.values() if wanted(task)]

    async def search(self, query: TaskQuery, words: Sequence[str]) -> Found:
        """See the port. Memory is looked through at once."""
        wanted = [word.casefold() for word in words]
        rows = await self.list(replace(query, limit=len(self.tasks)))
        found = [task for task in rows if all(word in task.request.prompt.casefold() for word in wanted)]
        page = found[: query.limit]
        return Found(page, page[-1].id if len(found) > query.limit else None)

    async def prepared(self, task_id: str, images: Sequence[ImageInput]) -> bool:
        """See the port."""
        task = self.tasks.get(task_id)
        if task is None or task.status is not Status.QUEUED:
            return False
        self._put(lifecycle.prepare(task, images, self.clock()))
        return True

    async def refuse(self, task_id: str, failure: Failure) -> bool:
        """See the port."""
        task = self.tasks.get(task_id)
        if task is None or task.status is not Status.QUEUED:
            return False
        self._put(lifecycle.end(task, self.clock(), Status.FAILED, failure=failure))
        return True

    async def start(self, task_id: str, worker: str) -> Task | None:
        """See the port."""
        task = self.tasks.get(task_id)
        if task is None or task.status is not Status.QUEUED or self.ready_at.get(task_id, 0) > self.clock():
            return None
        task = self._put(lifecycle.start(task, worker, self.clock()))
        return None if task.finished else task

    async def report(self, claim: Task, progress: float, phase: str, resume_token: str | None = None) -> Signal:
        """See the port."""
        row = self._claimed(claim)
        if row is None:
            return Signal.LOST
        self._put(lifecycle.report(row, progress, phase, resume_token, self.clock()))
        return Signal.CANCEL if row.cancel_requested else Signal.GO_ON

    async def standings(self, task_ids: Collection[str]) -> Mapping[str, Standing]:
        """See the port."""
        found = [self.tasks[task_id] for task_id in task_ids if task_id in self.tasks]
        return {row.id: Standing(row.worker, row.attempt, row.cancel_requested) for row in found}

    async def finish(self, claim: Task, video: Video) -> bool:
        """See the port."""
        row = self._claimed(claim)
        if row is None:
            return False
        self._put(lifecycle.finish(row, video, self.clock()))
        return True

    async def fail(self, claim: Task, failure: Failure, delay: float = 0.0) -> Status | None:
        """See the port."""
        row = self._claimed(claim)
        if row is None:
            return None
        self.ready_at[row.id] = self.clock() + delay
        return self._put(lifecycle.fail(row, failure, self.clock())).status

    async def release(self, claim: Task, delay: float = 0.0) -> bool:
        """See the port."""
        row = self._claimed(claim)
        if row is None:
            return False
        self.ready_at[row.id] = self.clock() + delay
        self._put(lifecycle.release(row, self.clock()))
        return True

    async def reroute(self, claim: Task, engine: str, queue: str) -> bool:
        """See the port."""
        row = self._claimed(claim)
        if row is None:
            return False
        self._put(lifecycle.reroute(row, engine, queue, self.clock()))
        return True

    async def cancel(self, task_id: str) -> Task | None:
        """See the port."""
        task = self.tasks.get(task_id)
        if task is None:
            return None
        changed = lifecycle.cancel(task, self.clock())
        return task if changed is task else self._put(changed)

    async def delete(self, task_id: str) -> bool:
        """See the port."""
        task = self.tasks.get(task_id)
        if task is None or not task.finished:
            return False
        self.deliveries.forget(task)
        self.ledger.forget(self.tasks.pop(task_id))
        self.keys = {key: known for key, known in self.keys.items() if known[1] != task_id}
        self.log = [change for change in self.log if change.task_id != task_id]
        return True

    async def events(
        self, after: int, account_id: str | None = None, task_id: str | None = None, limit: int = 500
    ) -> Sequence[Event]:
        """See the port."""
        return [
            change
            for change in self.log
            if change.id > after and account_id in (None, change.account_id) and task_id in (None, change.task_id)
        ][:limit]

    async def last_event(self) -> int:
        """See the port."""
        return self.log[-1].id if self.log else 0

    async def heartbeat(
        self,
        worker: str,
        queue: str,
        state: str,
        running: Sequence[str],
        about: About | None = None,
        **said: str | None,
    ) -> bool:
        """See the port."""
        before, now = self.registry.get(worker), self.clock()
        row = before or WorkerRow(worker, queue, state, now, started_at=now)
        row = replace(row, queue=queue, state=state, seen_at=now, running=tuple(running), fault=said.get("fault"))
        self.registry[worker] = replace(row, about=about or row.about)
        return before is None or before.state != "dead"

    async def wanted(self, workers: Sequence[str]) -> Mapping[str, Wanted]:
        """See the port."""
        return {name: self.registry[name].wanted for name in workers if name in self.registry}

    async def workers(self) -> Sequence[WorkerRow]:
        """See the port."""
        return list(self.registry.values())

    async def reap(self, silent_for: float) -> Sequence[str]:
        """See the port."""
        before = self.clock() - silent_for
        for row in self.registry.values():
            if row.state in ALIVE and row.seen_at <= before:
                self.registry[row.id] = replace(row, state="dead")
        lost = [task for task in self.tasks.values() if task.status is Status.RUNNING and self._lost(task, before)]
        for task in lost:
            self._put(lifecycle.fail(task, lifecycle.DIED, self.clock()))
        return [task.id for task in lost]

    def _lost(self, task: Task, before: float) -> bool:
        worker = self.registry.get(task.worker or "")
        if worker is not None and worker.state not in ALIVE:
            return True
        return (worker is None or task.id not in worker.running) and task.updated_at <= before

    async def abandon(self, prefix: str, failure: Failure) -> Sequence[str]:
        """See the port."""
        served = {row.queue for row in self.registry.values() if row.state in ALIVE}
        before = self.clock() - ABANDONED_AFTER
        found = [
            task
            for task in self.tasks.values()
            if task.status is Status.QUEUED
            and task.queue.startswith(prefix)
            and task.queue not in served
            and task.created_at <= before
        ]
        for task in found:
            self._put(lifecycle.end(task, self.clock(), Status.FAILED, failure=failure))
        return [task.id for task in found]

    async def overdue(self, waited: float, failure: Failure) -> Sequence[str]:
        """See the port."""
        before = self.clock() - waited
        queued = [task for task in self.tasks.values() if task.status is Status.QUEUED and task.started_at is None]
        found = [task for task in queued if max(task.created_at, task.request.start_at or 0) <= before]
        for task in found:
            self._put(lifecycle.end(task, self.clock(), Status.FAILED, failure=failure))
        return [task.id for task in found]

    async def expire(self) -> Sequence[str]:
        """See the port."""
        now = self.clock()
        late = [(task, lifecycle.overtime(task, now)) for task in self.tasks.values() if not task.finished]
        return [
            self._put(lifecycle.end(task, now, Status.FAILED, failure=failure)).id for task, failure in late if failure
        ]

    async def expiring(self, finished_before: float, limit: int = 100) -> Sequence[Task]:
        """See the port."""
        rows = [
            t
            for t in self.tasks.values()
            if t.finished_at and t.finished_at < finished_before and t.files_expired_at is None
        ]
        return sorted(rows, key=lambda task: task.finished_at or 0)[:limit]

    async def files_expired(self, task_id: str) -> None:
        """See the port."""
        task = self.tasks.get(task_id)
        if task is not None and task.finished and task.files_expired_at is None:
            self._put(lifecycle.change(task, self.clock(), files_expired_at=self.clock()))

    async def purge(self, finished_before: float, limit: int = 100) -> int:
        """See the port."""
        before = self.clock() - lifecycle.PROGRESS_KEPT
        past = {t.id for t in self.tasks.values() if t.finished_at and t.finished_at < before}
        self.log = [
            change
            for change in self.log
            if change.task_id not in past or change.status is not Status.RUNNING or change.phase == "starting"
        ]
        old = [t.id for t in self.tasks.values() if t.finished_at and t.finished_at < finished_before][:limit]
        for task_id in old:
            await self.delete(task_id)
        return len(old)

    async def knows_file(self, owner: str) -> bool:
        """See the port."""
        source = f"file:{owner}"
        return owner in self.tasks or any(
            image.source == source for task in self.tasks.values() if not task.finished for image in task.request.images
        )


@dataclass
class MemoryFileStore:
    """FileStore in memory."""

    clock: Clock = time.time
    files: dict[str, tuple[bytes, float]] = field(default_factory=dict)

    async def put(self, name: str, source: Path | bytes) -> None:
        """See the port."""
        if not is_file_name(name):
            raise InvalidRequest(f"{name[:100]!r} is no file name")
        data = source if isinstance(source, bytes) else await asyncio.to_thread(source.read_bytes)
        self.files[name] = (data, self.clock())

    async def head(self, name: str) -> FileInfo | None:
        """See the port."""
        if name not in self.files:
            return None
        data, modified = self.files[name]
        return FileInfo(name, len(data), modified)

    async def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """See the port."""
        if name not in self.files:
            raise NotFound(f"no file {name!r}")
        yield self.files[name][0][start:end]

    async def fetch(self, name: str, into: Path) -> None:
        """See the port."""
        if name not in self.files:
            raise NotFound(f"no file {name!r}")
        await asyncio.to_thread(into.write_bytes, self.files[name][0])

    async def delete(self, name: str) -> None:
        """See the port."""
        self.files.pop(name, None)

    async def list(self, prefix: str) -> AsyncIterator[FileInfo]:
        """See the port."""
        for name, (data, modified) in sorted(self.files.items()):
            if name.startswith(prefix):
                yield FileInfo(name, len(data), modified)

    async def check(self) -> None:
        """See the port. Memory is always there."""

    async def link(self, name: str, seconds: int) -> str | None:  # noqa: ARG002 - the port's signature
        """See the port. Nobody else can look into our memory."""
        return None
