"""Noir: silver black and white, deep shadows, one broad gate of light across the frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.base import blur, unit
from kineograph.engines.animatic.noise import F32
from kineograph.engines.animatic.shot import Shot

_FILM = np.array([0.42, 0.44, 0.14], np.float32)  # a panchromatic stock under tungsten light
_SILVER = np.array([1.0, 0.985, 0.955], np.float32)


@dataclass(frozen=True, slots=True)
class Noir:
    """A Style (base.py); `gate`: (h, w) of light let through."""

    k: float
    gate: F32
    grain: bool = True

    def paint(self, rgb: F32, marks: Marks, _t: float, /) -> F32:
        """Grey by the film's colour sense, halation, local contrast, the gate."""
        y = np.asarray(rgb @ _FILM, np.float32)
        y = y + blur(np.clip(y - 0.6, 0, 1), 56 * self.k) * 0.8
        y = np.clip(y + (y - blur(y, 56 * self.k)) * 0.25 + marks.subject * 0.04, 0, 1.2) * self.gate
        y = np.clip(y * 1.12 - 0.03, 0, 1)
        y = y * y * (3 - 2 * y) * 0.55 + y * 0.45
        return np.asarray(y[..., None] * _SILVER + np.array([0.008, 0.012, 0.027], np.float32), np.float32)


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
