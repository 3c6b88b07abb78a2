"""Pixel art: about 90 rows of squares, a palette of 20 taken once from the film, ordered dither, dark outlines."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kineograph.engines.animatic.film.marks import Marks
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
        side: Of a square, in shading pixels.
    """

    palette: F32
    cells: tuple[int, int]
    side: int
    grain: bool = False

    def paint(self, rgb: F32, marks: Marks, _t: float, /) -> F32:
        """Every cell gets the palette's nearest colour."""
        height, width = rgb.shape[:2]
        small = _vivid(_squares(rgb, self.side, self.cells))
        solid = _squares(marks.subject, self.side, self.cells)
        around = cv2.dilate(solid, np.ones((3, 3), np.uint8)) - solid
        small = small * (1 - 0.65 * np.clip(around, 0, 1))[..., None]
        drawn = np.empty_like(small)
        _nearest(np.ascontiguousarray(small, np.float32), self.palette, _BAYER * np.float32(_DITHER), _WEIGHTS, drawn)
        return np.ascontiguousarray(drawn.repeat(self.side, 0).repeat(self.side, 1)[:height, :width], np.float32)


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


def _squares(picture: F32, side: int, cells: tuple[int, int]) -> F32:
    """Means of squares; those at the edge that the picture ends in are filled up with what is there."""
    columns, rows = cells
    below, right = rows * side - picture.shape[0], columns * side - picture.shape[1]
    whole = cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(whole, cells, interpolation=cv2.INTER_AREA), np.float32)


def _vivid(small: F32) -> F32:
    """With more colour and contrast: little of both survives a palette."""
    grey = small.mean(2, keepdims=True)
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


def build(shot: Shot, sample: F32, solid: F32) -> Pixel:
    """Colours of the set and of the cast, each from its own part of the sample."""
    width, height = shot.shading_size
    side = max(round(height / _ROWS), 1)
    cells = (-(-width // side), -(-height // side))
    colours = _vivid(_squares(sample, side, cells)).reshape(-1, 3)
    cast = _squares(solid, side, cells).reshape(-1) > 0.6
    heroes = _palette(colours[cast], _HERO)
    dark = np.array([[0.05, 0.04, 0.09]], np.float32)
    return Pixel(np.concatenate([_palette(colours[~cast], _COLOURS - 1 - len(heroes)), heroes, dark]), cells, side)
