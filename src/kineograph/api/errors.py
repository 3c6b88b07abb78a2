"""Errors over HTTP: what each of ours means there, and the native envelope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from kineograph.api.reply import reply
from kineograph.core import errors
from kineograph.core.errors import KineographError, Later, Policy, TooMany

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


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error on its way to a caller, before a dialect words it.

    Attributes:
        status: HTTP's, as the native dialect has it.
        headers: Every dialect's.
        policy: The limit that was met.
    """

    status: int
    message: str
    reason: str
    param: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    policy: Policy | None = None


def refusal_of(error: KineographError) -> Refusal:
    """What an error of ours means over HTTP."""
    headers: dict[str, str] = {}
    if isinstance(error, RangeNotSatisfiable):
        status, headers["Content-Range"] = 416, f"bytes */{error.size}"
    elif isinstance(error, TooSlow):
        status, headers["Connection"] = 408, "close"
    else:
        status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, Later):
        headers["Retry-After"] = str(error.retry_after)
    elif status == 503:
        headers["Retry-After"] = "5"
    policy = error.policy if isinstance(error, TooMany) else None
    return Refusal(status, error.message, error.reason, error.param, headers, policy)


def refusal_of_http(error: HTTPException, method: str, path: str) -> Refusal:
    """Starlette's own refusals: no such route, wrong method, a multipart body it cannot read."""
    if error.status_code == 404:
        return Refusal(404, f"no route {method} {path}; GET /openapi.json lists them", "unknown_route")
    if error.status_code == 405:
        allowed = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
        message = f"{method[:20]} is not offered on {path}; use {allowed}"
        return Refusal(405, message, "method_not_allowed", headers={"Allow": allowed})
    return Refusal(error.status_code, str(error.detail), "invalid_request", headers=error.headers or {})


def native(refusal: Refusal, _request_id: str) -> tuple[int, dict[str, Any]]:
    """The native dialect's status and body."""
    return refusal.status, {
        "error": error_object(refusal.status, refusal.message, refusal.param, refusal.reason),
    }
