"""Several processes on one database, and processes that die: the promises hold."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tests.contracts.making import new_task

from kineograph.core.ledger import Account
from kineograph.core.ports import TaskQuery
from kineograph.core.task import Status
from kineograph.store.accounts import SqlLedger
from kineograph.store.database import Database
from kineograph.store.queue import DbosQueue
from kineograph.store.tasks import SqlTaskStore


def process(verb: str, database: Database, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("store_process.py")), verb, database.url, name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.mark.anyio
async def test_processes_that_race_for_tasks_get_each_of_them_once(database: Database, queue: DbosQueue) -> None:
    store = SqlTaskStore(database, queue)
    ids = [(await store.insert(new_task())).task.id for _ in range(60)]
    racers = [process("race", database, f"worker_{i}") for i in range(2)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    claimed = [""] * len(racers)

    def run(i: int) -> None:
        claimed[i] = racers[i].communicate(" ".join(ids) + "\n", timeout=60)[0]

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(racers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(" ".join(claimed).split()) == sorted(ids)
    tasks = await store.list(TaskQuery("acct_1", limit=100))
    assert {(task.status, task.attempt) for task in tasks} == {(Status.RUNNING, 1)}
    assert sum(event.status is Status.RUNNING for event in await store.events(0)) == len(ids)


@pytest.mark.chaos
async def test_sixteen_processes_that_race_for_the_last_of_a_balance_never_overdraw_it(
    database: Database, queue: DbosQueue
) -> None:
    ledger = SqlLedger(database)
    await ledger.open_account(Account("acct_1", metered=True), 5 * 7 + 6, "key_admin")  # five films of 7, and a rest
    racers = [process("spend", database, f"{i}") for i in range(16)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    accepted = [int(racer.communicate(timeout=120)[0]) for racer in racers]
    account = await ledger.account("acct_1")
    assert account is not None
    assert (sum(accepted), account.balance, account.entries) == (5, 6, 6)


def test_a_kill_in_a_burst_of_submits_leaves_whole_tasks_and_all_that_were_accepted(
    database: Database, queue: DbosQueue
) -> None:
    accepted: list[str] = []
    for life in range(2):
        victim = process("burst", database, f"{life}")
        assert victim.stdout is not None
        accepted += [victim.stdout.readline().strip() for _ in range(20)]
        time.sleep(0.03 * life)
        victim.send_signal(signal.SIGKILL)
        accepted += victim.communicate()[0].split("\n")[:-1]  # the last line may be cut short
    with database.engine.begin() as connection:

        def ids(statement: str) -> list[str]:
            return sorted(row[0] for row in connection.exec_driver_sql(statement).all())

        stored = ids("SELECT id FROM tasks")
        assert set(accepted) <= set(stored)
        assert len(accepted) > 30
        assert ids("SELECT task_id FROM events") == stored
        assert ids("SELECT task_id FROM task_inputs") == stored
        assert ids("SELECT task_id FROM task_metadata") == stored
        tickets = "workflow_status" if database.engine.dialect.name == "sqlite" else "dbos.workflow_status"
        assert ids(f"SELECT workflow_uuid FROM {tickets}") == sorted(f"{task_id}:1" for task_id in stored)
        assert sum(connection.exec_driver_sql("SELECT load FROM lanes").scalars()) == len(stored)
        if database.engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert queue.depth() == {"animatic": len(stored)}


@pytest.mark.anyio
async def test_what_a_killed_worker_was_making_is_made_by_the_next(database: Database, queue: DbosQueue) -> None:
    store = SqlTaskStore(database, queue)
    task = (await store.insert(new_task())).task
    first = process("work", database, "worker_1")
    assert first.stdout is not None
    assert first.stdout.readline().strip() == task.id
    first.kill()
    first.communicate()
    assert await store.reap(60.0) == [], "it is not silent for long enough yet"
    assert await store.reap(0.0) == [task.id]
    second = process("work", database, "worker_2")
    assert second.stdout is not None
    assert second.stdout.readline().strip() == task.id
    second.kill()
    second.communicate()
    claim = await store.get(task.id)
    assert claim is not None
    assert (claim.status, claim.worker, claim.attempt) == (Status.RUNNING, "worker_2", 2)
