"""The log as a machine reads it, and what a worker does not load."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LOG = """
from kineograph.app.logs import log_to_stderr
from kineograph.telemetry import event
log_to_stderr("info", "json")
event("task.failed", error="ä broken\\nline", task_id="task_1", path=object)
event("http.request", path="/v1")
"""


def test_every_event_is_one_line_of_json_with_its_level_and_time() -> None:
    line, *more = subprocess.run(
        [sys.executable, "-c", LOG], capture_output=True, text=True, check=True
    ).stderr.splitlines()
    found = json.loads(line)
    assert more == [], "requests without errors are for debugging"
    assert (found["event"], found["level"], found["error"]) == ("task.failed", "warning", "ä broken\nline")
    assert found["timestamp"].endswith("Z")


def test_a_worker_and_its_child_load_no_web_server_no_renderer_and_no_migrations() -> None:
    heavy = {"fastapi", "uvicorn", "numba", "cv2", "alembic", "rich", "structlog", "av", "PIL"}
    code = f"import sys, kineograph.app.working, kineograph.app.child; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path("/")
    ).stdout
    assert found.strip() == "[]"
