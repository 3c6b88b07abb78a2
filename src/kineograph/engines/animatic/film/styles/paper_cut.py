"""Paper cut: sheets of card one above the other, each throwing its shadow on the one below."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.film.marks import PER, Marks
from kineograph.engines.animatic.film.styles.tools import LUMA, around, blur, luma, patches, resized, texture, unit
from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean
from kineograph.engines.animatic.shot import Shot

I32 = NDArray[np.int32]

_SHEETS = 5
_INKS = 6  # colours of card that the cast is cut from
_LADDER = np.array([0.90, 0.72, 0.54, 0.36, 0.19], np.float32)  # lightness of the sheets, far to near
_FACE = 0.92  # a sheet is so much its own colour; the rest is a breath of what it stands for
_ABOVE = 16  # more than there are inks
_CUT = 0.012  # lightness over which the edge of a sheet is soft
_PIECE = 0.004  # of its subject's sheet: smaller pieces of other card nobody glues on


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
    hold: int = 2

    def paint(self, rgb: F32, marks: Marks, _t: float, /) -> F32:
        """The light sheet lies lowest, darker ones on it, subjects on top in their own flat colours, far to near."""
        k, size = self.k, marks.size
        calm = patches(rgb, max(2, int(5 * k)), 2)
        few = _levelled(calm, k)
        breath = resized(blur(calm, 15 * k) * np.float32(1 - _FACE), size, cv2.INTER_LINEAR)
        shadows = np.stack([resized(self._shadow(few, level), size, cv2.INTER_LINEAR) for level in self.levels])
        out = np.empty_like(rgb)
        y = np.asarray(
            cv2.copyMakeBorder(resized(few, size, cv2.INTER_CUBIC), 1, 0, 1, 0, cv2.BORDER_REPLICATE), np.float32
        )
        _background(y, shadows, breath, self.levels, self.colours * np.float32(_FACE), f4(1.6 * k), out)
        if marks.sheet.size:
            self._cast(out, rgb, marks)
        out *= self.card
        return out

    def _shadow(self, few: F32, level: float) -> F32:
        """What the sheet of all that is darker throws down and to the right, half the size."""
        k = self.k / 2
        mask = np.clip((level - few) * np.float32(1 / _CUT) + np.float32(0.5), 0, 1)
        shift = np.array([[1, 0, 7 * k], [0, 1, 10 * k]], np.float32)
        return blur(
            np.asarray(cv2.warpAffine(mask, shift, few.shape[::-1], borderMode=cv2.BORDER_REPLICATE), np.float32), 7 * k
        )

    def _cast(self, out: F32, rgb: F32, marks: Marks) -> None:
        """Subjects, each sheet in its colours, and pieces of other card glued on where its colour is another."""
        part = around(marks, int(22 * self.k) + 4)  # their shadow falls no farther
        sheet = np.ascontiguousarray(marks.sheet[::PER, ::PER])
        ranks = _ranks(sheet, marks.nearness[::PER, ::PER])
        ink, counts = np.zeros(sheet.shape, np.int32), np.zeros((len(ranks), len(self.inks)), np.int32)
        _sort(sheet, rgb[:, *marks.box], self.inks, ink, counts)
        most = counts.argmax(1)[:, None]
        chosen = np.where(counts < _PIECE * counts.sum(1, keepdims=True), most, np.arange(len(self.inks)))
        # Above one another: sheets by how near they are; on each its own card, then the pieces.
        above = ranks[:, None] * _ABOVE + np.where(chosen == most, 0, 1 + chosen)
        height, own = (np.zeros(marks.size[::-1], np.int32) for _ in range(2))
        height[marks.box], own[marks.box] = above[sheet, ink], chosen[sheet, ink]
        below = np.ascontiguousarray(out[:, *part])
        _glue(height[part], own[part], self.inks, f4(self.k), below)
        for plane, to in zip(below, out, strict=True):
            to[part] = cv2.GaussianBlur(plane, (0, 0), 0.75)  # nobody cuts along pixels


def _levelled(calm: F32, k: float) -> F32:
    """What the sheets of the background are cut by, (h, w): lightness, and what is low comes before what is high, so that
    ground and sky are cut into hills and banks of cloud and not into blots."""
    down = np.linspace(0.5, -0.5, calm.shape[1], dtype=np.float32)[:, None]
    return blur(luma(calm) + np.float32(0.3) * down, 3.5 * k)


def _ranks(sheet: I32, nearness: F32) -> NDArray[np.int64]:
    """For every number of a sheet its place from far to near, 1 and up; 0 for the set."""
    flat = sheet.ravel()
    count = np.bincount(flat)
    near = np.bincount(flat, nearness.ravel()) / np.maximum(count, 1)
    present = np.flatnonzero(count[1:]) + 1
    ranks = np.zeros(len(count), np.int64)
    ranks[present[np.argsort(near[present])]] = np.arange(1, len(present) + 1)
    return ranks


@helper
def _mask(level: Real, y: Real) -> Real:
    """1 where a sheet lies, with an edge as soft as a cut."""
    return min(max((level - y) * f4(1 / _CUT) + f4(0.5), f4(0)), f4(1))


@lean
def _background(y: F32, shadows: F32, breath: F32, levels: F32, colours: F32, rim: float, out: F32) -> None:
    """Sheets one above the other, the lightest lowest: each first throws its shadow, then its upper edge catches light.

    Args:
        y: Lightness, with a row and a column more at its upper left.
        rim: Width of the lit edge, pixels, less than 1 or as good as 1.
    """
    wide = min(rim, f4(1))
    one, width = np.uint64(1), np.uint64(out.shape[2])
    for j in range(out.shape[1]):
        for c in range(3):
            for x in range(width):
                out[c, j, x] = breath[c, j, x] + colours[0, c]
        for n in range(levels.shape[0]):
            at = levels.shape[0] - 1 - n
            level, r, g, b = levels[at], colours[n + 1, 0], colours[n + 1, 1], colours[n + 1, 2]
            for x in range(width):
                here, beyond = y[j + 1, x + one], y[j, x]
                lies = _mask(level, here)
                bare = f4(1) - lies
                left = (f4(1) - f4(0.46) * shadows[at, j, x] * bare) * bare
                lit = (lies - _mask(level, here + (beyond - here) * wide)) * f4(0.14)
                out[0, j, x] = out[0, j, x] * left + (breath[0, j, x] + r + lit) * lies
                out[1, j, x] = out[1, j, x] * left + (breath[1, j, x] + g + lit) * lies
                out[2, j, x] = out[2, j, x] * left + (breath[2, j, x] + b + lit) * lies


@lean
def _sort(sheet: I32, rgb: F32, inks: F32, ink: I32, counts: I32) -> None:
    """Which ink is nearest to the colour about each pixel of the same sheet, and how many there are of each."""
    h, w = sheet.shape
    for y in range(h):
        for x in range(w):
            own = sheet[y, x]
            if own == 0:
                continue
            r, g, b, total = f4(0), f4(0), f4(0), f4(0)
            for j in range(max(y - 1, 0), min(y + 2, h)):
                for i in range(max(x - 1, 0), min(x + 2, w)):
                    if sheet[j, i] == own:
                        share = f4(1) / (f4(1) + f4(2) * f4(abs(j - y)) + f4(2) * f4(abs(i - x)))
                        r, g, b = r + share * rgb[0, j, i], g + share * rgb[1, j, i], b + share * rgb[2, j, i]
                        total += share
            scale, best, least = f4(1) / total, 0, f4(1e9)
            for k in range(inks.shape[0]):
                dr, dg, db = r * scale - inks[k, 0], g * scale - inks[k, 1], b * scale - inks[k, 2]
                far = dr * dr + dg * dg + db * db
                if far < least:
                    best, least = k, far
            ink[y, x] = best
            counts[own, best] += 1


@lean
def _glue(height: I32, own: I32, inks: F32, k: float, out: F32) -> None:
    """Card of the cast over what is in `out`: shadows on what lies lower, and edges that catch the light.

    Args:
        height: (h, w) 0 for the background; sheets a multiple of _ABOVE, pieces glued on them more.
        own: (h, w) index into `inks`.
    """
    h, w = height.shape
    side, aside, down = f4(4.2) * k, f4(4.2) * k + f4(0.5), f4(6) * k + f4(0.5)
    for y in range(h):
        for x in range(w):
            here, thrown = height[y, x], f4(0)
            for j in range(-1, 2):
                for i in range(-1, 2):
                    row = min(max(int(f4(y) - down + f4(j) * side + f4(0.5)), 0), h - 1)
                    column = min(max(int(f4(x) - aside + f4(i) * side + f4(0.5)), 0), w - 1)
                    if height[row, column] // _ABOVE > here // _ABOVE:
                        thrown += f4(0.25) if i == 0 and j == 0 else (f4(0.125) if i == 0 or j == 0 else f4(0.0625))
            beyond = height[max(y - 1, 0), max(x - 1, 0)]
            if beyond > here and beyond // _ABOVE == here // _ABOVE:
                thrown = max(thrown, f4(0.35))
            rim = f4(0.14) * min(f4(1.6) * k, f4(1)) if beyond < here else f4(0)
            left = f4(1) - f4(0.46) * thrown
            for c in range(3):
                face = inks[own[y, x], c] + rim if here > 0 else out[c, y, x]
                out[c, y, x] = face * left


def _mean(rgb: F32, mask: NDArray[np.bool_]) -> F32:
    """Colour where the mask is; of the whole where it is nowhere, as in the lightest sheet of plain seamless paper."""
    return np.asarray((rgb[:, mask] if mask.any() else rgb.reshape(3, -1)).mean(1), np.float32)


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
    y = _levelled(calm, k)
    y = np.where(
        resized(solid, y.shape[::-1], cv2.INTER_AREA) > 0, np.float32(np.nan), y
    )  # subjects are sheets themselves
    levels = np.nanquantile(y, np.linspace(0.14, 0.86, _SHEETS - 1)).astype(np.float32)
    levels = np.maximum.accumulate(levels + np.arange(_SHEETS - 1, dtype=np.float32) * 0.004)
    edges = [-1.0, *(float(level) for level in levels), 2.0]
    bands = [_mean(calm, (y > low) & (y <= high)) for low, high in pairwise(edges)]
    card = 1 + texture(shot, "card", 1.2, 24) * 0.028 + texture(shot, "fine", 0.4, 60) * 0.018
    inks = _inks(np.ascontiguousarray(sample[:, solid > 0].T))
    return PaperCut(k, levels, _clear(np.array(bands[::-1], np.float32)), np.asarray(card, np.float32), inks)
