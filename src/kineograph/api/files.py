"""Signed files over HTTP: HEAD, GET, single ranges, conditions. Streams; never holds a film in memory."""

from __future__ import annotations

import re
from email.utils import formatdate, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kineograph.api.errors import RangeNotSatisfiable
from kineograph.api.links import Signer
from kineograph.api.query import Query
from kineograph.api.service import Service
from kineograph.core.errors import NotFound
from kineograph.core.files import FileInfo
from kineograph.core.names import media_type, shown_name

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Files:
    """GET and HEAD of `/v1/files/{name}`."""

    def __init__(self, service: Service, signer: Signer) -> None:
        self._files, self._signer, self._clock = service.files, signer, service.clock

    async def get(self, request: Request) -> Response:
        """The file, a part of it, 304 or 416. 403 for a link that is forged or over."""
        name: str = request.path_params["name"]
        query, now = Query(request), self._clock()
        expires = query.text("expires") or ""
        self._signer.check("file", name, expires, query.text("signature") or "", now)
        info = await self._files.head(name)
        if info is None:
            raise NotFound("this file is gone; the task's status says since when", reason="file_gone")
        headers = _headers(info, max(0, int(int(expires) - now)))
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
        return StreamingResponse(self._files.read(name, start, end), 206 if span else 200, headers, kind)


def _headers(info: FileInfo, lives: int) -> dict[str, str]:
    headers = {
        "ETag": _etag(info),
        "Last-Modified": formatdate(info.modified, usegmt=True),
        "Accept-Ranges": "bytes",
        "Cache-Control": f"private, max-age={lives}, immutable",
        "Content-Disposition": f'inline; filename="{shown_name(info.name)}"',
    }
    if not info.name.endswith(".mp4"):  # uploads are what callers sent: nothing in them may run
        headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return headers


def _etag(info: FileInfo) -> str:
    """Names are never written twice with other bytes (the attempt is in them), so size and time are enough."""
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
