"""Where every dialect's bodies are read: what is common to all of them."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Collection, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request

from kineograph.api.body import Document
from kineograph.api.links import OwnFile, Signer, own_file
from kineograph.api.native_models import shown, wrong
from kineograph.api.service import Service
from kineograph.core.errors import InvalidRequest
from kineograph.core.files import FileStore
from kineograph.core.keys import Key
from kineograph.core.ports import Idempotency, Inserted
from kineograph.core.request import SEED_MAX, VideoRequest
from kineograph.media.fetch import check_url
from kineograph.tasks import Tasks

_IGNORED = 100  # names kept of unknown fields; more are noise
_IGNORED_NAME = 64  # characters kept of each
_IMAGE_SUFFIXES = (".png", ".jpg", ".webp", ".gif")
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,191}")


@dataclass(frozen=True, slots=True)
class Desk:
    """What reading a body needs besides the body.

    Attributes:
        fetch_allow: Networks exempt from the guard on addresses.
        now: Unix seconds: links to uploads may be over.
        base_url: Under which the caller reached us.
    """

    signer: Signer
    files: FileStore
    fetch_allow: tuple[str, ...]
    now: float
    base_url: str | None = None

    async def source(self, field: str, url: str) -> str:
        """What the worker reads: a URL to fetch, a data URI, or a file of our own store. Raises InvalidRequest."""
        if url[:5].lower() == "data:":
            return url  # read, and refused if it has to be, where it is stored
        own = own_file(self.signer, url)  # before the guard: we may well live at an address it would refuse
        if own is not None:
            return await self._own(field, own)
        check_url(url, allow=self.fetch_allow, param=field)
        return url

    def check_callback(self, field: str, url: str | None) -> None:
        """Raises InvalidRequest for an address nobody may be told at."""
        if url is not None:
            check_url(url, allow=self.fetch_allow, param=field)

    async def _own(self, field: str, file: OwnFile) -> str:
        if not file.name.endswith(_IMAGE_SUFFIXES):
            raise wrong(field, shown(file.name), "send the URL of an image, not of a video", "invalid_image")
        if file.expires <= self.now or await self.files.head(file.name) is None:
            raise wrong(field, "a link of ours that is over", "upload the image again", "image_expired")
        if file.name.startswith("uploads/"):
            return f"file:{file.name}"
        return await self.copied(file.name)

    async def copied(self, name: str) -> str:
        """A picture of an earlier task as it is now: it goes when that task's files go. Raises NotFound."""
        data = b"".join([chunk async for chunk in self.files.read(name)])
        return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def desk_of(service: Service, signer: Signer, base_url: str) -> Desk:
    """The desk at this moment."""
    return Desk(signer, service.files, service.fetch_allow, service.clock(), base_url)


def split(present: Mapping[str, Any], fields: Collection[str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The known fields, and the names of the others as they are kept."""
    known = {name: value for name, value in present.items() if name in fields}
    unknown = [name for name in present if name not in fields]
    return known, tuple(_plain(name) for name in unknown[:_IGNORED])


def without_null(document: Document) -> dict[str, Any]:
    """`null` means absent."""
    return {name: value for name, value in document.items() if value is not None}


def drawn(seed: int) -> int:
    """The seed; -1 is settled here, once."""
    return secrets.randbelow(SEED_MAX + 1) if seed == -1 else seed


def _plain(name: str) -> str:
    cut = name[:_IGNORED_NAME]
    return cut if cut.isprintable() else "".join(letter if letter.isprintable() else "?" for letter in cut)


async def accept(
    tasks: Tasks,
    reading: Coroutine[Any, Any, VideoRequest],
    key: Key,
    idempotency: Idempotency | None,
    simulated: str | None = None,
) -> Inserted:
    """Read a body and submit it.

    Args:
        simulated: See VideoRequest.

    Raises:
        InvalidRequest: it is wrong, and its Idempotency-Key stands for nothing yet.
    """
    try:
        return await tasks.submit(replace(await reading, simulated=simulated), key, idempotency)
    except InvalidRequest:
        # What was right when the key was first used may be over by now: a link to an upload, a model.
        earlier = await tasks.earlier(idempotency) if idempotency else None
        if earlier is None:
            raise
        return Inserted(earlier, replayed=True)


def idempotency_key(request: Request) -> str | None:
    """The caller's promise that two requests are the same one. Raises InvalidRequest."""
    values = request.headers.getlist("idempotency-key")
    if not values:
        return None
    if len(values) > 1 or not _IDEMPOTENCY_KEY.fullmatch(values[0]):
        raise InvalidRequest(
            "the Idempotency-Key header must be sent once and hold 1 to 191 visible ASCII characters without spaces",
            param="Idempotency-Key",
            reason="invalid_idempotency_key",
        )
    return values[0]
