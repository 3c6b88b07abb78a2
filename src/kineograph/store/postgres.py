"""PostgreSQL: any number of machines, several writers, reads that never hold up the event loop."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from kineograph.core.errors import KineographError, OperatorError
from kineograph.store.backend import Say
from kineograph.store.breaker import Breaker
from kineograph.store.looks import Looks
from kineograph.store.prepared import Prepared, Record
from kineograph.store.writer import Begin, Crew, Transaction, Writer, unavailable
from kineograph.telemetry import event as happened

RV = TypeVar("RV")

# Seconds that a statement may take at the server, wait for a lock, and a transaction may idle: a client that is stopped in the
# middle of one must let go of its locks before those who wait for them give up.
STATEMENT, LOCK, IDLE = 15, 12, 8
LOOK = 4  # seconds at the server for a small indexed query, which takes a millisecond
GRACE = 1  # seconds more before this side takes the server for hung: it would have said that it gave up
CONNECT = 5  # seconds to reach the server
QUEUE = 2  # connections of the durable queue's threads
OLDEST = 14  # version of the server
# A server that vanished without a word is noticed by both sides within 20–30 s.
LINK = {
    "connect_timeout": CONNECT,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
SERVER_LINK = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
# Done again: a deadlock or a serialization failure has undone everything.
AGAIN = {"40001", "40P01"}
WAITED = {"55P03", "57014"}  # for a lock, or altogether, for too long
# A session that heard the beginning of a request and nothing more holds its locks for ever: between two messages of one request
# the server counts neither the statement nor an idle transaction. TCP notices a client's machine that is gone, but not a
# balancer or a pool on the way that goes on answering for it.
_FREE = Prepared(
    text(
        # Materialized: the server may judge the conditions of one WHERE in any order, and would end everybody.
        "WITH half AS MATERIALIZED (SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND usename = current_user AND datname = current_database()"
        " AND application_name = current_setting('application_name') AND state = 'active' AND wait_event = 'ClientRead'"
        " AND state_change < clock_timestamp() - make_interval(secs => :silent))"
        " SELECT pid, pg_terminate_backend(pid) FROM half"
    )
)
# What the server says when it is going, coming or full, beside errors without any code: nobody's fault but its own.
AWAY = {"57P01", "57P02", "57P03", "53300", "08000", "08003", "08006"}
STEPPED_DOWN = "25006"  # a write on a server that is only read from: it was the first until a fail-over
# What is found in the server's or the driver's words -> what to do.
SENTENCES = [
    ("Name or service|resolve|translate host|No address", "there is no host {host!r}; correct KINEO_DATABASE_URL"),
    (
        "[Rr]efused|No such file",
        "nobody listens at {server}; start PostgreSQL, or correct host and port in KINEO_DATABASE_URL",
    ),
    ("time(d )?out|unreachable", "{server} does not answer; check the address, the network and its firewall"),
    ("pg_hba", "PostgreSQL at {server} lets nobody in as {user!r} from here; add a line to its pg_hba.conf"),
    (
        "password|authentication",
        "PostgreSQL at {server} does not accept user {user!r} with this password; correct KINEO_DATABASE_URL",
    ),
    (
        'role ".*" does not exist',
        "PostgreSQL at {server} knows no user {user!r}; make it with createuser, or correct KINEO_DATABASE_URL",
    ),
    (
        'database ".*" does not exist',
        "PostgreSQL at {server} has no database {database!r}; make it: createdb --owner {user} {database}",
    ),
    (
        "permission denied|must be owner",
        "user {user!r} has not the rights in {place} ({words}); make it the owner:"
        " ALTER DATABASE {database} OWNER TO {user}",
    ),
    ("too many|remaining connection", "PostgreSQL at {server} has no connection left; raise its max_connections"),
]


class Bounded(psycopg.Connection[Any]):
    """A connection that does not wait for ever.

    A server that is stopped, not dead, keeps its side of the connection open and never answers: no timeout of the server's
    and none of TCP's comes to pass.
    """

    patience: float | None = STATEMENT + GRACE

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """See psycopg. An answer that does not come closes the connection: what it was doing is unknown."""
        try:
            return super().wait(gen, interval, timeout or self.patience)
        except psycopg.OperationalError as error:
            if error.sqlstate is None:
                self.pgconn.finish()
            raise


class Postgres:
    """Backend on a PostgreSQL server. See Backend.

    An API process with three writers holds up to 6 connections: 3 that write (and tidy the queue), 2 that look, 1 for lists.
    A child process holds up to 5: 1, 1, 1 and 2 of the durable queue's threads; a supervisor of its own 3.

    Args:
        url: `postgresql://…` as libpq knows it; its options win over ours.
        writers: Transactions at once.

    Raises:
        OperatorError: it names no database, or an option that there is not.
    """

    clock = Prepared(text("SELECT extract(epoch FROM clock_timestamp())::float8 AS now"))
    upgrades_itself = False
    snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    def __init__(self, url: str, writers: int) -> None:
        self._address = _address(url)
        self.url = self._address.render_as_string(hide_password=False)
        self.place = self._address.set(drivername="postgresql", query={}).render_as_string()
        self._writers = writers
        self._breaker = Breaker()
        self.writing = self._engine(writers, _session(STATEMENT, LOCK))
        reading = _session(STATEMENT, LOCK, "-c default_transaction_read_only=on")
        self.reading = self._engine(1, reading, isolation_level="AUTOCOMMIT")
        self._queue: Engine | None = None
        looking = _with(self._address, _session(LOOK, LOOK, "-c default_transaction_read_only=on"))
        self._looks = Looks(looking, self.writing.dialect, max(writers - 1, 1), LOOK + GRACE)

    def prove(self) -> None:
        """A server is made for many."""

    def writer(self, begin: Begin) -> Writer:
        """Several threads, a transaction a job: the server groups their commits, and jobs of several processes that shared
        transactions would lock each other out."""
        return Crew(functools.partial(self._guarded, begin), self._writers, self.refusal, self._again)

    @contextlib.contextmanager
    def _guarded(self, begin: Begin) -> Iterator[Transaction]:
        self._breaker.check()
        with begin() as tx:
            self._breaker.worked()  # it told the time
            yield tx

    async def look(self, statement: Prepared, parameters: Mapping[str, Any]) -> Sequence[Record]:
        """On connections of the event loop's own."""
        self._breaker.check()
        rows = await self._looks.look(statement, parameters)
        self._breaker.worked()
        return rows

    def queue_engine(self) -> Engine:
        """Connections of its own: its transactions set isolation levels, and their number must not depend on ours."""
        if self._queue is None:
            self._queue = self._engine(QUEUE, _session(STATEMENT, LOCK))
        return self._queue

    def refusal(self, error: SQLAlchemyError) -> KineographError:
        """See Backend. Remembers that the database is away, so that the next callers need not find out."""
        if is_away(error):
            self._breaker.failed()
            for engine in (
                self.writing,
                self.reading,
            ):  # what waits there is dead, or leads to a server that stepped down
                engine.dispose()
        return unavailable(error)

    def explain(self, error: SQLAlchemyError) -> OperatorError:
        """See Backend."""
        return OperatorError(_explain(self._address, self.place, error))

    def unhurried(self, connection: Connection) -> None:
        """See Backend."""
        driver = connection.connection.driver_connection
        assert isinstance(driver, Bounded)
        driver.patience = None
        for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            connection.exec_driver_sql(f"SET LOCAL {limit} = 0")

    def free(self) -> bool:
        """See Backend. They wait for the rest of a request."""
        with contextlib.suppress(SQLAlchemyError), self.reading.connect() as connection:
            for row in (ended := _FREE.all(connection, {"silent": IDLE})):
                happened("store.freed", pid=row.pid)
            return bool(ended)
        return False

    def before_upgrade(self, version: str) -> None:
        """The server's operator makes backups, with pg_dump or `kineo backup`; an upgrade is one transaction."""

    def back_up(self, target: Path, say: Say) -> None:
        """See Backend. Row by row; the file appears when it is whole."""
        from kineograph.store.copy import copy

        part = target.with_name(f"{target.name}.part")
        part.unlink(missing_ok=True)
        try:
            copy(self.url, f"sqlite:///{part.absolute()}", say, at_work=True)
            part.rename(target)
        except OSError as error:
            raise OperatorError(f"cannot copy the database to {target}: {error.strerror}") from error
        finally:
            part.unlink(missing_ok=True)

    async def close(self) -> None:
        """See Backend."""
        await self._looks.close()
        for engine in (self.writing, self.reading, self._queue):
            if engine is not None:
                engine.dispose()

    def _engine(self, size: int, session: str, **options: Any) -> Engine:
        engine = create_engine(
            _with(self._address, session),
            pool_size=size,
            max_overflow=0,
            pool_timeout=STATEMENT,
            pool_use_lifo=True,
            hide_parameters=True,  # they are the callers' words
            use_native_hstore=False,  # or every new connection asks the server for it
            **options,
        )

        @event.listens_for(engine, "do_connect")
        def connect(_dialect: object, _record: object, arguments: Any, options: Any) -> Any:
            return Bounded.connect(*arguments, **options)

        return engine

    def _again(self, error: SQLAlchemyError, begun: bool) -> bool:
        """A job that ended so may be done again: it was undone, it met a connection that had died in the pool, or waited for a
        lock whose holder will never come back."""
        died = isinstance(error, DBAPIError) and error.connection_invalidated and not begun
        return died or _code(error) in AGAIN or (_code(error) in WAITED and self.free())


