"""Waiting for thousands of films at once: who is due is looked at together, never in a storm."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from kineograph.engines.upstream.base import State
from kineograph.engines.upstream.faults import Fault, Kind

TICK = 0.25  # seconds; those who come due within one are asked for together
SIDE_BY_SIDE = 8  # looks at once
BUDGET = 20.0  # looks a second; with more films than that allows, each is looked at less often
GROWTH = 1.5  # of the pause after every failed look
PAUSE_MAX = 60.0  # seconds
ODD_MOST = 8  # looks in a row that nobody can read, or a word nobody knows: with seconds between them five minutes
GONE_MOST = 3  # looks in a row that do not find it: a list may be a moment behind

Look = Callable[[Sequence[str]], Awaitable[Mapping[str, State]]]


@dataclass(slots=True, eq=False)
class _Waiter:
    """One film that is waited for. `due`: monotonic seconds of its next look."""

    id: str
    seen: State | None
    told: asyncio.Future[State]
    due: float
    failed: int = 0
    odd: int = 0
    gone: int = 0
    asked: bool = False

    def end(self, fault: Fault) -> None:
        if not self.told.done():
            self.told.set_exception(fault)


class Watch:
    """Looks at films until they change.

    Args:
        look: Ids -> how they stand; at most `together` of them.
        every: Seconds between two looks at one film; by up to a quarter less, at random.
    """

    def __init__(self, look: Look, together: int, every: float) -> None:
        self._look, self._together, self._every = look, together, every
        self._waiters: dict[str, _Waiter] = {}
        self._running: asyncio.Task[None] | None = None
        self._asking: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(SIDE_BY_SIDE)

    async def change(self, upstream_id: str, seen: State | None) -> State:
        """How it stands, once that differs from what was seen.

        Raises:
            Fault: GONE, or UNCLEAR after many looks.
        """
        told: asyncio.Future[State] = asyncio.get_running_loop().create_future()
        first = min(self._every, 1.0) if seen is None else self._pause()
        waiter = self._waiters[upstream_id] = _Waiter(upstream_id, seen, told, time.monotonic() + first)
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        try:
            return await told
        finally:
            if self._waiters.get(upstream_id) is waiter:
                del self._waiters[upstream_id]

    async def stop(self) -> None:
        """Look no more."""
        tasks = [*self._asking, *([self._running] if self._running else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _pause(self) -> float:
        """Seconds to the next look at a film."""
        share = 0.75 + 0.25 * random.random()  # noqa: S311 - jitter
        return share * max(self._every, len(self._waiters) / self._together / BUDGET)

    async def _run(self) -> None:
        while self._waiters:
            now = time.monotonic()
            due = [waiter for waiter in self._waiters.values() if waiter.due <= now and not waiter.asked]
            for start in range(0, len(due), self._together):
                batch = due[start : start + self._together]
                for waiter in batch:
                    waiter.asked = True
                task = asyncio.create_task(self._ask(batch))
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)
            await asyncio.sleep(min(TICK, self._every))

    async def _ask(self, batch: Sequence[_Waiter]) -> None:
        async with self._room:
            try:
                found = await self._look([waiter.id for waiter in batch])
            except Fault as fault:
                for waiter in batch:
                    self._missed(waiter, fault)
            else:
                for waiter in batch:
                    self._found(waiter, found.get(waiter.id))
        for waiter in batch:
            waiter.asked = False

    def _missed(self, waiter: _Waiter, fault: Fault) -> None:
        if fault.kind is Kind.GONE:
            self._found(waiter, None)
            return
        waiter.failed += 1
        waiter.odd += fault.kind is Kind.UNCLEAR
        if waiter.odd >= ODD_MOST:
            waiter.end(fault)
        pause = max(fault.retry_after or 0.0, self._pause() * GROWTH**waiter.failed)
        waiter.due = time.monotonic() + min(pause, PAUSE_MAX)

    def _found(self, waiter: _Waiter, state: State | None) -> None:
        waiter.due = time.monotonic() + self._pause()
        if state is None:
            waiter.gone += 1
            if waiter.gone >= GONE_MOST:
                waiter.end(Fault(Kind.GONE, "it does not know the task any more"))
            return
        waiter.failed = waiter.gone = 0
        if state.phase == "unknown":
            waiter.odd += 1
            if waiter.odd >= ODD_MOST:
                waiter.end(
                    Fault(Kind.UNCLEAR, f"the task is {state.word!r} there, a word that its dialect does not have")
                )
            return
        waiter.odd = 0
        if state.differs(waiter.seen) and not waiter.told.done():
            waiter.told.set_result(state)
