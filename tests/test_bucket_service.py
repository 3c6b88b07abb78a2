"""`kineo serve` on a bucket, end to end: films, callers who leave, transfers that break, a storage away at publishing."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from ulid import ULID

from kineograph.store.bucket import Bucket
from kineograph.testing.proxy import Cut, Pass, Proxy, Refuse
from kineograph.testing.s3 import S3Server

LARGE = bytes(range(256)) * 100_000  # 26 MB: more than the sockets between us hold


@pytest.fixture
def proxy(s3: S3Server) -> Iterator[Proxy]:
    with Proxy(s3.port) as made:
        yield made


@pytest.fixture
def prefix(service: Any, s3: S3Server, proxy: Proxy) -> str:
    """Of everything the service keeps; its storage is behind the proxy."""
    made = f"t{ULID()}"
    service.environment |= {"KINEO_STORAGE_URL": f"s3://{s3.bucket()}/{made}", **s3.environment(proxy.port)}
    return made


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def link(task: dict[str, Any]) -> str:
    return str(task["result"]["videos"][0]["url"][0])


@contextlib.contextmanager
def reading(url: str) -> Iterator[socket.socket]:
    """A caller that asked for the film and read its first bytes."""
    parts = urlsplit(url)
    assert parts.hostname
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=20) as caller:
        caller.sendall(f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        assert caller.recv(1000).startswith(b"HTTP/1.1 200")
        yield caller


def test_films_are_made_served_and_deleted_and_callers_may_leave_and_transfers_break(
    service: Any, s3: S3Server, proxy: Proxy, prefix: str
) -> None:
    service.start()
    task_id = service.submit()
    task = service.finished(task_id)
    assert task["status"] == "completed", task
    assert httpx2.get(link(task)).content[4:8] == b"ftyp"
    assert not (service.data / "files").exists()

    Bucket("s3", "films", prefix, s3.options()).store().put(f"tasks/{task_id}/1/video.mp4", LARGE)
    with reading(link(task)):
        busy = proxy.connections
    wait_for(lambda: proxy.connections < busy)

    proxy.mood = Cut(len(LARGE) // 2)
    assert httpx2.get(link(task)).content == LARGE, "what breaks once is taken up where it broke"
    proxy.mood = Cut(1_000_000)
    with pytest.raises(httpx2.TransportError):
        httpx2.get(link(task))
    proxy.mood = Pass()
    assert httpx2.get(link(task)).content == LARGE

    assert service.call("DELETE", f"/v1/tasks/{task_id}").status_code in {200, 204}
    assert b"<KeyCount>0<" in s3.call("GET", f"/films?list-type=2&prefix={prefix}/tasks")
    assert "Traceback" not in service.log
    assert "test-secret" not in service.log


def test_a_film_made_while_the_storage_is_away_is_published_when_it_is_back(
    service: Any, proxy: Proxy, prefix: str
) -> None:
    service.toml += '[models.slow]\nengine = "bars"\n[models.slow.options]\nseconds = "2"\n'
    service.start()
    wait_for(lambda: httpx2.get(f"{service.url}/readyz").status_code == 200)
    task_id = service.submit(model="slow")
    service.until(task_id, lambda task: task["status"] == "processing")
    proxy.mood = Refuse()
    wait_for(lambda: "worker.waiting" in service.log)
    wait_for(lambda: "storage" in httpx2.get(f"{service.url}/readyz").text)
    assert service.task(task_id)["status"] == "processing"
    proxy.mood = Pass()
    task = service.finished(task_id)
    assert task["status"] == "completed", task
    assert service.log.count('"engine.made"') == 1
    wait_for(lambda: httpx2.get(f"{service.url}/readyz").status_code == 200)
