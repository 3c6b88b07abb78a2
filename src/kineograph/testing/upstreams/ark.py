"""A fake Ark (CONTRACT §2): states by the clock, its error codes, its limits, no idempotency, as the real one.

A prompt with `fake:CODE` ends so: an Input… code is refused at once, any other fails the film.
"""

from __future__ import annotations

import argparse
import secrets
import time
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kineograph.core.request import ADAPTIVE, FPS, RESOLUTIONS, SIZES
from kineograph.testing.upstreams.desk import Desk, run
from kineograph.testing.upstreams.studio import Film, Studio

QUEUED_MOST = 10_000  # of one model; more are refused with QuotaExceeded
EXPIRY = 172_800
_STRICT: Mapping[str, type | tuple[type, ...]] = {
    "model": str,
    "content": list,
    "resolution": str,
    "ratio": str,
    "duration": int,
    "frames": int,
    "framespersecond": int,
    "seed": int,
    "camera_fixed": bool,
    "watermark": bool,
    "return_last_frame": bool,
    "callback_url": str,
    "service_tier": str,
    "execution_expires_after": int,
}
_TASKS = "/api/v3/contents/generations/tasks"


def refuse(status: int, code: str, message: str, param: str = "") -> Response:
    """Ark's error body."""
    request_id = f"02{time.time_ns()}{secrets.token_hex(8)}"
    error = {"code": code, "message": f"{message} Request ID: {request_id}", "param": param, "type": _type(status)}
    return JSONResponse({"error": error}, status)


def _type(status: int) -> str:
    kinds = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 429: "TooManyRequests"}
    return kinds.get(status, "BadRequest" if status < 500 else "InternalServerError")


