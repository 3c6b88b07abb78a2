"""What `/readyz` says: each part of the installation, asked without hammering it and without waiting for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

from kineograph.app.parts import Parts
from kineograph.core.errors import Unavailable
from kineograph.core.files import FileStore
from kineograph.core.fleet import LOCAL

FRESH = 5.0  # seconds an answer of the storage is good for, however many ask
WAIT = 2.0  # seconds somebody waits for it; what comes later is the next one's


class Probe:
    """Whether the storage answers."""

    def __init__(self, files: FileStore) -> None:
        self._files = files
        self._asking: asyncio.Task[None] | None = None
        self._asked_at = -FRESH
        self._fault: str | None = None

    async def fault(self) -> str | None:
        """What is wrong with it, None if nothing is."""
        if self._asking is None and time.monotonic() - self._asked_at >= FRESH:
            self._asking = asyncio.create_task(self._ask())
        if self._asking is not None:
            done, _ = await asyncio.wait({self._asking}, timeout=WAIT)
            if not done:
                return "it does not answer"
        return self._fault

    async def _ask(self) -> None:
        try:
            await self._files.check()
            self._fault = None
        except Unavailable as error:
            self._fault = error.message
        finally:
            self._asking, self._asked_at = None, time.monotonic()


class Health:
    """Part -> what is wrong with it.

    Attributes:
        leaving: This server was told to stop: a load balancer should send to others.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._needs_worker = parts.settings.workers > 0 or parts.settings.require_worker
        self.leaving = False
        self._probe = Probe(parts.files)

    async def warnings(self) -> Sequence[str]:
        """What does not keep this node from working, for the operator to look into with `kineo workers`."""
        rows = await self._parts.store.workers()
        faulty = sorted({row.queue for row in rows if row.state == "up" and row.fault})
        return [f"the upstream {queue!r} takes nothing" for queue in faulty]

    async def __call__(self) -> Mapping[str, str | None]:
        """See api.service.Health.

        A node without workers of its own accepts films for workers that may not have been started yet (a fleet that
        scales to zero): without them it is ready, unless it is to refuse what no live worker can make.
        """
        workers = [
            row for row in await self._parts.store.workers() if row.state == "up" and not row.queue.startswith(LOCAL)
        ]
        return {
            "server": "it is stopping" if self.leaving else None,
            "database": None,  # asking for the workers just proved it
            "storage": self._parts.room.fault() or await self._probe.fault(),
            "workers": None if workers or not self._needs_worker else "no live worker; start one with kineo worker",
        }
