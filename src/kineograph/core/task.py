"""A task's life: its states, the table of allowed changes, and what is kept about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kineograph.core.pricing import Cost, Usage
from kineograph.core.request import VideoRequest


class Status(StrEnum):
    """Where a task stands. Dialects have their own words for these five."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


# The only changes there are. running -> queued: a retry after a failed attempt, or a hand-back by a draining worker.
TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.RUNNING, Status.CANCELLED, Status.FAILED}),
    Status.RUNNING: frozenset({Status.QUEUED, Status.SUCCEEDED, Status.FAILED, Status.CANCELLED}),
    Status.SUCCEEDED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELLED: frozenset(),
}
TERMINAL = frozenset(status for status, following in TRANSITIONS.items() if not following)
MAX_ATTEMPTS = 3
# Phases in which an upstream does the work, known by its resume token: our worker only waits, so its death is no attempt.
ELSEWHERE = frozenset({"starting", "submitting", "waiting", "rendering"})
FETCH_QUEUE = "fetch"  # images are fetched before the render slot is taken, so one slow image server holds no worker


@dataclass(frozen=True, slots=True)
class Video:
    """A finished film, as measured, and where its files are.

    Attributes:
        file: Name of the MP4 in the file store.
        poster: Name of the JPEG in the file store.
        last_frame: Name of the PNG in the file store, where asked for.
        duration: Seconds, measured.
        bytes: Size of the MP4.
        sha256: Of the MP4, hexadecimal.
        facts: What the engine said about it: scene, unmatched, ignored, upstream cost…
    """

    file: str
    poster: str
    width: int
    height: int
    fps: float
    frames: int
    duration: float
    bytes: int
    sha256: str
    last_frame: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)  # JSON: the engine's own words meet the wire here


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a task failed.

    Attributes:
        reason: A stable snake_case word: `image_unreachable`, `time_limit`, `worker_died`, `engine_failed`…
        message: A sentence for the caller; no stack trace, no path.
        retryable: Whether another attempt can help.
        status: The HTTP-like class the native dialect shows as `error.code`: 400 the caller's, 500 ours, 503 out of time.
    """

    reason: str
    message: str
    retryable: bool = False
    status: int = 500


@dataclass(frozen=True, slots=True)
class Task:
    """One generation, from submit to the end of its retention. The row callers see.

    Attributes:
        id: `task_` + ULID.
        engine: What makes it.
        queue: Where its ticket waits: the engine's name, or the own queue of a `kineo generate`. Tickets of tasks whose
            images are still to be fetched wait in FETCH_QUEUE first.
        attempt: How many times it was started; with `worker` the fencing token of a claim.
        progress: 0…1, never falls.
        phase: What the worker is doing, in one word.
        sequence: Grows by one with every change; event ids and ETags come from it.
        resume_token: An upstream's own id, kept before waiting, so that a restarted worker polls instead of paying twice.
        cost: Where its model has a price: reserved while it is unfinished, then charged.
        created_at … finished_at, files_expired_at: Unix seconds.
    """

    id: str
    account_id: str
    key_id: str
    request: VideoRequest
    engine: str
    queue: str
    status: Status = Status.QUEUED
    attempt: int = 0
    worker: str | None = None
    progress: float = 0.0
    phase: str = "queued"
    sequence: int = 1
    cancel_requested: bool = False
    resume_token: str | None = None
    created_at: float = 0.0
    started_at: float | None = None
    finished_at: float | None = None
    updated_at: float = 0.0
    video: Video | None = None
    failure: Failure | None = None
    usage: Usage | None = None
    cost: Cost | None = None
    files_expired_at: float | None = None
    queue_position: int | None = None

    @property
    def deadline(self) -> float | None:
        """Unix seconds at which it fails if it is not finished; None = it has time."""
        return None if self.request.expires_after is None else self.created_at + self.request.expires_after

    @property
    def finished(self) -> bool:
        """True once no further change is possible."""
        return self.status in TERMINAL
