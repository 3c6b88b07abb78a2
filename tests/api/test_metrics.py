"""GET /metrics."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import pytest
from tests.api.conftest import NOW, World
from tests.contracts.making import new_task

from kineograph.api.metrics import Metrics, route_of
from kineograph.core.keys import Scope
from kineograph.core.task import Failure


@pytest.fixture
def measured(world: World) -> Iterator[World]:
    metrics = Metrics(world.fleet, lambda: 5_000)
    stop = metrics.listen()
    world.rebuild(metrics=metrics)
    world.address = "127.0.0.1"
    yield world
    stop()


def scrape(world: World) -> dict[str, float]:
    answer = asyncio.run(world.call("GET", "/metrics", key=None))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    lines = [line.rpartition(" ") for line in answer.text.splitlines() if line.startswith("kineo_")]
    return {name: float(value) for name, _, value in lines}


def test_it_tells_what_waits_runs_and_ended(measured: World) -> None:
    scrape(measured)
    queued, running, failing = [asyncio.run(measured.submitted()) for _ in range(3)]
    asyncio.run(measured.claim(running))
    claim = asyncio.run(measured.claim(failing))
    private = asyncio.run(measured.store.insert(new_task(at=NOW, queue="local-1"))).task
    asyncio.run(measured.store.cancel(private.id))
    measured.now = NOW + 12
    asyncio.run(measured.store.fail(claim, Failure("time_limit", "too long")))
    measured.now = NOW + 30
    found = scrape(measured)
    model = 'model="doubao-seedance-1-0-pro-fast"'
    assert found[f'kineo_tasks{{{model},queue="animatic",state="queued"}}'] == 1
    assert found[f'kineo_tasks{{{model},queue="animatic",state="running"}}'] == 1
    assert found['kineo_tasks_runnable{queue="animatic"}'] == 1
    assert found['kineo_queue_oldest_wait_seconds{queue="animatic"}'] == 30
    assert found[f"kineo_tasks_submitted_total{{{model}}}"] == 3
    ended = f'{{{model},queue="animatic",reason="time_limit",status="failed"}}'
    assert found[f"kineo_tasks_ended_total{ended}"] == 1
    assert found[f"kineo_task_run_seconds_sum{{{model}}}"] == 12
    assert found["kineo_storage_free_bytes"] == 5_000
    assert not any("local-" in name for name in found), "private queues come and go"
    assert found['kineo_http_request_seconds_count{method="POST",route="/v1/videos/generations",status="200"}'] == 3
    measured.now = NOW + 60
    assert scrape(measured)[f"kineo_tasks_ended_total{ended}"] == 1, "each end is counted once"
    assert queued


def test_from_elsewhere_it_takes_an_admins_key(measured: World) -> None:
    admin = measured.new_key("key_admin", "acct_admin", scopes=frozenset({Scope.ADMIN}))
    measured.address = "203.0.113.7"
    answers = [
        asyncio.run(measured.call("GET", "/metrics", key=key)).status_code for key in (None, measured.text, admin)
    ]
    assert answers == [401, 403, 200]
    measured.address = "127.0.0.1"
    through = asyncio.run(measured.call("GET", "/metrics", key=None, headers={"X-Forwarded-For": "203.0.113.7"}))
    assert through.status_code == 401, "a proxy on this machine speaks for somebody else"


def test_without_metrics_there_is_no_such_route(world: World) -> None:
    assert asyncio.run(world.call("GET", "/metrics")).status_code == 404


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/v1/tasks/task_01", "/v1/tasks/{id}"),
        ("/v1/tasks/task_01/cancel", "/v1/tasks/{id}/cancel"),
        ("/v1/files/tasks/task_01/1/video.mp4", "/v1/files/{id}"),
        ("/v1/admin/queues/animatic/pause", "/v1/admin/queues/{id}/pause"),
        ("/v1/tasks", "/v1/tasks"),
        ("/healthz", "/healthz"),
        ("/v1/../etc/passwd", "other"),
        ("/wp-admin.php", "other"),
    ],
)
def test_a_route_is_one_of_few(path: str, route: str) -> None:
    assert route_of(path) == route
    assert not re.search(r"task_01", route)
