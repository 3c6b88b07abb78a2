"""Cancel of a running film -> its CPU is free: seconds, for an engine that listens and for one that does not.

python benchmarks/cancel.py [--rounds 5]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from ulid import ULID

from kineograph.app.keyring import LOCAL_KEY
from kineograph.app.parts import opened
from kineograph.app.working import supervisor_of
from kineograph.core.request import VideoRequest
from kineograph.core.task import Status
from kineograph.settings import load


async def once(tasks: Any) -> float:
    request = VideoRequest("card", "x", 1, duration=2, resolution="480p")
    task = (await tasks.submit(request, LOCAL_KEY)).task
    while (await tasks.get(task.id, LOCAL_KEY)).phase != "rendering":
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    start = time.monotonic()
    await tasks.cancel(task.id, LOCAL_KEY)
    while (await tasks.get(task.id, LOCAL_KEY)).status is not Status.CANCELLED:
        await asyncio.sleep(0.02)
    return time.monotonic() - start


async def measure(deaf: str, rounds: int) -> float:
    with tempfile.TemporaryDirectory() as name:
        row = {"card": {"engine": "bars", "options": {"seconds": "60", "deaf": deaf}}}
        async with opened(load(data=Path(name) / "data", models=row, log_level="error")) as parts:
            tasks = parts.tasks(queue := f"local-{ULID()}")
            supervisor = supervisor_of(parts, queue, slots=1)
            running = asyncio.create_task(supervisor.run())
            took = [await once(tasks) for _ in range(rounds)]
            supervisor.stop()
            await running
    return statistics.median(took)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    listening, deaf = (asyncio.run(measure(value, rounds)) for value in ("false", "true"))
    print(f"cancelled after {listening:.2f} s (listening), {deaf:.2f} s (killed); target ≤ 2; median of {rounds}")


if __name__ == "__main__":
    main()
