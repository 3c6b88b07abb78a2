"""Thousands of films waiting for an upstream in one process: its CPU and memory, what it asks, how late it notices.

A worker's loop process as the service runs it, on SQLite, against a fake Ark whose films take long. Rows are put into the database
through the store, tickets through the queue, as submits would.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import psutil
from ulid import ULID

import kineograph
from kineograph.app.keyring import LOCAL_KEY
from kineograph.app.parts import opened
from kineograph.core.keys import digest, mint
from kineograph.core.request import VideoRequest
from kineograph.core.task import Task
from kineograph.settings import Settings
from kineograph.testing.upstreams import FakeArk

SOURCE = str(Path(kineograph.__file__).parents[1])


def settings(fake: FakeArk, data: Path) -> Settings:
    row = {"dialect": "ark", "base_url": fake.base_url, "key": fake.key, "rpm": 1_000_000}
    row["models"] = {"film": "doubao-seedance-1-0-pro-250528"}
    return Settings(data=data, upstreams={"volc": row}, queue_per_account=10**6)


async def fill(options: Settings, count: int) -> None:
    """So many tasks of one key that may have as many running."""
    async with opened(options) as parts:
        key = replace(LOCAL_KEY, id="key_bench", limit=count)
        await parts.keys.create(key, digest(mint()))
        request = VideoRequest("film", "a benchmark", seed=1, duration=2, resolution="480p")
        for start in range(0, count, 200):
            now = time.time()
            tasks = [
                Task(f"task_{ULID()}", key.account_id, key.id, request, "volc", "volc", created_at=now)
                for _ in range(start, min(count, start + 200))
            ]
            await asyncio.gather(*(parts.store.insert(task) for task in tasks))


def worker(options: Settings, fake: FakeArk, folder: Path) -> subprocess.Popen[bytes]:
    toml = (
        f'[upstreams.volc]\ndialect = "ark"\nbase_url = "{fake.base_url}"\nkey = "{fake.key}"\nrpm = 1000000\n'
        'models = { film = "doubao-seedance-1-0-pro-250528" }\n'
    )
    (folder / "kineo.toml").write_text(toml)
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "kineograph", "worker", "--queue", "volc", "--data", str(options.data)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": SOURCE, "KINEO_LOG_LEVEL": "warning"},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def child_of(process: subprocess.Popen[bytes]) -> psutil.Process:
    return next(each for each in psutil.Process(process.pid).children() if "_child" in each.cmdline())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=5000)
    parser.add_argument("--seconds", type=int, default=30)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, FakeArk(waiting=0, making=3600, slots=10**6, rpm=10**6) as fake:
        folder = Path(name)
        options = settings(fake, folder / "data")
        asyncio.run(fill(options, told.tasks))
        began = time.monotonic()
        process = worker(options, fake, folder)
        try:
            _measure(told, fake, process, began)
        finally:
            for each in psutil.Process(process.pid).children(recursive=True):
                each.kill()
            process.kill()


def _measure(told: argparse.Namespace, fake: FakeArk, process: subprocess.Popen[bytes], began: float) -> None:
    while fake.asked()["create"] < told.tasks:
        assert process.poll() is None
        time.sleep(1)
    print(f"claimed and created: {told.tasks} in {time.monotonic() - began:.0f} s")
    time.sleep(8)
    loop, supervisor = child_of(process), psutil.Process(process.pid)
    before, at, asked = (loop.cpu_times(), supervisor.cpu_times()), time.monotonic(), fake.asked()["list"]
    time.sleep(told.seconds)
    took, after = time.monotonic() - at, (loop.cpu_times(), supervisor.cpu_times())
    cpu = [(b.user + b.system - a.user - a.system) / took * 100 for a, b in zip(before, after, strict=True)]
    looks = (fake.asked()["list"] - asked) / took * 60
    print(f"waiting: the loop {cpu[0]:.1f} % of a core, its supervisor {cpu[1]:.1f} %")
    print(
        f"memory: the loop {loop.memory_info().rss / 1e6:.0f} MB, its supervisor {supervisor.memory_info().rss / 1e6:.0f} MB"
    )
    print(f"requests: {looks:.0f} a minute, {looks / told.tasks:.3f} a minute for each task")
    some = 20
    at = time.time()
    fake.finish(some)
    noticed: list[float] = []
    while len(noticed) < some and time.time() - at < 60:
        films = fake.asked()["film"]
        noticed += [time.time() - at] * (films - len(noticed))
        time.sleep(0.1)
    print(
        f"ready → being copied, {len(noticed)} films: median {sorted(noticed)[len(noticed) // 2]:.1f} s, last {noticed[-1]:.1f} s"
    )


if __name__ == "__main__":
    main()
