"""A task as Ark shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kineograph.api.ark_errors import failure_code
from kineograph.api.ids import ark_id
from kineograph.api.links import Links
from kineograph.api.render import lives, shown_status
from kineograph.core.errors import UnknownModel
from kineograph.core.models import Catalogue
from kineograph.core.request import ARK, EXPIRED, FPS, ratio_of
from kineograph.core.task import Status, Task, Video

WORDS: Mapping[Status, str] = {status: str(status) for status in Status}


def render(task: Task, links: Links, now: float, catalogue: Catalogue) -> dict[str, Any]:
    """The body of GET …/tasks/{id}. While unfinished only what is known.

    Args:
        now: Unix seconds; links live from then on.
    """
    data: dict[str, Any] = {
        "id": ark_id(task.id),
        "model": name_of(task, catalogue),
        "status": word(task),
        "created_at": int(task.created_at),
        "updated_at": int(task.updated_at),
        "service_tier": "flex" if task.request.flex else "default",
    }
    if task.request.expires_after is not None:
        data["execution_expires_after"] = task.request.expires_after
    if task.finished:
        failure = task.failure
        data["error"] = {"code": failure_code(failure), "message": failure.message} if failure is not None else None
    if task.video is not None:
        data |= _made(task, task.video, links, int(now) + lives(task, links))
    return data


def word(task: Task) -> str:
    """Ark's word for where a task stands."""
    late = task.status is Status.FAILED and task.failure is not None and task.failure.reason == EXPIRED
    return EXPIRED if late else WORDS[shown_status(task)]


def name_of(task: Task, catalogue: Catalogue) -> str:
    """The model as the caller called it, else by its first name here."""
    if task.request.dialect == ARK:
        return task.request.called or task.request.model
    try:
        return next(iter(catalogue.find(task.request.model).aliases), task.request.model)
    except UnknownModel:  # the operator took it out of the catalogue since
        return task.request.model


def _made(task: Task, video: Video, links: Links, expires: int) -> dict[str, Any]:
    kept = task.files_expired_at is None
    # Clients take `.video_url` without looking: an empty one tells them more than a crash.
    content = {"video_url": links.file(video.file, expires) if kept else ""}
    if video.last_frame is not None and kept:
        content["last_frame_url"] = links.file(video.last_frame, expires)
    request, used = task.request, task.usage.tokens if task.usage is not None else 0
    length = {"duration": request.duration} if request.frame_count is None else {"frames": request.frame_count}
    return {
        "content": content,
        "seed": request.seed,
        "resolution": request.resolution,
        "ratio": ratio_of(video.width, video.height),
        **length,
        "framespersecond": FPS,
        "usage": {"completion_tokens": used, "total_tokens": used},
    }
