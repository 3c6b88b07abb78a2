"""OpenAI's error envelope and codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kineograph.api.errors import Refusal

_TYPES: Mapping[int, str] = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
# Our reason -> their status and code; of whatever is not here our own status and reason.
_CODES: Mapping[str, tuple[int, str]] = {
    "unknown_model": (404, "model_not_found"),
    "model_not_allowed": (403, "model_not_found"),
    "insufficient_balance": (429, "insufficient_quota"),
    "rate_limited": (429, "rate_limit_exceeded"),
    "missing_api_key": (401, "invalid_api_key"),
    "revoked_api_key": (401, "invalid_api_key"),
    "expired_api_key": (401, "invalid_api_key"),
    "not_found": (404, "video_not_found"),
    "internal_error": (500, "server_error"),
}


def openai(refusal: Refusal, _request_id: str) -> tuple[int, dict[str, Any]]:
    """OpenAI's status and body."""
    status, code = _CODES.get(refusal.reason, (refusal.status, refusal.reason))
    if code.startswith("missing_") and status == 400:
        code = "missing_required_parameter"
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    if code == "insufficient_quota":
        kind = code
    return status, {"error": {"message": refusal.message, "type": kind, "param": refusal.param, "code": code}}
