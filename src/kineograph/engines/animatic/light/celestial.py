"""Stars, milky way and moon: painted once, seen through the clouds."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.air import UNIT
from kineograph.engines.animatic.noise import F32, spectral

F64 = NDArray[np.float64]
MOON_RADIUS = 0.026  # of the tangent plane; four times the real one, as painters do


def _stretched(n: int, beta: float, rng: np.random.Generator, lo: float, size: tuple[int, int]) -> F32:
    side = max(size)
    tile = cv2.resize(spectral(n, beta, rng, lo), (side, side), interpolation=cv2.INTER_CUBIC)
    return np.asarray(tile[: size[1], : size[0]], dtype=np.float32)


def _milky_way(x: F32, y: F32, rng: np.random.Generator) -> tuple[F32, F32]:
    """Radiance (h, w, 3) of the band with its dust lane, and its density (h, w); x, y in tangent units, y up."""
    size = (x.shape[1], x.shape[0])
    angle = rng.uniform(0.5, 1.0) * float(rng.choice([-1, 1]))
    px, py = rng.uniform(-0.2, 0.2), rng.uniform(0.2, 0.45)
    across = -(x - px) * math.sin(angle) - (y - py) * math.cos(angle)
    along = (x - px) * math.cos(angle) - (y - py) * math.sin(angle)
    soft = _stretched(512, 2.5, rng, 3, size)
    rough = _stretched(512, 1.9, rng, 8, size)
    band = np.exp(-((across + 0.02 * soft) ** 2) / 0.016) * (0.75 + 0.35 * np.exp(-(along**2) * 3))
    dust = np.clip(np.exp(-((across - 0.01 + 0.03 * soft) ** 2) / 0.0016) * (0.75 + 0.5 * rough), 0, 1)
    glow = np.clip(band * (0.55 + 0.28 * rough + 0.15 * soft) * (1 - 0.8 * dust), 0, 2)
    warm = np.clip(band - 0.5, 0, 1)[..., None] * np.array([0.022, 0.010, 0.0], np.float32)
    fade = np.clip(y / 0.35, 0, 1)
    return (glow * fade)[..., None] * (np.array([0.030, 0.034, 0.052], np.float32) + warm), band


def _stars(plate: F32, band: F32, window: F32, rng: np.random.Generator) -> None:
    h, w = band.shape
    sharp = h / (window[3] - window[2]) / 700
    wide, high = window[1] - window[0], window[3] - max(window[2], 0)
    count = int(4200 * wide * high)  # drawn in tangent units: the same stars at every size
    x, y = rng.uniform(0, w, count), rng.uniform(0, h, count)
    magnitude = np.minimum(rng.pareto(1.5, count) * 0.030 + 0.022, 1.8)
    milky_x, milky_y = rng.uniform(0, w, 2 * count), rng.uniform(0, h, 2 * count)
    kept = band[milky_y.astype(int), milky_x.astype(int)] > rng.random(2 * count)
    dim = np.minimum(rng.pareto(1.6, int(kept.sum())) * 0.03 + 0.02, 1)
    x, y = np.r_[x, milky_x[kept]], np.r_[y, milky_y[kept]]
    magnitude = np.r_[magnitude, dim]
    heat = rng.uniform(0, 1, len(x))
    up = window[3] - (window[3] - window[2]) * y / h
    magnitude = magnitude * np.clip(up / 0.22, 0, 1)
    bright = magnitude > 0.004
    _dots(plate, x[bright], y[bright], magnitude[bright] * 1.5, heat[bright], sharp)


def _dots(plate: F32, x: F64, y: F64, magnitude: F64, heat: F64, sharp: float) -> None:
    """Add stars at pixels (x, y): Gaussians of about `sharp` pixels, blue to amber by `heat`; none across the edge."""
    h, w = plate.shape[:2]
    radius = np.maximum(0.48, (0.55 + 0.35 * np.minimum(magnitude, 1.5)) * sharp)
    reach = (2 + radius * 2.5).astype(int)
    i, j = x.astype(int), y.astype(int)
    inside = (reach <= i) & (i < w - reach) & (reach <= j) & (j < h - reach)
    colour = np.stack([0.75 + 0.5 * heat, np.full(len(heat), 0.9), 1.25 - 0.45 * heat], 1)
    numbers = plate.reshape(-1)
    for size in np.unique(reach[inside]):  # all that take as many pixels at once
        k = np.flatnonzero(inside & (reach == size))
        q = np.arange(-size, size + 1)
        narrow = 0.5 / radius[k, None] ** 2
        across = np.exp(-((q + 0.5 + (i - x)[k, None]) ** 2) * narrow) * magnitude[k, None]
        down = np.exp(-((q + 0.5 + (j - y)[k, None]) ** 2) * narrow)
        spots = (down[:, :, None] * across[:, None])[..., None] * colour[k, None, None]
        pixels = (j[k, None, None] + q[:, None]) * w + i[k, None, None] + q
        np.add.at(numbers, (3 * pixels[..., None] + np.arange(3)).ravel(), spots.astype(np.float32).ravel())


def _moon(plate: F32, x: F32, y: F32, at: tuple[float, float], rng: np.random.Generator, large: float | None) -> None:
    """Paint the moon with its phase, maria and halo at tangent coordinates `at`; one of radius `large` is full."""
    radius = large or MOON_RADIUS
    u, v = (x - at[0]) / radius, -(y - at[1]) / radius
    d = np.hypot(u, v)
    pixel = (x[0, 1] - x[0, 0]) / radius
    disc = np.clip((1 - d) / (1.2 * pixel) + 0.5, 0, 1)[..., None]
    depth = np.sqrt(np.clip(1 - u * u - v * v, 0, 1))
    phase = rng.uniform(-0.5, 0.9)
    lit = (
        np.clip(0.45 + depth, 0, 1)
        if large
        else np.clip((u * math.cos(phase) + depth * math.sin(abs(phase) + 0.35)) * 3, 0, 1)
    )
    maria = spectral(128, 2.6, rng, lo=3)
    face = maria[np.clip(v * 24 + 64, 0, 127).astype(int), np.clip(u * 24 + 64, 0, 127).astype(int)]
    plate *= 1 - disc
    plate += (disc[..., 0] * lit * (3.4 - 0.6 * face))[..., None] * np.array([0.95, 0.96, 1.0], np.float32)
    halo = np.exp(-d * d / 18) * 0.05 + np.exp(-d / 6) * 0.045
    plate += halo[..., None] * np.array([0.55, 0.70, 1.0], np.float32)


def plate(
    window: F32, size: tuple[int, int], moon: tuple[float, float] | None, rng: np.random.Generator,
    large: float | None = None,
) -> F32:  # fmt: skip
    """What is beyond the clouds at night, (height, width, 3), to be scaled by how dark it is.

    Args:
        window: Tangent coordinates: left, right, bottom, top.
        size: Width and height.
        moon: Tangent coordinates of the moon, or None.
        large: Its radius, tangent units, where the film is about it.
    """
    w, h = size
    xs = window[0] + (window[1] - window[0]) * (np.arange(w, dtype=np.float32) + 0.5) / w
    ys = window[3] - (window[3] - window[2]) * (np.arange(h, dtype=np.float32) + 0.5) / h
    x, y = np.meshgrid(xs, ys)
    out, band = _milky_way(x, y, rng)
    _stars(out, band, window, rng)
    if moon is not None:
        _moon(out, x, y, moon, rng, large)
    return np.ascontiguousarray(np.maximum(out, 0) * np.float32(UNIT * 1.6), dtype=np.float32)
