"""Noir: silver black and white, deep shadows, one broad gate of light across the frame."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.tools import blur, luma, resized, smaller, unit
from kineograph.engines.animatic.noise import F32, f4, lean
from kineograph.engines.animatic.shot import Shot

_FILM = np.array([0.42, 0.44, 0.14], np.float32)  # a panchromatic stock under tungsten light

_MIDDLE = 0.38  # grey of the median before the paper's curve


@dataclass(frozen=True, slots=True)
class Noir:
    """A Style (base.py); `gate`: (h, w) of light let through."""

    k: float
    depth: np.float32  # share of its cube in the grey: white stays white, the middle falls
    gate: F32
    grain: bool = True
    hold: int = 1

    def paint(self, rgb: F32, marks: Marks, _t: float, /) -> F32:
        """Grey by the film's colour sense, halation, local contrast, the gate."""
        grey = luma(rgb, _FILM)
        if self.depth:
            grey *= 1 - self.depth + self.depth * grey * grey
        wide, few = 56 * self.k / 4, smaller(grey, 4)
        halo = blur(np.clip(few - np.float32(0.6), 0, 1), wide) * np.float32(0.8)
        # What the halo adds to the grey, and how far the surroundings of both take from it (local contrast).
        lift = resized(
            halo * np.float32(1.25) - blur(few + halo, wide) * np.float32(0.25), marks.size, cv2.INTER_LINEAR
        )
        if marks.sheet.size:
            lift[marks.box] += marks.pixels((marks.sheet > 0).astype(np.float32)) * np.float32(0.08)
        _print(grey, lift, self.gate, rgb)
        return rgb


@lean
def _print(grey: F32, lift: F32, gate: F32, out: F32) -> None:
    """The gate, the paper's curve; silver into `out`."""
    for y in range(grey.shape[0]):
        for x in range(np.uint64(grey.shape[1])):
            v = min(max(grey[y, x] * f4(1.25) + lift[y, x], f4(0)), f4(1.2)) * gate[y, x]
            v = min(max(v * f4(1.12) - f4(0.03), f4(0)), f4(1))
            v = v * v * (f4(3) - f4(2) * v) * f4(0.55) + v * f4(0.45)
            out[0, y, x] = v + f4(0.008)
            out[1, y, x] = v * f4(0.985) + f4(0.012)
            out[2, y, x] = v * f4(0.955) + f4(0.027)


def build(shot: Shot, sample: F32, _solid: F32) -> Noir:
    """The gate of light, leaning as the seed has it."""
    height, width = sample.shape[1:]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    rng = shot.rng("style gate")
    lean = float(rng.choice((-1.0, 1.0)))
    band = np.sin((rows - lean * columns * 0.30) / height * 5.5 + float(rng.uniform(0.2, 1.0)))
    gate = blur((0.50 + 0.50 * np.clip(band * 1.3 + 0.75, 0, 1)).astype(np.float32), 30 * unit(shot))
    far = np.hypot((columns - width / 2) / width, (rows - height * 0.46) / height * 0.9)
    # Low key: the middle of the picture is dark, be it a forest in fog; what is bright stays bright.
    middle = float(np.median(luma(sample, _FILM)))
    depth = np.float32(min(max((middle - _MIDDLE) / max(middle - middle**3, 1e-3), 0.0), 1.0))
    return Noir(unit(shot), depth, np.asarray(gate * np.clip(1.15 - 1.35 * far**1.6, 0.12, 1), np.float32))
