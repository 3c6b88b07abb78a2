"""The database goes and comes back under a service at work: callers are told, films are kept, nobody is taken for dead."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.conftest import Service
from tests.servers import Place

from kineograph.testing.postgres import PostgresServer
from kineograph.testing.postgres import postgres as running

LEASE = 3.0
TOML = f'lease = {LEASE:.0f}\n[models.card]\nengine = "bars"\n[models.slow]\nengine = "bars"\noptions = {{ seconds = "5" }}\n'


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One that may be stopped: nobody else's tests run on it."""
    with running() as made:
        yield made


@pytest.fixture(scope="module")
def place(server: PostgresServer) -> Place:
    return Place(server.url())


@pytest.fixture
def installed(tmp_path: Path, place: Place) -> Iterator[Service]:
    with place.fresh() as url:
        service = Service(tmp_path, TOML, ("--workers", "1"), {"KINEO_DATABASE_URL": url})
        yield service.start()
        service.stop()


def wait_for(condition: Callable[[], Any], seconds: float = 40) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return found


def rendering(service: Service) -> tuple[str, set[int]]:
    """A film that is being made, and the processes that make films."""
    task_id = service.submit(model="slow")
    service.until(task_id, lambda task: task["status"] == "processing")
    return task_id, {child.pid for child in service.children()}


def refuses(service: Service, method: str, path: str) -> None:
    """It says that the database is away and when to come back, and the process itself is well."""
    body = {"model": "card", "prompt": "x", "duration": 2}
    answer = service.call(method, path, **({"json": body} if "generations" in path else {}))
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "2"), (method, path, answer.text)
    assert "the database is not available" in answer.json()["error"]["message"]
    assert httpx2.get(f"{service.url}/healthz", timeout=2).status_code == 200


def goes_on(service: Service, task_id: str, children: set[int]) -> None:
    """The film is finished by who had it, the next one is made by the same processes, and nobody was declared dead."""
    wait_for(lambda: service.call("GET", f"/v1/tasks/{task_id}").status_code == 200)
    task = service.finished(task_id)
    assert (task["status"], task["attempt"]) == ("completed", 1), service.log[-3000:]
    assert service.log.count('"engine.made"') == 1
    after = service.finished(service.submit())
    assert (after["status"], after["attempt"]) == ("completed", 1)
    assert {child.pid for child in service.children()} == children, "supervisor and child lived through it"
    assert '"worker.dead"' not in service.log
    assert '"task.lost"' not in service.log
    assert "Traceback" not in service.log


def test_a_film_is_finished_while_the_database_is_away_and_written_when_it_is_back(
    installed: Service, server: PostgresServer
) -> None:
    task_id, children = rendering(installed)
    server.stop()
    gone = time.monotonic()
    try:
        refuses(installed, "GET", f"/v1/tasks/{task_id}")
        refuses(installed, "GET", "/v1/tasks")
        refuses(installed, "POST", "/v1/videos/generations")
        refuses(installed, "POST", f"/v1/tasks/{task_id}/cancel")
        assert httpx2.get(f"{installed.url}/readyz", timeout=10).status_code == 503
        wait_for(lambda: "worker.waiting" in installed.log)  # the film is there and cannot be written
        wait_for(lambda: time.monotonic() - gone > 2 * LEASE)  # by now every heartbeat is missed
    finally:
        server.start()
    goes_on(installed, task_id, children)


def test_a_database_that_hangs_stops_neither_the_film_nor_the_process(
    installed: Service, server: PostgresServer
) -> None:
    task_id, children = rendering(installed)
    server.freeze()
    frozen = time.monotonic()
    try:
        hung: list[int] = []
        caller = threading.Thread(
            target=lambda: hung.append(installed.call("GET", f"/v1/tasks/{task_id}").status_code), daemon=True
        )
        caller.start()
        while caller.is_alive():
            assert httpx2.get(f"{installed.url}/healthz", timeout=2).status_code == 200
            assert time.monotonic() - frozen < 20, "it waits for ever"
            time.sleep(0.2)
        assert hung == [503]
        refuses(installed, "POST", "/v1/videos/generations")
        wait_for(lambda: time.monotonic() - frozen > 2 * LEASE)
    finally:
        server.thaw()
    goes_on(installed, task_id, children)
