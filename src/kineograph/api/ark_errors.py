"""Ark's error envelope and codes (CONTRACT §2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kineograph.api.errors import Refusal
from kineograph.core.request import EXPIRED
from kineograph.core.task import Failure

TYPES: Mapping[int, str] = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    408: "RequestTimeout",
    409: "Conflict",
    413: "RequestEntityTooLarge",
    415: "UnsupportedMediaType",
    429: "TooManyRequests",
    500: "InternalServerError",
}
_BAD_IMAGE = (400, "InvalidImageURL.InvalidFormat")

# Our reason -> their status and code.
_BY_REASON: Mapping[str, tuple[int, str]] = {
    "unknown_model": (404, "InvalidEndpointOrModel.NotFound"),
    "model_not_allowed": (404, "ModelNotOpen"),
    "image_url_empty": (400, "InvalidImageURL.EmptyURL"),
    "invalid_image": _BAD_IMAGE,
    "image_invalid": _BAD_IMAGE,
    "image_expired": _BAD_IMAGE,
    "not_found": (404, "NotFound.Task"),
    "task_not_deletable": (403, "OperationDenied.UnsupportedPhase"),
    "queue_full": (429, "QuotaExceeded"),
    "seconds_per_day": (429, "QuotaExceeded"),
    "seconds_per_month": (429, "QuotaExceeded"),
    "spend": (429, "QuotaExceeded"),
    "idempotency_key_reused": (409, "InvalidParameter"),
}
# Our status -> theirs and the code of what has no reason above.
_BY_STATUS: Mapping[int, tuple[int, str]] = {
    401: (401, "AuthenticationError"),
    402: (403, "AccountOverdueError"),
    403: (403, "AccessDenied"),
    404: (404, "NotFound.Route"),
    405: (405, "OperationDenied.UnsupportedOperation"),
    409: (409, "OperationDenied.Conflict"),
    429: (429, "AccountRateLimitExceeded"),
    503: (429, "ServerOverloaded"),
}
# Why a film failed -> the code of its task. Everything else is InternalServiceError.
_FAILURES: Mapping[str, str] = {
    EXPIRED: "TaskExpired",
    "content_policy": "InputTextSensitiveContentDetected",
}


def ark(refusal: Refusal, request_id: str) -> tuple[int, dict[str, Any]]:
    """Ark's status and body."""
    status, code = _code(refusal)
    message = f"{refusal.message}. Request ID: {request_id}"
    kind = TYPES.get(status, "BadRequest" if status < 500 else "InternalServerError")
    return status, {"error": {"code": code, "message": message, "param": refusal.param or "", "type": kind}}


def failure_code(failure: Failure) -> str:
    """The code under `error` of a failed task."""
    if failure.status == 400 and failure.reason.startswith("image"):
        return "InvalidImageURL.InvalidFormat" if failure.reason == "image_invalid" else "InvalidParameter"
    return _FAILURES.get(failure.reason, "InternalServiceError")


def _code(refusal: Refusal) -> tuple[int, str]:
    if refusal.reason in _BY_REASON:
        return _BY_REASON[refusal.reason]
    if refusal.status in _BY_STATUS:
        return _BY_STATUS[refusal.status]
    if refusal.status >= 500:
        return 500, "InternalServiceError"
    return refusal.status, "MissingParameter" if refusal.reason.startswith("missing_") else "InvalidParameter"
