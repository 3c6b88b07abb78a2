"""API keys: their format, scopes and rules. Plain text exists only where a key is made."""

from __future__ import annotations

import hashlib
import secrets
import string
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from kineograph.core.allowance import Allowance

PREFIX = "kineo_"
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase  # base62
_RANDOM = 30  # characters, 178 bits
_CHECKSUM = 6  # characters: CRC32 in base62, so that a typo is told apart from a revoked key without a look-up


class Scope(StrEnum):
    """What a key may do. `admin` includes the other two."""

    GENERATE = "generate"
    READ = "read"
    ADMIN = "admin"


DEFAULT_SCOPES = frozenset({Scope.GENERATE, Scope.READ})
DEFAULT_LIMIT = 4  # running tasks per key
LIMIT_MAX = 1000
LOCAL_KEY_ID = "key_local"  # `kineo generate` works in its name; nobody has its text


@dataclass(frozen=True, slots=True)
class Key:
    """A key as the service knows it: never its text.

    Attributes:
        id: `key_` + ULID; stays through rotation.
        account_id: `acct_` + ULID; the owner of everything made with this key.
        shown: First characters of the text, for lists.
        limit: Tasks of this key that may run at once.
        limits, account_limits: What it is allowed else, and what its account is.
        version: Grows with every change an admin makes.
        created_at, expires_at, revoked_at, last_used_at: Unix seconds.
    """

    id: str
    account_id: str
    name: str
    shown: str
    scopes: frozenset[Scope] = DEFAULT_SCOPES
    limit: int = DEFAULT_LIMIT
    created_at: float = 0.0
    expires_at: float | None = None
    revoked_at: float | None = None
    last_used_at: float | None = None
    limits: Allowance = field(default_factory=Allowance)
    account_limits: Allowance = field(default_factory=Allowance)
    version: int = 1

    @property
    def allowances(self) -> tuple[tuple[str, Allowance], ...]:
        """Its own and its account's limits, each with whose it is."""
        return ("this key", self.limits), ("this account", self.account_limits)

    def may(self, scope: Scope) -> bool:
        """True if the key has the scope, or is an admin's."""
        return scope in self.scopes or Scope.ADMIN in self.scopes

    @property
    def usable(self) -> bool:
        """Whether anybody can have its text."""
        return self.id != LOCAL_KEY_ID

    def document(self) -> dict[str, Any]:
        """As JSON shows it to its owner; times that are not set are absent."""
        times = {
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "revoked_at": self.revoked_at,
            "last_used_at": self.last_used_at,
        }
        return {
            "id": self.id,
            "name": self.name,
            "shown": self.shown,
            "account_id": self.account_id,
            "scopes": sorted(self.scopes),
            "limit": self.limit,
            "limits": self.limits.document(),
            "version": self.version,
        } | {name: int(value) for name, value in times.items() if value}

    def live(self, now: float) -> bool:
        """True unless revoked or expired at `now` (Unix seconds)."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class KeyStore(Protocol):
    """Keys and the service's own secrets; a port, with a contract suite as those of core/ports.py."""

    async def create(self, key: Key, digest: str) -> None:
        """Store a new key under the digest of its text."""
        ...

    async def find(self, digest: str) -> Key | None:
        """The key with this digest, revoked and expired ones included."""
        ...

    async def get(self, key_id: str) -> Key | None:
        """The key of that id."""
        ...

    async def list(self) -> Sequence[Key]:
        """All keys, oldest first."""
        ...

    async def revoke(self, key_id: str, now: float) -> bool:
        """From now on it opens nothing; it stays revoked since the first time. False if there is no such key."""
        ...

    async def rotate(self, key_id: str, digest: str, shown: str) -> bool:
        """New text, same id and owner; the old text opens nothing. False if there is no such key."""
        ...

    async def change(
        self,
        key_id: str,
        name: str | None = None,
        limit: int | None = None,
        limits: Allowance | None = None,
        version: int | None = None,
        expires_at: float | None = None,
    ) -> bool:
        """Another name, limit or end; None leaves it, an end of 0 takes it away. Holds at once for new starts. False if there
        is no such key.

        Raises:
            Conflict: it has another version than this (None = any).
        """
        ...

    async def touch(self, key_id: str, now: float) -> None:
        """Remember when it was last used; may be late by a minute, must be cheap."""
        ...

    async def secret(self, name: str) -> bytes:
        """32 random bytes, made once per name and installation: signs links."""
        ...


def mint() -> str:
    """The text of a new key: `kineo_` + 30 random base62 characters + 6 of checksum."""
    body = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    return f"{PREFIX}{body}{_checksum(body)}"


def well_formed(text: str) -> bool:
    """True if the text has a key's shape and its checksum holds: worth a look-up."""
    body = text[len(PREFIX) : -_CHECKSUM]
    return (
        text.startswith(PREFIX)
        and len(body) == _RANDOM
        and text.isascii()
        and text[len(PREFIX) :].isalnum()
        and text[-_CHECKSUM:] == _checksum(body)
    )


def digest(text: str) -> str:
    """sha256 in hexadecimal: what is stored. A key has 178 random bits, so no salt and no slow hash is needed."""
    return hashlib.sha256(text.encode()).hexdigest()


def shown(text: str) -> str:
    """The eight characters after the prefix that lists show."""
    return text[: len(PREFIX) + 8]


def _checksum(body: str) -> str:
    value, out = zlib.crc32(body.encode()), ""
    for _ in range(_CHECKSUM):
        value, digit = divmod(value, 62)
        out = _ALPHABET[digit] + out
    return out
