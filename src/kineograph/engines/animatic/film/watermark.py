"""The visible mark "AI generated", lower right, on finished planes: the unmarked frame stays available."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from kineograph.engines.animatic.noise import F32
from kineograph.media.frame import Frame, Plane

TEXT = "AI generated"
_FONT = cv2.FONT_HERSHEY_DUPLEX
_SHADE = 0.82  # how dark the edge around the letters is at its darkest
_OVER = 4  # drawn this much larger, then averaged: even strokes at 480p


@lru_cache(maxsize=8)
def _masks(width: int, height: int) -> tuple[int, int, F32, F32]:
    """Upper left corner (x, y), both even, and coverage 0…1 of letters and of the shade behind them."""
    short = min(width, height)
    cap = max(short * 0.026, 13.0)  # pixels of a capital: readable at 480p
    thick = max(1, round(cap * _OVER * 0.10))
    scale = cv2.getFontScaleFromHeight(_FONT, round(cap * _OVER), thick)
    (tw, th), base = cv2.getTextSize(TEXT, _FONT, scale, thick)
    pad = round(cap * 0.7)
    w = (tw // _OVER + 2 * pad) // 2 * 2
    h = ((th + base) // _OVER + 2 * pad) // 2 * 2
    canvas = np.zeros((h * _OVER, w * _OVER), np.uint8)
    cv2.putText(canvas, TEXT, (pad * _OVER, pad * _OVER + th), _FONT, scale, 255, thick, cv2.LINE_AA)
    small = cv2.resize(canvas, (w, h), interpolation=cv2.INTER_AREA)
    letters = np.asarray(small, dtype=np.float32) / np.float32(255)
    shade = cv2.GaussianBlur(letters, (0, 0), cap * 0.17)
    shade = np.clip(shade / max(float(shade.max()), 1e-6) * 1.7, 0, 1)
    gap = round(short * 0.012)
    x, y = (width - w - gap) // 2 * 2, (height - h - gap) // 2 * 2
    return x, y, letters, np.asarray(shade, dtype=np.float32)


def _half(mask: F32) -> F32:
    return np.asarray(cv2.resize(mask, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _over(plane: Plane, x: int, y: int, value: float, alpha: F32) -> Plane:
    out = plane.copy()
    part = out[y : y + alpha.shape[0], x : x + alpha.shape[1]]
    part[...] = np.rint(part + (value - part) * alpha).astype(np.uint8)
    return out


def marked(frame: Frame) -> Frame:
    """The frame with the mark; the one handed in is not changed. White letters on a soft dark edge, so that both a
    white and a black picture leave them readable."""
    height, width = frame.y.shape
    x, y, letters, shade = _masks(width, height)
    luma = _over(frame.y, x, y, 40.0, shade * np.float32(_SHADE))
    luma = _over(luma, x, y, 224.0, letters * np.float32(0.92))
    grey = _half(np.maximum(letters, shade * np.float32(_SHADE)))
    return Frame(luma, _over(frame.u, x // 2, y // 2, 128.0, grey), _over(frame.v, x // 2, y // 2, 128.0, grey))
