"""Ink wash: four washes of black ink on rice paper, dry brush lines, a touch of vermilion where the picture is red."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.base import blur, lines, luma, painted, texture, unit
from kineograph.engines.animatic.noise import F32
from kineograph.engines.animatic.shot import Shot

_WASHES = ((0.16, 0.36), (0.32, 0.25), (0.46, 0.17), (0.60, 0.11))  # lightness below which it lies, and its strength
_PAPER = np.array([0.955, 0.935, 0.885], np.float32)
_INK = np.array([0.93, 0.915, 0.88], np.float32)
_RED = np.array([0.70, 0.13, 0.09], np.float32)


@dataclass(frozen=True, slots=True)
class InkWash:
    """A Style (base.py)."""

    k: float
    paper: F32
    blots: F32
    fine: F32
    waver: tuple[F32, F32]
    sky: F32  # where the paper stays emptier
    grain: bool = False

    def paint(self, rgb: F32, marks: Marks, _t: float, /) -> F32:
        """Local lightness becomes washes; the lines keep subjects apart."""
        k = self.k
        y = luma(painted(rgb, marks, k, max(2, int(5 * k)), 1, 0.6))
        y = np.asarray(cv2.remap(y, *self.waver, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32)
        around = blur(y, 40 * k)
        value = np.clip(0.50 + (y - around) + (around - 0.45) * 0.85 - 0.08 * marks.subject, 0, 1)
        wash = np.zeros_like(value)
        for limit, strength in _WASHES:
            wash += strength * np.clip((limit - value + self.blots * 0.035) / 0.18 + 0.5, 0, 1)
        wash += np.clip(wash - blur(wash, 3 * k), 0, 1) * 0.45  # ink gathers at the border as it dries
        brush = lines(rgb, marks, k * 1.5, amount=0.08, least=0.022)
        dry = np.clip(0.75 + self.paper * 0.30 + self.fine * 0.10, 0, 1.15)
        ink = np.clip(wash * (1 + self.paper * 0.08) + brush * 0.60 * dry, 0, 1)
        ink *= 1 - 0.40 * self.sky * np.clip((value - 0.25) * 6, 0, 1)
        out = _PAPER * (1 + self.paper * 0.018 + self.blots * 0.010)[..., None] * (1 - ink[..., None] * _INK)
        red = np.clip((rgb[..., 0] - np.maximum(rgb[..., 1], rgb[..., 2]) - 0.28) * 2.4, 0, 0.8)
        red = blur(np.asarray(red, np.float32), 2 * k)[..., None]
        return np.asarray(out * (1 - red * 0.75) + red * 0.75 * _RED * (0.75 + 0.5 * y[..., None]), np.float32)


def build(shot: Shot, sample: F32, _solid: F32) -> InkWash:
    """Rice paper, by seed."""
    k = unit(shot)
    height, width = sample.shape[:2]
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    aside, down = texture(shot, "aside", 2.6, 6), texture(shot, "down", 2.6, 6)
    return InkWash(
        k,
        texture(shot, "paper", 1.2, 24) * 0.6 + texture(shot, "fibres", 2.2, 5) * 0.4,
        texture(shot, "blots", 3.2, 2),
        texture(shot, "fine", 0.4, 60),
        (columns + aside * np.float32(3.2 * k), rows + down * np.float32(3.2 * k)),
        np.clip((0.55 - rows / height) * 2.0, 0, 1).astype(np.float32),
    )
