"""Signed files: ranges, conditions, types, and links that are forged, over or gone."""

from __future__ import annotations

from typing import Any

import pytest

from kineograph.api.links import Links, Signer, own_file
from kineograph.core.names import shown_name

FILM = bytes(range(256)) * 40
NAME = "tasks/task_01K8SGYNNNVBQTXNR4MM964S7K/1/video.mp4"


def _path(world: Any, name: str = NAME, lives: int = 60) -> str:
    return Links("", Signer(b"s" * 32), 60).file(name, int(world.now) + lives)


@pytest.fixture
def film(world: Any, run: Any) -> Any:
    run(world.files.put(NAME, FILM))
    return world


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-", 206, 0, 10_240),
        ("bytes=0-0", 206, 0, 1),
        ("bytes=5-9", 206, 5, 10),
        ("bytes=10000-99999", 206, 10_000, 10_240),
        ("bytes=-100", 206, 10_140, 10_240),
        ("bytes=-99999", 206, 0, 10_240),
        ("bytes=9-5", 200, 0, 10_240),
        ("bytes=0-1,5-9", 200, 0, 10_240),
        ("items=0-1", 200, 0, 10_240),
        ("bytes=-", 200, 0, 10_240),
        ("bytes=x-y", 200, 0, 10_240),
    ],
)
def test_one_range_is_honoured_and_nonsense_gets_the_whole_file(
    film: Any, run: Any, asked: str, status: int, start: int, end: int
) -> None:
    for method in ("GET", "HEAD"):
        response = run(film.call(method, _path(film), key=None, headers={"Range": asked}))
        assert response.status_code == status
        assert response.headers["content-length"] == str(end - start)
        assert response.headers.get("content-range") == (f"bytes {start}-{end - 1}/10240" if status == 206 else None)
        assert response.content == (FILM[start:end] if method == "GET" else b"")


@pytest.mark.parametrize("asked", ["bytes=10240-", "bytes=99999-100000", "bytes=-0"])
def test_a_range_past_the_end_is_416_in_the_envelope(film: Any, run: Any, asked: str) -> None:
    response = run(film.call("GET", _path(film), key=None, headers={"Range": asked}))
    assert (response.status_code, response.headers["content-range"]) == (416, "bytes */10240")
    assert response.json()["error"]["reason"] == "range_not_satisfiable"


def test_conditions_save_bytes_and_guard_resumed_downloads(film: Any, run: Any) -> None:
    whole = run(film.call("GET", _path(film), key=None))
    etag, modified = whole.headers["etag"], whole.headers["last-modified"]
    for known in (etag, f'"x", W/{etag}'):
        assert run(film.call("GET", _path(film), key=None, headers={"If-None-Match": known})).status_code == 304
    for condition, status in ((etag, 206), (modified, 206), ('"other"', 200), ("Sun, 06 Nov 1994 08:49:37 GMT", 200)):
        headers = {"Range": "bytes=5-", "If-Range": condition}
        assert run(film.call("GET", _path(film), key=None, headers=headers)).status_code == status, condition


def test_a_film_says_what_it_is_and_how_long_it_may_be_kept(film: Any, run: Any) -> None:
    headers = run(film.call("HEAD", _path(film), key=None)).headers
    assert headers["content-type"] == "video/mp4"
    assert headers["accept-ranges"] == "bytes"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "private, max-age=59, immutable"
    assert headers["content-disposition"] == 'inline; filename="task_01K8SGYNNNVBQTXNR4MM964S7K.mp4"'


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        (lambda path: path.replace("video", "poster"), 403, "invalid_signature"),
        (lambda path: path.replace("/1/", "/2/"), 403, "invalid_signature"),
        (lambda path: path.replace("expires=1", "expires=2"), 403, "invalid_signature"),
        (lambda path: path.replace("expires=", "expires=0"), 403, "invalid_signature"),
        (lambda path: path.split("?")[0], 403, "invalid_signature"),
        (lambda path: path.split("&")[0], 403, "invalid_signature"),
        (lambda path: path + "&signature=x", 400, "invalid_query"),
        (lambda path: path.replace("signature=", "signature=%C3%BC"), 403, "invalid_signature"),
        (lambda path: path.replace("tasks/", "tasks//"), 403, "invalid_signature"),
    ],
)
def test_a_changed_link_opens_nothing(film: Any, run: Any, change: Any, status: int, reason: str) -> None:
    response = run(film.call("GET", change(_path(film)), key=None))
    assert (response.status_code, response.json()["error"]["reason"]) == (status, reason)


def test_a_link_is_over_at_its_second_and_says_so(film: Any, run: Any) -> None:
    path = _path(film)
    film.now += 59
    assert run(film.call("GET", path, key=None)).status_code == 200
    film.now += 1
    response = run(film.call("GET", path, key=None))
    assert (response.status_code, response.json()["error"]["reason"]) == (403, "link_expired")


def test_a_good_link_to_a_file_that_is_gone_is_404(world: Any, run: Any) -> None:
    response = run(world.call("GET", _path(world), key=None))
    assert (response.status_code, response.json()["error"]["reason"]) == (404, "file_gone")


def test_a_key_does_not_open_files(film: Any, run: Any) -> None:
    assert run(film.call("GET", f"/v1/files/{NAME}")).status_code == 403


@pytest.mark.parametrize(
    ("name", "saved_as"),
    [
        (NAME, "task_01K8SGYNNNVBQTXNR4MM964S7K.mp4"),
        ("tasks/task_x/2/poster.jpg", "task_x.jpg"),
        ("tasks/task_x/2/last_frame.png", "task_x-last-frame.png"),
        ("uploads/01K8.webp", "01K8.webp"),
    ],
)
def test_a_saved_file_has_a_name_one_finds_again(name: str, saved_as: str) -> None:
    assert shown_name(name) == saved_as


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "http://[::1/v1/files/a?expires=1&signature=x",
        "http://h/v1/files/a",
        "http://h/v1/files/a?expires=ü&signature=ü",
    ],
)
def test_an_address_that_is_none_of_ours_is_not_recognised(url: str) -> None:
    assert own_file(Signer(b"k" * 32), url) is None


def test_signatures_of_one_purpose_do_not_serve_another() -> None:
    signer = Signer(b"k" * 32)
    assert not signer.holds("file", "a", "9", signer.sign("events", "a", 9))
    assert not Signer(b"x" * 32).holds("file", "a", "9", signer.sign("file", "a", 9))


def test_a_preview_is_nothing_before_its_first_frame_and_never_kept(world: Any, run: Any) -> None:
    name = "tasks/task_01K8SGYNNNVBQTXNR4MM964S7K/1/preview.jpg"
    path = _path(world, name)
    assert run(world.call("GET", path, key=None)).status_code == 204
    run(world.files.put(name, b"jpeg"))
    answer = run(world.call("GET", path, key=None))
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"jpeg", "image/jpeg")
    assert answer.headers["cache-control"] == "no-store"
