"""Multipart bodies: bounded, and as a document: names in brackets, files as data URIs."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from kineograph.api.body import Document, bounded
from kineograph.core.errors import InvalidRequest, TooLarge
from kineograph.media.images import BYTES_MAX, sniff

_NAME = re.compile(r"([^\[\]]{1,100})((?:\[[^\[\]]{0,100}\]){0,4})")
_STEP = re.compile(r"\[([^\[\]]*)\]")
_FIELDS, _FILES = 128, 4


def is_form(request: Request) -> bool:
    """Whether the body is multipart."""
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


@contextlib.asynccontextmanager
async def multipart(
    request: Request, limit: int, remedy: str, too_large: TooLarge | None = None
) -> AsyncIterator[FormData]:
    """The parts of a body of at most `limit` bytes; its files are gone after the block.

    Args:
        remedy: What to send instead, for messages.
        too_large: Said instead of the body's own refusal.

    Raises:
        InvalidRequest, TooLarge, TooSlow: see `bounded`; `malformed_multipart`.
    """
    parser = MultiPartParser(request.headers, _stream(request, limit, too_large), max_files=_FILES, max_fields=_FIELDS)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError) as error:
        raise InvalidRequest(
            f"the multipart body cannot be read; {remedy}", param="file", reason="malformed_multipart"
        ) from error
    try:
        yield form
    finally:
        await form.close()


async def _stream(request: Request, limit: int, too_large: TooLarge | None) -> AsyncGenerator[bytes, None]:
    try:
        async for chunk in bounded(request, limit):
            yield chunk
    except TooLarge as error:
        raise too_large or error from None


async def document_of(form: FormData) -> Document:
    """The form as the JSON it stands for: `a[b]=1` is `{"a": {"b": "1"}}`, `a[][b]=1` is `{"a": [{"b": "1"}]}`, values are texts,
    a file is the data URI of an image. Raises InvalidRequest."""
    document: Document = {}
    for name, value in form.multi_items():
        text = value if isinstance(value, str) else await _data_uri(name, value)
        if "\x00" in name or "\x00" in text:
            raise InvalidRequest(
                f"field {name[:60]!r} holds the character NUL; leave it out", reason="malformed_multipart"
            )
        found = _NAME.fullmatch(name)
        key, steps = (found[1], _STEP.findall(found[2])) if found else (name, [])
        _put(document, key, steps, text, name)
    return document


def _put(place: dict[str, Any], key: str, steps: list[str], value: str, name: str) -> None:
    """Walk down the steps, making what is missing, and leave the value there."""
    if not steps:
        if key in place:
            raise _twice(name)
        place[key] = value
        return
    step, *rest = steps
    if step:
        inner = place.setdefault(key, {})
        if not isinstance(inner, dict):
            raise _twice(name)
        _put(inner, step, rest, value, name)
        return
    entries = place.setdefault(key, [])
    if not isinstance(entries, list):
        raise _twice(name)
    if not rest:
        entries.append(value)
        return
    # `a[][x]` then `a[][y]` are one entry; when a name comes again, the next one begins.
    if not entries or not isinstance(entries[-1], dict) or rest[0] in entries[-1]:
        entries.append({})
    _put(entries[-1], rest[0], rest[1:], value, name)


def _twice(name: str) -> InvalidRequest:
    return InvalidRequest(f"field {name[:60]!r} appears twice; send it once", param=name[:60], reason="duplicate_field")


async def _data_uri(name: str, file: UploadFile) -> str:
    if (file.size or 0) > BYTES_MAX:
        raise TooLarge(f"{name[:60]} is larger than {BYTES_MAX // 1_000_000} MB; scale the image down", param=name[:60])
    data = await file.read()
    kind = sniff(data) or "image/unknown"  # what it is instead is said where it is decoded
    return f"data:{kind};base64,{await asyncio.to_thread(lambda: base64.b64encode(data).decode())}"
