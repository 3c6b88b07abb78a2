"""Pixel art: 180 rows, a palette of 28 taken once from the film, ordered dither, dark outlines."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.noise import F32, f4, lean
from kineograph.engines.animatic.shot import Shot

_ROWS, _COLOURS = 180, 28
_WEIGHTS = np.array([0.30, 0.59, 0.18], np.float32)
_BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) / 16 - 0.5
_DITHER = 0.05


@dataclass(frozen=True, slots=True)
class Pixel:
    """A Style (base.py).

    Attributes:
        palette: (colours, 3).
        cells: Columns and rows.
    """

    palette: F32
    cells: tuple[int, int]
    grain: bool = False

    def paint(self, rgb: F32, marks: Marks, _t: float, /) -> F32:
        """Every cell gets the palette's nearest colour."""
        small = _vivid(rgb, self.cells)
        solid = cv2.resize(marks.subject, self.cells, interpolation=cv2.INTER_AREA)
        around = cv2.dilate(solid, np.ones((3, 3), np.uint8)) - solid
        small = small * (1 - 0.65 * np.clip(around, 0, 1))[..., None]
        drawn = np.empty_like(small)
        _nearest(np.ascontiguousarray(small, np.float32), self.palette, _BAYER * np.float32(_DITHER), _WEIGHTS, drawn)
        size = (rgb.shape[1], rgb.shape[0])
        return np.asarray(cv2.resize(drawn, size, interpolation=cv2.INTER_NEAREST), np.float32)


@lean
def _nearest(small: F32, palette: F32, dither: F32, weights: F32, out: F32) -> None:
    """Every cell's nearest colour, dithered."""
    for y in range(small.shape[0]):
        for x in range(small.shape[1]):
            push, best, least = dither[y & 3, x & 3], 0, f4(1e9)
            for k in range(palette.shape[0]):
                far = f4(0)
                for c in range(3):
                    d = small[y, x, c] + push - palette[k, c]
                    far += d * d * weights[c]
                if far < least:
                    best, least = k, far
            for c in range(3):
                out[y, x, c] = palette[best, c]


def _vivid(rgb: F32, cells: tuple[int, int]) -> F32:
    """Small, with more colour and contrast: little of both survives a palette."""
    small = np.asarray(cv2.resize(rgb, cells, interpolation=cv2.INTER_AREA), np.float32)
    grey = small.mean(2, keepdims=True)
    return np.asarray(np.clip((grey + (small - grey) * 1.3 - 0.5) * 1.0 + 0.51, 0, 1), np.float32)


def build(shot: Shot, sample: F32, _solid: F32) -> Pixel:
    """The palette: k-means over the sample, which starts from its own sorted colours, not from chance."""
    width, height = shot.shading_size
    rows = min(_ROWS, height)
    cells = (max(round(rows * width / height), 1), rows)
    colours = _vivid(sample, cells).reshape(-1, 3)
    first = (np.argsort(colours @ _WEIGHTS).argsort() * _COLOURS // len(colours)).astype(np.int32)
    _, _, palette = cv2.kmeans(
        colours, _COLOURS, first.reshape(-1, 1), (3, 30, 0.002), 1, cv2.KMEANS_USE_INITIAL_LABELS
    )
    dark = np.array([[0.05, 0.04, 0.09]], np.float32)
    return Pixel(np.concatenate([np.asarray(palette, np.float32), dark]), cells)
