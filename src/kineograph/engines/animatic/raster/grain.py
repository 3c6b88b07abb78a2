"""Grain of fur, wood, leather, stone: noise fixed to the rest pose, so that it moves with the surface."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import helper, whole
from kineograph.engines.animatic.raster.materials import BUMP, GRAIN, SCALE, STRETCH
from kineograph.engines.animatic.scalar import f4

F32 = NDArray[np.float32]
Bytes = NDArray[np.uint8]

# Cells of the lattice per axis: 32 kB of bytes stay in the first-level cache, hashing took five times as long.
_CELLS = 32


@cache
def lattice() -> Bytes:
    """(32, 32, 32) random bytes, the same in every process. Shared: never write to it."""
    return np.random.default_rng(20_261).integers(0, 256, (_CELLS,) * 3, dtype=np.uint8)


@helper
def noise(lattice: Bytes, x: float, y: float, z: float) -> float:
    """Value noise, 0…1, one cell per unit, repeating after 32."""
    (i, u), (j, v), (k, w) = whole(x), whole(y), whole(z)
    two, three = f4(2), f4(3)
    u, v, w = u * u * (three - two * u), v * v * (three - two * v), w * w * (three - two * w)
    mask = _CELLS - 1
    i0, i1, j0, j1, k0, k1 = i & mask, (i + 1) & mask, j & mask, (j + 1) & mask, k & mask, (k + 1) & mask
    a = f4(lattice[k0, j0, i0]) + (f4(lattice[k0, j0, i1]) - f4(lattice[k0, j0, i0])) * u
    b = f4(lattice[k0, j1, i0]) + (f4(lattice[k0, j1, i1]) - f4(lattice[k0, j1, i0])) * u
    c = f4(lattice[k1, j0, i0]) + (f4(lattice[k1, j0, i1]) - f4(lattice[k1, j0, i0])) * u
    d = f4(lattice[k1, j1, i0]) + (f4(lattice[k1, j1, i1]) - f4(lattice[k1, j1, i0])) * u
    a += (b - a) * v
    c += (d - c) * v
    return f4((a + (c - a) * w) * f4(1 / 255))


@helper
def roughen(lattice: Bytes, rest: F32, k: int, rows: F32, m: int, footprint: float, normal: F32, albedo: F32) -> None:
    """Vary colour and normal of sample k by its material's grain; what is finer than a pixel fades, or it would boil."""
    seen = min(max(f4(1.4) - rows[m, SCALE] * footprint * f4(1.6), f4(0)), f4(1))
    if seen <= 0:
        return
    scale = rows[m, SCALE]
    x, y, z = rest[k, 0] * scale, rest[k, 1] * scale * rows[m, STRETCH], rest[k, 2] * scale
    half, finer = f4(0.5), f4(2.1)
    a = noise(lattice, x, y, z) - half
    b = noise(lattice, x * finer + f4(7), y * finer, z * finer) - half
    gain = f4(1) + rows[m, GRAIN] * seen * (a * f4(0.66) + b * half)
    bump = rows[m, BUMP] * seen
    normal[0] += a * bump
    normal[1] += b * bump
    normal[2] += (b - a) * bump
    length = f4(1) / math.sqrt(normal[0] * normal[0] + normal[1] * normal[1] + normal[2] * normal[2])
    for c in range(3):
        albedo[c] *= gain
        normal[c] *= length
