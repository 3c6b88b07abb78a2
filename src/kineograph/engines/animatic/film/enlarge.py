"""Luma at twice the size, in one pass: cubic between its samples, a light unsharp mask, grain, limited range.

What OpenCV does in five passes over the large picture; rows are kept as two planes, of even and of odd columns, so that
every loop runs many pixels at a time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import helper, lean
from kineograph.engines.animatic.scalar import f4
from kineograph.media.frame import Plane

F32 = NDArray[np.float32]

# Keys' cubic with a = -0.75 (OpenCV's) a quarter of the way from a sample to the next: its weights for the sample before,
# the two around and the one after.
_A, _B, _C, _D = -0.10546875, 0.87890625, 0.26171875, -0.03515625
_PAD = 16  # numbers before the first column: room for neighbours
_1, _2 = np.uint64(1), np.uint64(2)


@helper
def _upright(small: Plane, y: int, row: F32) -> None:
    """Row y of the picture twice as tall, as wide as before, into `row` from _PAD on; its edges go on."""
    h, w = small.shape[0], small.shape[1]
    j = y >> 1
    step = 1 if y & 1 else -1
    a, b = small[min(max(j - step, 0), h - 1)], small[j]
    c, d = small[min(max(j + step, 0), h - 1)], small[min(max(j + 2 * step, 0), h - 1)]
    for x in range(np.uint64(w)):
        row[x + np.uint64(_PAD)] = f4(_A) * f4(a[x]) + f4(_B) * f4(b[x]) + f4(_C) * f4(c[x]) + f4(_D) * f4(d[x])
    for k in range(2):
        row[_PAD - 1 - k], row[_PAD + w + k] = row[_PAD], row[_PAD + w - 1]


@helper
def _across(row: F32, width: int, even: F32, odd: F32) -> None:
    """Even and odd columns of a row twice as wide, and one more of each beyond both edges."""
    for x in range(np.uint64(width)):
        o = x + np.uint64(_PAD)
        even[o] = f4(_D) * row[o - _2] + f4(_C) * row[o - _1] + f4(_B) * row[o] + f4(_A) * row[o + _1]
        odd[o] = f4(_A) * row[o - _1] + f4(_B) * row[o] + f4(_C) * row[o + _1] + f4(_D) * row[o + _2]
    odd[_PAD - 1], even[_PAD + width] = odd[_PAD], even[_PAD + width - 1]


@helper
def _sharpened(
    upper: F32, here: F32, lower: F32, more: NDArray[np.uint8], less: NDArray[np.uint8], soft: F32, out: NDArray[np.uint8]
) -> None:  # fmt: skip
    """One row: half again as far from its surroundings (a 3×3 binomial), grain, 16…235. Rows are (2, n): even, odd."""
    width = out.shape[0] // 2
    for k in range(2):
        for x in range(np.uint64(_PAD - 1), np.uint64(_PAD + width + 1)):
            soft[k, x] = f4(0.25) * upper[k, x] + f4(0.5) * here[k, x] + f4(0.25) * lower[k, x]
    for x in range(np.uint64(width)):
        o, two = x + np.uint64(_PAD), x + x
        left, mid, right = soft[1, o - _1], soft[0, o], soft[1, o]
        even = f4(1.5) * here[0, o] - f4(0.125) * left - f4(0.25) * mid - f4(0.125) * right
        odd = f4(1.5) * here[1, o] - f4(0.125) * mid - f4(0.25) * right - f4(0.125) * soft[0, o + _1]
        even += f4(np.int32(more[two]) - np.int32(less[two])) + f4(0.5)  # type: ignore[arg-type]
        odd += f4(np.int32(more[two + _1]) - np.int32(less[two + _1])) + f4(0.5)  # type: ignore[arg-type]
        out[two] = np.uint8(min(max(even, f4(16)), f4(235)))
        out[two + _1] = np.uint8(min(max(odd, f4(16)), f4(235)))


@lean
def doubled(small: Plane, more: Plane, less: Plane, down: int, aside: int, rows: F32, out: Plane) -> None:
    """Fill `out`, twice as wide and tall as `small`.

    Args:
        more, less: Grain to add and to take away, larger than `out`, read from `down`, `aside` on.
        rows: Scratch, (9, width of `small` + 32).
    """
    width, height = small.shape[1], out.shape[0]
    row, soft = rows[8], rows[6:8]
    for y in range(-1, height + 1):
        at = (y + 3) % 3  # three rows in turn
        _upright(small, abs(y) if y < height else height - 2, row)  # beyond its edges the picture is mirrored
        _across(row, width, rows[2 * at], rows[2 * at + 1])
        if y < 1:
            continue
        upper, here = (y + 1) % 3, (y + 2) % 3
        _sharpened(
            rows[2 * upper : 2 * upper + 2], rows[2 * here : 2 * here + 2], rows[2 * at : 2 * at + 2],
            more[y - 1 + down, aside:], less[y - 1 + down, aside:], soft, out[y - 1],
        )  # fmt: skip
