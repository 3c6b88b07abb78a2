"""What a developer may ask to go wrong, so that their error paths are tested: the words of a header, and what they mean.

A simulated task is made of a test card, never by its model's engine, and costs nothing. Where the words act:
`rate-limit` at submit, `slow` and `fail` where the film is made, `expire` in its links, `duplicate-webhook` where
webhooks are delivered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kineograph.core.errors import ContentRefused, EngineError, ImageError, InvalidRequest, KineographError

HEADER: Final = "X-Kineograph-Simulate"
ENGINE: Final = "bars"  # makes every simulated film
SLOW = (1, 600)  # seconds; a worker is held for so long
TIMES = (1, 100)
EXPIRE = (0, 86_400)  # seconds

FAILURES: Mapping[str, str] = {
    "content_policy": "the prompt or an image was refused by the content policy; change it",
    "image_unreachable": "the image of first_frame could not be fetched (404); send another link",
    "engine_failed": "the engine could not make this film; try again, or change the prompt",
    "out_of_memory": "the film did not fit into memory; try a lower resolution or a shorter film",
    "time_limit": "the film took longer than the time limit; try a shorter film or a lower resolution",
}
_KINDS: Mapping[str, type[KineographError]] = {"content_policy": ContentRefused, "image_unreachable": ImageError}
WORDS: Final = (
    "slow=SECONDS (1–600, alone 30), "
    f"fail=REASON ({', '.join(FAILURES)}; alone engine_failed), "
    "rate-limit=TIMES (1–100 sends of one Idempotency-Key; alone always), "
    "expire=SECONDS (0–86400 that links live; alone 0), duplicate-webhook"
)


@dataclass(frozen=True, slots=True)
class Simulation:
    """What goes wrong.

    Attributes:
        slow: Seconds that making the film takes longer.
        fail: Why it fails in the end, one of FAILURES.
        rate_limit: How many sends of a submit are refused; 0 = all.
        expire: Seconds that links to the film live.
        duplicate_webhook: Whether every webhook is delivered twice.
    """

    slow: int | None = None
    fail: str | None = None
    rate_limit: int | None = None
    expire: int | None = None
    duplicate_webhook: bool = False

    @classmethod
    def of(cls, text: str) -> Simulation:
        """From the header's words, as str() writes them or a caller. Raises InvalidRequest naming what exists."""
        found: dict[str, int | str | bool] = {}
        for part in text.split(","):
            word, equals, value = (piece.strip() for piece in part.partition("="))
            name = word.replace("-", "_")
            if name in found:
                raise _wrong(f"{word!r} appears twice")
            found[name] = _value(word, value if equals else None)
        return cls(**found)  # type: ignore[arg-type]  # _value gives each word its kind

    def __str__(self) -> str:
        pairs = {
            "slow": self.slow,
            "fail": self.fail,
            "rate-limit": self.rate_limit or None,
            "expire": self.expire,
        }
        words = [f"{word}={value}" for word, value in pairs.items() if value is not None]
        return ", ".join(
            words + ["rate-limit"] * (self.rate_limit == 0) + ["duplicate-webhook"] * self.duplicate_webhook
        )

    @property
    def options(self) -> Mapping[str, str]:
        """What the engine is told, see engines/bars.py."""
        slow = {"seconds": str(self.slow)} if self.slow is not None else {}
        return slow | ({"fail": "final", "reason": self.fail} if self.fail is not None else {})


def failure(reason: str) -> KineographError:
    """The error a real failure of that kind would be. Final, so that it comes at once."""
    if (kind := _KINDS.get(reason)) is not None:
        return kind(FAILURES[reason], reason=reason)
    return EngineError(FAILURES[reason], retryable=False, reason=reason)


def _value(word: str, value: str | None) -> int | str | bool:
    match word:
        case "slow":
            return 30 if value is None else _whole(word, value, *SLOW)
        case "fail":
            reason = "engine_failed" if value is None else value
            if reason not in FAILURES:
                raise _wrong(f"fail={reason[:40]} is no failure there is")
            return reason
        case "rate-limit":
            return 0 if value is None else _whole(word, value, *TIMES)
        case "expire":
            return 0 if value is None else _whole(word, value, *EXPIRE)
        case "duplicate-webhook" if value is None:
            return True
    raise _wrong(f"{word[:40]!r}{' with a value' if value is not None else ''} is nothing that can be simulated")


def _whole(word: str, value: str, lowest: int, highest: int) -> int:
    if re.fullmatch(r"[0-9]{1,6}", value) and lowest <= int(value) <= highest:
        return int(value)
    raise _wrong(f"{word}={value[:40]} is not a whole number from {lowest} to {highest}")


def _wrong(what: str) -> InvalidRequest:
    return InvalidRequest(
        f"{HEADER}: {what}; separated by commas, there are {WORDS}", param=HEADER, reason="invalid_simulation"
    )
