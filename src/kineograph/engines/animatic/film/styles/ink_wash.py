"""Ink wash: four washes of black ink on rice paper, dry brush lines, a touch of vermilion where the picture is red."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.base import blur, lines, luma, painted, texture, unit
from kineograph.engines.animatic.noise import F32, f4, lean
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
    tones: F32  # darkest and lightest luma of the cast
    grain: bool = False

    def paint(self, rgb: F32, marks: Marks, _t: float, /) -> F32:
        """Local lightness becomes washes; the lines keep subjects apart."""
        k = self.k
        y = luma(painted(rgb, marks, k, max(2, int(5 * k)), 1, 0.6))
        y = np.asarray(cv2.remap(y, *self.waver, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32)
        value, wash, red = np.empty_like(y), np.empty_like(y), np.empty_like(y)
        solid = blur(marks.subject, max(k, 0.5))
        _wash(y, blur(y, 40 * k), solid, self.tones, self.blots, rgb, value, wash, red)
        brush = lines(rgb, marks, k * 1.5, amount=0.08, least=0.022)
        out = np.empty_like(rgb)
        fields = (y, value, wash, blur(wash, 3 * k), brush, blur(red, 2 * k))
        _draw(fields, (self.paper, self.blots, self.fine, self.sky), _PAPER, _INK, _RED, out)
        return out


@lean
def _wash(y: F32, around: F32, subject: F32, tones: F32, blots: F32, rgb: F32, value: F32, wash: F32, red: F32) -> None:
    """Local lightness into `value`, the washes that lie there into `wash`, and how far the picture is red.

    A panda's black is the blackest ink and its white is paper, however hazy the forest.
    """
    dark, spread = tones[0], f4(1) / (tones[1] - tones[0])
    for j in range(y.shape[0]):
        for i in range(y.shape[1]):
            mean = around[j, i]
            v = f4(0.50) + (y[j, i] - mean) + (mean - f4(0.45)) * f4(0.85)
            own = f4(0.04) + f4(0.80) * min(max((y[j, i] - dark) * spread, f4(0)), f4(1))
            v += (own - v) * f4(0.6) * subject[j, i]
            v = min(max(v, f4(0)), f4(1))
            ink = f4(0)
            for limit, strength in _WASHES:
                share = (f4(limit) - v + blots[j, i] * f4(0.035)) * f4(1 / 0.18) + f4(0.5)
                ink += f4(strength) * min(max(share, f4(0)), f4(1))
            value[j, i], wash[j, i] = v, ink
            warm = rgb[j, i, 0] - max(rgb[j, i, 1], rgb[j, i, 2]) - f4(0.28)
            red[j, i] = min(max(warm * f4(2.4), f4(0)), f4(0.8))


@lean
def _draw(
    fields: tuple[F32, F32, F32, F32, F32, F32], sheet: tuple[F32, F32, F32, F32], ground: F32, tint: F32, vermilion: F32,
    out: F32,
) -> None:  # fmt: skip
    """Ink and vermilion on rice paper. fields: luma, value, wash, wash blurred, brush, red; sheet: paper, blots, fine, sky."""
    y, value, wash, soft, brush, red = fields
    paper, blots, fine, sky = sheet
    for j in range(y.shape[0]):
        for i in range(y.shape[1]):
            fibre = paper[j, i]
            # Ink gathers at the border as it dries.
            lies = wash[j, i] + min(max(wash[j, i] - soft[j, i], f4(0)), f4(1)) * f4(0.45)
            dry = min(max(f4(0.75) + fibre * f4(0.30) + fine[j, i] * f4(0.10), f4(0)), f4(1.15))
            ink = min(max(lies * (f4(1) + fibre * f4(0.08)) + brush[j, i] * f4(0.60) * dry, f4(0)), f4(1))
            ink *= f4(1) - f4(0.40) * sky[j, i] * min(max((value[j, i] - f4(0.25)) * f4(6), f4(0)), f4(1))
            tone = f4(1) + fibre * f4(0.018) + blots[j, i] * f4(0.010)
            warm, light = red[j, i] * f4(0.75), f4(0.75) + f4(0.5) * y[j, i]
            for c in range(3):
                drawn = ground[c] * tone * (f4(1) - ink * tint[c])
                out[j, i, c] = drawn * (f4(1) - warm) + warm * vermilion[c] * light


def build(shot: Shot, sample: F32, solid: F32) -> InkWash:
    """Rice paper, by seed."""
    cast = luma(sample)[solid > 0]
    dark, light = (float(v) for v in np.quantile(cast, (0.12, 0.80))) if len(cast) else (0.0, 1.0)
    dark = min(dark, 0.7)
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
        np.array([dark, max(light, dark + 0.2)], np.float32),
    )
