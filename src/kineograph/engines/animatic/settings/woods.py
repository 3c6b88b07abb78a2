"""What woods are made of: trunks with bark and moss, canopies, ferns; brushes on canvas layers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean, sample
from kineograph.engines.animatic.settings.strokes import COLUMNS, draw, leaf_light

F64 = NDArray[np.float64]

# Columns of a trunk: foot x, y; top x, y; half width there and there (pixels); own number; share of haze; its colour.
TRUNK_COLUMNS = 11
# Rows of the numbers a wood is lit by.
BARK, MOSS, KEY, SKY, TOWARDS, AGE = range(6)


@helper
def _bark(tile: F32, s: Real, y: Real, w0: Real, own: Real) -> tuple[Real, Real]:
    """Relief of the bark (coarse) and its shade, at s = -1…1 across a trunk and row y."""
    turn = math.asin(s)
    coarse = sample(tile, turn * f4(22) + own * f4(31), y * f4(1.5) / w0 * f4(7) + own * f4(17))
    fine = sample(tile, turn * f4(60) + own * f4(9), y * f4(5) / w0 * f4(7))
    return coarse, min(max(f4(0.72) + f4(0.32) * max(coarse, f4(-1.2)) + f4(0.12) * fine, f4(0.15)), f4(1.5))


@lean
def _trunks(out: F32, tile: F32, rows: F32, m: F32) -> None:
    for n in range(rows.shape[0]):
        x0, y0, x1, y1, w0, w1 = rows[n, 0], rows[n, 1], rows[n, 2], rows[n, 3], rows[n, 4], rows[n, 5]
        own, far = rows[n, 6], rows[n, 7]
        for y in range(max(0, int(y1)), min(out.shape[0], int(y0) + 1)):
            k = (f4(y) - y1) / (y0 - y1)
            w = w1 + (w0 - w1) * k + w0 * math.exp((k - f4(1)) * f4(16)) * f4(0.55)
            middle = x1 + (x0 - x1) * k + w0 * f4(0.22) * sample(tile, own, f4(y) * f4(0.12) / w0 + own)
            for x in range(max(0, int(middle - w - 1)), min(out.shape[1], int(middle + w + 2))):
                edge = w + f4(0.5) - abs(f4(x) - middle)
                if edge <= f4(0):
                    continue
                a = min(edge, f4(1))
                s = max(min((f4(x) - middle) / w, f4(0.999)), f4(-0.999))
                coarse, shade = _bark(tile, s, f4(y), w0, own)
                nx = s + f4(0.25) * coarse
                nz = math.sqrt(max(f4(1) - s * s, f4(0)))
                facing = max((nx * m[TOWARDS, 0] + nz * m[TOWARDS, 2] + f4(0.1)) / f4(1.1), f4(0))
                side = f4(1) if m[TOWARDS, 0] > f4(0) else f4(-1)
                rim = s * s * s * s * max(f4(0.5) + f4(0.5) * s * side, f4(0)) * max(-m[TOWARDS, 2], f4(0)) * f4(1.1)
                fleck = min(
                    max(
                        f4(0.5) + f4(0.7) * sample(tile, f4(x) * f4(0.10) + own, f4(y) * f4(0.05) + own * f4(3)), f4(0)
                    ),
                    f4(1),
                )
                lit = facing * (f4(0.35) + f4(0.65) * fleck) + rim
                moss = min(max((k - f4(0.72)) * f4(3) + coarse * f4(0.3) - f4(0.1) * s, f4(0)), f4(1))
                for c in range(3):
                    albedo = m[BARK, c] * shade * (f4(1) - moss) + m[MOSS, c] * (f4(0.7) + f4(0.3) * coarse) * moss
                    v = albedo * (m[KEY, c] * lit + m[SKY, c] * (f4(0.35) + f4(0.35) * nz))
                    v += (rows[n, 8 + c] - v) * far
                    out[y, x, c] = out[y, x, c] * (f4(1) - a) + v * a
                out[y, x, 3] = out[y, x, 3] * (f4(1) - a) + a


def trunks(out: F32, tile: F32, rows: F64, numbers: F32) -> None:
    """Draw trunks over a layer.

    Args:
        out: (h, w, 4), premultiplied.
        tile: (n, n) noise, drawn out along the rows.
        rows: (n, TRUNK_COLUMNS), far to near.
        numbers: (6, 3), rows as named above: bark, moss, key, sky, direction (as strokes.towards), unused.
    """
    _trunks(out, tile, np.ascontiguousarray(rows, np.float32), numbers)


def fern(x: float, y: float, size: float, albedo: F64, key: F64, sky: F64 | F32, rng: np.random.Generator) -> F64:
    """Strokes of a fern `size` pixels tall with its foot at (x, y), unhazed, (n, COLUMNS)."""
    out = []
    steps = 9 if size < 30 else 15
    u = np.linspace(0, 1, steps)
    for turn in rng.uniform(-1.25, 1.25, int(rng.integers(7, 11))):
        length = size * rng.uniform(0.75, 1.1)
        px = x + np.sin(turn) * length * u * (1 + 0.15 * u)
        py = y - np.cos(turn) * length * 0.9 * u + abs(turn) * 0.12 * length * u**2 + 0.28 * length * u**3
        wide = (length * 0.22 * (1 - u) ** 0.8 * np.minimum(1, u * 6) + 0.6)[1:]
        for side in (-1, 1):
            shade = 0.55 + 0.5 * u[1:] + (0.25 if side * np.sin(turn) < 0 else 0)
            lit = albedo * (sky * (0.75 * shade)[:, None] + key * (0.42 * shade**2)[:, None])
            lit = np.maximum(lit * (1 + 0.1 * rng.standard_normal((steps - 1, 1))), 0)
            rows = np.empty((steps - 1, COLUMNS))
            rows[:, 0], rows[:, 1] = px[1:], py[1:]
            rows[:, 2] = px[1:] + side * wide * np.cos(turn) * 0.8 + np.sin(turn) * wide * 0.5
            rows[:, 3] = py[1:] + side * wide * np.sin(turn) * 0.5 + wide * 0.07
            rows[:, 4], rows[:, 5] = max(size * 0.013, 0.5), 0.35
            rows[:, 6:9], rows[:, 9] = lit, 1
            out.append(rows)
    return np.concatenate(out)


def palm(x: float, y: float, size: float, albedo: F64, key: F64, sky: F64 | F32, rng: np.random.Generator) -> F64:
    """Strokes of a clump of broad leaves `size` pixels tall with its foot at (x, y), unhazed, (n, COLUMNS)."""
    out = []
    for turn in rng.permutation(np.linspace(-1.35, 1.35, int(rng.integers(7, 11)))):
        length, steps = size * rng.uniform(0.8, 1.15), 9
        u = np.linspace(0, 1, steps)
        droop = (0.15 + 0.5 * abs(turn)) * length
        px = x + np.sin(turn) * length * u
        py = y - np.cos(turn * 0.75) * length * u * 1.05 + droop * u**2.4
        wide = length * 0.115 * np.sin(np.clip(u * 1.05 + 0.06, 0, 1) * math.pi) ** 0.7 + 0.5
        shade = (0.5 + 0.6 * u) * (1.15 if turn < 0 else 0.9)
        for side, tone in ((-1, 1.12), (1, 0.82)):
            rows = np.empty((steps - 1, COLUMNS))
            off = side * wide * 0.42
            rows[:, 0], rows[:, 1] = px[:-1] + off[:-1] * np.cos(turn), py[:-1] + off[:-1] * np.sin(turn) * 0.6
            rows[:, 2], rows[:, 3] = px[1:] + off[1:] * np.cos(turn), py[1:] + off[1:] * np.sin(turn) * 0.6
            rows[:, 4], rows[:, 5] = wide[:-1] * 0.62, wide[1:] * 0.62
            lit = albedo * (sky * (0.8 * shade)[:, None] + key * (0.5 * shade**2)[:, None]) * tone
            rows[:, 6:9], rows[:, 9] = lit[:-1], 1
            out.append(rows)
    return np.concatenate(out)


def knots(trunks_: F64, apart: float, light: Light, rng: np.random.Generator) -> F64:
    """Strokes across canes (rows of `trunks`), one every `apart` pixels: a dark line and a pale one under it."""
    out = []
    for x0, y0, x1, y1, w0, w1, *rest in trunks_:
        far, haze = rest[1], np.array(rest[2:5])
        for y in np.arange(y0 - float(rng.uniform(0.2, 1)) * apart, y1, -apart):
            k = (y - y1) / (y0 - y1)
            x, w = x1 + (x0 - x1) * k, w1 + (w0 - w1) * k
            for down, albedo in ((0.0, (0.05, 0.08, 0.02)), (max(0.35 * w, 1.0), (0.42, 0.46, 0.28))):
                lit = np.array(albedo) * (light.sky * 0.9 + light.key * 0.2) * (1 - far) + haze * far
                out.append((x - w, y + down, x + w, y + down, max(0.12 * w, 0.5), max(0.12 * w, 0.5), *lit, 0.8))
    return np.array(out).reshape(-1, COLUMNS)


def canopy(at: F64, albedo: F64, light: F64, size: F64, rng: np.random.Generator, *, needles: bool) -> F64:
    """Strokes of leaves at (n, 2), albedo and light (n, 3), size (n,) pixels; needles hang and are narrow."""
    turn = rng.uniform(0.9, 2.2, len(at)) if needles else rng.uniform(-0.6, 3.7, len(at))
    rows = np.empty((len(at), COLUMNS))
    rows[:, 0:2] = at
    rows[:, 2], rows[:, 3] = at[:, 0] + np.cos(turn) * size, at[:, 1] + np.sin(turn) * size * 0.7
    rows[:, 4] = size * (0.16 if needles else 0.42)
    rows[:, 5] = size * (0.05 if needles else 0.15)
    rows[:, 6:9], rows[:, 9] = albedo * light, 1
    return rows


def spruce(height: int, light: Light, rng: np.random.Generator, snow: float = 0.0) -> F32:
    """A spruce as a sprite (height, 0.56·height, 4), its foot in the middle of the lower edge.

    Args:
        snow: Share of the boughs that carry it, 0…1.
    """
    levels, steps = 46, 14
    n = np.array([int(6 + 20 * (i + 0.6) / levels) for i in range(levels)])
    level = np.repeat((np.arange(levels) + 0.6) / levels, n)
    around = rng.uniform(0, 2 * math.pi, len(level))
    reach = height * 0.225 * level**0.85 * rng.uniform(0.55, 1.2, len(level))
    level = level + rng.uniform(-0.6, 0.6, len(level)) / levels
    u = np.linspace(0.12, 1, steps)[None]
    side, ahead = np.cos(around)[:, None], np.sin(around)[:, None]
    x = height * 0.28 + side * reach[:, None] * u
    y = height * (0.02 + 0.92 * level)[:, None] + reach[:, None] * (0.30 * u - 0.16 * u**2.6)
    y = y + rng.normal(0, height * 0.002, y.shape)
    lift = 0.45 + 0.25 * rng.standard_normal(y.shape)
    normal = np.stack([side * 0.8 + 0 * u, lift, ahead * 0.8 + 0 * u], -1)
    albedo = (
        np.array([0.035, 0.065, 0.030])
        * ((0.45 + 0.75 * u**1.4) * (1 + 0.25 * rng.standard_normal(y.shape)))[..., None]
    )
    if snow:
        laden = (rng.random((len(level), 1)) < snow * 1.05) & (u > rng.uniform(0.1, 0.5, (len(level), 1)))
        laden = (laden & (rng.random(y.shape) < 0.9))[..., None]
        albedo = np.where(laden, np.array([0.74, 0.79, 0.86]) * (0.75 + 0.25 * u)[..., None], albedo)
        normal = np.where(laden, normal * 0.5 + np.array([0, 0.6, 0.2]), normal)
    normal = normal / np.linalg.norm(normal, axis=-1, keepdims=True)
    colour = leaf_light(normal.reshape(-1, 3), np.maximum(albedo, 0.004).reshape(-1, 3), light)
    colour = colour.reshape(albedo.shape) * (0.55 + 0.45 * u)[..., None]
    twig = rng.uniform(0.010, 0.020, y.shape) * height * (0.5 + 0.6 * level)[:, None]
    rows = np.empty((*y.shape, COLUMNS))
    rows[..., 0], rows[..., 1] = x, y
    rows[..., 2] = x + side * twig * 0.9 + rng.normal(0, 0.3, y.shape) * twig
    rows[..., 3] = y + twig * rng.uniform(0.25, 0.75, y.shape)
    rows[..., 4], rows[..., 5] = height * 0.0045, height * 0.0016
    rows[..., 6:9], rows[..., 9] = colour, 1
    out = np.zeros((height, int(height * 0.28) * 2, 4), np.float32)
    stem = np.array([0.05, 0.035, 0.025]) * (light.key * 0.3 + light.sky)
    middle = height * 0.28
    draw(out, np.array([[middle, height * 0.99, middle, height * 0.03, height * 0.012, height * 0.002, *stem, 1]]))
    behind = np.argsort((ahead * reach[:, None] * u).ravel())
    draw(out, rows.reshape(-1, COLUMNS)[behind])
    return out
