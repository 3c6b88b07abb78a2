"""What the server tells, as values with types. Whatever it tells besides is in `raw`; what it does not tell is None."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from kineograph.client import display
from kineograph.client.errors import NotUnderstood

Raw = Mapping[str, Any]  # the wire's JSON
FINISHED = frozenset({"completed", "failed", "cancelled"})
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something the server told; `raw` holds all of it."""

    raw: Raw = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a task failed.

    Attributes:
        message: A sentence for a person.
        reason: A machine word such as `image_unreachable`, where the server has one.
        code: HTTP-like: 400 = the request's fault, 500 = theirs.
    """

    message: str
    reason: str | None = None
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Video:
    """A finished film on the server.

    Attributes:
        url: Needs no key; dies at `expires_at` (Unix seconds). A fresh one comes with every look at the task.
        bytes, sha256: Of the MP4, where the server tells.
    """

    url: str
    expires_at: int | None = None
    thumbnail_url: str | None = None
    last_frame_url: str | None = None
    bytes: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Task(Told):
    """One generation, as it was when it was asked for.

    Attributes:
        status: pending, processing, completed, failed or cancelled.
        progress: 0…100.
        phase: What is being done, in a word.
        created, finished_at: Unix seconds.
        estimated_time, actual_time: Seconds.
        unmatched: Words of the prompt that nothing in the film shows.
        ignored: Names of request fields the server did not know.
        simulated: What was simulated, if it was; see docs/howto/test-your-app.md.
    """

    id: str
    status: str
    progress: int = 0
    phase: str | None = None
    model: str | None = None
    engine: str | None = None
    prompt: str | None = None
    seed: int | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    frames: int | None = None
    duration: float | None = None
    created: int | None = None
    finished_at: int | None = None
    estimated_time: int | None = None
    actual_time: int | None = None
    queue_position: int | None = None
    cost: float | None = None
    video: Video | None = None
    error: Failure | None = None
    unmatched: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict, compare=False)
    simulated: str | None = None

    @property
    def finished(self) -> bool:
        """True once nothing will change any more."""
        return self.status in FINISHED

    @classmethod
    def of(cls, data: Any) -> Task:
        """From `data` of GET /v1/tasks/{id}. Raises NotUnderstood where even id or status are missing."""
        if not isinstance(data, dict):
            raise NotUnderstood("the server's answer holds no task")
        task_id, status = _text(data, "id") or _text(data, "task_id"), _text(data, "status")
        if task_id is None or status is None:
            raise NotUnderstood("the server's answer holds a task without id or status")
        progress = 100 if status == "completed" else min(100, max(0, _whole(data, "progress") or 0))
        return cls(
            id=task_id,
            status=status,
            progress=progress,
            **{name: _text(data, name) for name in ("phase", "model", "engine", "prompt", "simulated")},  # type: ignore[arg-type]  # names and kinds agree
            **{name: _whole(data, name) for name in _WHOLE},  # type: ignore[arg-type]  # likewise
            **{name: _number(data, name) for name in ("fps", "duration", "cost")},  # type: ignore[arg-type]  # likewise
            finished_at=_whole(data, "completed"),
            video=_video(data),
            error=_failure(data.get("error")),
            unmatched=_words(data.get("unmatched")),
            ignored=_words(data.get("ignored")),
            metadata=data["metadata"] if isinstance(data.get("metadata"), dict) else {},
            raw=data,
        )

    def __str__(self) -> str:
        why = self.error.message if self.error is not None else self.phase
        return f"{self.id} {self.status} {self.progress} %{f' ({why})' if why and why != self.status else ''}"

    def _repr_html_(self) -> str:
        return display.task(self)


_WHOLE = (
    "seed",
    "width",
    "height",
    "frames",
    "created",
    "estimated_time",
    "actual_time",
    "queue_position",
)


@dataclass(frozen=True, slots=True)
class Film:
    """A film on this machine, and the task it came from. A notebook plays it."""

    path: Path
    task: Task

    def _repr_html_(self) -> str:
        return display.film(self)


@dataclass(frozen=True, slots=True)
class Model(Told):
    """What is offered under a name.

    Attributes:
        can: Of text_to_video, first_frame, last_frame, reference, cancel, progress, where the server tells.
        durations: Shortest and longest, seconds.
    """

    id: str
    description: str | None = None
    engine: str | None = None
    can: frozenset[str] = frozenset()
    durations: tuple[int, int] | None = None
    resolutions: tuple[str, ...] = ()
    aspect_ratios: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: Any) -> Model:
        """From a row of GET /v1/models. Raises NotUnderstood."""
        if not isinstance(data, dict) or (name := _text(data, "id")) is None:
            raise NotUnderstood("the server's list of models holds something without an id")
        limits, able = _object(data, "limits"), _object(data, "capabilities")
        span = _object(limits, "duration")
        shortest, longest = _whole(span, "min"), _whole(span, "max")
        return cls(
            id=name,
            description=_text(data, "description"),
            engine=_text(data, "engine"),
            can=frozenset(word for word, yes in able.items() if yes is True),
            durations=(shortest, longest) if shortest is not None and longest is not None else None,
            resolutions=_words(limits.get("resolutions")),
            aspect_ratios=_words(limits.get("aspect_ratios")),
            raw=data,
        )


@dataclass(frozen=True, slots=True)
class Balance(Told):
    """What is left, in the server's currency; None = as much as you like."""

    remaining: float | None
    used: float | None = None

    @classmethod
    def of(cls, data: Raw) -> Balance:
        """From GET /v1/balance."""
        unlimited = data.get("unlimited_quota") is True
        return cls(None if unlimited else _number(data, "remain_balance"), _number(data, "used_balance"), raw=data)


