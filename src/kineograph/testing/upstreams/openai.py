"""A fake model server with OpenAI's Videos API (CONTRACT §3), as vLLM-Omni or SGLang-diffusion are.

    vllm-omni   `seconds` is a string; DELETE stops the work; one frame if neither `num_frames` nor `seconds` is given
    sglang      `seconds` is a number; `/content` is 404 while it runs; DELETE forgets the task but goes on making it

Neither knows idempotency, and a restart forgets every task. A prompt with `fake:CODE` fails with it.
"""

from __future__ import annotations

import argparse
import secrets
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kineograph.core.request import FPS
from kineograph.testing.upstreams.desk import Desk, film_file, run
from kineograph.testing.upstreams.studio import Film, Studio

KINDS = ("vllm-omni", "sglang")
_WORDS = {"running": "in_progress", "succeeded": "completed", "cancelled": "failed", "expired": "failed"}


def refuse(status: int, code: str, message: str) -> Response:
    """OpenAI's error body."""
    return JSONResponse({"error": {"message": message, "type": code, "param": None, "code": status}}, status)


class Openai:
    """The routes of one kind of server."""

    def __init__(self, studio: Studio, like: str) -> None:
        self._studio, self._sglang = studio, like == "sglang"
        self._desk = Desk(studio, refuse)

    def application(self) -> Starlette:
        """The whole fake."""
        route = self._desk.route
        return self._desk.application(
            [
                route("/v1/videos", POST=("create", self.create)),
                route("/v1/videos/{id}", GET=("get", self.get), DELETE=("delete", self.delete)),
                route("/v1/videos/{id}/content", GET=("film", self.content)),
            ]
        )

    async def create(self, request: Request) -> Response:
        """POST /v1/videos, multipart or JSON."""
        if request.headers.get("content-type", "").startswith("application/json"):
            body: dict[str, Any] = await request.json()
        else:
            async with request.form(max_part_size=64 << 20) as form:
                body = {name: _value(value) for name, value in form.items()}
        if not body.get("prompt"):
            return refuse(400, "invalid_request_error", "prompt is required")
        if self._studio.crowded("model"):
            return refuse(429, "rate_limit_error", "too many requests")
        width, _, height = str(body.get("size", "1280x720")).partition("x")
        if not (width.isdecimal() and height.isdecimal()):
            return refuse(400, "invalid_request_error", "size is not WxH")
        size = (int(width) // 2 * 2, int(height) // 2 * 2)
        film = Film(
            f"video_{secrets.token_hex(8)}",
            str(body.get("model", "")),
            body,
            size,
            self._frames(body),
            self._studio.now(),
        )
        return JSONResponse(self._shown(self._studio.add(film)))

    def _frames(self, body: dict[str, Any]) -> int:
        if "num_frames" in body:
            return int(body["num_frames"])
        if "seconds" in body:
            return int(body["seconds"]) * int(body.get("fps", FPS))
        return 81 if self._sglang else 1

    async def get(self, request: Request) -> Response:
        """GET /v1/videos/{id}."""
        film = self._studio.get(request.path_params["id"])
        if film is None:
            return refuse(404, "not_found_error", "no such video")
        return JSONResponse(self._shown(film))

    async def content(self, request: Request) -> Response:
        """GET /v1/videos/{id}/content: the film itself, with the key."""
        film = self._studio.get(request.path_params["id"])
        if film is None or request.headers.get("authorization") != f"Bearer {self._desk.key}":
            return refuse(404, "not_found_error", "no such video")
        if film.status != "succeeded":
            return refuse(404 if self._sglang else 409, "invalid_request_error", "the video is not ready")
        return film_file(film)

    async def delete(self, request: Request) -> Response:
        """DELETE /v1/videos/{id}."""
        film = self._studio.get(request.path_params["id"])
        if film is None:
            return refuse(404, "not_found_error", "no such video")
        self._studio.forget(film.id)
        return JSONResponse({"id": film.id, "deleted": True, "object": "video.deleted"})

    def _shown(self, film: Film) -> dict[str, Any]:
        seconds = film.body.get("seconds")
        shown: dict[str, Any] = {
            "id": film.id,
            "object": "video",
            "model": film.model,
            "status": _WORDS.get(film.status, film.status),
            "created_at": int(film.created_at),
            "inference_time_s": 1.5,  # a field of their own
        }
        if seconds is not None:
            shown["seconds"] = int(seconds) if self._sglang else str(seconds)
        if not self._sglang:
            shown |= {"progress": 100 if film.status == "succeeded" else 0, "size": film.body.get("size")}
        if film.status == "failed":
            shown["error"] = {"message": f"generation failed: {film.code}"}  # without a code
        return shown


def _value(value: UploadFile | str) -> str:
    """A form field; of a file that it is one."""
    return value if isinstance(value, str) else f"file:{value.filename}:{value.size}"


def make(studio: Studio, told: argparse.Namespace) -> Starlette:
    """The fake."""
    return Openai(studio, told.like).application()


if __name__ == "__main__":
    run("OpenAI-dialect", make, like=KINDS)
