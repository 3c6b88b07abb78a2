"""What the service needs from the outside, as protocols. Each has one contract suite that every implementation passes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

from kineograph.core.fleet import About, Wanted, WorkerRow
from kineograph.core.request import PRIORITY, ImageInput
from kineograph.core.task import Failure, Status, Task, Video


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A caller's promise that two requests are the same one.

    Attributes:
        key_id: The API key it belongs to.
        value: The `Idempotency-Key` header, 1–191 visible ASCII characters.
        body: sha256 of the parsed JSON with its keys sorted, before defaults.
    """

    key_id: str
    value: str
    body: str


@dataclass(frozen=True, slots=True)
class Inserted:
    """The task that now stands for the request; `replayed` if it already did."""

    task: Task
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Which tasks to list, newest first.

    Attributes:
        account_id: Whose; None = everybody's, for the operator's own command line.
        after: Only tasks older than this id (the cursor); younger ones where they are `ascending`.
        ids: Only these.
        expired: Only tasks that ran out of the time they had, or only others.
        flex: Only tasks without hurry, or only others.
        ascending: Oldest first.
        offset: How many to leave out at the beginning.
        created_after, created_before: Unix seconds, both included.
        metadata: Every pair must match exactly.
    """

    account_id: str | None
    limit: int = 20
    after: str | None = None
    status: Status | None = None
    model: str | None = None
    created_after: float | None = None
    created_before: float | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    ids: tuple[str, ...] | None = None
    expired: bool | None = None
    flex: bool | None = None
    ascending: bool = False
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came across. `next` is the cursor to go on with, None at the end."""

    tasks: Sequence[Task]
    next: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """One change of one task.

    Attributes:
        id: Grows over all tasks; the order in which changes became visible; what `Last-Event-ID` holds.
        sequence: The task's own, from 1.
        progress: 0…1.
        at: Unix seconds.
    """

    id: int
    task_id: str
    account_id: str
    sequence: int
    status: Status
    progress: float
    phase: str
    attempt: int
    at: float


class Signal(StrEnum):
    """What a worker is told when it reports."""

    GO_ON = "go_on"
    CANCEL = "cancel"  # the caller wants it stopped
    LOST = "lost"  # the claim is no longer this worker's: stop, touch nothing


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose a task is, and whether it is still wanted: what a supervisor looks at, often and of many tasks at once."""

    worker: str | None
    attempt: int
    cancel_requested: bool


ABANDONED_AFTER = 30.0  # seconds; a private queue's worker has announced itself long before


@dataclass(frozen=True, slots=True)
class Ticket:
    """A task's place in the durable queue: a new one for every time the task is queued.

    Attributes:
        number: The task's own, from 1; a hand-back gets a new ticket too, though it is no attempt.
        queue: Which queue it waits in.
        lane: Tickets of one lane are worked on one after the other; a key has as many lanes as it may have running tasks.
        delay: Seconds to wait before it may be handed out.
        priority: 0…9; of a lane's tickets the highest goes first, then the oldest.
    """

    task_id: str
    number: int
    queue: str
    lane: str
    delay: float = 0.0
    priority: int = PRIORITY

    @property
    def id(self) -> str:
        """`task_…:number`."""
        return f"{self.task_id}:{self.number}"


Connection = TypeVar("Connection", contravariant=True)


class Running(Protocol):
    """Queues being worked off in this process."""

    def stop(self, seconds: float = 60.0) -> None:
        """Take no more tickets; wait this long for the one in hand."""
        ...


class Queue(Protocol[Connection]):
    """The durable queue of tickets. At least once: a ticket may be handed out again, `TaskStore.start` says whether it
    still counts. All methods are synchronous and may wait for the database: not for an event loop."""

    def submit(self, connection: Connection, ticket: Ticket) -> None:
        """Add a ticket inside the store's own transaction."""
        ...

    def cancel(self, ticket_ids: Sequence[str]) -> None:
        """Take waiting tickets out, in a transaction of its own. Nothing depends on it but the length of the queue."""
        ...

    def run(self, queues: Mapping[str, int], worker: str, handler: Callable[[str], None]) -> Running:
        """Hand the queues' tickets to `handler(task_id)` in threads of this process, until stopped. Once per process.

        Args:
            queues: Name of the queue -> tickets of it in hand at once.
            worker: Id of the worker, the same as in `TaskStore.start` and `heartbeat`. Never used twice.
            handler: Settles the task by itself. While it raises Unavailable it is called again.
        """
        ...

    def recover(
        self, dead: Collection[str], busy: Collection[str], older_than: float, expected: Sequence[Ticket] = ()
    ) -> Sequence[Ticket]:
        """Put back tickets that were handed out and lost.

        Args:
            dead: Workers that are gone: all they held.
            busy: Tasks that live workers say they are making. A ticket handed out more than `older_than` seconds ago
                for a task that is not among them is lost too.
            expected: Tickets that should be there.

        Returns:
            Those of `expected` that are not there in any form: their tasks need new ones.
        """
        ...

    def depth(self) -> Mapping[str, int]:
        """How many tickets wait, by queue."""
        ...

    def pace(self, queue: str, paused: bool, workers: int) -> None:
        """Hand out nothing of a paused queue, and let this many workers look for tickets no more often than a database
        likes. Holds for all workers, those to come included, from their next look on."""
        ...

    def relane(self, connection: Connection, queue: str, old: str, new: str) -> None:
        """Waiting tickets of one lane go to another, in their order, inside the store's own transaction."""
        ...

    def adopt(self) -> int:
        """Tickets of the version before, which no old worker may be left to take, become ours where we understand them.
        How many."""
        ...

    def purge(self, ticket_ids: Sequence[str]) -> None:
        """Forget tickets, with their inputs and outcomes."""
        ...


