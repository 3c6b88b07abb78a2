"""From the native body to a VideoRequest: null, aliases, cross rules, images, the seed. Wire words end here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kineograph.api.body import Document
from kineograph.api.desk import Desk, drawn, split, without_null
from kineograph.api.native_models import FIELDS, GenerationBody, RoleImage, shown, validated, wrong
from kineograph.core.errors import InvalidRequest
from kineograph.core.request import ASPECT_RATIOS, DELAY_MAX, ImageInput, Role, VideoRequest


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
        images.append(ImageInput(role, await desk.source(field, url)))
    desk.check_callback("callback_url", body.callback_url)
    desk.check_callback("webhook", body.webhook)
    return VideoRequest(
        model=body.model,
        prompt=body.prompt,
        seed=drawn(body.seed),
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
    present = without_null(document)
    if isinstance(size := present.get("size"), str) and size in ASPECT_RATIOS:
        _alias(present, "size", "aspect_ratio")
    if "camerafixed" in present:
        _alias(present, "camerafixed", "camera_fixed")
    return split(present, FIELDS)


def _alias(present: dict[str, Any], alias: str, field: str) -> None:
    value = present.pop(alias)
    if field in present and (present[field] != value or type(present[field]) is not type(value)):
        raise wrong(field, f"{field} {shown(present[field])} beside {alias} {shown(value)}", "send one of the two")
    present[field] = value


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
    return "image_with_roles", role_entries(body.image_with_roles or ())


def role_entries(images: Sequence[RoleImage]) -> list[tuple[Role, str]]:
    """Role and URL of each entry of `image_with_roles`. Raises InvalidRequest for two of one role."""
    entries = [(_role(image), image.url) for image in images]
    for role in Role:
        if sum(1 for other, _ in entries if other is role) > 1:
            raise InvalidRequest(
                f"image_with_roles holds more than one {role}; only one image per role is supported",
                param="image_with_roles",
                reason="duplicate_role",
            )
    return entries


def _role(image: RoleImage) -> Role:
    return Role.REFERENCE if image.role == "reference_image" else Role(image.role)
