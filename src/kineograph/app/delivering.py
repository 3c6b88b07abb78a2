"""Callbacks leave from every node that stays: `kineo serve` and `kineo worker`."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from kineograph.app.parts import Parts
from kineograph.core.deliveries import Delivery
from kineograph.core.errors import Unavailable
from kineograph.core.task import Task
from kineograph.media.send import Sender
from kineograph.webhooks.deliver import POLL, Body, Deliverer
from kineograph.worker.supervisor import survive


@contextlib.asynccontextmanager
async def delivering(parts: Parts) -> AsyncIterator[None]:
    """Take part in the deliveries for the length of the block."""
    deliverer = Deliverer(
        parts.deliveries, parts.store, Sender(parts.settings.fetch_allow), await bodies(parts), time.time
    )
    running = asyncio.create_task(_run(deliverer))
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        with contextlib.suppress(Unavailable):  # then they are due again when their claims end
            await deliverer.stop()


async def bodies(parts: Parts) -> Body:
    """What is sent."""
    settings, secret = parts.settings, await parts.keys.secret("links")

    async def body(task: Task, delivery: Delivery) -> bytes:
        # Imported with the first delivery: a worker that has none carries no HTTP server.
        from kineograph.api.callbacks import Callbacks
        from kineograph.api.links import Signer

        callbacks = Callbacks(
            parts.catalogue,
            Signer(secret),
            base=settings.public_url,
            fallback=f"http://{settings.host}:{settings.port}",
            link_ttl=int(settings.link_ttl),
            clock=time.time,
        )
        return callbacks.body(task, delivery)

    return body


async def _run(deliverer: Deliverer) -> None:
    while True:
        before = time.monotonic()
        await survive(deliverer.round)
        if time.monotonic() - before < POLL / 100:  # the database is away
            await asyncio.sleep(POLL)
