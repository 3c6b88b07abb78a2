"""What is made once every so many frames and shared by all the frames between."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class KeyFrames(Generic[T]):
    """Things by number, made once each by whoever needs one first. Thread-safe.

    Args:
        make: Of a number; a pure function, so that one that was forgotten can be made again.
        keep: How many are in memory.
    """

    def __init__(self, make: Callable[[int], T], keep: int) -> None:
        self._make = make
        self._keep = keep
        self._lock = threading.Lock()
        self._made: dict[int, Future[T]] = {}

    def at(self, number: int) -> T:
        """The one of this number; waits if another thread is at it."""
        with self._lock:
            future = self._made.get(number)
            mine = future is None
            if future is None:
                future = self._made[number] = Future()
                while len(self._made) > self._keep:
                    self._made.pop(next(iter(self._made)))
        if mine:
            try:
                future.set_result(self._make(number))
            except Exception as error:
                future.set_exception(error)
                raise
        return future.result()
