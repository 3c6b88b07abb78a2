"""OpenAI's request body of a video, with the fields that servers of this dialect have beside."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from kineograph.api.ark_models import FRAMES
from kineograph.api.native_models import METADATA_KEYS, RoleImage
from kineograph.core.request import FPS, PRIORITY, PRIORITY_MAX, PROMPT_MAX, SEED_MAX, SIZES

# `WxH` -> resolution and aspect ratio: ours exactly, OpenAI's own to the nearest.
SIZE_NAMES: Mapping[str, tuple[str, str]] = {f"{width}x{height}": name for name, (width, height) in SIZES.items()} | {
    "1280x720": ("720p", "16:9"),
    "720x1280": ("720p", "9:16"),
    "1792x1024": ("1080p", "16:9"),
    "1024x1792": ("1080p", "9:16"),
}
DEFAULT_SIZE = "1280x720"
_STRICT = ConfigDict(strict=True, extra="ignore", frozen=True)


class Reference(BaseModel):
    """An image by its address."""

    model_config = _STRICT
    image_url: str


class OpenAIBody(BaseModel):
    """The body after `null` was dropped and a form's texts were read."""

    model_config = _STRICT
    prompt: str = Field(max_length=PROMPT_MAX)
    model: str | None = Field(None, min_length=1, max_length=200)
    seconds: int = Field(5, ge=1, le=3600)  # the model's own range is narrower, and refused with its name
    size: str = DEFAULT_SIZE
    input_reference: Reference | None = None
    image_reference: Reference | None = None
    image_with_roles: list[RoleImage] | None = Field(None, max_length=16)
    seed: int = Field(-1, ge=-1, le=SEED_MAX)
    fps: int = Field(FPS, ge=FPS, le=FPS)
    num_frames: int | None = None
    negative_prompt: str | None = Field(None, max_length=PROMPT_MAX)
    watermark: bool = False
    camera_fixed: bool = False
    return_last_frame: bool = False
    callback_url: str | None = None
    webhook: str | None = None
    priority: int = Field(PRIORITY, ge=0, le=PRIORITY_MAX)
    metadata: dict[str, str] = Field(default_factory=dict, max_length=METADATA_KEYS)

    @field_validator("prompt")
    @classmethod
    def _not_blank(cls, prompt: str) -> str:
        if not prompt.strip():
            raise PydanticCustomError("blank", "blank")
        return prompt

    @field_validator("size")
    @classmethod
    def _offered(cls, size: str) -> str:
        if size not in SIZE_NAMES:
            raise PydanticCustomError("size", "size")
        return size

    @field_validator("num_frames")
    @classmethod
    def _makeable(cls, frames: int | None) -> int | None:
        if frames is not None and frames not in FRAMES and frames not in range(2 * FPS, 12 * FPS + 1, FPS):
            raise PydanticCustomError("frames", "frames")
        return frames


class RemixBody(BaseModel):
    """The body of a remix."""

    model_config = _STRICT
    prompt: str = Field(max_length=PROMPT_MAX)

    @field_validator("prompt")
    @classmethod
    def _not_blank(cls, prompt: str) -> str:
        if not prompt.strip():
            raise PydanticCustomError("blank", "blank")
        return prompt


FIELDS = frozenset(OpenAIBody.model_fields)

_IMAGE = 'send a file, a URL, or {"image_url": …}'
REMEDIES: Mapping[str, str] = {
    "prompt": f"describe the video in 1 to {PROMPT_MAX} characters",
    "model": "send the name of a model; GET /v1/models lists them",
    "seconds": 'send a whole number of seconds from 2 to 12, such as "5"',
    "size": f"use one of {', '.join(SIZE_NAMES)}",
    "input_reference": _IMAGE,
    "image_reference": _IMAGE,
    "image_with_roles": 'send objects such as {"url": …, "role": "first_frame"}; the roles are first_frame, last_frame, reference',
    "seed": f"send a whole number from -1 to {SEED_MAX}, or leave it out for a random one",
    "fps": f"send {FPS}, or leave it out",
    "num_frames": "send 25 + 4n from 29 to 289, such as 121, or whole seconds of 24, or leave it out",
    "negative_prompt": f"send at most {PROMPT_MAX} characters of text, or leave it out",
    "watermark": "send true or false",
    "camera_fixed": "send true or false",
    "return_last_frame": "send true or false",
    "callback_url": "send an absolute http(s) URL, or leave it out",
    "webhook": "send an absolute http(s) URL, or leave it out",
    "priority": f"send a whole number from 0 to {PRIORITY_MAX}, or leave it out",
    "metadata": f"send an object of at most {METADATA_KEYS} strings",
}


def _whole(text: str) -> Any:
    digits = text.strip().removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else text


def _bool(text: str) -> Any:
    return {"true": True, "false": False}.get(text.strip().lower(), text)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _image(text: str) -> Any:
    """An address, or an object that holds one, written as JSON."""
    return _json(text) if text.lstrip().startswith("{") else {"image_url": text}


# What a text stands for: in any body, and in a form, which has nothing but texts.
_TEXTS: Mapping[str, Callable[[str], Any]] = {"seconds": _whole, "input_reference": _image, "image_reference": _image}
_FORM_TEXTS: Mapping[str, Callable[[str], Any]] = {
    **_TEXTS,
    **dict.fromkeys(("seed", "fps", "num_frames", "priority"), _whole),
    **dict.fromkeys(("watermark", "camera_fixed", "return_last_frame"), _bool),
    **dict.fromkeys(("metadata", "image_with_roles"), _json),
}


def read(known: Mapping[str, Any], *, form: bool) -> dict[str, Any]:
    """The fields with texts turned into what they stand for; what cannot be is left for the body to refuse."""
    readers = _FORM_TEXTS if form else _TEXTS
    return {
        name: readers[name](value) if name in readers and isinstance(value, str) else value
        for name, value in known.items()
    }
