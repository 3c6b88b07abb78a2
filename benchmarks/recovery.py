"""kill -9 of a worker → its task runs elsewhere: the child alone, and the whole machine (supervisor and child at once).

    PYTHONPATH=src python benchmarks/recovery.py [--database sqlite|postgres] [--kills 12]

With the default lease of 15 s. By the time of the kill and the start of the next attempt, both on this machine's clock.
Target (DESIGN §7): ≤ 20 s.
"""

from __future__ import annotations

import subprocess
import time

import psutil
from running import BARS, Service, arguments, service, summary, wait


def children(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return [child for child in psutil.Process(process.pid).children() if "_child" in child.cmdline()]


def one(here: Service, machines: list[subprocess.Popen[bytes]], *, whole: bool) -> float:
    """Kill who makes a task; seconds until somebody else does."""
    task_id = here.submit()
    attempt = (
        "SELECT count(*) FROM tasks WHERE id = :id AND status = 'running' AND attempt = :n AND phase = 'rendering'"
    )
    wait(lambda: here.count(attempt, id=task_id, n=1), 60)
    worker = here.rows("SELECT worker FROM tasks WHERE id = :id", id=task_id)[0][0]
    pid = here.rows("SELECT pid FROM workers WHERE id = :id", id=worker)[0][0]
    machine = next(process for process in machines if process.pid == pid)
    victims = children(machine)
    killed = time.time()
    if whole:
        machine.kill()
    for victim in victims:
        victim.kill()
    started = (
        "SELECT at FROM events WHERE task_id = :id AND status = 'running' AND attempt = 2 ORDER BY sequence LIMIT 1"
    )
    wait(lambda: here.rows(started, id=task_id), 90)
    took = float(here.rows(started, id=task_id)[0][0]) - killed
    here.http.post(f"/v1/tasks/{task_id}/cancel").raise_for_status()
    if whole:
        machine.wait()
        machines.remove(machine)
        machines.append(here.worker())
    wait(lambda: here.count("SELECT count(*) FROM tasks WHERE finished_at IS NULL") == 0, 60)
    return took


def main() -> None:
    given = arguments(__doc__, kills=12)
    with service(given.database, BARS.format(seconds=600)) as here:
        here.serve()
        machines = [here.worker() for _ in range(2)]
        for name, whole in (("child", False), ("machine", True)):
            waits = [one(here, machines, whole=whole) for _ in range(given.kills)]
            print(summary(f"kill -9 of a {name}, {given.database}", waits), flush=True)


if __name__ == "__main__":
    main()
