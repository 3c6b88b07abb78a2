"""Chores: one node does them, another takes over, and nobody sweeps what is in use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.contracts.making import new_task

from kineograph.app.chores import Chores, scratch, sweep_scratch
from kineograph.app.parts import Parts, opened
from kineograph.core.task import Status
from kineograph.settings import Settings

pytestmark = pytest.mark.anyio


async def waiting(parts: Parts) -> str:
    """Id of a task that waits too long already."""
    return (await parts.store.insert(new_task())).task.id


async def status(parts: Parts, task_id: str) -> Status:
    found = await parts.store.get(task_id)
    assert found is not None
    return found.status


async def test_one_node_does_the_chores_and_another_takes_over(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, queue_time_limit=0.000001)
    async with opened(settings) as parts:
        first, second = Chores(parts), Chores(parts)
        await first.round()
        task_id = await waiting(parts)
        await second.round()
        assert await status(parts, task_id) is Status.QUEUED, "the first one holds the lease"
        await first.round()
        assert await status(parts, task_id) is Status.FAILED
        with parts.database.begin() as tx:  # the first one is dead
            tx.connection.exec_driver_sql("UPDATE leases SET until = 0")
        task_id = await waiting(parts)
        await second.round()
        assert await status(parts, task_id) is Status.FAILED


def test_only_what_nobody_holds_is_swept(tmp_path: Path) -> None:
    left = tmp_path / "w_left"
    left.mkdir()
    (left / "film.mp4").touch()
    with scratch(tmp_path / "w_alive") as alive, scratch(tmp_path / "w_young"):
        for folder in (left, alive):
            os.utime(folder, (1, 1))
        sweep_scratch(tmp_path)
        assert sorted(folder.name for folder in tmp_path.iterdir()) == ["w_alive", "w_young"]
    assert list(tmp_path.iterdir()) == [], "who leaves tidies up"
