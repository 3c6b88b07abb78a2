"""One kernel that lays still layers over a picture, row by row: front to back, moved by the camera and by the wind.

Two source rows are mixed once into planes of numbers, from which pixels then take their neighbours. Both loops run eight
pixels at a time (3 ms a frame where four taps in two rows for every pixel took 17): for that the planes lie a constant
apart, indices are unsigned (numba guards signed ones) and neighbours in the picture are neighbours in the layer.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import helper, lean, sample
from kineograph.engines.animatic.scalar import f4

F32 = NDArray[np.float32]
U16 = NDArray[np.uint16]
U8 = NDArray[np.uint8]

_WHITE = 65535 / 8.0  # a layer's numbers to one unit of light
RUN = 16  # pixels that share one look at the occupancy map and at the wind
CELL = 8  # pixels of an occupancy cell
GUSTS = 32  # looks at the wind in a frame height
_PLANE = 8240  # numbers to a plane of a row: a constant, so that the loops can tell planes apart; no power of two
ROW = 4 * _PLANE
_PAD = 64  # columns kept beyond the edges of a source row
# Where green, blue and coverage begin, and the places after; unsigned, for numba guards every signed index.
_1, _2 = np.uint64(1), np.uint64(2)
_G, _G1, _G2 = (np.uint64(_PLANE + i) for i in range(3))
_B, _B1, _B2 = (np.uint64(2 * _PLANE + i) for i in range(3))
_W, _W1, _W2 = (np.uint64(3 * _PLANE + i) for i in range(3))


@lean
def pack(pixels: F32, out: U16) -> None:
    """(h, w · 4) linear light and coverage -> (h, 4, w), each row one plane of numbers per channel. `out` is zero:
    rows without anything are not touched, for memory is had from the system page by page."""
    four = np.uint64(4)
    for y in range(pixels.shape[0]):
        most = f4(0)
        for i in range(np.uint64(pixels.shape[1])):
            most = max(most, pixels[y, i])
        if most <= f4(0):
            continue
        for c in range(np.uint64(4)):
            white = f4(_WHITE) if c < 3 else f4(65535)
            one, plane = pixels[y, c:], out[y, c]
            for x in range(np.uint64(out.shape[2])):
                plane[x] = np.uint16(min(max(one[four * x] * white, f4(0)), f4(65535)))


@helper
def _blow(noise: F32, x: float, y: float, t: float, which: int) -> float:
    """The wind field, about -1…1: low-passed along x, nearly constant in y. x and y in frame heights."""
    push = sample(noise, x * f4(80) - t * f4(15), y * f4(18) + t * f4(2) + which * f4(33))
    return f4(push * f4(0.8) + f4(0.2) * math.sin(t * f4(3.9) + x * f4(12.7) + which))


@helper
def _blow_all(table: F32, noise: F32, t: float, size: float, gusts: F32) -> None:
    """The wind of the layers that it moves, at GUSTS rows to a frame height and at every run: it changes slowly, and looking
    it up for each run of each row cost as much as some of the layers."""
    for k in range(table.shape[0]):
        windy = f4(0)
        for y in range(np.uint64(table.shape[1])):
            windy = max(windy, abs(table[k, y, 3]))
        if windy > 0:
            for j in range(gusts.shape[1]):
                for r in range(gusts.shape[2]):
                    gusts[k, j, r] = _blow(noise, f4(r * RUN) / size, f4(j) * f4(1 / GUSTS), t, k)


@helper
def _wanted(
    y: int, table: F32, k: int, occupied: U8, gusts: F32, most: float, left: F32, at: F32, wanted: U8
) -> tuple[int, int]:  # fmt: skip
    """Source column of every run's first pixel into `at`, and which runs show anything of layer k into `wanted`.
    Returns the first and the last source column that they need; the first is beyond the last when there is none."""
    width = occupied.shape[2]
    j = min(int(table[k, y, 0]) // CELL, occupied.shape[1] - 1)
    low, high = 1 << 30, -1
    sway = table[k, y, 3]
    height = f4(y) * f4(GUSTS) / f4(table.shape[1])
    i = int(height)
    b = height - f4(i)
    for r in range(at.shape[0]):
        column = f4(r * RUN) * table[k, y, 1] + table[k, y, 2]
        if sway != 0:
            column += sway * (gusts[k, i, r] + (gusts[k, i + 1, r] - gusts[k, i, r]) * b)
        at[r] = min(max(column, f4(-RUN)), most)
    for r in range(wanted.shape[0]):
        wanted[r] = 0
        if left[r] <= 0:
            continue
        # Beyond its edges a layer goes on as at them: the camera may have moved back farther than it was painted for.
        first = min(max(int(at[r]) // CELL, 0), width - 1)
        for i in range(first, max(min(int(at[r + 1]) // CELL, width - 1), first) + 1):
            if occupied[k, j, i]:
                wanted[r] = 1
        if wanted[r]:
            low, high = min(low, int(at[r])), max(high, int(at[r + 1]))
    return low, high


@helper
def _between_rows(pixels: U16, k: int, sy: float, low: int, high: int, gains: F32, row: F32) -> None:
    """Layer k between two of its rows, as light (red, green, blue) and coverage: columns low…high into the planes of
    `row`, which begins _PAD columns before the layer does; beyond its edges it goes on as at them."""
    j = int(sy)
    v = f4(sy - f4(j))
    width = pixels.shape[3]
    low, high = max(low - 2, -_PAD), min(high + 4, width + _PAD)
    first, last = max(low, 0), min(high, width)
    for c in range(4):
        gain = gains[k, c] * f4(1 / _WHITE) if c < 3 else f4(1 / 65535.0)
        upper, lower = gain * (f4(1) - v), gain * v
        plane = row[c * _PLANE + _PAD :]
        one, two = pixels[k, j, c], pixels[k, j + 1, c]
        for i in range(np.uint64(first), np.uint64(last)):
            plane[i] = upper * f4(one[i]) + lower * f4(two[i])
        for i in range(low, first):
            row[c * _PLANE + _PAD + i] = plane[0]
        for i in range(last, high):
            plane[i] = plane[width - 1]


@helper
def _through(row: F32, i: int, start: float, drift: float, x: int, count: int, seen: F32) -> float:
    """Add `count` pixels to `seen` from column x (planes of light, and of what is left behind), where the first lies
    `start` (0…1, or to 2) after place i of `row` and each next one `drift` further than the last. Returns the sum of what
    is left. Three neighbours of which one has no weight: places that follow each other are read eight at a time."""
    left = f4(0)
    a, o = np.uint64(i), np.uint64(x)
    for n in range(np.uint64(count)):
        at = start + drift * f4(np.int32(n))  # type: ignore[arg-type]  # converts faster than an unsigned 64-bit number
        before, after = max(f4(1) - at, f4(0)), max(at - f4(1), f4(0))
        middle = f4(1) - before - after
        open_ = seen[_W + o]
        seen[o] += open_ * (before * row[a] + middle * row[a + _1] + after * row[a + _2])
        seen[_G + o] += open_ * (before * row[_G + a] + middle * row[_G1 + a] + after * row[_G2 + a])
        seen[_B + o] += open_ * (before * row[_B + a] + middle * row[_B1 + a] + after * row[_B2 + a])
        open_ *= f4(1) - (before * row[_W + a] + middle * row[_W1 + a] + after * row[_W2 + a])
        open_ = open_ if open_ > f4(0.012) else f4(0)
        seen[_W + o] = open_
        left += open_
        a += _1
        o += _1
    return left


@helper
def _lay_run(row: F32, start: float, end: float, x: int, last: int, seen: F32) -> float:
    """Add a run of pixels from column x, whose source columns go from `start` to `end`; the sum of what is left."""
    drift = (end - start) * f4(1 / RUN) - f4(1)
    most = int(f4(1) / max(abs(drift), f4(1 / RUN)))  # pixels in which it drifts by less than one
    place = start + f4(_PAD)
    left = f4(0)
    while x < last:
        count = min(most, last - x)
        i = int(min(place, place + drift * f4(count - 1)))
        left += _through(row, i, place - f4(i), drift, x, count, seen)
        place += f4(count) * (f4(1) + drift)
        x += count
    return left


@helper
def _clear(seen: F32, width: int) -> None:
    """Nothing seen yet, everything left."""
    for x in range(np.uint64(width)):
        seen[x], seen[_G + x], seen[_B + x], seen[_W + x] = f4(0), f4(0), f4(0), f4(1)


@lean
def composite(
    out: F32, pixels: U16, occupied: U8, table: F32, gains: F32, noise: F32, t: float, top: int, bottom: int,
    row: F32, seen: F32, at: F32, left: F32, wanted: U8, gusts: F32,
) -> None:  # fmt: skip
    """`row`, `seen`, `at`, `left`, `wanted` and `gusts` are scratch: a source row, a row of the picture, its runs, and
    (layers, GUSTS + 2, runs + 1) of the wind."""
    width = out.shape[1]
    size = f4(out.shape[0])
    most = f4(pixels.shape[3] + RUN)
    _blow_all(table, noise, t, size, gusts)
    for y in range(top, bottom):
        through = f4(wanted.shape[0])  # what is left of the row
        blank = True
        for k in range(table.shape[0]):
            if table[k, y, 0] < 0 or through <= 0:
                continue
            if blank:
                left[:] = f4(1)
            low, high = _wanted(y, table, k, occupied, gusts, most, left, at, wanted)
            if high < low:
                continue
            if blank:
                _clear(seen, width)
                blank = False
            _between_rows(pixels, k, table[k, y, 0], low, high, gains, row)
            for r in range(wanted.shape[0]):
                if wanted[r]:
                    x = r * RUN
                    left[r] = _lay_run(row, at[r], at[r + 1], x, min(x + RUN, width), seen)
            through = f4(0)
            for r in range(wanted.shape[0]):
                through += left[r]
        if blank:
            continue
        for x in range(np.uint64(width)):
            out[y, x, 0] = out[y, x, 0] * seen[_W + x] + seen[x]
            out[y, x, 1] = out[y, x, 1] * seen[_W + x] + seen[_G + x]
            out[y, x, 2] = out[y, x, 2] * seen[_W + x] + seen[_B + x]
