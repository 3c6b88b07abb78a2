"""Signatures: those of the Standard Webhooks specification, and nothing else passes."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from kineograph.core.errors import BadSignature, InvalidRequest
from kineograph.core.signing import mint, signature, verify

# The specification's own example (standard-webhooks/libraries, every language tests it).
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
HEADERS = {"Webhook-Id": ID, "webhook-timestamp": str(AT), "WEBHOOK-SIGNATURE": SIGNED}


def test_the_specifications_example_is_signed_as_it_says() -> None:
    assert signature([SECRET], ID, AT, BODY) == SIGNED
    assert verify(SECRET, HEADERS, BODY, now=AT) == {"test": 2432232314}
    assert verify(SECRET, HEADERS, BODY.decode(), now=AT + 299) == {"test": 2432232314}


def test_two_secrets_sign_and_either_verifies() -> None:
    old, new = mint(), mint()
    body = json.dumps({"words": "一只小猫"}).encode()
    headers = {
        "webhook-id": "a",
        "webhook-timestamp": "100",
        "webhook-signature": signature([new, old], "a", 100, body),
    }
    for secret in (old, new, [mint(), old]):
        assert verify(secret, headers, body, now=100)
    assert len(base64.b64decode(new.removeprefix("whsec_"))) == 32


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"body": b'{"test": 2432232315}'}, "no signature"),
        ({"secret": mint()}, "no signature"),
        ({"headers": {"Webhook-Id": "msg_other"}}, "no signature"),
        ({"headers": {"webhook-timestamp": str(AT + 1)}}, "no signature"),
        ({"headers": {"WEBHOOK-SIGNATURE": SIGNED.replace("v1", "v2")}}, "no signature"),
        ({"headers": {"WEBHOOK-SIGNATURE": "v1,ü v1 ,"}}, "no signature"),
        ({"now": AT + 301}, "within 300 s"),
        ({"now": AT - 301}, "within 300 s"),
        ({"headers": {"webhook-timestamp": "soon"}}, "number of seconds"),
        ({"headers": {"webhook-timestamp": "9" * 5000}}, "number of seconds"),
        ({"headers": {"Webhook-Id": ""}}, "webhook-id is missing"),
    ],
)
def test_whatever_was_changed_is_refused(change: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"secret": SECRET, "body": BODY, "now": AT} | change
    headers = HEADERS | given.pop("headers", {})
    with pytest.raises(BadSignature, match=words):
        verify(given["secret"], headers, given["body"], now=given["now"])


def test_a_secret_that_is_none_is_the_receivers_mistake() -> None:
    with pytest.raises(InvalidRequest, match="kineo webhooks secret"):
        verify("whsec_not base64!", HEADERS, BODY, now=AT)
