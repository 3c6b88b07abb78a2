"""A task as a video object of OpenAI's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kineograph.api.ids import video_id
from kineograph.api.render import number, shown_status
from kineograph.core.request import ADAPTIVE, FPS, OPENAI, size_of
from kineograph.core.task import Status, Task

WORDS: Mapping[Status, str] = {
    Status.QUEUED: "queued",
    Status.RUNNING: "in_progress",
    Status.SUCCEEDED: "completed",
    Status.FAILED: "failed",
    Status.CANCELLED: "failed",  # the error's code says which
}


def render(task: Task) -> dict[str, Any]:
    """The video object. Keys that do not apply are null, as clients of this dialect expect."""
    request, status = task.request, shown_status(task)
    done = status is Status.SUCCEEDED
    return {
        "id": video_id(task.id),
        "object": "video",
        "model": name_of(task),
        "status": WORDS[status],
        "progress": 100 if done else min(99, int(task.progress * 100)),
        "created_at": int(task.created_at),
        "completed_at": int(task.finished_at) if done and task.finished_at is not None else None,
        "expires_at": int(task.files_expired_at) if task.files_expired_at is not None else None,
        "prompt": request.prompt,
        "seconds": str(number(request.frames / FPS)),
        "size": _size(task),
        "seed": request.seed,
        "remixed_from_video_id": video_id(request.remix_of) if request.remix_of is not None else None,
        "error": _error(task),
    }


def name_of(task: Task) -> str:
    """The model as the caller called it, else as the catalogue does."""
    return (task.request.called if task.request.dialect == OPENAI else None) or task.request.model


def _size(task: Task) -> str | None:
    """As made, or as it will be; unknown before the image is there whose shape it takes."""
    if task.video is not None:
        return f"{task.video.width}x{task.video.height}"
    if task.request.aspect_ratio == ADAPTIVE:
        return None
    width, height = size_of(task.request.resolution, task.request.aspect_ratio)
    return f"{width}x{height}"


def _error(task: Task) -> dict[str, str] | None:
    if task.status is Status.CANCELLED:
        return {"code": "cancelled", "message": "the video was cancelled before it was finished"}
    return {"code": task.failure.reason, "message": task.failure.message} if task.failure is not None else None
