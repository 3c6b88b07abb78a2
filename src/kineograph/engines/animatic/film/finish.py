"""The film stage every path ends in: bloom, tone, upscale, grain, I420."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np

from kineograph.engines.animatic.film.develop import NUMBERS, PLACES, develop
from kineograph.engines.animatic.film.enlarge import doubled
from kineograph.engines.animatic.film.planes import to_planes, to_rgb
from kineograph.engines.animatic.film.tone import Look, cinematic, paper, tabulate
from kineograph.engines.animatic.light.tables import grade_of
from kineograph.engines.animatic.noise import F32, helper, kernel
from kineograph.engines.animatic.shot import Shot, named_rng
from kineograph.media.frame import Frame, Plane

Tone = Literal["cinematic", "product"]
# Pixels: edges of a part that is toned alone lie on multiples of this, so that its dither (64 pixels, of luma and of chroma)
# fits, and so that what runs several pixels at a time, and rounds a little differently there, does so in the whole too.
_STEP = 128
_TILE = 256  # grain is read from a random corner of a tile this much larger than the frame
_GRAIN = 1.25  # deviation in 8-bit levels: seen, and x264 still throws most of it away


def bloom(picture: F32) -> F32:
    """Light spilt by bright spots, (h/2, w/2, 3): a tight and a wide halo. Sizes follow the frame's height."""
    h, w = picture.shape[:2]
    step = 8 if h >= 400 else 4  # pixels a side that the tight halo does not tell apart
    size = (max(w // step, 2), max(h // step, 2))
    small = np.minimum(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), 6.0)
    # Less what the smaller picture has blurred already: a square of n pixels has a variance of n² / 12.
    tight = cv2.GaussianBlur(small, (0, 0), max((h * 0.010) ** 2 - step**2 / 12, 0.25) ** 0.5 / step)
    tiny = cv2.resize(small, (max(w // 16, 2), max(h // 16, 2)), interpolation=cv2.INTER_AREA)
    wide = cv2.resize(cv2.GaussianBlur(tiny, (0, 0), h / 16 * 0.06), size, interpolation=cv2.INTER_LINEAR)
    both = cv2.addWeighted(tight, 0.5, wide, 0.5, 0)
    return np.asarray(cv2.resize(both, (w // 2, h // 2), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


@lru_cache(maxsize=4)
def _dither() -> F32:
    """Blue-ish noise 0…1, (64, 64): white noise with its low frequencies taken out, then ranked."""
    noise = named_rng(0, "dither").standard_normal((64, 64))
    fy, fx = np.fft.fftfreq(64)[:, None], np.fft.rfftfreq(64)[None, :]
    high = np.fft.irfft2(np.fft.rfft2(noise) * np.hypot(fy, fx), s=(64, 64))
    rank = np.argsort(np.argsort(high.ravel())).reshape(64, 64)
    return ((rank + 0.5) / rank.size).astype(np.float32)


@lru_cache(maxsize=4)
def _grain(width: int, height: int, seed: int) -> tuple[Plane, Plane]:
    """What to add and what to take away, (height + 256, width + 256): soft-edged grain of the film's own size."""
    shape = (height + _TILE, width + _TILE)
    grain = named_rng(seed, "grain").standard_normal(shape, dtype=np.float32)
    grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), max(0.45, 0.55 * height / 1088)), dtype=np.float32)
    whole = np.rint(grain * (_GRAIN / float(grain.std()))).astype(np.int16)
    return np.clip(whole, 0, 9).astype(np.uint8), np.clip(-whole, 0, 9).astype(np.uint8)


@lru_cache(maxsize=2)
def _nothing(width: int, height: int) -> tuple[Plane, Plane]:
    """No grain."""
    none = np.zeros((height, width), np.uint8)
    return none, none


def _enlarge(plane: Plane, size: tuple[int, int], *, crisp: bool) -> Plane:
    if (plane.shape[1], plane.shape[0]) == size:
        return plane
    if not crisp:
        return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    large = cv2.resize(plane, size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.addWeighted(large, 1.5, cv2.GaussianBlur(large, (3, 3), 0), -0.5, 0), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Blank:
    """The empty set of a product shot, toned once: a frame then only tones what differs from it.

    Attributes:
        picture: (h, w, 3) as the setting paints it, the same for every frame.
        planes: Luma (h, w), U and V (h/2, w/2) at shading size.
        frame: The same at the film's size.
    """

    picture: F32
    planes: tuple[Plane, Plane, Plane]
    frame: Frame


def blank_of(picture: F32, shot: Shot) -> Blank:
    """Tone an empty product set. Nothing in the product tone depends on where a pixel is or on its neighbours, dither
    apart, which repeats every 64 pixels: that is why a part can be toned alone."""
    planes = _toned(picture, paper())
    return Blank(picture, planes, _enlarged(*planes, shot, 0, grain=paper().grain))


@helper
def _differs(picture: F32, blank: F32, y: int, first: int, last: int) -> bool:
    """Whether anything of a row does, between two numbers. It looks at all of them: that runs many at a time."""
    found = np.uint32(0)
    for x in range(np.uint64(first), np.uint64(last)):
        found += np.uint32(picture[np.uint64(y), x] != blank[np.uint64(y), x])
    return bool(found > 0)


@kernel
def _changed(picture: F32, blank: F32, step: int) -> tuple[int, int, int]:
    """Bottom, left and right of what differs, the bottom and the right excluded, the sides in steps; all 0 if nothing does.

    Args:
        picture, blank: (h, 3w), red, green and blue of each pixel in turn.
    """
    width = picture.shape[1] // 3
    bottom, left, right = 0, width, 0
    for first in range(0, width, step):
        last = min(first + step, width)
        y = picture.shape[0] - 1
        while y >= 0 and not _differs(picture, blank, y, 3 * first, 3 * last):
            y -= 1
        if y >= 0:
            bottom, left, right = max(bottom, y + 1), min(left, first), last
    return (bottom, left, right) if bottom > 0 else (0, 0, 0)


def _toned(picture: F32, look: Look, blank: Blank | None = None) -> tuple[Plane, Plane, Plane]:
    """Planes at shading size; where there is a blank, only what differs from it is worked out."""
    if blank is not None:
        return _retoned(picture, look, blank)[0]
    h, w = picture.shape[:2]
    ys = np.empty((h, w), np.uint8)
    us, vs = np.empty((h // 2, w // 2), np.uint8), np.empty((h // 2, w // 2), np.uint8)
    halo = bloom(picture) if look.spill else np.zeros((1, 1, 3), np.float32)
    row, place = np.empty(NUMBERS, np.float32), np.empty(PLACES, np.int32)
    light = np.ascontiguousarray(picture).reshape(h, 3 * w)
    develop(light, halo, *tabulate(look), look.numbers(), _dither(), row, place, ys, us, vs)
    return ys, us, vs


Box = tuple[int, int, int, int]  # top, bottom, left, right, ends excluded


def _retoned(picture: F32, look: Look, blank: Blank) -> tuple[tuple[Plane, Plane, Plane], list[Box]]:
    """The blank's planes with what differs worked out anew, in strips: a shadow is wide where the bottle is narrow. And
    where that was."""
    ys, us, vs = (plane.copy() for plane in blank.planes)
    boxes: list[Box] = []
    height, width = picture.shape[:2]
    here, empty = (np.ascontiguousarray(one).reshape(height, 3 * width) for one in (picture, blank.picture))
    for top in range(0, height, _STEP):
        lines, left, right = _changed(here[top : top + _STEP], empty[top : top + _STEP], _STEP)
        if lines == 0:
            continue
        bottom = top + lines + lines % 2
        inner = _toned(np.ascontiguousarray(picture[top:bottom, left:right]), look)
        ys[top:bottom, left:right] = inner[0]
        us[top // 2 : bottom // 2, left // 2 : right // 2] = inner[1]
        vs[top // 2 : bottom // 2, left // 2 : right // 2] = inner[2]
        boxes.append((top, bottom, left, right))
    return (ys, us, vs), boxes


Treat = Callable[[F32], F32]  # (3, h, w) display values 0…1 -> the same in a style


def finish(
    picture: F32,
    shot: Shot,
    frame_index: int,
    tone: Tone = "cinematic",
    blank: Blank | None = None,
    treat: Treat | None = None,
    *,
    grain: bool = True,
) -> Frame:
    """A shaded picture as the encoder takes it. Pure and thread-safe.

    Args:
        picture: (h, w, 3) linear scene-referred RGB at shading size, both even.
        frame_index: Picks the corner of the grain.
        tone: `product` keeps colours up to 0.8 as they are and white paper exactly white.
        blank: Of a product shot, to save work; changes nothing.
        treat: A style, between the tone and the enlargement. If it hands back another size, its pixels become squares.
        grain: False for styles whose paper has its own.
    """
    look = look_of(shot, tone)
    if blank is not None and tone == "product" and treat is None and _doubles(picture.shape, shot):
        return _patched(*_retoned(picture, look, blank), blank.frame, shot)
    ys, us, vs = _toned(picture, look, blank if tone == "product" else None)
    if treat is not None:
        ys, us, vs = to_planes(treat(to_rgb(ys, us, vs)))
        if ys.shape != picture.shape[:2]:
            return Frame(*(_squares(plane, shot, part) for plane, part in ((ys, 1), (us, 2), (vs, 2))))
    return _enlarged(ys, us, vs, shot, frame_index, grain=look.grain and grain)


def _enlarged(ys: Plane, us: Plane, vs: Plane, shot: Shot, frame_index: int, *, grain: bool) -> Frame:
    """From shading size to the film's."""
    half = (shot.width // 2, shot.height // 2)
    return Frame(
        _luma(ys, shot, frame_index, grain=grain),
        _enlarge(us, half, crisp=False),  # between neighbours, so it stays within 16…240
        _enlarge(vs, half, crisp=False),
    )


def _doubles(shape: tuple[int, ...], shot: Shot) -> bool:
    """Whether the film is just twice as large as what is shaded, each way."""
    return (2 * shape[1], 2 * shape[0]) == (shot.width, shot.height)


def _patched(planes: tuple[Plane, Plane, Plane], boxes: Sequence[Box], frame: Frame, shot: Shot) -> Frame:
    """The enlarged blank with what differs enlarged anew. Enlarging and sharpening reach three pixels far: a box is worked
    on with twice as much around it as is written."""
    height, width = planes[0].shape
    more, less = _nothing(shot.width, shot.height)
    large = Frame(*(plane.copy() for plane in frame))
    for box in boxes:
        outer, written = _around(box, 2, height, width), _around(box, 1, height, width)
        (top, bottom, left, right), size = outer, (outer[3] - outer[2], outer[1] - outer[0])
        luma = np.empty((2 * size[1], 2 * size[0]), np.uint8)
        small = np.ascontiguousarray(planes[0][top:bottom, left:right])
        doubled(small, more, less, 0, 0, np.empty((9, size[0] + 32), np.float32), luma)
        _put(luma, large.y, outer, written, 2)
        for plane, whole in ((planes[1], large.u), (planes[2], large.v)):
            part = plane[top // 2 : bottom // 2, left // 2 : right // 2]
            _put(_enlarge(part, size, crisp=False), whole, outer, written, 1)
    return large


def _around(box: Box, times: int, height: int, width: int) -> Box:
    """The box with so many times 4 rows and 16 columns more on every side, within the picture: what runs many columns at a
    time then does so in the same company."""
    top, bottom, left, right = box
    down, aside = 4 * times, 16 * times
    return max(top - down, 0), min(bottom + down, height), max(left - aside, 0), min(right + aside, width)


def _put(part: Plane, whole: Plane, outer: Box, written: Box, times: int) -> None:
    """Of what was worked out for the outer box what is to be written; boxes in pixels of which the plane has `times`."""
    top, bottom, left, right = (times * edge for edge in written)
    down, aside = times * outer[0], times * outer[2]
    whole[top:bottom, left:right] = part[top - down : bottom - down, left - aside : right - aside]


def _squares(plane: Plane, shot: Shot, part: int) -> Plane:
    """Every pixel as large as it must be to fill the film, or half of it each way; what is too much is cut off."""
    width, height = shot.width // part, shot.height // part
    side = -(-width // plane.shape[1])
    return np.ascontiguousarray(plane.repeat(side, 1)[:, :width].repeat(side, 0)[:height])


def _luma(ys: Plane, shot: Shot, frame_index: int, *, grain: bool) -> Plane:
    """Luma at the film's size, sharpened a little, with grain, within limited range."""
    size = (shot.width, shot.height)
    more, less = _grain(*size, shot.seed) if grain else _nothing(*size)
    down, aside = ((frame_index * 97) % _TILE, (frame_index * 57) % _TILE) if grain else (0, 0)
    if _doubles(ys.shape, shot):
        large = np.empty((shot.height, shot.width), np.uint8)
        doubled(ys, more, less, down, aside, np.empty((9, ys.shape[1] + 32), np.float32), large)
        return large
    large = _enlarge(ys, size, crisp=True)
    if grain:
        part = np.s_[down : down + size[1], aside : aside + size[0]]
        large = np.asarray(cv2.subtract(cv2.add(large, more[part]), less[part]), dtype=np.uint8)
    return np.clip(large, 16, 235, out=None if large is ys else large)


def look_of(shot: Shot, tone: Tone) -> Look:
    """How light becomes picture in this shot."""
    return paper() if tone == "product" else cinematic(grade_of(shot.spec.time, shot.grade), shot.exposure)


def displayed(picture: F32, shot: Shot, tone: Tone = "cinematic") -> F32:
    """(3, h, w) display values 0…1 of a shaded picture: what a style begins with."""
    return to_rgb(*_toned(picture, look_of(shot, tone)))
