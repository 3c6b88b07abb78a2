"""An upgrade without downtime: every node is restarted in turn while callers go on, and not one request fails."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from tests.chaos.balancer import Balancer
from tests.chaos.invariants import judge
from tests.chaos.network import Network
from tests.chaos.nodes import Node, until
from tests.chaos.runner import log_of
from tests.chaos.traffic import Book

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]
CALLERS = 3
PAUSE = 0.05  # seconds between two submits of a caller


class Strict(threading.Thread):
    """A caller who forgives nothing: submits, asks, lists; every answer has to be 200, the first time."""

    def __init__(self, port: int, key: str, book: Book) -> None:
        super().__init__(daemon=True)
        self._url, self._key, self._book = f"http://127.0.0.1:{port}", key, book
        self.leaving = threading.Event()
        self.failed: list[str] = []
        self.answers: Counter[str] = Counter()

    def run(self) -> None:
        number = 0
        while not self.leaving.wait(PAUSE):
            number += 1
            body = {"model": "quick", "prompt": f"test {number}", "duration": 2, "resolution": "480p"}
            answer = self._call("POST", "/v1/videos/generations", json=body)
            if answer is not None:
                task_id = answer.json()["data"][0]["task_id"]
                self._book.tasks[f"{self.name}-{number}"] = task_id
                self._call("GET", f"/v1/tasks/{task_id}")
            self._call("GET", "/v1/tasks?limit=5")

    def _call(self, method: str, path: str, **more: object) -> httpx2.Response | None:
        headers = {"Authorization": f"Bearer {self._key}", "Connection": "close"}
        try:
            with httpx2.Client(timeout=20, trust_env=False) as http:
                answer = http.request(method, self._url + path, headers=headers, **more)  # type: ignore[arg-type]
        except httpx2.TransportError as error:
            self.failed.append(f"{time.monotonic():.1f} {method} {path}: {error!r}")
            return None
        self.answers[f"{method} {answer.status_code}"] += 1
        if answer.status_code != 200:
            self.failed.append(f"{method} {path}: {answer.status_code} {answer.text}")
            return None
        return answer


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    made = Network(tmp_path, {"KINEO_LINGER": "4"})
    made.start()
    try:
        yield made
    finally:
        made.stop()
        made.close()


def _restart(node: Node, balancer: Balancer) -> None:
    node.signal(signal.SIGTERM)
    node.wait(30)
    node.start()
    back = node.children if node.port is None else lambda: node.port in balancer.ready
    until(back, 60, f"{node.name} does not come back: {node.log.read_text()[-3000:]}")


def test_a_rolling_restart_fails_no_request_and_loses_no_task(network: Network) -> None:
    book = Book()
    assert network.apis[0].port is not None
    assert network.apis[1].port is not None
    with Balancer([network.apis[0].port, network.apis[1].port]) as balancer:
        callers = [Strict(balancer.port, network.keys[-1], book) for _ in range(CALLERS)]
        until(lambda: len(balancer.ready) == 2, 60, f"not ready: {balancer.history}")
        for caller in callers:
            caller.start()
        until(lambda: len(book.tasks) >= 5, 60, "nothing is accepted")
        for node in (*network.apis, *network.workers, *network.apis):
            _restart(node, balancer)
        for caller in callers:
            caller.leaving.set()
            caller.join(60)
        last = httpx2.Client(base_url=f"http://127.0.0.1:{balancer.port}", trust_env=False)
        headers = {"Authorization": f"Bearer {network.keys[-1]}"}
        deadline = time.monotonic() + 120
        with last:
            for task_id in book.tasks.values():
                while last.get(f"/v1/tasks/{task_id}", headers=headers).json()["data"]["status"] != "completed":
                    assert time.monotonic() < deadline, log_of(network.folder)
                    time.sleep(0.1)
    network.stop()
    network.sweep()
    verdict = judge(network.engine, book, network.limits, network.files)
    answers = sum((caller.answers for caller in callers), Counter[str]())
    print(f"answers {dict(answers)}, ends {dict(verdict.ends)}, attempts {dict(verdict.attempts)}")
    assert [sentence for caller in callers for sentence in caller.failed] == [], balancer.history
    assert verdict.broken == []
    assert verdict.ends["succeeded"] == len(book.tasks)
