"""Every implementation of every port, as fixtures. PostgreSQL joins `IMPLEMENTATIONS` with its engine."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kineograph.core.ports import FileStore, KeyStore, TaskStore
from kineograph.store.database import Database
from kineograph.store.files import ObjectFileStore
from kineograph.store.keys import SqlKeyStore
from kineograph.store.queue import DbosQueue
from kineograph.store.tasks import SqlTaskStore
from kineograph.testing import MemoryFileStore, MemoryKeyStore, MemoryTaskStore

IMPLEMENTATIONS = ["memory", "sqlite"]


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables and nothing in them: copied, which is faster than made."""
    path = tmp_path_factory.mktemp("empty") / "kineograph.db"
    database = Database.open(f"sqlite:///{path}")
    DbosQueue(database).close()
    asyncio.run(database.close())
    return path


@pytest.fixture
def url(empty_database: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(empty_database, tmp_path / 'kineograph.db')}"


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


@pytest.fixture(params=IMPLEMENTATIONS)
def store(request: pytest.FixtureRequest) -> TaskStore:
    if request.param == "memory":
        return MemoryTaskStore()
    return SqlTaskStore(request.getfixturevalue("database"), request.getfixturevalue("queue"))


@pytest.fixture(params=IMPLEMENTATIONS)
def keys(request: pytest.FixtureRequest) -> KeyStore:
    if request.param == "memory":
        return MemoryKeyStore()
    return SqlKeyStore(request.getfixturevalue("database"))


@pytest.fixture(params=["memory", "local"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    return MemoryFileStore() if request.param == "memory" else ObjectFileStore(tmp_path / "files")
