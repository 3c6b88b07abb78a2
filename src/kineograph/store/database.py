"""The database: transactions, reads, its clock. The one door; what differs by kind is in `sqlite` and `postgres`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from kineograph.core.errors import OperatorError
from kineograph.store.backend import Backend, Say
from kineograph.store.prepared import Prepared, Record
from kineograph.store.sqlite import Sqlite
from kineograph.store.writer import Transaction

T = TypeVar("T")


class Database:
    """An open database.

    Args:
        url: `sqlite:////absolute/path` or `postgresql://user:password@host:5432/name`.
        writers: Transactions of `write` at once, where the database takes several: 3 for a server, 1 for who writes little.

    Attributes:
        backend: Its kind.

    Raises:
        OperatorError: the URL is no database's that we know.
    """

    def __init__(self, url: str, *, writers: int = 1) -> None:
        self.backend = _backend(url, writers)
        self._writer = self.backend.writer(self.begin)

    @classmethod
    def open(cls, url: str, *, writers: int = 1) -> Database:
        """Open the database and see to it that its tables are those of this version: a SQLite file is created and brought
        up to date, a PostgreSQL database has to be already.

        Raises:
            OperatorError: it cannot be reached or written, is no database of ours, or its tables are of another version.
        """
        from kineograph.store.upgrade import check  # Alembic is needed only when there is something to do

        database = cls(url, writers=writers)
        try:
            database.backend.prove()
            check(database)
        except SQLAlchemyError as error:
            database.engine.dispose()
            raise database.backend.explain(error) from error
        except OperatorError:
            database.engine.dispose()
            raise
        return database

    @property
    def url(self) -> str:
        """As SQLAlchemy writes it, password included."""
        return self.backend.url

    @property
    def engine(self) -> Engine:
        """Of write transactions."""
        return self.backend.writing

    @contextlib.contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A write transaction in this thread: committed at the end of the block, undone by an exception.

        For the command line and for tests; a server writes through `write`.
        """
        with self.engine.begin() as connection:
            yield Transaction(connection, self._now(connection))

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run the work in a transaction, maybe one that shares its commit with others. See Writer.write."""
        return await self._writer.write(work)

    async def look(self, statement: Prepared, parameters: Mapping[str, Any] | None = None) -> Sequence[Record]:
        """All rows of a small indexed query.

        Raises:
            Unavailable: the database is away.
        """
        try:
            return await self.backend.look(statement, parameters or {})
        except SQLAlchemyError as error:
            raise self.backend.refusal(error) from error

    def look_here(self, statement: Prepared, parameters: Mapping[str, Any] | None = None) -> Sequence[Record]:
        """The same in this thread, which may wait. Raises Unavailable."""
        return self._read(lambda connection: statement.all(connection, parameters or {}))

    async def time(self) -> float:
        """Unix seconds by the database's clock. Raises Unavailable."""
        return float((await self.look(self.backend.clock))[0].now)

    def now(self) -> float:
        """Unix seconds by the database's clock, asked in this thread."""
        return float(self.look_here(self.backend.clock)[0].now)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run a query that may take a while in a thread of its own. Raises Unavailable."""
        return await asyncio.to_thread(self._read, work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            with self.backend.reading.connect() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            raise self.backend.refusal(error) from error

    def _now(self, connection: Connection) -> float:
        return float(self.backend.clock.all(connection, {})[0].now)

    def backup(self, target: Path, say: Say = lambda _table, _rows: None) -> None:
        """Copy the database as it is now to a SQLite file, while others go on writing. Raises OperatorError."""
        self.backend.back_up(target, say)

    async def close(self) -> None:
        """Finish what waits to be written, then let go of everything."""
        await asyncio.to_thread(self._writer.close)
        await self.backend.close()


def _backend(url: str, writers: int) -> Backend:
    try:
        kind = make_url(url).get_backend_name()
    except (ArgumentError, ValueError):  # they would repeat the password
        raise OperatorError(
            "KINEO_DATABASE_URL is not the address of a database; write postgresql://user:password@host:5432/kineograph"
            " (special characters of the password as %XX), or sqlite:////path/to/kineograph.db"
        ) from None
    if kind == "sqlite":
        return Sqlite(url)
    if kind in {"postgresql", "postgres"}:
        from kineograph.store.postgres import Postgres  # whoever has SQLite loads no driver

        return Postgres(url, writers)
    raise OperatorError(
        f"KINEO_DATABASE_URL names a {kind} database; use postgresql://… or sqlite:////path/to/kineograph.db"
    )
