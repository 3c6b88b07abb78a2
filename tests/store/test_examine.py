"""What `kineo db check` finds."""

from __future__ import annotations

import pytest
from tests.contracts.making import VIDEO, new_task

from kineograph.store.database import Database
from kineograph.store.examine import examine
from kineograph.store.queue import DbosQueue
from kineograph.store.tasks import SqlTaskStore

pytestmark = pytest.mark.anyio


async def test_a_sound_database_has_nothing_wrong_and_damage_is_named(database: Database, queue: DbosQueue) -> None:
    store = SqlTaskStore(database, queue)
    done, waiting = [(await store.insert(new_task())).task for _ in range(2)]
    claim = await store.start(done.id, "worker_1")
    assert claim is not None
    await store.finish(claim, VIDEO)
    assert [wrong for _, wrong in examine(database) if wrong] == []
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE lanes SET load = load + 1")
        connection.exec_driver_sql("DELETE FROM usage")
    assert {what: wrong for what, wrong in examine(database) if wrong} == {
        "lanes hold as many tasks as they say": waiting.key_id,
        "finished films have their usage": done.id,
    }
