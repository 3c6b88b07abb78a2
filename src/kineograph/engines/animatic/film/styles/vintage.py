"""Vintage film: faded dyes, halation, a light leak, gate weave and flicker of an old projector, dust and a scratch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from kineograph.core.request import FPS
from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.tools import LUMA, spilt, unit
from kineograph.engines.animatic.noise import F32, f4, lean
from kineograph.engines.animatic.shot import Shot, named_rng

_DYES = np.array([[1.06, 0.02, 0.0], [0.02, 0.97, 0.0], [0.0, 0.08, 0.78]], np.float32)
_VEIL = np.array([0.025, 0.015, -0.010], np.float32)  # over shadows
_HALO = np.array([0.9, 0.45, 0.25], np.float32)


@dataclass(frozen=True, slots=True)
class Vintage:
    """A Style (base.py); `leak`: (3, h, w) light let in; `lens`: (h, w) what it keeps; `gate`: (h, w) the frame."""

    k: float
    seed: int
    leak: F32
    lens: F32
    gate: F32
    grain: bool = True
    hold: int = 1

    def paint(self, rgb: F32, _marks: Marks, t: float, /) -> F32:
        """Weave, halation, dyes, leak, dust. Weave and flicker are sums of sines: they breathe, they do not jump."""
        k = self.k
        aside = 0.9 * k * math.sin(t * 7.1) + 0.5 * k * math.sin(t * 17.3)
        down = 1.4 * k * math.sin(t * 5.3)
        height, width = rgb.shape[1:]
        move = np.array([[1.01, 0, aside - 0.005 * width], [0, 1.01, down - 0.005 * height]], np.float32)
        a = np.empty_like(rgb)
        for plane, to in zip(rgb, a, strict=True):
            cv2.warpAffine(plane, move, (width, height), dst=to, borderMode=cv2.BORDER_REFLECT)
        flicker = f4(1 + 0.022 * math.sin(t * 41) * math.sin(t * 13))
        leak = f4(0.22 + 0.16 * math.sin(t * 1.3 + 1))
        halo = spilt(a, 0.55, 40 * k)
        self._dust(a, round(t * FPS))
        _fade(a, halo, self.lens, self.leak, self.gate, flicker, leak, _faded(), rgb)
        return rgb

    def _dust(self, picture: F32, frame: int) -> None:
        """Hairs and specks, another few on every frame, as a projector shows them."""
        rng = named_rng(self.seed, f"dust {frame}")
        height, width = picture.shape[1:]
        for _ in range(int(rng.poisson(2.2))):
            at = (int(rng.integers(0, width)), int(rng.integers(0, height)))
            long = float(rng.uniform(3, 16)) * self.k
            colour = (0.95, 0.94, 0.95) if rng.random() < 0.6 else (0.06, 0.04, 0.03)
            axes = (max(1, int(long)), max(1, int(long * 0.4)))
            turn, end = float(rng.uniform(0, 180)), float(rng.uniform(90, 360))
            for plane, level in zip(picture, colour, strict=True):
                cv2.ellipse(plane, at, axes, turn, 0, end, level, 1, cv2.LINE_AA)


@lru_cache(maxsize=1)
def _faded() -> F32:
    """(3, 7) what each channel takes of red, green and blue, of their halation, and in any case: paled, veiled, dyed."""
    pale = 0.78 * np.eye(3) + 0.22 * LUMA
    dyed = 0.90 * _DYES @ pale - _VEIL[:, None] * LUMA
    return np.hstack([dyed, dyed * _HALO, 0.055 + _VEIL[:, None]]).astype(np.float32)


@lean
def _fade(
    a: F32, halo: F32, lens: F32, leak: F32, gate: F32, flicker: float, share: float, dyes: F32, out: F32
) -> None:  # fmt: skip
    """Halation and faded dyes, contrast, lens, leak and gate."""
    for y in range(a.shape[1]):
        for c in range(3):
            r, g, b, rest = dyes[c, 0], dyes[c, 1], dyes[c, 2], dyes[c, 6]
            hr, hg, hb = dyes[c, 3], dyes[c, 4], dyes[c, 5]
            for x in range(np.uint64(a.shape[2])):
                v = rest + r * a[0, y, x] + g * a[1, y, x] + b * a[2, y, x]
                v += hr * halo[0, y, x] + hg * halo[1, y, x] + hb * halo[2, y, x]
                v = min(max(v, f4(0)), f4(1))
                v = (v * v * (f4(3) - f4(2) * v) * f4(0.4) + v * f4(0.6)) * lens[y, x] * flicker
                v += leak[c, y, x] * share * (f4(1) - v)
                out[c, y, x] = min(max(v, f4(0)), f4(1)) * gate[y, x] + f4(0.04) * (f4(1) - gate[y, x])


def build(shot: Shot, sample: F32, _solid: F32) -> Vintage:
    """The leak, the lens and the projector's gate."""
    height, width = sample.shape[1:]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y, k = columns / width, rows / height, unit(shot)
    right = np.exp(-(((x - 1.02) / 0.20) ** 2) - ((y - 0.35) / 0.5) ** 2) * np.array([1.0, 0.42, 0.10])[:, None, None]
    left = np.exp(-(((x + 0.03) / 0.10) ** 2)) * np.array([0.9, 0.25, 0.12])[:, None, None] * 0.6
    lens = np.clip(1.10 - 1.6 * np.hypot(x - 0.5, (y - 0.5) * 0.8) ** 2, 0.2, 1.1)
    radius = 34 * k
    dx = np.maximum(radius - (np.minimum(columns, width - 1 - columns) - width * 0.012), 0)
    dy = np.maximum(radius - (np.minimum(rows, height - 1 - rows) - width * 0.012), 0)
    gate = np.clip((radius - np.hypot(dx, dy)) / (2 * k + 1), 0, 1)
    return Vintage(k, shot.seed, (right + left).astype(np.float32), lens.astype(np.float32), gate.astype(np.float32))
