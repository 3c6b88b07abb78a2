"""Given pictures as I420 planes: everything about them happens there, on 1.5 numbers a pixel instead of 3."""

from __future__ import annotations

import numpy as np
from numba import uintp
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import F32, Real, f4, helper, kernel
from kineograph.media.frame import Frame, Plane

RGB = NDArray[np.uint8]  # (height, width, 3), sRGB
Cells = NDArray[np.intp]

_PHASES = 256


def _catmull_rom() -> F32:
    """Weights of four neighbours for 256 positions between the middle two: (256, 4). Sharp where bilinear softens."""
    u = (np.arange(_PHASES, dtype=np.float64) + 0.5)[:, None] / _PHASES
    powers = np.concatenate((np.ones_like(u), u, u**2, u**3), axis=1)
    basis = np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]]) / 2
    return np.ascontiguousarray(powers @ basis, dtype=np.float32)


WEIGHTS = _catmull_rom()
PAD = 4  # pixels around every plane, so that no tap falls outside


def padded(frame: Frame) -> Frame:
    """The frame with PAD pixels of its own edge around each plane: what `sharp_block` and `soft_pair` read."""
    return Frame(*(np.ascontiguousarray(np.pad(plane, PAD, mode="edge")) for plane in frame))


def to_frame(image: RGB) -> Frame:
    """sRGB to bt709 limited I420, chroma the mean of 2×2: what is moved about."""
    frame = _blank(image)
    _to_planes(np.ascontiguousarray(image), False, *frame)
    return frame


def as_given(image: RGB) -> Frame:
    """The same for a frame that shows the picture itself: luma is chosen so that the pixels come back as near as chroma
    allows, in R, G and B alike.

    Half a decibel more than luma by the formula; but such luma belongs to these very blocks and must not be moved.
    """
    frame = _blank(image)
    _to_planes(np.ascontiguousarray(image), True, *frame)
    return frame


