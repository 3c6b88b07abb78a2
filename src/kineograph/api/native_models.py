"""The native request body: strict types, and for every wrong value the field, the value and the way out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from kineograph.core.errors import InvalidRequest
from kineograph.core.request import ADAPTIVE, ASPECT_RATIOS, PRIORITY, PRIORITY_MAX, PROMPT_MAX, RESOLUTIONS, SEED_MAX

METADATA_KEYS = 16
METADATA_NAME = 64  # characters of a metadata name, ours
METADATA_VALUE = 2048  # characters of a metadata value, ours
_STRICT = ConfigDict(strict=True, extra="ignore", frozen=True)

Body = TypeVar("Body", bound=BaseModel)

RoleWord = Literal["first_frame", "last_frame", "reference", "reference_image"]


class RoleImage(BaseModel):
    """One entry of `image_with_roles`."""

    model_config = _STRICT
    url: str
    role: RoleWord


class GenerationBody(BaseModel):
    """The body after `null` was dropped and aliases were folded in. Types and ranges; what a model can do comes later."""

    model_config = _STRICT
    model: str = Field(min_length=1, max_length=200)
    prompt: str = Field(max_length=PROMPT_MAX)
    duration: int = Field(5, ge=1, le=3600)  # the model's own range is narrower, and refused with its name
    aspect_ratio: Literal["16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "adaptive"] = "16:9"
    resolution: Literal["480p", "720p", "1080p"] = "1080p"
    seed: int = Field(-1, ge=-1, le=SEED_MAX)
    image_urls: list[str] | None = Field(None, min_length=1, max_length=1)
    image_with_roles: list[RoleImage] | None = Field(None, max_length=16)
    negative_prompt: str | None = Field(None, max_length=PROMPT_MAX)
    watermark: bool = False
    camera_fixed: bool = False
    return_last_frame: bool = False
    callback_url: str | None = None
    callback_events: Literal["all", "terminal"] = "all"
    webhook: str | None = None
    priority: int = Field(PRIORITY, ge=0, le=PRIORITY_MAX)
    start_at: int | None = Field(None, ge=0)
    metadata: dict[str, str] = Field(default_factory=dict, max_length=METADATA_KEYS)

    @field_validator("prompt")
    @classmethod
    def _not_blank(cls, prompt: str) -> str:
        if not prompt.strip():
            raise PydanticCustomError("blank", "blank")
        return prompt

    @field_validator("metadata")
    @classmethod
    def _short(cls, metadata: dict[str, str]) -> dict[str, str]:
        for name, value in metadata.items():
            if not 1 <= len(name) <= METADATA_NAME or len(value) > METADATA_VALUE:
                raise PydanticCustomError("too_long", "too_long")
        return metadata


FIELDS = frozenset(GenerationBody.model_fields)

REMEDIES = {
    "model": "send the name of a model; GET /v1/models lists them",
    "prompt": f"describe the video in 1 to {PROMPT_MAX} characters",
    "duration": "send a whole number of seconds from 2 to 12, such as 5",
    "aspect_ratio": f"use one of {', '.join(ASPECT_RATIOS)}, or {ADAPTIVE} with an image",
    "resolution": f"use one of {', '.join(RESOLUTIONS)}",
    "seed": f"send a whole number from -1 to {SEED_MAX}, or leave it out for a random one",
    "image_urls": 'send exactly one URL, the first frame, such as ["https://example.com/cat.png"]',
    "image_with_roles": 'send objects such as {"url": "https://example.com/start.png", "role": "first_frame"} '
    "with the roles first_frame, last_frame or reference",
    "negative_prompt": f"send at most {PROMPT_MAX} characters of text, or leave it out",
    "watermark": "send true or false",
    "camera_fixed": "send true or false",
    "return_last_frame": "send true or false",
    "callback_url": "send an absolute http(s) URL, or leave it out",
    "callback_events": "send all or terminal, or leave it out",
    "webhook": "send an absolute http(s) URL, or leave it out",
    "priority": f"send a whole number from 0 to {PRIORITY_MAX}, higher is made sooner, or leave it out",
    "start_at": "send whole Unix seconds at most 7 days ahead, or leave it out",
    "metadata": f"send an object of at most {METADATA_KEYS} strings, names of 1 to {METADATA_NAME} and values of at most "
    f"{METADATA_VALUE} characters",
}


def validated(known: dict[str, Any]) -> GenerationBody:
    """The body from its known fields. Raises InvalidRequest for the first wrong one."""
    return checked(GenerationBody, known, REMEDIES)


def checked(kind: type[Body], known: dict[str, Any], remedies: Mapping[str, str]) -> Body:
    """A body of that kind. Raises InvalidRequest for the first wrong field, with its remedy."""
    try:
        return kind.model_validate(known)
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False, include_context=False)[0], remedies) from None


def wrong(field: str, shown: str, remedy: str | None = None, reason: str | None = None) -> InvalidRequest:
    """`<what is shown> is not valid; <remedy>`, for a field."""
    return InvalidRequest(
        f"{shown} is not valid; {remedy or REMEDIES[field]}", param=field, reason=reason or f"invalid_{field}"
    )


def shown(value: object) -> str:
    """A value as JSON, cut to what a message can bear."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (RecursionError, ValueError):  # too deep, or a number too long to write
        return "…"
    return text if len(text) <= 80 else f"{text[:80]}…"


def _refusal(detail: ErrorDetails, remedies: Mapping[str, str]) -> InvalidRequest:
    field, *inside = detail["loc"]
    name = f"{field}" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in inside)[:100]
    if detail["type"] == "extra_forbidden":
        return InvalidRequest(
            f"{name} is no field of this; use {', '.join(remedies)}", param=str(field), reason="unknown_field"
        )
    remedy = remedies[str(field)]
    if detail["type"] == "missing":
        reason = f"missing_{field}" if not inside else f"invalid_{field}"
        return InvalidRequest(f"{name} is missing; {remedy}", param=str(field), reason=reason)
    if detail["type"] == "string_too_long":
        return wrong(str(field), f"{name} of {len(detail['input'])} characters", remedy)
    return wrong(str(field), f"{name} {shown(detail['input'])}", remedy)
