"""Ark's request body: strict fields, and the lenient commands at the end of a prompt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from kineograph.core.request import (
    ADAPTIVE,
    ASPECT_RATIOS,
    EXPIRES_MAX,
    EXPIRES_MIN,
    FPS,
    PROMPT_MAX,
    RESOLUTIONS,
    SEED_MAX,
)

FRAMES = range(29, 290, 4)  # 25 + 4n
_RATIOS = (*ASPECT_RATIOS, ADAPTIVE)
_STRICT = ConfigDict(strict=True, extra="ignore", frozen=True)


class ImageUrl(BaseModel):
    """Where an image is."""

    model_config = _STRICT
    url: str


class Part(BaseModel):
    """One entry of `content`."""

    model_config = _STRICT
    type: Literal["text", "image_url"]
    text: str | None = Field(None, max_length=PROMPT_MAX)
    image_url: ImageUrl | None = None
    role: Literal["first_frame", "last_frame", "reference_image"] | None = None


class ArkBody(BaseModel):
    """The body after `null` was dropped. None = not given: a command in the prompt, or the default, decides."""

    model_config = _STRICT
    model: str = Field(min_length=1, max_length=200)
    content: list[Part] = Field(min_length=1, max_length=16)
    resolution: Literal["480p", "720p", "1080p"] | None = None
    ratio: Literal["16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "adaptive"] | None = None
    duration: int | None = Field(None, ge=1, le=3600)  # the model's own range is narrower, and refused with its name
    frames: int | None = None
    framespersecond: int | None = Field(None, ge=FPS, le=FPS)
    seed: int | None = Field(None, ge=-1, le=SEED_MAX)
    camera_fixed: bool | None = None
    watermark: bool | None = None
    return_last_frame: bool = False
    callback_url: str | None = None
    service_tier: Literal["default", "flex"] = "default"
    execution_expires_after: int = Field(172_800, ge=EXPIRES_MIN, le=EXPIRES_MAX)

    @field_validator("frames")
    @classmethod
    def _steps(cls, frames: int | None) -> int | None:
        if frames is not None and frames not in FRAMES:
            raise PydanticCustomError("steps", "steps")
        return frames


FIELDS = frozenset(ArkBody.model_fields)

REMEDIES: Mapping[str, str] = {
    "model": "send the name of a model, such as doubao-seedance-1-0-pro-250528",
    "content": 'send a list of {"type": "text", "text": …} and {"type": "image_url", "image_url": {"url": …}, "role": …} with '
    f"the roles first_frame, last_frame or reference_image, and at most {PROMPT_MAX} characters of text",
    "resolution": f"use one of {', '.join(RESOLUTIONS)}",
    "ratio": f"use one of {', '.join(ASPECT_RATIOS)}, or {ADAPTIVE} with an image",
    "duration": "send a whole number of seconds from 2 to 12, such as 5",
    "frames": "send 25 + 4n from 29 to 289, such as 121, or a duration",
    "framespersecond": f"send {FPS}, or leave it out",
    "seed": f"send a whole number from -1 to {SEED_MAX}, or leave it out for a random one",
    "camera_fixed": "send true or false",
    "watermark": "send true or false",
    "return_last_frame": "send true or false",
    "callback_url": "send an absolute http(s) URL, or leave it out",
    "service_tier": "use default or flex",
    "execution_expires_after": f"send seconds from {EXPIRES_MIN} to {EXPIRES_MAX}",
}

# Every spelling of a command -> its field.
_COMMANDS: Mapping[str, str] = {
    "--rs": "resolution",
    "--resolution": "resolution",
    "--rt": "ratio",
    "--ratio": "ratio",
    "--dur": "duration",
    "--duration": "duration",
    "--frames": "frames",
    "--fps": "framespersecond",
    "--framespersecond": "framespersecond",
    "--seed": "seed",
    "--cf": "camera_fixed",
    "--camerafixed": "camera_fixed",
    "--wm": "watermark",
    "--watermark": "watermark",
}


def commands(text: str) -> tuple[str, dict[str, Any]]:
    """The prompt without the commands at its end, and what they say. A wrong value says nothing; the last word on a field counts.

    `"a cat --dur 5 --rs 4k"` -> `("a cat", {"duration": 5})`
    """
    said: dict[str, Any] = {}
    while (words := text.rsplit(None, 2)) and len(words) >= 2 and words[-2].lower() in _COMMANDS:
        field = _COMMANDS[words[-2].lower()]
        said.setdefault(field, _VALUES[field](words[-1]))
        text = words[0] if len(words) == 3 else ""
    return text, {field: value for field, value in said.items() if value is not None}


def _one_of(options: tuple[str, ...]) -> Callable[[str], str | None]:
    return lambda word: word if word in options else None


def _number(word: str) -> int | None:
    digits = word.removeprefix("-")
    return int(word) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else None


def _within(numbers: range) -> Callable[[str], int | None]:
    return lambda word: number if (number := _number(word)) in numbers else None


def _bool(word: str) -> bool | None:
    return {"true": True, "false": False}.get(word.lower())


_VALUES: Mapping[str, Callable[[str], Any]] = {
    "resolution": _one_of(RESOLUTIONS),
    "ratio": _one_of(_RATIOS),
    "duration": _within(range(2, 13)),
    "frames": _within(FRAMES),
    "framespersecond": _number,
    "seed": _within(range(-1, SEED_MAX + 1)),
    "camera_fixed": _bool,
    "watermark": _bool,
}
