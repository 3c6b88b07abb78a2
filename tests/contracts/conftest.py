"""Every implementation of every port, as fixtures. PostgreSQL joins `IMPLEMENTATIONS` with its engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.contracts.databases import database, empty_database, queue, url

from kineograph.core.ports import FileStore, KeyStore, TaskStore
from kineograph.store.files import ObjectFileStore
from kineograph.store.keys import SqlKeyStore
from kineograph.store.tasks import SqlTaskStore
from kineograph.testing import MemoryFileStore, MemoryKeyStore, MemoryTaskStore

__all__ = ["database", "empty_database", "queue", "url"]
IMPLEMENTATIONS = ["memory", "sqlite"]


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
