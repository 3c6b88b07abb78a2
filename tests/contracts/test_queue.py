"""The contract of Queue."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from kineograph.core.errors import Unavailable
from kineograph.core.ports import Queue, Running, Ticket
from kineograph.store.database import Database
from kineograph.testing import MemoryQueue

QUIET = 60.0  # seconds: nothing in these tests is that old


class Counter:
    """Takes tickets, notes them, and can hold on to one."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.together = 0
        self.most_together = 0
        self._lock = threading.Lock()

    def __call__(self, task_id: str) -> None:
        with self._lock:
            self.taken.append(task_id)
            self.together += 1
            self.most_together = max(self.most_together, self.together)
        self.go_on.wait(10)
        with self._lock:
            self.together -= 1


def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


class Installation:
    """A queue, the transactions it is submitted in, and its workers."""

    def __init__(self, queue: Queue[Any], transaction: Callable[[], Any]) -> None:
        self.queue = queue
        self.transaction = transaction
        self.workers: list[Running] = []

    def submit(self, *tickets: Ticket) -> None:
        with self.transaction() as connection:
            for ticket in tickets:
                self.queue.submit(connection, ticket)

    def run(self, handler: Callable[[str], None], worker: str = "worker_1", concurrency: int = 1) -> Running:
        running = self.queue.run({"animatic": concurrency}, worker, handler)
        self.workers.append(running)
        return running

    def waiting(self) -> int:
        return self.queue.depth().get("animatic", 0)


@pytest.fixture
def place(kind: str, request: pytest.FixtureRequest) -> Iterator[Installation]:
    if kind == "memory":
        place = Installation(MemoryQueue(), contextlib.nullcontext)
    else:
        database: Database = request.getfixturevalue("database")
        place = Installation(request.getfixturevalue("queue"), database.engine.begin)
    yield place
    for worker in place.workers:
        worker.stop(
            5
        )  # a thread that waits for the outcome of a ticket handed out twice would wait for ever without tables


def tickets(count: int, lane: str = "key_1#0", **changes: Any) -> Sequence[Ticket]:
    return [Ticket(f"task_{lane}_{i}", 1, "animatic", lane, **changes) for i in range(count)]


def test_tickets_of_a_lane_are_worked_off_in_order_and_one_by_one(place: Installation) -> None:
    handler = Counter()
    line = tickets(3)
    place.submit(*line)
    assert place.waiting() == 3
    place.run(handler, concurrency=2)
    until(lambda: len(handler.taken) == 3 and handler.together == 0)
    assert handler.taken == [ticket.task_id for ticket in line]
    assert handler.most_together == 1
    assert place.waiting() == 0


def test_lanes_are_worked_off_side_by_side(place: Installation) -> None:
    handler = Counter()
    handler.go_on.clear()
    place.submit(*tickets(2, "key_1#0"), *tickets(2, "key_1#1"), *tickets(2, "key_2#0"))
    place.run(handler, concurrency=6)
    until(lambda: handler.together == 3)
    time.sleep(0.4)
    assert handler.together == 3
    handler.go_on.set()
    until(lambda: len(handler.taken) == 6)


def test_one_ticket_at_a_time_unless_told_otherwise(place: Installation) -> None:
    handler = Counter()
    handler.go_on.clear()
    place.submit(*tickets(1, "key_1#0"), *tickets(1, "key_2#0"))
    place.run(handler)
    until(lambda: handler.together == 1)
    time.sleep(0.6)
    assert handler.most_together == 1
    handler.go_on.set()
    until(lambda: len(handler.taken) == 2)


def test_one_worker_works_off_several_queues(place: Installation) -> None:
    handler = Counter()
    handler.go_on.clear()
    place.submit(*tickets(1), *[Ticket(f"task_fetch_{i}", 1, "fetch", f"key_{i}#0") for i in range(3)])
    place.workers.append(place.queue.run({"animatic": 1, "fetch": 2}, "worker_1", handler))
    until(lambda: handler.together == 3)
    assert "task_key_1#0_0" in handler.taken
    handler.go_on.set()
    until(lambda: len(handler.taken) == 4)


def test_other_queues_are_left_alone(place: Installation) -> None:
    handler = Counter()
    place.submit(Ticket("task_other", 1, "ark", "key_1#0"), *tickets(1))
    place.run(handler)
    until(lambda: handler.taken)
    time.sleep(0.4)
    assert handler.taken == ["task_key_1#0_0"]
    assert place.queue.depth() == {"ark": 1}


