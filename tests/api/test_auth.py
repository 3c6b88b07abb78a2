"""Keys at the door: remembered for a second, noted once a minute, guessed only so often."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kineograph.api.auth import MEMORY, MEMORY_SIZE, TOUCH, Authenticator, Failures
from kineograph.core.errors import TooMany, Unauthenticated
from kineograph.core.keys import Key, digest, mint, shown
from kineograph.testing import MemoryKeyStore


class Counting(MemoryKeyStore):
    """Counts what is asked of it."""

    finds = touches = 0

    async def find(self, digest: str) -> Key | None:
        self.finds += 1
        return await super().find(digest)

    async def touch(self, key_id: str, now: float) -> None:
        self.touches += 1
        await super().touch(key_id, now)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def _door(**changes: Any) -> tuple[Authenticator, Counting, Clock, str]:
    keys, clock, text = Counting(), Clock(), mint()
    asyncio.run(keys.create(Key("key_a", "acct_a", "a", shown(text), **changes), digest(text)))
    return Authenticator(keys, clock, clock), keys, clock, text


def _enter(door: Authenticator, text: str, scheme: str = "Bearer") -> Key:
    return asyncio.run(door.key(f"{scheme} {text}", lambda: "203.0.113.7"))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer  ", " bearer"])
def test_the_scheme_is_case_insensitive(scheme: str) -> None:
    door, _, _, text = _door()
    assert _enter(door, text, scheme).id == "key_a"


def test_a_key_is_looked_up_once_a_second_and_noted_once_a_minute() -> None:
    door, keys, clock, text = _door()
    for _ in range(50):
        _enter(door, text)
    assert (keys.finds, keys.touches) == (1, 1)
    clock.now += MEMORY
    _enter(door, text)
    assert (keys.finds, keys.touches) == (2, 1)
    clock.now += TOUCH
    _enter(door, text)
    assert (keys.finds, keys.touches) == (3, 2)


def test_revoking_rotating_and_expiring_hold_within_a_second() -> None:
    door, keys, clock, text = _door(expires_at=1010.0)
    _enter(door, text)
    asyncio.run(keys.rotate("key_a", digest(mint()), "kineo_new"))
    clock.now += MEMORY
    with pytest.raises(Unauthenticated, match="not known"):
        _enter(door, text)
    door, keys, clock, text = _door(expires_at=1010.0)
    _enter(door, text)
    clock.now = 1009.9
    _enter(door, text)
    clock.now = 1010.0  # remembered, but over
    with pytest.raises(Unauthenticated, match="expired"):
        _enter(door, text)
    door, keys, clock, text = _door()
    _enter(door, text)
    asyncio.run(keys.revoke("key_a", clock.now))
    clock.now += MEMORY
    with pytest.raises(Unauthenticated, match="revoked"):
        _enter(door, text)


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic abc",
        "kineo_abc",
        "Bearer kineo_abc",
        "Bearer " + "x" * 5000,
        "Bearer ключ",
        "Bearer a b",
    ],
)
def test_what_is_no_key_of_ours_is_never_looked_up(authorization: str) -> None:
    door, keys, _, _ = _door()
    with pytest.raises(Unauthenticated):
        asyncio.run(door.key(authorization, lambda: "203.0.113.7"))
    assert keys.finds == 0


def test_a_typo_is_told_apart_by_the_checksum_without_a_look_up() -> None:
    door, keys, _, text = _door()
    typo = text[:-1] + ("a" if text[-1] != "a" else "b")
    with pytest.raises(Unauthenticated, match="not a key of this service"):
        _enter(door, typo)
    assert keys.finds == 0


def test_guessing_is_slowed_per_address_and_forgiven_with_time() -> None:
    clock = Clock()
    failures = Failures(burst=3, every=2.0, clock=clock)
    for _ in range(3):
        failures.count("a")
    with pytest.raises(TooMany) as refusal:
        failures.count("a")
    assert refusal.value.retry_after >= 2
    failures.count("b")
    clock.now += 2.0
    failures.count("a")
    with pytest.raises(TooMany):
        failures.count("a")


def test_guesses_from_everywhere_do_not_fill_memory() -> None:
    failures = Failures(clock=Clock())
    for number in range(MEMORY_SIZE * 2):
        failures.count(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(failures._full_at) <= MEMORY_SIZE


def test_a_missing_key_is_no_guess() -> None:
    door, _, _, _ = _door()
    for _ in range(200):
        with pytest.raises(Unauthenticated):
            asyncio.run(door.key(None, lambda: "203.0.113.7"))
