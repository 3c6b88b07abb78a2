"""Queued → running with an idle worker: how long a task waits though nobody is before it.

    PYTHONPATH=src python benchmarks/pickup.py [--database sqlite|postgres] [--tasks 60] [--workers 1]

By the database's own times of the task. Target (DESIGN §7): p50 ≤ 0.25 s.
"""

from __future__ import annotations

import random
import time

from running import BARS, arguments, service, summary, wait


def main() -> None:
    given = arguments(__doc__, tasks=60, workers=1)
    with service(given.database, BARS.format(seconds=0)) as here:
        here.serve()
        here.worker(given.workers)
        waits = []
        for number in range(given.tasks + 3):
            time.sleep(random.uniform(0.3, 0.9))  # not in step with the worker's looks
            task_id = here.submit()
            wait(lambda: here.count("SELECT count(*) FROM tasks WHERE finished_at IS NULL") == 0, 30)
            sql = "SELECT started_at - created_at FROM tasks WHERE id = :id"
            if number >= 3:  # the first films import the encoder
                waits.append(float(here.rows(sql, id=task_id)[0][0]))
    print(summary(f"pick-up, {given.database}, {given.workers} workers", waits))


if __name__ == "__main__":
    main()
