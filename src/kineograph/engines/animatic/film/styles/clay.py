"""Clay: everything is modelled, with soft rims, thumb prints and the sheen of plasticine under a lamp."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.tools import blur, luma, painted, solid, texture, unit
from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean
from kineograph.engines.animatic.shot import Shot

_PRINTS = 26


@dataclass(frozen=True, slots=True)
class Clay:
    """A Style (base.py); `slope`: of the thumbed surface, across and down."""

    k: float
    slope: tuple[F32, F32]
    grain: bool = False
    hold: int = 2

    def paint(self, rgb: F32, marks: Marks, _t: float, /) -> F32:
        """Lightness and outlines become relief, which one lamp from the upper left shades."""
        k = self.k
        body = blur(painted(rgb, marks, k, max(2, int(5 * k)), 2, 0.65), 1.0 * k)
        y = luma(body)
        # Heights are in shading pixels, so that slopes do not depend on the resolution.
        height = blur(y, 4 * k) * np.float32(22 * k) + blur(y, 14 * k) * np.float32(50 * k)
        body_ = solid(marks, 7 * k)
        height += body_ * np.float32(26 * k)
        height = np.asarray(cv2.copyMakeBorder(height, 1, 1, 1, 1, cv2.BORDER_REFLECT_101), np.float32)
        _lamp(body, y, height, *self.slope, body_, rgb)
        return rgb


@helper
def _lit(flat: Real, shade: Real, shine: Real) -> Real:
    flat = min(max(flat, f4(0.05)), f4(0.95))
    return flat * shade + shine + flat * flat * f4(0.10)


@lean
def _lamp(body: F32, luma_: F32, height: F32, slope_x: F32, slope_y: F32, subject: F32, out: F32) -> None:
    """Shade the relief; slopes by Sobel's differences. `height` has a border of one pixel."""
    h, w = luma_.shape
    one, two = np.uint64(1), np.uint64(2)
    for y in range(h):
        up, here, down = height[y], height[y + 1], height[y + 2]
        for x in range(np.uint64(w)):
            gx = up[x + two] + f4(2) * here[x + two] + down[x + two] - up[x] - f4(2) * here[x] - down[x]
            gy = down[x] + f4(2) * down[x + one] + down[x + two] - up[x] - f4(2) * up[x + one] - up[x + two]
            # The set is flatter than its cast: relief on a whole sky is restless, and hides who stands in front of it.
            raised = f4(0.5) + f4(0.5) * subject[y, x]
            gx, gy = (gx * f4(0.10) + slope_x[y, x]) * raised, (gy * f4(0.10) + slope_y[y, x]) * raised
            nz = f4(1) / math.sqrt(gx * gx + gy * gy + f4(1))
            lit = min(max((gx * f4(0.45) + gy * f4(0.55) + f4(0.70)) * nz, f4(0)), f4(1))
            sheen = min(max((gx * f4(0.26) + gy * f4(0.34) + f4(0.90)) * nz, f4(0)), f4(1))
            # How a lamp falls on a slope, lit to the power of 1.2 (within 0.007), and how it shines there: sheen's 26th.
            shade = f4(0.50) + f4(0.72) * lit * (f4(0.6741) + lit * (f4(0.5061) - f4(0.1750) * lit))
            second = sheen * sheen
            eighth = second * second * second * second
            shine = eighth * eighth * eighth * second * f4(0.11)
            grey = luma_[y, x] * f4(0.14)
            out[0, y, x] = _lit(body[0, y, x] * f4(0.86) + grey, shade, shine)
            out[1, y, x] = _lit(body[1, y, x] * f4(0.86) + grey, shade, shine)
            out[2, y, x] = _lit(body[2, y, x] * f4(0.86) + grey, shade, shine)


def build(shot: Shot, sample: F32, _solid: F32) -> Clay:
    """Dents and thumb prints, by seed."""
    k = unit(shot)
    height, width = sample.shape[1:]
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
