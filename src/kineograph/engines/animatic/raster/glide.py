"""One kernel that lays a small picture over a large one, moved by a smooth map: bicubic, many pixels at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import F32, helper, lean
from kineograph.engines.animatic.scalar import f4

I32 = NDArray[np.int32]

# Pixels that share one look at the map: where it enlarges by half a percent, the last is a twentieth of a pixel off.
RUN = 16
BORDER = RUN + 4  # empty columns a layer needs on every side (rows too, though three would do)
# Places in the scratch: a source run with its neighbours, the least and the greatest of what lies around, and the result.
_LOW, _HIGH, _ROW = np.uint64(128), np.uint64(256), np.uint64(384)
# Keys' a. Sharper than is usual: what lies between samples keeps as much of fine detail as what lies on them, or pictures that
# drift would breathe (measured: -0.6 lets a castle's sharpness swing by 6 %, -1 by 3 %).
_KEYS = -1.0
_UNDER, _OVER = 0.8, 1.2  # of the least and of the greatest around: as far as the weights may overshoot
_4, _8, _12 = np.uint64(4), np.uint64(8), np.uint64(12)
SCRATCH = 384  # numbers besides four for every pixel of a row


def framed(rgba: F32) -> tuple[F32, I32]:
    """A layer with its empty border, (h, w, 4), and first and last column of each row that show anything, (h, 2)."""
    h, w = rgba.shape[:2]
    out = np.zeros((h + 2 * BORDER, w + 2 * BORDER, 4), np.float32)
    out[BORDER:-BORDER, BORDER:-BORDER] = rgba
    spans = np.empty((out.shape[0], 2), np.int32)
    _span(out, spans)
    return out, spans


@lean
def _span(layer: F32, spans: I32) -> None:
    width = layer.shape[1]
    for y in range(layer.shape[0]):
        first, last = 0, width - 1
        while first < width and layer[y, first, 3] <= 0:
            first += 1
        while last > first and layer[y, last, 3] <= 0:
            last -= 1
        spans[y, 0], spans[y, 1] = first, last


@helper
def _cubic(x: float) -> tuple[float, float, float, float]:
    """Keys' weights of the sample before, the two around and the one after, x beyond the second."""
    a, one, two, three = f4(_KEYS), f4(1), f4(2), f4(3)
    y = one - x
    before, after = a * x * y * y, a * y * x * x
    here = ((a + two) * x - (a + three)) * x * x + one
    return before, here, one - before - here - after, after


@helper
def _moved(
    layer: F32, spans: I32, place: I32, way: F32, weight: float, left: int, right: int, y: int, row: F32
) -> None:
    """Add `weight` times what the layer shows of row y, columns left…right, to the result in `row`.

    Args:
        layer: A `framed` one, flat. place: Its height and width, row and column of the picture where it begins.
        way: (16,) the map: source column and row by 1, x, y, x², xy, y²; then the middle and the scale of x and y.
    """
    half, height, width = f4(0.5), place[0], place[1]
    down = (f4(y) + half - way[13]) * way[15]
    u0, u1 = way[0] + (way[2] + way[5] * down) * down - f4(RUN // 2 + place[3]), way[1] + way[4] * down
    v0, v1 = way[6] + (way[8] + way[11] * down) * down - half - f4(place[2]), way[7] + way[10] * down
    for x in range(left, right, RUN):
        across = (f4(x + RUN // 2) - way[12]) * way[14]
        u, v = u0 + (u1 + way[3] * across) * across, v0 + (v1 + way[9] * across) * across
        i, j = int(u) - 1, int(v) - 1  # neither is below 0 where anything is seen
        if i < 0 or j < 0 or i + RUN + 3 > width or j + 4 > height:
            continue
        first = min(spans[j, 0], spans[j + 1, 0], spans[j + 2, 0], spans[j + 3, 0])
        last = max(spans[j, 1], spans[j + 1, 1], spans[j + 2, 1], spans[j + 3, 1])
        if last < i or first > i + RUN + 2:
            continue
        a, b, c, d = _cubic(v - f4(j + 1))
        p, step = np.uint64((j * width + i) * 4), np.uint64(width * 4)
        q, r, s = p + step, p + step + step, p + step + step + step
        for n in range(np.uint64(4 * (RUN + 3))):
            over, under = layer[q + n], layer[r + n]
            row[n] = a * layer[p + n] + b * over + c * under + d * layer[s + n]
            row[_LOW + n] = min(over, under)
            row[_HIGH + n] = max(over, under)
        a, b, c, d = _cubic(u - f4(i + 1))
        at = _ROW + np.uint64((x - left) * 4)
        for n in range(np.uint64(4 * RUN)):
            value = a * row[n] + b * row[n + _4] + c * row[n + _8] + d * row[n + _12]
            # A glint beside a dark edge would throw a dark ring: never far beyond the four samples around.
            value = max(value, f4(_UNDER) * min(row[_LOW + n + _4], row[_LOW + n + _8]))
            row[at + n] += weight * min(value, f4(_OVER) * max(row[_HIGH + n + _4], row[_HIGH + n + _8]))


@lean
def glide(
    a: F32, a_spans: I32, a_place: I32, a_way: F32, b: F32, b_spans: I32, b_place: I32, b_way: F32, share: float,
    box: I32, row: F32, picture: F32,
) -> None:  # fmt: skip
    """Composite a cross-fade of two moved layers over the picture.

    Args:
        share: Of the second, 0…1.
        box: (4,) left, top, right, bottom of what may change, within the picture.
        row: Scratch, SCRATCH + 4 · (right - left + RUN).
    """
    one, left, right = f4(1), box[0], box[2]
    for y in range(box[1], box[3]):
        for n in range(np.uint64((right - left + RUN) * 4)):
            row[_ROW + n] = f4(0)
        _moved(a, a_spans, a_place, a_way, one - share, left, right, y, row)
        if share > 0:
            _moved(b, b_spans, b_place, b_way, share, left, right, y, row)
        for x in range(left, right):
            at = _ROW + np.uint64((x - left) * 4)
            cover = row[at + np.uint64(3)]
            if cover > 0:
                keep, gain = max(one - cover, f4(0)), one / max(cover, one)
                for c in range(3):
                    picture[y, x, c] = picture[y, x, c] * keep + row[at + np.uint64(c)] * gain
