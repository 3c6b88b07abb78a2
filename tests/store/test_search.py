"""A search looks at a bounded number of tasks for one page, and says where it stopped."""

from __future__ import annotations

from typing import Any

import pytest
from tests.contracts.making import new_task

from kineograph.core.ports import TaskQuery
from kineograph.store import search
from kineograph.store.database import Database
from kineograph.store.tasks import SqlTaskStore


async def test_a_page_ends_empty_where_the_look_ended_and_the_next_goes_on_there(
    database: Database, queue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "REACH", 6)
    monkeypatch.setattr(search, "BATCH", 3)
    store = SqlTaskStore(database, queue)
    wanted = (await store.insert(new_task(at=1000.0, prompt="an owl"))).task
    others = [(await store.insert(new_task(at=1001.0 + i))).task for i in range(7)]
    first = await store.search(TaskQuery("acct_1"), ["owl"])
    assert (first.tasks, first.next) == ([], others[1].id)
    second = await store.search(TaskQuery("acct_1", after=first.next), ["owl"])
    assert ([task.id for task in second.tasks], second.next) == ([wanted.id], None)
