"""Noir: silver black and white, deep shadows, one broad gate of light across the frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.base import blur, unit
from kineograph.engines.animatic.noise import F32, f4, lean
from kineograph.engines.animatic.shot import Shot

_FILM = np.array([0.42, 0.44, 0.14], np.float32)  # a panchromatic stock under tungsten light


@dataclass(frozen=True, slots=True)
class Noir:
    """A Style (base.py); `gate`: (h, w) of light let through."""

    k: float
    gate: F32
    grain: bool = True

    def paint(self, rgb: F32, marks: Marks, _t: float, /) -> F32:
        """Grey by the film's colour sense, halation, local contrast, the gate."""
        y = np.asarray(rgb @ _FILM, np.float32)
        y += blur(np.clip(y - np.float32(0.6), 0, 1), 56 * self.k) * np.float32(0.8)
        _print(y, blur(y, 56 * self.k), marks.subject, self.gate, rgb)
        return rgb


@lean
def _print(grey: F32, around: F32, subject: F32, gate: F32, out: F32) -> None:
    """Local contrast, the gate, the paper's curve; silver into `out`."""
    for y in range(grey.shape[0]):
        for x in range(grey.shape[1]):
            v = grey[y, x] + (grey[y, x] - around[y, x]) * f4(0.25) + subject[y, x] * f4(0.04)
            v = min(max(v, f4(0)), f4(1.2)) * gate[y, x]
            v = min(max(v * f4(1.12) - f4(0.03), f4(0)), f4(1))
            v = v * v * (f4(3) - f4(2) * v) * f4(0.55) + v * f4(0.45)
            out[y, x, 0], out[y, x, 1], out[y, x, 2] = (
                v + f4(0.008),
                v * f4(0.985) + f4(0.012),
                v * f4(0.955) + f4(0.027),
            )


def build(shot: Shot, sample: F32, _solid: F32) -> Noir:
    """The gate of light, leaning as the seed has it."""
    height, width = sample.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    rng = shot.rng("style gate")
    lean = float(rng.choice((-1.0, 1.0)))
    band = np.sin((rows - lean * columns * 0.30) / height * 5.5 + float(rng.uniform(0.2, 1.0)))
    gate = blur((0.66 + 0.34 * np.clip(band * 1.3 + 0.75, 0, 1)).astype(np.float32), 30 * unit(shot))
    far = np.hypot((columns - width / 2) / width, (rows - height * 0.46) / height * 0.9)
    return Noir(unit(shot), np.asarray(gate * np.clip(1.15 - 1.35 * far**1.6, 0.12, 1), np.float32))
