"""One event function; the log, and later metrics and traces, subscribe to it."""

from __future__ import annotations

import contextlib
import contextvars
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol


class Subscriber(Protocol):
    """Something that wants to know."""

    def __call__(self, name: str, fields: dict[str, Any]) -> None:
        """Take one event. Must not raise and must not block."""


_subscribers: list[Subscriber] = []
_context: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("kineograph_context", default=None)


def subscribe(subscriber: Subscriber) -> Callable[[], None]:
    """Send every event to it from now on. Returns the way to stop."""
    _subscribers.append(subscriber)
    return lambda: _subscribers.remove(subscriber)


def event(name: str, **fields: Any) -> None:
    """Say that something happened: `task.started`, `image.fetched`… Never prompts, image URLs or data URIs."""
    if _subscribers:
        known = {**(_context.get() or {}), **fields}
        for subscriber in list(_subscribers):
            subscriber(name, known)


@contextlib.contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """Add fields (request_id, task_id) to every event of this context."""
    token = _context.set({**(_context.get() or {}), **fields})
    try:
        yield
    finally:
        _context.reset(token)


@contextlib.contextmanager
def span(name: str, **fields: Any) -> Iterator[None]:
    """An event when it is over, with `seconds` and, if it failed, the error's class."""
    start = time.perf_counter()
    try:
        yield
    except BaseException as error:
        event(name, seconds=round(time.perf_counter() - start, 4), error=type(error).__name__, **fields)
        raise
    event(name, seconds=round(time.perf_counter() - start, 4), **fields)
