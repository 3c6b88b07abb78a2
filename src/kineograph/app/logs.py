"""The log: every telemetry event as a line, for people on a terminal, as JSON elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from kineograph.telemetry import subscribe

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def log_to_stderr(level: str, style: str) -> None:
    """Write all events of this process to stderr.

    Args:
        level: debug, info, warning or error; an event with an `error` field is a warning, `http.request` without is debug.
        style: `console`, `json` or `auto`.
    """
    write_line = _console() if style == "console" or (style == "auto" and sys.stderr.isatty()) else _json
    threshold = LEVELS[level]

    def write(name: str, fields: dict[str, Any]) -> None:
        weight = "warning" if fields.get("error") else "debug" if name == "http.request" else "info"
        if LEVELS[weight] >= threshold:
            write_line(weight, name, fields)

    subscribe(write)


def _json(weight: str, name: str, fields: dict[str, Any]) -> None:
    """One object a line. Not through structlog, which imports a terminal's colours: a tenth of a second per process."""
    at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    line = {**fields, "event": name, "level": weight, "timestamp": at}
    sys.stderr.write(json.dumps(line, ensure_ascii=False, default=repr) + "\n")


def _console() -> Callable[[str, str, dict[str, Any]], None]:
    import structlog

    logger = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(),
        ],
    )
    return lambda weight, name, fields: getattr(logger, weight)(name, **fields)
