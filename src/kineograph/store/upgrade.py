"""Bring the tables up to date: a backup copy first, then Alembic, all in one transaction."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from kineograph.core.errors import OperatorError
from kineograph.store.database import Database
from kineograph.store.schema import HEAD
from kineograph.telemetry import event

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> None:
    """Do what there is to do, usually nothing.

    Raises:
        OperatorError: the database was written by a newer version.
    """
    version = _version(database)
    if version == HEAD:
        return
    if version is not None and version > HEAD:
        raise OperatorError(
            f"{database.path} was written by a newer kineograph (schema {version}, this one knows {HEAD}); install that one"
        )
    if version is not None:
        _back_up(database, version)
    with database.begin() as tx:
        migrate(tx.connection)
    event("store.upgraded", before=version or "nothing", after=HEAD)


def migrate(connection: Connection) -> None:
    """Run the migrations that are missing. Two processes may try: the second finds nothing to do."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, "head")


def _version(database: Database) -> str | None:
    """The schema's version, None for an empty database."""
    with database.engine.begin() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found


def _back_up(database: Database, version: str) -> None:
    copy = database.path.with_name(f"{database.path.name}.before-{HEAD}-from-{version}")
    database.backup(copy)
