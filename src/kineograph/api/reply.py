"""JSON answers, written once and fast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic_core import to_json
from starlette.responses import Response


def reply(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer. Numbers that JSON cannot write become null."""
    return Response(to_json(document, inf_nan_mode="null"), status, headers, "application/json")
