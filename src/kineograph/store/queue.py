"""The durable queue: DBOS tickets in the store's own database. The only module that knows DBOS."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, WorkflowStatus
from dbos import error as dbos_error
from sqlalchemy import ColumnElement, Connection, Table, bindparam, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from kineograph.core.errors import OperatorError, Unavailable
from kineograph.core.ports import Ticket
from kineograph.core.request import PRIORITY_MAX
from kineograph.store.database import Database
from kineograph.store.prepared import Prepared
from kineograph.store.replay import Replay
from kineograph.telemetry import event

APPLICATION = "kineograph"
WORKFLOW = "make"
# What a ticket means to the one who takes it. Raised when a worker of the version before could not serve it: such a worker
# sees only tickets of its own protocol. UNDERSTOOD are the older ones that workers of this version can serve as well.
PROTOCOL = "1"
UNDERSTOOD: frozenset[str] = frozenset()
POLL = 0.25  # seconds between two looks of an idle worker; the median wait of a ticket is half of it
POLL_MAX = 2.0
SELDOM = 60.0  # seconds between two looks of DBOS's for what never comes
LOOKS = 100.0  # a second, of all workers of a queue together: beyond, each looks less often
REPEAT = 10.0  # seconds before the same warning of DBOS is said again
PATIENCE = 2.0  # seconds between two tries of a handler that found the database away
_TASK, _QUEUE, _LANE = "a-task", "a-queue", "a-lane"  # stand for the values of a ticket while its enqueuing is learnt
_ID = Ticket(_TASK, 1, _QUEUE, _LANE).id
WAITING = ["ENQUEUED", "DELAYED"]

# DBOS's client can only list tickets one by one, and there may be a hundred thousand.
_WAITING = (
    "SELECT queue_name, count(*) AS waiting FROM {}workflow_status"
    " WHERE status IN ('ENQUEUED', 'DELAYED') AND name = :name GROUP BY queue_name"
)
_DEPTH = Prepared(text(_WAITING.format("")), postgresql=text(_WAITING.format("dbos.")))


class DbosQueue:
    """Queue on DBOS Transact.

    Args:
        database: Where tasks and tickets are, so that both change in one transaction.
        protocol, understood: See PROTOCOL.

    Raises:
        OperatorError: the database cannot be written, or the queue's tables are of another version.
    """

    def __init__(self, database: Database, protocol: str = PROTOCOL, understood: frozenset[str] = UNDERSTOOD) -> None:
        self._protocol, self._understood = protocol, understood
        _quiet()
        ours = database.backend.upgrades_itself
        if ours:
            upgrade_queue(database)
        self._database = database
        self._learnt: dict[int, Replay] = {}
        self._client = DBOSClient(
            system_database_engine=database.engine,
            application_name=APPLICATION,
            lazy=True,
            retry_connection_errors=ours,  # it would hold a writer's thread until the database is back
        )
        if not ours:
            self._check()

    def _check(self) -> None:
        try:
            self._client._sys_db.verify_migrations()  # changes nothing, and is not to be had in public
        except SQLAlchemyError as error:
            raise self._database.backend.explain(error) from error
        except dbos_error.DBOSException as error:
            raise OperatorError(
                f"the queue's tables in {self._database.backend.place} are of another version; run kineo db upgrade"
            ) from error

    def submit(self, connection: Connection, ticket: Ticket) -> None:
        """See the port. A ticket has no inputs: its id tells the task."""
        if ticket.delay > 0:
            self._enqueue(connection, ticket)
        else:
            self._replay(connection, ticket.priority).run(
                connection, {_ID: ticket.id, _QUEUE: ticket.queue, _LANE: ticket.lane}
            )

    def _replay(self, connection: Connection, priority: int) -> Replay:
        """How DBOS enqueues, learnt with the first ticket of each priority."""
        if priority not in self._learnt:
            probe = Ticket(_TASK, 1, _QUEUE, _LANE, priority=priority)
            names = (_ID, _QUEUE, _LANE)
            self._learnt[priority] = Replay(connection, lambda watched: self._enqueue(watched, probe), names)
        return self._learnt[priority]

    def _enqueue(self, connection: Connection, ticket: Ticket) -> None:
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": ticket.queue,
            "workflow_id": ticket.id,
            "queue_partition_key": ticket.lane,
            "app_version": self._protocol,
            "priority": PRIORITY_MAX + 1 - ticket.priority,  # there 1 goes first
        }
        if ticket.delay > 0:
            options["delay_seconds"] = ticket.delay
        self._client.enqueue_in_transaction(connection, options)

    def refill(self, connection: Connection, found: Iterable[tuple[Ticket, float]]) -> int:
        """Tickets for a database that was copied; how many.

        Args:
            found: Each with the Unix seconds since when it waits: of a lane's equals the oldest goes first.

        Raises:
            OperatorError: there are tickets already, which those would be mistaken for.
        """
        options = self._client._sys_db.engine.get_execution_options()
        ticket, made, rest = self._tickets.c, 0, iter(found)
        if connection.execute(select(ticket.workflow_uuid).limit(1), execution_options=options).first():
            raise OperatorError(f"the queue in {self._database.backend.place} is not empty; copy into a new database")
        since = (
            update(self._tickets).where(ticket.workflow_uuid == bindparam("ticket")).values(created_at=bindparam("at"))
        )
        while batch := list(islice(rest, 1000)):
            for each, _ in batch:
                self.submit(connection, each)
            ages = [{"ticket": each.id, "at": int(at * 1000)} for each, at in batch]
            connection.execute(since, ages, execution_options=options)
            made += len(batch)
        return made

    def cancel(self, ticket_ids: Sequence[str]) -> None:
        """See the port."""
        self._client.cancel_workflows(list(ticket_ids))

    def run(self, queues: Mapping[str, int], worker: str, handler: Callable[[str], None]) -> DbosWorker:
        """See the port. Once per process: DBOS is a singleton."""
        for queue, concurrency in queues.items():
            known = self._client.retrieve_queue(queue)
            if known is None or known.worker_concurrency not in {0, concurrency}:  # 0: it is paused
                self._register(queue, concurrency, POLL)
        return DbosWorker(self._database, queues, worker, handler, self._protocol)

    def _register(self, queue: str, concurrency: int, poll: float) -> None:
        self._client.register_queue(
            queue,
            worker_concurrency=concurrency,
            partition_concurrency=1,  # a lane is worked off one by one; the lanes of a key are its limit
            polling_interval_sec=poll,
            on_conflict="always_update",
        )

    def pace(self, queue: str, paused: bool, workers: int) -> None:
        """See the port. DBOS's workers read their queue's row before every look."""
        poll = min(max(workers / LOOKS, POLL), POLL_MAX)
        known = self._client.retrieve_queue(queue)
        if known is None and not paused:
            return  # its first worker will register it
        # A render queue hands one ticket to each worker; the queue of fetches, which nobody pauses, several.
        concurrency = 0 if paused else (known.worker_concurrency if known is not None else None) or 1
        if known is None or (known.worker_concurrency, known.polling_interval_sec) != (concurrency, poll):
            self._register(queue, concurrency, poll)

    def relane(self, connection: Connection, queue: str, old: str, new: str) -> None:
        """See the port. DBOS has no verb for it."""
        ticket = self._tickets.c
        waits = (ticket.queue_name == queue) & (ticket.queue_partition_key == old) & ticket.status.in_(WAITING)
        self._change(connection, waits, queue_partition_key=new)

    def adopt(self) -> int:
        """See the port. DBOS has no verb for it."""
        if not self._understood:
            return 0
        ticket = self._tickets.c
        old = (ticket.name == WORKFLOW) & ticket.status.in_(WAITING) & ticket.application_version.in_(self._understood)
        with self._database.begin() as tx:
            return self._change(tx.connection, old, application_version=self._protocol)

    def _change(self, connection: Connection, which: ColumnElement[bool], **values: str) -> int:
        """How many tickets were changed. DBOS's engine knows in which schema its tables are."""
        options = self._client._sys_db.engine.get_execution_options()
        return connection.execute(update(self._tickets).where(which).values(values), execution_options=options).rowcount

    @property
    def _tickets(self) -> Table:
        table: Table = self._client._sys_db.tables.workflow_status
        return table

    def recover(
        self, dead: Collection[str], busy: Collection[str], older_than: float, expected: Sequence[Ticket] = ()
    ) -> Sequence[Ticket]:
        """See the port."""
        before = (self._database.now() - older_than) * 1000
        lost: dict[str, list[str]] = {}
        for held in self._list(status=["PENDING"]):
            quiet = _task_of(held.workflow_id) not in busy and (held.dequeued_at or 0) <= before
            if held.queue_name is not None and (held.executor_id in dead or quiet):
                lost.setdefault(held.queue_name, []).append(held.workflow_id)
        for queue, ticket_ids in lost.items():
            self._client.resume_workflows(ticket_ids, queue_name=queue)
            event("queue.recovered", queue=queue, tickets=len(ticket_ids))
        return self._missing(expected)

    def _missing(self, expected: Sequence[Ticket]) -> Sequence[Ticket]:
        if not expected:
            return []
        # A ticket still DELAYED waits for the clock of the machine that put it off, which is ahead: it is as good as lost.
        found = self._list(status=["ENQUEUED", "PENDING"], workflow_ids=[ticket.id for ticket in expected])
        there = {ticket.workflow_id for ticket in found}
        return [ticket for ticket in expected if ticket.id not in there]

    def depth(self) -> Mapping[str, int]:
        """See the port."""
        return {str(row.queue_name): int(row.waiting) for row in self._database.look_here(_DEPTH, {"name": WORKFLOW})}

    def purge(self, ticket_ids: Sequence[str]) -> None:
        """See the port."""
        if ticket_ids:
            self._client.delete_workflows(list(ticket_ids))

    def close(self) -> None:
        """Let go of the client. The engine stays the database's."""
        self._client.destroy()

    def _list(self, status: list[str], workflow_ids: list[str] | None = None) -> list[WorkflowStatus]:
        return self._client.list_workflows(
            status=status, workflow_ids=workflow_ids, name=WORKFLOW, load_input=False, load_output=False
        )


