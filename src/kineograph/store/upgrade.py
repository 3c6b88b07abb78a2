"""Bring the tables up to date: a backup copy first, then Alembic, all in one transaction."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from kineograph.core.errors import OperatorError
from kineograph.store.database import Database
from kineograph.store.schema import HEAD, metadata
from kineograph.telemetry import event

MIGRATIONS = Path(__file__).parent / "migrations"
# In a rolling upgrade nodes of the version before start on the new schema. Each migration that they cannot live with says so.
OLDEST = text("SELECT oldest FROM schema_window")
LOCK = text("SELECT pg_advisory_xact_lock(7214653)")  # any number; held by who upgrades
# Event ids are made from transaction numbers above a base; a database restored into a younger cluster needs a higher one.
# What a snapshot sees was written below its xmax; above xmin as well, while an older transaction is still running.
TURNED_BACK = text(
    "SELECT coalesce(max(id), 0) >= (SELECT base FROM event_base) +"
    " (pg_snapshot_xmax(pg_current_snapshot())::text::bigint << 12) FROM events"
)
# By xmin: what transactions still write that are open just now has to come after everything there is, too.
RAISE_BASE = text(
    "UPDATE event_base SET base = (SELECT max(id) + 1 FROM events) -"
    " (pg_snapshot_xmin(pg_current_snapshot())::text::bigint << 12)"
)


def check(database: Database) -> None:
    """See to it that the tables are those of this version, by upgrading them if that is ours to do.

    Raises:
        OperatorError: they are not; says what to do.
    """
    version = version_of(database)
    if version is not None and version >= HEAD:
        if version > HEAD:
            event("store.newer_schema", schema=version, ours=HEAD)
        if not database.backend.upgrades_itself and _turned_back(database):
            raise OperatorError(
                f"{database.backend.place} was restored into a younger server; run kineo db upgrade once"
            )
    elif database.backend.upgrades_itself:
        upgrade(database)
    elif version is None:
        raise OperatorError(f"{database.backend.place} has no tables yet; make them with kineo db upgrade")
    else:
        raise OperatorError(
            f"{database.backend.place} has schema {version}, this version needs {HEAD}; run kineo db upgrade"
        )


def upgrade(database: Database) -> str:
    """Do what there is to do, usually nothing. The schema that it has now.

    Raises:
        OperatorError: the database was written by a version too new for this one, or is somebody else's.
    """
    version = version_of(database)
    newer = version is not None and version > HEAD
    if newer or (version == HEAD and database.backend.upgrades_itself):
        return str(version)
    if version not in {None, HEAD}:
        database.backend.before_upgrade(str(version))
    with database.begin() as tx:
        if not database.backend.upgrades_itself:
            database.backend.unhurried(tx.connection)
            tx.connection.execute(LOCK)
        migrate(tx.connection)
        raise_base(database, tx.connection)
    if version != HEAD:
        event("store.upgraded", before=version or "nothing", after=HEAD)
    return HEAD


def raise_base(database: Database, connection: Connection) -> None:
    """See to it that new events come after those that are there."""
    if not database.backend.upgrades_itself and connection.execute(TURNED_BACK).scalar():
        connection.execute(RAISE_BASE)


def migrate(connection: Connection) -> None:
    """Run the migrations that are missing. Two processes may try: the second finds nothing to do."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, "head")


def version_of(database: Database) -> str | None:
    """The schema's version, None for an empty database.

    Raises:
        OperatorError: a newer version's which this one cannot work on, or another program's.
    """
    place = database.backend.place
    with database.engine.begin() as connection:
        there = set(inspect(connection).get_table_names())
        if "alembic_version" not in there:
            if strangers := sorted(there & set(metadata.tables)):
                raise OperatorError(
                    f"{place} has a table {strangers[0]!r} that is not ours; give Kineograph a database of its own"
                )
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        oldest = connection.execute(OLDEST).scalar() if "schema_window" in there else found
    if found is None or not re.fullmatch(r"\d{4}", found):
        raise OperatorError(
            f"{place} is another program's (its schema is called {found}); give Kineograph a database of its own"
        )
    if found > HEAD and str(oldest) > HEAD:
        raise OperatorError(
            f"{place} was written by a newer kineograph (schema {found}, this one knows {HEAD}); install that one, or"
            f" any that knows schema {oldest}"
        )
    return str(found)


def _turned_back(database: Database) -> bool:
    with database.engine.begin() as connection:
        return bool(connection.execute(TURNED_BACK).scalar())
