"""Vintage film: faded dyes, halation, a light leak, gate weave and flicker of an old projector, dust and a scratch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from kineograph.core.request import FPS
from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.base import blur, luma, unit
from kineograph.engines.animatic.noise import F32
from kineograph.engines.animatic.shot import Shot, named_rng

_DYES = np.array([[1.06, 0.02, 0.0], [0.02, 0.97, 0.0], [0.0, 0.08, 0.78]], np.float32)
_HALO = np.array([0.9, 0.45, 0.25], np.float32)


@dataclass(frozen=True, slots=True)
class Vintage:
    """A Style (base.py); `leak`: (h, w, 3) light let in; `edge`: (h, w, 1) what the lens keeps; `gate`: (h, w, 1) the frame."""

    k: float
    seed: int
    leak: F32
    edge: F32
    gate: F32
    grain: bool = True

    def paint(self, rgb: F32, _marks: Marks, t: float, /) -> F32:
        """Weave, halation, dyes, leak, dust. Weave and flicker are sums of sines: they breathe, they do not jump."""
        k = self.k
        aside = 0.9 * k * math.sin(t * 7.1) + 0.5 * k * math.sin(t * 17.3)
        down = 1.4 * k * math.sin(t * 5.3)
        height, width = rgb.shape[:2]
        move = np.array([[1.01, 0, aside - 0.005 * width], [0, 1.01, down - 0.005 * height]], np.float32)
        a = np.asarray(cv2.warpAffine(rgb, move, (width, height), borderMode=cv2.BORDER_REFLECT), np.float32)
        a = a + blur(np.clip(a - 0.55, 0, 1), 40 * k) * _HALO
        y = luma(a)[..., None]
        a = (y + (a - y) * 0.78) @ _DYES.T
        a = 0.055 + a * 0.90 + np.array([0.025, 0.015, -0.01], np.float32) * (1 - y)
        a = np.clip(a, 0, 1)
        a = (a * a * (3 - 2 * a) * 0.4 + a * 0.6) * self.edge * (1 + 0.022 * math.sin(t * 41) * math.sin(t * 13))
        a = a + self.leak * (0.22 + 0.16 * math.sin(t * 1.3 + 1)) * (1 - a)
        a = np.ascontiguousarray(np.clip(a, 0, 1), np.float32)
        self._dust(a, round(t * FPS))
        return np.asarray(a * self.gate + 0.04 * (1 - self.gate), np.float32)

    def _dust(self, picture: F32, frame: int) -> None:
        """Hairs and specks, another few on every frame, as a projector shows them."""
        rng = named_rng(self.seed, f"dust {frame}")
        height, width = picture.shape[:2]
        for _ in range(int(rng.poisson(2.2))):
            at = (int(rng.integers(0, width)), int(rng.integers(0, height)))
            long = float(rng.uniform(3, 16)) * self.k
            colour = (0.91, 0.89, 0.82) if rng.random() < 0.6 else (0.10, 0.08, 0.06)
            axes = (max(1, int(long)), max(1, int(long * 0.4)))
            turn, end = float(rng.uniform(0, 180)), float(rng.uniform(90, 360))
            cv2.ellipse(picture, at, axes, turn, 0, end, colour, 1, cv2.LINE_AA)


def build(shot: Shot, sample: F32, _solid: F32) -> Vintage:
    """The leak, the lens and the projector's gate."""
    height, width = sample.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y, k = columns / width, rows / height, unit(shot)
    right = np.exp(-(((x - 1.02) / 0.20) ** 2) - ((y - 0.35) / 0.5) ** 2)[..., None] * np.array([1.0, 0.42, 0.10])
    left = np.exp(-(((x + 0.03) / 0.10) ** 2))[..., None] * np.array([0.9, 0.25, 0.12]) * 0.6
    edge = np.clip(1.10 - 1.6 * np.hypot(x - 0.5, (y - 0.5) * 0.8) ** 2, 0.2, 1.1)[..., None]
    radius = 34 * k
    dx = np.maximum(radius - (np.minimum(columns, width - 1 - columns) - width * 0.012), 0)
    dy = np.maximum(radius - (np.minimum(rows, height - 1 - rows) - width * 0.012), 0)
    gate = np.clip((radius - np.hypot(dx, dy)) / (2 * k + 1), 0, 1)[..., None]
    return Vintage(k, shot.seed, (right + left).astype(np.float32), edge.astype(np.float32), gate.astype(np.float32))
