"""A wet road: the mirror image of its houses, broken by the grain of the asphalt, by puddles and by rain."""

from __future__ import annotations

import math

import numpy as np

from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean, smoothstep
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.settings.strips import PLANE, along, along2, doubled, look_up, strip, strip2

# Planes of a row: of every second column slopes across and along and puddles; the same of every column; where the image is
# looked up and what is seen there; a strip of a tile.
_NX2, _NZ2, _PUDDLE2, _NX, _NZ, _PUDDLE, _U, _V, _R, _G, _B, _STRIP = (np.uint64(PLANE * i) for i in range(12))
_NUMBERS = PLANE * 12


@helper
def _surface(
    slopes: F32, tile: F32, wx: Real, step: Real, wz: Real, wet: Real, rain: Real, t: Real, count: int, row: F32
) -> None:  # fmt: skip
    """Slopes of the road and how far puddles cover it, from `count` places `step` metres apart, two columns each."""
    for k in range(np.uint64(count)):
        row[_NX2 + k], row[_NZ2 + k] = f4(0), f4(0)
    n = slopes.shape[2]
    strip2(slopes, wz * f4(30), f4(1), f4(1), row, _STRIP)
    along2(row, _STRIP, n, wx * f4(52) + f4(7), step * f4(52), 0, count, _NX2, _NZ2)
    if rain > f4(0):
        strip2(slopes, wz * f4(80) - t * f4(53), rain, rain, row, _STRIP)
        along2(row, _STRIP, n, wx * f4(80) + t * f4(70), step * f4(80), 0, count, _NX2, _NZ2)
    strip(tile, wz * f4(2.8), row, _STRIP)
    along(row, _STRIP, tile.shape[0], wx * f4(5.5), step * f4(5.5), 0, count, _PUDDLE2)
    for k in range(np.uint64(count)):
        row[_PUDDLE2 + k] = smoothstep(f4(-0.5), f4(0.35), row[_PUDDLE2 + k] + wet * f4(1.1) - f4(0.6))
    doubled(row, _NX2, count - 1, _NX)
    doubled(row, _NZ2, count - 1, _NZ)
    doubled(row, _PUDDLE2, count - 1, _PUDDLE)


@lean
def _gleam(
    out: F32, image: F32, rows: F32, slopes: F32, tile: F32, view: F32, wet: Real, rain: Real, t: Real, row: F32
) -> None:  # fmt: skip
    h, w = out.shape[0], out.shape[1]
    low, right = f4(image.shape[0] - 1.01), f4(image.shape[1] - 1.01)
    for y in range(max(int(view[2]) + 2, 0), h):
        sy = rows[y, 0]
        v = (f4(y) - view[2]) / h
        grazing = f4(0.14) + f4(0.86) * math.exp(-v * f4(3.4))
        shine = grazing * wet * min((f4(y) - view[2]) / (h * f4(0.02)), f4(1))
        z = view[0] * view[4] / (f4(y) + f4(0.5) - view[2])
        wz, metre = z + view[5], z / view[0]
        left = (f4(0.5) - view[1]) * metre + view[3]
        begin = max(math.ceil((view[6] - view[7] - left) / metre), 0)
        count = min(int((view[6] + view[7] - left) / metre) + 1, w) - begin
        if sy < f4(0) or count <= 0:
            continue
        _surface(slopes, tile, left + f4(begin) * metre, metre * f4(2), wz, wet, rain, t, count // 2 + 2, row)
        first = rows[y, 1] + f4(begin) * rows[y, 2]
        for x in range(np.uint64(count)):
            m = (f4(0.003) + f4(0.016) * (f4(1) - row[_PUDDLE + x])) * h * (f4(0.25) + v)
            across = first + f4(np.int32(x)) * rows[y, 2] + row[_NX + x] * m
            row[_U + x] = min(max(across * f4(0.5) - f4(0.25), f4(0)), right)
            row[_V + x] = min(max((sy + row[_NZ + x] * m * f4(2.6)) * f4(0.5) - f4(0.25), f4(0)), low)
        look_up(image, 0, count, row, _U, _V, _R)
        for x in range(np.uint64(count)):
            k = shine * (f4(0.22) + f4(0.78) * row[_PUDDLE + x])
            o = np.uint64(begin) + x
            out[y, o, 0] += (row[_R + x] - out[y, o, 0] * f4(0.62)) * k
            out[y, o, 1] += (row[_G + x] - out[y, o, 1] * f4(0.62)) * k
            out[y, o, 2] += (row[_B + x] - out[y, o, 2] * f4(0.62)) * k


def gleam(
    out: Picture, image: F32, rows: F32, slopes: F32, tile: F32, view: F32, wet: float, rain: float, t: float
) -> None:  # fmt: skip
    """Lay the mirror image of the houses on the road; its surface is looked up for every second pixel.

    Args:
        image: (h, w, 3) of a plate at half its size.
        rows: Of that plate, as `plates.rows_of` has them.
        slopes: (n, 2, n) as strips.split has them; tile: (n, n), where puddles lie.
        view: Focal in pixels, axis, horizon row, eye x, y, z, middle of the road, half its width between the houses.
        wet: How much the road mirrors, 0…1. rain: How much drops stir it.
    """
    numbers = np.float32(wet), np.float32(rain), np.float32(t)
    _gleam(out, image, rows, slopes, tile, view, *numbers, np.empty(_NUMBERS, np.float32))