def _blank(image: RGB) -> Frame:
    height, width = image.shape[:2]
    half = (height // 2, width // 2)
    return Frame(np.empty((height, width), np.uint8), np.empty(half, np.uint8), np.empty(half, np.uint8))


@helper
def _sum(image: RGB, y: int, x: int, c: int) -> Real:
    return f4(image[y, x, c]) + f4(image[y, x + 1, c]) + f4(image[y + 1, x, c]) + f4(image[y + 1, x + 1, c])


@kernel
def _to_planes(image: RGB, nearest: bool, ys: Plane, us: Plane, vs: Plane) -> None:
    scale = f4(224 / 255 / 4)
    for by in range(us.shape[0]):
        for bx in range(us.shape[1]):
            r = _sum(image, 2 * by, 2 * bx, 0)
            g = _sum(image, 2 * by, 2 * bx, 1)
            b = _sum(image, 2 * by, 2 * bx, 2)
            u = int(f4(128.5) + scale * (f4(-0.114572) * r - f4(0.385428) * g + f4(0.5) * b))
            v = int(f4(128.5) + scale * (f4(0.5) * r - f4(0.454153) * g - f4(0.045847) * b))
            us[by, bx] = np.uint8(u)
            vs[by, bx] = np.uint8(v)
            # What this chroma adds to R + G + B when it is decoded, in 0…255.
            added = f4(255 / 224) * (f4(1.5748 - 0.468124) * f4(v - 128) + f4(1.8556 - 0.187324) * f4(u - 128))
            for k in range(4):
                y = 2 * by + (k >> 1)
                x = 2 * bx + (k & 1)
                r, g, b = f4(image[y, x, 0]), f4(image[y, x, 1]), f4(image[y, x, 2])
                grey = (r + g + b - added) * f4(1 / 3)
                if not nearest:
                    grey = f4(0.2126) * r + f4(0.7152) * g + f4(0.0722) * b
                ys[y, x] = clipped(f4(16) + f4(219 / 255) * grey, f4(16), f4(235))


@helper
def _across(flat: Plane, at: Real, weights: F32, a: int, b: int) -> tuple[Real, Real]:
    """Two neighbours of a row, filtered along it at phases a and b; `at` (unsigned, so that no index can be negative) is
    the first tap."""
    p1 = f4(flat[at + uintp(1)])
    p2 = f4(flat[at + uintp(2)])
    p3 = f4(flat[at + uintp(3)])
    left = weights[a, 0] * flat[at] + weights[a, 1] * p1 + weights[a, 2] * p2 + weights[a, 3] * p3
    right = weights[b, 0] * p1 + weights[b, 1] * p2 + weights[b, 2] * p3 + weights[b, 3] * flat[at + uintp(4)]
    return left, right


@helper
def _phase(fraction: Real) -> int:
    return int(min(max(fraction * f4(256), f4(0)), f4(255)))


@helper
def sharp_block(
    plane: Plane, x: Real, y: Real, wider: Real, taller: Real, weights: F32
) -> tuple[Real, Real, Real, Real]:
    """Catmull-Rom of the four pixels at x, x + 1 + wider and y, y + 1 + taller of a padded plane (pixel centres at whole
    numbers), row by row. They share their 25 taps, so `wider` and `taller` are small.

    What lies outside repeats the edge.
    """
    h, w = plane.shape
    x = min(max(x + f4(PAD), f4(1)), f4(w - 4))
    y = min(max(y + f4(PAD), f4(1)), f4(h - 4))
    i = int(x)
    j = int(y)
    a = _phase(x - f4(i))
    a1 = _phase(x - f4(i) + wider)
    flat = plane.reshape(-1)
    step = uintp(w)
    at = uintp((j - 1) * w + i - 1)
    l0, r0 = _across(flat, at, weights, a, a1)
    l1, r1 = _across(flat, at + step, weights, a, a1)
    l2, r2 = _across(flat, at + step + step, weights, a, a1)
    l3, r3 = _across(flat, at + step + step + step, weights, a, a1)
    l4, r4 = _across(flat, at + step + step + step + step, weights, a, a1)
    b = _phase(y - f4(j))
    w0, w1, w2, w3 = weights[b, 0], weights[b, 1], weights[b, 2], weights[b, 3]
    upper_left = w0 * l0 + w1 * l1 + w2 * l2 + w3 * l3
    upper_right = w0 * r0 + w1 * r1 + w2 * r2 + w3 * r3
    b = _phase(y - f4(j) + taller)
    w0, w1, w2, w3 = weights[b, 0], weights[b, 1], weights[b, 2], weights[b, 3]
    return upper_left, upper_right, w0 * l1 + w1 * l2 + w2 * l3 + w3 * l4, w0 * r1 + w1 * r2 + w2 * r3 + w3 * r4


@helper
def _between(flat: Plane, at: Real, step: Real, a: Real, b: Real) -> Real:
    p = f4(flat[at])
    q = f4(flat[at + step])
    top = p + (f4(flat[at + uintp(1)]) - p) * a
    low = q + (f4(flat[at + step + uintp(1)]) - q) * a
    return top + (low - top) * b


@helper
def soft_pair(us: Plane, vs: Plane, x: Real, y: Real) -> tuple[Real, Real]:
    """Both padded chroma planes, bilinear between pixel centres at whole numbers: enough for chroma."""
    h, w = us.shape
    x = min(max(x + f4(PAD), f4(0)), f4(w - 2))
    y = min(max(y + f4(PAD), f4(0)), f4(h - 2))
    i = int(x)
    j = int(y)
    a = x - f4(i)
    b = y - f4(j)
    at = uintp(j * w + i)
    return _between(us.reshape(-1), at, uintp(w), a, b), _between(vs.reshape(-1), at, uintp(w), a, b)


def cells(blocks: int, count: int) -> tuple[Cells, F32]:
    """Where the middles of `blocks` 2×2 blocks lie among the middles of `count` field cells: index, and how far beyond."""
    at = np.clip((np.arange(blocks) + 0.5) * count / blocks - 0.5, 0, count - 1.001)
    index = np.floor(at).astype(np.intp)
    return index, (at - index).astype(np.float32)


@helper
def clipped(value: Real, low: Real, high: Real) -> Real:
    """Rounded into a plane's range."""
    return np.uint8(min(max(value + f4(0.5), low), high))
