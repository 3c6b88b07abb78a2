"""The durable queue in memory: durable as long as the object lives."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kineograph.core.errors import Unavailable
from kineograph.core.ports import Ticket

POLL = 0.02  # seconds


@dataclass
class _Slip:
    ticket: Ticket
    ready_at: float
    holder: str | None = None  # the worker it was handed to
    since: float = 0.0
    handed: int = 0  # how often; tells whether it is still ours when we are done with it


@dataclass
class MemoryQueue:
    """Queue in memory. Its tickets do not wait for the store's commit."""

    slips: dict[str, _Slip] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def submit(self, connection: object, ticket: Ticket) -> None:
        """See the port."""
        del connection
        with self.lock:
            self.slips[ticket.id] = _Slip(ticket, time.time() + ticket.delay)

    def cancel(self, ticket_ids: Sequence[str]) -> None:
        """See the port."""
        self.purge(ticket_ids)

    def run(self, queues: Mapping[str, int], worker: str, handler: Callable[[str], None]) -> MemoryWorker:
        """See the port."""
        return MemoryWorker(self, queues, worker, handler)

    def recover(
        self, dead: Collection[str], busy: Collection[str], older_than: float, expected: Sequence[Ticket] = ()
    ) -> Sequence[Ticket]:
        """See the port."""
        before = time.time() - older_than
        with self.lock:
            for slip in self.slips.values():
                quiet = slip.ticket.task_id not in busy and slip.since <= before
                if slip.holder in dead or (slip.holder and quiet):
                    slip.holder = None
            return [ticket for ticket in expected if ticket.id not in self.slips]

    def depth(self) -> Mapping[str, int]:
        """See the port."""
        with self.lock:
            return Counter(slip.ticket.queue for slip in self.slips.values() if slip.holder is None)

    def pace(self, queue: str, paused: bool, workers: int) -> None:
        """See the port. Looks cost nothing here, however many workers there are."""
        del workers
        (self.paused.add if paused else self.paused.discard)(queue)

    def relane(self, connection: object, queue: str, old: str, new: str) -> None:
        """See the port."""
        del connection
        with self.lock:
            for slip in self.slips.values():
                if (slip.ticket.queue, slip.ticket.lane, slip.holder) == (queue, old, None):
                    slip.ticket = replace(slip.ticket, lane=new)

    def adopt(self) -> int:
        """See the port. There is one version."""
        return 0

    def purge(self, ticket_ids: Sequence[str]) -> None:
        """See the port."""
        with self.lock:
            for ticket_id in ticket_ids:
                self.slips.pop(ticket_id, None)

    def take(self, queue: str, worker: str) -> tuple[Ticket, int] | None:
        """Hand the next ticket of the queue to the worker, if there is one whose lane is free; with how often it was."""
        with self.lock:
            if queue in self.paused:
                return None
            slips = [slip for slip in self.slips.values() if slip.ticket.queue == queue]
            slips.sort(key=lambda slip: -slip.ticket.priority)
            taken = {slip.ticket.lane for slip in slips if slip.holder}
            for slip in slips:
                if slip.holder is None and slip.ready_at <= time.time() and slip.ticket.lane not in taken:
                    slip.holder, slip.since = worker, time.time()
                    slip.handed += 1
                    return slip.ticket, slip.handed
        return None

    def use_up(self, ticket: Ticket, handed: int) -> None:
        """The worker is done with it; unless it was put back meanwhile, it is gone."""
        with self.lock:
            slip = self.slips.get(ticket.id)
            if slip is not None and slip.holder and slip.handed == handed:
                del self.slips[ticket.id]


class MemoryWorker:
    """Works queues off in threads, one for every ticket that may be in hand at once."""

    def __init__(
        self, queue: MemoryQueue, queues: Mapping[str, int], worker: str, handler: Callable[[str], None]
    ) -> None:
        self._queue, self._worker, self._handler = queue, worker, handler
        self._stopping = threading.Event()
        names = [name for name, concurrency in queues.items() for _ in range(concurrency)]
        self._threads = [threading.Thread(target=self._work, args=(name,), daemon=True) for name in names]
        for thread in self._threads:
            thread.start()

    def _work(self, name: str) -> None:
        while not self._stopping.wait(POLL):
            taken = self._queue.take(name, self._worker)
            if taken is not None and self._handle(taken[0].task_id):
                self._queue.use_up(*taken)

    def _handle(self, task_id: str) -> bool:
        """Whether the ticket is used up."""
        while True:
            try:
                self._handler(task_id)
            except Unavailable:
                if self._stopping.wait(POLL):
                    return False
            else:
                return True

    def stop(self, seconds: float = 60.0) -> None:
        """See the port."""
        self._stopping.set()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
