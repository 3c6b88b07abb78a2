"""What is let through to one upstream: a breaker, a pace of creations, places of each model."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable

from kineograph.engines.upstream.base import Upstream
from kineograph.engines.upstream.faults import Fault, Kind
from kineograph.telemetry import event

TRIPS = 3  # failures in a row until nothing is tried for a while
PAUSE = 10.0  # seconds of the first while; doubled each time
PAUSE_MAX = 120.0
BURST = 0.1  # of a minute's creations that may go at once


class Breaker:
    """Open while an upstream takes nothing: then one creation after each pause tries whether it does again.

    Args:
        tell: Called with what is wrong, and with None once nothing is.
    """

    def __init__(self, upstream: Upstream, tell: Callable[[str | None], None]) -> None:
        self._upstream, self._tell = upstream, tell
        self._failures = 0
        self._pause = PAUSE
        self._until: float | None = None  # monotonic seconds; None = closed
        self._fault = ""
        self._operators = False

    def shut(self) -> str | None:
        """Why nothing is tried now."""
        if self._until is None or time.monotonic() >= self._until or (self._operators and not self._upstream.waits):
            return None
        return self._fault

    def enter(self) -> None:
        """Before a creation. Raises Fault while it is open; the first after a pause keeps the others out."""
        if self._until is None:
            return
        left = self._until - time.monotonic()
        if left > 0:
            kind = Kind.OPERATOR if self._operators else Kind.DOWN
            raise Fault(kind, self._fault, retry_after=left)
        self._until = time.monotonic() + self._pause

    def worked(self) -> None:
        """It took something."""
        self._failures = 0
        if self._until is not None:
            self._until, self._pause, self._operators = None, PAUSE, False
            event("upstream.up", upstream=self._upstream.name)
            self._tell(None)

    def failed(self, fault: Fault) -> None:
        """It did not."""
        if fault.kind not in {Kind.DOWN, Kind.UNCLEAR, Kind.OPERATOR}:
            self._failures = 0
            return
        self._failures += 1
        self._operators = fault.kind is Kind.OPERATOR
        if self._failures < TRIPS and not self._operators:
            return
        again = self._until is not None
        self._pause = min(2 * self._pause, PAUSE_MAX) if again else PAUSE
        self._until = time.monotonic() + self._pause * (0.8 + 0.4 * random.random())  # noqa: S311 - jitter
        self._fault = f"{fault.message} ({fault.code})" if fault.code else fault.message
        event("upstream.down", upstream=self._upstream.name, error=self._fault, seconds=round(self._pause))
        self._tell(self._fault)


class Pace:
    """So many creations a minute, a tenth of them at once. Generic cell rate algorithm, ITU-T I.371."""

    def __init__(self, rpm: int) -> None:
        self._step = 60.0 / rpm
        self._spare = self._step * max(1, int(rpm * BURST))
        self._next = 0.0

    async def wait(self) -> None:
        """Until one more may go."""
        now = time.monotonic()
        self._next = max(self._next, now - self._spare) + self._step
        await asyncio.sleep(max(0.0, self._next - now))

    def hold(self, seconds: float) -> None:
        """The upstream wants to be left alone."""
        self._next = max(self._next, time.monotonic() + seconds)


class Places:
    """Films of each model that may be in the upstream's hands at once."""

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()
        self._left = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def one(self, model: str, *, at_once: bool) -> AsyncIterator[None]:
        """A place for the length of the block. `at_once`: the upstream has the film already, it counts and does not wait."""
        async with self._left:
            if not at_once and self._most is not None:
                most = self._most
                await self._left.wait_for(lambda: self._taken[model] < most)
            self._taken[model] += 1
        try:
            yield
        finally:
            self._taken[model] -= 1
            if self._most is not None:
                async with self._left:
                    self._left.notify()
