"""Films into files, over real connections that break: by both clients."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from kineograph.client import AsyncClient, BadDownload, Client, NoAnswer, NotFound, Task
from kineograph.client.download import film_name

FILM = bytes(range(256)) * 1200
ETAG = '"one"'
Load = Callable[..., Path]


@dataclass
class Films:
    """A server of one film.

    Attributes:
        breaks: After how many bytes each answer breaks off; None = not.
        ranges: Whether it knows any.
        gone: Paths that are no longer there.
        asked: Path, Range and Authorization of every request.
    """

    breaks: list[int | None] = field(default_factory=list)
    ranges: bool = True
    gone: set[str] = field(default_factory=set)
    asked: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    url: str = ""

    def task(self, *, digest: bool = True, link: str = "/film.mp4") -> Task:
        measured = {"bytes": len(FILM), "sha256": hashlib.sha256(FILM).hexdigest()} if digest else {}
        videos = [{"url": [self.url + link]}]
        return Task.of({"id": "task_1", "status": "completed", "result": {"videos": videos}, **measured})


class Handler(BaseHTTPRequestHandler):
    films: Films
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        films = self.films
        films.asked.append((self.path, self.headers.get("Range"), self.headers.get("Authorization")))
        if self.path.startswith("/v1/tasks/"):
            import json

            self._send(200, json.dumps({"data": dict(films.task(link="/fresh.mp4").raw)}).encode(), {})
        elif self.path in films.gone:
            self._send(404, b'{"error": {"message": "gone", "reason": "file_gone"}}', {})
        else:
            self._film()

    def _film(self) -> None:
        wanted, start = self.headers.get("Range"), 0
        if wanted and self.films.ranges and self.headers.get("If-Range", ETAG) == ETAG:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if start >= len(FILM):
            self._send(416, b"", {})
            return
        part = {"Content-Range": f"bytes {start}-{len(FILM) - 1}/{len(FILM)}"} if start else {}
        self._send(206 if start else 200, FILM[start:], {"ETag": ETAG, **part})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        stop = self.films.breaks.pop(0) if self.films.breaks and status < 300 and "mp4" in self.path else None
        self.wfile.write(body[:stop])
        if stop is not None:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def films() -> Iterator[Films]:
    made = Films()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"films": made}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["blocking", "awaiting"])
def load(request: pytest.FixtureRequest, films: Films, monkeypatch: pytest.MonkeyPatch) -> Load:
    """`download` of either client, which does not pause."""
    monkeypatch.setattr("kineograph.client.wire.Patience.pause", lambda *_: 0.0)

    def blocking(task: Task, path: Path, **options: Any) -> Path:
        with Client(films.url, "secret", **options) as client:
            return client.download(task, path)

    def awaiting(task: Task, path: Path, **options: Any) -> Path:
        async def run() -> Path:
            async with AsyncClient(films.url, "secret", **options) as client:
                return await client.download(task, path)

        return asyncio.run(run())

    return blocking if request.param == "blocking" else awaiting


def test_a_film_that_breaks_off_goes_on_where_it_broke(films: Films, load: Load, tmp_path: Path) -> None:
    films.breaks = [100_000, 50_000, None]
    path = load(films.task(), tmp_path / "film.mp4")
    assert path.read_bytes() == FILM
    assert [wanted for _, wanted, _ in films.asked] == [None, "bytes=100000-", "bytes=150000-"]
    assert {key for _, _, key in films.asked} == {None}, "a link is signed by itself: the key is not shown to its host"
    assert list(tmp_path.iterdir()) == [path]


def test_a_server_without_ranges_or_digests_sends_it_all_again(films: Films, load: Load, tmp_path: Path) -> None:
    films.breaks, films.ranges = [100_000, None], False
    assert load(films.task(digest=False), tmp_path / "film.mp4").read_bytes() == FILM


def test_what_a_killed_program_left_is_built_on_where_the_digest_can_tell(
    films: Films, load: Load, tmp_path: Path
) -> None:
    (tmp_path / "film.mp4.part").write_bytes(FILM[:200_000])
    assert load(films.task(), tmp_path / "film.mp4").read_bytes() == FILM
    (tmp_path / "film.mp4.part").write_bytes(FILM[:200_000])
    assert load(films.task(digest=False), tmp_path / "film.mp4").read_bytes() == FILM
    assert [wanted for _, wanted, _ in films.asked] == ["bytes=200000-", None]


def test_leftovers_of_another_film_are_found_out_and_nothing_is_kept(films: Films, load: Load, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"the one before")
    (tmp_path / "film.mp4.part").write_bytes(bytes(200_000))
    with pytest.raises(BadDownload, match="try again"):
        load(films.task(), tmp_path / "film.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]
    assert (tmp_path / "film.mp4").read_bytes() == b"the one before"
    (tmp_path / "film.mp4.part").write_bytes(bytes(len(FILM) + 1))
    assert load(films.task(), tmp_path / "film.mp4").read_bytes() == FILM, "longer than the film: begun anew"


def test_a_connection_that_keeps_breaking_ends_with_the_reason(films: Films, load: Load, tmp_path: Path) -> None:
    films.breaks = [1000, 0, 0, 0]
    with pytest.raises(NoAnswer):
        load(films.task(digest=False), tmp_path / "film.mp4", retries=2)
    assert list(tmp_path.iterdir()) == []


def test_a_link_that_is_over_is_asked_for_anew_once(films: Films, load: Load, tmp_path: Path) -> None:
    films.gone = {"/film.mp4"}
    assert load(films.task(), tmp_path / "film.mp4").read_bytes() == FILM
    assert [path for path, _, _ in films.asked] == ["/film.mp4", "/v1/tasks/task_1", "/fresh.mp4"]
    assert films.asked[1][2] == "Bearer secret"
    films.gone.add("/fresh.mp4")
    with pytest.raises(NotFound, match="gone"):
        load(films.task(), tmp_path / "again.mp4")


def test_a_folder_gets_a_film_named_after_its_words(films: Films, load: Load, tmp_path: Path) -> None:
    assert load(films.task(), tmp_path).name == "film.mp4"


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A cute kitten in the sun", "a-cute-kitten-in-the-sun-7.mp4"),
        ("一只可爱的小猫", "一只可爱的小猫-7.mp4"),
        ("../../etc/passwd", "etc-passwd-7.mp4"),
        ("!!!", "film-7.mp4"),
        ("word " * 100, "word-word-word-word-word-word-word-word-word-7.mp4"),
    ],
)
def test_a_film_is_named_after_its_first_words(prompt: str, name: str) -> None:
    assert film_name(prompt, 7) == name
