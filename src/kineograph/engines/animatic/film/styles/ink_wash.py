"""Ink wash: four washes of black ink on rice paper, dry brush lines, a touch of vermilion where the picture is red."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.tools import (
    Waver,
    blur,
    lines,
    luma,
    painted,
    solid,
    texture,
    unit,
    waver,
)
from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean
from kineograph.engines.animatic.shot import Shot

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
    waver: Waver
    sky: F32  # where the paper stays emptier
    tones: F32  # darkest and lightest luma of the cast
    grain: bool = False
    hold: int = 2

    def paint(self, rgb: F32, marks: Marks, _t: float, /) -> F32:
        """Local lightness becomes washes; the lines keep subjects apart."""
        k, grey = self.k, luma(rgb)
        y = painted(grey, marks, k, max(2, int(5 * k)), 1, 0.6, self.waver)
        value, wash, red = np.empty_like(y), np.empty_like(y), np.empty_like(y)
        _wash(y, blur(y, 40 * k), solid(marks, max(k, 0.5)), self.tones, self.blots, rgb, value, wash, red)
        brush = lines(grey, marks, k * 1.5, amount=0.08, least=0.022)
        fields = (y, value, wash, blur(wash, 3 * k), brush, blur(red, 2 * k))
        _draw(fields, (self.paper, self.blots, self.fine, self.sky), _PAPER, _INK, _RED, rgb)
        return rgb


@helper
def _lies(limit: Real, strength: Real, dark: Real) -> Real:
    """A wash that lies on what is darker than its limit."""
    return strength * min(max((limit - dark) * f4(1 / 0.18) + f4(0.5), f4(0)), f4(1))


@lean
def _wash(y: F32, around: F32, subject: F32, tones: F32, blots: F32, rgb: F32, value: F32, wash: F32, red: F32) -> None:
    """Local lightness into `value`, the washes that lie there into `wash`, and how far the picture is red.

    A panda's black is the blackest ink and its white is paper, however hazy the forest.
    """
    dark, spread = tones[0], f4(1) / (tones[1] - tones[0])
    for j in range(y.shape[0]):
        for i in range(np.uint64(y.shape[1])):
            mean = around[j, i]
            v = f4(0.50) + (y[j, i] - mean) + (mean - f4(0.45)) * f4(0.85)
            share = min(max((y[j, i] - dark) * spread, f4(0)), f4(1))
            own = f4(0.04) + f4(0.80) * share
            v += (own - v) * f4(0.6) * subject[j, i]
            v = min(max(v, f4(0)), f4(1))
            blot = v - blots[j, i] * f4(0.035)
            value[j, i] = v
            wash[j, i] = (
                _lies(f4(0.16), f4(0.36), blot) + _lies(f4(0.32), f4(0.25), blot)
                + _lies(f4(0.46), f4(0.17), blot) + _lies(f4(0.60), f4(0.11), blot)
            )  # fmt: skip
            warm = rgb[0, j, i] - max(rgb[1, j, i], rgb[2, j, i]) - f4(0.28)
            red[j, i] = min(max(warm * f4(2.4), f4(0)), f4(0.8))


@lean
def _draw(
    fields: tuple[F32, F32, F32, F32, F32, F32], sheet: tuple[F32, F32, F32, F32], ground: F32, tint: F32, vermilion: F32,
    out: F32,
) -> None:  # fmt: skip
    """Ink and vermilion on rice paper. fields: luma, value, wash, wash blurred, brush, red; sheet: paper, blots, fine, sky."""
    y, value, wash, soft, brush, red = fields
    paper, blots, fine, sky = sheet
    r, g, b, dr, dg, db = ground[0], ground[1], ground[2], tint[0], tint[1], tint[2]
    vr, vg, vb = vermilion[0], vermilion[1], vermilion[2]
    for j in range(y.shape[0]):
        for i in range(np.uint64(y.shape[1])):
            fibre = paper[j, i]
            # Ink gathers at the border as it dries.
            lies = wash[j, i] + min(max(wash[j, i] - soft[j, i], f4(0)), f4(1)) * f4(0.45)
            dry = min(max(f4(0.75) + fibre * f4(0.30) + fine[j, i] * f4(0.10), f4(0)), f4(1.15))
            ink = min(max(lies * (f4(1) + fibre * f4(0.08)) + brush[j, i] * f4(0.60) * dry, f4(0)), f4(1))
            ink *= f4(1) - f4(0.40) * sky[j, i] * min(max((value[j, i] - f4(0.25)) * f4(6), f4(0)), f4(1))
            tone = f4(1) + fibre * f4(0.018) + blots[j, i] * f4(0.010)
            warm, light = red[j, i] * f4(0.75), f4(0.75) + f4(0.5) * y[j, i]
            light, tone = light * warm, tone * (f4(1) - warm)
            out[0, j, i] = tone * r * (f4(1) - ink * dr) + light * vr
            out[1, j, i] = tone * g * (f4(1) - ink * dg) + light * vg
            out[2, j, i] = tone * b * (f4(1) - ink * db) + light * vb


def build(shot: Shot, sample: F32, solid: F32) -> InkWash:
    """Rice paper, by seed."""
    cast = luma(sample)[solid > 0]
    dark, light = (float(v) for v in np.quantile(cast, (0.12, 0.80))) if len(cast) else (0.0, 1.0)
    if dark > 0.5:  # the shade of a swan is grey, not ink: what is darkest in the picture is, be it as pale as in haze
        dark = min(dark, max(0.2, float(np.quantile(luma(sample), 0.1))))
    k = unit(shot)
    height, width = sample.shape[1:]
    rows = np.repeat(np.arange(height, dtype=np.float32)[:, None], width, 1)
    return InkWash(
        k,
        texture(shot, "paper", 1.2, 24) * 0.6 + texture(shot, "fibres", 2.2, 5) * 0.4,
        texture(shot, "blots", 3.2, 2),
        texture(shot, "fine", 0.4, 60),
        waver(shot, 3.2 * k),
        np.clip((0.55 - rows / height) * 2.0, 0, 1).astype(np.float32),
        np.array([dark, max(light, dark + 0.2)], np.float32),
    )
