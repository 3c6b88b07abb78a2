"""While the database is away, one caller tries and the others are told at once."""

from __future__ import annotations

import threading
import time

from kineograph.core.errors import Unavailable

PAUSE = 0.5  # seconds between a failure and the next try
PROBE = 5.0  # seconds that a try has before another may begin


class Breaker:
    """Remembers whether the database answered last. Without it a hung server would hold every caller for seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: float | None = None  # when the next may try; None: it answered

    def check(self) -> None:
        """Before a call. Raises Unavailable if the database is away and somebody else is trying, or just did."""
        if self._next is None:
            return
        with self._lock:
            now = time.monotonic()
            if self._next is not None and now < self._next:
                raise Unavailable("the database is not available; try again in a moment", retry_after=2)
            self._next = now + PROBE

    def worked(self) -> None:
        """It answered."""
        if self._next is not None:
            with self._lock:
                self._next = None

    def failed(self) -> None:
        """It did not."""
        with self._lock:
            self._next = time.monotonic() + PAUSE
