"""From Ark's body to a VideoRequest: parts, roles, commands, defaults, the rules for images."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from kineograph.api.ark_models import FIELDS, REMEDIES, ArkBody, Part, commands
from kineograph.api.body import Document
from kineograph.api.desk import Desk, drawn, split, without_null
from kineograph.api.native_models import checked
from kineograph.core.errors import ImageError, InvalidRequest
from kineograph.core.models import Catalogue, Model
from kineograph.core.request import ADAPTIVE, ARK, PRIORITY, ImageInput, Role, VideoRequest, seconds_of
from kineograph.media.images import RULES, parse_data_uri, sniff

_ROLES = {"first_frame": Role.FIRST_FRAME, "last_frame": Role.LAST_FRAME, "reference_image": Role.REFERENCE}
_DEFAULT, _REFERENCE_DEFAULT = "1080p", "720p"  # 1080p cannot be had with a reference
_LENGTH = ("duration", "frames")


async def to_request(document: Document, desk: Desk, catalogue: Catalogue) -> VideoRequest:
    """The request a body means.

    Raises:
        InvalidRequest: with field, value and remedy; nothing was stored or fetched.
        UnknownModel: no such model under any name.
    """
    present = without_null(document)
    if "camerafixed" in present:
        present.setdefault("camera_fixed", present.pop("camerafixed"))
    known, ignored = split(present, FIELDS)
    body = checked(ArkBody, known, REMEDIES)
    model = catalogue.called(body.model)
    prompt, said = commands(_text(body.content))
    entries = _entries(body.content)
    if not prompt.strip() and not entries:
        raise _content("content holds no text; describe the video in a text entry, or send an image", "missing_text")
    desk.check_callback("callback_url", body.callback_url)
    asked = _asked(body, said, model, [role for role, _ in entries])
    return VideoRequest(
        model=model.name,
        called=body.model if body.model != model.name else None,
        prompt=prompt,
        images=tuple([ImageInput(role, await _source(url, desk)) for role, url in entries]),
        return_last_frame=body.return_last_frame,
        callback_url=body.callback_url,
        base_url=desk.base_url if body.callback_url else None,
        flex=body.service_tier == "flex",
        priority=0 if body.service_tier == "flex" else PRIORITY,
        expires_after=body.execution_expires_after,
        ignored=ignored,
        dialect=ARK,
        **asked,
    )


def _asked(body: ArkBody, said: dict[str, Any], model: Model, roles: Sequence[Role]) -> dict[str, Any]:
    """The fields a command may set as well: the body's word goes first, then the prompt's, then the default."""
    if body.duration is not None or body.frames is not None:
        said = {field: value for field, value in said.items() if field not in _LENGTH}
    if said.get("ratio") == ADAPTIVE and not roles:
        del said["ratio"]

    def value(field: str, default: Any) -> Any:
        own = getattr(body, field)
        return own if own is not None else said.get(field, default)

    frames = value("frames", None)
    resolution = _REFERENCE_DEFAULT if Role.REFERENCE in roles else _DEFAULT
    return {
        "resolution": value("resolution", resolution if resolution in model.resolutions else model.resolutions[-1]),
        "aspect_ratio": value("ratio", ADAPTIVE if Role.FIRST_FRAME in roles else "16:9"),
        "duration": value("duration", 5) if frames is None else seconds_of(frames),
        "frame_count": frames,
        "seed": drawn(value("seed", -1)),
        "camera_fixed": value("camera_fixed", False),
        "watermark": value("watermark", False),
    }


def _text(parts: Sequence[Part]) -> str:
    """The words. Raises InvalidRequest for two texts, or an entry without its own."""
    texts = [part.text for part in parts if part.type == "text"]
    if any(not text or not text.strip() for text in texts):
        raise _content("an entry of content with type text has no text; write some, or leave it out", "missing_text")
    if len(texts) > 1:
        raise _content("content holds more than one text; send one", "invalid_content")
    return texts[0] or "" if texts else ""


def _entries(parts: Sequence[Part]) -> list[tuple[Role, str]]:
    """Role and URL of each image. Raises InvalidRequest for what belongs to no scenario."""
    images = [part for part in parts if part.type == "image_url"]
    if len(images) > 1 and any(part.role is None for part in images):
        raise _content("with more than one image each needs its role; add role to every image", "missing_role")
    entries = [(_ROLES[part.role or "first_frame"], _url(part)) for part in images]
    roles = [role for role, _ in entries]
    for role in Role:
        if roles.count(role) > 1:
            raise _content(f"content holds more than one {role} image; only one is supported", "invalid_content")
    if Role.REFERENCE in roles and len(roles) > 1:
        raise _content("a reference_image stands alone; leave out the frames, or the reference", "invalid_content")
    return entries


def _url(part: Part) -> str:
    if part.image_url is None:
        raise _content("an entry of content with type image_url has no image_url; add it", "missing_image_url")
    if not part.image_url.url.strip():
        raise _content("image_url.url is empty; send an http(s) URL or a data URI", "image_url_empty")
    return part.image_url.url


async def _source(url: str, desk: Desk) -> str:
    """Where the worker finds the image. What is here already is judged by Ark's rules at once, the rest when it was fetched."""
    try:
        source = await desk.source("content", url)
        if source[:5].lower() == "data:":
            await asyncio.to_thread(lambda: _judge(parse_data_uri(source)[1]))
        elif source.startswith("file:"):
            await asyncio.to_thread(_judge, b"".join([chunk async for chunk in desk.files.read(source[5:])]))
    except (ImageError, InvalidRequest) as error:
        reason = "invalid_image" if error.reason == "invalid_url" else error.reason
        raise InvalidRequest(error.message, param="content", reason=reason) from error
    return source


def _judge(data: bytes) -> None:
    from kineograph.media.decode import measure  # Pillow stays out of a server that is sent no pictures

    RULES[ARK].check(sniff(data), *measure(data))


def _content(message: str, reason: str) -> InvalidRequest:
    return InvalidRequest(message, param="content", reason=reason)
