"""Watercolour: transparent washes on cold-pressed paper, pigment gathered at their borders, a white margin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.tools import Waver, blur, lines, luma, painted, texture, unit, waver
from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean
from kineograph.engines.animatic.shot import Shot

_PAPER = np.array([0.975, 0.962, 0.93], np.float32)
_LINE = np.array([0.34, 0.36, 0.30], np.float32)
# Logarithm of 0.226…1 as a polynomial of x - 0.6, found by least squares: within 0.0007. A loop with tables in it, or with
# the library's logarithm, works on one pixel at a time.
_LOG = (-0.510819, 1.669162, -1.392287, 1.399940, -1.747533, 4.457109, -6.085665)


@dataclass(frozen=True, slots=True)
class Watercolour:
    """A Style (base.py)."""

    k: float
    paper: F32
    blots: F32
    waver: Waver  # borders waver as a brush does
    margin: F32
    grain: bool = False
    hold: int = 1

    def paint(self, rgb: F32, marks: Marks, _t: float, /) -> F32:
        """Washes, edges, granulation, paper."""
        k = self.k
        wash = painted(rgb, marks, k, max(2, int(6 * k)), 2, 0.6, self.waver)
        y = luma(wash)
        ink = lines(luma(rgb), marks, k, amount=0.09, least=0.025)
        fields = (y, blur(y, 3.2 * k), blur(y, 1.2 * k), self.paper, self.blots, ink)
        _dry(wash, fields, self.margin, _PAPER, _LINE, rgb)
        return rgb


@helper
def _thick(clear: Real, density: Real) -> Real:
    """clear (0.226…1) to the power of density (0.3…3): what so much pigment lets through."""
    u = clear - f4(0.6)
    log = f4(_LOG[5]) + f4(_LOG[6]) * u
    log = f4(_LOG[3]) + u * (f4(_LOG[4]) + u * log)
    log = f4(_LOG[0]) + u * (f4(_LOG[1]) + u * (f4(_LOG[2]) + u * log))
    z = log * density * f4(1 / 16)
    e = f4(1) + z * (f4(1) + z * (f4(0.5) + z * (f4(1 / 6) + z * f4(1 / 24))))
    e *= e
    e *= e
    e *= e
    return e * e


@helper
def _pigment(value: Real, grey: Real, density: Real, ink: Real) -> Real:
    """What one channel's wash lets through, with its line of ink."""
    clear = min(max(grey + (value - grey) * f4(1.35), f4(0)), f4(1)) * f4(0.774) + f4(0.226)
    return _thick(clear, density) * (f4(1) - ink)


@lean
def _dry(
    wash: F32, fields: tuple[F32, F32, F32, F32, F32, F32], margin: F32, ground: F32, line: F32, out: F32
) -> None:  # fmt: skip
    """Pigment, gathered where a wash ends, on paper. fields: luma, luma blurred wide and a little, paper, blots, ink."""
    luma_, wide_, fine_, paper, blots, ink = fields
    red, green, blue, r, g, b = ground[0], ground[1], ground[2], line[0], line[1], line[2]
    for y in range(wash.shape[1]):
        for x in range(np.uint64(wash.shape[2])):
            grey, wide, tooth, drawn = luma_[y, x], wide_[y, x], paper[y, x], ink[y, x]
            edge = min(max((wide - grey) * f4(2.6), f4(0)), f4(0.5))
            edge += min(abs(fine_[y, x] - wide) * f4(1.3), f4(0.28))
            density = f4(1) + edge * f4(1.25) + tooth * f4(0.075) * (f4(1.3) - grey) + blots[y, x] * f4(0.13)
            density = min(max(density, f4(0.3)), f4(3))
            inside, sheet = margin[y, x], f4(1) + tooth * f4(0.016)
            bare = sheet * (f4(1) - inside)
            inside *= sheet
            out[0, y, x] = red * (bare + inside * _pigment(wash[0, y, x], grey, density, drawn * r))
            out[1, y, x] = green * (bare + inside * _pigment(wash[1, y, x], grey, density, drawn * g))
            out[2, y, x] = blue * (bare + inside * _pigment(wash[2, y, x], grey, density, drawn * b))


def build(shot: Shot, sample: F32, _solid: F32) -> Watercolour:
    """Paper, blots and a ragged border, by seed."""
    k = unit(shot)
    height, width = sample.shape[1:]
    paper = texture(shot, "paper", 1.2, 24) * 0.75 + texture(shot, "hills", 2.6, 5) * 0.5
    blots = texture(shot, "blots", 3.2, 2)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    edge = np.minimum(np.minimum(columns, width - 1 - columns), np.minimum(rows, height - 1 - rows)) / height
    aside = texture(shot, "aside", 2.6, 6)
    margin = np.clip((edge + blots * 0.010 + aside * 0.004 - 0.030) * 125, 0, 1).astype(np.float32)
    return Watercolour(k, paper, blots, waver(shot, 2.4 * k), margin)
