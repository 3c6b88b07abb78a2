"""Small soft shapes over a picture: petals, flakes, rings, streaks. The kernels under weather and blossom."""

from __future__ import annotations

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import Real, helper, kernel, lean, sample

F32 = NDArray[np.float32]

DISC, PETAL, LEAF, RING, FLOWER = 0.0, 1.0, 2.0, 3.0, 4.0
STAMP_COLUMNS = 13
STREAK_COLUMNS = 9

_f = nb.float32


@helper
def _petal(u: Real, v: Real) -> Real:
    """Distance-like measure of a petal that points to +u: narrow at the base, notched at the tip; 1 is its edge."""
    w = v / (_f(0.66) + _f(0.34) * min(max(u, _f(-1)), _f(1)))
    notch = _f(0.30) * math.exp(-v * v * _f(16)) if u > 0 else _f(0)
    return math.sqrt(u * u + w * w) + notch * u


@helper
def _leaf(u: Real, v: Real) -> Real:
    """The same measure for a leaf pointed at both ends."""
    return u * u + abs(v)


@helper
def _flower(u: Real, v: Real) -> Real:
    """The same measure for an open blossom of five petals: cos 5θ by its polynomial, no trigonometry."""
    d2 = u * u + v * v
    d = math.sqrt(d2) + _f(1e-6)
    c = u / d
    c2 = c * c
    five = c * (_f(16) * c2 * c2 - _f(20) * c2 + _f(5))
    return d / (_f(0.80) + _f(0.20) * five)


@helper
def measure(u: Real, v: Real, shape: Real) -> Real:
    """Of the shape: below 1 inside, 1 at its edge. u and v in half axes, +u the tip."""
    if shape == PETAL:
        return _petal(u, v)
    if shape == LEAF:
        return _leaf(u, v)
    if shape == FLOWER:
        return _flower(u, v)
    d = math.sqrt(u * u + v * v)
    if shape == RING:
        return abs(d - _f(0.8)) * _f(5)
    return d


@helper
def _disc(out: F32, rows: F32, k: int, y: int, first: int, last: int, alphas: F32) -> None:
    """A row of a disc, eight pixels at a time: large soft ones are what mist and foam are made of."""
    rx, ry, c, s = rows[k, 2], rows[k, 3], rows[k, 4], rows[k, 5]
    dy = _f(y) + _f(0.5) - rows[k, 1]
    left = _f(0.5) - rows[k, 0]
    r, g, b, alpha = rows[k, 6], rows[k, 7], rows[k, 8], rows[k, 9]
    fade, cover = _f(1) / max(rows[k, 10], _f(0.02)), _f(1) - rows[k, 12]
    for x in range(np.uint64(first), np.uint64(last)):
        dx = _f(np.int32(x)) + left
        u, v = (dx * c + dy * s) / rx, (dy * c - dx * s) / ry
        a = min(max((_f(1) - math.sqrt(u * u + v * v)) * fade, _f(0)), _f(1))
        alphas[x] = a * a * (_f(3) - _f(2) * a) * alpha
    for x in range(np.uint64(first), np.uint64(last)):
        a = alphas[x]
        keep = _f(1) - a * cover
        out[y, x, 0] = out[y, x, 0] * keep + r * a
        out[y, x, 1] = out[y, x, 1] * keep + g * a
        out[y, x, 2] = out[y, x, 2] * keep + b * a


@helper
def _shape(out: F32, rows: F32, k: int, y: int, first: int, last: int) -> None:
    """A row of any other shape."""
    rx, ry, c, s = rows[k, 2], rows[k, 3], rows[k, 4], rows[k, 5]
    fade, cover = _f(1) / max(rows[k, 10], _f(0.02)), _f(1) - rows[k, 12]
    dy = _f(y) + _f(0.5) - rows[k, 1]
    for x in range(first, last):
        dx = _f(x) + _f(0.5) - rows[k, 0]
        m = measure((dx * c + dy * s) / rx, (dy * c - dx * s) / ry, rows[k, 11])
        if m < _f(1):
            a = min((_f(1) - m) * fade, _f(1))
            a = a * a * (_f(3) - _f(2) * a) * rows[k, 9]
            keep = _f(1) - a * cover
            for q in range(3):
                out[y, x, q] = out[y, x, q] * keep + rows[k, 6 + q] * a


