"""A database that moved: every row as it was, every task that waited runs once and in its turn, new events come last."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from tests.contracts.making import RETRYABLE, VIDEO, new_task
from tests.servers import Place

from kineograph.core.errors import OperatorError
from kineograph.core.keys import Key, digest
from kineograph.core.task import Status, Task
from kineograph.store import schema
from kineograph.store.copy import Copied, copy
from kineograph.store.database import Database
from kineograph.store.keys import SqlKeyStore
from kineograph.store.queue import DbosQueue
from kineograph.store.tasks import SqlTaskStore
from kineograph.store.upgrade import upgrade

pytestmark = pytest.mark.anyio


@pytest.fixture
def target(kind: str, postgres: Place, tmp_path: Path, empty_file: Path) -> Any:
    """Of the other kind than the source."""
    if kind == "postgresql":
        yield f"sqlite:///{shutil.copy(empty_file, tmp_path / 'copy.db')}"
    else:
        with postgres.fresh() as url:
            yield url


async def copied(source: str, target: str, *, at_work: bool = False) -> Copied:
    return await asyncio.to_thread(copy, source, target, silent, at_work=at_work)


def silent(_table: str, _rows: int) -> None:
    """Nobody watches."""


def rows(database: Database, table: Any) -> list[Any]:
    with database.engine.begin() as connection:
        return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]


async def fill(database: Database, queue: DbosQueue) -> dict[str, Task]:
    """One task of each fate; those that wait are a, b (priority), c (failed once), and later (in 1.5 s)."""
    store, keys = SqlTaskStore(database, queue), SqlKeyStore(database)
    await keys.create(Key(id="key_1", account_id="acct_1", name="app", shown="kineo_…", limit=1), digest("x"))
    await keys.secret("links")
    made: dict[str, Task] = {}
    for name in ("done", "held", "c", "a", "b", "later"):
        changes: dict[str, Any] = {"metadata": {"name": name, "ü": "一"}}
        if name == "b":
            changes["priority"] = 9
        if name == "later":
            changes["start_at"] = time.time() + 1.5
        made[name] = (await store.insert(new_task(**changes), None)).task
    claim = await store.start(made["done"].id, "worker_1")
    assert claim is not None
    await store.finish(claim, VIDEO)
    claim = await store.start(made["c"].id, "worker_1")
    assert claim is not None
    await store.fail(claim, RETRYABLE)
    assert await store.start(made["held"].id, "worker_1") is not None, "whose worker never comes back"
    return made


async def move(database: Database, queue: DbosQueue, target: str) -> tuple[dict[str, Task], Copied]:
    made = await fill(database, queue)
    return made, await copied(database.url, target)


def run(queue: DbosQueue, handler: Callable[[str], None], done: Callable[[], bool]) -> None:
    """Work the queue off with one worker until it is done."""
    worker = queue.run({"animatic": 1}, "worker_2", handler)
    try:
        deadline = time.monotonic() + 20
        while not done() and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        worker.stop(1)


async def test_every_row_arrives_as_it_was(database: Database, queue: DbosQueue, target: str) -> None:
    made, copied = await move(database, queue, target)
    place = Database.open(target)
    for table in schema.metadata.sorted_tables:
        if table.name not in {"leases", "event_base", "schema_window"}:
            found = rows(place, table)
            assert found == rows(database, table), table.name
            assert copied.rows[table.name] == len(found)
    assert copied.rows["tasks"] == len(made)
    assert copied.rows["secrets"] == 1
    assert copied.tickets == 4
    await place.close()


async def test_what_waited_runs_once_and_in_its_turn(database: Database, queue: DbosQueue, target: str) -> None:
    made, _ = await move(database, queue, target)
    place = Database.open(target)
    queue = DbosQueue(place)
    ran: list[str] = []
    lock = threading.Lock()

    def handle(task_id: str) -> None:
        with lock:
            ran.append(task_id)

    names = {task.id: name for name, task in made.items()}
    run(queue, handle, lambda: len(ran) >= 4)
    assert [names[each] for each in ran] == ["b", "c", "a", "later"]
    assert queue.depth() == {}
    queue.close()
    await place.close()


async def test_what_was_running_goes_back_to_the_queue_and_runs_again(
    database: Database, queue: DbosQueue, target: str
) -> None:
    made, _ = await move(database, queue, target)
    place = Database.open(target)
    queue = DbosQueue(place)
    store = SqlTaskStore(place, queue)
    deadline = time.monotonic() + 10
    while not (returned := await store.reap(0.1)) and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    assert list(returned) == [made["held"].id]
    claim = await store.start(made["held"].id, "worker_2")
    assert claim is not None
    assert claim.attempt == 2
    assert (await store.finish(claim, VIDEO)) is not None
    queue.close()
    await place.close()


async def test_new_events_come_after_the_old_ones_and_can_be_seen(
    database: Database, queue: DbosQueue, target: str
) -> None:
    with database.engine.begin() as connection:
        connection.execute(
            insert(schema.events),
            {"id": 2**50, "task_id": "t", "account_id": "acct_1", "sequence": 1, "status": "queued", "progress": 0.0}
            | {"phase": "queued", "attempt": 0, "at": 1.0},
        )
    upgrade(database)
    await copied(database.url, target)
    place = Database.open(target)
    queue = DbosQueue(place)
    store = SqlTaskStore(place, queue)
    assert await store.last_event() == 2**50
    task = (await store.insert(new_task())).task
    assert [event.task_id for event in await store.events(2**50)] == [task.id]
    queue.close()
    await place.close()


async def test_a_target_that_holds_something_is_left_alone(database: Database, queue: DbosQueue, target: str) -> None:
    made, _ = await move(database, queue, target)
    with pytest.raises(OperatorError, match=r"is not empty \(table"):
        await copied(database.url, target)
    place = Database.open(target)
    assert len(rows(place, schema.tasks)) == len(made)
    await place.close()


async def test_a_source_at_work_is_not_moved(database: Database, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from kineograph.store import copy as module

    monkeypatch.setattr(module, "SILENT", 0.3)
    with database.begin() as tx:
        tx.connection.execute(
            text("INSERT INTO leases (name, holder, until) VALUES ('reaper', 'x', :until)"), {"until": tx.now + 60}
        )
    with pytest.raises(OperatorError, match=r"is at work .* stop every kineo serve"):
        await copied(database.url, target)
    assert (await copied(database.url, target, at_work=True)).rows["tasks"] == 0


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_row_that_did_not_arrive_as_it_was_undoes_the_copy(
    database: Database, queue: DbosQueue, target: str
) -> None:
    await fill(database, queue)
    place = Database(target)
    with place.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.account_id := ''x''; RETURN NEW; END'"
        )
        connection.exec_driver_sql("CREATE TRIGGER spoil BEFORE INSERT ON usage FOR EACH ROW EXECUTE FUNCTION spoil()")
    with pytest.raises(OperatorError, match="of table usage did not arrive as it was"):
        await copied(database.url, target)
    assert rows(place, schema.tasks) == []
    await place.close()


def test_a_source_that_is_not_there_is_named_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"there is no file .*missing"):
        copy(f"sqlite:///{tmp_path / 'missing'}", f"sqlite:///{tmp_path / 'new'}", silent)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["postgresql"])
async def test_a_backup_of_postgresql_is_a_file_made_while_others_write(
    database: Database, queue: DbosQueue, tmp_path: Path, postgres: Place
) -> None:
    made = await fill(database, queue)
    seen: list[tuple[str, int]] = []
    await asyncio.to_thread(database.backup, tmp_path / "backup.db", lambda *done: seen.append(done))
    assert ("tasks", len(made)) in seen
    assert not await asyncio.to_thread((tmp_path / "backup.db.part").exists)
    with postgres.fresh(tables=False) as url:
        await copied(f"sqlite:///{tmp_path / 'backup.db'}", url)
        place = Database.open(url)
        assert rows(place, schema.tasks) == rows(database, schema.tasks)
        assert {row[schema.tasks.c.keys().index("status")] for row in rows(place, schema.tasks)} >= {Status.RUNNING}
        await place.close()
