"""The limits of keys and accounts as options of the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from kineograph.core.allowance import Allowance

NONE = "none"  # takes a limit away

Models = Annotated[list[str] | None, typer.Option("--model", help="A model it may use; repeat; none: all.")]
Addresses = Annotated[
    list[str] | None, typer.Option("--address", help="A network callers may come from; repeat; none: all.")
]
RequestsPerMinute = Annotated[str | None, typer.Option("--requests-per-minute", metavar="N|none")]
SecondsPerDay = Annotated[str | None, typer.Option("--seconds-per-day", metavar="N|none", help="Of video.")]
SecondsPerMonth = Annotated[str | None, typer.Option("--seconds-per-month", metavar="N|none", help="Of video.")]
Spend = Annotated[str | None, typer.Option("--spend", metavar="AMOUNT|none", help="Money a month.")]
MaxResolution = Annotated[str | None, typer.Option("--max-resolution", metavar="480p|720p|1080p|none")]
MaxDuration = Annotated[str | None, typer.Option("--max-duration", metavar="SECONDS|none", help="Of one film.")]


def changing(given: Mapping[str, Any]) -> Callable[[Allowance], Allowance]:
    """What becomes of limits there are: only what is given changes.

    Args:
        given: Name of a limit -> what was written, None where nothing was.

    Raises:
        InvalidRequest: something is no limit of its kind.
    """
    changes = {word: _limit(word, value) for word, value in given.items() if value is not None}
    return lambda limits: replace(limits, **changes)


def shown(limits: Allowance) -> str:
    """In a line."""
    return ", ".join(f"{name} {value}" for name, value in limits.document().items()) or NONE


def _limit(word: str, value: Any) -> Any:
    from kineograph.api.limits_body import REMEDIES, LimitsBody
    from kineograph.api.native_models import checked

    if value in (NONE, [NONE]):
        return () if word in {"models", "addresses"} else None
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and word != "spend" else value
    return getattr(checked(LimitsBody, {word: number}, REMEDIES).allowance(), word)
