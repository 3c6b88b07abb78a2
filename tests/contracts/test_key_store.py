"""The contract of KeyStore."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from kineograph.core.keys import Key, KeyStore, Scope

pytestmark = pytest.mark.anyio

KEY = Key(
    "key_1", "acct_1", "the app", "kineo_abcdefgh", frozenset({Scope.READ}), limit=2, created_at=100.5, expires_at=9e9
)


async def test_a_key_is_found_by_its_digest_and_by_its_id(keys: KeyStore) -> None:
    await keys.create(KEY, "d1")
    assert await keys.find("d1") == KEY
    assert await keys.get("key_1") == KEY
    assert await keys.find("d2") is None
    assert await keys.get("key_2") is None


async def test_keys_are_listed_oldest_first(keys: KeyStore) -> None:
    later = replace(KEY, id="key_0", created_at=200.0, scopes=frozenset(Scope))
    await keys.create(KEY, "d1")
    await keys.create(later, "d2")
    assert list(await keys.list()) == [KEY, later]


async def test_a_revoked_key_is_still_found_and_says_since_when(keys: KeyStore) -> None:
    await keys.create(KEY, "d1")
    assert await keys.revoke("key_1", 300.0)
    assert await keys.revoke("key_1", 400.0)
    assert await keys.find("d1") == replace(KEY, revoked_at=300.0)
    assert not await keys.revoke("key_2", 300.0)


async def test_a_rotated_key_keeps_its_id_and_the_old_text_opens_nothing(keys: KeyStore) -> None:
    await keys.create(KEY, "d1")
    assert await keys.rotate("key_1", "d2", "kineo_ijklmnop")
    assert await keys.find("d1") is None
    assert await keys.find("d2") == replace(KEY, shown="kineo_ijklmnop")
    assert not await keys.rotate("key_2", "d3", "kineo_qrstuvwx")


async def test_the_last_use_is_remembered_to_the_minute(keys: KeyStore) -> None:
    await keys.create(KEY, "d1")
    await keys.touch("key_1", 1000.0)
    await keys.touch("key_1", 1001.0)
    await keys.touch("key_1", 1090.0)
    await keys.touch("key_2", 1000.0)
    found = await keys.get("key_1")
    assert found is not None
    assert found.last_used_at == 1090.0


async def test_a_secret_is_made_once(keys: KeyStore) -> None:
    made = await asyncio.gather(*[keys.secret("links") for _ in range(5)])
    assert len(made[0]) == 32
    assert set(made) == {await keys.secret("links")}
    assert await keys.secret("other") != made[0]


async def test_an_end_is_set_moved_and_taken_away(keys: KeyStore) -> None:
    await keys.create(KEY, "d1")
    for given, kept in ((None, 9e9), (5e9, 5e9), (0.0, None), (7e9, 7e9)):
        assert await keys.change("key_1", expires_at=given)
        found = await keys.get("key_1")
        assert found is not None
        assert found.expires_at == kept
