"""Hashed value noise in three dimensions: coats, fur, cloth and hair take their irregularity from the rest position."""

from __future__ import annotations

import math

import numpy as np
from numba import float32, int64, njit
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import Real

F32 = NDArray[np.float32]


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _hash(x: int, y: int, z: int) -> Real:
    n = (x * int64(374761393) + y * int64(668265263) + z * int64(1274126177)) & int64(0xFFFFFFFF)
    n = ((n ^ (n >> 13)) * int64(1274126177)) & int64(0xFFFFFFFF)
    return float32((n ^ (n >> 16)) & 0xFFFF) * float32(1 / 65535.0)


@njit(cache=True, fastmath=True, nogil=True)
def noise3(x: Real, y: Real, z: Real) -> Real:
    """Smooth value noise, 0…1, one feature per unit."""
    fx, fy, fz = math.floor(x), math.floor(y), math.floor(z)
    u, v, w = float32(x - fx), float32(y - fy), float32(z - fz)
    i, j, k = int64(fx), int64(fy), int64(fz)
    u = u * u * (3 - 2 * u)
    v = v * v * (3 - 2 * v)
    w = w * w * (3 - 2 * w)
    a = _hash(i, j, k) * (1 - u) + _hash(i + 1, j, k) * u
    b = _hash(i, j + 1, k) * (1 - u) + _hash(i + 1, j + 1, k) * u
    c = _hash(i, j, k + 1) * (1 - u) + _hash(i + 1, j, k + 1) * u
    d = _hash(i, j + 1, k + 1) * (1 - u) + _hash(i + 1, j + 1, k + 1) * u
    a += (b - a) * v
    c += (d - c) * v
    return a + (c - a) * w


@njit(cache=True, fastmath=True, nogil=True)
def noise_kernel(points: F32, out: F32) -> None:
    """noise3 at each of (N, 3) points."""
    for i in range(points.shape[0]):
        out[i] = noise3(points[i, 0], points[i, 1], points[i, 2])


def noise_at(points: F32, scale: float, offset: float = 0.0) -> F32:
    """(N,) 0…1, `scale` features per unit length."""
    out = np.empty(len(points), np.float32)
    noise_kernel(np.ascontiguousarray(points * np.float32(scale) + np.float32(offset)), out)
    return out
