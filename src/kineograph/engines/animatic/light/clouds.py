"""The cloud brick: a tileable slab of density with the key light's transmittance baked in."""

from __future__ import annotations

import math

import numpy as np

from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean, spectral

TILE = 26.0  # km a brick spans before it repeats
SLAB = 1.15  # km from cloud base to the highest top
BASE = 1.6  # km of the cloud base
SIDE, LAYERS = 256, 32
COS, SIN = math.cos(0.65), math.sin(0.65)  # the brick lies aslant, or its columns line up with the view
_EXTINCTION = 5.5  # per km of full density, towards the light


@lean
def _worley(cells: int, points: F32, weight: Real, out: F32) -> None:
    """Add `weight` · (1 - distance to the nearest point); tileable in x and z, one random point a cell."""
    ny, n = out.shape[0], out.shape[1]
    for y in range(ny):
        py = f4(y * cells / n)
        iy = int(py)
        for z in range(n):
            pz = f4(z * cells / n)
            iz = int(pz)
            for x in range(n):
                px = f4(x * cells / n)
                out[y, z, x] += weight * max(f4(0), f4(1) - math.sqrt(_nearest(px, py, pz, int(px), iy, iz, points)))


@helper
def _nearest(px: Real, py: Real, pz: Real, ix: int, iy: int, iz: int, points: F32) -> Real:
    """Squared distance to the nearest of the 27 neighbouring cells' points."""
    cells = points.shape[1]
    best = f4(9)
    for dy in range(-1, 2):
        c = (iy + dy) % points.shape[0]
        for dz in range(-1, 2):
            b = (iz + dz) % cells
            for dx in range(-1, 2):
                a = (ix + dx) % cells
                ex = ix + dx + points[c, b, a, 0] - px
                ez = iz + dz + points[c, b, a, 1] - pz
                ey = iy + dy + points[c, b, a, 2] - py
                best = min(best, ex * ex + ey * ey + ez * ez)
    return best


@helper
def trilinear(brick: F32, x: Real, y: Real, z: Real) -> Real:
    """Density or transmittance at texel (x, z), layer y; wraps in x and z, clamps in y."""
    m = brick.shape[1] - 1
    fx = math.floor(x)
    fz = math.floor(z)
    a = f4(x - fx)
    c = f4(z - fz)
    i = int(fx) & m
    q = int(fz) & m
    i1 = (i + 1) & m
    q1 = (q + 1) & m
    y = min(max(y, f4(0)), f4(brick.shape[0] - 1.001))
    j = int(y)
    b = f4(y - j)
    low = (brick[j, q, i] * (f4(1) - a) + brick[j, q, i1] * a) * (f4(1) - c)
    low += (brick[j, q1, i] * (f4(1) - a) + brick[j, q1, i1] * a) * c
    high = (brick[j + 1, q, i] * (f4(1) - a) + brick[j + 1, q, i1] * a) * (f4(1) - c)
    high += (brick[j + 1, q1, i] * (f4(1) - a) + brick[j + 1, q1, i1] * a) * c
    return low + (high - low) * b


@lean
def _shade(density: F32, lx: Real, ly: Real, lz: Real, out: F32) -> None:
    ny, n = density.shape[0], density.shape[1]
    across = f4(n / TILE)
    up = f4(ny / SLAB)
    for j in range(ny):
        for q in range(n):
            for i in range(n):
                s = f4(0.05)
                step = f4(0.07)
                depth = f4(0)
                for _ in range(9):
                    s += step
                    y = j + ly * s * up
                    if y >= ny - 1:
                        break
                    depth += trilinear(density, f4(i + lx * s * across), f4(y), f4(q + lz * s * across)) * step
                    step *= f4(1.42)
                out[j, q, i] = math.exp(-depth * f4(_EXTINCTION))


def density(cover: float, rng: np.random.Generator) -> F32:
    """(LAYERS, SIDE, SIDE) density 0…1. Columns are ranked, so `cover` is the exact share of them with a cloud."""
    lumps = np.zeros((LAYERS, SIDE, SIDE), np.float32)
    for cells, weight in ((22, 0.50), (46, 0.30), (92, 0.20)):
        points = rng.random((max(2, cells * LAYERS // SIDE + 2), cells, cells, 3)).astype(np.float32)
        _worley(cells, points, np.float32(weight), lumps)
    field = spectral(SIDE, 2.3, rng, lo=4, hi=40)
    rank = (np.argsort(np.argsort(field.ravel())).reshape(field.shape) / field.size).astype(np.float32)
    column = np.clip((rank - (1 - cover)) / max(cover, 0.05), 0, 1)
    height = (np.arange(LAYERS, dtype=np.float32) / LAYERS)[:, None, None]
    top = 0.22 + 0.78 * column**1.1
    profile = np.clip(height / 0.06, 0, 1) * np.sqrt(np.clip((top - height) / (0.75 * top), 0, 1))
    profile *= (column > 0) * np.clip(column * 3.5, 0, 1)
    return np.ascontiguousarray(np.clip((profile * 0.95 + (lumps - 0.5) * 1.9 - 0.42) / 0.25, 0, 1), dtype=np.float32)


def transmittance(brick: F32, towards: F32) -> F32:
    """Share of the key light that reaches each voxel of `brick`; `towards` (3,) is the unit direction of the light."""
    out = np.empty_like(brick)
    x, y, z = (float(v) for v in towards)
    f = np.float32
    _shade(brick, f(x * COS - z * SIN), f(y), f(x * SIN + z * COS), out)
    return out
