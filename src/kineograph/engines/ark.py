"""ark: the real Seedance, Volcengine Ark or BytePlus ModelArk. https://www.volcengine.com/docs/82379/1520757"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kineograph.core.request import FPS, Role, ratio_of
from kineograph.engines.upstream.api import Api, by_status
from kineograph.engines.upstream.base import Job, Phase, State, Upstream
from kineograph.engines.upstream.faults import Fault, Kind
from kineograph.engines.upstream.images import data_uri

TASKS = "/contents/generations/tasks"
TOGETHER = 100  # ids in one look: 5 kB of query, which every gateway lets through
EXPIRY = (3600, 259_200)  # seconds, of `execution_expires_after`
PAGE = 500  # the most a list gives
SKEW = 600.0  # seconds that Ark's clock may be off ours
_ROLES = {Role.FIRST_FRAME: "first_frame", Role.LAST_FRAME: "last_frame", Role.REFERENCE: "reference_image"}
_PHASES: Mapping[str, Phase] = {"queued": "waiting", "running": "rendering", "succeeded": "done"}
_ENDS: Mapping[str, Kind] = {"failed": Kind.PASSING, "cancelled": Kind.FAILED, "expired": Kind.FAILED}


def judge(status: int, code: str) -> Kind:
    """Ark's codes, CONTRACT §2."""
    if "Sensitive" in code or "RiskDetection" in code:
        return Kind.POLICY
    if code.startswith(("QuotaExceeded", "AccountQuotaExceeded")):
        return Kind.FULL
    if code.startswith(("InvalidEndpointOrModel", "ModelNotOpen", "AccountOverdue", "Authentication")):
        return Kind.OPERATOR
    if code.startswith(("RateLimit", "ModelAccount", "AccountRateLimit", "ServerOverloaded")):
        return Kind.BUSY
    if code.startswith(("InvalidParameter", "MissingParameter", "InvalidImageURL")):
        return Kind.REQUEST
    return by_status(status, code)


class Ark:
    """The dialect. Ark knows no idempotency: `execution_expires_after` is given a value of each task's own, and a list tells
    which of the newest tasks bears it."""

    once, finds, forgets, together = False, True, False, TOGETHER
    ignores = frozenset({"negative_prompt"})

    def __init__(self, upstream: Upstream, api: Api) -> None:
        self._upstream, self._api = upstream, api

    async def create(self, job: Job) -> str:
        """See Dialect."""
        made = await self._api.call("POST", TASKS, body=await self._body(job))
        if not isinstance(made.get("id"), str):
            raise Fault(Kind.UNCLEAR, "it accepted a task and gave no id")
        upstream_id: str = made["id"]
        return upstream_id

    async def _body(self, job: Job) -> dict[str, Any]:
        request = job.order.request
        content: list[dict[str, Any]] = [{"type": "text", "text": request.prompt}]
        for role, path in job.order.images.items():
            content.append({"type": "image_url", "image_url": {"url": await data_uri(path)}, "role": _ROLES[role]})
        exactly = request.frames == FPS * request.duration
        length = {"duration": request.duration} if exactly else {"frames": request.frames}
        return {
            "model": job.model,
            "content": content,
            "resolution": request.resolution,
            "ratio": ratio_of(job.order.width, job.order.height),
            **length,
            "seed": request.seed,
            "camera_fixed": request.camera_fixed,
            "watermark": request.watermark,
            "return_last_frame": request.return_last_frame,
            "execution_expires_after": self._marker(job),
            **({"service_tier": "flex"} if request.flex else {}),
        }

    @staticmethod
    def _marker(job: Job) -> int:
        """Never shorter than we wait ourselves."""
        least, most = EXPIRY
        return job.marker(min(max(least, int(job.time_limit) + 600), most - 50_000), most)

    async def find(self, job: Job) -> str | None:
        """See Dialect."""
        for page in range(1, 21):
            params = [("page_num", str(page)), ("page_size", str(PAGE)), ("filter.model", job.model)]
            items = _items(await self._api.call("GET", TASKS, params=params))
            for item in items:
                fresh = _number(item, "created_at") >= job.at - SKEW
                if (
                    fresh
                    and item.get("execution_expires_after") == self._marker(job)
                    and isinstance(item.get("id"), str)
                ):
                    upstream_id: str = item["id"]
                    return upstream_id
            if len(items) < PAGE or _number(items[-1], "created_at") < job.at - SKEW:
                return None
        return None

    async def look(self, ids: Sequence[str]) -> Mapping[str, State]:
        """See Dialect."""
        params = [("page_num", "1"), ("page_size", str(len(ids))), *(("filter.task_ids", each) for each in ids)]
        items = _items(await self._api.call("GET", TASKS, params=params))
        return {str(item.get("id")): state_of(item) for item in items}

    async def cancel(self, upstream_id: str) -> None:
        """See Dialect. Only what is still queued there can be."""
        await self._api.call("DELETE", f"{TASKS}/{upstream_id}")


def state_of(item: Mapping[str, Any]) -> State:
    """A task of a list."""
    word = str(item.get("status"))
    if word in _ENDS:
        error = item.get("error") if isinstance(item.get("error"), dict) else {}
        code = str(error.get("code") or "") if isinstance(error, dict) else ""
        said = str(error.get("message") or "") if isinstance(error, dict) else ""
        kind = judge(500, code) if code else _ENDS[word]
        if kind not in {Kind.POLICY, Kind.REQUEST}:
            kind = _ENDS[word]
        return State("failed", word, fault=Fault(kind, said or f"the task is {word} there", code=code))
    content = item.get("content")
    links = content if isinstance(content, dict) else {}
    usage = item.get("usage")
    tokens = usage.get("completion_tokens") if isinstance(usage, dict) else None
    return State(
        _PHASES.get(word, "unknown"),
        word,
        video=_text(links.get("video_url")),
        last_frame=_text(links.get("last_frame_url")),
        facts={"tokens": tokens} if isinstance(tokens, int) else {},
    )


def _items(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    items = answer.get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Fault(Kind.UNCLEAR, "a list of tasks without items")
    return items


def _number(item: Mapping[str, Any], name: str) -> float:
    value = item.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
