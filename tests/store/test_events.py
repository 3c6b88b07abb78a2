"""The feed: who waits hears of every change once, whatever happens to the database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from tests.contracts.making import VIDEO, new_task

from kineograph.core.errors import Unavailable
from kineograph.core.ports import Event
from kineograph.store import events
from kineograph.store.events import Feed
from kineograph.testing import MemoryTaskStore

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "POLL", 0.01)
    monkeypatch.setattr(events, "PATIENCE", 0.01)


async def heard(changes: Any, count: int) -> list[int]:
    async with asyncio.timeout(5):
        return [(await anext(changes)).id for _ in range(count)]


async def test_only_what_happens_from_now_on_is_heard_and_once_by_everybody() -> None:
    store = MemoryTaskStore()
    await store.insert(new_task())
    feed = Feed(store)
    async with feed.listen() as first, feed.listen() as second:
        await store.insert(new_task())
        await store.insert(new_task())
        assert await heard(first, 2) == [2, 3]
        assert await heard(second, 2) == [2, 3]


async def test_a_listener_hears_of_its_account_or_task_alone() -> None:
    store = MemoryTaskStore()
    feed = Feed(store)
    task = new_task(account_id="acct_2")
    async with feed.listen("acct_2") as account, feed.listen(task_id=task.id) as one:
        await store.insert(new_task())
        await store.insert(task)
        await store.insert(new_task(account_id="acct_2"))
        assert await heard(account, 2) == [2, 3]
        assert await heard(one, 1) == [2]


async def test_more_changes_than_one_look_shows_are_all_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "BATCH", 3)
    store = MemoryTaskStore()
    async with Feed(store).listen() as changes:
        for _ in range(10):
            await store.insert(new_task())
        assert await heard(changes, 10) == list(range(1, 11))


class Flaky(MemoryTaskStore):
    """Away for the first few looks."""

    away = 3

    async def events(self, *args: Any, **options: Any) -> Sequence[Event]:
        self.away -= 1
        if self.away >= 0:
            raise Unavailable("away")
        return await super().events(*args, **options)


async def test_the_feed_outlives_the_absence_of_the_database() -> None:
    store = Flaky()
    async with Feed(store).listen() as changes:
        await store.insert(new_task())
        assert await heard(changes, 1) == [1]


async def test_who_reads_too_slowly_is_let_go_after_what_was_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "BEHIND", 4)
    store = MemoryTaskStore()
    async with Feed(store).listen() as changes:
        for _ in range(9):
            await store.insert(new_task())
        await asyncio.sleep(0.1)
        assert [change.id async for change in changes] == [1, 2, 3, 4]


async def test_nobody_looks_when_nobody_listens() -> None:
    store = MemoryTaskStore()
    feed = Feed(store)
    before = len(asyncio.all_tasks())
    async with feed.listen(), feed.listen():
        assert len(asyncio.all_tasks()) == before + 1
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == before
    task = (await store.insert(new_task())).task
    async with feed.listen() as changes:
        claim = await store.start(task.id, "worker_1")
        assert claim is not None
        await store.finish(claim, VIDEO)
        assert await heard(changes, 2) == [2, 3]
