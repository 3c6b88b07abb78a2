"""Sea and sand, shaded per frame: swell that shoals and breaks, ripples, foam lace, wet sand, glints.

Lengths are in beach units (shore.py). A row is worked through in several short loops over planes of numbers: loops this
simple run eight pixels at a time (43 ms a frame at 960×544 where whole pixels were shaded one by one). What changes slowly
comes from nodes (breakers.py), what is looked up from strips of its tile (strips.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean
from kineograph.engines.animatic.settings.breakers import (
    EYE_Y,
    FOCAL,
    HORIZON,
    LEFT,
    LINE,
    NODE,
    ROLL,
    RUSH,
    SLANT,
    SOAKED,
    THROUGH,
    WET,
    D,
    hull,
    nodes,
    spread,
)
from kineograph.engines.animatic.settings.open_sea import BLUE, GREEN, HAZE, NUMBERS, RED, open_water
from kineograph.engines.animatic.settings.strips import split
from kineograph.engines.animatic.settings.waterside import beach, fringe, froth

_FROTHY = 3.5  # water over the sand beyond which only breakers foam


@dataclass(frozen=True, slots=True)
class Tiles:
    """What the sea is looked up in, each (n, n): phase noise, broad and fine ripple slopes (split), lace, grain."""

    phases: F32
    broad: F32
    normals: F32
    lace: F32
    grain: F32

    @classmethod
    def of(cls, phases: F32, broad: F32, normals: F32, lace: F32, grain: F32) -> Tiles:
        """From slopes (n, n, 2)."""
        return cls(phases, split(broad), split(normals), lace, grain)


@helper
def _ashore(
    n: F32, colours: F32, phases: F32, lace: F32, grain: F32, sky: F32, window: F32,
    v: Real, soft: Real, fine: Real, step: int, count: int, begin: int, end: int, width: int, row: F32,
) -> None:  # fmt: skip
    """Foam and sand of a row, over open water in columns begin…end."""
    spread(row, NODE[4], WET, step, 0, width)
    low, high = hull(row, NODE[4], f4(-0.5), f4(0.5), step, count, width)
    if high > low:
        fringe(n, phases, grain, v, fine, low, high, row)
    low, high = hull(row, NODE[4], f4(-1e9), f4(_FROTHY), step, count, width)
    first, last = hull(row, NODE[2], f4(0.008), f4(1e9), step, count, width)
    first, last = max(min(first, low), begin), min(max(last, high), end)
    if last > first:
        spread(row, NODE[2], ROLL, step, first, last)
        spread(row, NODE[6], RUSH, step, first, last)
        froth(n, colours, lace, grain, v, fine, first, last, row)
    low, high = hull(row, NODE[4], f4(-1e9), soft * f4(0.6) + f4(0.2), step, count, width)
    if high > low:
        spread(row, NODE[5], SOAKED, step, low, high)
        spread(row, NODE[7], LINE, step, low, high)
        spread(row, NODE[8], LEFT, step, low, high)
        beach(n, colours, lace, grain, sky, window, v, soft, fine, step, low, high, row)


@lean
def _rows(
    n: F32, edge: F32, half: Real, powers: F32, colours: F32,
    phases: F32, broad: F32, normals: F32, lace: F32, grain: F32, sky: F32, window: F32, row: F32, out: F32,
) -> None:  # fmt: skip
    height, width = out.shape[0], out.shape[1]
    step = max(height // 48, 4)
    count = (width + step - 1) // step + 1
    row[:] = f4(0)
    for y in range(max(int(n[HORIZON]), 0), height):
        v = (f4(y) + f4(0.5) - n[HORIZON]) / n[FOCAL]
        if v <= f4(0.0004):
            continue
        z = n[EYE_Y] / v
        dz = z * z / (n[EYE_Y] * n[FOCAL])
        fine = f4(1) / (f4(1) + dz * f4(22))
        soft = max(dz * f4(1.2), f4(0.015))
        least, rolling = nodes(n, edge, half, powers, phases, v, step, count, row)
        begin, end = hull(row, NODE[4], -soft - f4(0.2), f4(1e9), step, count, width)
        if end > begin:
            spread(row, NODE[0], D, step, begin, end)
            spread(row, NODE[1], SLANT, step, begin, end)
            spread(row, NODE[3], THROUGH, step, begin, end)
            open_water(n, colours, broad, normals, sky, window, v, dz, begin, end, row)
        if least < f4(_FROTHY) or rolling > f4(0.008):
            _ashore(n, colours, phases, lace, grain, sky, window, v, soft, fine, step, count, begin, end, width, row)
        far = math.exp(-v * f4(55)) * f4(0.6)
        near, r, g, b = f4(1) - far, colours[HAZE, 0] * far, colours[HAZE, 1] * far, colours[HAZE, 2] * far
        for x in range(np.uint64(width)):
            out[y, x, 0] = row[RED + x] * near + r
            out[y, x, 1] = row[GREEN + x] * near + g
            out[y, x, 2] = row[BLUE + x] * near + b


def paint(
    numbers: F32, edge: F32, half: float, powers: F32, colours: F32, tiles: Tiles, sky: F32, window: F32, out: F32,
) -> None:  # fmt: skip
    """Shade every row of `out` below the horizon.

    Args:
        numbers: (17,) named in breakers.py.
        edge: Rows of shore.Edge, over -half…half.
        powers: (64,) strengths of the waves, by number.
        colours: (ROWS, 3) named in open_sea.py, lit.
        sky: Coarse picture of the sky (h, w, 3+) over the tangent `window`.
    """
    left, right, bottom, top = (float(v) for v in window)
    h, w = sky.shape[:2]
    table = np.array([left, top, w / (right - left), h / (top - bottom), w - 1.01, h - 1.01], np.float32)
    _rows(
        numbers, edge, np.float32(half), powers, colours, tiles.phases, tiles.broad, tiles.normals, tiles.lace, tiles.grain,
        sky, table, np.empty(NUMBERS, np.float32), out,
    )  # fmt: skip
