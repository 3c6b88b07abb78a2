"""The signed route in front of a bucket: the same answers, a storage that goes away, and links of its own."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from tests.api.conftest import PNG
from ulid import ULID

from kineograph.api import create_app
from kineograph.api.links import Links, Signer
from kineograph.store.bucket import Bucket, BucketFileStore
from kineograph.testing.proxy import Pass, Proxy, Refuse
from kineograph.testing.s3 import S3Server

FILM = bytes(range(256)) * 40_000  # 10 MB
NAME = "tasks/task_01K8SGYNNNVBQTXNR4MM964S7K/1/video.mp4"
IMAGE = "uploads/01K8SGYNNNVBQTXNR4MM964S7K.png"


@pytest.fixture
def proxy(s3: S3Server) -> Iterator[Proxy]:
    with Proxy(s3.port) as made:
        yield made


@pytest.fixture
def films(world: Any, run: Any, s3: S3Server, proxy: Proxy) -> Callable[..., Any]:
    """The application on a bucket with a film and an upload in it."""
    files = BucketFileStore(Bucket("s3", s3.bucket(), f"t{ULID()}", s3.options(proxy.port)))
    run(files.put(NAME, FILM))
    run(files.put(IMAGE, FILM[:1000]))

    def make(**changes: Any) -> Any:
        world.app = create_app(replace(world.service, files=files, **changes))
        return world

    return make


def path(world: Any, name: str = NAME) -> str:
    return Links("", Signer(b"s" * 32), 60).file(name, int(world.now) + 60)


def test_head_range_and_conditions_are_answered_as_from_a_disk(films: Any, run: Any) -> None:
    world = films()
    head = run(world.call("HEAD", path(world), key=None))
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(FILM)), b"")
    part = run(world.call("GET", path(world), key=None, headers={"Range": "bytes=5000000-5000099"}))
    assert (part.status_code, part.content) == (206, FILM[5_000_000:5_000_100])
    assert part.headers["content-range"] == f"bytes 5000000-5000099/{len(FILM)}"
    assert run(world.call("GET", path(world), key=None)).content == FILM
    again = run(world.call("GET", path(world), key=None, headers={"If-None-Match": head.headers["etag"]}))
    assert again.status_code == 304
    assert run(world.call("GET", path(world), key=None, headers={"Range": "bytes=99999999-"})).status_code == 416


def test_a_redirect_keeps_type_name_and_range_and_head_stays_ours(films: Any, run: Any) -> None:
    world = films(storage_redirect=True)
    for name, kind, shown in (
        (NAME, "video/mp4", "task_01K8SGYNNNVBQTXNR4MM964S7K.mp4"),
        (IMAGE, "image/png", "01K8SGYNNNVBQTXNR4MM964S7K.png"),
    ):
        assert run(world.call("HEAD", path(world, name), key=None)).status_code == 200
        answer = run(world.call("GET", path(world, name), key=None, headers={"Range": "bytes=3-7"}))
        assert (answer.status_code, answer.headers["cache-control"]) == (307, "no-store")
        there = httpx2.get(answer.headers["location"], headers={"Range": "bytes=3-7"})
        assert (there.status_code, there.content, there.headers["content-type"]) == (206, FILM[3:8], kind)
        assert there.headers["content-disposition"] == f'inline; filename="{shown}"'
    assert run(world.call("GET", path(world, "tasks/x/1/video.mp4"), key=None)).status_code == 404


def test_a_storage_that_is_away_is_503_with_retry_after(films: Any, run: Any, proxy: Proxy) -> None:
    world = films()
    proxy.mood = Refuse()
    for method in ("GET", "HEAD"):
        answer = run(world.call(method, path(world), key=None))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_an_upload_while_the_storage_is_away_is_503(films: Any, run: Any, proxy: Proxy) -> None:
    world = films()
    proxy.mood = Refuse()
    answer = run(world.call("POST", "/v1/uploads/images", files={"file": ("a.png", PNG, "image/png")}))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_a_submit_with_an_image_while_the_storage_is_away_is_503_and_leaves_no_task(
    films: Any, run: Any, world: Any, proxy: Proxy, s3: S3Server
) -> None:
    files = BucketFileStore(Bucket("s3", s3.bucket(), f"t{ULID()}", s3.options(proxy.port)))
    world = films(tasks=type(world.service.tasks)(world.service.tasks.catalogue, world.store, files))
    proxy.mood = Refuse()
    body = {
        "model": "doubao-seedance-1-0-pro-fast",
        "prompt": "a cat",
        "image_urls": ["data:image/png;base64," + base64.b64encode(PNG).decode()],
    }
    answer = run(world.submit(body))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert not world.store.tasks
    proxy.mood = Pass()
    assert run(world.submit(body)).status_code == 200
