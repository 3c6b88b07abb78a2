"""Clay: everything is modelled, with soft rims, thumb prints and the sheen of plasticine under a lamp."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.base import blur, luma, painted, texture, unit
from kineograph.engines.animatic.noise import F32
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
        gx = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3) * 0.10 + self.slope[0]
        gy = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3) * 0.10 + self.slope[1]
        nz = 1 / np.sqrt(gx * gx + gy * gy + 1)
        nx, ny = -gx * nz, -gy * nz
        lit = np.clip(nx * -0.45 + ny * -0.55 + nz * 0.70, 0, 1)
        sheen = np.clip(nx * -0.26 + ny * -0.34 + nz * 0.90, 0, 1) ** 26
        flat = np.clip(body * 0.86 + 0.14 * y[..., None], 0.05, 0.95)
        return np.asarray(
            flat * (0.50 + 0.72 * lit[..., None] ** 1.2) + sheen[..., None] * 0.11 + flat * flat * 0.10, np.float32
        )


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
