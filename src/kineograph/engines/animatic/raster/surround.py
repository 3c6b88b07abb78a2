"""What surrounds a subject, as lighting reads it: a few waves over the sphere where it is all blurred, else a fetch."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.environment import LEVELS, directions
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import helper
from kineograph.engines.animatic.raster.block import AROUND, COLUMN, LINE, MIRROR, ONE, N, R, Y, Z
from kineograph.engines.animatic.scalar import f4

F32 = NDArray[np.float32]

# Level of the dullest reflection, chalk's: it has hardly more shape than nine waves can have.
DULL = LEVELS - 2
# Directions per axis that the waves are fitted to.
_GRID = 32


def environment_for(light: Light) -> F32:
    """The light's environment; where there is none yet, one of its sky and ground alone."""
    held = light.environment
    if held.ndim == 4 and held.shape[0] == LEVELS and held.shape[1] > 1 and held[-1].max() > 0:
        return np.ascontiguousarray(held, np.float32)
    up = directions(_GRID, nodes=True)[..., 1:2]
    shares = [np.clip(0.5 + up * (2.0 if level < LEVELS - 1 else 0.5), 0, 1) for level in range(LEVELS)]
    return np.stack([light.bounce + (light.sky - light.bounce) * share for share in shares]).astype(np.float32)


def waves_of(environment: F32) -> F32:
    """(6, 9) three channels each of irradiance and of the dullest reflection as spherical harmonics up to the second order.

    Irradiance has no more in it than that, to a hundredth (Ramamoorthi and Hanrahan 2001).
    """
    chosen, fit = _fit(environment.shape[1])
    levels = [(fit @ environment[level].reshape(-1, 3)[chosen]).T for level in (LEVELS - 1, DULL)]
    return np.ascontiguousarray(np.concatenate(levels), np.float32)


@cache
def _fit(size: int) -> tuple[NDArray[np.int64], F32]:
    """Texels that are looked at, and (9, K) what makes the waves of them: least squares over the sphere."""
    along = np.linspace(0, size - 1, min(_GRID, size)).round().astype(np.int64)
    chosen = (along[:, None] * size + along).ravel()
    d = directions(size, nodes=True).reshape(-1, 3)[chosen].astype(np.float64)
    x, y, z = d.T
    basis = np.stack([np.ones_like(x), x, y, z, x * y, y * z, z * x, 3 * y * y - 1, x * x - z * z])
    weighted = basis * np.abs(d).sum(axis=1) ** 3  # solid angle of an octahedral texel
    return chosen, np.linalg.solve(weighted @ basis.T, weighted).astype(np.float32)


@helper
def ripple(waves: F32, row: F32, n: int, dull: bool) -> None:
    """Light from around the normals of a block and, where it is dull, from around its mirrored views."""
    for which in range(6 if dull else 3):
        w = waves[which]
        along, into = (N, AROUND) if which < 3 else (R, MIRROR - np.uint64(3) * Y)
        to = into + np.uint64(which) * Y
        w0, w1, w2, w3, w4, w5, w6, w7, w8 = w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8]
        for k in range(np.uint64(n)):
            x, y, z = row[along + k], row[along + Y + k], row[along + Z + k]
            value = (
                w0 + (w1 + w4 * y + w8 * x) * x + (w2 + w5 * z + w7 * f4(3) * y) * y + (w3 + w6 * x - w8 * z) * z - w7
            )
            row[to + k] = max(value, f4(0))


@helper
def reflect(environment: F32, level: int, row: F32, n: int, into: np.uint64) -> None:
    """What the mirrored views of a block meet, into three planes."""
    side = environment.shape[1]
    most = f4(side - 2)
    for x in range(np.uint64(n)):
        row[COLUMN + x], row[LINE + x] = place(side, row[R + x], row[R + Y + x], row[R + Z + x])
    for x in range(np.uint64(n)):
        u, v = row[COLUMN + x], row[LINE + x]
        column, line = int(min(u, most)), int(min(v, most))
        u -= f4(column)
        v -= f4(line)
        i, j = np.uint64(column), np.uint64(line)
        w01, w10, w11 = u * (f4(1) - v), (f4(1) - u) * v, u * v
        w00 = f4(1) - w01 - w10 - w11
        for c in range(3):
            upper = w00 * environment[level, j, i, c] + w01 * environment[level, j, i + ONE, c]
            lower = w10 * environment[level, j + ONE, i, c] + w11 * environment[level, j + ONE, i + ONE, c]
            row[into + np.uint64(c) * Y + x] = upper + lower


@helper
def place(n: int, x: float, y: float, z: float) -> tuple[float, float]:
    """Column and row of an octahedral map, n texels an axis, along a direction of any length."""
    one, half = f4(1), f4(0.5)
    s = one / (abs(x) + abs(y) + abs(z) + f4(1e-9))
    u, v = x * s, z * s
    a, b = one - abs(v), one - abs(u)
    u, v = (u if y >= 0 else (a if u >= 0 else -a)), (v if y >= 0 else (b if v >= 0 else -b))
    last = f4(n - 1)
    return (u * half + half) * last, (v * half + half) * last


@helper
def fetch(environment: F32, level: int, x: float, y: float, z: float, out: F32) -> None:
    """Bilinear look into one level of an octahedral map along a direction of any length, into (3,)."""
    n = environment.shape[1]
    one = f4(1)
    u, v = place(n, x, y, z)
    i, j = min(max(int(u), 0), n - 2), min(max(int(v), 0), n - 2)
    u -= f4(i)
    v -= f4(j)
    w00, w01, w10, w11 = (one - u) * (one - v), u * (one - v), (one - u) * v, u * v
    for c in range(3):
        upper = w00 * environment[level, j, i, c] + w01 * environment[level, j, i + 1, c]
        out[c] = upper + w10 * environment[level, j + 1, i, c] + w11 * environment[level, j + 1, i + 1, c]
