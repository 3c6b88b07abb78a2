"""From a worker's report to everybody who listens: event streams and long polls on one API process.

    PYTHONPATH=src python benchmarks/events.py [--database sqlite|postgres] [--listeners 500] [--changes 20] [--tasks 4]

`tasks` films are made at once, each reports every second, and every listener of the account hears of all of them. Then as many
long polls wait for one change. Target (issue 4): 500 listeners, ≤ 1 s from progress to event, nothing lost.
"""

from __future__ import annotations

import asyncio
import re
import time

from running import BARS, Service, arguments, service, summary

from kineograph.store.database import Database
from kineograph.store.queue import DbosQueue
from kineograph.store.tasks import SqlTaskStore

PROGRESS = re.compile(rb'"id":"(task_[0-9A-Z]+)".*?"progress":(\d+)')
Heard = dict[tuple[str, int], float]


async def main() -> None:
    given = arguments(__doc__, listeners=500, changes=20, tasks=4)
    with service(given.database, BARS.format(seconds=0)) as here:
        here.serve()
        database = Database.open(here.url)
        queue = DbosQueue(database)
        store = SqlTaskStore(database, queue)
        ids = [here.submit() for _ in range(given.tasks)]
        claims = [claim for one in ids if (claim := await store.start(one, "benchmark"))]
        heard: list[Heard] = [{} for _ in range(given.listeners)]
        streams = [asyncio.create_task(listen(here, each)) for each in heard]
        await asyncio.sleep(3)
        said: Heard = {}
        for change in range(1, given.changes + 1):
            for claim in claims:
                await store.report(claim, (change + 0.5) / 100, "rendering")
                said[claim.id, change] = time.monotonic()
            await asyncio.sleep(1)
        await asyncio.sleep(2)
        lost = sum(len(said.keys() - each.keys()) for each in heard)
        waits = [each[what] - said[what] for each in heard for what in said.keys() & each.keys()]
        print(summary(f"streams, {given.database}, {given.tasks} films", waits), f"  lost {lost}")
        for each in streams:
            each.cancel()
        await asyncio.gather(*streams, return_exceptions=True)
        polls = [asyncio.create_task(poll(here, ids[0])) for _ in range(given.listeners)]
        await asyncio.sleep(3)
        await store.report(claims[0], 0.9, "rendering")
        changed = time.monotonic()
        print(summary(f"long polls, {given.database}", [at - changed for at in await asyncio.gather(*polls)]))
        queue.close()
        await database.close()


async def ask(here: Service, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    url = here.http.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {here.key}\r\n\r\n".encode())
    await writer.drain()
    return reader, writer


async def listen(here: Service, heard: Heard) -> None:
    """Note when each change arrives."""
    reader, writer = await ask(here, "/v1/events")
    try:
        while line := await reader.readline():
            if line.startswith(b"data: ") and (found := PROGRESS.search(line)):
                heard[found[1].decode(), int(found[2])] = time.monotonic()
    finally:
        writer.close()


async def poll(here: Service, task_id: str) -> float:
    """When the next change was answered."""
    reader, writer = await ask(here, f"/v1/tasks/{task_id}")
    tag = b""
    while (line := await reader.readline()).strip():
        if line.lower().startswith(b"etag:"):
            tag = line.split(b":", 1)[1].strip()
    writer.close()
    url = here.http.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = f"GET /v1/tasks/{task_id}?wait=60 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {here.key}\r\nIf-None-Match: "
    writer.write(head.encode() + tag + b"\r\n\r\n")
    status = await reader.readline()
    writer.close()
    assert b" 200 " in status, status
    return time.monotonic()


if __name__ == "__main__":
    asyncio.run(main())
