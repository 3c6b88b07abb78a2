"""When a call is made again, and what each refusal becomes."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

import pytest
from tests.client.playing import Play, answer, refused

from kineograph import client
from kineograph.client.wire import Patience, Request, document, exchange

LOST = client.NoAnswer("the connection broke")
ASK = Request("GET", "/v1/models")


def asked(*script: Any, retries: int = 5) -> Play:
    play = Play(script)
    play.run(exchange(ASK, Patience(retries=retries)))
    return play


def test_a_lost_connection_and_a_busy_server_are_asked_again_and_a_good_answer_is_the_end() -> None:
    play = asked(LOST, refused(503), LOST, answer(200, {}))
    assert play.requests == [ASK] * 4
    assert len(play.pauses) == 3
    assert play.pauses[2] > play.pauses[0] / 2, "patience grows"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_again_after_the_time_the_server_names(status: int) -> None:
    assert asked(refused(status, retry_after="7"), answer(200, {})).pauses == [7.0]


def test_a_date_in_retry_after_counts_by_the_servers_own_clock() -> None:
    late = {"date": formatdate(1_000_000, usegmt=True), "retry_after": formatdate(1_000_009, usegmt=True)}
    assert asked(refused(503, **late), answer(200, {})).pauses == [9.0]


def test_who_is_told_to_come_back_tomorrow_hears_of_it_at_once() -> None:
    with pytest.raises(client.TooMany) as caught:
        asked(refused(429, "used_up", retry_after="86400"))
    assert (caught.value.retry_after, caught.value.reason) == (86_400.0, "used_up")


def test_of_conflicts_only_a_request_still_being_stored_is_asked_again() -> None:
    asked(refused(409, "idempotency_in_progress", retry_after="1"), answer(200, {}))
    with pytest.raises(client.Conflict, match="idempotency_key_reused"):
        asked(refused(409, "idempotency_key_reused"))


def test_patience_ends() -> None:
    with pytest.raises(client.NoAnswer):
        asked(LOST, LOST, LOST, retries=2)
    with pytest.raises(client.ServerError):
        asked(refused(503), refused(503), retries=1)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, client.Invalid),
        (401, client.Unauthenticated),
        (402, client.PaymentRequired),
        (403, client.Forbidden),
        (404, client.NotFound),
        (409, client.Conflict),
        (410, client.NotFound),
        (413, client.Invalid),
        (422, client.Invalid),
        (501, client.ServerError),
    ],
)
def test_every_refusal_has_a_type_and_says_all_the_server_said(status: int, kind: type[client.Refused]) -> None:
    with pytest.raises(kind) as caught:
        asked(refused(status, "why_not", x_request_id="req_1"))
    error = caught.value
    assert isinstance(error, client.ClientError)
    told = (error.status, error.reason, error.param, error.request_id, error.message)
    assert told == (status, "why_not", "prompt", "req_1", "no, why_not")


@pytest.mark.parametrize("body", [b"<html>Bad Gateway</html>", b"", b"[]", b'{"error": "busy"}', b'{"error": null}'])
def test_an_error_page_of_a_proxy_is_a_refusal_too(body: bytes) -> None:
    with pytest.raises(client.ServerError, match=r"502|busy"):
        asked(answer(502, body), retries=0)


@pytest.mark.parametrize("body", [b"<html>hello</html>", b'{"data": [', b"[]", b"\xff"])
def test_a_good_answer_that_is_no_json_object_is_not_understood(body: bytes) -> None:
    with pytest.raises(client.NotUnderstood, match="HTTP 200"):
        document(answer(200, body))


def test_a_server_that_sends_calls_elsewhere_is_named_with_the_address_to_use() -> None:
    with pytest.raises(client.NotUnderstood, match="https://films"):
        asked(answer(301, b"", location="https://films.example/v1/models"))
