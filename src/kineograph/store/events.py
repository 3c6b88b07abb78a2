"""The tail of the event table: one look every POLL seconds serves everybody in this process who waits."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field

from kineograph.core.errors import Unavailable
from kineograph.core.ports import Event, TaskStore

POLL = 0.2  # seconds; half of what a person notices, and five cheap reads a second while somebody waits, none otherwise
PATIENCE = 1.0  # seconds between two looks while the database is away
BEHIND = 5000  # events a listener may be behind; one that reads slower is let go, and comes back with its last id
BATCH = 500


@dataclass(eq=False, slots=True)
class _Listener:
    """Who waits, and for what; None stands for anything. A None in the queue says that nothing more comes."""

    account_id: str | None
    task_id: str | None
    queue: asyncio.Queue[Event | None] = field(default_factory=lambda: asyncio.Queue(BEHIND + 1))

    def wants(self, change: Event) -> bool:
        return self.account_id in (None, change.account_id) and self.task_id in (None, change.task_id)

    async def changes(self) -> AsyncGenerator[Event]:
        while (change := await self.queue.get()) is not None:
            yield change


class Feed:
    """Hands new events to listeners. Looks at the store only while there are any, and outlives the store's absences."""

    def __init__(self, store: TaskStore) -> None:
        self._store = store
        self._listeners: set[_Listener] = set()
        self._poller: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self.last = 0

    @contextlib.asynccontextmanager
    async def listen(
        self, account_id: str | None = None, task_id: str | None = None
    ) -> AsyncIterator[AsyncGenerator[Event]]:
        """Events that become visible from now on, until the block is left; they end early for who reads too slowly.

        Args:
            account_id, task_id: Only events of these.
        """
        listener = _Listener(account_id, task_id)
        async with self._starting:  # two first listeners: the second must not turn `last` back
            if self._poller is None or self._poller.done():
                self.last = await self._store.last_event()
                self._poller = asyncio.create_task(self._poll())
            self._listeners.add(listener)
        changes = listener.changes()
        try:
            yield changes
        finally:
            self._listeners.discard(listener)
            await changes.aclose()
            if not self._listeners and self._poller is not None:
                self._poller.cancel()
                self._poller = None

    async def _poll(self) -> None:
        while True:
            try:
                found = await self._store.events(self.last, limit=BATCH)
            except Unavailable:
                await asyncio.sleep(PATIENCE)
                continue
            for change in found:
                self.last = change.id
                self._hand_out(change)
            if len(found) < BATCH:
                await asyncio.sleep(POLL)

    def _hand_out(self, change: Event) -> None:
        for listener in [listener for listener in self._listeners if listener.wants(change)]:
            if listener.queue.qsize() >= BEHIND:
                self._listeners.discard(listener)
                listener.queue.put_nowait(None)
            else:
                listener.queue.put_nowait(change)
