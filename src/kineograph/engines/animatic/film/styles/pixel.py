"""Pixel art: about 90 rows of squares, a palette of 20 taken once from the film, ordered dither, dark outlines."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.tools import resized
from kineograph.engines.animatic.noise import F32, f4, lean
from kineograph.engines.animatic.shot import Shot

_ROWS, _COLOURS = 90, 20
_HERO = 8  # of them for the cast, which is small and must not be painted in the colours of its forest
_WEIGHTS = np.array([0.30, 0.59, 0.18], np.float32)
_BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) / 16 - 0.5
_DITHER = 0.03


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
    hold: int = 2

    def paint(self, rgb: F32, marks: Marks, _t: float, /) -> F32:
        """Every cell gets the palette's nearest colour; four pixels a cell, which the film stage makes as large as it is."""
        small = _vivid(resized(rgb, self.cells, cv2.INTER_AREA))
        solid = resized(marks.subject, self.cells, cv2.INTER_AREA)
        around = cv2.dilate(solid, np.ones((3, 3), np.uint8)) - solid
        small *= 1 - np.float32(0.65) * np.clip(around, 0, 1)
        drawn = np.empty_like(small)
        _nearest(small, self.palette, _BAYER * np.float32(_DITHER), _WEIGHTS, drawn)
        return drawn.repeat(2, 1).repeat(2, 2)


@lean
def _nearest(small: F32, palette: F32, dither: F32, weights: F32, out: F32) -> None:
    """Every cell's nearest colour, dithered."""
    for y in range(small.shape[1]):
        for x in range(small.shape[2]):
            push, best, least = dither[y & 3, x & 3], 0, f4(1e9)
            for k in range(palette.shape[0]):
                far = f4(0)
                for c in range(3):
                    d = small[c, y, x] + push - palette[k, c]
                    far += d * d * weights[c]
                if far < least:
                    best, least = k, far
            for c in range(3):
                out[c, y, x] = palette[best, c]


def _vivid(small: F32) -> F32:
    """With more colour and contrast: little of both survives a palette."""
    grey = small.mean(0)
    return np.asarray(np.clip((grey + (small - grey) * 1.4 - 0.5) * 1.04 + 0.5, 0, 1), np.float32)


def _palette(colours: F32, count: int) -> F32:
    """k-means that starts from the colours' own order, not from chance."""
    if len(colours) < count:
        return colours
    first = (np.argsort(colours @ _WEIGHTS).argsort() * count // len(colours)).astype(np.int32)
    _, _, palette = cv2.kmeans(
        np.ascontiguousarray(colours), count, first.reshape(-1, 1), (3, 30, 0.002), 1, cv2.KMEANS_USE_INITIAL_LABELS
    )
    return np.asarray(palette, np.float32)


def side_of(shot: Shot) -> int:
    """Of a square, in pixels of the film; even, as its colour is half as fine."""
    return max(round(shot.height / _ROWS / 2) * 2, 2)


def build(shot: Shot, sample: F32, solid: F32) -> Pixel:
    """Colours of the set and of the cast, each from its own part of the sample."""
    side = side_of(shot)
    cells = (-(-shot.width // side), -(-shot.height // side))
    colours = _vivid(resized(sample, cells, cv2.INTER_AREA)).reshape(3, -1).T
    cast = resized(solid, cells, cv2.INTER_AREA).reshape(-1) > 0.6
    heroes = _palette(colours[cast], _HERO)
    dark = np.array([[0.05, 0.04, 0.09]], np.float32)
    return Pixel(np.concatenate([_palette(colours[~cast], _COLOURS - 1 - len(heroes)), heroes, dark]), cells)
