"""Images in: data URIs and their types. Decoding and cropping join it."""

from __future__ import annotations

import base64
import binascii
import re

from kineograph.core.errors import InvalidRequest

_DATA_URI = re.compile(r"data:(image/[a-z0-9.+-]+);base64,([A-Za-z0-9+/=\s]*)", re.IGNORECASE)

_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)


def sniff(data: bytes) -> str | None:
    """The media type by content, or None if it is no image we take."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp" and data[8:12] in {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heif"}:
        return "image/heic"
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), None)


def parse_data_uri(text: str) -> tuple[str, bytes]:
    """`data:image/<format>;base64,…` -> media type by content, bytes.

    Raises:
        InvalidRequest: not base64, empty, or no image.
    """
    match = _DATA_URI.fullmatch(text)
    if match is None:
        raise InvalidRequest(
            "the image is not a data:image/<format>;base64,… URI; send one, or an http(s) URL", reason="invalid_image"
        )
    try:
        data = base64.b64decode("".join(match[2].split()), validate=True)
    except binascii.Error:
        raise InvalidRequest("the image's base64 is broken; encode the file again", reason="invalid_image") from None
    kind = sniff(data)
    if kind is None:
        raise InvalidRequest(
            "the data URI holds no image we can read; send JPEG, PNG, WebP, BMP, TIFF, GIF or HEIC",
            reason="invalid_image",
        )
    return kind, data
