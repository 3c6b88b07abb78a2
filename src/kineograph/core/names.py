"""Names of files in the store."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

FILE_NAME_MAX = 500  # characters

# Letters, digits, `.`, `_` and `-` between slashes; a segment of dots alone is none.
_FILE_NAME = re.compile(r"(?:(?!\.+(?:/|\Z))[A-Za-z0-9._-]+/)*(?!\.+\Z)[A-Za-z0-9._-]+", re.ASCII)

_PREVIEW = "preview.jpg"
_TYPES = {
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
}


def is_file_name(name: str) -> bool:
    """Whether a file can have this name in the store: nothing that could lead out of it."""
    return len(name) <= FILE_NAME_MAX and _FILE_NAME.fullmatch(name) is not None


def media_type(name: str) -> str:
    """Of a file of the store, by its suffix. Inputs of tasks have none: they are images nobody downloads."""
    return _TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")


def preview_name(task_id: str, attempt: int) -> str:
    """Where the newest frame of a film in the making is. The only name whose bytes change."""
    return f"tasks/{task_id}/{attempt}/{_PREVIEW}"


def is_preview(name: str) -> bool:
    """Whether `preview_name` gave it."""
    return name.endswith(f"/{_PREVIEW}")


def shown_name(name: str) -> str:
    """The name a browser saves a file under: `task_….mp4`, `task_…-last-frame.png`, an upload's own."""
    path = PurePosixPath(name)
    if path.parts[0] != "tasks" or len(path.parts) < 3:
        return path.name
    part = "" if path.stem in {"video", "poster"} else f"-{path.stem.replace('_', '-')}"
    return f"{path.parts[1]}{part}{path.suffix}"
