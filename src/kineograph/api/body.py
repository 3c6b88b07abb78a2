"""Request bodies: bounded, UTF-8, JSON without its traps. Everything refused here is refused in one sentence."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any, NoReturn

from starlette.requests import Request

from kineograph.api.errors import TooSlow
from kineograph.core.errors import InvalidRequest, TooLarge, UnsupportedMedia

SILENCE = 30.0  # seconds without a byte of a body that was begun
JSON_LIMIT = 64 * 1024 * 1024  # bytes, CONTRACT §1.1
_LONG = 256 * 1024  # bytes; parsing more than this holds the event loop for over a millisecond: it goes to a thread

Document = dict[str, Any]  # JSON meets the wire here


async def read_json(request: Request, marked: bool = False) -> tuple[Document, str]:
    """The body as a JSON object, and its fingerprint if `marked`, else "".

    Raises:
        UnsupportedMedia: another content type, charset or encoding.
        TooLarge: more than JSON_LIMIT bytes.
        InvalidRequest: not UTF-8, not JSON, not an object, a field twice, characters no text has.
    """
    _check_type(request)
    data = b"".join([chunk async for chunk in bounded(request, JSON_LIMIT)])
    return _read(data, marked) if len(data) < _LONG else await asyncio.to_thread(_read, data, marked)


async def bounded(request: Request, limit: int) -> AsyncIterator[bytes]:
    """The body in chunks. Raises TooLarge as soon as it is known to exceed `limit` bytes, TooSlow if it stops coming."""
    declared = request.headers.get("content-length", "")
    total = int(declared) if declared.isascii() and declared.isdigit() and len(declared) < 20 else 0
    if total > limit:
        raise _too_large(limit)
    total = 0
    chunks = aiter(request.stream())
    while (chunk := await _next(chunks)) is not None:
        total += len(chunk)  # Content-Length may lie or be absent
        if total > limit:
            raise _too_large(limit)
        yield chunk


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    """The next chunk, None at the end. Raises TooSlow if the caller falls silent."""
    try:
        async with asyncio.timeout(SILENCE):
            return await anext(chunks, None)
    except TimeoutError:
        raise TooSlow(f"the body stopped arriving for {SILENCE:g} seconds; send it again") from None


def _read(data: bytes, marked: bool) -> tuple[Document, str]:
    document = parse(data)
    return document, fingerprint(document) if marked else ""


def parse(data: bytes) -> Document:
    """A JSON object from bytes. Raises InvalidRequest."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _malformed(f"the body is not UTF-8 at byte {error.start}; encode the JSON as UTF-8") from None
    try:
        document = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
        if "\\u" in text:
            _check_characters(document)
    except RecursionError:
        raise _malformed("the JSON is nested too deeply; send a flat object") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _malformed(f"the body is not valid JSON ({error.msg} at {where}); send a JSON object") from None
    except ValueError:  # an integer of more digits than Python converts
        raise _malformed("the JSON holds a number too long to read; use ordinary numbers") from None
    if not isinstance(document, dict):
        raise _malformed("the body is not a JSON object; send {…} with model and prompt")
    return document


def fingerprint(document: Document) -> str:
    """sha256 of the parsed JSON with its keys sorted: equal for equal requests however they are written."""
    try:
        return sha256(json.dumps(document, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    except RecursionError:
        raise _malformed("the JSON is nested too deeply; send a flat object") from None


def _once(pairs: list[tuple[str, Any]]) -> Document:
    document = dict(pairs)
    if len(document) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]  # set.add is the idiom
        raise InvalidRequest(
            f"field {twice[:60]!r} appears twice; send each field once", param=twice[:60], reason="duplicate_field"
        )
    return document


def _no_constant(name: str) -> NoReturn:
    raise _malformed(f"{name} is not valid JSON; use a finite number")


def _check_characters(document: Any) -> None:
    """Escapes can smuggle in what UTF-8 itself refuses: half a surrogate pair, and NUL, which no database takes."""
    try:
        text = json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise _malformed("the JSON holds half of a surrogate pair (\\ud800…\\udfff); escape whole characters") from None
    if b"\\u0000" in text.replace(b"\\\\", b""):
        raise _malformed("the JSON holds the character NUL (\\u0000); leave it out")


def _check_type(request: Request) -> None:
    kind, _, parameters = request.headers.get("content-type", "application/json").partition(";")
    kind = kind.strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UnsupportedMedia(
            f"content type {kind[:60]!r} is not taken here; send Content-Type: application/json",
            param="Content-Type",
        )
    charset = parameters.lower().replace('"', "").replace(" ", "").partition("charset=")[2].partition(";")[0]
    if charset not in {"", "utf-8", "utf8"}:
        raise UnsupportedMedia(f"charset {charset[:40]!r} is not taken here; send UTF-8", param="Content-Type")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMedia("compressed bodies are not taken here; send it as it is", param="Content-Encoding")


def _malformed(message: str) -> InvalidRequest:
    return InvalidRequest(message, reason="malformed_json")


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        f"the body is larger than {limit // (1024 * 1024)} MB; send less, or upload images to /v1/uploads/images first"
    )