def upgrade_queue(database: Database) -> None:
    """Make the queue's tables, or bring them up to date. Raises OperatorError."""
    _quiet()
    try:
        DBOS.migrate(database.url)
    except SQLAlchemyError as error:
        raise database.backend.explain(error) from error


class DbosWorker:
    """Queues being worked off by DBOS's threads in this process."""

    def __init__(
        self, database: Database, queues: Mapping[str, int], worker: str, handler: Callable[[str], None], protocol: str
    ) -> None:
        self._stopping = threading.Event()
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": database.url,
            "system_database_engine": database.backend.queue_engine(),
            "sys_db_pool_size": 3,
            "run_migrations": False,
            "executor_id": worker,
            "application_version": protocol,
            "log_level": "WARNING",
            "use_listen_notify": False,
            "notification_listener_polling_interval_sec": 1.0,  # no messages are sent; `stop` waits for one round
            "scheduler_polling_interval_sec": 3600.0,  # and have no schedules
            "max_executor_threads": sum(queues.values()) + 2,
        }
        dbos = DBOS(config=config)
        dbos._registry.get_internal_queue()._polling_interval_sec = SELDOM  # for what is scheduled or sent: nothing

        @DBOS.workflow(name=WORKFLOW)
        def make() -> None:
            self._handle(handler, _task_of(str(DBOS.workflow_id)))

        DBOS.listen_queues(list(queues))
        DBOS.launch()
        # It asks every second whether there are new queues to listen to; a worker's are settled before it starts.
        dbos._sys_db.list_queues = _Seldom(dbos._sys_db.list_queues)  # type: ignore[method-assign]

    def _handle(self, handler: Callable[[str], None], task_id: str) -> None:
        """A ticket must not be used up while the database is away: try until it is back, or until we are to stop."""
        while True:
            try:
                return handler(task_id)
            except Unavailable:
                if self._stopping.wait(PATIENCE):
                    raise

    def stop(self, seconds: float = 60.0) -> None:
        """See the port."""
        self._stopping.set()
        DBOS.destroy(workflow_completion_timeout_sec=math.ceil(seconds), destroy_registry=True)


class _Seldom:
    """Asks again only when the last answer is SELDOM seconds old: such questions were half of what an idle worker costs."""

    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask = ask
        self._answer: Any = None
        self._until = 0.0

    def __call__(self, **words: Any) -> Any:
        if time.monotonic() >= self._until:
            self._answer = self._ask(**words)
            self._until = time.monotonic() + SELDOM
        return self._answer


class _Quiet(logging.Handler):
    """Turns DBOS's warnings into events; its tracebacks, its greetings, and what it says of cancelled workflows are dropped.
    While the database is away its threads say the same several times a second: once in REPEAT is enough."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, int], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        place = (record.pathname, record.lineno)
        if record.levelno < logging.WARNING or record.created - self._said.get(place, 0.0) < REPEAT:
            return
        if "cancel" not in record.getMessage().lower():
            self._said[place] = record.created
            event("queue.warning", message=record.getMessage().partition("Traceback")[0].strip()[:300])


def _quiet() -> None:
    logger = logging.getLogger("dbos")
    if not any(isinstance(handler, _Quiet) for handler in logger.handlers):
        logger.handlers = [_Quiet()]
        logger.propagate = False


def _task_of(ticket_id: str) -> str:
    return ticket_id.rpartition(":")[0]
