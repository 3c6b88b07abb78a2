"""Keeping at it: a finished film waits for the storage and the database, it is not made again."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from kineograph.core.errors import Interrupted, Unavailable
from kineograph.core.lifecycle import held
from kineograph.core.ports import TaskStore
from kineograph.core.task import Task
from kineograph.telemetry import event

FIRST = 0.5  # seconds before the second try; doubled each time
LONGEST = 10.0  # seconds; how late a storage that is back may be noticed
LOOK = 0.7  # seconds between two looks whether anybody still wants it: how soon a cancel is heard

T = TypeVar("T")


class Patience:
    """One attempt's.

    Args:
        until: Monotonic seconds after which Unavailable is let through.
    """

    def __init__(self, store: TaskStore, claim: Task, until: float) -> None:
        self._store = store
        self._claim = claim
        self._until = until

    async def __call__(self, work: Callable[[], Awaitable[T]], *, settling: bool = False) -> T:
        """What `work` gives, tried again while it raises Unavailable.

        Args:
            settling: It ends the attempt: nobody may call it off.

        Raises:
            Unavailable: the attempt's time is over.
            Interrupted: cancelled, or lost to another worker, while it waited.
        """
        pause = FIRST
        while True:
            try:
                return await work()
            except Unavailable as error:
                if time.monotonic() + pause > self._until:
                    raise
                event("worker.waiting", reason=error.reason, seconds=pause)
            await self._wait(pause, settling)
            pause = min(2 * pause, LONGEST)

    async def _wait(self, seconds: float, settling: bool) -> None:
        over = time.monotonic() + seconds
        while (left := over - time.monotonic()) > 0:
            await asyncio.sleep(min(left, LOOK))
            if not settling:
                with contextlib.suppress(Unavailable):  # the claim is ours until the database says otherwise
                    await self._look()

    async def _look(self) -> None:
        task = await self._store.get(self._claim.id)
        if task is None or not held(task, self._claim):
            raise Interrupted("the task is no longer this worker's", reason="lost")
        if task.cancel_requested:
            raise Interrupted("the caller cancelled it", retryable=False, reason="cancelled")
