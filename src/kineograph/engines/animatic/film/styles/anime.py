"""Anime: subjects in flat steps of light with ink lines, backgrounds painted softly, colours clear and skies aglow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.tools import lines, luma, painted, solid, spilt, unit
from kineograph.engines.animatic.noise import F32, f4, lean
from kineograph.engines.animatic.shot import Shot

_INK = np.array([0.07, 0.042, 0.084], np.float32)
_STEPS = 5


@dataclass(frozen=True, slots=True)
class Anime:
    """A Style (base.py)."""

    k: float
    grain: bool = False
    hold: int = 2

    def paint(self, rgb: F32, marks: Marks, _t: float, /) -> F32:
        """Steps of value, more so on subjects; colour up, shadows towards blue; glow; lines."""
        k = self.k
        out = painted(rgb, marks, k, max(2, int(3 * k)), 1, 0.6)
        _step(out, solid(marks, max(0.8 * k, 0.5)))
        _ink(out, spilt(out, 0.72, 34 * k), lines(luma(rgb), marks, k, amount=0.055, least=0.025), _INK)
        return out


@lean
def _step(rgb: F32, subject: F32) -> None:
    """Value in steps with short ramps between, more so on subjects; saturation up, most in shadows, which turn blue.

    Value and saturation are those of HSV: value is the greatest channel, saturation how far the least is below it.
    """
    for y in range(rgb.shape[1]):
        for x in range(np.uint64(rgb.shape[2])):
            r = min(max(rgb[0, y, x], f4(0)), f4(1))
            g = min(max(rgb[1, y, x], f4(0)), f4(1))
            b = min(max(rgb[2, y, x], f4(0)), f4(1))
            value = max(max(r, g), max(b, f4(1e-4)))
            level = value * f4(_STEPS)
            floor = f4(np.int32(level))
            ramp = min(max((level - floor - f4(0.5)) * f4(1 / 0.30) + f4(0.5), f4(0)), f4(1))
            stepped = min(max((floor + ramp) * f4(1 / _STEPS), f4(0.10)), f4(1))
            mix = f4(0.22) + f4(0.66) * subject[y, x]
            light = min(max((value + (stepped - value) * mix) * f4(1.06) + f4(0.02), f4(0)), f4(1))
            dark = min(max((f4(0.45) - value) * f4(8), f4(0)), f4(1))
            chroma = value - min(min(r, g), b) + f4(1e-4)
            k = min((f4(1.28) + f4(0.2) * dark) / value, f4(1) / chroma)
            blue = min(max((f4(0.40) - value) * f4(3), f4(0)), f4(1)) * f4(0.10)
            light *= f4(1) - blue
            rgb[0, y, x] = light * (f4(1) - (value - r) * k) + blue * f4(0.16)
            rgb[1, y, x] = light * (f4(1) - (value - g) * k) + blue * f4(0.20)
            rgb[2, y, x] = light * (f4(1) - (value - b) * k) + blue * f4(0.52)


@lean
def _ink(out: F32, glow: F32, drawn: F32, ink: F32) -> None:
    """Glow and lines, in place."""
    for c in range(3):
        dark = ink[c]
        for y in range(out.shape[1]):
            for x in range(np.uint64(out.shape[2])):
                lit = f4(1) - (f4(1) - out[c, y, x]) * (f4(1) - glow[c, y, x] * f4(0.9))
                out[c, y, x] = lit + (dark - lit) * drawn[y, x] * f4(0.92)


def build(shot: Shot, _sample: F32, _solid: F32) -> Anime:
    """Nothing to prepare but the width of the lines."""
    return Anime(unit(shot))
