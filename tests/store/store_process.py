"""A process with a store of its own, for tests that need several or that kill one. Run: store_process.py VERB URL …"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import replace

from kineograph.core.errors import PaymentRequired
from kineograph.core.pricing import Cost, Per
from kineograph.core.request import ImageInput, Role, VideoRequest
from kineograph.core.task import Task
from kineograph.store.database import Database
from kineograph.store.queue import DbosQueue
from kineograph.store.tasks import SqlTaskStore


async def burst(store: SqlTaskStore, name: str) -> None:
    """Submit without end; say the id of every task that was accepted."""

    async def submit(lane: int) -> None:
        image = ImageInput(Role.FIRST_FRAME, "file:uploads/a.png")
        for i in range(1_000_000):
            request = VideoRequest("fast", "a kitten " * 50, 7, images=(image,), metadata={"a": "b"})
            task = Task(f"task_{name}-{lane}-{i}", "acct_1", f"key_{lane}", request, "animatic", "animatic")
            await store.insert(task)
            print(task.id, flush=True)

    await asyncio.gather(*[submit(lane) for lane in range(8)])


async def race(store: SqlTaskStore, name: str) -> None:
    """Try to start all tasks of the standard input at once; say which were claimed."""
    print("ready", flush=True)
    ids = sys.stdin.readline().split()
    claims = await asyncio.gather(*[store.start(task_id, name) for task_id in ids])
    for claim in claims:
        if claim is not None:
            print(claim.id, flush=True)


async def spend(store: SqlTaskStore, name: str) -> None:
    """Submit films that cost 7 micros until the balance is used up; say how many were accepted."""
    print("ready", flush=True)
    sys.stdin.readline()
    request = VideoRequest("fast", "a kitten", 7)
    for i in range(1000):
        task = Task(f"task_{name}-{i}", "acct_1", "key_1", request, "animatic", "animatic")
        try:
            await store.insert(replace(task, cost=Cost(7, "USD", Per.SECOND, 1)))
        except PaymentRequired:
            print(i, flush=True)
            return


async def work(store: SqlTaskStore, name: str) -> None:
    """Take tickets, say the ids of the tasks claimed, and never finish one."""

    def handler(task_id: str) -> None:
        claim = asyncio.run(store.start(task_id, name))  # in a thread and a loop of its own, as handlers are
        print(claim and claim.id, flush=True)
        time.sleep(600)

    await store.heartbeat(name, "animatic", "up", [])
    await asyncio.to_thread(store.records.queue.run, {"animatic": 1}, name, handler)
    await asyncio.sleep(600)


async def main() -> None:
    verb, url, name = sys.argv[1:4]
    database = Database.open(url)
    store = SqlTaskStore(database, DbosQueue(database))
    await {"burst": burst, "race": race, "spend": spend, "work": work}[verb](store, name)
    await database.close()


asyncio.run(main())
