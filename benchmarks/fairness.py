"""A newcomer behind 100,000 queued tasks of another key: how long until its task runs.

    PYTHONPATH=src python benchmarks/fairness.py [--database sqlite|postgres] [--queued 100000] [--tasks 30] [--workers 2]

The other key's tasks are being worked off all the while, each as long as the test card takes (0.1 s). By the database's own
times of the newcomer's task. Target (DESIGN §7): ≤ 0.5 s.
"""

from __future__ import annotations

import time

from running import BARS, arguments, multiply, service, summary, wait

LANES = 4  # of either key at most; the service gives a key no more than there are workers
WAITED = "SELECT started_at - created_at FROM tasks WHERE id = :id AND finished_at IS NOT NULL"


def main() -> None:
    given = arguments(__doc__, queued=100_000, tasks=30, workers=2)
    with service(given.database, BARS.format(seconds=0)) as here:
        here.serve()
        crowd, newcomer = here.create_key("crowd", LANES), here.create_key("newcomer", LANES)
        first = here.submit(crowd)
        with here.engine.begin() as connection:
            multiply(connection, first, given.queued, lanes=min(LANES, given.workers))
        here.tidy()
        here.worker(given.workers)
        wait(lambda: here.count("SELECT count(*) FROM tasks WHERE status = 'succeeded'") > 10, 120)
        waits, began, done = [], time.monotonic(), here.count("SELECT count(*) FROM tasks WHERE status = 'succeeded'")
        for _ in range(given.tasks):
            task_id = here.submit(newcomer)
            wait(lambda task_id=task_id: here.rows(WAITED, id=task_id), 60)
            waits.append(float(here.rows(WAITED, id=task_id)[0][0]))
            time.sleep(0.2)
        rate = (here.count("SELECT count(*) FROM tasks WHERE status = 'succeeded'") - done) / (time.monotonic() - began)
        left = here.count("SELECT count(*) FROM tasks WHERE status = 'queued'")
    print(summary(f"newcomer behind {left:,}, {given.database}", waits))
    print(f"beside it {rate:.1f} tasks/s were made by {given.workers} workers")


if __name__ == "__main__":
    main()
