"""The store alone, without HTTP: durable submits and status reads per second of one process.

    python benchmarks/store.py [--seconds 5] [--database sqlite|postgres]

PostgreSQL is the embedded one with fsync on, and the store has three writers, as an API process has.

Targets (DESIGN §7, whole API): ≥ 1000 submits/s at 32 callers, p99 ≤ 60 ms, ≥ 3000 status reads/s.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ulid import ULID

from kineograph.core.request import VideoRequest
from kineograph.core.task import Task
from kineograph.store.database import Database
from kineograph.store.queue import DbosQueue, upgrade_queue
from kineograph.store.tasks import SqlTaskStore
from kineograph.store.upgrade import upgrade

PROMPT = "Sunset at the beach, golden sunlight on the sea, waves gently hitting the sand"


def new_task(caller: int) -> Task:
    request = VideoRequest("doubao-seedance-1-0-pro-fast", PROMPT, 7, metadata={"run": "benchmark"})
    return Task(
        f"task_{ULID()}", f"acct_{caller}", f"key_{caller}", request, "animatic", "animatic", created_at=time.time()
    )


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def submits(store: SqlTaskStore, callers: int, seconds: float) -> str:
    waits: list[float] = []
    until = time.perf_counter() + seconds

    async def caller(number: int) -> None:
        while (start := time.perf_counter()) < until:
            await store.insert(new_task(number))
            waits.append(time.perf_counter() - start)

    used, start = cpu(), time.perf_counter()
    await asyncio.gather(*[caller(number) for number in range(callers)])
    rate, busy = len(waits) / (time.perf_counter() - start), (cpu() - used) / len(waits)
    p99 = statistics.quantiles(waits, n=100)[98] * 1000
    return f"{callers:3} callers: {rate:6.0f} submits/s, p99 {p99:5.1f} ms, {busy * 1e6:4.0f} µs of CPU each"


async def reads(store: SqlTaskStore, task_id: str, seconds: float) -> float:
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for _ in range(100):
            await store.get(task_id)
        count += 100
    return count / (time.perf_counter() - start)


@contextmanager
def emptied(kind: str) -> Iterator[Database]:
    """A database with tables and nothing in them."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield Database.open(f"sqlite:///{folder}/kineograph.db")
        return
    from kineograph.testing.postgres import postgres

    with postgres(durable=True) as server:
        database = Database(server.url(), writers=3)
        upgrade(database)
        upgrade_queue(database)
        yield database


async def main(seconds: float, database: Database) -> None:
    queue = DbosQueue(database)
    store = SqlTaskStore(database, queue)
    for callers in (1, 32):
        print(await submits(store, callers, seconds))
    claim = await store.start((await store.insert(new_task(0))).task.id, "worker_1")
    assert claim is not None
    last = (await store.insert(new_task(0))).task
    depth = sum(queue.depth().values())
    print(f"status reads of a running task: {await reads(store, claim.id, seconds / 2):6.0f}/s")
    print(f"status reads of the last of {depth} queued tasks: {await reads(store, last.id, seconds / 2):6.0f}/s")
    queue.close()
    await database.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    given = parser.parse_args()
    with emptied(given.database) as empty:
        asyncio.run(main(given.seconds, empty))
