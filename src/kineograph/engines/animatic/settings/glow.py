"""Light in the air, worked out small and added large."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import F32, f4, lean
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.settings.strips import PLANE, bell

_1, _ROW = np.uint64(1), np.uint64(PLANE)
_LEAST = 1e-4  # of light: a row with less is left alone


@lean
def _shine(out: F32, small: F32, colour: F32, at: NDArray[np.int32], share: F32, row: F32) -> None:
    """at, share: (w,) column of `small` to the left, and how far to the next. row: scratch, two planes."""
    h, w = out.shape[0], out.shape[1]
    hs, ws = small.shape
    for y in range(h):
        v = min(max((f4(y) + f4(0.5)) * hs / h - f4(0.5), f4(0)), f4(hs - 1.001))
        j = int(v)
        b = v - f4(j)
        most = f4(0)
        for i in range(np.uint64(ws)):
            value = small[j, i] + (small[j + 1, i] - small[j, i]) * b
            row[i] = value
            most = max(most, abs(value))
        if most < f4(_LEAST):
            continue
        for x in range(np.uint64(w)):
            left = np.uint64(at[x])
            row[_ROW + x] = row[left] + (row[left + _1] - row[left]) * share[x]
        for x in range(np.uint64(w)):
            k = row[_ROW + x]
            out[y, x, 0] += k * colour[0]
            out[y, x, 1] += k * colour[1]
            out[y, x, 2] += k * colour[2]


def shine(out: Picture, small: F32, colour: F32) -> None:
    """Add `small` (hs, ws: at least 2 × 2) × colour (3,), enlarged bilinearly, to out (h, w, 3)."""
    w, ws = out.shape[1], small.shape[1]
    places = np.clip((np.arange(w) + 0.5) * ws / w - 0.5, 0, ws - 1.001)
    at = places.astype(np.int32)
    share = (places - at).astype(np.float32)
    _shine(out, small, np.asarray(colour, np.float32), at, share, np.empty(2 * PLANE, np.float32))


@lean
def _spots(small: F32, rows: F32) -> None:
    for k in range(rows.shape[0]):
        x0, y0, reach, power = rows[k, 0], rows[k, 1], rows[k, 2], rows[k, 3]
        far, narrow = reach * f4(3.2), f4(1) / (reach * reach)
        first, last = max(int(x0 - far), 0), min(int(x0 + far) + 1, small.shape[1])
        for y in range(max(int(y0 - far), 0), min(int(y0 + far) + 1, small.shape[0])):
            for x in range(np.uint64(max(first, 0)), np.uint64(max(last, 0))):
                dx, dy = f4(np.int32(x)) - x0, f4(y) - y0
                small[y, x] += power * bell((dx * dx + dy * dy) * narrow)


def spots(small: F32, rows: F32) -> None:
    """Add round glows to `small`: rows (n, 4) of column, row, reach (where a third is left) and strength."""
    _spots(small, np.ascontiguousarray(rows, np.float32))
