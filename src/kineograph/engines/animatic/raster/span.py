"""Where on a row a triangle begins and ends: worked out, not tried sample by sample."""

from __future__ import annotations

from kineograph.engines.animatic.noise import helper
from kineograph.engines.animatic.scalar import f4


@helper
def narrowed(left: float, right: float, weight: float, rise: float, fall: float) -> tuple[float, float]:
    """The part of left…right in which a corner's weight is not negative: `weight` at 0, `rise` more a step, `fall` its
    inverse. A hair wider than it should be: two neighbours may share a sample, but none may be lost between them."""
    hair = f4(0.002)
    if rise > f4(1e-9):
        return max(left, -weight * fall - hair), right
    if rise < f4(-1e-9):
        return left, min(right, -weight * fall + hair)
    return (left, right) if weight >= f4(-1e-6) else (f4(1), f4(0))


@helper
def inverse(x: float) -> float:
    """1/x, or 0 where the weight does not change along the row."""
    return f4(1) / x if abs(x) > f4(1e-9) else f4(0)
