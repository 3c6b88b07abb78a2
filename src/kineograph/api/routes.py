"""One route per path, whatever its methods, so that 405 can name them all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

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
