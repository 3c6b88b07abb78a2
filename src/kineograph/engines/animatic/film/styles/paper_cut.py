"""Paper cut: sheets of card one above the other, each throwing its shadow on the one below."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.film.marks import Marks
from kineograph.engines.animatic.film.styles.base import LUMA, blur, box_of, luma, patches, texture, unit
from kineograph.engines.animatic.noise import F32, f4, lean
from kineograph.engines.animatic.shot import Shot

_SHEETS = 5
_LEAST = 0.0006  # of the picture: smaller pieces nobody cuts


@dataclass(frozen=True, slots=True)
class PaperCut:
    """A Style (base.py).

    Attributes:
        levels: Lightness at which one sheet of the background ends and the next begins, dark to light.
        colours: (sheets, 3) of the background, light to dark.
    """

    k: float
    levels: F32
    colours: F32
    card: F32
    grain: bool = False

    def paint(self, rgb: F32, marks: Marks, _t: float, /) -> F32:
        """The light sheet lies lowest, darker ones on it, subjects on top in their own flat colours, far to near."""
        k = self.k
        calm = patches(rgb, max(3, int(7 * k)), 2)
        y = blur(luma(calm), 5 * k)
        # A sheet's own colour has a breath of what it stands for.
        breath = blur(calm, 30 * k) * np.float32(0.12)
        out = np.asarray(breath + self.colours[0] * np.float32(0.88), np.float32)
        for number, level in enumerate(self.levels[::-1]):
            mask = np.clip((level - y) * np.float32(1 / 0.035) + np.float32(0.5), 0, 1)
            self._lay(out, mask, breath, self.colours[number + 1] * np.float32(0.88), 1.0)
        for sheet in self._sheets(marks):
            solid = marks.sheet == sheet
            part = box_of(solid, int(26 * k) + 4)  # its shadow falls no farther
            self._cut(out[part], rgb[part], solid[part])
        out *= self.card[..., None]
        return out

    def _cut(self, below: F32, rgb: F32, solid: NDArray[np.bool_]) -> None:
        """A subject's sheet: its mean colour, a little lighter where light falls."""
        k, mask = self.k, solid.astype(np.float32)
        colour = rgb[solid].mean(0)
        light = np.clip((blur(luma(rgb), 2.5 * k) - float(colour @ LUMA)) * 5, -1, 1)
        face = np.asarray((0.16 * light)[..., None] * colour, np.float32)
        self._lay(below, blur(mask, max(0.8 * k, 0.5)), face, colour + np.float32(0.02), 0.5)

    def _sheets(self, marks: Marks) -> list[int]:
        numbers, counts = np.unique(marks.sheet, return_counts=True)
        big = [int(n) for n, c in zip(numbers, counts, strict=True) if n > 0 and c > _LEAST * marks.sheet.size]
        return sorted(big, key=lambda n: float(marks.nearness[marks.sheet == n].mean()))

    def _lay(self, out: F32, mask: F32, face: F32, colour: F32, lift: float) -> None:
        """A sheet over what is in `out`, in place: its shadow first, then its lit edge. Its colour is face + colour."""
        k = self.k * lift
        mask = np.ascontiguousarray(mask, np.float32)
        size = (mask.shape[1], mask.shape[0])
        shift = np.array([[1, 0, 7 * k], [0, 1, 10 * k]], np.float32)
        shadow = blur(np.asarray(cv2.warpAffine(mask, shift, size, borderMode=cv2.BORDER_REPLICATE), np.float32), 7 * k)
        back = np.array([[1, 0, 1.6 * self.k], [0, 1, 1.6 * self.k]], np.float32)
        lower = np.asarray(cv2.warpAffine(mask, back, size, borderMode=cv2.BORDER_REPLICATE), np.float32)
        _over(out, mask, shadow, lower, np.ascontiguousarray(face), np.asarray(colour, np.float32))


@lean
def _over(out: F32, mask: F32, shadow: F32, lower: F32, face: F32, colour: F32) -> None:
    """`lower` is the mask a little farther down: where it differs the edge is seen."""
    for y in range(mask.shape[0]):
        for x in range(mask.shape[1]):
            solid = mask[y, x]
            bare = f4(1) - solid
            left = (f4(1) - f4(0.46) * shadow[y, x] * bare) * bare
            rim = (solid - lower[y, x]) * f4(0.14)
            for c in range(3):
                out[y, x, c] = out[y, x, c] * left + (face[y, x, c] + colour[c] + rim) * solid


def _mean(rgb: F32, mask: F32) -> F32:
    return np.asarray((rgb * mask[..., None]).sum((0, 1)) / max(float(mask.sum()), 1.0), np.float32)


def _clear(colours: F32) -> F32:
    """Card is dyed: clearer than what it stands for."""
    grey = colours.mean(1, keepdims=True)
    return np.asarray(np.clip(grey + (colours - grey) * 1.25, 0, 1), np.float32)


def build(shot: Shot, sample: F32, solid: F32) -> PaperCut:
    """Levels and colours of the sheets are taken once, from the sample: they may not wander during the film."""
    k = unit(shot)
    calm = patches(sample, max(3, int(7 * k)), 2)
    y = blur(luma(calm), 5 * k)
    y = np.where(solid > 0, np.float32(np.nan), y)  # subjects are sheets of their own
    levels = np.nanquantile(y, np.linspace(0.14, 0.86, _SHEETS - 1)).astype(np.float32)
    levels = np.maximum.accumulate(levels + np.arange(_SHEETS - 1, dtype=np.float32) * 0.004)
    edges = [-1.0, *(float(level) for level in levels), 2.0]
    bands = [_mean(calm, ((y > low) & (y <= high)).astype(np.float32)) for low, high in pairwise(edges)]
    card = 1 + texture(shot, "card", 1.2, 24) * 0.028 + texture(shot, "fine", 0.4, 60) * 0.018
    return PaperCut(k, levels, _clear(np.array(bands[::-1], np.float32)), np.asarray(card, np.float32))