class TaskStore(Protocol):
    """Tasks and their tickets. Every verb is one transaction; every change writes its event in it.

    A claim is the `Task` that `start` returned: its worker and attempt fence `report`, `finish`, `fail` and `release`.
    Any verb raises Unavailable while the database is away or its disk is full; then nothing was changed.
    """

    async def insert(self, task: Task, idempotency: Idempotency | None = None) -> Inserted:
        """Store the task, its ticket and the idempotency row. Durable when it returns. The ticket waits in FETCH_QUEUE if an
        image is still a URL, else in `task.queue`.

        Raises:
            IdempotencyReused: the key stands for another body.
            TooMany: the queue of the account is full, or what it may use in a day or month is used up.
            PaymentRequired: the balance does not cover `task.cost`, which is reserved here and settled or given back where
                the task ends.
            Unavailable: the database is away or its disk is full.
        """
        ...

    async def replayed(self, idempotency: Idempotency) -> Task | None:
        """The task this key already stands for, if any. Raises IdempotencyReused for another body."""
        ...

    async def get(self, task_id: str) -> Task | None:
        """The task, with `queue_position` while it is queued: how many are likely to start before it, 0 = next, counted up to
        1000. Of its own key those of higher priority and the older ones; keys take turns. None before its start_at."""
        ...

    async def list(self, query: TaskQuery) -> Sequence[Task]:
        """At most `query.limit` tasks, newest first."""
        ...

    async def count(self, query: TaskQuery) -> int:
        """How many tasks there are of that kind, without limit and offset."""
        ...

    async def search(self, query: TaskQuery, words: Sequence[str]) -> Found:
        """Of the same tasks those whose prompt holds every one of the words, also inside others, whatever their case. Looks at
        a bounded number, so there may be more to find where a page is short or empty."""
        ...

    async def prepared(self, task_id: str, images: Sequence[ImageInput]) -> bool:
        """The images of a queued task are in the file store now: it gets a new ticket, in its own queue instead of
        FETCH_QUEUE. False if it is no longer queued."""
        ...

    async def refuse(self, task_id: str, failure: Failure) -> bool:
        """Queued -> failed, before any attempt: an image could not be fetched. False if it is no longer queued."""
        ...

    async def start(self, task_id: str, worker: str) -> Task | None:
        """Claim it: running, attempt + 1. None unless it is queued and its delay is over, so two tickets of one task do no
        harm; settles what can be settled: cancel requested -> cancelled, attempts used up -> failed."""
        ...

    async def report(self, claim: Task, progress: float, phase: str, resume_token: str | None = None) -> Signal:
        """Write how far it is; progress never falls. Says whether to go on."""
        ...

    async def standings(self, task_ids: Collection[str]) -> Mapping[str, Standing]:
        """How tasks stand, in one look; those that are not there are left out."""
        ...

    async def finish(self, claim: Task, video: Video) -> bool:
        """Succeeded: video, usage row and event in one transaction. The exactly-once point. False if the claim was lost."""
        ...

    async def fail(self, claim: Task, failure: Failure, delay: float = 0.0) -> Status | None:
        """An attempt failed. Retryable with attempts left -> queued again after `delay` seconds under a new ticket; else
        failed. A requested cancel wins: cancelled. Returns the new status, None if the claim was lost."""
        ...

    async def release(self, claim: Task, delay: float = 0.0) -> bool:
        """Hand it back unmade (drain, lost database, an upstream that takes nothing): queued again, to be handed out after `delay`
        seconds, and it was not an attempt."""
        ...

    async def reroute(self, claim: Task, engine: str, queue: str) -> bool:
        """Hand it to another engine, in another queue; no attempt either. Only while no upstream has accepted it."""
        ...

    async def cancel(self, task_id: str) -> Task | None:
        """Queued -> cancelled; running -> cancel_requested. The task as it is now; None if there is none."""
        ...

    async def delete(self, task_id: str) -> bool:
        """Wipe a finished task: row, events, tickets, idempotency key. Its usage stays, without words. False if it is not
        finished or not there."""
        ...

    async def events(
        self, after: int, account_id: str | None = None, task_id: str | None = None, limit: int = 500
    ) -> Sequence[Event]:
        """Events with id > after, oldest first."""
        ...

    async def last_event(self) -> int:
        """Id of the newest event that is there, 0 if there is none. No id is used twice, also after a deletion."""
        ...

    async def heartbeat(
        self,
        worker: str,
        queue: str,
        state: str,
        running: Sequence[str],
        about: About | None = None,
        fault: str | None = None,
    ) -> bool:
        """Say that a worker is alive, what it is making, and what is wrong with its upstream; the first time also what it is.
        False if it had been taken for dead meanwhile: the claims it had are lost, and its tickets are with others."""
        ...

    async def wanted(self, workers: Sequence[str]) -> Mapping[str, Wanted]:
        """What the operator wants of these workers."""
        ...

    async def workers(self) -> Sequence[WorkerRow]:
        """All that are not long gone."""
        ...

    async def reap(self, silent_for: float) -> Sequence[str]:
        """Take workers unseen for `silent_for` seconds for dead, return their tasks to the queue (or settle them: cancelled,
        or failed with `worker_died` after MAX_ATTEMPTS), and likewise claims untouched for as long that no live worker
        lists, and tickets that went missing. One process at a time does it, by a lease. Ids of the tasks."""
        ...

    async def abandon(self, prefix: str, failure: Failure) -> Sequence[str]:
        """Fail queued tasks older than ABANDONED_AFTER that wait in a queue whose name begins with the prefix and that no live
        worker serves: what a killed `kineo generate` leaves behind. Ids of the tasks."""
        ...

    async def overdue(self, waited: float, failure: Failure) -> Sequence[str]:
        """Fail tasks that wait longer than that, since they came or since the start they asked for, and were never started.
        Some hundred at once. Ids of the tasks."""
        ...

    async def expire(self) -> Sequence[str]:
        """Fail unfinished tasks whose time is over, as lifecycle.overtime says. Some hundred at once. Ids of the tasks."""
        ...

    async def expiring(self, finished_before: float, limit: int = 100) -> Sequence[Task]:
        """Finished tasks older than that whose files are still there, oldest first."""
        ...

    async def files_expired(self, task_id: str) -> None:
        """The files are gone: remember when."""
        ...

    async def purge(self, finished_before: float, limit: int = 100) -> int:
        """Delete finished tasks older than that, with everything about them; idempotency keys older than 24 h; and the single
        steps of progress of tasks that ended PROGRESS_KEPT ago. How many tasks."""
        ...

    async def knows_file(self, owner: str) -> bool:
        """Whether a task of this id exists, or an unfinished one refers to the input file of this name: for the sweep."""
        ...
