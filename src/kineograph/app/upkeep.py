"""Chores of the operator: warm up, back up, upgrade, and what doctor asks of the database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from kineograph import __version__
from kineograph.app.parts import database_url, opened, prepare
from kineograph.settings import Settings
from kineograph.store.backend import Say
from kineograph.store.copy import as_url, copy
from kineograph.store.database import Database
from kineograph.store.examine import examine
from kineograph.store.queue import DbosQueue, upgrade_queue
from kineograph.store.schema import HEAD
from kineograph.store.storage import open_storage, prove
from kineograph.store.upgrade import upgrade


def warm_up(settings: Settings, say: Callable[[str], None]) -> None:
    """Compile every kernel of the built-in engine into DATA/kernels."""
    prepare(settings)
    from kineograph.engines.animatic.warm import warm

    warm(say)
    (settings.data / "kernels" / f"warm-{__version__}").touch()


def back_up(settings: Settings, file: Path, say: Say) -> str:
    """Copy the database as it is now; what was done, in words."""

    async def run() -> None:
        async with opened(settings) as parts:
            await asyncio.to_thread(parts.database.backup, file, say)

    asyncio.run(run())
    films = "they" if settings.storage_url else "copy them too; they"
    place = settings.storage_url or settings.data / "files"
    return f"{file}: the database, {file.stat().st_size / 1e6:.1f} MB, without the films: {films} are in {place}"


def copy_database(source: str, target: str, say: Say) -> str:
    """Move a database; what arrived, in words."""
    copied = copy(as_url(source), as_url(target), say)
    return (
        f"{sum(copied.rows.values())} rows of {len(copied.rows)} tables, {copied.rows['tasks']} tasks of which"
        f" {copied.tickets} wait; compared row by row, SHA-256 {copied.checksum}"
    )


def check_database(settings: Settings) -> list[tuple[str, str | None]]:
    """What was looked at, and what is wrong with it."""
    prepare(settings)
    database = Database.open(database_url(settings))
    try:
        DbosQueue(database).close()
        return [(f"schema {HEAD} at {database.backend.place}", None), *examine(database)]
    finally:
        asyncio.run(database.close())


def upgrade_database(settings: Settings) -> str:
    """Bring the schema up to date; what it is now."""
    prepare(settings)
    database = Database(database_url(settings))
    try:
        version = upgrade(database)
        upgrade_queue(database)
    except SQLAlchemyError as error:
        raise database.backend.explain(error) from error
    finally:
        asyncio.run(database.close())
    return f"{database.backend.place}: schema {version}"


def storage_state(settings: Settings) -> str:
    """For doctor: puts, reads, lists and removes a small file of its own."""
    prove(open_storage(settings.storage_url, settings.data / "files", settings.storage_options))
    return f"{settings.storage_url}: put, read, listed, removed"


def database_state(settings: Settings) -> str:
    """For doctor: opens it if it is there, touches nothing if it is not."""
    path = settings.data / "kineograph.sqlite3"
    if settings.database_url is None and not path.exists():
        return "will be created at first use"
    database = Database.open(database_url(settings))
    asyncio.run(database.close())
    return f"{database.backend.place}, schema {HEAD}"
