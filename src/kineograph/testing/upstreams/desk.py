"""What every fake upstream answers alike: its key, answers that a test asked for, counts, films by expiring links, control."""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import threading
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from kineograph.testing.upstreams.studio import Film, Studio, Timing, card_film, card_still

KEY = "fake-key"
Handler = Callable[[Request], Awaitable[Response]]
Refusal = Callable[[int, str, str], Response]  # status, code, message
PIECE = 1 << 20  # bytes of an endless film sent at a time


class Desk:
    """One fake's front: routes by operation (create, get, list, delete, film), each counted and each to be told what to say.

    Args:
        refuse: The dialect's error answer.
    """

    def __init__(self, studio: Studio, refuse: Refusal) -> None:
        self.studio, self.key = studio, KEY
        self.counts: Counter[str] = Counter()
        self._refuse = refuse
        self._answers: dict[str, deque[dict[str, Any]]] = defaultdict(deque)

    def route(self, path: str, **operations: tuple[str, Handler]) -> Route:
        """A route: method -> name of the operation, and what does it."""

        async def answer(request: Request) -> Response:
            method = "GET" if request.method == "HEAD" else request.method
            name, handler = operations[method]
            return await self.take(name, request, handler)

        return Route(path, answer, methods=list(operations))

    async def take(self, name: str, request: Request, handler: Handler) -> Response:
        """Count it, then say what was asked for, or what is right."""
        self.counts[name] += 1
        told = self._answers[name].popleft() if self._answers[name] else None
        if told is not None and not told.get("after"):
            return _canned(told)
        if name != "film" and request.headers.get("authorization") != f"Bearer {self.key}":
            return self._refuse(401, "AuthenticationError", "The API key is missing or not valid.")
        answer = await handler(request)
        return answer if told is None else _canned(told)

    def links(self, request: Request, film: Film) -> tuple[str, str]:
        """Where the film and its last frame are, for a while."""
        base = str(request.base_url).rstrip("/")
        until = int(self.studio.now() + self.studio.timing.link)
        return f"{base}/_film/{film.id}.mp4?expires={until}", f"{base}/_film/{film.id}.png?expires={until}"

    async def film(self, request: Request) -> Response:
        """The file behind a link."""
        name, _, kind = request.path_params["name"].rpartition(".")
        film = self.studio.get(name)
        expired = int(request.query_params.get("expires", 2**40)) < self.studio.now() and self.studio.timing.link > 0
        if film is None or film.status != "succeeded" or expired:
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, media_type="application/xml")
        return film_file(film, kind)

    async def control(self, request: Request) -> Response:
        """`/_fake`: GET tells what was asked; POST {"say": …}, {"advance": s}, {"forget": [ids]}, {"set": {…}}, {"quiet": true}."""
        if request.method == "POST":
            self._tell(await request.json())
        self.studio.advance()
        return JSONResponse({"counts": self.counts, "films": [asdict(film) for film in self.studio.films.values()]})

    def _tell(self, body: Mapping[str, Any]) -> None:
        for operation, answers in body.get("say", {}).items():
            self._answers[operation].extend(answers)
        if body.get("quiet"):
            self._answers.clear()
            self.counts.clear()
        self.studio.finish(body.get("finish", 0))
        self.studio.ahead += body.get("advance", 0.0)
        for film_id in body.get("forget") or (list(self.studio.films) if "forget" in body else ()):
            self.studio.forget(film_id)
        for name, value in body.get("set", {}).items():
            if name == "key":
                self.key = value
            else:
                setattr(self.studio.timing, name, type(getattr(self.studio.timing, name))(value))

    def application(self, routes: Sequence[Route]) -> Starlette:
        """The whole fake."""
        common = [
            self.route("/_film/{name}", GET=("film", self.film)),
            Route("/_fake", self.control, methods=["GET", "POST"]),
        ]
        return Starlette(routes=[*routes, *common])


def film_file(film: Film, kind: str = "mp4") -> Response:
    """The film, or its last frame as `png`."""
    if kind == "png":
        return Response(card_still(*film.size), media_type="image/png")
    return Response(card_film(*film.size, film.frames), media_type="video/mp4")


def _canned(told: Mapping[str, Any]) -> Response:
    """An answer that a test asked for: `status`, `text` or `json`, `headers`; `bytes` = so many zeros, announced or not."""
    headers = dict(told.get("headers", {}))
    if "bytes" in told:
        if told.get("announced", True):
            headers["Content-Length"] = str(told["bytes"])
        return StreamingResponse(_zeros(told["bytes"]), told.get("status", 200), headers, "video/mp4")
    text = told["text"] if "text" in told else json.dumps(told.get("json", {}))
    kind = told.get("type", "application/json")
    return Response(text, told.get("status", 200), headers, media_type=kind)


async def _zeros(count: int) -> AsyncIterator[bytes]:
    for _ in range(count // PIECE + 1):
        yield bytes(PIECE)


def run(name: str, make: Callable[[Studio, argparse.Namespace], Starlette], **options: Sequence[str]) -> None:
    """`python -m kineograph.testing.upstreams.NAME`: serve on loopback until Ctrl-C, or until stdin closes if --attached.

    Args:
        options: More flags, each with the values it takes; the first is the default.
    """
    parser = argparse.ArgumentParser(description=f"A fake {name} upstream on 127.0.0.1; its key is {KEY}.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--journal", type=Path, help="remember tasks in this file over a restart")
    parser.add_argument("--attached", action="store_true", help="end when stdin closes")
    for field in fields(Timing):
        parser.add_argument(f"--{field.name}", type=type(field.default), default=field.default)
    for flag, values in options.items():
        parser.add_argument(f"--{flag}", choices=values, default=values[0])
    told = parser.parse_args()
    timing = Timing(**{field.name: getattr(told, field.name) for field in fields(Timing)})
    app = make(Studio(timing, told.journal), told)
    with socket.create_server(("127.0.0.1", told.port), backlog=2048) as listening:
        sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{listening.getsockname()[1]}", "key": KEY}) + "\n")
        sys.stdout.flush()
        if told.attached:
            threading.Thread(target=_end_with_parent, daemon=True).start()
        uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)).run(sockets=[listening])


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)