class Ark:
    """The routes."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._desk = Desk(studio, lambda status, code, message: refuse(status, code, message))

    def application(self) -> Starlette:
        """The whole fake."""
        route = self._desk.route
        return self._desk.application(
            [
                route(_TASKS, POST=("create", self.create), GET=("list", self.list)),
                route(_TASKS + "/{id}", GET=("get", self.get), DELETE=("delete", self.delete)),
            ]
        )

    async def create(self, request: Request) -> Response:
        """POST …/tasks."""
        body = await request.json()
        if (wrong := self._wrong(body)) is not None:
            return wrong
        model, studio = body["model"], self._studio
        if studio.crowded(model):
            return refuse(429, "ModelAccountRpmRateLimitExceeded", "The requests per minute of the model are exceeded.")
        studio.advance()
        if sum(film.status == "queued" and film.model == model for film in studio.films.values()) >= QUEUED_MOST:
            return refuse(429, "QuotaExceeded", "Too many tasks of the model are queued.")
        now = studio.now()
        frames = body.get("frames") or body.get("duration", 5) * FPS
        film_id = f"cgt-{time.strftime('%Y%m%d%H%M%S', time.gmtime(now))}-{secrets.token_hex(3)[:5]}"
        film = Film(film_id, model, body | {"prompt": _words(body)}, _size(body), frames, now)
        code = self._studio.add(film).code
        if code is not None and code.startswith("Input"):
            studio.forget(film_id)
            return refuse(400, code, "The request may contain sensitive information.")
        return JSONResponse({"id": film_id})

    @staticmethod
    def _wrong(body: Mapping[str, Any]) -> Response | None:
        for name in ("model", "content"):
            if not body.get(name):
                return refuse(400, f"MissingParameter.{name}", f"The request is missing the parameter {name}.", name)
        for name, value in body.items():
            kind = _STRICT.get(name)
            if kind is None or not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
                return refuse(400, f"InvalidParameter.{name}", f"The parameter {name} is not valid.", name)
        if not str(body["model"]).removeprefix("doubao-").startswith(("seedance-", "ep-")):
            return refuse(404, "InvalidEndpointOrModel.NotFound", f"The model {body['model']} does not exist.", "model")
        roles = [part.get("role") for part in body["content"] if part.get("type") == "image_url"]
        if "reference_image" in roles and "1-0-pro" in body["model"]:
            return refuse(400, "InvalidParameter.content", "The model does not take reference images.", "content")
        if not 2 <= body.get("duration", 5) <= 12 or body.get("resolution", "1080p") not in RESOLUTIONS:
            return refuse(400, "InvalidParameter.duration", "duration or resolution is not valid.", "duration")
        if not 3600 <= body.get("execution_expires_after", EXPIRY) <= 259_200:
            return refuse(
                400, "InvalidParameter.execution_expires_after", "It is not valid.", "execution_expires_after"
            )
        return None

    async def get(self, request: Request) -> Response:
        """GET …/tasks/{id}."""
        film = self._studio.get(request.path_params["id"])
        if film is None:
            return refuse(404, "NotFound.task", "The task does not exist.")
        return JSONResponse(self._shown(request, film))

    async def list(self, request: Request) -> Response:
        """GET …/tasks with filters."""
        asked, wanted = request.query_params, request.query_params.getlist("filter.task_ids")
        size, page = int(asked.get("page_size", 10)), int(asked.get("page_num", 1))
        if not 1 <= size <= 500:
            return refuse(400, "InvalidParameter.page_size", "page_size is not valid.", "page_size")
        if wanted:
            self._studio.advance()
            found = [self._studio.films[film_id] for film_id in wanted if film_id in self._studio.films]
        else:
            found = self._studio.newest()
        for name in ("status", "model"):
            if (value := asked.get(f"filter.{name}")) is not None:
                found = [film for film in found if getattr(film, name) == value]
        items = [self._shown(request, film) for film in found[(page - 1) * size : page * size]]
        return JSONResponse({"total": len(found), "items": items})

    async def delete(self, request: Request) -> Response:
        """DELETE …/tasks/{id}."""
        film = self._studio.get(request.path_params["id"])
        if film is None:
            return refuse(404, "NotFound.task", "The task does not exist.")
        if film.status in {"running", "cancelled"}:
            return refuse(400, "InvalidParameter.id", f"A task that is {film.status} cannot be deleted.", "id")
        if film.status == "queued":
            self._studio.cancel(film)
        else:
            self._studio.forget(film.id)
        return JSONResponse({})

    def _shown(self, request: Request, film: Film) -> dict[str, Any]:
        body = film.body
        shown: dict[str, Any] = {
            "id": film.id,
            "model": film.model,
            "status": film.status,
            "created_at": int(film.created_at),
            "updated_at": int(film.updated_at),
            "service_tier": body.get("service_tier", "default"),
            "execution_expires_after": body.get("execution_expires_after", EXPIRY),
        }
        if film.status == "failed":
            shown["error"] = {"code": film.code, "message": "The film could not be made."}
        if film.status == "succeeded":
            video, last = self._desk.links(request, film)
            tokens = film.size[0] * film.size[1] * film.frames // 1024
            shown |= {
                "content": {"video_url": video} | ({"last_frame_url": last} if body.get("return_last_frame") else {}),
                "seed": body.get("seed", 7),
                "resolution": body.get("resolution", "1080p"),
                "ratio": body.get("ratio", "16:9"),
                "framespersecond": FPS,
                "usage": {"completion_tokens": tokens, "total_tokens": tokens},
            } | ({"frames": film.frames} if "frames" in body else {"duration": body.get("duration", 5)})
        return shown


def _words(body: Mapping[str, Any]) -> str:
    return " ".join(part.get("text", "") for part in body["content"] if part.get("type") == "text")


def _size(body: Mapping[str, Any]) -> tuple[int, int]:
    ratio = body.get("ratio", "16:9")
    return SIZES[body.get("resolution", "1080p"), "16:9" if ratio == ADAPTIVE else ratio]


def make(studio: Studio, _told: argparse.Namespace) -> Starlette:
    """The fake."""
    return Ark(studio).application()


if __name__ == "__main__":
    run("Ark", make)
