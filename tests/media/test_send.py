"""Sending: one try, ten seconds, no redirect, no address of ours."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler

import pytest
from tests.media.servers import body, moved, raw, serving

from kineograph.core.deliveries import KEPT
from kineograph.media.send import Sender

LOCAL = ("127.0.0.0/8",)


async def test_body_and_headers_arrive_and_the_beginning_of_the_answer_is_kept() -> None:
    seen: dict[str, str] = {}

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.update({name.lower(): value for name, value in handler.headers.items()}, path=handler.path)
        body("ü".encode() * 3000, "text/plain", 202)(handler)

    with serving(hook=answer) as base:
        found = await Sender(LOCAL).post(f"{base}/hook?a=%C3%BC", {"webhook-id": "delivery_1"}, b"{}")
    assert (found.status, found.error, found.good) == (202, None, True)
    assert found.body == "ü" * KEPT
    assert (seen["webhook-id"], seen["content-length"], seen["path"]) == ("delivery_1", "2", "/hook?a=%C3%BC")
    assert seen["host"] == base.removeprefix("http://")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_no_answer_to_follow(status: int) -> None:
    with serving(hook=moved("/other", status), other=body(b"secret")) as base:
        found = await Sender(LOCAL).post(f"{base}/hook", {}, b"{}")
    assert (found.status, found.good) == (status, False)
    assert "secret" not in found.body


async def test_a_receiver_that_hangs_is_left_after_the_time_of_a_try() -> None:
    def hang(handler: BaseHTTPRequestHandler) -> None:
        handler.stopping.wait(30)  # type: ignore[attr-defined]  # of the test's server

    with serving(hook=hang) as base:
        begun = time.monotonic()
        found = await Sender(LOCAL, total=0.3).post(f"{base}/hook", {}, b"{}")
        assert time.monotonic() - begun < 5
    assert (found.status, found.error) == (None, "no answer within 0.3 s")


async def test_a_status_counts_though_its_body_never_comes() -> None:
    with serving(hook=body(b"", length=1000)) as base:
        found = await Sender(LOCAL).post(f"{base}/hook", {}, b"{}")
    assert found.good


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:9/x", "does not point to the public internet"),
        ("http://[::1]/x", "does not point to the public internet"),
        ("http://2130706433/x", "does not point to the public internet"),
        ("http://localhost/x", "does not point to the public internet"),
        ("http://169.254.169.254/latest", "does not point to the public internet"),
        ("ftp://example.test/", "is not an absolute http"),
        ("http://no-such-name.invalid/", "no address is known"),
    ],
)
async def test_an_address_of_ours_is_refused_at_the_try_as_well(url: str, words: str) -> None:
    found = await Sender(total=5).post(url, {}, b"{}")
    assert found.status is None
    assert words in str(found.error)


async def test_a_name_that_turned_private_since_the_submit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    async def rebound(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("10.0.0.7", 80))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", rebound, raising=False)
    found = await Sender().post("http://hooks.example.test/", {}, b"{}")
    assert "not on the public internet" in str(found.error)


async def test_who_hangs_up_or_is_not_there_gives_words_and_no_trace() -> None:
    with raw(b"") as base:
        found = await Sender(LOCAL).post(f"{base}/hook", {}, b"{}")
    assert found.error == "its server broke off the answer"
    found = await Sender(LOCAL).post(f"{base}/hook", {}, b"{}")
    assert found.error == "its server cannot be reached"
