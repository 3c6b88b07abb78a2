"""The log: every telemetry event as a line, for people on a terminal, as JSON elsewhere."""

from __future__ import annotations

import sys
from typing import Any

from kineograph.telemetry import subscribe

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def log_to_stderr(level: str, style: str) -> None:
    """Subscribe a structlog logger to all events of this process.

    Args:
        level: debug, info, warning or error; an event with an `error` field is a warning, `http.request` without is debug.
        style: `console`, `json` or `auto`.
    """
    import structlog

    console = style == "console" or (style == "auto" and sys.stderr.isatty())
    renderer: Any = (
        structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    logger = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
    )
    threshold = LEVELS[level]

    def write(name: str, fields: dict[str, Any]) -> None:
        weight = "warning" if fields.get("error") else "debug" if name == "http.request" else "info"
        if LEVELS[weight] >= threshold:
            getattr(logger, weight)(name, **fields)

    subscribe(write)
