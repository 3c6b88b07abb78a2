"""Who calls: bearer keys, remembered for a second, and a brake on guessing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from kineograph.core.errors import Forbidden, TooMany, Unauthenticated
from kineograph.core.keys import Key, KeyStore, Scope, digest, well_formed
from kineograph.telemetry import event

MEMORY = 1.0  # seconds a key is remembered: revoking one holds within this time (DESIGN §5)
MEMORY_SIZE = 10_000  # keys; more callers than that within a second, and all are looked up afresh
TOUCH = 60.0  # seconds between two notes of when a key was last used
SCOPE_KEY = "kineograph.key"  # where the gate leaves the caller's key in the ASGI scope


@dataclass(slots=True)
class _Known:
    key: Key
    until: float


class Failures:
    """How many wrong keys an address may send: a bucket of `burst`, refilled by one every `every` seconds."""

    def __init__(self, burst: int = 20, every: float = 3.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst, self._every, self._clock = burst, every, clock
        self._full_at: dict[str, float] = {}  # address -> when its bucket is full again

    def count(self, address: str) -> None:
        """Note one wrong key. Raises TooMany once the bucket is empty."""
        now = self._clock()
        full_at = max(self._full_at.get(address, now), now) + self._every
        excess = full_at - now - self._burst * self._every
        if excess > 0:
            raise TooMany(
                "too many wrong API keys from your address; wait, then send a valid one",
                retry_after=int(excess) + 1,
                reason="too_many_failed_authentications",
            )
        if len(self._full_at) >= MEMORY_SIZE:
            self._full_at = {known: at for known, at in self._full_at.items() if at > now}
            if len(self._full_at) >= MEMORY_SIZE // 2:  # from everywhere at once: no brake helps, and memory is ours
                self._full_at.clear()
        self._full_at[address] = full_at


class Authenticator:
    """Turns an Authorization header into a key.

    Args:
        clock: Unix seconds, for expiry.
        monotonic: Seconds, for the memory.
    """

    def __init__(
        self,
        keys: KeyStore,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        failures: Failures | None = None,
    ) -> None:
        self._keys = keys
        self._clock, self._monotonic = clock, monotonic
        self._failures = failures or Failures()
        self._known: dict[str, _Known] = {}
        self._touched: dict[str, float] = {}

    async def key(self, authorization: str | None, address: Callable[[], str]) -> Key:
        """The caller's key.

        Args:
            authorization: The header as sent.
            address: Says whose wrong keys are counted together; asked only then.

        Raises:
            Unauthenticated: no key, not a key of ours, revoked or expired.
            TooMany: too many wrong ones from this address.
        """
        if authorization is None:
            raise Unauthenticated("no API key; send the header Authorization: Bearer <key>", reason="missing_api_key")
        try:
            return await self._look_up(_token(authorization))
        except Unauthenticated as refusal:
            where = address()
            event("auth.failed", address=where, reason=refusal.reason)
            self._failures.count(where)
            raise

    async def by_id(self, key_id: str) -> Key:
        """The live key of that id: for signed event links. Raises Unauthenticated."""
        return self._live(await self._keys.get(key_id))

    async def _look_up(self, token: str) -> Key:
        fingerprint, now = digest(token), self._monotonic()
        known = self._known.get(fingerprint)
        if known is not None and now < known.until:
            return self._live(known.key)
        self._known.pop(fingerprint, None)
        if not well_formed(token):
            raise Unauthenticated("this is not a key of this service; keys start with kineo_ and must be sent whole")
        key = self._live(await self._keys.find(fingerprint))
        if len(self._known) >= MEMORY_SIZE:
            self._known.clear()
        self._known[fingerprint] = _Known(key, now + MEMORY)
        await self._touch(key.id, now)
        return key

    def _live(self, key: Key | None) -> Key:
        if key is None:
            raise Unauthenticated("this API key is not known here; make one with `kineo keys create`")
        if key.revoked_at is not None:
            raise Unauthenticated("this API key was revoked; ask the operator for a new one", reason="revoked_api_key")
        if not key.live(self._clock()):
            raise Unauthenticated("this API key has expired; ask the operator for a new one", reason="expired_api_key")
        return key

    async def _touch(self, key_id: str, now: float) -> None:
        if now - self._touched.get(key_id, -TOUCH) >= TOUCH:
            self._touched[key_id] = now
            await self._keys.touch(key_id, self._clock())


def caller(request: Request, scope: Scope | None = None) -> Key:
    """The key the gate found. Raises Forbidden if it lacks the scope."""
    key: Key = request.scope[SCOPE_KEY]
    if scope is not None and not key.may(scope):
        raise Forbidden(f"this API key lacks the scope {scope.value!r}; use one that has it")
    return key


def _token(authorization: str) -> str:
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("the Authorization header is not of the form Bearer <key>")
    token = token.strip()
    if not token.isascii() or len(token) > 200:
        raise Unauthenticated("this is not a key of this service; keys start with kineo_ and must be sent whole")
    return token
