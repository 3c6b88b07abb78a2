"""Beards and moustaches, of the same locks as the hair."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from kineograph.engines.animatic.subjects.hair import Hair


def grow_beard(hair: Hair) -> None:
    """The beard of the person's look, if any."""
    if hair.body.look.beard:
        BEARDS[hair.body.look.beard](hair)


def _beard(hair: Hair, length: float, wide: float, *, moustache: bool = True) -> None:
    """Locks from the cheeks and the chin, `length` head radii below the chin."""
    for i in range(15):
        q = -1 + 2 * i / 14
        around, low = 1.45 * q, length * (1 - 0.55 * abs(q) ** 1.5)
        c, s = math.cos(around), math.sin(around)
        jaw = hair.body.row.jaw[0] * 1.12
        points = [
            hair.at(s * 0.86, -0.12 - 0.38 * c, 0.08 + 0.52 * c),
            hair.at(s * jaw * 1.06, -0.52 - 0.20 * c, 0.18 + 0.66 * c),
            hair.at(s * jaw * wide, -0.86 - 0.10 * c - 0.30 * low, 0.20 + 0.64 * c),
            hair.at(s * jaw * wide * 0.55, -0.92 - low, 0.30 + 0.42 * c),
        ]
        hair.lock(points, [0.07, 0.13, 0.15, 0.05])
    if moustache:
        _moustache(hair)


def _moustache(hair: Hair, droop: float = 0.16, wide: float = 0.42) -> None:
    """Two locks from under the nose."""
    for side in (1, -1):
        points = [hair.at(side * x * wide, -0.40 - droop * x * x, 0.93 - 0.16 * x * x) for x in (0.05, 0.35, 0.7, 1.05)]
        hair.lock(points, [0.075, 0.105, 0.085, 0.02])


def _goatee(hair: Hair) -> None:
    _moustache(hair, 0.22, 0.36)
    for x in (-0.09, 0.0, 0.09):
        hair.lock(
            [hair.at(x, -0.70, 0.66), hair.at(x * 1.4, -0.92, 0.66), hair.at(x * 0.4, -1.15, 0.62)], [0.08, 0.10, 0.02]
        )


BEARDS: dict[str, Callable[[Hair], None]] = {
    "full": partial(_beard, length=0.28, wide=1.10),
    "long": partial(_beard, length=1.55, wide=0.98),
    "stubble": partial(_beard, length=0.02, wide=1.0),
    "moustache": _moustache,
    "goatee": _goatee,
}
