"""The console: static modules beside this file. It speaks only the public API, so nothing here knows of tasks or keys."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from kineograph.core.errors import NotFound

FOLDER = Path(__file__).parent / "console"
# Films may come from the public address or, redirected, from a bucket: media from anywhere over https, nothing else.
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: https:; media-src 'self' https:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CSP,
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",  # asked again every time, answered 304: an upgrade is seen at once
}
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html"}


@dataclass(frozen=True, slots=True)
class _Part:
    body: bytes
    packed: bytes  # gzip
    media_type: str
    etag: str


async def console(request: Request) -> Response:
    """GET /console/…: a part of the console; its page for the folder itself."""
    name = request.path_params.get("name") or "index.html"
    part = _parts().get(name)
    if part is None:
        raise NotFound(f"the console has no part {name[:60]!r}", reason="unknown_route")
    headers = {**_HEADERS, "ETag": part.etag, "Vary": "Accept-Encoding"}
    if part.etag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(part.packed, 200, headers | {"Content-Encoding": "gzip"}, part.media_type)
    return Response(part.body, 200, headers, part.media_type)


async def console_folder(_request: Request) -> Response:
    """GET /console: its parts are named relative to the folder, so the address must end with a slash. A relative redirect:
    a proxy may have put us under a prefix."""
    return Response(None, 307, {"Location": "console/", "Cache-Control": "no-cache"})


async def reference(_request: Request) -> Response:
    """GET /docs: the console's page about the API, which needs no key to be read."""
    return Response(None, 307, {"Location": "console/#/reference", "Cache-Control": "no-cache"})


@cache
def _parts() -> dict[str, _Part]:
    """All files by name, read once: nothing a caller sends becomes a path."""
    found = {}
    for path in sorted(FOLDER.rglob("*")):
        kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
        if path.is_file() and kind is not None:
            body = path.read_bytes()
            etag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
            found[path.relative_to(FOLDER).as_posix()] = _Part(body, gzip.compress(body, mtime=0), kind, etag)
    return found
