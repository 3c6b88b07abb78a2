"""POST /v1/uploads/images: an image by multipart, kept for three days, answered with a signed URL."""

from __future__ import annotations

from pathlib import PurePosixPath

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from ulid import ULID

from kineograph.api.auth import caller
from kineograph.api.edge import Edge
from kineograph.api.forms import is_form, multipart
from kineograph.api.links import Links, Signer
from kineograph.api.reply import reply
from kineograph.api.service import Service
from kineograph.core.errors import InvalidRequest, TooLarge, UnsupportedMedia
from kineograph.core.keys import Scope
from kineograph.media.images import sniff
from kineograph.telemetry import event

UPLOAD_LIMIT = 20 * 1024 * 1024  # bytes of the image, CONTRACT §1.3
UPLOAD_TTL = 72 * 3600  # seconds an upload lives
_OVERHEAD = 64 * 1024  # bytes of multipart around the image
_SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif"}


class Uploads:
    """Uploaded images."""

    def __init__(self, service: Service, edge: Edge, signer: Signer) -> None:
        self._service, self._edge, self._signer = service, edge, signer

    async def create(self, request: Request) -> Response:
        """200 with the image's URL, to be used in image_urls and image_with_roles."""
        key = caller(request, Scope.GENERATE)
        self._service.tasks.admit()
        filename, data = await _read(request)
        kind = sniff(data)
        if kind not in _SUFFIXES:
            raise InvalidRequest(
                "file is not an image we take; send JPEG, PNG, WebP or GIF", param="file", reason="unsupported_format"
            )
        now = self._service.clock()
        name = f"uploads/{ULID.from_timestamp(now)}{_SUFFIXES[kind]}"
        await self._service.files.put(name, data)
        event("image.uploaded", key_id=key.id, bytes=len(data), content_type=kind)
        links = Links(self._edge.base_url(request.scope), self._signer, UPLOAD_TTL)
        return reply(
            {
                "url": links.file(name, int(now) + UPLOAD_TTL),
                "filename": filename or PurePosixPath(name).name,
                "content_type": kind,
                "bytes": len(data),
                "created_at": int(now),
            }
        )


async def _read(request: Request) -> tuple[str, bytes]:
    """Name and bytes of the part `file`."""
    kind = request.headers.get("content-type", "")
    if not is_form(request):
        raise UnsupportedMedia(
            f"content type {kind[:60]!r} is not taken here; send multipart/form-data with a field named file",
            param="Content-Type",
        )
    remedy = "send multipart/form-data with a boundary and a field named file"
    async with multipart(request, UPLOAD_LIMIT + _OVERHEAD, remedy, _too_large()) as form:
        files = [part for part in form.getlist("file") if isinstance(part, UploadFile)]
        if len(files) != 1:
            many = "is missing" if not files else "appears more than once"
            raise InvalidRequest(
                f"file {many}; send one image in the multipart field named file", param="file", reason="missing_file"
            )
        if (files[0].size or 0) > UPLOAD_LIMIT:
            raise _too_large()
        return _plain(files[0].filename or ""), await files[0].read()


def _too_large() -> TooLarge:
    return TooLarge("file is larger than 20 MB; scale the image down", param="file")


def _plain(filename: str) -> str:
    """The last part of the caller's file name, without control characters."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1][:255]
    return "".join(letter for letter in name if letter.isprintable())
