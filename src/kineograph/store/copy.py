"""Move an installation's database: every table of ours, from one snapshot of the source, in one transaction at the target,
compared row by row. Tickets are made anew: they are the queue's own words, and nobody holds one at the new place."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from kineograph.core.errors import OperatorError
from kineograph.core.ports import Ticket
from kineograph.core.task import Status
from kineograph.store import gates
from kineograph.store.backend import Say
from kineograph.store.database import Database
from kineograph.store.prepared import Prepared
from kineograph.store.queue import DbosQueue, upgrade_queue
from kineograph.store.records import ticket_of
from kineograph.store.schema import HEAD, metadata, tasks
from kineograph.store.upgrade import check, raise_base, upgrade, version_of
from kineograph.store.writer import Transaction

BATCH = 1000  # rows
# Of the place, not of the work: the base of its event ids, who holds which chore just now, for whom the tables are.
LEFT = {"event_base", "leases", "schema_window"}
TABLES = [table for table in metadata.sorted_tables if table.name not in LEFT]
SILENT = 15.0  # seconds after which who said nothing is no longer there; leases end sooner
_AT_WORK = Prepared(
    text(
        "SELECT 'worker ' || id AS who FROM workers WHERE state IN ('up', 'draining') AND seen_at > :now - :silent"
        " UNION ALL SELECT 'the node that does the chores' AS who FROM leases WHERE until > :now"
    )
)


@dataclass(frozen=True, slots=True)
class Copied:
    """What arrived.

    Attributes:
        rows: By table.
        checksum: SHA-256 over all rows in the order of tables and keys, the same at both ends.
        tickets: Made for tasks that wait.
    """

    rows: dict[str, int]
    checksum: str
    tickets: int


def as_url(place: str) -> str:
    """A URL as it is, a path as a SQLite file's."""
    return place if "://" in place else f"sqlite:///{Path(place).absolute()}"


def copy(source: str, target: str, say: Say, *, at_work: bool = False) -> Copied:
    """Copy the database at the first URL into the empty one at the second.

    Args:
        say: Told the table and how many of its rows are there, after every batch.
        at_work: Whether the source's workers may go on meanwhile: for a backup, not for a move.

    Raises:
        OperatorError: the source is not there or still at work, the target is not empty, or what arrived is not what was sent.
    """
    origin = _origin(source)
    place = Database(target)
    try:
        if not at_work:
            _wait_until_quiet(origin)
        _make(place)
        with contextlib.closing(DbosQueue(place)) as queue, _snapshot(origin) as old, place.begin() as tx:
            place.backend.unhurried(tx.connection)
            rows = {table.name: _send(old, tx.connection, table, say) for table in TABLES}
            checksum = _compare(old, tx.connection, TABLES)
            raise_base(place, tx.connection)
            return Copied(rows, checksum, queue.refill(tx.connection, _waiting(tx)))
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise OperatorError(
            f"copying from {origin.backend.place} to {place.backend.place} broke off, nothing was copied: {cause}"
        ) from error
    finally:
        asyncio.run(origin.close())
        asyncio.run(place.close())


def _origin(url: str) -> Database:
    path = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:") and not path.is_file():
        raise OperatorError(f"there is no file {path}; name the database to copy from")
    database = Database(url)
    try:
        check(database)
        if (found := version_of(database)) != HEAD:
            raise OperatorError(
                f"{database.backend.place} has schema {found}, this version knows {HEAD}; copy it with a newer one"
            )
    except SQLAlchemyError as error:
        raise database.backend.explain(error) from error
    return database


def _make(place: Database) -> None:
    """The target's tables. Raises OperatorError if there is anything in them."""
    try:
        if (version := version_of(place)) is None:
            upgrade(place)
            upgrade_queue(place)
        elif version != HEAD:
            raise OperatorError(f"{place.backend.place} is not empty (schema {version}); copy into a new database")
        with place.engine.begin() as connection:
            full = next((table.name for table in TABLES if connection.execute(select(table).limit(1)).first()), None)
    except SQLAlchemyError as error:
        raise place.backend.explain(error) from error
    if full is not None:
        raise OperatorError(
            f"{place.backend.place} is not empty (table {full}); copy into a database that was just made"
        )


def _wait_until_quiet(origin: Database) -> None:
    """Whoever was killed a moment ago still seems to be there. Raises OperatorError if somebody is."""
    patience = time.monotonic() + SILENT + 1
    while found := origin.look_here(_AT_WORK, {"now": origin.now(), "silent": SILENT}):
        if time.monotonic() > patience:
            raise OperatorError(
                f"{origin.backend.place} is at work ({found[0].who}); stop every kineo serve and kineo worker first"
            )
        time.sleep(0.5)


@contextlib.contextmanager
def _snapshot(origin: Database) -> Iterator[Connection]:
    """Everything as it is at one moment, while others go on writing."""
    with origin.backend.reading.connect() as connection:
        connection.exec_driver_sql(origin.backend.snapshot)
        origin.backend.unhurried(connection)
        yield connection
        connection.exec_driver_sql("ROLLBACK")


def _send(old: Connection, new: Connection, table: Table, say: Say) -> int:
    """How many rows were copied."""
    columns, count, batch = [column.name for column in table.columns], 0, list[dict[str, Any]]()
    for row in _rows(old, table):
        batch.append(dict(zip(columns, row, strict=True)))
        if len(batch) == BATCH:
            new.execute(insert(table), batch)
            count, batch = count + BATCH, []
            say(table.name, count)
    if batch:
        new.execute(insert(table), batch)
    say(table.name, count + len(batch))
    return count + len(batch)


def _compare(old: Connection, new: Connection, tables: Sequence[Table]) -> str:
    """The checksum of all rows. Raises OperatorError for the first that differs."""
    digest = hashlib.sha256()
    for table in tables:
        with contextlib.closing(_rows(old, table)) as there, contextlib.closing(_rows(new, table)) as here:
            for sent, arrived in zip_longest(there, here):
                if sent != arrived:
                    key = (sent or arrived or ("?",))[0]
                    raise OperatorError(f"row {key} of table {table.name} did not arrive as it was; nothing was copied")
                digest.update(repr(sent).encode())
    return digest.hexdigest()


def _rows(connection: Connection, table: Table) -> Generator[tuple[Any, ...]]:
    """All rows in the order of the key, a batch in memory at a time."""
    statement = select(table).order_by(*table.primary_key)
    with connection.execute(statement, execution_options={"yield_per": BATCH}) as found:
        for row in found:
            yield tuple(row)


def _waiting(tx: Transaction) -> Iterator[tuple[Ticket, float]]:
    """The tickets of all tasks that hold one, each with the time it has waited since."""
    task = tasks.c
    held = (task.status == Status.QUEUED) & (task.parked.is_(None) | (task.parked == gates.LATER))
    statement = select(tasks).where(held).order_by(task.id)
    for row in tx.connection.execute(statement, execution_options={"yield_per": BATCH}):
        yield replace(ticket_of(row), delay=max(0.0, row.ready_at - tx.now)), row.due_at
