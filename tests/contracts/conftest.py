"""Every implementation of every port, as fixtures. PostgreSQL joins `IMPLEMENTATIONS` with its engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.contracts.databases import database, empty_file, queue, sqlite_url, url
from ulid import ULID

from kineograph.core.deliveries import Deliveries
from kineograph.core.files import FileStore
from kineograph.core.keys import KeyStore
from kineograph.core.ledger import Ledger
from kineograph.core.ports import TaskStore
from kineograph.store.accounts import SqlLedger
from kineograph.store.bucket import Bucket, BucketFileStore
from kineograph.store.deliveries import SqlDeliveries
from kineograph.store.disk import DiskFileStore
from kineograph.store.keys import SqlKeyStore
from kineograph.store.tasks import SqlTaskStore
from kineograph.testing import MemoryFileStore, MemoryKeyStore, MemoryTaskStore
from kineograph.testing.s3 import S3Server

__all__ = ["database", "empty_file", "kind", "queue", "sqlite_url", "url"]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def store(kind: str, request: pytest.FixtureRequest) -> TaskStore:
    if kind == "memory":
        return MemoryTaskStore()
    return SqlTaskStore(request.getfixturevalue("database"), request.getfixturevalue("queue"))


@pytest.fixture
def keys(kind: str, request: pytest.FixtureRequest) -> KeyStore:
    if kind == "memory":
        return MemoryKeyStore()
    return SqlKeyStore(request.getfixturevalue("database"))


@pytest.fixture
def ledger(store: TaskStore, request: pytest.FixtureRequest) -> Ledger:
    """Of the same installation as `store`."""
    if isinstance(store, SqlTaskStore):
        return SqlLedger(request.getfixturevalue("database"))
    assert isinstance(store, MemoryTaskStore)
    return store.ledger


@pytest.fixture
def deliveries(store: TaskStore, request: pytest.FixtureRequest) -> Deliveries:
    """Of the same installation as `store`."""
    if isinstance(store, SqlTaskStore):
        return SqlDeliveries(request.getfixturevalue("database"))
    assert isinstance(store, MemoryTaskStore)
    return store.deliveries


@pytest.fixture(params=["memory", "local", "s3"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    match request.param:
        case "memory":
            return MemoryFileStore()
        case "local":
            return DiskFileStore(tmp_path / "files")
    s3: S3Server = request.getfixturevalue("s3")
    return BucketFileStore(Bucket("s3", s3.bucket(), f"contracts/{ULID()}", s3.options()))
