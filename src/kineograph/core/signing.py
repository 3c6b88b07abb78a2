"""Standard Webhooks (standardwebhooks.com, v1): sign what is sent, verify what came. Standard library only, so that a
receiver may use it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from kineograph.core.errors import BadSignature, InvalidRequest

PREFIX = "whsec_"
TOLERANCE = (
    300.0  # seconds that a message may be old, or early by a clock that is ahead; the specification's own figure
)
_BYTES = 32  # of a secret; the specification allows 24 to 64
_VERSION = "v1"


def mint() -> str:
    """The text of a new secret: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signature(texts: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: one signature for each secret, with spaces between.

    Args:
        texts: Secrets, newest first.
        timestamp: Unix seconds, as in the header `webhook-timestamp`.
    """
    return " ".join(f"{_VERSION},{_sign(text, message_id, str(timestamp), body)}" for text in texts)


def verify(
    secret: str | Sequence[str],
    headers: Mapping[str, str],
    body: bytes | str,
    *,
    now: float | None = None,
    tolerance: float = TOLERANCE,
) -> Any:
    """The JSON of a callback, if it was signed with the secret just now.

    Args:
        secret: `whsec_…`, or several of them.
        headers: Of the request, in any case.
        body: Exactly the bytes that came, before anybody parsed them.
        now: Unix seconds; None = this machine's clock.
        tolerance: Seconds that the message may be old.

    Raises:
        BadSignature: a header is missing, it is too old, or it was not signed with this secret.
        InvalidRequest: the secret is none.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp, signed = (
        _header(given, name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    )
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise BadSignature(f"webhook-timestamp {timestamp[:40]!r} is not a number of seconds; refuse the request")
    if abs((time.time() if now is None else now) - int(timestamp)) > tolerance:
        raise BadSignature(f"the message is not from within {tolerance:g} s of now; refuse it, or set this clock right")
    raw = body.encode() if isinstance(body, str) else body
    theirs = [part.partition(",")[2] for part in signed.split() if part.startswith(f"{_VERSION},")]
    ours = [_sign(text, message_id, timestamp, raw) for text in ([secret] if isinstance(secret, str) else secret)]
    if not any(hmac.compare_digest(mine.encode(), other.encode()) for mine in ours for other in theirs):
        raise BadSignature(
            "no signature of this message was made with this secret; refuse it, or look for another secret"
        )
    return json.loads(raw)


def _sign(text: str, message_id: str, timestamp: str, body: bytes) -> str:
    said = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(_key(text), said, hashlib.sha256)).decode()


def _key(text: str) -> bytes:
    try:
        return base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise InvalidRequest(f"the secret is not {PREFIX} and base64; copy it from kineo webhooks secret") from None


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not value:
        raise BadSignature(f"the header {name} is missing; refuse the request: it is not from us")
    return value
