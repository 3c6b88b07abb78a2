"""Random deaths in the middle of renders. Afterwards every accepted task has exactly one end.

KINEO_CHAOS_SEED repeats a run, KINEO_CHAOS_KILLS says how many deaths (50).
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import time
from collections import Counter
from typing import Any

import psutil
import pytest

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(1500)]

TOML = """
lease = 3
workers = 1
[models.card]
engine = "bars"
options = { seconds = "1.5" }
[models.deadly]
engine = "bars"
options = { seconds = "0.3", crash = "always" }
[models.shaky]
engine = "bars"
options = { seconds = "0.3", crash = "once" }
"""


class Chaos:
    """A service, a stream of tasks, and somebody who kills."""

    def __init__(self, service: Any, seed: int) -> None:
        self.service, self.random = service, random.Random(seed)
        self.tasks: list[str] = []
        self.kills: Counter[str] = Counter()
        self.struck = 0.0

    def feed(self, until: int) -> None:
        """Keep this many unfinished tasks waiting."""
        with self.database() as database:
            waiting = database.execute("SELECT count(*) FROM tasks WHERE finished_at IS NULL").fetchone()[0]
        for _ in range(until - waiting):
            model = self.random.choices(["card", "shaky"], [6, 1])[0]
            self.tasks.append(self.service.submit(model=model))

    def database(self) -> sqlite3.Connection:
        return sqlite3.connect(self.service.data / "kineograph.sqlite3", timeout=30)

    def wait_for_work(self) -> None:
        """Until something is being made by somebody alive (it reported since the last death), then a moment into it."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with self.database() as database:
                alive = "SELECT count(*) FROM tasks WHERE status = 'running' AND phase = 'rendering' AND updated_at > ?"
                if database.execute(alive, (self.struck,)).fetchone()[0]:
                    break
            time.sleep(0.05)
        time.sleep(self.random.uniform(0, 1.2))

    def strike(self) -> None:
        """One death, or one long faint."""
        self.wait_for_work()
        self.struck = time.time()
        how = self.random.choices(["child", "supervisor", "server", "faint"], [4, 3, 2, 1])[0]
        self.kills[how] += 1
        if how == "server":
            self.service.kill()
            self.service.start()
            return
        if how == "supervisor":
            worker = self.random.choice(self.service.extra)
            worker.kill()
            worker.wait()
            self.service.extra.remove(worker)
            self.service.worker("--queue", "bars")
            return
        children = self.service.children()
        if not children:
            return
        victim = self.random.choice(children)
        try:
            if how == "child":
                victim.kill()
            else:
                victim.suspend()
                time.sleep(4.5)  # longer than the lease: its task is somebody else's by now
                victim.resume()
        except psutil.NoSuchProcess:
            pass


def test_fifty_deaths_lose_nothing_and_double_nothing(service: Any) -> None:
    seed = int(os.environ.get("KINEO_CHAOS_SEED", random.SystemRandom().randrange(10**6)))
    kills = int(os.environ.get("KINEO_CHAOS_KILLS", "50"))
    print(f"KINEO_CHAOS_SEED={seed}")
    service.toml = TOML
    service.start()
    service.worker("--queue", "bars")
    chaos = Chaos(service, seed)
    for _ in range(kills):
        chaos.feed(5)
        chaos.strike()
    chaos.feed(3)
    ends = {task_id: service.finished(task_id, 180) for task_id in chaos.tasks}
    print(f"{len(ends)} tasks, deaths {dict(chaos.kills)}, ends {Counter(task['status'] for task in ends.values())}")
    for task_id, task in ends.items():
        if task["status"] != "completed":  # only a task that was killed on all its attempts may fail
            assert (task["status"], task["attempt"]) == ("failed", 3), (task_id, task)
    check(chaos, ends)


def test_a_request_that_kills_its_worker_every_time_is_put_away(service: Any) -> None:
    service.toml = TOML
    service.start()
    deadly, after = service.submit(model="deadly"), service.submit()
    task = service.finished(deadly)
    assert (task["status"], task["attempt"]) == ("failed", 3)
    assert task["error"]["reason"] == "worker_died"
    assert service.finished(after)["status"] == "completed", "the queue goes on"


def test_an_attempt_that_takes_too_long_is_ended_with_its_cause(service: Any) -> None:
    service.toml = 'time_limit = 2\n[models.card]\nengine = "bars"\noptions = { seconds = "60", deaf = "true" }\n'
    service.start()
    task = service.finished(service.submit())
    assert (task["status"], task["error"]["reason"]) == ("failed", "time_limit")


def check(chaos: Chaos, ends: dict[str, dict[str, Any]]) -> None:
    """The invariants, read from the tables themselves."""
    with chaos.database() as database:
        tasks = dict(database.execute("SELECT id, status FROM tasks"))
        terminal = Counter(
            row[0]
            for row in database.execute(
                "SELECT task_id FROM events WHERE status IN ('succeeded', 'failed', 'cancelled')"
            )
        )
        used = Counter(row[0] for row in database.execute("SELECT task_id FROM usage"))
    assert set(ends) <= set(tasks)
    assert set(tasks.values()) <= {"succeeded", "failed", "cancelled"}
    assert terminal == Counter(dict.fromkeys(tasks, 1)), "one terminal event per task"
    succeeded = {task_id for task_id, status in tasks.items() if status == "succeeded"}
    assert used == Counter(dict.fromkeys(succeeded, 1)), "one usage row per film, none without"
    for task_id in succeeded:
        films = list((chaos.service.data / "files" / "tasks" / task_id).glob("*/video.mp4"))
        assert films, f"{task_id} has a film"
        assert f"/{ends[task_id]['attempt']}/" in json.dumps(ends[task_id]["result"]), (
            "the film of the attempt that finished"
        )


def test_a_submit_that_was_answered_survives_the_plug_being_pulled(service: Any) -> None:
    service.start()
    accepted = []
    for _ in range(20):
        accepted.append(service.submit())
    os.kill(service.process.pid, signal.SIGKILL)
    service.process.wait()
    service.start()
    for task_id in accepted:
        assert service.finished(task_id)["status"] == "completed"
