"""Callbacks are written with the change they tell of."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from tests.contracts.making import new_task

from kineograph.core.errors import KineographError
from kineograph.core.task import Status
from kineograph.store.database import Database
from kineograph.store.deliveries import SqlDeliveries
from kineograph.store.queue import DbosQueue
from kineograph.store.tasks import SqlTaskStore


async def test_a_change_and_its_callback_are_written_together_or_not_at_all(
    database: Database, queue: DbosQueue
) -> None:
    store, deliveries = SqlTaskStore(database, queue), SqlDeliveries(database)
    task = (await store.insert(new_task(callback_url="https://hooks.example.test/"))).task
    with database.begin() as tx:
        tx.connection.execute(text("ALTER TABLE deliveries RENAME TO gone"))
    with pytest.raises(KineographError):
        await store.cancel(task.id)
    with database.begin() as tx:
        tx.connection.execute(text("ALTER TABLE gone RENAME TO deliveries"))
    found = await store.get(task.id)
    assert found is not None
    assert found.status is Status.QUEUED
    await store.cancel(task.id)
    assert [each.status for each in await deliveries.of_task(task.id)] == [Status.CANCELLED]
