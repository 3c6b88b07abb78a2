"""Whether a database is one that this version may work on."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest

from kineograph.core.errors import OperatorError
from kineograph.store.database import Database
from kineograph.store.upgrade import upgrade
from kineograph.telemetry import subscribe

EVENT = """
INSERT INTO events (id, task_id, account_id, sequence, status, progress, phase, attempt, at)
SELECT base + ((pg_current_xact_id()::text::bigint + {later}) << 12), 'task_1', 'acct_1', 1, 'queued', 0, 'queued', 0, 0
FROM event_base
"""


def test_a_database_at_work_is_not_taken_for_one_restored_into_a_younger_server(postgresql_url: str) -> None:
    with psycopg.connect(postgresql_url) as slow, psycopg.connect(postgresql_url, autocommit=True) as quick:
        slow.execute("SELECT pg_current_xact_id()")  # has its number, and takes its time
        quick.execute(EVENT.format(later=0))
        asyncio.run(Database.open(postgresql_url).close())


def test_a_database_restored_into_a_younger_server_is_refused_until_it_is_upgraded(postgresql_url: str) -> None:
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute(EVENT.format(later=1000))
    with pytest.raises(OperatorError, match="younger server; run kineo db upgrade once"):
        Database.open(postgresql_url)
    database = Database(postgresql_url)
    upgrade(database)
    asyncio.run(database.close())
    asyncio.run(Database.open(postgresql_url).close())


def test_a_node_of_the_version_before_starts_on_a_newer_schema_that_allows_it(url: str) -> None:
    database = Database(url)
    with database.begin() as tx:
        tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    told: list[tuple[str, Any]] = []
    stop = subscribe(lambda name, fields: told.append((name, fields.get("schema"))))
    asyncio.run(Database.open(url).close())
    stop()
    assert told == [("store.newer_schema", "9999")]
    assert upgrade(database) == "9999", "and its kineo db upgrade leaves it as it is"
    asyncio.run(database.close())
