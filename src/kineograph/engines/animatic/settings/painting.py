"""Brushes for plates: lit blossoms and round limbs, in painter's order, on any number of channels."""

from __future__ import annotations

import math

import numpy as np
from numba import float32 as f4
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import Real, helper, kernel, sample
from kineograph.engines.animatic.settings.stamps import FLOWER, measure

F32 = NDArray[np.float32]

DAB_COLUMNS = 9
LIMB_COLUMNS = 11


@helper
def _shade(m: Real, radius: Real, shape: Real) -> Real:
    """Darker towards the heart of a flower; flat where it is smaller than a few pixels."""
    if shape != FLOWER or radius < f4(2):
        return f4(1)
    deep = min((radius - f4(2)) * f4(0.33), f4(1))
    return f4(1) - deep * f4(0.30) * (f4(1) - m)


@kernel
def dabs(out: F32, rows: F32, values: F32) -> None:
    """
    Draw flowers, petals and soft discs over a plate, in order.

    Args:
        out: (h, w, C), premultiplied.
        rows: (n, 9): centre x, y (pixels); half axes; cos and sin of the turn; softness; shape; alpha.
        values: (n, C): what each channel becomes where the dab covers; the last is coverage, 1.
    """
    h, w, channels = out.shape
    for k in range(rows.shape[0]):
        x0, y0, rx, ry, c, s = rows[k, 0], rows[k, 1], rows[k, 2], rows[k, 3], rows[k, 4], rows[k, 5]
        reach = max(rx, ry) * f4(1.02) + f4(0.5)
        fade = f4(1) / max(rows[k, 6], f4(0.02))
        for y in range(max(0, int(y0 - reach)), min(h, int(y0 + reach) + 1)):
            dy = f4(y) + f4(0.5) - y0
            for x in range(max(0, int(x0 - reach)), min(w, int(x0 + reach) + 1)):
                dx = f4(x) + f4(0.5) - x0
                m = measure((dx * c + dy * s) / rx, (dy * c - dx * s) / ry, rows[k, 7])
                if m >= f4(1):
                    continue
                a = min((f4(1) - m) * fade, f4(1)) * rows[k, 8]
                lit = a * _shade(m, rx, rows[k, 7])
                for q in range(channels - 1):
                    out[y, x, q] = out[y, x, q] * (f4(1) - a) + values[k, q] * lit
                out[y, x, channels - 1] = out[y, x, channels - 1] * (f4(1) - a) + a


@helper
def _bark(tile: F32, across: Real, along: Real, girth: Real) -> Real:
    """Bark of a cherry: bands across the trunk, broken by ridges along it. About 0.5…1.4."""
    theta = math.asin(min(max(across, f4(-0.999)), f4(0.999)))
    ridge = sample(tile, theta * f4(14), along * f4(26))
    band = sample(tile, theta * f4(5) + f4(31), along * f4(150))
    strength = min(girth * f4(0.16), f4(1))
    return max(f4(1) + strength * (f4(0.20) * ridge + f4(0.16) * band), f4(0.35))


@helper
def _limb_pixel(p: F32, across: Real, a: Real, bark: Real, row: F32, albedo: F32, light: F32) -> None:
    """Shade one pixel of a limb: a half cylinder whose axis lies in the picture.

    row: ..., 7 tx, 8 ty (axis direction in the picture, y down), 9 sunlight that reaches it.
    """
    nx, ny = -row[8] * across, row[7] * across
    nz = -math.sqrt(max(f4(1) - across * across, f4(0)))
    facing = max((nx * light[0] - ny * light[1] + nz * light[2] + f4(0.12)) / f4(1.12), f4(0))
    # The sun behind a limb wraps its edge.
    rim = max(light[2], f4(0)) * max(nx * light[0] - ny * light[1], f4(0)) * across * across * f4(0.8)
    key = (facing + rim) * row[9] * bark
    sky = (f4(0.62) - f4(0.34) * ny - f4(0.14) * nz) * bark
    for q in range(3):
        p[q] = p[q] * (f4(1) - a) + albedo[q] * key * a
        p[3 + q] = p[3 + q] * (f4(1) - a) + albedo[q] * sky * a
    p[6] *= f4(1) - a
    p[7] = p[7] * (f4(1) - a) + a


@kernel
def limbs(out: F32, rows: F32, albedo: F32, light: F32, tile: F32) -> None:
    """
    Draw round, tapering limbs over a plate of eight channels, in order.

    Args:
        rows: (n, 11): x0, y0, r0, x1, y1, r1 (pixels), metres along the branch at the start,
            axis x and y in the picture (unit, y down), sunlight that reaches it 0…1, metres long.
        albedo: (3,).
        light: (3,) unit, towards the key, world axes.
        tile: (n, n) noise for the bark.
    """
    h, w = out.shape[0], out.shape[1]
    for k in range(rows.shape[0]):
        x0, y0, r0, x1, y1, r1 = rows[k, 0], rows[k, 1], rows[k, 2], rows[k, 3], rows[k, 4], rows[k, 5]
        big = max(r0, r1) + f4(1)
        dx, dy = x1 - x0, y1 - y0
        inverse = f4(1) / (dx * dx + dy * dy + f4(1e-4))
        for y in range(max(0, int(min(y0, y1) - big)), min(h, int(max(y0, y1) + big) + 1)):
            for x in range(max(0, int(min(x0, x1) - big)), min(w, int(max(x0, x1) + big) + 1)):
                px, py = f4(x) + f4(0.5) - x0, f4(y) + f4(0.5) - y0
                raw = (px * dx + py * dy) * inverse
                u = min(max(raw, f4(0)), f4(1))
                ex, ey = px - dx * u, py - dy * u
                r = r0 + (r1 - r0) * u
                d = math.sqrt(ex * ex + ey * ey)
                a = min(max(r + f4(0.5) - d, f4(0)), f4(1)) * min(r * f4(2.2) + f4(0.1), f4(1))
                if a <= f4(0):
                    continue
                across = (-px * rows[k, 8] + py * rows[k, 7]) / max(r, f4(0.6))
                across = min(max(across, f4(-0.98)), f4(0.98))
                bark = _bark(tile, across, rows[k, 6] + raw * rows[k, 10], r)
                _limb_pixel(out[y, x], across, a, bark, rows[k], albedo, light)
