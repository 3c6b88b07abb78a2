"""The tail of the event table: one look every POLL seconds serves everybody in this process who waits."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

from kineograph.core.ports import Event, TaskStore

POLL = 0.2  # seconds; half of what a person notices, and five cheap reads a second while somebody waits, none otherwise


class Feed:
    """Hands new events to listeners. Looks at the store only while there are any."""

    def __init__(self, store: TaskStore) -> None:
        self._store = store
        self._listeners: set[asyncio.Queue[Event]] = set()
        self._poller: asyncio.Task[None] | None = None
        self.last = 0

    @contextlib.asynccontextmanager
    async def listen(self) -> AsyncIterator[AsyncGenerator[Event]]:
        """Events that become visible from now on, until the block is left."""
        queue: asyncio.Queue[Event] = asyncio.Queue()
        if not self._listeners:
            self.last = await self._store.last_event()
        self._listeners.add(queue)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        changes = _drain(queue)
        try:
            yield changes
        finally:
            self._listeners.discard(queue)
            await changes.aclose()

    async def _poll(self) -> None:
        while self._listeners:
            for change in await self._store.events(self.last):
                self.last = change.id
                for queue in self._listeners:
                    queue.put_nowait(change)
            await asyncio.sleep(POLL)


async def _drain(queue: asyncio.Queue[Event]) -> AsyncGenerator[Event]:
    while True:
        yield await queue.get()
