"""Images of a request: URLs as they are, files and bytes inlined as data URIs or handed over first."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import TypeAlias

from kineograph.client.errors import NotSent

Picture: TypeAlias = str | Path | bytes  # URL or data URI, path of a file, or what is in one

INLINE = 4_000_000  # bytes; a larger image goes by upload, where the server has that
UPLOAD = 20 * 1024 * 1024  # bytes the upload endpoint takes, CONTRACT §1.3
UPLOADED = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})  # types it takes
_URL = re.compile(r"(https?://|data:)", re.IGNORECASE)
_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)


def is_url(picture: Picture) -> bool:
    """Whether the server can have it as it is."""
    return isinstance(picture, str) and _URL.match(picture) is not None


def read(field: str, picture: Picture) -> bytes:
    """The bytes of a file, or the bytes. Raises NotSent."""
    if isinstance(picture, bytes):
        return picture
    try:
        return Path(picture).expanduser().read_bytes()
    except (OSError, ValueError):
        raise NotSent(
            f"{field}: there is no image file {str(picture)[:200]!r}; give a path or an http(s) URL", param=field
        ) from None


def media_type(data: bytes) -> str:
    """By content; `image/unknown` is left to the server, which takes more kinds than we need to know."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp":
        return "image/heic"
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), "image/unknown")


def inlined(data: bytes) -> str:
    """The data URI."""
    return f"data:{media_type(data)};base64,{base64.b64encode(data).decode()}"


def goes_by_upload(data: bytes) -> bool:
    """Whether it is worth a request of its own."""
    return INLINE < len(data) <= UPLOAD and media_type(data) in UPLOADED
