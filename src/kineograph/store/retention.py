"""Retention: films and tasks that are too old, films beyond the disk budget, files that nobody knows any more."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from kineograph.core.files import FileStore
from kineograph.core.names import is_preview
from kineograph.core.ports import TaskStore
from kineograph.core.task import Task
from kineograph.telemetry import event

GRACE = 3600.0  # seconds; a file this young may belong to a task that is just being stored
UPLOAD_LIFE = 72 * 3600.0  # seconds an upload lives (CONTRACT §1.2)
BATCH = 100


@dataclass(slots=True)
class Retention:
    """Keeps the store within its bounds. One round at a time, by whoever calls it.

    Attributes:
        keep_files: Seconds after its end that a task keeps its films and images.
        keep_tasks: Seconds after its end that a task is kept at all.
        max_disk: Bytes that films may take in total; the oldest go first. None: as many as the disk holds.
        clock: Unix seconds.
    """

    store: TaskStore
    files: FileStore
    keep_files: float
    keep_tasks: float
    max_disk: int | None = None
    clock: Callable[[], float] = time.time

    async def run_once(self) -> None:
        """One round."""
        expired = await self._expire()
        purged = await self._purge()
        evicted = await self._evict()
        swept = await self._sweep()
        if expired or purged or evicted or swept:
            event("retention.done", expired=expired, purged=purged, evicted=evicted, swept=swept)

    async def _expire(self) -> int:
        """Remove the files of tasks that ended long ago, also of those that are about to be purged."""
        before, count = self.clock() - min(self.keep_files, self.keep_tasks), 0
        while tasks := await self.store.expiring(before, BATCH):
            for task in tasks:
                await self._remove_files(task)
            count += len(tasks)
        return count

    async def _purge(self) -> int:
        before, count = self.clock() - self.keep_tasks, 0
        while purged := await self.store.purge(before, BATCH):
            count += purged
        return count

    async def _evict(self) -> int:
        """Remove the oldest films until the rest fits the budget."""
        if self.max_disk is None:
            return 0
        used, count = 0, 0
        async for file in self.files.list("tasks/"):
            used += file.size
        while used > self.max_disk and (tasks := await self.store.expiring(self.clock(), BATCH)):
            for task in tasks:
                if used <= self.max_disk:
                    break
                used -= await self._remove_files(task)
                count += 1
        return count

    async def _remove_files(self, task: Task) -> int:
        """Bytes of films that are gone. Files first: if we die in between, the next round finds the task again."""
        freed = 0
        for prefix in (f"tasks/{task.id}/", f"inputs/{task.id}/"):
            async for file in self.files.list(prefix):
                await self.files.delete(file.name)
                freed += file.size if prefix.startswith("tasks/") else 0
        await self.store.files_expired(task.id)
        return freed

    async def _sweep(self) -> int:
        """Remove what crashed submits, lost attempts and deleted tasks left, and uploads past their life."""
        now, count = self.clock(), 0
        for prefix, life in (("tasks/", GRACE), ("inputs/", GRACE), ("uploads/", UPLOAD_LIFE)):
            async for file in self.files.list(prefix):
                if now - file.modified > life and not await self._wanted(file.name):
                    await self.files.delete(file.name)
                    count += 1
        return count

    async def _wanted(self, name: str) -> bool:
        kind, owner, *rest = name.split("/")
        if kind == "uploads":
            return await self.store.knows_file(name)
        if kind == "inputs":
            return await self.store.knows_file(owner)
        task = await self.store.get(owner)
        if task is None:
            return False
        if not task.finished:  # its attempt may still be written
            return True
        # Of a film its own attempt, without the preview that a killed process left; of what became none, nothing.
        return task.video is not None and rest[:1] == task.video.file.split("/")[2:3] and not is_preview(name)
