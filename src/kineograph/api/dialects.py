"""Which dialect a path speaks; every error answered in it, whatever refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from kineograph.api.ark_errors import ark
from kineograph.api.errors import Refusal, native, refusal_of, refusal_of_http
from kineograph.api.openai_errors import openai
from kineograph.api.rates import headers_of
from kineograph.api.reply import reply
from kineograph.core.errors import KineographError
from kineograph.core.request import ARK, NATIVE, OPENAI
from kineograph.telemetry import event

ARK_ROOT = "/api/v3"
VIDEOS = "/v1/videos"
GENERATIONS = f"{VIDEOS}/generations"  # the native dialect's, amid the other's

_WORDS: Mapping[str, Callable[[Refusal, str], tuple[int, dict[str, Any]]]] = {
    NATIVE: native,
    ARK: ark,
    OPENAI: openai,
}


def dialect_of(path: str) -> str:
    """The dialect of a path, whether there is a route or not."""
    if path == ARK_ROOT or path.startswith(f"{ARK_ROOT}/"):
        return ARK
    if path == VIDEOS or (path.startswith(f"{VIDEOS}/") and not path.startswith(GENERATIONS)):
        return OPENAI
    return NATIVE


def refuse(scope: Scope, error: KineographError) -> Response:
    """An error of ours as the caller of this request sees it."""
    return _worded(scope, refusal_of(error))


async def on_error(request: Request, error: Exception) -> Response:
    """Starlette's handler for our own tree."""
    assert isinstance(error, KineographError)
    return refuse(request.scope, error)


async def on_http(request: Request, error: Exception) -> Response:
    """Starlette's handler for its own refusals."""
    assert isinstance(error, HTTPException)
    return _worded(request.scope, refusal_of_http(error, request.method, request.url.path[:200]))


async def on_crash(request: Request, error: Exception) -> Response:
    """Anything nobody expected: the caller learns the request id and nothing of our inside."""
    request_id = request.scope.get("kineograph.request_id", "")
    event("http.crash", request_id=request_id, error=type(error).__name__)
    message = f"something broke on our side; try again, and if it stays, report request id {request_id}"
    response = _worded(request.scope, Refusal(500, message, "internal_error"))
    response.raw_headers.extend(request.scope.get("kineograph.headers", ()))  # it is sent from outside the gate
    return response


def _worded(scope: Scope, refusal: Refusal) -> Response:
    status, body = _WORDS[dialect_of(scope["path"])](refusal, scope.get("kineograph.request_id", ""))
    response = reply(body, status, refusal.headers)
    if refusal.policy is not None:
        response.raw_headers.extend(headers_of([refusal.policy]))
    return response
