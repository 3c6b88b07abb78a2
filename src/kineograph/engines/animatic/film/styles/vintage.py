"""Vintage film: faded dyes, halation, a light leak, gate weave and flicker of an old projector, dust and a scratch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from kineograph.core.request import FPS
from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.base import blur, unit
from kineograph.engines.animatic.noise import F32, f4, lean
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
        halo = blur(np.clip(a - np.float32(0.55), 0, 1), 40 * k)
        flicker = np.float32(1 + 0.022 * math.sin(t * 41) * math.sin(t * 13))
        leak = np.float32(0.22 + 0.16 * math.sin(t * 1.3 + 1))
        _fade(a, halo, self.edge, self.leak, flicker, leak, _DYES, _HALO)
        self._dust(a, round(t * FPS))
        a *= self.gate
        a += np.float32(0.04) * (1 - self.gate)
        return a

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


@lean
def _fade(a: F32, halo: F32, edge: F32, leak: F32, flicker: float, share: float, dyes: F32, tint: F32) -> None:
    """Halation, faded dyes, contrast, edge and leak, in place."""
    for y in range(a.shape[0]):
        for x in range(a.shape[1]):
            r = a[y, x, 0] + halo[y, x, 0] * tint[0]
            g = a[y, x, 1] + halo[y, x, 1] * tint[1]
            b = a[y, x, 2] + halo[y, x, 2] * tint[2]
            grey = f4(0.2126) * r + f4(0.7152) * g + f4(0.0722) * b
            r, g, b = (grey + (r - grey) * f4(0.78), grey + (g - grey) * f4(0.78), grey + (b - grey) * f4(0.78))
            kept = edge[y, x, 0] * flicker
            for c in range(3):
                v = r * dyes[c, 0] + g * dyes[c, 1] + b * dyes[c, 2]
                v = f4(0.055) + v * f4(0.90) + (f4(0.025) - f4(c) * f4(0.010) - f4(c == 2) * f4(0.015)) * (f4(1) - grey)
                v = min(max(v, f4(0)), f4(1))
                v = (v * v * (f4(3) - f4(2) * v) * f4(0.4) + v * f4(0.6)) * kept
                v += leak[y, x, c] * share * (f4(1) - v)
                a[y, x, c] = min(max(v, f4(0)), f4(1))


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
