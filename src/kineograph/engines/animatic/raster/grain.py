"""Grain of fur, wood, leather, stone: noise fixed to the rest pose, so that it moves with the surface."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import helper, whole
from kineograph.engines.animatic.raster.block import AROUND, COLUMN, EDGE, LINE, MIRROR, NEAR, A, N, Y, Z
from kineograph.engines.animatic.raster.materials import BUMP, GRAIN, SCALE, STRETCH
from kineograph.engines.animatic.scalar import f4

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
Bytes = NDArray[np.uint8]

# Cells of the lattice per axis.
_CELLS = 32


@cache
def lattice() -> Bytes:
    """(32, 32, 32) random bytes, the same in every process. Shared: never write to it."""
    return np.random.default_rng(20_261).integers(0, 256, (_CELLS,) * 3, dtype=np.uint8)


@cache
def cells() -> I32:
    """(32³, 2) the lattice's bytes at the corners of every cell, four of its near face in one word and four of its far one
    in the other: a cell is looked up at once. Shared: never write to it."""
    near = lattice()
    right, up = np.roll(near, -1, 2), np.roll(near, -1, 1)
    face = np.stack([near, right, up, np.roll(right, -1, 1)], axis=-1).view(np.int32)[..., 0]
    return np.ascontiguousarray(np.stack([face, np.roll(face, -1, 0)], axis=-1).reshape(-1, 2))


@helper
def _soft(u: float) -> float:
    return u * u * (f4(3) - f4(2) * u)


@helper
def _between(word: int, u: float, v: float) -> float:
    """Where in a face, from the four bytes at its corners."""
    a, b = f4(word & 255), f4((word >> 8) & 255)
    c, d = f4((word >> 16) & 255), f4((word >> 24) & 255)
    a += (b - a) * u
    return a + (c + (d - c) * u - a) * v


@helper
def _noise(cells: I32, row: F32, words: I32, n: int, finer: float, aside: float, into: np.uint64) -> None:
    """Value noise, -0.5…0.5, one cell per unit, repeating after 32, at the places of three planes."""
    mask, far = _CELLS - 1, np.uint64(len(words) // 2)
    for x in range(np.uint64(n)):
        i, u = whole(row[COLUMN + x] * finer + aside)
        j, v = whole(row[LINE + x] * finer)
        k, w = whole(row[NEAR + x] * finer)
        row[MIRROR + x], row[MIRROR + Y + x], row[MIRROR + Z + x] = _soft(u), _soft(v), _soft(w)
        words[x] = np.int32(((k & mask) * _CELLS + (j & mask)) * _CELLS + (i & mask))
    for x in range(np.uint64(n)):
        cell = np.uint64(words[x])
        words[x], words[far + x] = cells[cell, 0], cells[cell, 1]
    for x in range(np.uint64(n)):
        u, v, w = row[MIRROR + x], row[MIRROR + Y + x], row[MIRROR + Z + x]
        a, b = _between(words[x], u, v), _between(words[far + x], u, v)
        row[into + x] = (a + (b - a) * w) * f4(1 / 255) - f4(0.5)


@helper
def roughen(
    cells: I32,
    rest: F32,
    footprint: F32,
    order: I32,
    start: np.uint64,
    n: int,
    rows: F32,
    m: int,
    row: F32,
    words: I32,
) -> None:
    """Vary colour and normal by the grain of material m; what is finer than a pixel fades, or it would boil."""
    one = f4(1)
    scale, stretch, grain, bumpy = rows[m, SCALE], rows[m, STRETCH], rows[m, GRAIN], rows[m, BUMP]
    for x in range(np.uint64(n)):
        k = np.uint64(order[start + x])
        row[COLUMN + x], row[LINE + x], row[NEAR + x] = (
            rest[k, 0] * scale,
            rest[k, 1] * scale * stretch,
            rest[k, 2] * scale,
        )
        row[EDGE + x] = footprint[k]
    _noise(cells, row, words, n, one, f4(0), AROUND)
    _noise(cells, row, words, n, f4(2.1), f4(7), AROUND + Y)
    for x in range(np.uint64(n)):
        a, b = row[AROUND + x], row[AROUND + Y + x]
        seen = min(max(f4(1.4) - scale * row[EDGE + x] * f4(1.6), f4(0)), one)
        gain = one + grain * seen * (a * f4(0.66) + b * f4(0.5))
        bump = bumpy * seen
        nx, ny, nz = row[N + x] + a * bump, row[N + Y + x] + b * bump, row[N + Z + x] + (b - a) * bump
        length = one / math.sqrt(nx * nx + ny * ny + nz * nz)
        row[N + x], row[N + Y + x], row[N + Z + x] = nx * length, ny * length, nz * length
        row[A + x] *= gain
        row[A + Y + x] *= gain
        row[A + Z + x] *= gain
