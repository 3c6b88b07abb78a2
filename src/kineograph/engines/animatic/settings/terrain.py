"""Hills and ridges: a height field marched column by column, front to back, so that every row knows its depth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean, mix, sample, smoothstep, spectral
from kineograph.engines.animatic.settings.base import Layer
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.relief import shadows

Triple = tuple[float, float, float]
_SUPER = 2  # samples per row
_AIR = 2.6  # painters' air: hills stand in more haze than their distance alone would give


@dataclass(frozen=True, slots=True)
class Range:
    """A range of hills.

    Attributes:
        near, far: Metres from the eye.
        height: Of the tallest, metres.
        period: Metres of ground per tile of the height field.
        peak: Where it rises most, tangent (x ÷ z) units; `spread` its width, `base` the height far from it, 0…1.
        low, high: Albedo of its two kinds of ground.
        snow: Height above which snow lies, 0…1 of `height`; > 1 for none.
        grit: Roughness of the ground seen close, 1 rock and turf, 0.2 sand.
        ripple: Height of wind ripples, 0 none … 1 sand.
    """

    near: float
    far: float
    height: float
    period: float
    peak: float
    spread: float
    base: float
    low: Triple
    high: Triple
    snow: float = 9.0
    grit: float = 1.0
    ripple: float = 0.0


@helper
def _height(tile: F32, p: F32, x: Real, z: Real) -> Real:
    """Metres at world (x, z). p: near, far, height, texels per metre, peak, spread, base, offsets u and v."""
    d = (x / z - p[4]) / p[5]
    e = p[6] + (f4(1) - p[6]) * math.exp(-d * d)
    e *= smoothstep(p[0], p[0] * f4(1.3), z)
    return p[2] * e * sample(tile, x * p[3] + p[7], z * p[3] + p[8])


@helper
def _lit(
    tile: F32, rough: F32, shade: F32, p: F32, m: F32, x: Real, z: Real, foot: Real, out: F32, row: int, column: int
) -> None:  # fmt: skip
    """Shade the ground at (x, z). m: low, high, key, sky, haze, direction, [density, snow, most haze], [grit, ripple]."""
    e = max(foot * f4(1.6), f4(0.75) / p[3])
    h = _height(tile, p, x, z)
    gx = (_height(tile, p, x + e, z) - _height(tile, p, x - e, z)) / (f4(2) * e)
    gz = (_height(tile, p, x, z + e) - _height(tile, p, x, z - e)) / (f4(2) * e)
    u = x * p[3]
    v = z * p[3]
    coarse = sample(rough, u * f4(5.3), v * f4(5.3))
    fine = sample(rough, u * f4(17) + h * p[3] * f4(9), v * f4(17)) / (f4(1) + foot * p[3] * f4(14))
    steep = math.sqrt(gx * gx + gz * gz)
    grit = m[7, 0]
    gx += fine * f4(0.07) * grit
    gz += (coarse * f4(0.05) + fine * f4(0.05)) * grit
    if m[7, 1] > f4(0) and foot < f4(0.05):
        # Wind ripples run across the slope of the ground, a hand apart; gone before they are finer than a pixel.
        wave = math.sin(z * f4(26) + x * f4(7) + coarse * f4(2.2)) * m[7, 1]
        wave *= f4(0.10) * (f4(1) - foot * f4(20)) * smoothstep(f4(0.5), f4(0.15), steep)
        gz += wave
        gx += wave * f4(0.3)
    inverse = f4(1) / math.sqrt(gx * gx + gz * gz + f4(1))
    facing = max((-gx * m[5, 0] + m[5, 1] - gz * m[5, 2]) * inverse + f4(0.06), f4(0)) / f4(1.06)
    half = f4(shade.shape[0] * 1.0 / tile.shape[0])
    facing *= sample(shade, (x * p[3] + p[7]) * half, (z * p[3] + p[8]) * half)
    k = smoothstep(f4(-0.8), f4(1.1), coarse + fine * f4(0.4) + steep * f4(0.6))
    white = smoothstep(
        f4(-0.05), f4(0.10), h / p[2] - m[6, 1] + coarse * f4(0.05) - max(f4(0), steep - f4(0.9)) * f4(0.25)
    )
    hollow = f4(0.72) + f4(0.28) * min(h / p[2] * f4(2.2), f4(1))
    far = (f4(1) - math.exp(-z * m[6, 0])) * m[6, 2] * (f4(1) - f4(0.30) * min(h / p[2], f4(1)))
    tone = f4(1) + (f4(0.16) * coarse + f4(0.18) * fine) * grit
    for c in range(3):
        albedo = mix(mix(m[0, c], m[1, c], k) * tone, f4(0.84), white)
        lit = albedo * (m[2, c] * facing + m[3, c] * (f4(0.5) + f4(0.5) * inverse) * hollow)
        out[row, column, c] = mix(lit, m[4, c], far)
    out[row, column, 3] = f4(1)


@lean
def _march(tile: F32, rough: F32, shade: F32, p: F32, m: F32, view: F32, out: F32, depth: F32) -> None:
    """view: focal, axis, horizon row and focal of the (taller) rows, eye."""
    height, width = out.shape[0], out.shape[1]
    for x in range(width):
        a = (f4(x) + f4(0.5) - view[1]) / view[0]
        lowest = min(height, int(view[2] + view[4] / p[0] * view[3]) + 2)  # flat ground where the range begins
        z = p[0]
        before = z
        while z < p[1] and lowest > 0:
            row = view[2] - (_height(tile, p, a * z, z) - view[4]) / z * view[3]
            top = int(max(row + f4(0.9999), f4(0)))
            if top < lowest:
                for y in range(top, lowest):
                    k = f4(y - top) / f4(max(lowest - top, 1))
                    here = z + (before - z) * k * f4(0.98)
                    _lit(tile, rough, shade, p, m, a * here, here, here / view[0], out, y, x)
                    depth[y, x] = here
                if top > 0 and row < f4(top) and out[top - 1, x, 3] < f4(1):  # soften the crest
                    cover = f4(top) - row
                    for c in range(3):
                        out[top - 1, x, c] = out[top, x, c] * cover
                    out[top - 1, x, 3] = cover
                lowest = top
            before = z
            z += max(z * f4(0.0035), f4(0.3) / p[3])


def raise_range(canvas: Canvas, one: Range, tile: F32, light: Light, rng: np.random.Generator) -> tuple[Layer, F32]:
    """Paint a range.

    Returns:
        The layer, and the depth of each of its pixels (height, width), 0 where there is none.
    """
    h, w = canvas.height * _SUPER, canvas.width
    pixels, depth = np.zeros((h, w, 4), np.float32), np.zeros((h, w), np.float32)
    texels = tile.shape[0] / one.period
    p = np.array([
        one.near, one.far, one.height, texels, one.peak, one.spread, one.base, *rng.uniform(0, tile.shape[0], 2)
    ], np.float32)  # fmt: skip
    m = np.zeros((8, 3), np.float32)
    m[0], m[1], m[2], m[3], m[4], m[5] = one.low, one.high, light.key, light.sky, light.haze, light.direction
    m[5, 1] = max(float(m[5, 1]), 0.16)  # a sun on the horizon still grazes the slopes
    m[6] = light.haze_density * _AIR, one.snow, 0.80 if light.haze_density < 1 / 1500 else 1.0
    m[7, :2] = one.grit, one.ripple
    rough = spectral(512, 2.1, rng, lo=6)
    shade = shadows(tile, one.height * 0.85 * texels, m[5])
    view = np.array(
        [canvas.focal, canvas.axis, canvas.horizon * _SUPER, canvas.focal * _SUPER, canvas.rest.y], np.float32
    )
    _march(tile, rough, shade, p, m, view, pixels, depth)
    small = np.asarray(cv2.resize(pixels, (w, canvas.height), interpolation=cv2.INTER_AREA), dtype=np.float32)
    # A crest cut by the area filter is premultiplied already; the rows' depth is the mean of what they show.
    far = np.ascontiguousarray(depth[1::_SUPER])
    return Layer(small, _rows(far, one)), far


def _rows(depth: F32, one: Range) -> F32:
    """One depth a row, falling downwards, from the depth of every pixel (0: nothing)."""
    seen = depth > 0
    count = seen.sum(1)
    rows = np.flatnonzero(count > 0)
    if not len(rows):
        return np.full(len(depth), one.far, np.float32)
    mean = depth[rows].sum(1) / count[rows]
    smooth = np.interp(np.arange(len(depth)), rows, mean)
    smooth = cv2.GaussianBlur(smooth.astype(np.float32)[:, None], (1, 31), 6).ravel()
    return np.ascontiguousarray(np.minimum.accumulate(smooth), dtype=np.float32)
