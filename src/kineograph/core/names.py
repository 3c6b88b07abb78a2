"""Names of files in the store."""

from __future__ import annotations

import re

FILE_NAME_MAX = 500  # characters

# Letters, digits, `.`, `_` and `-` between slashes; a segment of dots alone is none.
_FILE_NAME = re.compile(r"(?:(?!\.+(?:/|\Z))[A-Za-z0-9._-]+/)*(?!\.+\Z)[A-Za-z0-9._-]+", re.ASCII)


def is_file_name(name: str) -> bool:
    """Whether a file can have this name in the store: nothing that could lead out of it."""
    return len(name) <= FILE_NAME_MAX and _FILE_NAME.fullmatch(name) is not None
