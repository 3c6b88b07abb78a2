"""Lapels, ties, buttons, belts and bands: bands of colour laid over cloth where it is seen, sharp at any distance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numba import float32, njit
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import Real, kernel
from kineograph.engines.animatic.raster.mesh import Painter, Samples
from kineograph.engines.animatic.spec import Colour as Rgb

F32 = NDArray[np.float32]
U16 = NDArray[np.uint16]
SOFT = 0.0012  # half width of an edge, row units


@dataclass(frozen=True, slots=True)
class Patch:
    """A trapezoid or an ellipse, seen from the front or from behind. Row units, rest pose.

    Attributes:
        part: Of the mesh it lies on.
        low, high: Heights of its lower and upper edge.
        aside: x of its middle at both. half: half widths at both.
        side: +1 on the front, -1 on the back, 0 all round.
        mirror: On the other side as well.
        round: An ellipse instead.
    """

    part: int
    low: float
    high: float
    aside: tuple[float, float]
    half: tuple[float, float]
    colour: Rgb
    side: float = 1.0
    mirror: bool = False
    round: bool = False

    def row(self) -> list[float]:
        """As the kernel reads it."""
        where = [float(self.part), self.low, self.high, *self.aside, *self.half, self.side]
        return [*where, float(self.mirror), float(self.round), *self.colour]


def patch_painter(patches: Iterable[Patch]) -> Painter | None:
    """Paints them in order; None if there are none."""
    rows = np.array([patch.row() for patch in patches], np.float32).reshape(-1, 13)
    if not len(rows):
        return None

    def paint(s: Samples) -> None:
        patch_kernel(s.part, s.rest, s.colour, rows)

    return paint


def painters(several: Sequence[Painter | None]) -> Painter:
    """One painter for all of them, in order."""
    some = [painter for painter in several if painter is not None]

    def paint(s: Samples) -> None:
        for painter in some:
            painter(s)

    return paint


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _edge(inside: Real) -> Real:
    """0…1 how much of a sample is inside an edge at this distance."""
    q = min(max((inside + float32(SOFT)) / float32(2 * SOFT), float32(0)), float32(1))
    return q * q * (3 - 2 * q)


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _cover(rows: F32, i: int, x: Real, y: Real, z: Real) -> Real:
    """0…1 how much of the patch is here."""
    if rows[i, 7] * z < 0:
        return float32(0)
    if rows[i, 8] > 0:
        x = abs(x)
    u = (y - rows[i, 1]) / (rows[i, 2] - rows[i, 1])
    half = rows[i, 5] + (rows[i, 6] - rows[i, 5]) * u
    off = x - (rows[i, 3] + (rows[i, 4] - rows[i, 3]) * u)
    if rows[i, 9] > 0:
        tall = (rows[i, 2] - rows[i, 1]) * float32(0.5)
        across, along = off / half, (u - float32(0.5)) * 2
        r = np.sqrt(across * across + along * along)
        return _edge((1 - r) * min(half, tall))
    return _edge(half - abs(off)) * _edge(min(y - rows[i, 1], rows[i, 2] - y))


@kernel
def patch_kernel(part: U16, rest: F32, colour: F32, rows: F32) -> None:
    """Lay every patch over the samples of its part, in place. Columns as in Patch.row."""
    for k in range(part.shape[0]):
        for i in range(rows.shape[0]):
            if float32(part[k]) != rows[i, 0]:
                continue
            y = rest[k, 1]
            if y < rows[i, 1] - float32(SOFT) or y > rows[i, 2] + float32(SOFT):
                continue
            a = _cover(rows, i, rest[k, 0], y, rest[k, 2])
            for c in range(3):
                colour[k, c] += (rows[i, 10 + c] - colour[k, c]) * a
