"""Soft ellipses painted on the face in its rest pose: mouth, brows, blush, nostrils, the dark rim of an eye."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import float32
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import Real, helper, lean
from kineograph.engines.animatic.raster.mesh import Painter, Samples
from kineograph.engines.animatic.spec import Colour as Rgb

F32 = NDArray[np.float32]
U16 = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Decal:
    """One ellipse, projected along z from the front. Row units.

    Attributes:
        x, y, z: Centre; samples further than `depth` from z are left alone.
        width, height: Half axes; curve: how much it bends up at its ends, 1/length (a smile is positive).
        soft: Width of its edge ÷ its size.
        turn: Radians, positive raises the creature's left end.
        deep: Half axis along z: a ball of colour instead of a projection; 0 for none.
    """

    x: float
    y: float
    z: float
    width: float
    height: float
    colour: Rgb
    strength: float
    depth: float
    curve: float = 0.0
    soft: float = 0.4
    turn: float = 0.0
    deep: float = 0.0

    def row(self) -> list[float]:
        """As the kernel reads it."""
        turned = (math.cos(self.turn), math.sin(self.turn))
        where = (self.x, self.y, self.z, self.width, self.height)
        return [
            *where,
            self.curve,
            self.soft,
            *self.colour,
            self.strength,
            self.depth,
            *turned,
            1 / self.deep if self.deep else 0.0,
        ]


def decal_painter(decals: Sequence[Decal], parts: int, centre: Sequence[float], reach: float) -> Painter:
    """Paints samples of the first `parts` parts that lie within `reach` of `centre`."""
    rows = np.array([d.row() for d in decals], np.float32).reshape(-1, 15)
    at = np.array([*centre, reach], np.float32)

    def paint(s: Samples) -> None:
        decal_kernel(s.part, s.rest, s.colour, rows, at, parts)

    return paint


@helper
def _cover(rows: F32, d: np.uint64, x: Real, y: Real, z: Real) -> Real:
    """0…1 how much of the decal is at this place."""
    u, v = x - rows[d, 0], y - rows[d, 1]
    along = u * rows[d, 12] + v * rows[d, 13]
    across = (v * rows[d, 12] - u * rows[d, 13] - rows[d, 5] * along * along) / rows[d, 4]
    along /= rows[d, 3]
    inward = (z - rows[d, 2]) * rows[d, 14]
    square, soft = along * along + across * across + inward * inward, rows[d, 6]
    end = float32(1) + soft
    if square >= end * end:  # most of a face is under no decal: no root for it
        return float32(0)
    q = min((end - math.sqrt(square)) / (soft + soft), float32(1))
    return q * q * (float32(3) - float32(2) * q) * rows[d, 10]


@lean
def decal_kernel(part: U16, rest: F32, colour: F32, rows: F32, at: F32, parts: int) -> None:
    """Blend the decals in, in order."""
    far = at[3] * at[3]
    for i in range(np.uint64(part.shape[0])):  # unsigned: numba guards signed indices
        if part[i] >= parts:
            continue
        x, y, z = rest[i, 0], rest[i, 1], rest[i, 2]
        u, v, w = x - at[0], y - at[1], z - at[2]
        if u * u + v * v + w * w > far:
            continue
        for d in range(np.uint64(rows.shape[0])):
            if abs(z - rows[d, 2]) > rows[d, 11]:
                continue
            a = _cover(rows, d, x, y, z)
            if a > 0:
                for c in range(3):
                    colour[i, c] += (rows[d, 7 + c] - colour[i, c]) * a
