"""Watercolour: transparent washes on cold-pressed paper, pigment gathered at their borders, a white margin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.base import blur, lines, luma, painted, texture, unit
from kineograph.engines.animatic.noise import F32, f4, lean
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
        out = np.empty_like(wash)
        ink = lines(rgb, marks, k, amount=0.09, least=0.025)
        fields = (y, blur(y, 3.2 * k), blur(y, 1.2 * k), self.paper, self.blots, ink)
        _dry(wash, fields, np.ascontiguousarray(self.margin[..., 0]), _logs(), _powers(), _PAPER, _LINE, out)
        return out


@lru_cache(maxsize=1)
def _logs() -> F32:
    """Logarithms of 0…1 in 4095 steps, from 0.003."""
    return np.log(np.maximum(np.linspace(0, 1, 4096), 0.003)).astype(np.float32)


@lru_cache(maxsize=1)
def _powers() -> F32:
    """Of e, to 0…-6 in 8191 steps."""
    return np.exp(-np.linspace(0, 6, 8192)).astype(np.float32)


@lean
def _dry(
    wash: F32, fields: tuple[F32, F32, F32, F32, F32, F32], margin: F32, logs: F32, powers: F32, ground: F32, line: F32,
    out: F32,
) -> None:  # fmt: skip
    """Pigment, gathered where a wash ends, on paper. fields: luma, luma blurred wide and a little, paper, blots, ink."""
    luma_, wide_, fine_, paper, blots, ink = fields
    for y in range(wash.shape[0]):
        for x in range(wash.shape[1]):
            grey, wide, tooth = luma_[y, x], wide_[y, x], paper[y, x]
            edge = min(max((wide - grey) * f4(2.6), f4(0)), f4(0.5))
            edge += min(abs(fine_[y, x] - wide) * f4(1.3), f4(0.28))
            density = f4(1) + edge * f4(1.25) + tooth * f4(0.075) * (f4(1.3) - grey) + blots[y, x] * f4(0.13)
            density = min(max(density, f4(0.3)), f4(3)) * f4(-8191 / 6)
            inside, sheet = margin[y, x], f4(1) + tooth * f4(0.016)
            for c in range(3):
                clear = min(max(grey + (wash[y, x, c] - grey) * f4(1.35), f4(0)), f4(1)) * f4(0.774) + f4(0.226)
                thick = powers[min(int(density * logs[int(clear * f4(4095) + f4(0.5))] + f4(0.5)), 8191)]
                pigment = thick * (f4(1) - ink[y, x] * line[c])
                out[y, x, c] = ground[c] * sheet * (f4(1) - inside + inside * pigment)


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
