"""The price table as submits see it: asked for at most once a second."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from kineograph.core.errors import Unavailable
from kineograph.core.ledger import Ledger
from kineograph.core.pricing import PriceTable

FRESH = 1.0  # seconds that a table is taken as it was: a change holds everywhere within this time


class Prices:
    """The table that holds now.

    Args:
        clock: Seconds.
    """

    def __init__(self, ledger: Ledger, clock: Callable[[], float] = time.monotonic) -> None:
        self._ledger = ledger
        self._clock = clock
        self._table: PriceTable | None = None
        self._until = 0.0

    async def __call__(self) -> PriceTable:
        """The table. Raises Unavailable only where none was ever seen: a submit finds out by itself that the database is away."""
        if self._table is None:
            self._table = await self._ledger.prices()
            self._until = self._clock() + FRESH
        elif self._clock() >= self._until:
            with contextlib.suppress(Unavailable):
                self._table = await self._ledger.prices()
            self._until = self._clock() + FRESH
        return self._table


async def free() -> PriceTable:
    """No prices."""
    return PriceTable()