@dataclass(frozen=True, slots=True)
class Quote(Told):
    """What a film would cost; None where its model has no price."""

    cost: float | None
    currency: str | None = None
    estimated_time: int | None = None

    @classmethod
    def of(cls, data: Any) -> Quote:
        """From POST /v1/videos/generations/quote."""
        told = data if isinstance(data, dict) else {}
        return cls(_number(told, "cost"), _text(told, "currency"), _whole(told, "estimated_time"), raw=told)


@dataclass(frozen=True, slots=True)
class Upload(Told):
    """An image on the server; give `url` as first_frame, last_frame or reference."""

    url: str
    content_type: str | None = None
    bytes: int | None = None

    @classmethod
    def of(cls, data: Raw) -> Upload:
        """From POST /v1/uploads/images. Raises NotUnderstood."""
        if (url := _text(data, "url")) is None:
            raise NotUnderstood("the server took the image and told no URL of it")
        return cls(url, _text(data, "content_type"), _whole(data, "bytes"), raw=data)


@dataclass(frozen=True, slots=True)
class Event:
    """One change of a task.

    Attributes:
        id: Give the last one you saw as `after` to go on from there.
        task: As it stood then.
    """

    id: str
    task: Task


def _video(data: Raw) -> Video | None:
    result = _object(data, "result")
    videos = result.get("videos")
    first = videos[0] if isinstance(videos, list) and videos and isinstance(videos[0], dict) else {}
    url = first.get("url")
    url = url[0] if isinstance(url, list) and url else url
    if not isinstance(url, str):
        return None
    return Video(
        url,
        _whole(first, "expires_at"),
        _text(result, "thumbnail_url"),
        _text(result, "last_frame_url"),
        _whole(data, "bytes"),
        _text(data, "sha256"),
    )


def _failure(error: Any) -> Failure | None:
    if isinstance(error, str) and error:
        return Failure(error)
    if not isinstance(error, dict) or not error:
        return None
    return Failure(_text(error, "message") or "it failed", _text(error, "reason"), _whole(error, "code"))


def _object(data: Raw, name: str) -> Raw:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _text(data: Raw, name: str) -> str | None:
    found = data.get(name)
    return found if isinstance(found, str) and found else None


def _number(data: Raw, name: str) -> float | None:
    found = data.get(name)
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def _whole(data: Raw, name: str) -> int | None:
    found = _number(data, name)
    return int(found) if found is not None else None


def _words(found: Any) -> tuple[str, ...]:
    return tuple(word for word in found if isinstance(word, str)) if isinstance(found, list) else ()
