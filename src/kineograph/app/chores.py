"""What every node helps with and one of them does: reap the dead, tend the queues, throw away what is too old."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from kineograph.app.parts import Parts
from kineograph.core.fleet import LOCAL
from kineograph.core.task import Failure
from kineograph.worker.supervisor import survive

BEATS = 3  # rounds in a lease
LEAD = 10.0  # seconds; with a round every 5 s another node does the chores 15 s after the one that did them died
SWEEP = 600.0  # seconds between two rounds of retention
EXPIRE = 20.0  # seconds between two looks for tasks whose time is over; they have an hour at least
FIRST_SWEEP = 30.0  # seconds after the start; whoever only passes by does not sweep
ABANDONED = Failure("interrupted", "the command that asked for this film was stopped before it was made")
OVERDUE = Failure("queue_time_limit", "no worker was free in time; submit it again later", status=503)


class Chores:
    """One node's share."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._fleet = parts.fleet
        self._holder = uuid.uuid4().hex
        self._next_sweep = time.monotonic() + FIRST_SWEEP
        self._next_expiry = time.monotonic()
        self._sweeping: asyncio.Task[object] | None = None

    async def run(self) -> None:
        """For ever. A database that is away ends no node; what was not done, a later round does."""
        while True:
            await survive(self.round)
            await asyncio.sleep(self._parts.settings.lease / BEATS)

    async def round(self) -> None:
        """What is due now."""
        settings, store = self._parts.settings, self._parts.store
        await store.reap(settings.lease)  # every node keeps watch, so that the next one may judge at once
        leads = await self._fleet.lead("chores", self._holder, LEAD)
        if leads:
            await store.abandon(LOCAL, ABANDONED)
            if settings.queue_time_limit is not None:
                await store.overdue(settings.queue_time_limit, OVERDUE)
            if time.monotonic() >= self._next_expiry:
                self._next_expiry = time.monotonic() + EXPIRE
                await store.expire()
            await self._fleet.tend()
        await self._sweep(leads)

    async def _sweep(self, leads: bool) -> None:
        """Beside the rounds: it may take minutes, and the lease must not run out meanwhile."""
        if self._sweeping is not None and (self._sweeping.done() or not leads):
            await self.stop()
        if time.monotonic() >= self._next_sweep:
            self._next_sweep = time.monotonic() + SWEEP
            await asyncio.to_thread(sweep_scratch, self._parts.settings.data / "work")  # each machine has its own
            if leads:
                self._sweeping = asyncio.create_task(survive(self._parts.retention().run_once))

    async def stop(self) -> None:
        """No more sweeping."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)
            self._sweeping = None


@contextlib.asynccontextmanager
async def doing_chores(parts: Parts) -> AsyncIterator[None]:
    """Take part in the chores for the length of the block."""
    chores = Chores(parts)
    running = asyncio.create_task(chores.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await chores.stop()


@contextlib.contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A worker's own folder, locked while it lives so that nobody on this machine takes it for left behind."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sweep_scratch(work: Path) -> None:
    """Remove folders of workers that are gone: those that nobody holds a lock on."""
    for folder in work.iterdir():
        if time.time() - folder.stat().st_mtime > 60 and not _held(folder / "lock"):
            shutil.rmtree(folder, ignore_errors=True)


def _held(path: Path) -> bool:
    try:
        lock = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False
