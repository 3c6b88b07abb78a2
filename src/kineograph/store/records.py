"""A task's rows inside a transaction: what is written together whenever a task comes, changes or goes."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from kineograph.core.deliveries import told, told_at_first
from kineograph.core.fleet import Limits
from kineograph.core.ports import Queue, Ticket
from kineograph.core.request import PRIORITY_MAX
from kineograph.core.task import FETCH_QUEUE, Status, Task
from kineograph.store import gates, lanes, ledger, outbox, rows, schema
from kineograph.store.prepared import Prepared, Record
from kineograph.store.queries import event_id
from kineograph.store.writer import Transaction

# What rows.changing gives.
_CHANGING = [
    "status",
    "attempt",
    "worker",
    "progress",
    "phase",
    "sequence",
    "cancel_requested",
    "resume_token",
    "started_at",
    "finished_at",
    "updated_at",
    "video",
    "failure",
    "usage_seconds",
    "usage_tokens",
    "cost",
    "files_expired_at",
]
_ID = schema.tasks.c.id == bindparam("row_id")
_INSERT = Prepared(insert(schema.tasks))
_EVENT = [column.name for column in schema.events.c if column.name != "id"]  # which SQLite counts by itself
_INSERT_EVENT = Prepared(
    insert(schema.events), _EVENT, postgresql=insert(schema.events).values(id=event_id(bindparam("place")))
)
_WRITTEN = insert(schema.events).returning(schema.events.c.id)
_INSERT_EVENT_TOLD = Prepared(_WRITTEN, _EVENT, postgresql=_WRITTEN.values(id=event_id(bindparam("place"))))
_INSERT_METADATA = Prepared(insert(schema.task_metadata))
_INSERT_INPUT = Prepared(insert(schema.task_inputs))
# "For update" says nothing on SQLite, where writers take turns anyway.
_LOCK = Prepared(select(schema.tasks).where(_ID).with_for_update())
_CHANGE = Prepared(update(schema.tasks).where(_ID), _CHANGING)
_QUEUE = Prepared(update(schema.tasks).where(_ID), ["tickets", "waits_in", "ready_at", "parked"])
_LANE = Prepared(update(schema.tasks).where(_ID), ["lane"])
_ENGINE = Prepared(update(schema.tasks).where(_ID), ["engine", "queue", "lane"])
_PARK = Prepared(update(schema.tasks).where(_ID), ["parked"])
_REQUEST = Prepared(update(schema.tasks).where(_ID), ["request"])
_DELETE = [
    Prepared(delete(schema.idempotency).where(schema.idempotency.c.task_id == bindparam("row_id"))),
    Prepared(delete(schema.events).where(schema.events.c.task_id == bindparam("row_id"))),
    Prepared(delete(schema.tasks).where(_ID)),
]
_ANY = Limits(per_account=sys.maxsize)  # of a task that was accepted already
_DELETE_INPUTS = Prepared(delete(schema.task_inputs).where(schema.task_inputs.c.task_id == bindparam("row_id")))


class Records:
    """Writes tasks.

    Args:
        queue: Where tickets go, in the same transaction.
        limits: Of what is accepted.
    """

    def __init__(self, queue: Queue[Connection], limits: Limits) -> None:
        self.queue = queue
        self._limits = limits

    def add(self, tx: Transaction, task: Task) -> Task:
        """A new task: its rows, first event and first ticket."""
        task = replace(task, sequence=1, updated_at=tx.now)
        lane = lanes.take(tx, task, self._limits)
        ticket = _ticket(task, lane, 1, tx.now)
        due_at = max(tx.now, task.request.start_at or 0)
        place = {
            "waits_in": ticket.queue,
            "lane": lane,
            "tickets": 1,
            "ready_at": tx.now + ticket.delay,
            "due_at": due_at,
            "parked": _later(task, tx.now),
            "held": ledger.accept(tx, task),
        }
        _INSERT.run(tx.connection, rows.columns_of(task) | place)
        for name, value in task.request.metadata.items():
            word = {"account_id": task.account_id, "name": name, "value": value, "task_id": task.id}
            _INSERT_METADATA.run(tx.connection, word)
        self._keep_inputs(tx, task)
        self._note(tx, task, told_at_first(task.request))
        self.queue.submit(tx.connection, ticket)
        return task

    def _keep_inputs(self, tx: Transaction, task: Task) -> None:
        for file in rows.inputs_of(task.request):
            _INSERT_INPUT.run(tx.connection, {"file": file, "task_id": task.id})

    def load(self, tx: Transaction, task_id: str) -> Record | None:
        """The task's row, locked until the transaction ends."""
        return _LOCK.one(tx.connection, {"row_id": task_id})

    def save(self, tx: Transaction, row: Record, task: Task, delay: float = 0.0) -> Task:
        """The task after a change. A task that is queued again gets a new ticket; one that ends leaves its lane.

        Args:
            row: As loaded in this transaction.
            delay: Seconds before the new ticket may be handed out.
        """
        if task.status is Status.QUEUED:
            lane = row.lane if task.queue == row.queue else self._change_queue(tx, row, task)
            self._move(tx, _ticket(task, lane, row.tickets + 1, tx.now, delay), _later(task, tx.now))
        elif row.parked is not None:
            _PARK.run(tx.connection, {"row_id": task.id, "parked": None})
        _CHANGE.run(tx.connection, rows.changing(task) | {"row_id": task.id})
        self._note(tx, task, told(row, task))
        if task.finished and row.finished_at is None:
            self._ended(tx, row, task)
        if row.status == Status.RUNNING and task.status is not Status.RUNNING:
            self.unpark(tx, gates.freed(tx, row))
        return task

    def _note(self, tx: Transaction, task: Task, tell: bool) -> None:
        """The event of a change, and if it is one to be told, who is."""
        values = rows.event_of(task) | {"place": tx.place()}
        if tell and (task.request.callback_url or task.request.webhook):
            outbox.tell(tx, task, _INSERT_EVENT_TOLD.all(tx.connection, values)[0].id)
        else:
            _INSERT_EVENT.run(tx.connection, values)

    def _change_queue(self, tx: Transaction, row: Record, task: Task) -> int:
        """Another engine is to make it: a lane in that one's queue."""
        lanes.leave(tx, row)
        lane = lanes.take(tx, task, _ANY)
        place = {"row_id": task.id, "engine": task.engine, "queue": task.queue, "lane": lane}
        _ENGINE.run(tx.connection, place)
        return lane

    def prepare(self, tx: Transaction, row: Record, task: Task) -> None:
        """The task's images are in the file store: remember which, and let it wait in its own queue."""
        _REQUEST.run(tx.connection, {"request": rows.request_json(task.request), "row_id": task.id})
        _DELETE_INPUTS.run(tx.connection, {"row_id": task.id})
        self._keep_inputs(tx, task)
        self.save(tx, row, task)

    def _ended(self, tx: Transaction, row: Record, task: Task) -> None:
        lanes.leave(tx, row)
        ledger.settle(tx, row, task)
        _DELETE_INPUTS.run(tx.connection, {"row_id": task.id})
        if row.status == Status.QUEUED:
            tx.after.append(functools.partial(self.queue.cancel, [ticket_of(row).id]))
            self.call_off(tx, row)

    def call_off(self, tx: Transaction, row: Record) -> None:
        """The task ended without its worker: if an upstream was asked for the film, one more ticket, for somebody to tell it."""
        if row.resume_token is not None:
            self._move(tx, replace(ticket_of(row), number=row.tickets + 1))

    def park(self, tx: Transaction, row: Record, gate: str) -> None:
        """The queued task's ticket is used up and it waits at the gate. The places it leaves open elsewhere go to others."""
        _PARK.run(tx.connection, {"row_id": row.id, "parked": gate})
        self.unpark(tx, (other for other in gates.freed(tx, row) if gate not in gates.of(other).values()))

    def remind(self, tx: Transaction, row: Record) -> None:
        """Its ticket came before its time, by a clock that is ahead of the database's: a new one for what is left."""
        ticket = replace(ticket_of(row), number=row.tickets + 1, delay=row.ready_at - tx.now)
        self._move(tx, ticket, row.parked)

    def unpark(self, tx: Transaction, found: Iterable[Record]) -> None:
        """Parked tasks get tickets again: whether the gate lets them start is seen then."""
        for row in found:
            self._move(tx, replace(ticket_of(row), number=row.tickets + 1))

    def _move(self, tx: Transaction, ticket: Ticket, parked: str | None = None) -> None:
        """The task waits with this ticket from now on."""
        place = {
            "tickets": ticket.number,
            "waits_in": ticket.queue,
            "ready_at": tx.now + ticket.delay,
            "parked": parked,
        }
        _QUEUE.run(tx.connection, place | {"row_id": ticket.task_id})
        self.queue.submit(tx.connection, ticket)

    def relane(self, tx: Transaction, row: Record, lane: int) -> None:
        """A new ticket for a queued task, in another lane of its key."""
        _LANE.run(tx.connection, {"lane": lane, "row_id": row.id})
        self._move(tx, replace(ticket_of(row._replace(lane=lane)), number=row.tickets + 1))

    def reissue(self, tx: Transaction, task_id: str, number: int) -> None:
        """A new ticket for a queued task whose last one, of that number, went missing."""
        row = self.load(tx, task_id)
        if row is None or row.status != Status.QUEUED or row.tickets != number or row.parked is not None:
            return
        self._move(tx, replace(ticket_of(row), number=number + 1))

    def remove(self, tx: Transaction, found: Sequence[Record]) -> None:
        """Wipe finished tasks: everything about them but their usage."""
        for row in found:
            for statement in _DELETE:
                statement.run(tx.connection, {"row_id": row.id})
        tickets = [f"{row.id}:{number}" for row in found for number in range(1, row.tickets + 1)]
        tx.after.append(functools.partial(self.queue.purge, tickets))


def _ticket(task: Task, lane: int, number: int, now: float, delay: float = 0.0) -> Ticket:
    """The task's next ticket. Images are fetched at once, also for a start that was put off: their links may grow old."""
    queue = rows.waits_in(task)
    if queue != FETCH_QUEUE:
        delay = max(delay, (task.request.start_at or 0) - now)
    return Ticket(task.id, number, queue, _lane(task.key_id, task.id, queue, lane), delay, task.request.priority)


def _later(task: Task, now: float) -> str | None:
    return gates.LATER if (task.request.start_at or 0) > now else None


def ticket_of(row: Record) -> Ticket:
    """The newest ticket of the task in this row."""
    lane = _lane(row.key_id, row.id, row.waits_in, row.lane)
    return Ticket(row.id, row.tickets, row.waits_in, lane, priority=PRIORITY_MAX - row.turn)


def _lane(key_id: str, task_id: str, queue: str, lane: int) -> str:
    return lanes.fetch_lane(key_id, task_id) if queue == FETCH_QUEUE else f"{key_id}#{lane}"
