"""The threads that write: one whose jobs share a commit, or several that commit each job on its own."""

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

TRIES = 3  # of a job that met another's: a deadlock is dissolved by ending one of the two
PLACES = 4096  # events that one transaction can write where ids are made from its number

_SAVE, _UNDO, _KEEP = (Prepared(text(f"{verb} job")) for verb in ("SAVEPOINT", "ROLLBACK TO", "RELEASE"))


@dataclass(slots=True)
class Transaction:
    """An open write transaction.

    Attributes:
        now: Unix seconds by the database's clock, the same for everything in the transaction.
        after: Called once it is committed, in the writer's thread; for what may be lost, as tidying the queue.
        places: Events written so far.
    """

    connection: Connection
    now: float
    after: list[Callable[[], object]] = field(default_factory=list)
    places: int = 0

    def place(self) -> int:
        """The next event's number within the transaction, from 0. Raises ValueError for more than PLACES: a round of many
        changes has to be cut into several transactions."""
        place, self.places = self.places, self.places + 1
        if place >= PLACES:
            raise ValueError(f"a transaction can write {PLACES} events")
        return place


Begin = Callable[[], contextlib.AbstractContextManager[Transaction]]


@dataclass(slots=True)
class _Job(Generic[T]):
    work: Callable[[Transaction], T]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[T]
    begun: bool = False
    result: T | None = None
    error: BaseException | None = None

    def attempt(self, tx: Transaction) -> None:
        """Do the work inside a savepoint: what fails here is undone here, and the others go on."""
        _SAVE.run(tx.connection, {})
        done = len(tx.after)
        if not self.succeeds(tx):
            del tx.after[done:]
            _UNDO.run(tx.connection, {})
        _KEEP.run(tx.connection, {})

    def attempt_alone(self, tx: Transaction) -> None:
        """Do the work in a transaction of its own."""
        if not self.succeeds(tx):
            tx.after.clear()
            tx.connection.rollback()

    def succeeds(self, tx: Transaction) -> bool:
        """Do the work; False if it raised."""
        self.begun, self.error = True, None
        try:
            self.result = self.work(tx)
        except Exception as error:  # noqa: BLE001 — handed to the one who awaits it
            self.error = error
        return self.error is None

    def settle(self) -> None:
        """Give the outcome to the waiter, if there still is one. In the waiter's loop."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(cast(T, self.result))


class Writer:
    """The writer's thread: whatever waits while a commit is on its way shares the next one.

    Starts with the first job, survives every error, ends with `close`.

    Args:
        begin: A transaction, for the length of the block.
        threads: How many work side by side.
        refusal: What the caller is told of an error of the database.
    """

    def __init__(
        self, begin: Begin, threads: int = 1, refusal: Callable[[SQLAlchemyError], KineographError] | None = None
    ) -> None:
        self._begin = begin
        self._count = threads
        self._refusal = refusal or unavailable
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
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
            if len(self._threads) < self._count:
                self._threads.append(threading.Thread(target=self._run, name="kineograph-writer", daemon=True))
                self._threads[-1].start()
            self._jobs.put(job)
        result: T = await job.future
        return result

    def close(self) -> None:
        """Write what waits, then end the threads."""
        with self._lock:
            self._closed = True
            threads, self._threads = self._threads, []
            for _ in threads:
                self._jobs.put(None)
        for thread in threads:
            thread.join()

    def _run(self) -> None:
        while (first := self._jobs.get()) is not None:
            batch = [job for job in self._batch(first) if not job.future.cancelled()]
            if batch:
                after = self._work(batch)
                self._settle(batch)
                _call(after)

    def _work(self, batch: list[_Job[Any]]) -> list[Callable[[], object]]:
        """`_commit`, whatever it raises: a thread that ended here would leave its job, and all that come, waiting for ever."""
        try:
            return self._commit(batch)
        except Exception as error:  # noqa: BLE001 - handed to those who wait
            event("store.trouble", error=f"{type(error).__name__}: {error}"[:300])
            for job in batch:
                job.error = job.error or error
            return []

    def _batch(self, first: _Job[Any]) -> list[_Job[Any]]:
        """What shares a commit with the first: all that waits."""
        batch = [first]
        while len(batch) < MOST and not self._jobs.empty():
            job = self._jobs.get()
            if job is None:
                self._jobs.put(None)  # after this batch
                break
            batch.append(job)
        return batch

    def _commit(self, batch: list[_Job[Any]]) -> list[Callable[[], object]]:
        """Do the jobs; what is to be called now that they are committed."""
        try:
            with self._begin() as tx:
                for job in batch:
                    job.attempt(tx)
            return tx.after
        except SQLAlchemyError as error:
            # A full disk ends the whole transaction, and what is raised here is only that the savepoint is gone.
            known = (job.error for job in batch if isinstance(job.error, SQLAlchemyError))
            cause = next(known, None) or error
            for job in batch:
                job.error = job.error or cause
            return []

    def _settle(self, batch: Sequence[_Job[Any]]) -> None:
        """Wake every waiting loop once, not once a job."""
        refusals: dict[int, KineographError] = {}  # one for all that met the same error
        for job in batch:
            if isinstance(job.error, SQLAlchemyError):
                number = id(error := job.error)
                job.error = refusals.get(number) or refusals.setdefault(number, self._refusal(error))
        for loop in {job.loop for job in batch}:
            mine = [job for job in batch if job.loop is loop]
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
                loop.call_soon_threadsafe(_settle_here, mine)


class Crew(Writer):
    """Several threads, each job in a transaction of its own: for a server that groups commits itself, and where jobs of
    several processes that shared transactions would lock each other out.

    Args:
        again: Whether a job that ended so may simply be done again.
    """

    def __init__(
        self,
        begin: Begin,
        threads: int,
        refusal: Callable[[SQLAlchemyError], KineographError],
        again: Callable[[SQLAlchemyError, bool], bool],
    ) -> None:
        super().__init__(begin, threads, refusal)
        self._again = again

    def _batch(self, first: _Job[Any]) -> list[_Job[Any]]:
        return [first]

    def _commit(self, batch: list[_Job[Any]]) -> list[Callable[[], object]]:
        (job,) = batch
        after: list[Callable[[], object]] = []
        for left in reversed(range(TRIES)):
            job.begun, job.error = False, None
            try:
                with self._begin() as tx:
                    job.attempt_alone(tx)
                after = tx.after
            except (SQLAlchemyError, Unavailable) as error:
                job.error, after = job.error or error, []
            if not left or not isinstance(job.error, SQLAlchemyError) or not self._again(job.error, job.begun):
                break
            event("store.again", cause=str(job.error.__cause__ or job.error)[:200])
        return after


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


def _settle_here(jobs: Sequence[_Job[Any]]) -> None:
    for job in jobs:
        job.settle()


def _call(after: Sequence[Callable[[], object]]) -> None:
    for call in after:
        try:
            call()
        except Exception as error:  # noqa: BLE001 - it may be lost, the thread may not
            event("store.tidying_failed", error=type(error).__name__)
