"""From the native body to a VideoRequest: null, aliases, cross rules, images, the seed. Wire words end here."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kineograph.api.body import Document
from kineograph.api.links import OwnFile, Signer, own_file
from kineograph.api.native_models import FIELDS, GenerationBody, RoleImage, shown, validated, wrong
from kineograph.core.errors import InvalidRequest
from kineograph.core.files import FileStore
from kineograph.core.request import ASPECT_RATIOS, DELAY_MAX, SEED_MAX, ImageInput, Role, VideoRequest
from kineograph.media.fetch import check_url

_IGNORED = 100  # names kept of unknown fields; more are noise
_IGNORED_NAME = 64  # characters kept of each
_IMAGE_SUFFIXES = (".png", ".jpg", ".webp", ".gif")


@dataclass(frozen=True, slots=True)
class Desk:
    """What reading a body needs besides the body.

    Attributes:
        fetch_allow: Networks exempt from the guard on addresses.
        now: Unix seconds: links to uploads may be over.
        base_url: Under which the caller reached us.
    """

    signer: Signer
    files: FileStore
    fetch_allow: tuple[str, ...]
    now: float
    base_url: str | None = None


async def to_request(document: Document, desk: Desk) -> VideoRequest:
    """The request a body means.

    Raises:
        InvalidRequest: with field, value and remedy; nothing was stored or fetched.
    """
    known, ignored = _fold(document)
    body = validated(known)
    field, entries = _entries(body)
    images = []
    for role, url in entries:
        images.append(ImageInput(role, await _source(field, url, desk)))
    for name in ("callback_url", "webhook"):
        if (url := getattr(body, name)) is not None:
            check_url(url, allow=desk.fetch_allow, param=name)
    return VideoRequest(
        model=body.model,
        prompt=body.prompt,
        seed=secrets.randbelow(SEED_MAX + 1) if body.seed == -1 else body.seed,
        duration=body.duration,
        aspect_ratio=body.aspect_ratio,
        resolution=body.resolution,
        images=tuple(images),
        negative_prompt=(body.negative_prompt or "").strip() or None,
        camera_fixed=body.camera_fixed,
        watermark=body.watermark,
        return_last_frame=body.return_last_frame,
        callback_url=body.callback_url,
        webhook=body.webhook,
        metadata=body.metadata,
        ignored=ignored,
        priority=body.priority,
        start_at=_start(body.start_at, desk.now),
        callback_events=body.callback_events,
        base_url=desk.base_url if body.callback_url or body.webhook else None,
    )


def _start(start_at: int | None, now: float) -> int | None:
    """When it may start, None for now. Raises InvalidRequest for more than a week ahead."""
    if start_at is not None and start_at > now + DELAY_MAX:
        raise wrong("start_at", f"start_at {start_at}")
    return start_at if start_at is not None and start_at > now else None


def images_field(document: Document) -> str:
    """The field that holds the images of this body."""
    return "image_with_roles" if document.get("image_with_roles") else "image_urls"


def _fold(document: Document) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Known fields without nulls and under their own names; names of the unknown ones."""
    present = {name: value for name, value in document.items() if value is not None}
    if isinstance(size := present.get("size"), str) and size in ASPECT_RATIOS:
        _alias(present, "size", "aspect_ratio")
    if "camerafixed" in present:
        _alias(present, "camerafixed", "camera_fixed")
    known = {name: value for name, value in present.items() if name in FIELDS}
    unknown = [name for name in present if name not in FIELDS]
    return known, tuple(_plain(name) for name in unknown[:_IGNORED])


def _alias(present: dict[str, Any], alias: str, field: str) -> None:
    value = present.pop(alias)
    if field in present and (present[field] != value or type(present[field]) is not type(value)):
        raise wrong(field, f"{field} {shown(present[field])} beside {alias} {shown(value)}", "send one of the two")
    present[field] = value


def _plain(name: str) -> str:
    cut = name[:_IGNORED_NAME]
    return cut if cut.isprintable() else "".join(letter if letter.isprintable() else "?" for letter in cut)


def _entries(body: GenerationBody) -> tuple[str, Sequence[tuple[Role, str]]]:
    """The field the images came in, and role and URL of each."""
    if body.image_urls is not None and body.image_with_roles:
        raise InvalidRequest(
            "image_urls and image_with_roles cannot be used together; send one of the two",
            param="image_urls",
            reason="image_urls_with_roles",
        )
    if body.image_urls is not None:
        return "image_urls", [(Role.FIRST_FRAME, body.image_urls[0])]
    entries = [(_role(image), image.url) for image in body.image_with_roles or ()]
    for role in Role:
        if sum(1 for other, _ in entries if other is role) > 1:
            raise InvalidRequest(
                f"image_with_roles holds more than one {role}; only one image per role is supported",
                param="image_with_roles",
                reason="duplicate_role",
            )
    return "image_with_roles", entries


def _role(image: RoleImage) -> Role:
    return Role.REFERENCE if image.role == "reference_image" else Role(image.role)


async def _source(field: str, url: str, desk: Desk) -> str:
    """What the worker reads: a URL to fetch, a data URI, or a file of our own store."""
    if url[:5].lower() == "data:":
        return url  # read, and refused if it has to be, where it is stored
    own = own_file(desk.signer, url)  # before the guard: we may well live at an address it would refuse
    if own is not None:
        return await _own(field, own, desk)
    check_url(url, allow=desk.fetch_allow, param=field)
    return url


async def _own(field: str, file: OwnFile, desk: Desk) -> str:
    if not file.name.endswith(_IMAGE_SUFFIXES):
        raise wrong(field, shown(file.name), "send the URL of an image, not of a video", "invalid_image")
    if file.expires <= desk.now or await desk.files.head(file.name) is None:
        raise wrong(field, "a link of ours that is over", "upload the image again", "image_expired")
    if file.name.startswith("uploads/"):
        return f"file:{file.name}"
    # A picture of an earlier task, such as its last frame, goes when that task's files go: it is taken as it is now.
    data = b"".join([chunk async for chunk in desk.files.read(file.name)])
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"
