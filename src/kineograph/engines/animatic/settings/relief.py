"""Height fields that tile: hills, ridges, dunes; worn by rain, and the shadows they throw on themselves."""

from __future__ import annotations

import math

import cv2
import numpy as np

from kineograph.engines.animatic.noise import F32, Real, f4, lean, sample, spectral


def rolling(rng: np.random.Generator) -> F32:
    """A soft height field, (512, 512), 0…1."""
    h = spectral(512, 3.7, rng, lo=2, hi=40) + 0.05 * spectral(512, 2.8, rng, lo=12, hi=120)
    return np.ascontiguousarray((h - h.min()) / (h.max() - h.min()), dtype=np.float32)


def ridged(rng: np.random.Generator) -> F32:
    """A mountainous height field, (512, 512), 0…1: crests where noise crosses zero."""
    a = spectral(512, 3.5, rng, lo=2, hi=6)
    b = spectral(512, 3.3, rng, lo=4, hi=60)
    crest = np.exp(-np.sqrt((0.8 * a + 0.30 * b) ** 2 + 0.02) * 1.05)
    spur = np.exp(-np.sqrt(b * b + 0.03) * 1.2) * np.clip(0.5 + 0.4 * a, 0, 1)
    h = 0.66 * crest + 0.24 * spur + 0.008 * spectral(512, 2.6, rng, lo=12)
    h = np.clip((h - h.min()) / (np.percentile(h, 99.9) - h.min()), 0, 1.1)
    wrapped = np.pad(h**1.25, 8, mode="wrap").astype(np.float32)
    return np.ascontiguousarray(cv2.GaussianBlur(wrapped, (0, 0), 1.3)[8:-8, 8:-8], dtype=np.float32)


def dunes(rng: np.random.Generator) -> F32:
    """Dunes as wind builds them, (512, 512), 0…1: a long windward slope, a sharp crest, a slip face to leeward."""
    n = 512
    y, x = np.mgrid[0:n, 0:n] / n
    bend = spectral(n, 3.2, rng, lo=2, hi=12) * 0.085 + spectral(n, 3.4, rng, lo=1, hi=4) * 0.10
    h = np.zeros((n, n))
    for rows, share in ((5, 1.0), (11, 0.30)):
        u = (y * rows + x * (2 if rows < 8 else 3) + bend * rows * 1.15) % 1
        profile = np.where(u < 0.72, (u / 0.72) ** 1.35, ((1 - u) / 0.28) ** 0.95)
        h += share * profile * (0.65 + 0.35 * np.tanh(spectral(n, 3.2, rng, lo=2, hi=6)))
    wrapped = np.pad(h, 8, mode="wrap").astype(np.float32)
    soft = cv2.GaussianBlur(wrapped, (0, 0), 1.3)[8:-8, 8:-8]
    return np.ascontiguousarray((soft - soft.min()) / (soft.max() - soft.min()), dtype=np.float32)


@lean
def _erode(h: F32, starts: F32, steps: int) -> None:
    """Let drops of rain run down a wrapping height field (texels high), take soil along and leave it where it is flat."""
    m = h.shape[0] - 1
    for n in range(starts.shape[0]):
        x, y = starts[n, 0], starts[n, 1]
        dx, dy, load, speed, water = f4(0), f4(0), f4(0), f4(1), f4(1)
        for _ in range(steps):
            i, j = int(x), int(y)
            u, v = x - f4(i), y - f4(j)
            i, j = i & m, j & m
            i1, j1 = (i + 1) & m, (j + 1) & m
            gx = (h[j, i1] - h[j, i]) * (f4(1) - v) + (h[j1, i1] - h[j1, i]) * v
            gy = (h[j1, i] - h[j, i]) * (f4(1) - u) + (h[j1, i1] - h[j, i1]) * u
            before = (h[j, i] * (f4(1) - u) + h[j, i1] * u) * (f4(1) - v) + (h[j1, i] * (f4(1) - u) + h[j1, i1] * u) * v
            dx, dy = dx * f4(0.3) - gx * f4(0.7), dy * f4(0.3) - gy * f4(0.7)
            length = math.sqrt(dx * dx + dy * dy)
            if length < f4(1e-6):
                break
            dx, dy = dx / length, dy / length
            x, y = x + dx, y + dy
            if x < f4(0):
                x += f4(m + 1)
            if y < f4(0):
                y += f4(m + 1)
            fall = sample(h, x, y) - before
            most = max(-fall, f4(0.0008)) * speed * water * f4(1.5)
            if load > most or fall > f4(0):
                left = min(load, fall) if fall > f4(0) else (load - most) * f4(0.3)
            else:
                left = -min((most - load) * f4(0.3), -fall)
            load -= left
            h[j, i] += left * (f4(1) - u) * (f4(1) - v)
            h[j, i1] += left * u * (f4(1) - v)
            h[j1, i] += left * (f4(1) - u) * v
            h[j1, i1] += left * u * v
            speed = f4(math.sqrt(max(speed * speed - fall * f4(40), f4(0.05))))
            water *= f4(0.985)


def eroded(tile: F32, rng: np.random.Generator, drops: int = 26_000) -> F32:
    """The height field with gullies and fans, as rain leaves it."""
    n = tile.shape[0]
    h = np.ascontiguousarray(tile * np.float32(0.20 * n))
    _erode(h, (rng.random((drops, 2)) * n).astype(np.float32), 44)
    wrapped = np.pad(h / np.float32(0.20 * n), 4, mode="wrap")
    h = cv2.GaussianBlur(wrapped, (0, 0), 0.8)[4:-4, 4:-4]
    return np.ascontiguousarray(np.clip(h - max(float(h.min()), 0.0), 0, 1.2), dtype=np.float32)


@lean
def _shadows(h: F32, lx: Real, lz: Real, rise: Real, out: F32) -> None:
    m = h.shape[0] - 1
    for j in range(h.shape[0]):
        for i in range(h.shape[0]):
            s = f4(1)
            lit = f4(1)
            for _ in range(48):
                s = s * f4(1.06) + f4(0.5)
                over = h[int(j + lz * s + f4(8 * m + 8)) & m, int(i + lx * s + f4(8 * m + 8)) & m] - h[j, i] - s * rise
                lit = min(lit, f4(0.5) - over / (s * f4(0.10) + f4(0.05)))
                if lit <= f4(0):
                    break
            out[j, i] = max(min(lit, f4(1)), f4(0))


def shadows(tile: F32, high: float, towards: F32) -> F32:
    """Share of the key light that the ground lets reach itself, at half the tile's resolution.

    Args:
        high: Texels that height 1 stands for.
        towards: (3,) unit, towards the key light.
    """
    n = tile.shape[0] // 2
    half = np.asarray(cv2.resize(tile, (n, n), interpolation=cv2.INTER_AREA), np.float32) * np.float32(high / 2)
    out = np.empty_like(half)
    level = max(math.hypot(float(towards[0]), float(towards[2])), 1e-3)
    x, z, rise = float(towards[0]) / level, float(towards[2]) / level, float(towards[1]) / level
    _shadows(half, np.float32(x), np.float32(z), np.float32(rise), out)
    wrapped = np.pad(out, 4, mode="wrap")
    return np.ascontiguousarray(cv2.GaussianBlur(wrapped, (0, 0), 0.8)[4:-4, 4:-4], dtype=np.float32)
