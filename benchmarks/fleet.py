"""Hundreds of simulated GPU workers on one database: how busy they are kept, and what that costs the database.

    PYTHONPATH=src python benchmarks/fleet.py [--database postgres] [--workers 200] [--machines 20] [--film 240] [--seconds 240]

A worker is a child process of `kineo worker` whose engine sleeps (`bars`, --film seconds a film, then a film of 2 s is really
encoded and stored). Children and supervisors are forks of one process (nursery.py), so that 200 fit into this machine's memory.
Target (issue 3): ≥ 95 % busy.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import time
from functools import partial

import psutil
from nursery import born
from running import BARS, SOURCE, Service, arguments, service, wait

RUNNING = "SELECT count(*) FROM tasks WHERE status = 'running'"


def cpu(processes: list[psutil.Process]) -> float:
    """Seconds used so far, by those that still are."""
    total = 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total


class Family:
    """All processes, by kind."""

    def __init__(self, here: Service, nursery: int) -> None:
        self.kinds: dict[str, list[psutil.Process]] = {"api": [psutil.Process(here.processes[-1].pid)]}
        forks = psutil.Process(nursery).children(recursive=False)
        self.kinds["children"] = [fork for fork in forks if "_child" in _sort(fork)]
        self.kinds["supervisors"] = [fork for fork in forks if "_child" not in _sort(fork)]
        if here.server is not None:
            self.kinds["database"] = [psutil.Process(here.server.pid)]

    def used(self) -> dict[str, float]:
        return {
            kind: cpu([*found, *(found[0].children() if kind == "database" else [])])
            for kind, found in self.kinds.items()
        }

    def memory(self) -> str:
        return ", ".join(
            f"{kind} {sum(process.memory_full_info().pss for process in found) / 1e6:.0f} MB"
            for kind, found in self.kinds.items()
        )


def _sort(process: psutil.Process) -> str:
    """A supervisor has cradles for children; a child has none."""
    with contextlib.suppress(psutil.Error):
        return "supervisor" if process.children() else "_child"
    return ""


def measure(here: Service, family: Family, workers: int, seconds: float) -> None:
    busy, connections = [], []
    before, start = family.used(), time.monotonic()
    while time.monotonic() - start < seconds:
        time.sleep(1)
        busy.append(here.count(RUNNING) / workers)
        if here.server is not None:
            connections.append(
                here.count("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
            )
    after, took = family.used(), time.monotonic() - start
    cores = ", ".join(f"{kind} {(after[kind] - before[kind]) / took:.2f}" for kind in before)
    print(f"{workers} workers busy: {statistics.mean(busy) * 100:.1f} % on average, {min(busy) * 100:.1f} % at least")
    print(f"connections: {max(connections, default=0)} at most; cores used: {cores}")
    print(f"memory (PSS): {family.memory()}")


def _at_work(here: Service, workers: int) -> bool:
    return here.count(RUNNING) >= workers * 0.99


def main() -> None:
    given = arguments(__doc__, workers=200, machines=20, film=240, seconds=240)
    slots = given.workers // given.machines
    with service(given.database, BARS.format(seconds=given.film), connections=8 * given.workers) as here:
        path = here.folder / "nursery"
        environment = {**os.environ, "PYTHONPATH": SOURCE, "KINEO_DATABASE_URL": here.url, "OPENBLAS_NUM_THREADS": "1"}
        nursery = subprocess.Popen(
            [sys.executable, os.path.join(os.path.dirname(__file__), "nursery.py"), str(path)],  # noqa: PTH118, PTH120
            cwd=here.folder,
            env=environment,
        )
        try:
            here.serve()
            family_of_api = here.processes[-1]
            for _ in range(int(given.workers * (3 + given.seconds / given.film))):
                here.submit()
            wait(path.exists, 60)
            with (here.folder / "log").open("ab") as log:
                words = ["worker", "--queue", "bars", "--workers", str(slots), "--data", str(here.folder / "data")]
                lines, began = [], time.monotonic()
                for machine in range(
                    given.machines
                ):  # one after the other: a start costs 3 s of CPU, here of two cores
                    lines.append(born(path, words, log.fileno()))
                    wait(partial(_at_work, here, (machine + 1) * slots), 300, 0.5)
                    print(f"machine {machine + 1} at work after {time.monotonic() - began:.0f} s", flush=True)
            print(
                f"{given.workers} workers of {given.machines} machines at work after {time.monotonic() - began:.0f} s",
                flush=True,
            )
            assert family_of_api.poll() is None
            measure(here, Family(here, nursery.pid), given.workers, given.seconds)
            for line in lines:
                line.close()
        finally:
            for fork in psutil.Process(nursery.pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    fork.kill()
            nursery.kill()
            nursery.wait()


if __name__ == "__main__":
    main()
