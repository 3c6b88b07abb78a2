"""Tasks as rows and back: what a request, a video and a failure look like in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from kineograph.core.ports import Event
from kineograph.core.pricing import Cost, Per, Usage
from kineograph.core.request import PRIORITY_MAX, ImageInput, Role, VideoRequest
from kineograph.core.task import FETCH_QUEUE, Failure, Status, Task, Video
from kineograph.store.prepared import Record

_FIELDS = [field.name for field in fields(VideoRequest)]
# Written only where they say something: rows stay readable for nodes of the version before, which do not know them, and
# stay small. Their values cannot be mistaken for a caller's words, see store/queries.py.
_RARE = {
    field.name: field.default
    for field in fields(VideoRequest)
    if field.name
    in {
        "frame_count",
        "flex",
        "expires_after",
        "dialect",
        "called",
        "remix_of",
        "callback_events",
        "base_url",
        "simulated",
    }
}


def columns_of(task: Task) -> dict[str, Any]:
    """Values of all columns that a task fills when it arrives."""
    request = task.request
    return {
        "id": task.id,
        "account_id": task.account_id,
        "key_id": task.key_id,
        "model": request.model,
        "engine": task.engine,
        "queue": task.queue,
        "request": request_json(request),
        "turn": PRIORITY_MAX - request.priority,
        "created_at": task.created_at,
        **changing(task),
    }


def changing(task: Task) -> dict[str, Any]:
    """Values of the columns that change in a task's life."""
    return {
        "status": str(task.status),
        "attempt": task.attempt,
        "worker": task.worker,
        "progress": task.progress,
        "phase": task.phase,
        "sequence": task.sequence,
        "cancel_requested": task.cancel_requested,
        "resume_token": task.resume_token,
        "started_at": task.started_at,
        "finished_at": task.finished_at,
        "updated_at": task.updated_at,
        "video": task.video and _dump(asdict(task.video)),
        "failure": task.failure and _dump(asdict(task.failure)),
        "usage_seconds": task.usage and task.usage.seconds,
        "usage_tokens": task.usage and task.usage.tokens,
        "cost": task.cost and _dump(asdict(task.cost)),
        "files_expired_at": task.files_expired_at,
    }


def event_of(task: Task) -> dict[str, Any]:
    """Values of the row that tells of the task's last change."""
    return {
        "task_id": task.id,
        "account_id": task.account_id,
        "sequence": task.sequence,
        "status": str(task.status),
        "progress": task.progress,
        "phase": task.phase,
        "attempt": task.attempt,
        "at": task.updated_at,
    }


def task_from(row: Record, queue_position: int | None = None) -> Task:
    """The task of a row of `tasks`."""
    return Task(
        id=row.id,
        account_id=row.account_id,
        key_id=row.key_id,
        request=_request(json.loads(row.request)),
        engine=row.engine,
        queue=row.queue,
        status=Status(row.status),
        attempt=row.attempt,
        worker=row.worker,
        progress=row.progress,
        phase=row.phase,
        sequence=row.sequence,
        cancel_requested=bool(row.cancel_requested),
        resume_token=row.resume_token,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        updated_at=row.updated_at,
        video=Video(**json.loads(row.video)) if row.video else None,
        failure=Failure(**json.loads(row.failure)) if row.failure else None,
        usage=Usage(row.usage_seconds, row.usage_tokens) if row.usage_tokens is not None else None,
        cost=_cost(json.loads(row.cost)) if row.cost else None,
        files_expired_at=row.files_expired_at,
        queue_position=queue_position,
    )


def event_from(row: Record) -> Event:
    """The event of a row of `events`."""
    return Event(
        id=row.id,
        task_id=row.task_id,
        account_id=row.account_id,
        sequence=row.sequence,
        status=Status(row.status),
        progress=row.progress,
        phase=row.phase,
        attempt=row.attempt,
        at=row.at,
    )


def waits_in(task: Task) -> str:
    """The queue for the task's next ticket."""
    fetched = all(image.source.startswith("file:") for image in task.request.images)
    return task.queue if fetched else FETCH_QUEUE


def inputs_of(request: VideoRequest) -> list[str]:
    """Names of the files in our own store that the request needs."""
    return sorted({image.source[5:] for image in request.images if image.source.startswith("file:")})


def request_json(request: VideoRequest) -> str:
    """The request as kept in its row."""
    images = [{"role": image.role, "source": image.source} for image in request.images]
    said = {name: value for name in _FIELDS if (value := getattr(request, name)) != _RARE.get(name, ...)}
    return _dump(said | {"images": images, "metadata": dict(request.metadata)})


def _request(data: Mapping[str, Any]) -> VideoRequest:
    images = tuple(ImageInput(Role(image["role"]), image["source"]) for image in data["images"])
    known = {name: data[name] for name in _FIELDS if name in data}  # a newer version may know more
    return VideoRequest(**{**known, "images": images, "ignored": tuple(data["ignored"])})


def _cost(data: Mapping[str, Any]) -> Cost:
    return Cost(**{**data, "per": Per(data["per"])})


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
