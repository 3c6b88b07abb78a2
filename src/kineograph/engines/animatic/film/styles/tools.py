"""What styles share: soft and small copies, paper, brush patches, lines. Pictures are planes: (3, h, w), or (h, w)."""

from __future__ import annotations

import math
from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.film.marks import NORMAL, PER, Marks
from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean
from kineograph.engines.animatic.shot import Shot

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_TILE = 512

Waver = tuple[NDArray[np.int16], NDArray[np.uint16]]  # as OpenCV reads places fastest


def unit(shot: Shot) -> float:
    """Lengths in the styles are pixels of a frame 1088 rows high: times this they are shading pixels."""
    return shot.shading_size[1] / 1088


def texture(shot: Shot, name: str, slope: float, lowest: float) -> F32:
    """(h, w) noise of mean 0 and deviation 1 that lies still, tiled over the picture; the same at every resolution.

    Args:
        slope: Of the power spectrum: 0.4 is grit, 1.2 paper, 3 blots.
        lowest: Waves per tile below which there is nothing.
    """
    rng = shot.rng(f"style {name}")
    f = np.hypot(np.fft.fftfreq(_TILE)[:, None] * _TILE, np.fft.rfftfreq(_TILE)[None] * _TILE)
    f[0, 0] = 1
    power = f ** (-slope / 2) * (f >= lowest)
    power[0, 0] = 0
    phases = rng.standard_normal(power.shape) + 1j * rng.standard_normal(power.shape)
    tile = np.fft.irfft2(power * phases, s=(_TILE, _TILE))
    tile = ((tile - tile.mean()) / tile.std()).astype(np.float32)
    width, height = shot.shading_size
    side = max(round(_TILE * unit(shot) * 2), 16)  # a tile is 1024 rows of the full frame
    small = cv2.resize(tile, (side, side), interpolation=cv2.INTER_AREA if side < _TILE else cv2.INTER_LINEAR)
    rows, columns = -(-height // side), -(-width // side)
    return np.ascontiguousarray(np.tile(small, (rows, columns))[:height, :width], np.float32)


def luma(rgb: F32, weights: F32 = LUMA) -> F32:
    """(h, w) of (3, h, w)."""
    return np.asarray(np.tensordot(weights, rgb, 1), np.float32)


def resized(picture: F32, size: tuple[int, int], interpolation: int) -> F32:
    """Every plane at another size, (width, height)."""
    out = np.empty((*picture.shape[:-2], *size[::-1]), np.float32)
    for plane, to in _pairs(picture, out):
        cv2.resize(plane, size, dst=to, interpolation=interpolation)
    return out


def _pairs(picture: F32, out: F32) -> Iterable[tuple[F32, F32]]:
    """Planes to read and planes to fill."""
    return ((picture, out),) if picture.ndim == 2 else zip(picture, out, strict=True)


def smaller(picture: F32, step: int) -> F32:
    """Means of squares of so many pixels."""
    h, w = picture.shape[-2:]
    return resized(picture, (max(w // step, 2), max(h // step, 2)), cv2.INTER_AREA)


def blur(picture: F32, sigma: float) -> F32:
    """Gaussian; wide ones on a smaller picture, which nobody can tell."""
    if sigma < 0.3:
        return picture
    step = 1
    while sigma / step > 4:
        step *= 2
    if step == 1:
        return _soft(picture, sigma)
    return resized(_soft(smaller(picture, step), sigma / step), picture.shape[:-3:-1], cv2.INTER_LINEAR)


def _soft(picture: F32, sigma: float) -> F32:
    out = np.empty(picture.shape, np.float32)
    for plane, to in _pairs(picture, out):
        cv2.GaussianBlur(plane, (0, 0), sigma, dst=to, borderType=cv2.BORDER_REPLICATE)
    return out


def spilt(picture: F32, least: float, sigma: float) -> F32:
    """What is brighter than `least`, spilt over its surroundings: halation, glow. Worked out on a quarter of the size."""
    bright = np.clip(smaller(picture, 4) - np.float32(least), 0, 1)
    return resized(blur(bright, sigma / 4), picture.shape[:-3:-1], cv2.INTER_LINEAR)


def solid(marks: Marks, sigma: float) -> F32:
    """(h, w) soft 0…1 of subjects; only where they are is anything worked out."""
    out = marks.subject
    part = around(marks, math.ceil(4 * sigma))
    if sigma >= 0.3 and marks.sheet.size:
        out[part] = cv2.GaussianBlur(out[part], (0, 0), sigma)
    return out


def around(marks: Marks, margin: int) -> tuple[slice, slice]:
    """Rows and columns of the subjects and so many pixels about them, within the picture."""
    rows, columns = marks.box
    width, height = marks.size
    return (
        slice(max(rows.start - margin, 0), min(rows.stop + margin, height)),
        slice(max(columns.start - margin, 0), min(columns.stop + margin, width)),
    )


def patches(picture: F32, radius: int, passes: int) -> F32:
    """Brush patches with crisp borders: the mean of the calmest of four quadrants (Kuwahara 1976); half the size.

    Args:
        picture: (3, h, w), or (h, w) of one channel.
    """
    small = smaller(picture, 2)
    for _ in range(passes):
        small = _kuwahara(small if small.ndim == 3 else small[None], radius).reshape(small.shape)
    return small


def painted(
    picture: F32, marks: Marks, k: float, radius: int, passes: int, fine: float, by: Waver | None = None
) -> F32:  # fmt: skip
    """Brush patches, finer on subjects: eyes keep their light.

    Args:
        picture: (3, h, w), or (h, w) of one channel.
        fine: Share of the picture itself that stays on subjects.
        by: How borders waver, if they do.
    """
    small = patches(picture, radius, passes)
    out = resized(_wavered(small, by) if by else small, picture.shape[:-3:-1], cv2.INTER_CUBIC)
    sigma = max(1.5 * k, 0.5)
    part = around(marks, math.ceil(4 * sigma))
    mask = solid(marks, sigma)[part] * np.float32(fine)
    for of, to in _pairs(picture, out):
        to[part] += (of[part] - to[part]) * mask
    return out


def _kuwahara(a: F32, radius: int) -> F32:
    """(n, h, w) -> the same; three channels are judged by their luma."""
    k = (radius + 1, radius + 1)
    grey = luma(a) if len(a) == 3 else a[0]
    mean = np.empty_like(a)
    for plane, to in zip(a, mean, strict=True):
        cv2.blur(plane, k, dst=to)
    middle = cv2.blur(grey, k) if len(a) == 3 else mean[0]
    spread = cv2.blur(grey * grey, k) - middle * middle
    off = (radius + 1) // 2
    out, (n, h, w) = np.empty_like(a), a.shape
    _calmest(mean, np.asarray(spread, np.float32), off, np.empty((n + 1, h + 2 * off, w + 2 * off), np.float32), out)
    return out


@lean
def _calmest(mean: F32, spread: F32, off: int, heavy: F32, out: F32) -> None:
    """The mean of the four quadrants around each pixel, the calmer the heavier. Soft weights instead of the one winner: a
    winner that changes between frames would flicker. `heavy` is scratch: weighted means, and last the weights."""
    n, height, width = mean.shape
    aside, twice = np.uint64(off), np.uint64(2 * off)
    for y in range(height):
        for x in range(np.uint64(width)):
            calm = max(spread[y, x], f4(0)) + f4(1e-4)
            heavy[n, y + off, x + aside] = f4(1e-12) / (calm * calm * calm)
        for c in range(n):
            for x in range(np.uint64(width)):
                heavy[c, y + off, x + aside] = heavy[n, y + off, x + aside] * mean[c, y, x]
    for c in range(n + 1):
        for y in range(off, height + off):
            for x in range(off):
                heavy[c, y, x], heavy[c, y, width + off + x] = heavy[c, y, off], heavy[c, y, width + off - 1]
        for y in range(off):
            for x in range(np.uint64(width + 2 * off)):
                heavy[c, y, x] = heavy[c, off, x]
                heavy[c, height + off + y, x] = heavy[c, height + off - 1, x]
    for c in range(n):
        for y in range(height):
            low = y + 2 * off
            for x in range(np.uint64(width)):
                total = heavy[c, y, x] + heavy[c, y, x + twice] + heavy[c, low, x] + heavy[c, low, x + twice]
                weight = heavy[n, y, x] + heavy[n, y, x + twice] + heavy[n, low, x] + heavy[n, low, x + twice]
                out[c, y, x] = total / weight


def lines(grey: F32, marks: Marks, k: float, *, amount: float = 0.055, least: float = 0.018) -> F32:
    """(h, w) soft ink 0…1: where luma steps down, and where subject, fold or depth change.

    Args:
        grey: (h, w) luma of the picture.
        k: `unit` of the shot: width of the line.
        amount: Step of luma that gives a full line beyond `least`.
    """
    fine = blur(grey, max(1.0 * k, 0.5))
    out = np.empty_like(fine)
    _drawn(fine, blur(fine, max(1.9 * k, 0.8)), f4(least), f4(1 / amount), out)
    if marks.sheet.size:
        width = max(round(2.4 * k), 1)
        part = around(marks, width + 2)
        fine_step, step = np.zeros(marks.sheet.shape, np.float32), np.zeros(out.shape, np.float32)
        _outlines(marks.sheet, marks.nearness, marks.normal, fine_step)
        step[marks.box] = marks.pixels(fine_step)
        step = step[part]
        if width > 1:
            step = np.asarray(cv2.dilate(step, np.ones((width, width), np.uint8)), np.float32)
        step = np.clip(_soft(step, max(0.75 * k, 0.45)) * np.float32(1.25), 0, 1)
        out[marks.box] *= 1 - marks.pixels((marks.sheet > 0).astype(np.float32)) * np.float32(1 / 3)
        np.maximum(out[part], step, out=out[part])
    return out


@lean
def _drawn(fine: F32, wide: F32, least: float, gain: float, out: F32) -> None:
    """Darker than its surroundings."""
    for y in range(out.shape[0]):
        for x in range(np.uint64(out.shape[1])):
            out[y, x] = min(max((wide[y, x] - fine[y, x] - least) * gain, f4(0)), f4(1)) * f4(0.75)


@helper
def _edge(sheet: NDArray[np.int32], nearness: F32, normal: NDArray[np.int8], y: int, x: int, j: int, i: int) -> Real:
    """How far two neighbours are kept apart by a line, 0…1."""
    one, other = sheet[y, x], sheet[j, i]
    if one == 0 or other == 0:
        return f4(one != other)
    fold, near = f4(0), max(max(nearness[y, x], nearness[j, i]), f4(1e-6))
    for c in range(3):
        fold += f4(abs(normal[y, x, c] - normal[j, i, c])) * f4(1 / NORMAL)
    jump = abs(nearness[y, x] - nearness[j, i]) / near
    inner = max(min((fold - f4(0.6)) * f4(1 / 0.6), f4(1)) * f4(0.7), min((jump - f4(0.02)) * f4(20), f4(1)))
    return max(max(inner, f4(0)), f4(0.4) * f4(one != other))


@lean
def _outlines(sheet: NDArray[np.int32], nearness: F32, normal: NDArray[np.int8], out: F32) -> None:
    """Lines a pixel wide, on the borders of sheets, in folds, and where depth jumps: what differs from a pixel before."""
    for y in range(PER, out.shape[0]):
        for x in range(PER, out.shape[1]):
            if sheet[y, x] == 0 and sheet[y - PER, x] == 0 and sheet[y, x - PER] == 0:
                continue
            above = _edge(sheet, nearness, normal, y, x, y - PER, x)
            out[y, x] = max(above, _edge(sheet, nearness, normal, y, x, y, x - PER))


def waver(shot: Shot, amount: float) -> Waver:
    """Where patches (half the size) are read from so that their borders waver as a brush does.

    Args:
        amount: Deviation, pixels of the whole size.
    """
    width, height = shot.shading_size
    aside, down = texture(shot, "aside", 2.6, 6), texture(shot, "down", 2.6, 6)
    rows, columns = np.mgrid[0 : height // 2, 0 : width // 2].astype(np.float32)
    x, y = columns + smaller(aside, 2) * np.float32(amount / 2), rows + smaller(down, 2) * np.float32(amount / 2)
    whole, part = cv2.convertMaps(x, y, cv2.CV_16SC2)
    return np.asarray(whole, np.int16), np.asarray(part, np.uint16)


def _wavered(small: F32, by: Waver) -> F32:
    out = np.empty_like(small)
    for plane, to in _pairs(small, out):
        cv2.remap(plane, *by, cv2.INTER_LINEAR, dst=to, borderMode=cv2.BORDER_REFLECT)
    return out
