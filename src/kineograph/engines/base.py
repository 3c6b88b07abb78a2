"""The whole contract of an engine: an Order in, a Made out. One that only waits says a little more: LoopEngine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from kineograph.core.request import Role, VideoRequest


class Report(Protocol):
    """Tell how far the order is. Awaiting it is also where a withdrawn order stops."""

    async def __call__(self, progress: float, phase: str, resume_token: str | None = None) -> None:
        """
        Args:
            progress: 0…1 of this attempt; what callers see never falls.
            phase: One word: compiling, building, rendering, encoding…
            resume_token: The upstream's id of the work, said *before* waiting for it.

        Raises:
            Interrupted: the order is withdrawn. Let it through.
        """


async def _nowhere(_jpeg: bytes) -> None:
    """A preview nobody looks at."""


@dataclass(frozen=True, slots=True)
class Order:
    """Everything an engine needs, and nothing else.

    Attributes:
        request: As asked; `width` and `height` settle ADAPTIVE.
        width, height: Pixels of the film, even.
        images: Local, decoded-checked image files by role, already cropped to no particular size.
        options: The catalogue row's, e.g. {"tier": "quality"}.
        folder: Empty, the order's own; everything the engine writes goes here.
        attempt: 1 for the first.
        resume_token: What an earlier attempt reported, if any.
        task_id: Whose order it is: the promise to an upstream that two creations are the same one.
    """

    request: VideoRequest
    width: int
    height: int
    folder: Path
    report: Report
    images: Mapping[Role, Path] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    attempt: int = 1
    resume_token: str | None = None
    task_id: str = ""
    preview: Callable[[bytes], Awaitable[None]] = _nowhere


@dataclass(frozen=True, slots=True)
class Made:
    """What an engine hands back: files in the order's folder and facts for the caller (JSON)."""

    video: Path
    last_frame: Path | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)  # shown on the wire as they are


class Engine(Protocol):
    """Makes films. `runs` says how: `child` in a process of its own that can be killed, one order at a time;
    `loop` many orders in one event loop, cancelled cooperatively."""

    name: str
    runs: Literal["child", "loop"]
    concurrency: int

    async def make(self, order: Order) -> Made:
        """Make the film.

        Raises:
            EngineError: it failed; `retryable` says whether another attempt can help.
        """
        ...


@runtime_checkable
class LoopEngine(Engine, Protocol):
    """One that waits for somebody else's work. Its orders may be cancelled at any await, also to go on in another process."""

    def shut(self, resume_token: str | None) -> str | None:
        """Why a task with this token would not be taken just now; None if it would be tried."""
        ...

    async def withdraw(self, resume_token: str) -> None:
        """The caller does not want it any more: stop it where that is possible. Raises EngineError."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
