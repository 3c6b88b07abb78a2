"""One task under three names, each derived from the other: no table, and each face finds the row by its own."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32, as in a ULID
_CROCKFORD = "[0-9a-hjkmnp-tv-z]"
_ARK_ID = re.compile(rf"cgt-([0-9]{{14}})-({_CROCKFORD}{{2}})({_CROCKFORD}{{16}})")
_VIDEO_ID = re.compile(rf"video_([0-7]{_CROCKFORD}{{25}})")
_TIME = "%Y%m%d%H%M%S"


def ark_id(task_id: str) -> str:
    """`task_` + ULID -> `cgt-YYYYMMDDhhmmss-…`: the second in UTC, then its milliseconds and the ULID's chance, in base 32."""
    ulid = task_id.removeprefix("task_")
    seconds, milliseconds = divmod(_number(ulid[:10]), 1000)
    moment = datetime.fromtimestamp(seconds, UTC).strftime(_TIME)
    return f"cgt-{moment}-{_text(milliseconds, 2)}{ulid[10:]}".lower()


def task_of_ark(name: str) -> str | None:
    """The task's id, None for what cannot be one of ours."""
    found = _ARK_ID.fullmatch(name)
    if found is None or (milliseconds := _number(found[2].upper())) > 999:
        return None
    try:
        moment = datetime.strptime(found[1], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    if moment.year < 1970:
        return None
    return f"task_{_text(int(moment.timestamp()) * 1000 + milliseconds, 10)}{found[3].upper()}"


def video_id(task_id: str) -> str:
    """`task_` + ULID -> `video_` + the same in lower case."""
    return f"video_{task_id.removeprefix('task_').lower()}"


def task_of_video(name: str) -> str | None:
    """The task's id, None for what cannot be one of ours."""
    found = _VIDEO_ID.fullmatch(name)
    return None if found is None else f"task_{found[1].upper()}"


def _number(text: str) -> int:
    value = 0
    for letter in text:
        value = value * 32 + _ALPHABET.index(letter)
    return value


def _text(value: int, length: int) -> str:
    out = ""
    for _ in range(length):
        value, digit = divmod(value, 32)
        out = _ALPHABET[digit] + out
    return out
