"""Signed, expiring links: results, uploads and event streams that need no Authorization header."""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qs, quote, unquote, urlsplit

from kineograph.core.errors import Forbidden

FILES = "/v1/files/"
_EXPIRES = re.compile(r"[1-9][0-9]{0,11}")


@dataclass(frozen=True, slots=True)
class Signer:
    """Makes and checks signatures: HMAC-SHA256 over purpose, name and expiry.

    Args:
        secret: At least 32 bytes, one per installation.
    """

    secret: bytes

    def sign(self, purpose: str, name: str, expires: int) -> str:
        """43 characters of base64url."""
        said = f"{purpose}\n{expires}\n{name}".encode("utf-8", "replace")
        return base64.urlsafe_b64encode(hmac.digest(self.secret, said, sha256)).rstrip(b"=").decode()

    def holds(self, purpose: str, name: str, expires: str, signature: str) -> bool:
        """True if we signed exactly this; says nothing about the time."""
        if not (_EXPIRES.fullmatch(expires) and signature.isascii()):
            return False
        return hmac.compare_digest(self.sign(purpose, name, int(expires)), signature)

    def check(self, purpose: str, name: str, expires: str, signature: str, now: float) -> None:
        """Raises Forbidden unless we signed exactly this and its time is not over (`now`: Unix seconds)."""
        if not self.holds(purpose, name, expires, signature):
            raise Forbidden(
                "this link was not made here or was changed; take a fresh one from GET /v1/tasks/{task_id}",
                param="signature",
                reason="invalid_signature",
            )
        if int(expires) <= now:
            raise Forbidden(
                "this link has expired; take a fresh one from GET /v1/tasks/{task_id}",
                param="expires",
                reason="link_expired",
            )


@dataclass(frozen=True, slots=True)
class Links:
    """Makes links for one request.

    Attributes:
        base: `scheme://host`, no trailing slash.
        ttl: Seconds a result link lives.
    """

    base: str
    signer: Signer
    ttl: int

    def file(self, name: str, expires: int) -> str:
        """The URL under which a file of the store can be read until `expires` (Unix seconds)."""
        return f"{self.base}{FILES}{quote(name)}?expires={expires}&signature={self.signer.sign('file', name, expires)}"

    def events(self, task_id: str, key_id: str, expires: int) -> str:
        """The URL under which a task's events can be followed until `expires`, in the name of a key."""
        signature = self.signer.sign("events", f"{task_id}\n{key_id}", expires)
        return f"{self.base}/v1/tasks/{task_id}/events?key={key_id}&expires={expires}&signature={signature}"


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A link of ours, recognised by its signature whatever host it names."""

    name: str
    expires: int


def own_file(signer: Signer, url: str) -> OwnFile | None:
    """The file a URL of ours points at, None if it is not ours. The time may be over."""
    if FILES not in url:
        return None
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query, max_num_fields=8)
    except ValueError:  # no URL at all, or none of ours
        return None
    expires, signature = query.get("expires", [""])[0], query.get("signature", [""])[0]
    name = unquote(parts.path.partition(FILES)[2])
    return OwnFile(name, int(expires)) if signer.holds("file", name, expires, signature) else None
