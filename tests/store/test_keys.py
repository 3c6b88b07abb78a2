"""The first key, when several nodes start at once on an empty database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from kineograph.core.keys import LOCAL_KEY_ID, Key
from kineograph.store.database import Database
from kineograph.store.keys import SqlKeyStore

pytestmark = pytest.mark.anyio

NODES = 4


@asynccontextmanager
async def nodes(url: str) -> AsyncIterator[Sequence[SqlKeyStore]]:
    databases = [Database.open(url) for _ in range(NODES)]
    yield [SqlKeyStore(database) for database in databases]
    for database in databases:
        await database.close()


def key(number: int) -> Key:
    return Key(f"key_{number}", f"acct_{number}", "admin", "kineo_x")


async def test_of_nodes_that_start_at_once_one_makes_the_admin_key(url: str) -> None:
    async with nodes(url) as stores:
        await stores[0].create(replace(key(9), id=LOCAL_KEY_ID), "nobody's")
        made = await asyncio.gather(
            *(store.create_first(key(number), f"d{number}", alone=True) for number, store in enumerate(stores))
        )
        assert sorted(made) == [False] * (NODES - 1) + [True]
        assert len([found for found in await stores[0].list() if found.usable]) == 1


async def test_a_key_that_all_nodes_are_given_is_made_once_beside_others(url: str) -> None:
    async with nodes(url) as stores:
        await stores[0].create(key(9), "another")
        made = await asyncio.gather(
            *(store.create_first(key(number), "given", alone=False) for number, store in enumerate(stores))
        )
        assert sorted(made) == [False] * (NODES - 1) + [True]
        assert await stores[0].find("given") is not None


async def test_a_secret_is_the_same_at_all_nodes_that_make_it_at_once(url: str) -> None:
    async with nodes(url) as stores:
        assert len(set(await asyncio.gather(*(store.secret("links") for store in stores)))) == 1
