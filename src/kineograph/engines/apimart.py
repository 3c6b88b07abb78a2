"""apimart: any server of the seed's dialect, Kineograph itself included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kineograph.core.request import Role, ratio_of
from kineograph.engines.upstream.api import Api, by_status
from kineograph.engines.upstream.base import Job, Phase, State, Upstream
from kineograph.engines.upstream.faults import Fault, Kind
from kineograph.engines.upstream.images import data_uri

_PHASES: Mapping[str, Phase] = {
    "submitted": "waiting",
    "pending": "waiting",
    "processing": "rendering",
    "completed": "done",
    "failed": "failed",
    "cancelled": "failed",
}


def judge(status: int, code: str) -> Kind:
    """The dialect's errors, CONTRACT §1.4."""
    if "content_policy" in code or "sensitive" in code.lower():
        return Kind.POLICY
    if code == "queue_full":
        return Kind.FULL
    if code == "idempotency_in_progress":
        return Kind.BUSY
    if code in {"unknown_model", "model_not_allowed"}:  # the operator's row names a model that is not there
        return Kind.OPERATOR
    return by_status(status, code)


class Apimart:
    """The dialect. The task's id is the Idempotency-Key: asked twice, it creates once."""

    once, finds, forgets, together = True, False, False, 1
    ignores: frozenset[str] = frozenset()

    def __init__(self, upstream: Upstream, api: Api) -> None:
        self._upstream, self._api = upstream, api

    async def create(self, job: Job) -> str:
        """See Dialect."""
        headers = {"Idempotency-Key": job.key}
        answer = await self._api.call("POST", "/v1/videos/generations", body=await _body(job), headers=headers)
        data = answer.get("data")
        first = data[0] if isinstance(data, list) and data else data
        found = first.get("task_id") or first.get("id") if isinstance(first, dict) else None
        if not isinstance(found, str):
            raise Fault(Kind.UNCLEAR, "it accepted a task and gave no task_id")
        return found

    async def find(self, job: Job) -> str | None:  # noqa: ARG002 - the protocol's signature
        """See Dialect. Asking again is finding."""
        return None

    async def look(self, ids: Sequence[str]) -> Mapping[str, State]:
        """See Dialect."""
        (only,) = ids
        data = (await self._api.call("GET", f"/v1/tasks/{only}")).get("data")
        if not isinstance(data, dict):
            raise Fault(Kind.UNCLEAR, "a task without data")
        return {only: state_of(data)}

    async def cancel(self, upstream_id: str) -> None:
        """See Dialect."""
        await self._api.call("POST", f"/v1/tasks/{upstream_id}/cancel")


async def _body(job: Job) -> dict[str, Any]:
    request = job.order.request
    body: dict[str, Any] = {
        "model": job.model,
        "prompt": request.prompt,
        "duration": request.duration,
        "aspect_ratio": ratio_of(job.order.width, job.order.height),
        "resolution": request.resolution,
        "seed": request.seed,
    }
    flags = ("camera_fixed", "watermark", "return_last_frame", "negative_prompt")
    body |= {name: getattr(request, name) for name in flags if getattr(request, name)}
    images = [{"url": await data_uri(path), "role": str(role)} for role, path in job.order.images.items()]
    if [image["role"] for image in images] == [str(Role.FIRST_FRAME)]:
        body["image_urls"] = [images[0]["url"]]
    elif images:
        body["image_with_roles"] = images
    return body


def state_of(data: Mapping[str, Any]) -> State:
    """`data` of GET /v1/tasks/{id}."""
    word = str(data.get("status"))
    phase = _PHASES.get(word, "unknown")
    progress = data.get("progress")
    part = min(max(float(progress) / 100, 0.0), 1.0) if isinstance(progress, int | float) else 0.0
    if phase == "failed":
        return State(phase, word, fault=_fault(word, data.get("error")))
    result = data.get("result")
    links = result if isinstance(result, dict) else {}
    cost = data.get("cost")
    last = links.get("last_frame_url")
    return State(
        phase,
        word,
        progress=part,
        video=_link(links.get("videos")),
        last_frame=last if isinstance(last, str) else None,
        facts={"charged": cost} if isinstance(cost, int | float) else {},
    )


def _fault(word: str, error: object) -> Fault:
    if word == "cancelled":
        return Fault(Kind.FAILED, "the task was cancelled there")
    known = error if isinstance(error, dict) else {}
    reason, status = str(known.get("reason") or ""), known.get("code")
    kind = judge(status if isinstance(status, int) else 500, reason)
    if kind not in {Kind.POLICY, Kind.REQUEST}:
        kind = Kind.PASSING
    return Fault(kind, str(known.get("message") or "it failed there"), code=reason)


def _link(videos: object) -> str | None:
    """`videos[0].url`, which is a list of strings; some servers give a string."""
    first = videos[0] if isinstance(videos, list) and videos else None
    url = first.get("url") if isinstance(first, dict) else None
    found = url[0] if isinstance(url, list) and url else url
    return found if isinstance(found, str) and found else None