def test_a_delayed_ticket_waits(place: Installation) -> None:
    handler = Counter()
    started = time.monotonic()
    place.submit(*tickets(1, delay=1.0))
    place.run(handler)
    until(lambda: handler.taken)
    assert time.monotonic() - started >= 0.9


def test_a_cancelled_ticket_is_not_handed_out(place: Installation) -> None:
    handler = Counter()
    first, second = tickets(2)
    place.submit(first, second)
    place.queue.cancel([first.id])
    assert place.waiting() == 1
    place.run(handler)
    until(lambda: handler.taken)
    assert handler.taken == [second.task_id]


def test_a_purged_ticket_is_missing_and_a_waiting_one_is_not(place: Installation) -> None:
    first, second = tickets(2)
    place.submit(first, second)
    place.queue.purge([first.id])
    assert place.queue.recover([], [], QUIET, [first, second]) == [first]


def test_a_handler_that_finds_the_database_away_gets_its_ticket_again(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kineograph.store.queue.PATIENCE", 0.05)
    tries: list[str] = []

    def handler(task_id: str) -> None:
        tries.append(task_id)
        if len(tries) < 3:
            raise Unavailable("away")

    place.submit(*tickets(1))
    place.run(handler)
    until(lambda: len(tries) == 3)
    time.sleep(0.3)
    assert len(tries) == 3


def test_stopping_waits_for_the_ticket_in_hand_and_takes_no_other(place: Installation) -> None:
    handler = Counter()
    handler.go_on.clear()
    place.submit(*tickets(2))
    worker = place.run(handler)
    until(lambda: handler.together == 1)
    threading.Timer(0.5, handler.go_on.set).start()
    worker.stop(10)
    place.workers.clear()
    assert handler.together == 0
    assert len(handler.taken) == 1
    assert place.waiting() == 1


def test_the_tickets_of_a_dead_worker_are_put_back(place: Installation) -> None:
    handler = Counter()
    handler.go_on.clear()
    (ticket,) = tickets(1)
    place.submit(ticket)
    place.run(handler, worker="worker_1")
    until(lambda: handler.together == 1)
    assert place.queue.recover([], [], QUIET, [ticket]) == []
    assert place.waiting() == 0
    assert place.queue.recover(["worker_2"], [ticket.task_id], 0.0, [ticket]) == []
    assert place.waiting() == 0
    place.queue.recover(["worker_1"], [ticket.task_id], QUIET)
    handler.go_on.set()
    until(lambda: len(handler.taken) == 2)


def test_a_ticket_that_no_worker_owns_up_to_is_put_back(place: Installation) -> None:
    handler = Counter()
    handler.go_on.clear()
    (ticket,) = tickets(1)
    place.submit(ticket)
    place.run(handler)
    until(lambda: handler.together == 1)
    time.sleep(0.05)
    place.queue.recover([], [], 0.01)
    handler.go_on.set()
    until(lambda: len(handler.taken) == 2)


def test_a_paused_queue_hands_out_nothing_until_it_is_resumed(place: Installation) -> None:
    handler = Counter()
    place.queue.pace("animatic", True, 0)
    place.submit(*tickets(2))
    place.run(handler)
    time.sleep(0.8)
    assert handler.taken == [], "also not to a worker that starts meanwhile"
    place.queue.pace("animatic", False, 1)
    until(lambda: len(handler.taken) == 2)


def test_of_a_lane_the_highest_priority_goes_first_and_then_the_oldest(place: Installation) -> None:
    handler = Counter()
    place.submit(
        *[Ticket(f"task_{i}", 1, "animatic", "key_1#0", priority=level) for i, level in enumerate((5, 0, 9, 5))]
    )
    place.run(handler)
    until(lambda: len(handler.taken) == 4)
    assert handler.taken == ["task_2", "task_0", "task_3", "task_1"]


def test_lanes_are_joined_in_their_order(place: Installation) -> None:
    handler = Counter()
    place.submit(*tickets(2, "key_1#0"), *tickets(2, "key_1#1"))
    with place.transaction() as connection:
        place.queue.relane(connection, "animatic", "key_1#1", "key_1#0")
    place.run(handler, concurrency=4)
    until(lambda: len(handler.taken) == 4)
    assert handler.most_together == 1
