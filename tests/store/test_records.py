"""What goes with a task: nothing of its caller's words stays, and what it used does."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect
from tests.contracts.making import RETRYABLE, VIDEO, new_task

from kineograph.core.ports import Idempotency, TaskQuery
from kineograph.store import position, tasks
from kineograph.store.database import Database
from kineograph.store.queue import DbosQueue
from kineograph.store.tasks import SqlTaskStore

pytestmark = pytest.mark.anyio

SECRET = "xyzzy-plugh"


@pytest.fixture
def store(database: Database, queue: DbosQueue) -> SqlTaskStore:
    return SqlTaskStore(database, queue)


def everything(database: Database) -> dict[str, list[str]]:
    """Every row of every table that holds any, as text."""
    with database.engine.begin() as connection:
        found = inspect(connection)
        tables = [*found.get_table_names()]
        if "dbos" in found.get_schema_names():
            tables += [f"dbos.{table}" for table in found.get_table_names("dbos")]
        rows = {table: connection.exec_driver_sql(f"SELECT * FROM {table}").all() for table in tables}
    return {table: [str(row) for row in found] for table, found in rows.items() if found}


async def test_a_deleted_task_leaves_its_usage_and_nothing_else(store: SqlTaskStore, database: Database) -> None:
    before = everything(database)
    promise = Idempotency("key_1", SECRET, "body")
    task = (await store.insert(new_task(prompt=SECRET, metadata={SECRET: SECRET}), promise)).task
    claim = await store.start(task.id, "worker_1")
    assert claim is not None
    await store.fail(claim, RETRYABLE)
    claim = await store.start(task.id, "worker_2")
    assert claim is not None
    await store.finish(claim, VIDEO)
    assert await store.delete(task.id)
    await database.write(lambda tx: None)  # what follows the deletion is done by now
    after = everything(database)
    assert SECRET not in str(after)
    assert set(after) - set(before) <= {"usage", "spent", "lanes", "sqlite_sequence"}
    assert len(after["usage"]) == 1
    assert not {table.removeprefix("dbos.") for table in after} & {"workflow_status", "workflow_input"}


async def test_a_cancelled_ticket_waits_no_more(store: SqlTaskStore, queue: DbosQueue, database: Database) -> None:
    tasks = [(await store.insert(new_task())).task for _ in range(3)]
    await store.cancel(tasks[1].id)
    await database.write(lambda tx: None)
    assert queue.depth() == {"animatic": 2}


async def test_a_submit_that_fails_leaves_no_ticket(
    store: SqlTaskStore, queue: DbosQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = queue.submit

    def and_then(*args: object) -> None:
        submit(*args)  # type: ignore[arg-type]  # as it came
        raise RuntimeError("pulled the plug")

    monkeypatch.setattr(queue, "submit", and_then)
    with pytest.raises(RuntimeError):
        await store.insert(new_task())
    assert queue.depth() == {}
    assert await store.list(TaskQuery("acct_1")) == []


async def test_an_idempotency_key_is_kept_for_a_day_and_then_forgotten(
    store: SqlTaskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    promise = Idempotency("key_1", "abc", "body")
    await store.insert(new_task(), promise)
    assert tasks.KEY_LIFE >= 86_400
    await store.purge(0.0)
    assert await store.replayed(promise) is not None
    monkeypatch.setattr(tasks, "KEY_LIFE", -1.0)
    await store.purge(0.0)
    assert await store.replayed(promise) is None


async def test_a_queue_position_is_counted_so_far_and_no_further(
    store: SqlTaskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(position, "AHEAD", 3)
    tasks = [(await store.insert(new_task(at=1000.0 + i))).task for i in range(6)]
    positions = [found.queue_position for task in tasks if (found := await store.get(task.id))]
    assert positions == [0, 1, 2, 3, 3, 3]


@pytest.mark.parametrize("kind", ["sqlite"])  # which tells plainly how it will read
async def test_every_list_is_read_from_an_index(database: Database) -> None:
    from kineograph.store.queries import list_of

    queries = [
        TaskQuery("acct_1", after="task_9"),
        TaskQuery("acct_1", model="fast"),
        TaskQuery("acct_1", created_after=1.0, created_before=2.0),
        TaskQuery("acct_1", metadata={"a": "b"}),
    ]
    with database.engine.begin() as connection:
        for query in queries:
            statement = list_of(query).compile(database.engine, compile_kwargs={"literal_binds": True})
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
            assert "SCAN" not in str(plan), plan
            assert "TEMP B-TREE" not in str(plan) or query.metadata, plan
