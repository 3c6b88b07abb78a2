"""One thread that writes: whatever waits while a commit is on its way shares the next one."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from kineograph.core.errors import KineographError, Unavailable
from kineograph.store.prepared import Prepared
from kineograph.telemetry import event

T = TypeVar("T")

# Jobs that share a commit at most. 32 callers submitting at once fill batches of ~30; more only lengthens
# the wait of the first (benchmarks/store.py).
MOST = 128

_SAVE, _UNDO, _KEEP = (Prepared(text(f"{verb} job")) for verb in ("SAVEPOINT", "ROLLBACK TO", "RELEASE"))


@dataclass(slots=True)
class Transaction:
    """An open write transaction.

    Attributes:
        now: Unix seconds by the database's clock, the same for everything in the transaction.
        after: Called once it is committed, in the writer's thread; for what may be lost, as tidying the queue.
    """

    connection: Connection
    now: float
    after: list[Callable[[], object]] = field(default_factory=list)


Begin = Callable[[], contextlib.AbstractContextManager[Transaction]]


@dataclass(slots=True)
class _Job(Generic[T]):
    work: Callable[[Transaction], T]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[T]
    result: T | None = None
    error: BaseException | None = None

    def attempt(self, tx: Transaction) -> None:
        """Do the work inside a savepoint: what fails here is undone here, and the others go on."""
        _SAVE.run(tx.connection, {})
        done = len(tx.after)
        try:
            self.result = self.work(tx)
        except Exception as error:  # noqa: BLE001 — handed to the one who awaits it
            self.error = unavailable(error) if isinstance(error, SQLAlchemyError) else error
            del tx.after[done:]
            _UNDO.run(tx.connection, {})
        _KEEP.run(tx.connection, {})

    def settle(self) -> None:
        """Give the outcome to the waiter, if there still is one. In the waiter's loop."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(cast(T, self.result))


class Writer:
    """The writer's thread. Starts with the first job, survives every error, ends with `close`."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run the work in a transaction shared with others. Durable when it returns.

        Raises:
            Unavailable: the database is away, locked for too long, or its disk is full. Nothing was changed.
            Exception: whatever the work raised; what it did is undone.
        """
        loop = asyncio.get_running_loop()
        job = _Job(work, loop, loop.create_future())
        with self._lock:
            if self._closed:
                raise Unavailable("the service is stopping; try again in a moment")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="kineograph-writer", daemon=True)
                self._thread.start()
            self._jobs.put(job)
        result: T = await job.future
        return result

    def close(self) -> None:
        """Write what waits, then end the thread."""
        with self._lock:
            self._closed = True
            thread, self._thread = self._thread, None
            self._jobs.put(None)
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while (first := self._jobs.get()) is not None:
            batch = [first]
            while len(batch) < MOST and not self._jobs.empty():
                job = self._jobs.get()
                if job is None:
                    self._jobs.put(None)  # after this batch
                    break
                batch.append(job)
            self._commit(batch)

    def _commit(self, batch: list[_Job[Any]]) -> None:
        batch = [job for job in batch if not job.future.cancelled()]
        after: list[Callable[[], object]] = []
        try:
            with self._begin() as tx:
                for job in batch:
                    job.attempt(tx)
            after = tx.after
        except SQLAlchemyError as error:
            # A full disk ends the whole transaction, and what is raised here is only that the savepoint is gone.
            known = (job.error for job in batch if isinstance(job.error, Unavailable))
            cause = next(known, None) or unavailable(error)
            for job in batch:
                job.error = job.error or cause
        _settle(batch)
        _call(after)


def unavailable(error: SQLAlchemyError) -> KineographError:
    """What a caller is told when the database refuses; the cause is for the log, it may name paths."""
    cause = str(getattr(error, "orig", None) or error)
    event("store.unavailable", cause=cause[:300])
    refusal = (
        Unavailable("the disk of the service is full; try again later", retry_after=30, reason="storage_full")
        if "full" in cause
        else Unavailable("the database is not available; try again in a moment", retry_after=2)
    )
    refusal.__cause__ = error
    return refusal


def _settle(batch: Sequence[_Job[Any]]) -> None:
    """Wake every waiting loop once, not once a job."""
    for loop in {job.loop for job in batch}:
        mine = [job for job in batch if job.loop is loop]
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(_settle_here, mine)


def _settle_here(jobs: Sequence[_Job[Any]]) -> None:
    for job in jobs:
        job.settle()


def _call(after: Sequence[Callable[[], object]]) -> None:
    for call in after:
        try:
            call()
        except (SQLAlchemyError, KineographError) as error:
            event("store.tidying_failed", error=type(error).__name__)
