"""The fleet in memory, over the tasks in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kineograph.core.fleet import LOCAL, Census, Doing, Ended, QueueRow, QueueState, Wanted, WorkerRow
from kineograph.core.task import Status
from kineograph.testing.stores import MemoryTaskStore


@dataclass
class MemoryFleet:
    """Fleet in memory. It shows and remembers; nothing is held back by it."""

    store: MemoryTaskStore
    rules: dict[str, QueueState] = field(default_factory=dict)
    caps: dict[str, int | None] = field(default_factory=dict)
    leases: dict[str, tuple[str, float]] = field(default_factory=dict)

    async def workers(self) -> Sequence[WorkerRow]:
        """See the port."""
        return await self.store.workers()

    async def doing(self, task_ids: Sequence[str]) -> Mapping[str, Doing]:
        """See the port."""
        found = [self.store.tasks[task_id] for task_id in task_ids if task_id in self.store.tasks]
        return {task.id: Doing(task.request.model, task.progress, task.phase) for task in found}

    async def want(self, worker_ids: Sequence[str], wanted: Wanted) -> None:
        """See the port."""
        for name in worker_ids:
            self.store.registry[name] = replace(self.store.registry[name], wanted=wanted)

    async def states(self) -> Mapping[str, QueueState]:
        """See the port."""
        return dict(self.rules)

    async def queues(self) -> Sequence[QueueRow]:
        """See the port. Runnable is whatever waits."""
        tasks = [task for task in self.store.tasks.values() if not task.finished]
        names = {*self.rules, *(task.queue for task in tasks), *(row.queue for row in self.store.registry.values())}
        return [self._row(name) for name in sorted(names) if not name.startswith(LOCAL)]

    def _row(self, name: str) -> QueueRow:
        tasks = [task for task in self.store.tasks.values() if task.queue == name]
        queued = [task for task in tasks if task.status is Status.QUEUED]
        workers = [row for row in self.store.registry.values() if row.queue == name and row.state == "up"]
        return QueueRow(
            name,
            state=self.rules.get(name, QueueState.OPEN),
            running_cap=self.caps.get(name),
            waiting=len(queued),
            runnable=len(queued),
            running=sum(1 for task in tasks if task.status is Status.RUNNING),
            workers=len(workers),
            oldest_wait=max((self.store.clock() - task.created_at for task in queued), default=0.0),
        )

    async def census(self) -> Sequence[Census]:
        """See the port."""
        found = Counter(
            (task.queue, task.request.model, task.status) for task in self.store.tasks.values() if not task.finished
        )
        return [
            Census(queue, model, found[queue, model, Status.QUEUED], found[queue, model, Status.RUNNING])
            for queue, model in sorted({(queue, model) for queue, model, _ in found})
        ]

    async def ended(self, after: float, before: float) -> Sequence[Ended]:
        """See the port."""
        return [
            Ended(
                task.queue,
                task.request.model,
                task.status,
                task.failure.reason if task.failure else "",
                (task.started_at or task.finished_at) - task.created_at,
                task.finished_at - task.started_at if task.started_at else None,
            )
            for task in self.store.tasks.values()
            if task.finished_at is not None and after < task.finished_at <= before
        ]

    async def now(self) -> float:
        """See the port."""
        return self.store.clock()

    async def set_state(self, queue: str, state: QueueState) -> None:
        """See the port."""
        self.rules[queue] = state

    async def set_cap(self, queue: str, cap: int | None) -> None:
        """See the port."""
        self.caps[queue] = cap

    async def relane(self, key_id: str) -> None:
        """See the port."""

    async def lead(self, name: str, holder: str, seconds: float) -> bool:
        """See the port."""
        now = self.store.clock()
        known, until = self.leases.get(name, (holder, 0.0))
        if known == holder or until <= now:
            self.leases[name] = (holder, now + seconds)
            return True
        return False

    async def tend(self) -> None:
        """See the port."""
