"""What a film uses: seconds and tokens. Prices in money come with the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from kineograph.core.request import FPS


@dataclass(frozen=True, slots=True)
class Usage:
    """What one finished film used.

    Attributes:
        seconds: Length of the film.
        tokens: W·H·24·seconds/1024, rounded down, as Ark counts `completion_tokens` (CONTRACT §2.1).
    """

    seconds: float
    tokens: int


def usage(width: int, height: int, frames: int) -> Usage:
    """Usage of a film of this size and length."""
    return Usage(seconds=frames / FPS, tokens=width * height * frames // 1024)
