"""Anime: subjects in flat steps of light with ink lines, backgrounds painted softly, colours clear and skies aglow."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.base import blur, lines, painted, unit
from kineograph.engines.animatic.noise import F32, f4, lean
from kineograph.engines.animatic.shot import Shot

_INK = np.array([0.07, 0.042, 0.084], np.float32)
_STEPS = 5


@dataclass(frozen=True, slots=True)
class Anime:
    """A Style (base.py)."""

    k: float
    grain: bool = False

    def paint(self, rgb: F32, marks: Marks, _t: float, /) -> F32:
        """Steps of value, more so on subjects; colour up, shadows towards blue; glow; lines."""
        k = self.k
        flat = np.clip(painted(rgb, marks, k, max(2, int(3 * k)), 1, 0.6), 0, 1)
        subject = blur(marks.subject, max(0.8 * k, 0.5))
        hsv = np.asarray(cv2.cvtColor(flat, cv2.COLOR_RGB2HSV), np.float32)
        value = np.ascontiguousarray(hsv[..., 2])
        _step(hsv, subject)
        out = np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.float32)
        bright = np.empty_like(out)
        _dusk(out, value, bright)
        _ink(out, blur(bright, 34 * k), lines(rgb, marks, k, amount=0.055, least=0.025), _INK)
        return out


@lean
def _step(hsv: F32, subject: F32) -> None:
    """Value in steps with short ramps between, more so on subjects; saturation up, most in shadows."""
    for y in range(hsv.shape[0]):
        for x in range(hsv.shape[1]):
            value = hsv[y, x, 2]
            level = value * f4(_STEPS)
            floor = f4(int(level))
            ramp = min(max((level - floor - f4(0.5)) * f4(1 / 0.30) + f4(0.5), f4(0)), f4(1))
            stepped = min(max((floor + ramp) * f4(1 / _STEPS), f4(0.10)), f4(1))
            mix = f4(0.22) + f4(0.66) * subject[y, x]
            dark = min(max((f4(0.45) - value) * f4(8), f4(0)), f4(1))
            hsv[y, x, 1] = min(max(hsv[y, x, 1] * (f4(1.28) + f4(0.2) * dark), f4(0)), f4(1))
            hsv[y, x, 2] = min(max((value * (f4(1) - mix) + stepped * mix) * f4(1.06) + f4(0.02), f4(0)), f4(1))


@lean
def _dusk(out: F32, value: F32, bright: F32) -> None:
    """Shadows towards blue, in place; what glows into `bright`."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            k = min(max((f4(0.40) - value[y, x]) * f4(3), f4(0)), f4(1)) * f4(0.10)
            out[y, x, 0] = out[y, x, 0] * (f4(1) - k) + k * f4(0.16)
            out[y, x, 1] = out[y, x, 1] * (f4(1) - k) + k * f4(0.20)
            out[y, x, 2] = out[y, x, 2] * (f4(1) - k) + k * f4(0.52)
            for c in range(3):
                bright[y, x, c] = min(max(out[y, x, c] - f4(0.72), f4(0)), f4(1))


@lean
def _ink(out: F32, glow: F32, drawn: F32, ink: F32) -> None:
    """Glow and lines, in place."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            k = drawn[y, x] * f4(0.92)
            for c in range(3):
                lit = f4(1) - (f4(1) - out[y, x, c]) * (f4(1) - glow[y, x, c] * f4(0.9))
                out[y, x, c] = lit * (f4(1) - k) + k * ink[c]


def build(shot: Shot, _sample: F32, _solid: F32) -> Anime:
    """Nothing to prepare but the width of the lines."""
    return Anime(unit(shot))
