"""A task as the native dialect shows it: pure, keys that do not apply are absent."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from typing import Any

from kineograph.api.errors import error_object
from kineograph.api.links import Links
from kineograph.core import money
from kineograph.core.errors import UnknownModel
from kineograph.core.models import Catalogue
from kineograph.core.names import preview_name
from kineograph.core.ports import Event
from kineograph.core.pricing import Cost
from kineograph.core.request import ADAPTIVE, FPS, PRIORITY, VideoRequest, size_of
from kineograph.core.task import TERMINAL, Failure, Status, Task, Video

LANGUAGES = ("en", "zh", "ja", "ko")

WORDS: Mapping[Status, str] = {
    Status.QUEUED: "pending",
    Status.RUNNING: "processing",
    Status.SUCCEEDED: "completed",
    Status.FAILED: "failed",
    Status.CANCELLED: "cancelled",
}
STATUSES: Mapping[str, Status] = {word: status for status, word in WORDS.items()}

_MESSAGES: Mapping[str, Mapping[str, str]] = tomllib.loads(
    resources.files("kineograph.api").joinpath("messages.toml").read_text("utf-8")
)
PROMPT_SHOWN = 500  # characters of a prompt in a list; a page of the longest would be 3 MB
_FULL = 1920 * 1088  # pixels; models state their estimate for 5 s of 1080p 16:9


def render(task: Task, links: Links, now: float, language: str = "en", estimate: int = 60) -> dict[str, Any]:
    """`data` of GET /v1/tasks/{id}.

    Args:
        now: Unix seconds; result links live from then on.
        language: Of messages, one of LANGUAGES.
        estimate: The model's typical seconds for 5 s of 1080p.
    """
    data: dict[str, Any] = {
        "id": task.id,
        "status": word(task),
        "progress": 100 if task.status is Status.SUCCEEDED else min(99, int(task.progress * 100)),
        "created": int(task.created_at),
        "updated": int(task.updated_at),
        "estimated_time": estimated(task.request, estimate),
    }
    if task.status is Status.SUCCEEDED:
        data |= _completed(task, links, now)
    elif task.status is Status.FAILED and task.failure is not None:
        data["error"] = _error(task.failure, language)
    elif not task.finished:
        data["phase"] = "cancelling" if task.cancel_requested else task.phase
        if data["status"] == "pending" and task.queue_position is not None:
            data["queue_position"] = task.queue_position
        if task.status is Status.RUNNING and task.phase != "starting":
            data["preview_url"] = links.file(preview_name(task.id, task.attempt), int(now) + links.ttl)
    return data | costs(task.cost) | _made(task) | _about(task)


def costs(cost: Cost | None) -> dict[str, Any]:
    """What a film costs, where its model has a price."""
    if cost is None:
        return {}
    return {"cost": money.number(cost.amount), "credits_cost": money.number(cost.amount * money.CREDITS)}


def brief(data: dict[str, Any]) -> dict[str, Any]:
    """The same for a list: of long words only the beginning."""
    if len(data["prompt"]) > PROMPT_SHOWN:
        data["prompt"] = data["prompt"][: PROMPT_SHOWN - 1] + "…"
    return data


def as_it_stood(task: Task, change: Event) -> Task:
    """The task at the change: what came later is taken back."""
    if change.sequence >= task.sequence:
        return task
    over = change.status in TERMINAL
    return replace(
        task,
        status=change.status,
        progress=change.progress,
        phase=change.phase,
        attempt=change.attempt,
        sequence=change.sequence,
        updated_at=change.at,
        video=task.video if over else None,
        usage=task.usage if over else None,
        cancel_requested=False,
        started_at=task.started_at if change.attempt else None,
        queue_position=None,
    )


def word(task: Task) -> str:
    """The dialect's word for where a task stands."""
    return WORDS[shown_status(task)]


def shown_status(task: Task) -> Status:
    """Where a task stands for its caller: one that was begun and waits for another attempt is running still."""
    again = task.status is Status.QUEUED and (task.attempt > 0 or task.started_at is not None)
    return Status.RUNNING if again else task.status


