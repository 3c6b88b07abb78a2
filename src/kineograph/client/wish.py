"""What can be asked for beside the prompt, and the body that says so."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, TypedDict

from kineograph.client import pictures
from kineograph.client.errors import Conflict, Invalid, NotFound
from kineograph.client.pictures import Picture
from kineograph.client.wire import Flow, Patience, Request, Work, document, exchange

DEFAULT_MODEL: Final = "doubao-seedance-1-0-pro-fast"
ROLES = ("first_frame", "last_frame", "reference")
UPLOADS = "/v1/uploads/images"


class Wish(TypedDict, total=False):
    """Keywords of generate, submit and quote; docs/reference/native.md says what each may be. Images are paths, URLs or
    bytes. `extra` goes into the body as it is: for fields of other servers."""

    model: str
    duration: int
    aspect_ratio: str
    resolution: str
    seed: int
    first_frame: Picture | None
    last_frame: Picture | None
    reference: Picture | None
    negative_prompt: str | None
    camera_fixed: bool
    watermark: bool
    return_last_frame: bool
    webhook: str | None
    callback_url: str | None
    callback_events: str
    metadata: Mapping[str, str]
    priority: int
    start_at: int
    extra: Mapping[str, Any]  # JSON of the wire


def body(prompt: str, wish: Wish, patience: Patience, *, fixed: bool = False) -> Flow[dict[str, Any]]:
    """The body of a submit; images that are large are uploaded on the way.

    Args:
        fixed: The same wish has to give the same body, for its idempotency key's sake: no uploads, whose URLs differ.

    Raises:
        NotSent: an image file that is not there.
    """
    urls = {}
    for role, picture in _pictures(wish).items():
        urls[role] = yield from _url(role, picture, patience, fixed)
    return _body(prompt, wish, urls)


def local_body(prompt: str, wish: Wish) -> dict[str, Any]:
    """The same for this machine: every image file inlined. Raises NotSent."""
    return _body(prompt, wish, {role: _inline(role, picture) for role, picture in _pictures(wish).items()})


def _pictures(wish: Wish) -> dict[str, Picture]:
    given = {
        "first_frame": wish.get("first_frame"),
        "last_frame": wish.get("last_frame"),
        "reference": wish.get("reference"),
    }
    return {role: picture for role, picture in given.items() if picture is not None}


def _body(prompt: str, wish: Wish, urls: Mapping[str, str]) -> dict[str, Any]:
    given = {name: value for name, value in wish.items() if value is not None and name not in (*ROLES, "extra")}
    images = {"image_with_roles": [{"url": url, "role": role} for role, url in urls.items()]} if urls else {}
    return {"model": DEFAULT_MODEL, "prompt": prompt, **given, **images, **wish.get("extra", {})}


def _inline(role: str, picture: Picture) -> str:
    return str(picture) if pictures.is_url(picture) else pictures.inlined(pictures.read(role, picture))


def _url(role: str, picture: Picture, patience: Patience, fixed: bool) -> Flow[str]:
    if pictures.is_url(picture):
        return str(picture)
    data: bytes = yield Work(partial(pictures.read, role, picture))
    if not fixed and pictures.goes_by_upload(data):
        try:
            told = yield from upload(data, f"{role}", patience)
            return str(told["url"])
        except (NotFound, Invalid, Conflict, KeyError):
            pass  # a server without uploads, or one that does not like this one: it goes with the request
    return pictures.inlined(data)


def upload(data: bytes, name: str, patience: Patience) -> Flow[dict[str, Any]]:
    """Hand over an image; what the server says of it."""
    part = (name, data, pictures.media_type(data))
    return document((yield from exchange(Request("POST", UPLOADS, file=part), patience)))
