"""Servers that speak the seed's dialect and nothing beyond it: no long poll, no ETag, no list, no cancel, no digests."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from kineograph.client import AsyncClient, Client, Failed, Film, NotFound, NotUnderstood, Task
from kineograph.testing.upstreams import FakeApimart

FILM = b"\0\0\0\x18ftypisom" + bytes(5000)
STATES: list[dict[str, Any]] = [
    {"status": "pending", "progress": 0},
    {"status": "processing", "progress": 50, "vendor_says": {"gpu": 3}},
    {"status": "completed", "progress": 100, "completed": 1763088308, "created": 1763088289},
]


class Seed(BaseHTTPRequestHandler):
    """POST /v1/videos/generations, GET /v1/tasks/{id} and the film; anything else is a web page that says 404."""

    protocol_version = "HTTP/1.1"
    looks: Iterator[dict[str, Any]]
    asked: list[tuple[str, Any]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"null")
        self.asked.append((self.path, body))
        if self.path == "/v1/videos/generations":
            self._json({"code": 200, "data": [{"status": "submitted", "task_id": "task_1"}]})
        else:
            self._page()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/v1/tasks/task_1":
            state = next(self.looks)
            if state["status"] == "completed":
                link = f"http://127.0.0.1:{self.server.server_address[1]}/film.mp4"
                state = {**state, "result": {"videos": [{"url": [link], "expires_at": 1763174708}]}}
            self._json({"code": 200, "data": {"id": "task_1", **state}})
        elif path == "/film.mp4":
            self._send(200, FILM, "video/mp4")
        else:
            self._page()

    def _page(self) -> None:
        self._send(404, b"<html>nothing here</html>", "text/html")

    def _json(self, document: Any) -> None:
        self._send(200, json.dumps(document).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def seed() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """Its address, and the bodies it was sent."""
    asked: list[tuple[str, Any]] = []
    handler = type("Bound", (Seed,), {"looks": iter(STATES), "asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("kind", ["blocking", "awaiting"])
def test_the_seed_alone_is_enough_for_a_film(
    seed: tuple[str, list[tuple[str, Any]]], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kineograph.client.verbs.EVERY", 0.01)
    monkeypatch.setattr("kineograph.client.verbs.UNHELD", 0.01)
    url, asked = seed
    seen: list[Task] = []
    if kind == "blocking":
        with Client(url, "k") as client:
            film = client.generate("A cat", tmp_path, progress=seen.append, first_frame=b"\xff\xd8\xff")
            with pytest.raises(NotFound, match="404"):
                client.cancel(film.task)
    else:

        async def run() -> Film:
            async with AsyncClient(url, "k") as client:
                film = await client.generate("A cat", tmp_path, progress=seen.append, first_frame=b"\xff\xd8\xff")
                with pytest.raises(NotFound, match="404"):
                    await client.cancel(film.task)
                return film

        film = asyncio.run(run())
    assert film.path == tmp_path / "a-cat.mp4"
    assert film.path.read_bytes() == FILM
    assert [task.progress for task in seen] == [0, 50, 100]
    assert seen[1].raw["vendor_says"] == {"gpu": 3}
    assert asked[0][1]["image_with_roles"] == [{"url": "data:image/jpeg;base64,/9j/", "role": "first_frame"}]


def test_a_server_in_trouble_makes_one_film_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kineograph.client.verbs.EVERY", 0.05)
    monkeypatch.setattr("kineograph.client.wire.Patience.pause", lambda *_: 0.01)
    with FakeApimart(waiting=0.05, making=0.1) as fake, Client(fake.base_url, fake.key) as client:
        fake.say("create", after=True, status=502, text="<html>Bad Gateway</html>", type="text/html")
        fake.say("get", times=2, status=503)
        fake.say("film", status=404)
        film = client.generate("a kite", tmp_path / "kite.mp4", duration=2, resolution="480p")
        assert film.path.read_bytes()[4:8] == b"ftyp"
        assert (fake.asked()["create"], len(fake.films()), fake.asked()["film"]) == (2, 1, 2)
        fake.say("get", text="<html>hello</html>", type="text/html")
        with pytest.raises(NotUnderstood):
            client.get(film.task)


def test_what_is_simulated_never_reaches_an_upstream(service: Any, tmp_path: Path) -> None:
    with FakeApimart() as fake:
        service.toml = (
            f'simulation = true\n[upstreams.far]\ndialect = "apimart"\nbase_url = "{fake.base_url}"\n'
            f'key = "{fake.key}"\n[models.doubao-seedance-1-0-pro-fast]\nengine = "far"\n'
        )
        service.start()
        with Client(service.url, service.key) as client:
            film = client.generate("a kite", tmp_path, simulate="slow=1", duration=2, resolution="480p")
            assert (film.task.engine, film.path.read_bytes()[4:8]) == ("bars", b"ftyp")
            with pytest.raises(Failed, match="content policy"):
                client.generate("a kite", tmp_path, simulate="fail=content_policy", duration=2, resolution="480p")
        assert fake.asked()["create"] == 0
