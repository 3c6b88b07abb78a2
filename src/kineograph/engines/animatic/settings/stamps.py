"""Small soft shapes over a picture: petals, flakes, rings, streaks. The kernels under weather and blossom."""

from __future__ import annotations

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import Real, kernel, part, sample

F32 = NDArray[np.float32]

DISC, PETAL, LEAF, RING, FLOWER = 0.0, 1.0, 2.0, 3.0, 4.0
STAMP_COLUMNS = 13
STREAK_COLUMNS = 9

_f = nb.float32


@part
def _petal(u: Real, v: Real) -> Real:
    """Distance-like measure of a petal that points to +u: narrow at the base, notched at the tip; 1 is its edge."""
    w = v / (_f(0.66) + _f(0.34) * min(max(u, _f(-1)), _f(1)))
    notch = _f(0.30) * math.exp(-v * v * _f(16)) if u > 0 else _f(0)
    return math.sqrt(u * u + w * w) + notch * u


@part
def _leaf(u: Real, v: Real) -> Real:
    """The same measure for a leaf pointed at both ends."""
    return u * u + abs(v)


@part
def _flower(u: Real, v: Real) -> Real:
    """The same measure for an open blossom of five petals: cos 5θ by its polynomial, no trigonometry."""
    d2 = u * u + v * v
    d = math.sqrt(d2) + _f(1e-6)
    c = u / d
    c2 = c * c
    five = c * (_f(16) * c2 * c2 - _f(20) * c2 + _f(5))
    return d / (_f(0.80) + _f(0.20) * five)


@part
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


@kernel
def stamps(out: F32, rows: F32) -> None:
    """
    Draw soft shapes over `out`, in order.

    Args:
        out: (h, w, 3) linear RGB.
        rows: (n, 13): centre x, y (pixels); half axes; cos and sin of the turn; R, G, B; alpha 0…1;
            softness 0…1 (share of the radius over which the edge fades); shape; 0 covers … 1 adds light.
    """
    h, w = out.shape[0], out.shape[1]
    for k in range(rows.shape[0]):
        x0, y0, rx, ry = rows[k, 0], rows[k, 1], rows[k, 2], rows[k, 3]
        c, s = rows[k, 4], rows[k, 5]
        reach = max(rx, ry) * _f(1.05) + _f(0.5)
        fade = _f(1) / max(rows[k, 10], _f(0.02))
        cover = _f(1) - rows[k, 12]
        for y in range(max(0, int(y0 - reach)), min(h, int(y0 + reach) + 1)):
            dy = _f(y) + _f(0.5) - y0
            for x in range(max(0, int(x0 - reach)), min(w, int(x0 + reach) + 1)):
                dx = _f(x) + _f(0.5) - x0
                m = measure((dx * c + dy * s) / rx, (dy * c - dx * s) / ry, rows[k, 11])
                if m < _f(1):
                    a = min((_f(1) - m) * fade, _f(1))
                    a = a * a * (_f(3) - _f(2) * a) * rows[k, 9]
                    keep = _f(1) - a * cover
                    for q in range(3):
                        out[y, x, q] = out[y, x, q] * keep + rows[k, 6 + q] * a


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
