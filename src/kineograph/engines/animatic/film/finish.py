"""The film stage every path ends in: bloom, tone, upscale, grain, I420."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.film.tone import CURVE, Look, cinematic, paper, tabulate
from kineograph.engines.animatic.light.tables import grade_of
from kineograph.engines.animatic.noise import F32, Real, f4, kernel
from kineograph.engines.animatic.shot import Shot, named_rng
from kineograph.media.frame import Frame, Plane

I32 = NDArray[np.int32]

Tone = Literal["cinematic", "product"]
_STEP = 128  # pixels: corners of a part that is toned alone, so that its dither (64 pixels, of luma and of chroma) fits
_TILE = 256  # grain is read from a random corner of a tile this much larger than the frame
_GRAIN = 1.25  # deviation in 8-bit levels: seen, and x264 still throws most of it away


def bloom(picture: F32) -> F32:
    """Light spilt by bright spots, (h/4, w/4, 3): a tight and a wide halo. Sizes follow the frame's height."""
    h, w = picture.shape[:2]
    small = np.minimum(cv2.resize(picture, (w // 4, h // 4), interpolation=cv2.INTER_AREA), 6.0)
    tight = cv2.GaussianBlur(small, (0, 0), h / 4 * 0.010)
    tiny = cv2.resize(small, (max(w // 16, 2), max(h // 16, 2)), interpolation=cv2.INTER_AREA)
    wide = cv2.resize(cv2.GaussianBlur(tiny, (0, 0), h / 16 * 0.06), (w // 4, h // 4), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.addWeighted(tight, 0.5, wide, 0.5, 0), dtype=np.float32)


# A row is worked through in several short loops over planes of numbers: loops this simple run eight pixels at a time,
# which a loop over whole pixels does not (measured: 7.5 ms instead of 17 for 960×544).


@kernel
def _spill_row(halo: F32, row: Real, scale: Real, spill: Real, out: F32) -> None:
    """The halo's share of light along one row of 2×2 blocks, into (3, width / 2)."""
    j = int(min(row, f4(halo.shape[0] - 1.01)))
    v = min(row, f4(halo.shape[0] - 1.01)) - f4(j)
    for bx in range(out.shape[1]):
        at = min(f4(bx) * scale, f4(halo.shape[1] - 1.01))
        i = int(at)
        u = at - f4(i)
        for c in range(3):
            top = halo[j, i, c] * (f4(1) - u) + halo[j, i + 1, c] * u
            low = halo[j + 1, i, c] * (f4(1) - u) + halo[j + 1, i + 1, c] * u
            out[c, bx] = (top * (f4(1) - v) + low * v) * spill


@kernel
def _light_row(picture: F32, y: int, spilt: F32, look: F32, rgb: F32) -> None:
    """Scene light of one row with halo and vignette, into (3, width)."""
    width = picture.shape[1]
    keep, edge = f4(1) - look[9], look[10]
    across, down = f4(1 / width), f4(y / picture.shape[0] - 0.5)
    for x in range(width):
        dx = f4(x) * across - f4(0.5)
        e = f4(1) - edge * (dx * dx + down * down)
        h = x >> 1
        rgb[0, x] = max((picture[y, x, 0] * keep + spilt[0, h]) * e, f4(0))
        rgb[1, x] = max((picture[y, x, 1] * keep + spilt[1, h]) * e, f4(0))
        rgb[2, x] = max((picture[y, x, 2] * keep + spilt[2, h]) * e, f4(0))


@kernel
def _tone_row(rgb: F32, curve: F32, look: F32, steps: Real, peak: F32, place: I32) -> None:
    """Scene-referred linear -> places 0…steps in the display transfer, into rows 0…2 of (4, width).

    The brightest channel goes through the curve and the others keep their ratio to it, so an orange coat stays orange;
    the brighter it is, the more of each channel's own curve is mixed in, so that light still burns out to white.
    """
    most = f4(curve.shape[0] - 1)
    top = most / f4(CURVE)
    for x in range(rgb.shape[1]):
        peak[x] = max(max(rgb[0, x], rgb[1, x]), max(rgb[2, x], f4(1e-6)))
        place[0, x] = np.int32(min(math.sqrt(rgb[0, x]) * top + f4(0.5), most))
        place[1, x] = np.int32(min(math.sqrt(rgb[1, x]) * top + f4(0.5), most))
        place[2, x] = np.int32(min(math.sqrt(rgb[2, x]) * top + f4(0.5), most))
        place[3, x] = np.int32(min(math.sqrt(peak[x]) * top + f4(0.5), most))
    for x in range(rgb.shape[1]):
        burn = min(peak[x] * look[7], f4(1)) * look[8]
        k = curve[place[3, x]] / peak[x] * (f4(1) - burn) * steps
        burn *= steps
        place[0, x] = np.int32(min(rgb[0, x] * k + burn * curve[place[0, x]], steps))
        place[1, x] = np.int32(min(rgb[1, x] * k + burn * curve[place[1, x]], steps))
        place[2, x] = np.int32(min(rgb[2, x] * k + burn * curve[place[2, x]], steps))


@kernel
def _display_row(place: I32, gamma: F32, look: F32, luma: F32, chroma: F32, q: int) -> None:
    """sRGB, saturation and split tone; luma 0…1 into (width,), U and V into (2, 2, width) at row q."""
    s = look[0]
    for x in range(luma.shape[0]):
        r, g, b = gamma[place[0, x]], gamma[place[1, x]], gamma[place[2, x]]
        grey = f4(0.2126) * r + f4(0.7152) * g + f4(0.0722) * b
        dark = (f4(1) - grey) * (f4(1) - grey) * min(grey * f4(12), f4(1))
        light = grey * grey * (f4(1) - grey) * f4(3)
        r = grey + (r - grey) * s + look[1] * dark + look[4] * light
        g = grey + (g - grey) * s + look[2] * dark + look[5] * light
        b = grey + (b - grey) * s + look[3] * dark + look[6] * light
        luma[x] = f4(0.2126) * r + f4(0.7152) * g + f4(0.0722) * b
        chroma[0, q, x] = f4(-0.1146) * r - f4(0.3854) * g + f4(0.5) * b
        chroma[1, q, x] = f4(0.5) * r - f4(0.4542) * g - f4(0.0458) * b


@kernel
def _chroma_row(chroma: F32, dither: F32, by: int, us: Plane, vs: Plane) -> None:
    """Means of 2×2 pixels as bytes."""
    m = dither.shape[0] - 1
    for bx in range(us.shape[1]):
        d = f4(128.02) + dither[by & m, bx & m] * f4(0.96)
        x = bx * 2
        su = chroma[0, 0, x] + chroma[0, 0, x + 1] + chroma[0, 1, x] + chroma[0, 1, x + 1]
        sv = chroma[1, 0, x] + chroma[1, 0, x + 1] + chroma[1, 1, x] + chroma[1, 1, x + 1]
        us[by, bx] = np.uint8(min(max(d + f4(56) * su, f4(16)), f4(240)))
        vs[by, bx] = np.uint8(min(max(d + f4(56) * sv, f4(16)), f4(240)))


@kernel
def _planes(
    picture: F32, halo: F32, curve: F32, gamma: F32, look: F32, dither: F32, ys: Plane, us: Plane, vs: Plane
) -> None:
    """Two rows at a time: halo, vignette, tone, bt709 limited range with dither."""
    height, width = picture.shape[0], picture.shape[1]
    m = dither.shape[0] - 1
    steps = f4(gamma.shape[0] - 1)
    down, across = f4(2 * halo.shape[0] / height), f4(2 * halo.shape[1] / width)
    spilt, rgb = np.empty((3, width // 2), np.float32), np.empty((3, width), np.float32)
    peak, luma = np.empty(width, np.float32), np.empty(width, np.float32)
    place, chroma = np.empty((4, width), np.int32), np.empty((2, 2, width), np.float32)
    for by in range(height // 2):
        _spill_row(halo, f4(by) * down, across, look[9], spilt)
        for q in range(2):
            y = by * 2 + q
            _light_row(picture, y, spilt, look, rgb)
            _tone_row(rgb, curve, look, steps, peak, place)
            _display_row(place, gamma, look, luma, chroma, q)
            for x in range(width):
                ys[y, x] = np.uint8(min(max(f4(16.02) + f4(219) * luma[x] + dither[y & m, x & m], f4(16)), f4(235)))
        _chroma_row(chroma, dither, by, us, vs)


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
    """

    picture: F32
    planes: tuple[Plane, Plane, Plane]


def blank_of(picture: F32) -> Blank:
    """Tone an empty product set. Nothing in the product tone depends on where a pixel is or on its neighbours, dither
    apart, which repeats every 64 pixels: that is why a part can be toned alone."""
    return Blank(picture, _toned(picture, paper()))


@kernel
def _changed(picture: F32, blank: F32) -> tuple[int, int, int, int]:
    """First and last row and column that differ, as (top, bottom, left, right), ends excluded; all 0 if none does."""
    height, width = picture.shape[0], picture.shape[1]
    top, bottom, left, right = height, 0, width, 0
    for y in range(height):
        x = 0
        while x < width and picture[y, x, 0] == blank[y, x, 0] and picture[y, x, 2] == blank[y, x, 2]:
            x += 1
        if x == width:
            continue
        top, bottom, left = min(top, y), y + 1, min(left, x)
        x = width - 1
        while x >= right and picture[y, x, 0] == blank[y, x, 0] and picture[y, x, 2] == blank[y, x, 2]:
            x -= 1
        right = max(right, x + 1)
    return (top, bottom, left, right) if bottom > 0 else (0, 0, 0, 0)


def _toned(picture: F32, look: Look, blank: Blank | None = None) -> tuple[Plane, Plane, Plane]:
    """Planes at shading size; where there is a blank, only what differs from it is worked out."""
    if blank is not None:
        return _retoned(picture, look, blank)
    h, w = picture.shape[:2]
    ys = np.empty((h, w), np.uint8)
    us, vs = np.empty((h // 2, w // 2), np.uint8), np.empty((h // 2, w // 2), np.uint8)
    halo = bloom(picture) if look.spill else np.zeros((2, 2, 3), np.float32)
    curve, gamma = tabulate(look)
    _planes(np.ascontiguousarray(picture), halo, curve, gamma, look.numbers(), _dither(), ys, us, vs)
    return ys, us, vs


def _retoned(picture: F32, look: Look, blank: Blank) -> tuple[Plane, Plane, Plane]:
    """The blank's planes with what differs worked out anew, in strips: a shadow is wide where the bottle is narrow."""
    ys, us, vs = (plane.copy() for plane in blank.planes)
    height, width = picture.shape[:2]
    for strip in range(0, height, _STEP):
        rows = picture[strip : strip + _STEP]
        top, bottom, left, right = _changed(rows, blank.picture[strip : strip + _STEP])
        if bottom == top:
            continue
        top, bottom = strip, strip + bottom + bottom % 2
        left, right = left // _STEP * _STEP, min(right + right % 2, width)
        inner = _toned(np.ascontiguousarray(picture[top:bottom, left:right]), look)
        ys[top:bottom, left:right] = inner[0]
        us[top // 2 : bottom // 2, left // 2 : right // 2] = inner[1]
        vs[top // 2 : bottom // 2, left // 2 : right // 2] = inner[2]
    return ys, us, vs


def finish(picture: F32, shot: Shot, frame_index: int, tone: Tone = "cinematic", blank: Blank | None = None) -> Frame:
    """A shaded picture as the encoder takes it. Pure and thread-safe.

    Args:
        picture: (h, w, 3) linear scene-referred RGB at shading size, both even.
        frame_index: Picks the corner of the grain.
        tone: `product` keeps colours up to 0.8 as they are and white paper exactly white.
        blank: Of a product shot, to save work; changes nothing.
    """
    look = paper() if tone == "product" else cinematic(grade_of(shot.spec.time, shot.grade), shot.exposure)
    ys, us, vs = _toned(picture, look, blank if tone == "product" else None)
    size = (shot.width, shot.height)
    half = (shot.width // 2, shot.height // 2)
    large = _enlarge(ys, size, crisp=True)
    if look.grain:
        more, less = _grain(*size, shot.seed)
        oy, ox = (frame_index * 97) % _TILE, (frame_index * 57) % _TILE
        part = np.s_[oy : oy + size[1], ox : ox + size[0]]
        large = np.asarray(cv2.subtract(cv2.add(large, more[part]), less[part]), dtype=np.uint8)
    return Frame(
        np.clip(large, 16, 235, out=None if large is ys else large),
        _enlarge(us, half, crisp=False),  # between neighbours, so it stays within 16…240
        _enlarge(vs, half, crisp=False),
    )
