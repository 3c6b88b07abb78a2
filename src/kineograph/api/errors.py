"""The native error envelope: one error in, status and body out, on every path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kineograph.api.rates import headers_of
from kineograph.api.reply import reply
from kineograph.core import errors
from kineograph.core.errors import KineographError, Later, TooMany
from kineograph.telemetry import event

# The nearest class in an error's ancestry decides; IdempotencyInProgress is a Later and a Conflict, and only the
# latter is here.
STATUS: Mapping[type[KineographError], int] = {
    errors.InvalidRequest: 400,
    errors.ImageError: 400,
    errors.Unauthenticated: 401,
    errors.PaymentRequired: 402,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.UnsupportedMedia: 415,
    errors.TooMany: 429,
    errors.EngineError: 500,
    errors.Unavailable: 503,
    errors.OperatorError: 503,
}

# CONTRACT §1.4. What is not listed: below 500 the request is at fault, from 500 on we are.
TYPES: Mapping[int, str] = {
    401: "authentication_error",
    402: "payment_required",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    429: "rate_limit_error",
    502: "bad_gateway",
}


class TooSlow(KineographError):
    """The caller began a body and fell silent."""

    reason = "request_timeout"


class RangeNotSatisfiable(KineographError):
    """The asked bytes are past the end of the file.

    Args:
        size: Of the file in bytes.
    """

    reason = "range_not_satisfiable"

    def __init__(self, size: int) -> None:
        super().__init__(f"the file has {size} bytes; ask for a range within them", param="Range")
        self.size = size


def error_object(status: int, message: str, param: str | None, reason: str) -> dict[str, Any]:
    """The object under `error`: also what a failed task shows."""
    kind = TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    return {"code": status, "message": message, "type": kind, "param": param, "reason": reason}


def envelope(
    status: int, message: str, reason: str, param: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """A whole error answer."""
    return reply({"error": error_object(status, message, param, reason)}, status, headers)


def answer(error: KineographError) -> Response:
    """An error of ours as the caller sees it."""
    if isinstance(error, RangeNotSatisfiable):
        return envelope(416, error.message, error.reason, error.param, {"Content-Range": f"bytes */{error.size}"})
    if isinstance(error, TooSlow):
        return envelope(408, error.message, error.reason, headers={"Connection": "close"})
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    headers: dict[str, str] = {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, Later):
        headers["Retry-After"] = str(error.retry_after)
    elif status == 503:
        headers["Retry-After"] = "5"
    response = envelope(status, error.message, error.reason, error.param, headers)
    if isinstance(error, TooMany) and error.policy is not None:
        response.raw_headers.extend(headers_of([error.policy]))
    return response


async def on_error(_request: Request, error: Exception) -> Response:
    """Starlette's handler for our own tree."""
    assert isinstance(error, KineographError)
    return answer(error)


async def on_http(request: Request, error: Exception) -> Response:
    """Starlette's own refusals: no such route, wrong method, a multipart body it cannot read."""
    assert isinstance(error, HTTPException)
    method, path = request.method, request.url.path[:200]
    if error.status_code == 404:
        return envelope(404, f"no route {method} {path}; GET /openapi.json lists them", "unknown_route")
    if error.status_code == 405:
        allowed = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
        message = f"{method[:20]} is not offered on {path}; use {allowed}"
        return envelope(405, message, "method_not_allowed", None, {"Allow": allowed})
    return envelope(error.status_code, str(error.detail), "invalid_request", None, error.headers)


async def on_crash(request: Request, error: Exception) -> Response:
    """Anything nobody expected: the caller learns the request id and nothing of our inside."""
    request_id = request.scope.get("kineograph.request_id", "")
    event("http.crash", request_id=request_id, error=type(error).__name__)
    message = f"something broke on our side; try again, and if it stays, report request id {request_id}"
    response = envelope(500, message, "internal_error")
    response.raw_headers.extend(request.scope.get("kineograph.headers", ()))  # it is sent from outside the gate
    return response
