"""Machines whose clocks are hours apart: leases, delays and times of tasks go by the database's clock."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from tests.chaos.nodes import SOURCE, Node, free_port, until

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

HOUR = 3600.0
# Loaded by Python itself in every process that finds it: the clock of its machine.
SKEW = """
import os, time
_true, _skew = time.time, float(os.environ["KINEO_TEST_SKEW"])
time.time = lambda: _true() + _skew
time.time_ns = lambda: int(time.time() * 1e9)
"""
TOML = """
lease = 3
[models.card]
engine = "bars"
options = { seconds = "0.3" }
[models.shaky]
engine = "bars"
options = { fail = "once" }
[models.long]
engine = "bars"
options = { seconds = "8" }
"""


class Machines:
    """An API node and two workers on one data folder, each with a clock of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "sitecustomize.py").write_text(SKEW)
        (folder / "kineo.toml").write_text(TOML)
        self.api = self._node("api", -HOUR, "serve", "--no-worker")
        self.fast = self._node("fast", HOUR, "worker", "--queue", "bars")
        self.slow = self._node("slow", -2 * HOUR, "worker", "--queue", "bars")

    def _node(self, name: str, skew: float, *arguments: str) -> Node:
        environment = {"PYTHONPATH": f"{self.folder}:{SOURCE}", "KINEO_TEST_SKEW": str(skew)}
        return Node(name, self.folder / "data", arguments, environment, free_port() if name == "api" else None)

    def start(self, *nodes: Node) -> None:
        for node in nodes:
            node.start()
            if node is self.api:
                until(lambda node=node: " at http://" in node.log.read_text(), 60, "the API does not start")
            else:
                until(lambda node=node: "child.started" in node.log.read_text(), 60, f"{node.name} does not start")

    def submit(self, model: str) -> str:
        key = (self.folder / "data" / "admin-key").read_text().strip()
        body = {"model": model, "prompt": "a test", "duration": 2, "resolution": "480p"}
        headers = {"Authorization": f"Bearer {key}"}
        answer = httpx2.post(f"{self.api.url}/v1/videos/generations", json=body, headers=headers, trust_env=False)
        assert answer.status_code == 200, answer.text
        task_id: str = answer.json()["data"][0]["task_id"]
        return task_id

    def row(self, task_id: str) -> dict[str, object]:
        with sqlite3.connect(self.folder / "data" / "kineograph.sqlite3", timeout=30) as database:
            database.row_factory = sqlite3.Row
            return dict(database.execute("SELECT * FROM tasks WHERE id = ?", (task_id,)).fetchone())

    def finished(self, task_id: str, seconds: float) -> dict[str, object]:
        until(lambda: self.row(task_id)["finished_at"] is not None, seconds, f"not finished: {self.row(task_id)}")
        return self.row(task_id)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    made = Machines(tmp_path)
    try:
        yield made
    finally:
        for node in (made.fast, made.slow, made.api):
            node.kill(with_children=True)


def test_nobody_is_taken_for_dead_and_nothing_waits_for_a_clock_that_is_wrong(machines: Machines) -> None:
    machines.start(machines.api, machines.fast, machines.slow)
    cards, shaky = [machines.submit("card") for _ in range(8)], [machines.submit("shaky") for _ in range(4)]
    for task_id in cards:
        row = machines.finished(task_id, 60)
        assert (row["status"], row["attempt"]) == ("succeeded", 1)
    for task_id in shaky:  # its second attempt was put off by two seconds: of the database's
        row = machines.finished(task_id, 60)
        assert (row["status"], row["attempt"]) == ("succeeded", 2)
        assert abs(float(str(row["finished_at"])) - time.time()) < 120, "by the database's clock"
    assert "worker.dead" not in machines.fast.log.read_text() + machines.slow.log.read_text()


@pytest.mark.parametrize("victim", ["fast", "slow"])
def test_a_dead_worker_is_noticed_after_a_lease_whatever_the_clocks_say(machines: Machines, victim: str) -> None:
    dying = machines.fast if victim == "fast" else machines.slow
    other = machines.slow if victim == "fast" else machines.fast
    machines.start(machines.api, dying)
    task_id = machines.submit("long")
    until(lambda: machines.row(task_id)["phase"] == "rendering", 30, "it does not start")
    machines.start(other)
    killed = time.monotonic()
    dying.kill(with_children=True)
    until(lambda: machines.row(task_id)["attempt"] == 2, 30, f"nobody takes over: {machines.row(task_id)}")
    assert time.monotonic() - killed < 20
    assert machines.finished(task_id, 60)["status"] == "succeeded"


def test_a_retry_put_off_by_a_machine_ahead_is_not_left_waiting_for_its_clock(machines: Machines) -> None:
    machines.start(machines.api, machines.fast)
    task_id = machines.submit("shaky")
    until(lambda: machines.row(task_id)["phase"] == "retrying", 30, "it does not fail")
    machines.fast.kill(with_children=True)
    machines.start(machines.slow)
    assert machines.finished(task_id, 60)["status"] == "succeeded"
