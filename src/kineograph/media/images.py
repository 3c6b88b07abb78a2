"""Which images we take, told by their content; and how a request's images become files a worker can trust.

Nothing heavy is imported here: the server needs no decoder. Decoding is `media/decode.py`.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kineograph.core.errors import ImageError, InvalidRequest, NotFound
from kineograph.core.request import ARK, ImageInput, Role

if TYPE_CHECKING:
    from kineograph.core.files import FileStore
    from kineograph.media.fetch import Fetcher

BYTES_MAX = 30_000_000  # of one image, CONTRACT §1.1
SIDE_MIN = 16  # pixels

SUFFIXES: Mapping[str, str] = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/tiff": ".tiff",
    "image/heic": ".heic",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What a dialect asks of a picture beyond that we can read it. All bounds are excluded.

    Attributes:
        sides: Pixels.
        ratio: Width by height.
        kinds: Media types.
    """

    sides: tuple[int, int]
    ratio: tuple[float, float]
    kinds: frozenset[str]

    def check(self, kind: str | None, width: int, height: int) -> None:
        """Raises ImageError: `image_format`, `image_size` or `image_ratio`."""
        if kind not in self.kinds:
            told = ", ".join(sorted(name.removeprefix("image/") for name in self.kinds))
            raise ImageError(f"the image is {kind or 'of no known format'}; send one of {told}", reason="image_format")
        least, most = self.sides
        if not least < min(width, height) or not max(width, height) < most:
            raise ImageError(
                f"the image is {width}×{height}; both sides must be above {least} and below {most} pixels",
                reason="image_size",
            )
        flat, tall = self.ratio[1], self.ratio[0]
        if not tall < width / height < flat:
            raise ImageError(
                f"the image is {width}×{height}, its width by its height {width / height:.2f}; "
                f"it must be above {tall} and below {flat}",
                reason="image_ratio",
            )


# Source: Ark's documentation, CONTRACT §2. HEIC is for models that came later.
RULES: Mapping[str, Rules] = {ARK: Rules((300, 6000), (0.4, 2.5), frozenset(SUFFIXES) - {"image/heic"})}
UPLOADS = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})  # what the upload endpoint takes

_TAKEN = "JPEG, PNG, WebP, BMP, TIFF, GIF or HEIC"
_DATA_URI = re.compile(r"data:(image/[a-z0-9.+-]+)(?:;[a-z0-9-]+=[^;,]*)*;base64,", re.IGNORECASE)
_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
# Brands of ISO/IEC 23008-12 files with HEVC inside. AVIF (`avif`, `avis`) is another codec, not taken.
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1", b"heif"})


def sniff(data: bytes) -> str | None:
    """The media type by content (the first 16 bytes are enough), or None if it is no image we take."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        return "image/heic"
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), None)


def name_of(data: bytes) -> str:
    """What the bytes are instead of an image we take, for a message."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not data:
        return "empty"
    if b"<svg" in head:
        return "SVG, which is a program and not a picture"
    if head.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "a web page, not an image"
    if data[4:8] == b"ftyp":
        return "AVIF or a video"
    if head.startswith(b"%pdf"):
        return "a PDF"
    return "no image we can read"


def parse_data_uri(text: str) -> tuple[str, bytes]:
    """`data:image/<format>;base64,…` to media type by content, and bytes.

    Raises:
        InvalidRequest: `invalid_image`: another kind of URI, bad base64, empty, too large, or no image.
    """
    head = _DATA_URI.match(text)
    if head is None:
        raise _unusable("the image is not a data:image/<format>;base64,… URI; send one, or an http(s) URL")
    if (len(text) - head.end()) * 3 // 4 > BYTES_MAX + 3:
        raise _unusable(f"the image is larger than {BYTES_MAX // 1_000_000} MB; scale it down")
    try:
        data = base64.b64decode("".join(text[head.end() :].split()), validate=True)
    except (binascii.Error, ValueError):
        raise _unusable("the image's base64 is broken; encode the file again") from None
    kind = sniff(data)
    if kind is None:
        raise _unusable(f"the data URI holds {name_of(data)}; send {_TAKEN}")
    return kind, data


def _unusable(message: str) -> InvalidRequest:
    return InvalidRequest(message, reason="invalid_image")


async def fetch_images(
    images: Sequence[ImageInput], files: FileStore, fetcher: Fetcher, folder: Path, rules: Rules | None = None
) -> dict[Role, Path]:
    """Bring a request's images here, checked to the last pixel, in `fetcher.total` seconds together.

    Args:
        images: Each an http(s) URL or `file:NAME`, a name in our own store.
        files: Where uploads and decoded data URIs are.
        fetcher: Guarded.
        folder: Exists; receives `<role>.<suffix by content>`.
        rules: Those of the dialect it was asked in, where the pictures were not checked before.

    Raises:
        ImageError: for the caller, names the role.
    """
    found: dict[Role, Path] = {}
    try:
        async with asyncio.timeout(fetcher.total):
            for image in images:
                found[image.role] = await _bring(image, files, fetcher, folder, rules)
    except TimeoutError as error:
        raise ImageError(f"the images did not arrive within {fetcher.total:g} s") from error
    return found


async def _bring(image: ImageInput, files: FileStore, fetcher: Fetcher, folder: Path, rules: Rules | None) -> Path:
    """One image as a checked file."""
    raw = folder / f"{image.role}.part"
    try:
        if image.source.startswith("file:"):
            await files.fetch(image.source.removeprefix("file:"), raw)
        else:
            await fetcher.get(image.source, raw, BYTES_MAX)
        return await asyncio.to_thread(_checked, raw, rules)
    except NotFound as error:
        raise ImageError(f"{image.role}: the uploaded image has expired; upload it again") from error
    except ImageError as error:
        raise ImageError(f"{image.role}: {error.message}", reason=error.reason) from error


def _checked(raw: Path, rules: Rules | None) -> Path:
    """Decode it once, so that what is broken is refused before a film is begun; then name it by its content."""
    from kineograph.media.decode import load  # Pillow and numpy stay out of the server

    if raw.stat().st_size > BYTES_MAX:
        raise ImageError(f"the image is larger than {BYTES_MAX // 1_000_000} MB", reason="image_too_large")
    height, width = load(raw).shape[:2]
    with raw.open("rb") as file:
        kind = sniff(file.read(16))
    assert kind is not None
    if rules is not None:
        rules.check(kind, width, height)
    return raw.rename(raw.with_suffix(SUFFIXES[kind]))
