"""The file store in a bucket: what the network and the server on the other side do to it."""

from __future__ import annotations

import asyncio
import os
import re
import threading
import time
import tracemalloc
from collections.abc import Callable, Coroutine, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from ulid import ULID

from kineograph import telemetry
from kineograph.core.errors import Unavailable
from kineograph.core.files import FileStore
from kineograph.core.request import VideoRequest
from kineograph.core.task import Task, Video
from kineograph.store.bucket import PART, Bucket, BucketFileStore
from kineograph.store.retention import Retention
from kineograph.testing import MemoryTaskStore
from kineograph.testing.proxy import Cut, Delay, HalfClose, Hang, Pass, Proxy, Refuse
from kineograph.testing.s3 import S3Server

pytestmark = pytest.mark.anyio

NAME = "tasks/task_1/1/video.mp4"
FILM = os.urandom(1_000_003) * 12  # three parts
QUICK = {"timeout": "1s", "read_timeout": "1s"}


@pytest.fixture
def proxy(s3: S3Server) -> Iterator[Proxy]:
    with Proxy(s3.port) as made:
        yield made


@pytest.fixture
def store(s3: S3Server) -> Callable[..., BucketFileStore]:
    """A store of the test's own, straight or through a port."""
    prefix = f"t{ULID()}"

    def make(port: int | None = None, **options: Any) -> BucketFileStore:
        return BucketFileStore(Bucket("s3", s3.bucket(), prefix, s3.options(port) | options))

    return make


async def content(files: FileStore, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in files.read(NAME, start, end)])


def every_verb(files: FileStore, folder: Path) -> list[Coroutine[Any, Any, Any]]:
    """Under another name where they change something: a storage that hung may do it later."""
    return [
        files.put("tasks/task_1/2/video.mp4", b"x" * 1000),
        files.head(NAME),
        content(files),
        files.fetch(NAME, folder / "film"),
        files.delete("tasks/task_1/2/video.mp4"),
        names(files),
        files.check(),
    ]


async def names(files: FileStore) -> list[str]:
    return [file.name async for file in files.list("tasks/")]


@pytest.mark.parametrize("mood", [Hang(), Refuse(), Cut(200), HalfClose(200)])
async def test_a_storage_that_is_away_is_unavailable_for_every_verb_within_20_seconds_and_back_when_it_is(
    store: Callable[..., BucketFileStore], proxy: Proxy, tmp_path: Path, mood: Any
) -> None:
    files = store(proxy.port)
    await files.put(NAME, b"film")
    proxy.mood = mood
    proxy.cut()
    began = time.monotonic()
    ends = await asyncio.gather(*every_verb(files, tmp_path), return_exceptions=True)
    assert [type(end) for end in ends] == [Unavailable] * 7
    assert time.monotonic() - began < 20
    assert not (tmp_path / "film").exists()
    proxy.mood = Pass()
    assert await content(files) == b"film"


async def test_an_upload_that_breaks_leaves_nothing_neither_object_nor_parts(
    store: Callable[..., BucketFileStore], proxy: Proxy, s3: S3Server, tmp_path: Path
) -> None:
    (tmp_path / "film").write_bytes(FILM)
    files = store(proxy.port, **QUICK)
    proxy.mood = Cut(2_000_000)
    with pytest.raises(Unavailable):
        await files.put(NAME, tmp_path / "film")
    proxy.mood = Pass()
    assert await files.head(NAME) is None
    assert b"<Upload>" not in s3.call("GET", "/films?uploads")
    await files.put(NAME, tmp_path / "film")
    assert await content(files) == FILM


async def test_a_download_that_breaks_says_so_instead_of_ending_early(
    store: Callable[..., BucketFileStore], proxy: Proxy, tmp_path: Path
) -> None:
    files = store(proxy.port, **QUICK)
    await files.put(NAME, FILM)
    for mood in (Cut(3_000_000), HalfClose(3_000_000)):
        proxy.mood = mood
        with pytest.raises(Unavailable):
            await content(files)
        with pytest.raises(Unavailable):
            await files.fetch(NAME, tmp_path / "film")


async def test_a_slow_storage_is_waited_for(store: Callable[..., BucketFileStore], proxy: Proxy) -> None:
    files = store(proxy.port)
    proxy.mood = Delay(0.01)
    await files.put(NAME, FILM[: PART + 1])
    assert await content(files) == FILM[: PART + 1]


async def test_a_range_is_one_request_and_holds_little_memory(
    store: Callable[..., BucketFileStore], proxy: Proxy, s3: S3Server
) -> None:
    await store().put(NAME, FILM)
    files = store(proxy.port, pool_max_idle_per_host="0")  # a connection for every request, so that they can be counted
    tracemalloc.start()
    size = 0
    async for chunk in files.read(NAME, 5, len(FILM) - 5):
        size += len(chunk)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == len(FILM) - 10
    assert proxy.accepted == 1
    assert peak < len(FILM) / 3