@lean
def _stamps(out: F32, rows: F32, alphas: F32) -> None:
    """alphas: scratch, (w,)."""
    h, w = out.shape[0], out.shape[1]
    for k in range(rows.shape[0]):
        x0, y0 = rows[k, 0], rows[k, 1]
        if rows[k, 9] == _f(0):
            continue
        round_ = rows[k, 11] == _f(DISC)
        reach = max(rows[k, 2], rows[k, 3]) * _f(1.05) + _f(0.5)
        wide, tall = reach, reach
        if round_ and rows[k, 5] == _f(0):  # upright: no need to look where it cannot be
            wide, tall = rows[k, 2] + _f(0.5), rows[k, 3] + _f(0.5)
        for y in range(max(0, int(y0 - tall)), min(h, int(y0 + tall) + 1)):
            first, last = max(0, int(x0 - wide)), min(w, int(x0 + wide) + 1)
            if last <= first:
                break
            if round_:
                _disc(out, rows, k, y, first, last, alphas)
            else:
                _shape(out, rows, k, y, first, last)


def stamps(out: F32, rows: F32) -> None:
    """
    Draw soft shapes over `out`, in order.

    Args:
        out: (h, w, 3) linear RGB.
        rows: (n, 13): centre x, y (pixels); half axes; cos and sin of the turn; R, G, B; alpha 0…1;
            softness 0…1 (share of the radius over which the edge fades); shape; 0 covers … 1 adds light.
    """
    _stamps(out, rows, np.empty(out.shape[1], np.float32))


@kernel
def streaks(out: F32, rows: F32) -> None:
    """
    Draw falling drops as motion-blurred threads, brightest in the middle.

    Args:
        out: (h, w, 3) linear RGB.
        rows: (n, 9): upper end x, y and lower end x, y (pixels, y growing); half width; R, G, B; alpha.
    """
    h, w = out.shape[0], out.shape[1]
    for k in range(rows.shape[0]):
        x0, y0, x1, y1 = rows[k, 0], rows[k, 1], rows[k, 2], rows[k, 3]
        wide = rows[k, 4] + _f(0.5)
        slope = (x1 - x0) / max(y1 - y0, _f(1e-3))
        span = _f(1) / max(y1 - y0, _f(1e-3))
        for y in range(max(0, int(y0)), min(h, int(y1) + 1)):
            u = min(max((_f(y) + _f(0.5) - y0) * span, _f(0)), _f(1))
            cx = x0 + slope * (_f(y) + _f(0.5) - y0)
            ends = _f(4) * u * (_f(1) - u) * rows[k, 8]
            for x in range(max(0, int(cx - wide)), min(w, int(cx + wide) + 1)):
                d = _f(1) - abs(_f(x) + _f(0.5) - cx) / wide
                if d > 0:
                    a = min(d * _f(1.4), _f(1)) * ends
                    for q in range(3):
                        out[y, x, q] += (rows[k, 5 + q] - out[y, x, q] * _f(0.6)) * a


@kernel
def veil(out: F32, tile: F32, rows: F32, colour: F32, shift: Real, lift: Real) -> None:
    """
    Lay drifting mist over `out`.

    Args:
        out: (h, w, 3) linear RGB.
        tile: (n, n) noise; one tile is 1.6 frame heights wide.
        rows: (h,) opacity of each row where the mist is thickest.
        colour: (3,) linear RGB of the mist.
        shift, lift: Where the tile stands, in tile pixels.
    """
    h, w = out.shape[0], out.shape[1]
    step = _f(tile.shape[0]) / (_f(1.6) * h)
    for y in range(h):
        top = rows[y]
        if top < _f(0.004):
            continue
        v = _f(y) * step * _f(2.2) + lift
        # The mist is far smoother than a pixel: it is looked up every 16 columns.
        for x0 in range(0, w, 16):
            a = top * min(max(_f(0.55) + _f(0.40) * sample(tile, _f(x0) * step + shift, v), _f(0)), _f(1))
            b = top * min(max(_f(0.55) + _f(0.40) * sample(tile, _f(x0 + 16) * step + shift, v), _f(0)), _f(1))
            slope = (b - a) / _f(16)
            for x in range(x0, min(x0 + 16, w)):
                k = a + slope * _f(x - x0)
                for q in range(3):
                    out[y, x, q] += (colour[q] - out[y, x, q]) * k
