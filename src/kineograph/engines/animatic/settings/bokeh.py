"""What stands far behind a small hero: trees and sun, out of focus."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32, lean, spectral
from kineograph.engines.animatic.settings.base import Layer
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.strokes import green_key

F64 = NDArray[np.float64]


@lean
def _discs(out: F32, rows: F32) -> None:
    """rows: x, y, radius, red, green, blue; added, brighter at the rim as a lens draws them."""
    height, width = out.shape[0], out.shape[1]
    for k in range(rows.shape[0]):
        x0, y0, r = rows[k, 0], rows[k, 1], rows[k, 2]
        for y in range(max(0, int(y0 - r - 1)), min(height, int(y0 + r + 2))):
            for x in range(max(0, int(x0 - r - 1)), min(width, int(x0 + r + 2))):
                dx = x + 0.5 - x0
                dy = y + 0.5 - y0
                d2 = (dx * dx + dy * dy) / (r * r)
                edge = min(max((1 - d2) * r * 0.35, 0.0), 1.0)
                if edge > 0:
                    a = edge * (0.72 + 0.45 * d2 * d2)
                    for c in range(3):
                        out[y, x, c] += rows[k, 3 + c] * a


def curtain(canvas: Canvas, depth: float, leaves: F64, light: Light, rng: np.random.Generator) -> Layer:
    """A wall of unsharp foliage with light falling through it from the key's side.

    Args:
        depth: Metres from the eye.
        leaves: Palette (n, 3).
    """
    h, w = canvas.height, canvas.width
    scale = float(canvas.frame[1])
    x, y = np.meshgrid((np.arange(w) + 0.5) / scale, (np.arange(h) + 0.5) / scale)
    side = 1.0 if float(light.direction[0]) > 0 else -1.0
    sun_x = canvas.axis / scale + side * 0.36 * canvas.frame[0] / scale
    away = np.hypot(x - sun_x, y - 0.02)
    foliage = leaves.mean(0)
    key = green_key(light) * (0.55 + 0.45 * float(light.direction[1]))
    deep = foliage * (light.sky * 0.9 + key * 0.25)
    reach = 1.9 / float(np.clip(canvas.frame[0] / canvas.frame[1], 0.6, 1.2))
    low = 1.0 + 0.7 * max(0.0, 1 - float(light.direction[1]) * 3)  # a low sun shines straight through
    glow = np.exp(-away * reach)[..., None] * (
        key * np.array([0.46, 0.47, 0.17]) * low + light.sky * np.array([0.25, 0.45, 0.15])
    )
    blotch = cv2.resize(spectral(128, 3.2, rng, lo=2, hi=14), (max(w, h), max(w, h)), interpolation=cv2.INTER_CUBIC)
    patch = cv2.resize(spectral(128, 2.6, rng, lo=5, hi=30), (max(w, h), max(w, h)), interpolation=cv2.INTER_CUBIC)
    picture = (deep + glow) * np.clip(1 + 0.34 * blotch[:h, :w] + 0.12 * patch[:h, :w], 0.3, 2.2)[..., None]
    pixels = canvas.blank()
    pixels[..., :3] = picture
    count = int(120 * max(1.0, w / h))
    rows = np.empty((count, 6))
    rows[:, 0], rows[:, 1] = rng.uniform(0, w, count), rng.beta(1.5, 2.0, count) * (canvas.horizon + 0.02 * h)
    rows[:, 2] = rng.uniform(0.012, 0.052, count) * scale
    near_sun = np.exp(-np.hypot(rows[:, 0] / scale - sun_x, rows[:, 1] / scale) * 1.2)[:, None]
    colour = near_sun * key * np.array([0.85, 0.74, 0.30]) + foliage * (light.sky + key * 0.6)
    rows[:, 3:] = colour * rng.uniform(0.14, 0.50, (count, 1))
    _discs(pixels, np.ascontiguousarray(rows, dtype=np.float32))
    pixels[..., :3] = cv2.GaussianBlur(pixels[..., :3], (0, 0), max(0.0018 * scale, 0.3))
    pixels[..., 3] = 1
    return Layer(np.ascontiguousarray(pixels, dtype=np.float32), np.full(h, depth, np.float32))
