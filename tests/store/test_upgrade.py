"""Whether a PostgreSQL database is one that this version may work on."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from kineograph.core.errors import OperatorError
from kineograph.store.database import Database
from kineograph.store.upgrade import upgrade

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
