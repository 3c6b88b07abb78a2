"""A fake server of the seed's dialect (CONTRACT §1): submit with Idempotency-Key, poll, cancel; nothing that is ours alone.

A prompt with `fake:REASON` fails with it.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from ulid import ULID

from kineograph.core.request import FPS, RESOLUTIONS, SIZES
from kineograph.testing.upstreams.desk import Desk, run
from kineograph.testing.upstreams.studio import Film, Studio

_WORDS = {"queued": "pending", "running": "processing", "succeeded": "completed"}
_TYPES = {400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


def refuse(status: int, code: str, message: str) -> Response:
    """The dialect's error body: `code` is the HTTP status."""
    error = {
        "code": status,
        "message": message,
        "type": _TYPES.get(status, "server_error"),
        "param": None,
        "reason": code,
    }
    return JSONResponse({"error": error}, status, {"Retry-After": "1"} if status in {429, 503} else None)


class Apimart:
    """The routes."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._desk = Desk(studio, refuse)

    def application(self) -> Starlette:
        """The whole fake."""
        route = self._desk.route
        return self._desk.application(
            [
                route("/v1/videos/generations", POST=("create", self.create)),
                route("/v1/tasks/{id}", GET=("get", self.get)),
                route("/v1/tasks/{id}/cancel", POST=("delete", self.cancel)),
            ]
        )

    async def create(self, request: Request) -> Response:
        """POST /v1/videos/generations."""
        body = await request.json()
        if (wrong := self._wrong(body)) is not None:
            return wrong
        key, studio = request.headers.get("idempotency-key"), self._studio
        earlier = next((film for film in studio.films.values() if key and film.idempotency == key), None)
        if earlier is not None and earlier.body != body:
            return refuse(409, "idempotency_key_reused", "This Idempotency-Key was used with another body.")
        if earlier is None:
            if studio.crowded(body["model"]):
                return refuse(429, "rate_limited", "Too many requests; wait a moment.")
            size = SIZES[body.get("resolution", "1080p"), body.get("aspect_ratio", "16:9")]
            frames = FPS * body.get("duration", 5)
            now = studio.now()
            earlier = studio.add(
                Film(f"task_{ULID.from_timestamp(now)}", body["model"], body, size, frames, now, idempotency=key)
            )
        return JSONResponse({"code": 200, "data": [{"status": "submitted", "task_id": earlier.id}]})

    @staticmethod
    def _wrong(body: Mapping[str, Any]) -> Response | None:
        if not str(body.get("model", "")).startswith("doubao-seedance-1-0-pro-"):
            return refuse(400, "unknown_model", f"no model {body.get('model')!r}")
        if not body.get("prompt"):
            return refuse(400, "invalid_prompt", "prompt is missing")
        if not 2 <= body.get("duration", 5) <= 12 or body.get("resolution", "1080p") not in RESOLUTIONS:
            return refuse(400, "invalid_duration", "duration or resolution is not valid")
        return None

    async def get(self, request: Request) -> Response:
        """GET /v1/tasks/{id}."""
        film = self._studio.get(request.path_params["id"])
        if film is None:
            return refuse(404, "not_found", "no such task")
        unfinished = {"Retry-After": "1"} if not film.over else None
        return JSONResponse({"code": 200, "data": self._shown(request, film)}, headers=unfinished)

    async def cancel(self, request: Request) -> Response:
        """POST /v1/tasks/{id}/cancel."""
        film = self._studio.get(request.path_params["id"])
        if film is None:
            return refuse(404, "not_found", "no such task")
        if film.over:
            return refuse(409, "task_finished", "the task is over")
        self._studio.cancel(film)
        return JSONResponse({"code": 200, "data": self._shown(request, film)})

    def _shown(self, request: Request, film: Film) -> dict[str, Any]:
        status = _WORDS.get(film.status, film.status)
        shown: dict[str, Any] = {
            "id": film.id,
            "status": status,
            "progress": {"pending": 0, "processing": 50}.get(status, 100),
            "created": int(film.created_at),
            "estimated_time": 60,
        }
        if film.status == "succeeded":
            video, last = self._desk.links(request, film)
            until = int(self._studio.now() + self._studio.timing.link)
            result: dict[str, Any] = {"videos": [{"url": [video], "expires_at": until}]}
            if film.body.get("return_last_frame"):
                result["last_frame_url"] = last
            shown |= {"result": result, "completed": int(film.updated_at), "actual_time": 1, "cost": 0.15}
        if film.status == "failed":
            shown["error"] = {
                "code": 500,
                "message": "the film could not be made",
                "type": "server_error",
                "reason": film.code,
            }
        return shown


def make(studio: Studio, _told: argparse.Namespace) -> Starlette:
    """The fake."""
    return Apimart(studio).application()


if __name__ == "__main__":
    run("APIMart-dialect", make)
