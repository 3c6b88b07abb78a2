"""What a film looks like while it is made: the newest frame, kept beside the attempt's files until the attempt is over."""

from __future__ import annotations

import asyncio
import contextlib
import time

from kineograph.core.errors import Unavailable
from kineograph.core.files import FileStore
from kineograph.core.names import preview_name
from kineograph.core.task import Task

PREVIEW_EVERY = 2.0  # seconds; nobody sees more, and in a bucket each is a request that is paid for
PATIENCE = 2.0  # seconds that the end of a film waits for the storage because of its preview


class Preview:
    """An order's `preview`. One picture at a time, and none for long where the storage is slow: the film never waits for it."""

    def __init__(self, files: FileStore, claim: Task) -> None:
        self._files = files
        self._name = preview_name(claim.id, claim.attempt)
        self._next = 0.0
        self._putting: asyncio.Future[None] | None = None

    async def __call__(self, jpeg: bytes) -> None:
        """See engines.base.Order."""
        now = time.monotonic()
        if now >= self._next and (self._putting is None or self._putting.done()):
            self._next = now + PREVIEW_EVERY
            self._putting = asyncio.ensure_future(self._put(jpeg))

    async def _put(self, jpeg: bytes) -> None:
        with contextlib.suppress(Unavailable):
            await self._files.put(self._name, jpeg)

    async def close(self) -> None:
        """Remove it. What a storage that is away keeps goes with the film."""
        if self._putting is None:
            return
        await asyncio.wait({self._putting}, timeout=PATIENCE)
        self._putting.cancel()
        self._putting = None
        with contextlib.suppress(Unavailable, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._files.delete(self._name)