async def test_a_reader_who_leaves_gives_the_connection_back(
    store: Callable[..., BucketFileStore], proxy: Proxy
) -> None:
    await store().put(NAME, FILM)
    files = store(proxy.port)
    chunks = files.read(NAME)
    await anext(chunks)
    assert proxy.connections == 1
    await chunks.aclose()
    del chunks
    deadline = time.monotonic() + 5
    while proxy.connections:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_a_link_of_the_storage_gives_ranges_type_and_name(store: Callable[..., BucketFileStore]) -> None:
    files = store()
    await files.put(NAME, b"0123456789")
    link = await files.link(NAME, 900)
    assert link is not None
    answer = httpx2.get(link, headers={"Range": "bytes=3-5"})
    assert (answer.status_code, answer.content) == (206, b"345")
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-disposition"] == 'inline; filename="task_1.mp4"'
    assert "X-Amz-Expires=900" in link
    token = Bucket("az", "films", "", {"account_name": "studio", "sas_key": "sv=1&sig=x"})
    assert await BucketFileStore(token).link(NAME, 900) is None  # a token cannot sign


async def test_a_storage_that_keeps_less_than_it_was_given_is_found_out() -> None:
    class Liar(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer()

        def do_HEAD(self) -> None:
            self._answer()

        def _answer(self) -> None:
            self.send_response(200)
            for name, value in (
                ("ETag", '"x"'),
                ("Last-Modified", "Sun, 22 Nov 2026 12:00:00 GMT"),
                ("Content-Length", "0"),
            ):
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Liar) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        options = {"endpoint": f"http://127.0.0.1:{server.server_port}", "access_key_id": "k", "secret_access_key": "s"}
        with pytest.raises(Unavailable):
            await BucketFileStore(Bucket("s3", "films", "", options)).put(NAME, b"film")
        server.shutdown()


async def test_what_is_logged_of_a_fault_holds_no_secret(store: Callable[..., BucketFileStore], proxy: Proxy) -> None:
    told: list[str] = []
    files = store(proxy.port, secret_access_key="hush-hush", session_token="hush-token", **QUICK)
    proxy.mood = Refuse()
    stop = telemetry.subscribe(lambda name, fields: told.append(f"{name} {fields}"))
    with pytest.raises(Unavailable):
        await files.put(NAME, FILM)
    stop()
    assert any("files.unavailable" in line for line in told)
    assert not re.search("hush|X-Amz|uploadId", " ".join(told))
    assert "hush" not in repr(files.bucket)


def test_azure_and_google_stores_are_made_from_the_same_options() -> None:
    azure = BucketFileStore(Bucket("az", "films", "a/b", {"account_name": "studio", "account_key": "aHVzaA=="}))
    google = BucketFileStore(Bucket("gs", "films", "", {"skip_signature": "true", "proxy_url": "http://127.0.0.1:1"}))
    assert (azure.bucket.url, google.bucket.url) == ("az://films/a/b", "gs://films")


def test_the_librarys_own_environment_is_heard(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"access_key_id": "AWS_ACCESS_KEY_ID", "secret_access_key": "AWS_SECRET_ACCESS_KEY", "region": "AWS_REGION"}
    for option, name in {**names, "endpoint": "AWS_ENDPOINT_URL"}.items():
        monkeypatch.setenv(name, s3.options()[option])
    store = Bucket("s3", s3.bucket(), f"t{ULID()}", {}).store(timeout="4s")
    store.put("x", b"1")
    assert store.head("x")["size"] == 1


def test_a_client_option_with_its_long_name_is_no_riddle_for_the_library(s3: S3Server) -> None:
    store = Bucket("s3", s3.bucket(), "", s3.options() | {"aws_allow_http": "true", "AWS_REGION": "eu-west-1"}).store()
    assert store.config["region"] == "eu-west-1"


async def test_the_sweep_and_the_budget_work_on_a_bucket(store: Callable[..., BucketFileStore]) -> None:
    files, tasks = store(), MemoryTaskStore()
    await tasks.insert(Task("task_1", "acct", "key", VideoRequest("m", "a cat", 1), engine="bars", queue="bars"))
    claim = await tasks.start("task_1", "w")
    assert claim is not None
    await files.put(NAME, b"x" * 1000)
    await files.put("tasks/task_gone/1/video.mp4", b"x")
    await tasks.finish(claim, Video(NAME, "p", 64, 64, 24.0, 24, 1.0, 1000, "0" * 64))

    def later() -> float:
        return time.time() + 7200

    await Retention(tasks, files, keep_files=1e6, keep_tasks=1e6, clock=later).run_once()
    assert await names(files) == [NAME]
    await Retention(tasks, files, keep_files=1e6, keep_tasks=1e6, max_disk=500, clock=later).run_once()
    assert await names(files) == []
