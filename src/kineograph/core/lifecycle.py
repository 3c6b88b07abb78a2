"""What happens to a task, as pure functions: every store applies these and only keeps the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kineograph.core.pricing import Usage, usage
from kineograph.core.request import EXPIRED, ImageInput
from kineograph.core.task import ELSEWHERE, MAX_ATTEMPTS, TRANSITIONS, Failure, Status, Task, Video

PROGRESS_KEPT = 86_400.0  # seconds after its end that a task's progress is kept step by step; its states stay

WORN_OUT = Failure(
    "attempts_used_up", f"the task was started {MAX_ATTEMPTS} times and never finished; submit it again", status=500
)
DIED = Failure(
    "worker_died",
    f"each of {MAX_ATTEMPTS} workers that tried to make it died; try a lower resolution or a shorter film",
    retryable=True,
)


def change(task: Task, now: float, **changes: Any) -> Task:
    """The task after a change: one step further in its sequence.

    Args:
        now: Unix seconds by the store's clock.
        changes: Fields of Task.

    Raises:
        ValueError: a transition that TRANSITIONS does not know. A defect of ours, never a caller's.
    """
    status = changes.get("status", task.status)
    if status is not task.status and status not in TRANSITIONS[task.status]:
        raise ValueError(f"a task cannot go from {task.status} to {status}")
    if task.finished and set(changes) - {"files_expired_at"}:
        raise ValueError(f"a task that is {task.status} does not change any more")
    return replace(task, **changes, sequence=task.sequence + 1, updated_at=now)


def end(task: Task, now: float, status: Status, **changes: Any) -> Task:
    """The task at its end: nobody works on it any more. It cost nothing, unless the change says what."""
    ending = {"cost": task.cost and task.cost.free, "status": status, "phase": str(status), "worker": None}
    return change(task, now, **{**ending, "finished_at": now, **changes})


def held(task: Task | None, claim: Task) -> bool:
    """Whether the claim still stands: worker and attempt are its fencing token."""
    return (
        task is not None
        and task.status is Status.RUNNING
        and (task.worker, task.attempt) == (claim.worker, claim.attempt)
    )


def overtime(task: Task, now: float) -> Failure | None:
    """Why the task fails now, if its time is over."""
    if task.deadline is None or now < task.deadline:
        return None
    return Failure(
        EXPIRED, f"it was not finished within the {task.request.expires_after} seconds it was given", status=503
    )


def prepare(task: Task, images: Sequence[ImageInput], now: float) -> Task:
    """The images are in the file store; the request refers to them there."""
    return change(task, now, request=replace(task.request, images=tuple(images)))


def start(task: Task, worker: str, now: float) -> Task:
    """Claimed by the worker; or settled, if it was to be cancelled or nothing is left to try. Only a queued task is started."""
    if task.cancel_requested:
        return end(task, now, Status.CANCELLED)
    failure = overtime(task, now) or (WORN_OUT if task.attempt >= MAX_ATTEMPTS else None)
    if failure is not None:
        return end(task, now, Status.FAILED, failure=failure)
    return change(
        task,
        now,
        status=Status.RUNNING,
        worker=worker,
        attempt=task.attempt + 1,
        phase="starting",
        started_at=task.started_at or now,
    )


def report(task: Task, progress: float, phase: str, resume_token: str | None, now: float) -> Task:
    """Further on; progress never falls and stays below 1 until the film is finished."""
    furthest = max(task.progress, min(progress, 0.99))
    return change(task, now, progress=furthest, phase=phase, resume_token=resume_token or task.resume_token)


def finish(task: Task, video: Video, now: float) -> Task:
    """Succeeded, with what it used and costs. Nothing if it was to be cancelled: the film came too late to be wanted."""
    used = usage(video.width, video.height, video.frames) if not task.request.simulated else Usage(0.0, 0)
    cost = task.cost and (task.cost.free if task.cancel_requested else task.cost.settled(used))
    return end(task, now, Status.SUCCEEDED, video=video, progress=1.0, usage=used, cost=cost)


def fail(task: Task, failure: Failure, now: float) -> Task:
    """Back to the queue if another attempt can help, else failed. A requested cancel wins. A worker that died while an upstream
    did the work hands it back: the next one goes on waiting."""
    if task.cancel_requested:
        return end(task, now, Status.CANCELLED)
    if failure.reason == DIED.reason and task.resume_token is not None and task.phase in ELSEWHERE:
        return release(task, now)
    if failure.retryable and task.attempt < MAX_ATTEMPTS:
        return change(task, now, status=Status.QUEUED, worker=None, phase="retrying")
    return end(task, now, Status.FAILED, failure=failure)


def release(task: Task, now: float) -> Task:
    """Handed back unmade: queued again, and it was not an attempt. A requested cancel wins."""
    if task.cancel_requested:
        return end(task, now, Status.CANCELLED)
    return change(task, now, status=Status.QUEUED, worker=None, attempt=task.attempt - 1, phase="queued")


def reroute(task: Task, engine: str, queue: str, now: float) -> Task:
    """Handed back for another engine to make: nothing was accepted by the one it was with. A requested cancel wins."""
    task = replace(task, engine=engine, queue=queue, resume_token=None)
    return release(task, now)


def cancel(task: Task, now: float) -> Task:
    """Queued: cancelled. Running: to be stopped at its next report. Unchanged if that is so already."""
    if task.finished or task.cancel_requested:
        return task
    if task.status is Status.QUEUED:
        return end(task, now, Status.CANCELLED)
    return change(task, now, cancel_requested=True)
