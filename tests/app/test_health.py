"""The probe of the storage neither hammers it nor waits for it."""

from __future__ import annotations

import asyncio
import time

import pytest

from kineograph.app import health
from kineograph.app.health import Probe
from kineograph.core.errors import Unavailable
from kineograph.testing import MemoryFileStore

pytestmark = pytest.mark.anyio


class Slow(MemoryFileStore):
    """A storage that answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go, self.away = 0, asyncio.Event(), False

    async def check(self) -> None:
        self.asked += 1
        await self.go.wait()
        if self.away:
            raise Unavailable("the storage is not available; try again in a moment")


async def test_many_who_ask_at_once_are_one_question_and_the_answer_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    files = Slow()
    files.go.set()
    probe = Probe(files)
    assert await asyncio.gather(*(probe.fault() for _ in range(50))) == [None] * 50
    files.away = True
    assert await probe.fault() is None
    assert files.asked == 1
    monkeypatch.setattr(health, "FRESH", 0.0)
    assert "not available" in (await probe.fault() or "")
    assert files.asked == 2


async def test_a_storage_that_hangs_is_said_to_and_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "WAIT", 0.05)
    files = Slow()
    probe = Probe(files)
    began = time.monotonic()
    assert await asyncio.gather(*(probe.fault() for _ in range(50))) == ["it does not answer"] * 50
    assert time.monotonic() - began < 2
    files.go.set()
    while await probe.fault() is not None:
        await asyncio.sleep(0)
    assert files.asked == 1
