"""`kineo worker`: supervisors and their chores. Imports no HTTP: a worker starts in half the time of a server."""

from __future__ import annotations

import asyncio
import shutil
import time

from kineograph.app.logs import log_to_stderr
from kineograph.app.parts import Parts, opened
from kineograph.core.errors import OperatorError
from kineograph.core.task import Failure
from kineograph.settings import Settings
from kineograph.store.storage import prove
from kineograph.worker.supervisor import Supervisor, stop_on_signals

LOCAL = "local-"  # prefix of the queues of `kineo generate`
ABANDONED = Failure("interrupted", "the command that asked for this film was stopped before it was made")
SWEEP = 600.0  # seconds between two rounds of retention


def work(settings: Settings, *, queue: str, idle_exit: float | None, max_tasks: int | None) -> None:
    """`kineo worker`: films for a server that shares the data folder."""
    log_to_stderr(settings.log_level, settings.log_format)
    asyncio.run(_work(settings, queue, idle_exit, max_tasks))


async def _work(settings: Settings, queue: str, idle_exit: float | None, max_tasks: int | None) -> None:
    async with opened(settings) as parts:
        await asyncio.to_thread(prove, parts.files)
        names = {model.engine for model in parts.catalogue.models}
        if queue not in names:
            raise OperatorError(
                f"no model of the catalogue uses the queue {queue!r}; there is {', '.join(sorted(names))}"
            )
        supervisor = supervisor_of(parts, queue, slots=settings.workers, idle_exit=idle_exit, max_tasks=max_tasks)
        stop_on_signals(supervisor.stop)
        await supervisor.run()


def supervisor_of(
    parts: Parts,
    queue: str,
    *,
    slots: int,
    idle_exit: float | None = None,
    max_tasks: int | None = None,
    log_level: str | None = None,
) -> Supervisor:
    """A supervisor that also reaps the dead and sweeps the store."""
    settings = parts.settings
    retention = parts.retention()
    next_sweep = time.monotonic() + 30

    async def chores() -> None:
        nonlocal next_sweep
        await parts.store.reap(settings.lease)
        await parts.store.abandon(LOCAL, ABANDONED)
        if time.monotonic() >= next_sweep:
            next_sweep = time.monotonic() + SWEEP
            await retention.run_once()
            await asyncio.to_thread(
                _sweep_scratch,
                settings,
                {row.id for row in await parts.store.workers() if row.state in {"up", "draining"}},
            )

    return Supervisor(
        parts.store,
        queue=queue,
        hello={"settings": settings.model_dump(mode="json") | {"log_level": log_level or settings.log_level}},
        slots=slots,
        time_limit=settings.time_limit,
        drain=settings.drain,
        idle_exit=idle_exit,
        max_tasks=max_tasks,
        lease=settings.lease,
        chores=chores,
    )


def _sweep_scratch(settings: Settings, alive: set[str]) -> None:
    """Orders of workers that are gone."""
    for folder in (settings.data / "work").iterdir():
        if folder.name not in alive and time.time() - folder.stat().st_mtime > 60:
            shutil.rmtree(folder, ignore_errors=True)
