"""Images of an order as data URIs: private ones need no public address."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

_KINDS = {
    ".jpg": "jpeg",
    ".png": "png",
    ".webp": "webp",
    ".gif": "gif",
    ".bmp": "bmp",
    ".tiff": "tiff",
    ".heic": "heic",
}


async def data_uri(path: Path) -> str:
    """`data:image/png;base64,…`"""
    return await asyncio.to_thread(_encoded, path)


def _encoded(path: Path) -> str:
    return f"data:{media_type(path)};base64,{base64.b64encode(path.read_bytes()).decode()}"


def media_type(path: Path) -> str:
    """By its suffix, which the intake gave it by its content."""
    return f"image/{_KINDS.get(path.suffix, 'png')}"
