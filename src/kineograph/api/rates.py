"""Requests per minute: counted by this process alone, so approximate where several answer. They protect the CPU; what protects
money is counted in the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from kineograph.core.errors import Forbidden, Policy, TooMany
from kineograph.core.keys import Key

WINDOW = 60  # seconds
SIZE = 10_000  # keys and accounts remembered


class Rates:
    """Counts the requests of keys and accounts that have such a limit.

    Args:
        clock: Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: dict[str, tuple[float, int]] = {}  # whose -> since when, how many

    def count(self, key: Key) -> list[tuple[bytes, bytes]]:
        """Count one request; the headers its answer gets.

        Raises:
            TooMany: above a limit.
        """
        owners = ((key.id, "this key", key.limits), (key.account_id, "this account", key.account_limits))
        policies = [
            self._take(name, whose, allowance.requests_per_minute)
            for name, whose, allowance in owners
            if allowance.requests_per_minute is not None
        ]
        return headers_of(policies)

    def _take(self, name: str, whose: str, most: int) -> Policy:
        now = self._clock()
        since, count = self._windows.get(name, (now, 0))
        if now - since >= WINDOW:
            since, count = now, 0
        reset = int(since + WINDOW - now) + 1
        policy = Policy("requests", most, WINDOW, max(0, most - count - 1), reset)
        if count >= most:
            raise TooMany(
                f"{whose} may make {most} requests a minute; wait {reset} seconds", retry_after=reset, policy=policy
            )
        if len(self._windows) >= SIZE and name not in self._windows:
            self._windows.clear()
        self._windows[name] = (since, count + 1)
        return policy


def admit(key: Key, address: str) -> None:
    """Raises Forbidden for a caller from where this key, or its account, may not be used."""
    for whose, allowance in key.allowances:
        if not allowance.admits(address):
            raise Forbidden(
                f"{whose} may not be used from {address[:64]}; use it from {', '.join(allowance.addresses)}, "
                "or ask the operator to add your address",
                reason="address_not_allowed",
            )


def headers_of(policies: Sequence[Policy]) -> list[tuple[bytes, bytes]]:
    """The header fields `RateLimit-Policy` and `RateLimit` (IETF httpapi draft 10) of these limits."""
    fields = []
    for each in policies:
        fields.append((b"ratelimit-policy", f'"{each.name}";q={each.quota};w={each.window}'.encode()))
        fields.append((b"ratelimit", f'"{each.name}";r={each.remaining};t={each.reset}'.encode()))
    return fields
