"""From the native body to a VideoRequest: null, aliases, cross rules, images, the seed. Wire words end here."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from kineograph.api.body import Document
from kineograph.api.links import FILES, Signer, own_file
from kineograph.api.native_models import FIELDS, URL_MAX, GenerationBody, RoleImage, shown, validated, wrong
from kineograph.core.errors import InvalidRequest
from kineograph.core.ports import FileStore
from kineograph.core.request import ASPECT_RATIOS, SEED_MAX, ImageInput, Role, VideoRequest

IMAGE_BYTES = 30 * 1024 * 1024  # of one decoded image, CONTRACT §1.1
_IGNORED = 100  # names kept of unknown fields; more are noise
_IGNORED_NAME = 64  # characters kept of each
_IMAGE_SUFFIXES = (".png", ".jpg", ".webp", ".gif")


async def to_request(document: Document, signer: Signer, files: FileStore, now: float) -> VideoRequest:
    """The request a body means.

    Args:
        now: Unix seconds: links to uploads may be over.

    Raises:
        InvalidRequest: with field, value and remedy; nothing was stored or fetched.
    """
    known, ignored = _fold(document)
    body = validated(known)
    field, entries = _entries(body)
    images = []
    for role, url in entries:
        images.append(ImageInput(role, await _source(field, url, signer, files, now)))
    for name in ("callback_url", "webhook"):
        if (url := getattr(body, name)) is not None:
            _check_url(name, url)
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
    )


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


async def _source(field: str, url: str, signer: Signer, files: FileStore, now: float) -> str:
    """What the worker reads: a URL to fetch, a data URI, or a file of our own store."""
    if url[:5].lower() == "data:":
        if (len(url) - url.find(",")) * 3 // 4 > IMAGE_BYTES:
            raise wrong(field, "an image of more than 30 MB", "send a smaller one", "image_too_large")
        return url
    _check_url(field, url)
    own = own_file(signer, url) if FILES in url else None
    return url if own is None else await _own(field, own.name, own.expires, files, now)


async def _own(field: str, name: str, expires: int, files: FileStore, now: float) -> str:
    if not name.endswith(_IMAGE_SUFFIXES):
        raise wrong(field, shown(name), "send the URL of an image, not of a video", "invalid_image")
    if expires <= now or await files.head(name) is None:
        raise wrong(field, "a link of ours that is over", "upload the image again", "image_expired")
    if name.startswith("uploads/"):
        return f"file:{name}"
    # A picture of an earlier task, such as its last frame. It goes when that task's files go, so it is taken as it is now.
    data = b"".join([chunk async for chunk in files.read(name)])
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def _check_url(field: str, url: str) -> None:
    if len(url) > URL_MAX:
        raise wrong(field, f"a URL of {len(url)} characters", f"send at most {URL_MAX}")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or not url.isprintable() or " " in url or "@" in parts.netloc:
        raise wrong(field, shown(url), "send an absolute http(s) URL" + ("" if field not in _IMAGES else _OR_DATA))


_IMAGES = frozenset({"image_urls", "image_with_roles"})
_OR_DATA = ", a data:image/…;base64 URI, or a URL from /v1/uploads/images"
