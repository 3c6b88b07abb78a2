"""`kineo worker`: supervisors and their chores. Imports no HTTP: a worker starts in half the time of a server."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Sequence

from kineograph import __version__
from kineograph.app.chores import doing_chores
from kineograph.app.delivering import delivering
from kineograph.app.logs import log_to_stderr
from kineograph.app.parts import Parts, opened
from kineograph.core.errors import OperatorError
from kineograph.core.fleet import About, abilities
from kineograph.settings import Settings
from kineograph.store.queue import PROTOCOL
from kineograph.store.storage import prove
from kineograph.worker.loop import HOLD
from kineograph.worker.supervisor import Budget, Supervisor, stop_on_signals


def work(settings: Settings, *, queues: Sequence[str], idle_exit: float | None, max_tasks: int | None) -> None:
    """`kineo worker`: films for servers on the same database and storage. No `queues`: all that the catalogue knows."""
    log_to_stderr(settings.log_level, settings.log_format)
    asyncio.run(_work(settings, queues, Budget(idle_exit, max_tasks)))


async def _work(settings: Settings, queues: Sequence[str], budget: Budget) -> None:
    async with opened(settings) as parts:
        await asyncio.to_thread(prove, parts.files)
        for queue in queues:
            if queue not in parts.queues:
                raise OperatorError(
                    f"no model of the catalogue uses the queue {queue!r}; there is {', '.join(parts.queues)}"
                )
        supervisors = [
            supervisor_of(parts, queue, slots=settings.workers, budget=budget)
            for queue in dict.fromkeys(queues or parts.queues)
        ]

        def stop() -> None:
            for supervisor in supervisors:
                supervisor.stop()

        stop_on_signals(stop)
        async with doing_chores(parts), delivering(parts):
            await asyncio.gather(*(supervisor.run() for supervisor in supervisors))


def supervisor_of(
    parts: Parts,
    queue: str,
    *,
    slots: int,
    budget: Budget | None = None,
    stays: bool = False,
    log_level: str | None = None,
    engine: str | None = None,
) -> Supervisor:
    """A supervisor as the settings say.

    Args:
        stays: A drained slot waits to be wanted again.
        engine: That makes what is in the queue, where the queue is not named after it.
    """
    settings = parts.settings
    loop = (engine or queue) in settings.upstreams  # one process holds all films that wait for an upstream
    slots = 1 if loop else slots
    return Supervisor(
        parts.store,
        queue=queue,
        hello={"settings": settings.model_dump(mode="json") | {"log_level": log_level or settings.log_level}},
        about=About(
            host=socket.gethostname(),
            pid=os.getpid(),
            version=__version__,
            protocol=PROTOCOL,
            slots=HOLD if loop else slots,
            abilities=abilities(parts.catalogue.models, queue),
        ),
        slots=slots,
        time_limit=settings.time_limit,
        drain=settings.drain,
        budget=budget,
        stays=stays,
        lease=settings.lease,
        loop=loop,
    )
