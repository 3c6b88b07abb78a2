"""Fixtures: an empty database of one's own, of the test's `kind`, and the durable queue in it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kineograph.store.database import Database
from kineograph.store.queue import DbosQueue


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables and nothing in them: copied, which is faster than made."""
    path = tmp_path_factory.mktemp("empty") / "kineograph.db"
    database = Database.open(f"sqlite:///{path}")
    DbosQueue(database).close()
    asyncio.run(database.close())
    return path


@pytest.fixture
def sqlite_url(empty_file: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(empty_file, tmp_path / 'kineograph.db')}"


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest) -> str:
    """Of an empty database of the kind that the test's folder runs through."""
    found: str = request.getfixturevalue(f"{kind}_url")
    return found


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database.open(url)
    yield database
    asyncio.run(database.close())


@pytest.fixture
def queue(database: Database) -> Iterator[DbosQueue]:
    queue = DbosQueue(database)
    yield queue
    queue.close()
