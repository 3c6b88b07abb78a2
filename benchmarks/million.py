"""List and get at 1,000,000 stored tasks, against the same server when it has a hundred.

    PYTHONPATH=src python benchmarks/million.py [--database sqlite|postgres] [--stored 1000000] [--rounds 300]

One caller over loopback, requests of all kinds in turn. Target (issue 3): ≤ 1.3× of an empty store.
"""

from __future__ import annotations

import statistics
import time

from running import BARS, Service, arguments, multiply, service, wait

FEW = 100


def measure(here: Service, task_id: str, rounds: int) -> dict[str, float]:
    """Median seconds by request."""
    paths = {
        "get": f"/v1/tasks/{task_id}",
        "list": "/v1/tasks?limit=20",
        "list by status": "/v1/tasks?limit=20&status=completed",
        "list by model": "/v1/tasks?limit=20&model=card",
        "list, deep": f"/v1/tasks?limit=20&after={task_id}",
    }
    times: dict[str, list[float]] = {name: [] for name in paths}
    for _ in range(rounds):
        for name, path in paths.items():
            start = time.perf_counter()
            here.http.get(path).raise_for_status()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(found) for name, found in times.items()}


def main() -> None:
    given = arguments(__doc__, stored=1_000_000, rounds=300)
    with service(given.database, BARS.format(seconds=0)) as here:
        here.serve()
        worker = here.worker()
        task_id = here.submit()
        wait(lambda: here.count("SELECT count(*) FROM tasks WHERE finished_at IS NULL") == 0, 60)
        worker.terminate()
        worker.wait()
        measured = []
        for start, count in ((0, FEW), (FEW, given.stored - FEW)):
            began = time.monotonic()
            with here.engine.begin() as connection:
                multiply(connection, task_id, count, start)
            here.tidy()
            stored = here.count("SELECT count(*) FROM tasks")
            print(f"{given.database}: {stored:,} tasks stored ({time.monotonic() - began:.0f} s of SQL)", flush=True)
            measure(here, task_id, 30)
            measured.append(measure(here, task_id, given.rounds))
    few, many = measured
    for name in few:
        print(f"  {name:<16}{few[name] * 1000:7.2f} ms → {many[name] * 1000:7.2f} ms   {many[name] / few[name]:5.2f}×")


if __name__ == "__main__":
    main()
