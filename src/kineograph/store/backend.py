"""What a kind of database is to the rest of the store: `sqlite` and `postgres` are the two there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from kineograph.core.errors import KineographError, OperatorError
from kineograph.store.prepared import Prepared, Record
from kineograph.store.writer import Begin, Writer

Say = Callable[[str, int], None]  # told a table, and how many of its rows were copied so far


class Backend(Protocol):
    """Engines, sessions and habits of one kind of database.

    Attributes:
        url: As SQLAlchemy writes it, password included.
        place: The same for a sentence, without a password.
        clock: SELECT of one column `now`: Unix seconds by the database's clock.
        writing: Engine of write transactions.
        reading: Engine of queries that may take a while: cannot write, every query sees what is committed when it begins.
        upgrades_itself: Whether opening it brings its tables up to date.
        snapshot: Begins a transaction on a connection of `reading` that sees everything as it is at one moment.
    """

    url: str
    place: str
    clock: Prepared
    writing: Engine
    reading: Engine
    upgrades_itself: bool
    snapshot: str

    def prove(self) -> None:
        """Raises OperatorError where servers could destroy it."""
        ...

    def writer(self, begin: Begin) -> Writer:
        """Who runs the jobs of `Database.write`."""
        ...

    async def look(self, statement: Prepared, parameters: Mapping[str, Any]) -> Sequence[Record]:
        """All rows of a small indexed query, without holding up the event loop. Raises SQLAlchemyError, Unavailable."""
        ...

    def queue_engine(self) -> Engine:
        """For the durable queue's own threads."""
        ...

    def refusal(self, error: SQLAlchemyError) -> KineographError:
        """What a caller is told while the service runs."""
        ...

    def explain(self, error: SQLAlchemyError) -> OperatorError:
        """Why the database cannot be opened or brought up to date, for the operator."""
        ...

    def unhurried(self, connection: Connection) -> None:
        """Let the connection's transaction take as long as it needs."""
        ...

    def free(self) -> bool:
        """Take their locks from sessions of ours that will never go on. Whether there was one."""
        ...

    def before_upgrade(self, version: str) -> None:
        """A copy of the old tables, where that is ours to make."""
        ...

    def back_up(self, target: Path, say: Say) -> None:
        """Copy the database as it is now to a SQLite file, while others go on writing. Raises OperatorError."""
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...