def _code(error: SQLAlchemyError) -> str | None:
    """The server's SQLSTATE; None if the error is not the server's."""
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def is_away(error: SQLAlchemyError) -> bool:
    """Whether it is the server that cannot, not the statement that may not."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolTimeout)  # none of ours became free: they hang
    code = _code(error)
    return code in AWAY or (code is None and isinstance(error.orig, psycopg.OperationalError))


def _address(url: str) -> URL:
    address = make_url(url).set(drivername="postgresql+psycopg")
    if "@" in (address.host or ""):  # of a password: its end must not be shown as a host
        raise OperatorError("KINEO_DATABASE_URL holds more than one @; write an @ in the password as %40")
    if not address.database:
        raise OperatorError(
            "KINEO_DATABASE_URL names no database; put its name at the end: postgresql://user:password@host/kineograph"
        )
    missing = {name: str(value) for name, value in LINK.items() if name not in address.query}
    address = address.update_query_dict({"application_name": "kineograph", **missing} | dict(address.query))
    try:
        make_conninfo("", **dict.fromkeys(address.query, "0"))
    except psycopg.ProgrammingError as error:
        raise OperatorError(f"KINEO_DATABASE_URL: {str(error).strip()}; see the parameters of libpq") from error
    return address


def _session(statement: int, lock: int, more: str = "") -> str:
    limits = {"statement_timeout": statement, "lock_timeout": lock, "idle_in_transaction_session_timeout": IDLE}
    return " ".join([*(f"-c {name}={seconds}s" for name, seconds in limits.items()), SERVER_LINK, more]).strip()


def _with(address: URL, session: str) -> URL:
    """The address with the settings of a session; the operator's own come last and win."""
    given = address.query.get("options", "")
    return address.update_query_dict({"options": f"{session} {given}".strip()})


def _explain(address: URL, place: str, error: SQLAlchemyError) -> str:
    """Why it cannot be opened, and what to do. The server's words hold no password."""
    words = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
    names = {
        "host": address.host,
        "server": f"{address.host or 'the local socket'}:{address.port or 5432}",
        "user": address.username or "of this process",
        "database": address.database,
        "place": place,
        "words": words.splitlines()[0],
    }
    sentence = next((sentence for sign, sentence in SENTENCES if re.search(sign, words)), None)
    return (sentence or "cannot open the database {place}: {words}").format(**names)
