"""Watercolour: transparent washes on cold-pressed paper, pigment gathered at their borders, a white margin."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.base import blur, lines, luma, painted, texture, unit
from kineograph.engines.animatic.noise import F32
from kineograph.engines.animatic.shot import Shot

_PAPER = np.array([0.975, 0.962, 0.93], np.float32)
_LINE = np.array([0.34, 0.36, 0.30], np.float32)


@dataclass(frozen=True, slots=True)
class Watercolour:
    """A Style (base.py)."""

    k: float
    paper: F32
    blots: F32
    waver: tuple[F32, F32]  # columns and rows to read from: borders waver as a brush does
    margin: F32
    grain: bool = False

    def paint(self, rgb: F32, marks: Marks, _t: float, /) -> F32:
        """Washes, edges, granulation, paper."""
        k = self.k
        wash = painted(rgb, marks, k, max(2, int(6 * k)), 2, 0.6)
        wash = np.asarray(cv2.remap(wash, *self.waver, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32)
        y = luma(wash)
        clear = np.clip(y[..., None] + (wash - y[..., None]) * 1.35, 0, 1) * 0.774 + 0.226
        wide = blur(y, 3.2 * k)
        edge = np.clip((wide - y) * 2.6, 0, 0.5) + np.clip(np.abs(blur(y, 1.2 * k) - wide) * 1.3, 0, 0.28)
        density = 1 + edge * 1.25 + self.paper * 0.075 * (1.3 - y) + self.blots * 0.13
        ink = lines(rgb, marks, k, amount=0.09, least=0.025)
        pigment = np.clip(clear, 0.003, 1) ** np.clip(density, 0.3, 3)[..., None] * (1 - ink[..., None] * _LINE)
        ground = _PAPER * (1 + self.paper * 0.016)[..., None]
        return np.asarray(ground * (1 - self.margin + self.margin * pigment), np.float32)


def build(shot: Shot, sample: F32, _solid: F32) -> Watercolour:
    """Paper, blots and a ragged border, by seed."""
    k = unit(shot)
    height, width = sample.shape[:2]
    paper = texture(shot, "paper", 1.2, 24) * 0.75 + texture(shot, "hills", 2.6, 5) * 0.5
    blots = texture(shot, "blots", 3.2, 2)
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    aside, down = texture(shot, "aside", 2.6, 6), texture(shot, "down", 2.6, 6)
    edge = np.minimum(np.minimum(columns, width - 1 - columns), np.minimum(rows, height - 1 - rows)) / height
    margin = np.clip((edge + blots * 0.010 + aside * 0.004 - 0.030) * 125, 0, 1)[..., None].astype(np.float32)
    waver = (columns + aside * np.float32(2.4 * k), rows + down * np.float32(2.4 * k))
    return Watercolour(k, paper, blots, waver, margin)
