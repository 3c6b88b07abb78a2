"""Signed files over HTTP: HEAD, GET, single ranges, conditions. Streams; never holds a film in memory."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncGenerator, Mapping
from email.utils import formatdate, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from kineograph.api.errors import RangeNotSatisfiable
from kineograph.api.links import Signer
from kineograph.api.query import Query
from kineograph.api.service import Service
from kineograph.core.errors import KineographError, NotFound
from kineograph.core.files import FileInfo
from kineograph.core.names import is_preview, media_type, shown_name
from kineograph.telemetry import event

LINK_LIFE = 900  # seconds a link of the storage's own may be opened; a player that seeks later comes back to ours
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Files:
    """GET and HEAD of `/v1/files/{name}`."""

    def __init__(self, service: Service, signer: Signer) -> None:
        self._files, self._signer, self._clock = service.files, signer, service.clock
        self._redirect = service.storage_redirect

    async def get(self, request: Request) -> Response:
        """The file, a part of it, 304, 307 to the storage's own link, or 416. 403 for a link that is forged or over."""
        name: str = request.path_params["name"]
        query, now = Query(request), self._clock()
        expires = query.text("expires") or ""
        self._signer.check("file", name, expires, query.text("signature") or "", now)
        return await self.serve(request, name, max(0, int(int(expires) - now)))

    async def serve(self, request: Request, name: str, lives: int) -> Response:
        """A file to whoever may have it, as `get` does.

        Args:
            lives: Seconds that the caller's cache may keep it.
        """
        info = await self._files.head(name)
        if info is None and is_preview(name):
            return Response(None, 204, {"Cache-Control": "no-store"})  # no frame yet, or the film is over
        if info is None:
            raise NotFound("this file is gone; the task's status says since when", reason="file_gone")
        headers = _headers(info, lives)
        if _etag(info) in [
            tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")
        ]:
            return Response(None, 304, headers)
        span = _span(request, info)
        start, end = span or (0, info.size)
        if span is not None:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{info.size}"
        headers["Content-Length"] = str(end - start)
        kind = media_type(name)
        if request.method == "HEAD":
            return Response(None, 206 if span else 200, headers, kind)
        if self._redirect and (link := await self._files.link(name, LINK_LIFE)):
            return Response(None, 307, {"Location": link, "Cache-Control": "no-store"})
        chunks = self._files.read(name, start, end)
        first = await anext(chunks, b"")  # a storage that went away since is a 503 and no broken film
        return _Transfer(_joined(first, chunks), 206 if span else 200, headers, kind)


class _Transfer(StreamingResponse):
    """Ends with the caller: left to the garbage collector, the storage's connection would stay for minutes."""

    def __init__(self, chunks: AsyncGenerator[bytes], status: int, headers: Mapping[str, str], kind: str) -> None:
        super().__init__(chunks, status, headers, kind)
        self._chunks = chunks

    async def stream_response(self, send: Send) -> None:
        """Starlette's. A storage that breaks off breaks the connection off: bytes are missing, no end may be sent."""
        try:
            await super().stream_response(send)
        except KineographError as error:
            event("file.broken", reason=error.reason)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with contextlib.aclosing(self._chunks):
            await super().__call__(scope, receive, send)


async def _joined(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with contextlib.aclosing(rest):
        yield first
        async for chunk in rest:
            yield chunk


def _headers(info: FileInfo, lives: int) -> dict[str, str]:
    headers = {
        "ETag": _etag(info),
        "Last-Modified": formatdate(info.modified, usegmt=True),
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-store" if is_preview(info.name) else f"private, max-age={lives}, immutable",
        "Content-Disposition": f'inline; filename="{shown_name(info.name)}"',
    }
    if not info.name.endswith(".mp4"):  # uploads are what callers sent: nothing in them may run
        headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return headers


def _etag(info: FileInfo) -> str:
    """Names are never written twice with other bytes (the attempt is in them; previews are never kept), so size and time are
    enough."""
    return f'"{info.size:x}-{int(info.modified * 1000):x}"'


def _span(request: Request, info: FileInfo) -> tuple[int, int] | None:
    """Start and end (excluded) of the asked range, None for the whole file: RFC 9110 §14."""
    found = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if found is None or found[0] == "bytes=-" or not _unchanged(request, info):
        return None  # absent, several ranges or nonsense: the whole file is a correct answer
    first, last = found[1], found[2]
    if not first:
        start, end = max(0, info.size - int(last)), info.size
    else:
        start, end = int(first), min(int(last) + 1, info.size) if last else info.size
        if last and int(last) < start:
            return None
    if start >= info.size or start >= end:
        raise RangeNotSatisfiable(info.size)
    return start, end


def _unchanged(request: Request, info: FileInfo) -> bool:
    """Whether If-Range still holds."""
    condition = request.headers.get("if-range")
    if condition is None or condition == _etag(info):
        return True
    try:
        return int(parsedate_to_datetime(condition).timestamp()) == int(info.modified)
    except ValueError:
        return False