def patience(task: Task) -> int:
    """Seconds until asking again makes sense: longer at the back of a queue."""
    return min(30, 2 + (task.queue_position or 0) // 4)


def estimated(request: VideoRequest, estimate: int) -> int:
    """Whole seconds from start to finish, from the model's figure, the length and the size."""
    width, height = _size(request) or size_of(request.resolution, "16:9")
    return max(1, math.ceil(estimate * request.duration / 5 * width * height / _FULL))


def estimate_of(catalogue: Catalogue, task: Task) -> int:
    """The estimate of the task's model; a middling one if the operator took it out of the catalogue since."""
    try:
        return catalogue.find(task.request.model).estimate
    except UnknownModel:
        return 60


def _size(request: VideoRequest) -> tuple[int, int] | None:
    return None if request.aspect_ratio == ADAPTIVE else size_of(request.resolution, request.aspect_ratio)


def _completed(task: Task, links: Links, now: float) -> dict[str, Any]:
    finished = int(task.finished_at or now)
    data: dict[str, Any] = {"completed": finished, "actual_time": max(0, finished - int(task.created_at))}
    if task.files_expired_at is not None or task.video is None:
        gone = {"files_expired_at": int(task.files_expired_at)} if task.files_expired_at is not None else {}
        return data | {"result": {"videos": []}} | gone
    expires = int(now) + lives(task, links)
    result: dict[str, Any] = {
        "videos": [{"url": [links.file(task.video.file, expires)], "expires_at": expires}],
        "thumbnail_url": links.file(task.video.poster, expires),
    }
    if task.video.last_frame is not None:
        result["last_frame_url"] = links.file(task.video.last_frame, expires)
    return data | {"result": result}


def lives(task: Task, links: Links) -> int:
    """Seconds its links live."""
    asked = task.request.simulation.expire
    return links.ttl if asked is None else asked


def _error(failure: Failure, language: str) -> dict[str, Any]:
    message = failure.message if language == "en" else _MESSAGES.get(failure.reason, {}).get(language, failure.message)
    return error_object(failure.status, message, None, failure.reason)


def _made(task: Task) -> dict[str, Any]:
    """The film's measures: as made, or as they will be."""
    if task.video is not None:
        return _measured(task.video) | _usage(task)
    size = _size(task.request)
    known = {"width": size[0], "height": size[1]} if size is not None else {}
    frames = task.request.frames
    return known | {"fps": FPS, "frames": frames, "duration": number(frames / FPS)} | _usage(task)


def _measured(video: Video) -> dict[str, Any]:
    return {
        "width": video.width,
        "height": video.height,
        "fps": number(video.fps),
        "frames": video.frames,
        "duration": number(video.duration),
        "bytes": video.bytes,
        "sha256": video.sha256,
    }


def number(value: float) -> int | float:
    """24.0 -> 24: clients that know the seed expect whole seconds and frame rates."""
    return int(value) if float(value).is_integer() else round(value, 3)


def _usage(task: Task) -> dict[str, Any]:
    if task.usage is not None:
        return {"usage": {"seconds": number(task.usage.seconds), "tokens": task.usage.tokens}}
    # Only finished films count: a cancelled task says that it used nothing.
    return {"usage": {"seconds": 0, "tokens": 0}} if task.status is Status.CANCELLED else {}


def _about(task: Task) -> dict[str, Any]:
    facts = dict(task.video.facts) if task.video is not None else {}
    unused = [name for name in facts.get("ignored", ()) if name not in task.request.ignored]
    extras = {
        "ignored": [*task.request.ignored, *unused],
        "unmatched": facts.get("unmatched"),
        "scene": facts.get("scene"),
        "metadata": dict(task.request.metadata),
        "start_at": task.request.start_at,
        "simulated": task.request.simulated,
    }
    return {
        "model": task.request.model,
        "engine": task.engine,
        "prompt": task.request.prompt,
        "aspect_ratio": task.request.aspect_ratio,
        "resolution": task.request.resolution,
        "seed": task.request.seed,
        "attempt": task.attempt,
        **({"priority": task.request.priority} if task.request.priority != PRIORITY else {}),
    } | {name: value for name, value in extras.items() if value}
