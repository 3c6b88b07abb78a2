"""The database: engines, transactions, reads. Everything that differs between SQLite and PostgreSQL is in this module."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from kineograph.core.errors import OperatorError
from kineograph.store.prepared import Prepared, Record
from kineograph.store.writer import Transaction, Writer, unavailable

T = TypeVar("T")

# Unix seconds by the database's clock, to the millisecond. SQLite has unixepoch('subsec') only from 3.42 on.
_NOW = Prepared(text("SELECT (julianday('now') - 2440587.5) * 86400.0 AS now"))
BUSY = 30_000  # milliseconds a writer waits for another process
READ_BUSY = 1000  # a reader waits only while the file itself is being mended or moved, and an event loop waits with it


class Database:
    """An open database.

    Attributes:
        url: As SQLAlchemy writes it.
        path: The SQLite file.
        engine: For writers: every transaction takes the write lock when it begins. Also given to the durable queue.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.path = _path(url)
        self.engine = _writing(url)
        self._reading = _reading(url)
        self._looking: Connection | None = None
        self._lock = threading.Lock()
        self._writer = Writer(self.begin)

    @classmethod
    def open(cls, url: str) -> Database:
        """Open the database, creating the file and bringing its tables up to date.

        Args:
            url: `sqlite:////absolute/path`.

        Raises:
            OperatorError: the folder cannot be written, the file is no database of ours, or it is newer than this code.
        """
        from kineograph.store.upgrade import upgrade  # Alembic is needed only when there is something to do

        database = cls(url)
        try:
            upgrade(database)
        except SQLAlchemyError as error:
            database.engine.dispose()
            raise refused(database.path, error) from error
        return database

    @contextlib.contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A write transaction in this thread: committed at the end of the block, undone by an exception.

        For the command line and for tests; a server writes through `write`.
        """
        with self.engine.begin() as connection:
            yield Transaction(connection, now(connection))

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run the work in a transaction that shares its commit with others. See Writer.write."""
        return await self._writer.write(work)

    def look(self, statement: Prepared, parameters: Mapping[str, Any] | None = None) -> Sequence[Record]:
        """All rows of a small indexed query, at once and in this thread: it takes microseconds, a thread hop takes more.

        Raises:
            Unavailable: the database is away.
        """
        with self._lock:
            try:
                if self._looking is None:
                    self._looking = self._reading.connect()
                return statement.all(self._looking, parameters or {})
            except SQLAlchemyError as error:
                if self._looking is not None:
                    self._looking.close()
                    self._looking = None
                raise unavailable(error) from error

    def now(self) -> float:
        """Unix seconds by the database's clock."""
        return float(self.look(_NOW)[0].now)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run a query that may take a while in a thread of its own. Raises Unavailable."""
        return await asyncio.to_thread(self._read, work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._reading.connect() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            raise unavailable(error) from error

    def backup(self, target: Path) -> None:
        """Copy the database as it is now, while others go on writing. Raises OperatorError."""
        try:
            with (
                contextlib.closing(sqlite3.connect(self.path)) as source,
                contextlib.closing(sqlite3.connect(target)) as copy,
            ):
                source.backup(copy)
        except sqlite3.Error as error:
            raise OperatorError(f"cannot copy the database to {target}: {error}") from error

    async def close(self) -> None:
        """Finish what waits to be written, then let go of the files."""
        await asyncio.to_thread(self._writer.close)
        with self._lock:
            if self._looking is not None:
                self._looking.close()
                self._looking = None
        self._reading.dispose()
        self.engine.dispose()


def now(connection: Connection) -> float:
    """Unix seconds by the database's clock."""
    return float(_NOW.all(connection, {})[0].now)


def _path(url: str) -> Path:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise OperatorError(
            f"KINEO_DATABASE_URL names a {parsed.get_backend_name()} database; use sqlite:////path/to/kineograph.db"
        )
    path = Path(parsed.database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(f"cannot create the data folder {path.parent}: {error.strerror}; choose another") from error
    return path


def _writing(url: str) -> Engine:
    """The engine of writers. Python's sqlite3 would begin a transaction late and without the lock, and two of them could
    then read the same state before either writes: the driver's own transactions are off, every one is BEGIN IMMEDIATE."""
    engine = create_engine(
        url, pool_size=4, max_overflow=2, hide_parameters=True, connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={BUSY}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA secure_delete=FAST")  # a deleted prompt is overwritten

    @event.listens_for(engine, "begin")
    def began(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _reading(url: str) -> Engine:
    """The engine of readers: never waits for a writer, cannot write, every query sees what is committed when it begins."""
    engine = create_engine(
        url,
        pool_size=4,
        max_overflow=4,
        hide_parameters=True,  # they are the callers' words
        isolation_level="AUTOCOMMIT",
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA busy_timeout={READ_BUSY}")
        connection.execute("PRAGMA query_only=ON")

    return engine


def refused(path: Path, error: SQLAlchemyError) -> OperatorError:
    """Why the database cannot be opened or brought up to date, for the operator."""
    return OperatorError(_explain(path, error))


def _explain(path: Path, error: SQLAlchemyError) -> str:
    cause = str(getattr(error, "orig", None) or error)
    if "not a database" in cause or "malformed" in cause:
        return f"{path} is damaged or is not a database; put a backup in its place or move it away"
    if "readonly" in cause or "unable to open" in cause:
        return f"cannot write {path}; give this user the folder {path.parent}, or choose another with --data"
    if "full" in cause:
        return f"the disk that holds {path} is full; free some space, or choose another folder with --data"
    return f"cannot open the database {path}: {cause}"
