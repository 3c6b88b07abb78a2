"""Paths: one route each, whatever its methods, so that 405 can name them all."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kineograph.core.errors import NotFound

TASK_ID = re.compile(r"task_[0-9A-HJKMNP-TV-Z]{26}")


class _VideoName(StringConvertor):
    """A part of a path that is not a route of the native dialect."""

    regex = r"(?!generations)[^/]+"


register_url_convertor("video", _VideoName())

Handler = Callable[[Request], Awaitable[Response]]


def route(path: str, **handlers: Handler) -> Route:
    """A path and its handlers by method: `route("/v1/tasks/{id}", GET=show, DELETE=wipe)`. HEAD comes with GET."""
    if len(handlers) == 1:
        return Route(path, next(iter(handlers.values())), methods=list(handlers))
    if "GET" in handlers:
        handlers["HEAD"] = handlers["GET"]

    async def dispatch(request: Request) -> Response:
        return await handlers[request.method](request)

    return Route(path, dispatch, methods=list(handlers))


def task_id_of(request: Request) -> str:
    """The path's task id. Raises NotFound for what cannot be one."""
    task_id: str = request.path_params["task_id"]
    if not TASK_ID.fullmatch(task_id):
        raise NotFound(f"no task {task_id[:60]!r}; a task id is task_ and 26 letters and digits", param="task_id")
    return task_id
