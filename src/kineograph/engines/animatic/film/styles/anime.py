"""Anime: subjects in flat steps of light with ink lines, backgrounds painted softly, colours clear and skies aglow."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.base import blur, lines, painted, unit
from kineograph.engines.animatic.noise import F32
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
        hsv = cv2.cvtColor(flat, cv2.COLOR_RGB2HSV)
        value = hsv[..., 2]
        level = value * _STEPS
        floor = np.floor(level)
        stepped = np.clip((floor + np.clip((level - floor - 0.5) / 0.30 + 0.5, 0, 1)) / _STEPS, 0.10, 1)
        mix = 0.22 + 0.66 * subject
        hsv[..., 1] = np.clip(hsv[..., 1] * (1.28 + 0.2 * np.clip((0.45 - value) * 8, 0, 1)), 0, 1)
        hsv[..., 2] = np.clip((value * (1 - mix) + stepped * mix) * 1.06 + 0.02, 0, 1)
        out = np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.float32)
        dusk = np.clip((0.40 - value) * 3, 0, 1)[..., None] * 0.10
        out = out * (1 - dusk) + dusk * np.array([0.16, 0.20, 0.52], np.float32)
        glow = blur(np.clip(out - 0.72, 0, 1), 34 * k)
        out = 1 - (1 - out) * (1 - glow * 0.9)
        ink = lines(rgb, marks, k, amount=0.055, least=0.025)[..., None] * 0.92
        return np.asarray(out * (1 - ink) + ink * _INK, np.float32)


def build(shot: Shot, _sample: F32, _solid: F32) -> Anime:
    """Nothing to prepare but the width of the lines."""
    return Anime(unit(shot))
