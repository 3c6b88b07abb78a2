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
_INKS = 6  # colours of card that the cast is cut from
_LADDER = np.array([0.90, 0.72, 0.54, 0.36, 0.19], np.float32)  # lightness of the sheets, far to near
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
    inks: F32  # (colours, 3) of the cast, light to dark
    grain: bool = False

    def paint(self, rgb: F32, marks: Marks, _t: float, /) -> F32:
        """The light sheet lies lowest, darker ones on it, subjects on top in their own flat colours, far to near."""
        k = self.k
        calm = patches(rgb, max(2, int(5 * k)), 2)
        y = blur(luma(calm), 3 * k)
        # A sheet's own colour has a breath of what it stands for.
        breath = blur(calm, 30 * k) * np.float32(0.08)
        out = np.asarray(breath + self.colours[0] * np.float32(0.92), np.float32)
        for number, level in enumerate(self.levels[::-1]):
            mask = np.clip((level - y) * np.float32(1 / 0.022) + np.float32(0.5), 0, 1)
            self._lay(out, mask, breath, self.colours[number + 1] * np.float32(0.92), 1.0)
        for sheet in self._sheets(marks):
            solid = np.zeros(y.shape, np.bool_)
            solid[marks.box] = marks.sheet == sheet
            part = box_of(solid, int(26 * k) + 4)  # its shadow falls no farther
            self._cut(out[part], rgb[part], solid[part])
        out *= self.card[..., None]
        return out

    def _cut(self, below: F32, rgb: F32, solid: NDArray[np.bool_]) -> None:
        """A subject's sheet, and pieces of other card glued on it where its colour is another."""
        k, mask, none = self.k, solid.astype(np.float32), np.zeros_like(rgb)
        seen = blur(np.where(solid[..., None], rgb, rgb[solid].mean(0)).astype(np.float32), max(1.6 * k, 0.6))
        best = ((seen[..., None, :] - self.inks) ** 2).sum(-1).argmin(-1)
        counts = np.bincount(best[solid], minlength=len(self.inks))
        ground = int(counts.argmax())
        self._lay(below, blur(mask, max(0.8 * k, 0.5)), none, self.inks[ground], 0.6)
        for ink, count in enumerate(counts):
            if ink != ground and count > 0.004 * solid.sum():
                piece = blur(((best == ink) & solid).astype(np.float32), max(1.1 * k, 0.5))
                self._lay(below, piece, none, self.inks[ink], 0.18)

    def _sheets(self, marks: Marks) -> list[int]:
        numbers, counts = np.unique(marks.sheet, return_counts=True)
        big = [
            int(n) for n, c in zip(numbers, counts, strict=True) if n > 0 and c > _LEAST * marks.size[0] * marks.size[1]
        ]
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
    """Card is dyed: clearer than what it stands for, sheets apart in lightness and hue, warm in front of cool."""
    y = (colours @ LUMA)[:, None]
    hue = colours / np.maximum(y, 0.02)
    ladder = _LADDER[:, None] * 0.75 + y * 0.25
    card = _vivid(np.asarray(hue * ladder, np.float32), 1.35)
    # As painters do: lights lean to the sun's yellow, darks to violet.
    lean = np.linspace(1, -1, len(colours), dtype=np.float32)[:, None]
    towards = np.where(lean > 0, np.array([1.0, 0.93, 0.70], np.float32), np.array([0.17, 0.13, 0.36], np.float32))
    return np.asarray(card + (towards - card) * 0.42 * np.abs(lean), np.float32)


def _vivid(colours: F32, gain: float) -> F32:
    grey = (colours @ LUMA)[:, None]
    return np.asarray(np.clip(grey + (colours - grey) * gain, 0.02, 0.98), np.float32)


def _inks(cast: F32) -> F32:
    """Colours of the cast by k-means, from their own order, light to dark."""
    if len(cast) < _INKS:
        return np.full((1, 3), 0.5, np.float32)
    cast = np.ascontiguousarray(cast[:: max(len(cast) // 6000, 1)])
    first = (np.argsort(cast @ LUMA).argsort() * _INKS // len(cast)).astype(np.int32)
    _, _, found = cv2.kmeans(cast, _INKS, first.reshape(-1, 1), (3, 30, 0.002), 1, cv2.KMEANS_USE_INITIAL_LABELS)
    inks: F32 = np.asarray(found, np.float32)
    return _vivid(np.asarray(inks[np.argsort(-(inks @ LUMA))], np.float32), 1.3)


def build(shot: Shot, sample: F32, solid: F32) -> PaperCut:
    """Levels and colours of the sheets are taken once, from the sample: they may not wander during the film."""
    k = unit(shot)
    calm = patches(sample, max(2, int(5 * k)), 2)
    y = blur(luma(calm), 3 * k)
    y = np.where(solid > 0, np.float32(np.nan), y)  # subjects are sheets of their own
    levels = np.nanquantile(y, np.linspace(0.14, 0.86, _SHEETS - 1)).astype(np.float32)
    levels = np.maximum.accumulate(levels + np.arange(_SHEETS - 1, dtype=np.float32) * 0.004)
    edges = [-1.0, *(float(level) for level in levels), 2.0]
    bands = [_mean(calm, ((y > low) & (y <= high)).astype(np.float32)) for low, high in pairwise(edges)]
    card = 1 + texture(shot, "card", 1.2, 24) * 0.028 + texture(shot, "fine", 0.4, 60) * 0.018
    return PaperCut(
        k, levels, _clear(np.array(bands[::-1], np.float32)), np.asarray(card, np.float32), _inks(sample[solid > 0])
    )
