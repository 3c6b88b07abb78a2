"""Processes that race for the last places: limits and caps hold, on every database."""

from __future__ import annotations

import asyncio

import pytest
from tests.contracts.making import VIDEO, new_task
from tests.store.test_processes import process

from kineograph.core.keys import Key
from kineograph.core.ports import TaskQuery
from kineograph.core.task import Status
from kineograph.store.database import Database
from kineograph.store.fleet import SqlFleet
from kineograph.store.keys import SqlKeyStore
from kineograph.store.queue import DbosQueue
from kineograph.store.tasks import SqlTaskStore

pytestmark = pytest.mark.anyio


async def race(database: Database, ids: list[str]) -> list[str]:
    """Two processes try to start all of these; the ids that they got."""
    racers = [process("race", database, f"worker_{i}") for i in range(2)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    said = [asyncio.to_thread(racer.communicate, " ".join(ids) + "\n", 60) for racer in racers]
    return [task_id for out, _ in await asyncio.gather(*said) for task_id in out.split()]


async def test_a_cap_and_a_limit_are_never_exceeded_by_racing_processes(database: Database, queue: DbosQueue) -> None:
    store = SqlTaskStore(database, queue)
    fleet = SqlFleet(database, store.records)
    await SqlKeyStore(database).create(Key("key_small", "acct_1", "a", "kineo_", limit=2), "digest")
    await fleet.set_cap("animatic", 5)
    ids = [(await store.insert(new_task(key_id=key))).task.id for _ in range(12) for key in ("key_small", "key_big")]
    started = await race(database, ids)
    running = await store.list(TaskQuery(None, limit=100, status=Status.RUNNING))
    assert sorted(started) == sorted(task.id for task in running)
    assert len(running) == 5
    assert sum(task.key_id == "key_small" for task in running) <= 2
    for task in running:
        assert await store.finish(task, VIDEO)
    assert len(await race(database, ids)) == 5, "and the places are given again"
