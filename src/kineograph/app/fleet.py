"""The fleet from the command line: on the database itself, while servers run or not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from kineograph.api.admin import ALL, STATES, known_queue, show_queues, show_workers, want
from kineograph.app.parts import opened
from kineograph.core.fleet import Fleet, Wanted
from kineograph.settings import Settings

Rows = Sequence[Mapping[str, Any]]  # as the wire shows them


def list_workers(settings: Settings) -> Rows:
    """All that are worth a look."""
    return _with(settings, show_workers)


def want_workers(settings: Settings, which: str | None, drained: bool) -> Rows:
    """Drain or resume a worker, a host's, or (None) all; how they are now. Raises NotFound."""

    async def tell(fleet: Fleet) -> Rows:
        await want(fleet, which or ALL, Wanted.DRAINED if drained else Wanted.UP)
        return await show_workers(fleet)

    return _with(settings, tell)


def list_queues(settings: Settings) -> Rows:
    """All of them."""
    return _with(settings, show_queues)


def tell_queue(settings: Settings, name: str, word: str) -> Rows:
    """Say `pause`, `resume` or `drain` to a queue; how they are now. Raises NotFound."""

    async def tell(fleet: Fleet) -> Rows:
        await fleet.set_state(await known_queue(fleet, name), STATES[word])
        return await show_queues(fleet)

    return _with(settings, tell)


def cap_queue(settings: Settings, name: str, cap: int | None) -> Rows:
    """How many of its films may run at once; how queues are now. Raises NotFound."""

    async def tell(fleet: Fleet) -> Rows:
        await fleet.set_cap(await known_queue(fleet, name), cap)
        return await show_queues(fleet)

    return _with(settings, tell)


def _with(settings: Settings, verb: Callable[[Fleet], Awaitable[Rows]]) -> Rows:
    async def run() -> Rows:
        async with opened(settings) as parts:
            return await verb(parts.fleet)

    return asyncio.run(run())
