"""Tileable noise made at build time, and the samplers that kernels read it with."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import float32
from numpy.typing import NDArray

from kineograph.engines.animatic.kernels import helper as helper
from kineograph.engines.animatic.kernels import kernel as kernel
from kineograph.engines.animatic.kernels import lean as lean

F32 = NDArray[np.float32]
f4 = float32  # kernels wrap their constants in it, or every product would be made in doubles
Real = Any  # a scalar inside kernels: numba decides its type, not the checker


def spectral(
    n: int, beta: float, rng: np.random.Generator, lo: float = 1, hi: float = 1e9, stretch: float = 1.0
) -> F32:
    """Tileable 1/f^beta noise, zero mean, unit deviation.

    Args:
        n: Side, a power of two (the samplers wrap with a mask).
        beta: Slope of the power spectrum: 2 rough, 3.5 soft.
        lo, hi: Band of cycles per tile that is kept.
        stretch: < 1 draws features out up and down, > 1 across.
    """
    fy = np.fft.fftfreq(n)[:, None] * n
    fx = np.fft.rfftfreq(n)[None, :] * n
    f = np.sqrt((fx * stretch) ** 2 + fy**2)
    f[0, 0] = 1
    amplitude = f.astype(np.float32) ** np.float32(-beta / 2) * ((f >= lo) & (f <= hi))
    amplitude[0, 0] = 0
    waves = np.empty(f.shape, np.complex64)
    waves.real = amplitude * rng.standard_normal(f.shape)
    waves.imag = amplitude * rng.standard_normal(f.shape)
    tile = np.fft.irfft2(waves, s=(n, n))
    return np.ascontiguousarray((tile - tile.mean()) / tile.std(), dtype=np.float32)


def ripple(n: int, rng: np.random.Generator, lo: float = 9, hi: float = 120, stretch: float = 0.72) -> F32:
    """Slopes of a rippled surface: (n, n, 2) of d/dx and d/dz, each of unit deviation, tileable."""
    h = spectral(n, 3.2, rng, lo, hi, stretch)
    gx = np.roll(h, -1, 1) - np.roll(h, 1, 1)
    gz = np.roll(h, -1, 0) - np.roll(h, 1, 0)
    return np.ascontiguousarray(np.dstack([gx / gx.std(), gz / gz.std()]), dtype=np.float32)


def wander(x: F32, rng: np.random.Generator, roughness: float = 1.0, octaves: int = 8) -> F32:
    """A smooth random line over x (any shape), about -2…2: sums of warped sines, so that it never repeats."""
    out = np.zeros_like(x, dtype=np.float64)
    for octave in range(octaves):
        f = 1.93**octave
        a, b = rng.uniform(0, 2 * math.pi, 2)
        out += np.sin(x * f + a + 1.7 * np.sin(x * 0.7 * f + b)) / f**roughness
    return out.astype(np.float32)


@helper
def whole(u: Real) -> tuple[Real, Real]:
    """Floor and rest; by truncation, since floor is a call into a library here."""
    i = int(u)
    if u < i:
        i -= 1
    return i, f4(u - f4(i))


@helper
def sample(tile: F32, u: Real, v: Real) -> Real:
    """Bilinear, wrapping: column u and row v of a tile (n, n), n a power of two."""
    m = tile.shape[0] - 1
    i, a = whole(u)
    j, b = whole(v)
    i &= m
    j &= m
    i1 = (i + 1) & m
    j1 = (j + 1) & m
    top = tile[j, i] + (tile[j, i1] - tile[j, i]) * a
    low = tile[j1, i] + (tile[j1, i1] - tile[j1, i]) * a
    return top + (low - top) * b


@helper
def sample2(tile: F32, u: Real, v: Real) -> tuple[Real, Real]:
    """Bilinear, wrapping, both channels of a tile (n, n, 2)."""
    m = tile.shape[0] - 1
    i, a = whole(u)
    j, b = whole(v)
    i &= m
    j &= m
    i1 = (i + 1) & m
    j1 = (j + 1) & m
    x0 = tile[j, i, 0] + (tile[j, i1, 0] - tile[j, i, 0]) * a
    x1 = tile[j1, i, 0] + (tile[j1, i1, 0] - tile[j1, i, 0]) * a
    z0 = tile[j, i, 1] + (tile[j, i1, 1] - tile[j, i, 1]) * a
    z1 = tile[j1, i, 1] + (tile[j1, i1, 1] - tile[j1, i, 1]) * a
    return x0 + (x1 - x0) * b, z0 + (z1 - z0) * b


@helper
def smoothstep(a: Real, b: Real, x: Real) -> Real:
    """0 at a, 1 at b, soft at both ends; a may be above b."""
    q = min(max((x - a) / (b - a), f4(0)), f4(1))
    return q * q * (f4(3) - f4(2) * q)


@helper
def mix(a: Real, b: Real, k: Real) -> Real:
    """a at k = 0, b at k = 1."""
    return a + (b - a) * k
