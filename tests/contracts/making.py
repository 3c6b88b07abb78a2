"""Tasks, films and failures for the suites."""

from __future__ import annotations

import time
from typing import Any

from ulid import ULID

from kineograph.core.request import ImageInput, Role, VideoRequest
from kineograph.core.task import Failure, Task, Video

VIDEO = Video(
    "tasks/x/1/video.mp4", "tasks/x/1/poster.jpg", 864, 480, 24.0, 120, 5.0, 1000, "ab" * 32, facts={"a": [1]}
)
RETRYABLE = Failure("engine_failed", "it broke; it is tried again", retryable=True)
FINAL = Failure("image_unreachable", "the image is not there; send another", status=400)
IMAGE = ImageInput(Role.FIRST_FRAME, "https://example.test/a.png")
STORED = ImageInput(Role.FIRST_FRAME, "file:uploads/a.png")


def new_task(at: float | None = None, **changes: Any) -> Task:
    """A queued task; fields of the request and of the task are told apart by name."""
    now = time.time() if at is None else at
    ours = {name: changes.pop(name) for name in list(changes) if name in {"account_id", "key_id", "engine", "queue"}}
    request = VideoRequest(**{"model": "fast", "prompt": "a kitten in the sun, 一只小猫", "seed": 7, **changes})
    fields = {"account_id": "acct_1", "key_id": "key_1", "engine": "animatic", "queue": "animatic", **ours}
    return Task(f"task_{ULID.from_timestamp(now)}", request=request, created_at=now, updated_at=now, **fields)
