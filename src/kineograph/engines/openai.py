"""openai: any server with OpenAI's Videos API: vLLM-Omni, SGLang-diffusion and alike, with their differences as quirks.

Quirks, in the upstream's row:
    frames    "false" where it does not take `num_frames` and `fps`
    delete    "forgets" where DELETE does not stop the work (SGLang)
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from kineograph.core.request import FPS, Role
from kineograph.engines.upstream.api import Api, by_status
from kineograph.engines.upstream.base import Job, Phase, State, Upstream
from kineograph.engines.upstream.faults import Fault, Kind
from kineograph.engines.upstream.images import media_type

_PHASES: Mapping[str, Phase] = {
    "queued": "waiting",
    "pending": "waiting",
    "in_progress": "rendering",
    "running": "rendering",
    "completed": "done",
    "succeeded": "done",
    "failed": "failed",
    "cancelled": "failed",
    "expired": "failed",
}


def judge(status: int, code: str) -> Kind:
    """OpenAI's errors; its dialects mostly give a status alone."""
    if code in {"content_policy_violation", "moderation_blocked"}:
        return Kind.POLICY
    if code in {"insufficient_quota", "billing_hard_limit_reached", "model_not_found"}:
        return Kind.OPERATOR
    return by_status(status, code)


class Openai:
    """The dialect. No idempotency and nothing to find a task by: after a crash in the moment of a creation it may be made
    twice there."""

    once, finds, forgets, together = False, False, True, 1
    ignores = frozenset({"camera_fixed", "watermark"})

    def __init__(self, upstream: Upstream, api: Api) -> None:
        self._upstream, self._api = upstream, api

    async def create(self, job: Job) -> str:
        """See Dialect. Multipart, as the SDKs send it."""
        made = await self._api.call("POST", "/videos", form=await self._form(job))
        if not isinstance(made.get("id"), str):
            raise Fault(Kind.UNCLEAR, "it accepted a video and gave no id")
        upstream_id: str = made["id"]
        return upstream_id

    async def _form(self, job: Job) -> list[tuple[str, Any]]:
        request, order = job.order.request, job.order
        fields = {
            "model": job.model,
            "prompt": request.prompt,
            "seconds": str(request.duration),
            "size": f"{order.width}x{order.height}",
            "seed": str(request.seed),
        }
        if self._upstream.quirks.get("frames") != "false":
            fields |= {"fps": str(FPS), "num_frames": str(request.frames)}
        if request.negative_prompt:
            fields["negative_prompt"] = request.negative_prompt
        form: list[tuple[str, Any]] = [(name, (None, value)) for name, value in fields.items()]
        image = order.images.get(Role.FIRST_FRAME)
        if image is not None:
            data = await asyncio.to_thread(image.read_bytes)
            form.append(("input_reference", (image.name, data, media_type(image))))
        return form

    async def find(self, job: Job) -> str | None:  # noqa: ARG002 - the protocol's signature
        """See Dialect. Nothing tells."""
        return None

    async def look(self, ids: Sequence[str]) -> Mapping[str, State]:
        """See Dialect."""
        (only,) = ids
        return {only: state_of(only, await self._api.call("GET", f"/videos/{only}"))}

    async def cancel(self, upstream_id: str) -> None:
        """See Dialect."""
        if self._upstream.quirks.get("delete") != "forgets":
            await self._api.call("DELETE", f"/videos/{upstream_id}")


def state_of(upstream_id: str, video: Mapping[str, Any]) -> State:
    """A Video object. `progress`, `size`, `seconds` and the code of an error may be missing."""
    word = str(video.get("status"))
    phase = _PHASES.get(word, "unknown")
    progress = video.get("progress")
    part = min(max(float(progress) / 100, 0.0), 1.0) if isinstance(progress, int | float) else 0.0
    if phase == "failed":
        error = video.get("error")
        known = error if isinstance(error, dict) else {}
        code = str(known.get("code") or "")
        kind = Kind.POLICY if judge(500, code) is Kind.POLICY else Kind.PASSING
        return State(phase, word, fault=Fault(kind, str(known.get("message") or "it failed there"), code=code))
    return State(phase, word, progress=part, video=f"/videos/{upstream_id}/content" if phase == "done" else None)
