"""Clay: everything is modelled, with soft rims, thumb prints and the sheen of plasticine under a lamp."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.base import blur, luma, painted, texture, unit
from kineograph.engines.animatic.noise import F32, f4, lean
from kineograph.engines.animatic.shot import Shot

_PRINTS = 26


@dataclass(frozen=True, slots=True)
class Clay:
    """A Style (base.py); `slope`: of the thumbed surface, across and down."""

    k: float
    slope: tuple[F32, F32]
    grain: bool = False

    def paint(self, rgb: F32, marks: Marks, _t: float, /) -> F32:
        """Lightness and outlines become relief, which one lamp from the upper left shades."""
        k = self.k
        body = blur(np.clip(painted(rgb, marks, k, max(2, int(5 * k)), 2, 0.65), 0, 1), 1.0 * k)
        y = luma(body)
        # Heights are in shading pixels, so that slopes do not depend on the resolution.
        height = blur(y, 4 * k) * 22 * k + blur(y, 14 * k) * 50 * k + blur(marks.subject, 7 * k) * 26 * k
        out = np.empty_like(body)
        _lamp(body, y, np.asarray(height, np.float32), *self.slope, _sheens(), out)
        return out


@lru_cache(maxsize=1)
def _sheens() -> F32:
    """(2, 1024) how a lamp falls on a slope, 0…1, and how it shines there."""
    cosine = np.linspace(0, 1, 1024)
    return np.stack([0.50 + 0.72 * cosine**1.2, cosine**26 * 0.11]).astype(np.float32)


@lean
def _lamp(body: F32, luma_: F32, height: F32, slope_x: F32, slope_y: F32, table: F32, out: F32) -> None:
    """Shade the relief; slopes by Sobel's differences, borders mirrored."""
    h, w = height.shape
    for y in range(h):
        up, down = abs(y - 1), min(y + 1, 2 * h - 3 - y)
        for x in range(w):
            left, right = abs(x - 1), min(x + 1, 2 * w - 3 - x)
            gx = height[up, right] + f4(2) * height[y, right] + height[down, right]
            gx -= height[up, left] + f4(2) * height[y, left] + height[down, left]
            gy = height[down, left] + f4(2) * height[down, x] + height[down, right]
            gy -= height[up, left] + f4(2) * height[up, x] + height[up, right]
            gx, gy = gx * f4(0.10) + slope_x[y, x], gy * f4(0.10) + slope_y[y, x]
            nz = f4(1) / math.sqrt(gx * gx + gy * gy + f4(1))
            lit = min(max((gx * f4(0.45) + gy * f4(0.55) + f4(0.70)) * nz, f4(0)), f4(1))
            sheen = min(max((gx * f4(0.26) + gy * f4(0.34) + f4(0.90)) * nz, f4(0)), f4(1))
            shade, shine = table[0, int(lit * f4(1023) + f4(0.5))], table[1, int(sheen * f4(1023) + f4(0.5))]
            for c in range(3):
                flat = min(max(body[y, x, c] * f4(0.86) + f4(0.14) * luma_[y, x], f4(0.05)), f4(0.95))
                out[y, x, c] = flat * shade + shine + flat * flat * f4(0.10)


def build(shot: Shot, sample: F32, _solid: F32) -> Clay:
    """Dents and thumb prints, by seed."""
    k = unit(shot)
    height, width = sample.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32) / np.float32(height)
    bump = blur(texture(shot, "dents", 4.0, 4), 2 * k) * 0.9
    rng = shot.rng("style thumbs")
    for _ in range(_PRINTS):  # warped rings in an oval
        x, y = rng.uniform(0, width / height), rng.uniform(0, 1)
        size, angle = rng.uniform(0.035, 0.06), rng.uniform(0, math.pi)
        u = (columns - x) * math.cos(angle) + (rows - y) * math.sin(angle)
        v = (-(columns - x) * math.sin(angle) + (rows - y) * math.cos(angle)) * 0.72
        rings = np.sin(np.hypot(u + 0.009, v) * 900 + 0.9 * np.sin(u * 60 + v * 50))
        bump += (rings * np.clip(1 - np.hypot(u, v) / size, 0, 1) ** 0.6 * 0.16).astype(np.float32)
    bump = np.asarray(bump, np.float32)
    gx, gy = (cv2.Sobel(bump, cv2.CV_32F, dx, 1 - dx, ksize=3) * np.float32(0.12) for dx in (1, 0))
    return Clay(k, (np.asarray(gx, np.float32), np.asarray(gy, np.float32)))
