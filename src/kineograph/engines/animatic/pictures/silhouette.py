"""The outline of a thing photographed on plain paper, without its shadow."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import F32
from kineograph.engines.animatic.pictures.planes import RGB

Mask = NDArray[np.uint8]  # (height, width), 0…255

_SURE = 26  # levels a pixel differs from the paper before it can belong to the thing
_PLAIN = 24  # levels the border may differ from a smooth surface
_SMOOTH = 5.5  # levels four fifths of it may
_LOOKED_AT = 640  # pixels of the longer side at which the outline is found


def silhouette(image: RGB) -> Mask | None:
    """255 on the thing, 0 on the paper, soft in between; None unless one clear thing stands on plain paper.

    A shadow is the paper's own colour, only darker, and fades slowly: it is left out, so that it stays on the floor when
    the thing turns.
    """
    height, width = image.shape[:2]
    scale = min(1.0, _LOOKED_AT / max(height, width))
    size = (round(width * scale), round(height * scale))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.float32)
    paper = _paper(small)
    if paper is None:
        return None
    likely = _likely(small, paper)
    thing = _completed(_outer(likely))
    lost = float((likely & ~thing & 1).sum()) / max(float(likely.sum()), 1.0)
    if not 0.005 < float(thing.mean()) < 0.7 or lost > 0.1:
        return None
    large = np.asarray(cv2.resize(thing * 255, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
    soft = cv2.GaussianBlur(large, (0, 0), 0.6 / scale)
    # The half level of the blurred outline, one pixel soft.
    steep = np.clip((soft.astype(np.float32) - 127.5) * (2.2 / max(scale, 0.4)) + 127.5, 0, 255)
    return np.asarray(cv2.GaussianBlur(steep, (0, 0), 0.8), np.uint8)


def _paper(small: F32) -> F32 | None:
    """The background where it is covered too: a smooth surface through the borders, or None if they are not plain."""
    height, width = small.shape[:2]
    edge = max(2, min(height, width) // 30)
    border = np.ones((height, width), bool)
    border[edge:-edge, edge:-edge] = False
    border[int(height * 0.85) :] = False  # shadows and reflections run out of the frame below
    y, x = (np.mgrid[:height, :width] / max(height, width)).astype(np.float32)
    surface = np.stack((np.ones_like(x), x, y, x * x, x * y, y * y), axis=2)
    known = border
    for _ in range(3):  # what does not fit is no paper
        fit = np.linalg.lstsq(surface[known], small[known], rcond=None)[0]
        paper = surface @ fit.astype(np.float32)
        away = np.abs(small - paper).max(axis=2)
        known = border & (away < _PLAIN)
        if known.sum() < 0.86 * border.sum():
            return None
    if float(np.percentile(away[border], 80)) > _SMOOTH:  # a blurred garden is not paper
        return None
    return np.asarray(np.clip(paper, 0, 255), np.float32)


def _likely(small: F32, paper: F32) -> Mask:
    """What differs from the paper and is no shadow on it, 0 or 1."""
    away = np.abs(small - paper).max(axis=2)
    share = (small + 2) / (paper + 2)
    shade = share.mean(axis=2)
    grey = share.max(axis=2) - share.min(axis=2) < 0.07
    light = cv2.GaussianBlur(shade, (0, 0), 1.0)
    slope = np.hypot(cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1)) / 8
    fading = cv2.dilate(slope.astype(np.float32), np.ones((3, 3), np.uint8)) < 0.030 * _LOOKED_AT / max(small.shape)
    shadow = grey & fading & (shade > 0.30) & (shade < 1.03)
    return np.asarray((away > _SURE) & ~shadow, np.uint8)


def _outer(likely: Mask) -> Mask:
    """The largest part, gaps closed and holes filled."""
    span = max(3, max(likely.shape) // 70) | 1
    round_ = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (span, span))
    closed = cv2.morphologyEx(np.pad(likely, span), cv2.MORPH_CLOSE, round_)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    if count < 2:
        return np.zeros_like(likely)
    best = (labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))).astype(np.uint8)
    outside = best.copy()
    cv2.floodFill(outside, None, (0, 0), 1)
    filled = best | (1 - outside)
    opened = cv2.morphologyEx(filled, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return np.asarray(opened[span:-span, span:-span], np.uint8)


def _completed(thing: Mask) -> Mask:
    """Dents in one side filled where the other side has none: a white label on white paper has no edge."""
    rows = np.flatnonzero(thing.any(axis=1))
    if rows.size < 3:
        return thing
    inside = thing[rows] > 0
    left = inside.argmax(axis=1).astype(np.float32)
    right = (thing.shape[1] - 1 - inside[:, ::-1].argmax(axis=1)).astype(np.float32)
    axis = np.median((left + right) / 2)
    whole_right = np.maximum(right, np.minimum(undented(right, 0.33), 2 * axis - left))
    whole_left = np.minimum(left, np.maximum(-undented(-left, 0.33), 2 * axis - right))
    columns = np.arange(thing.shape[1])
    out = thing.copy()
    out[rows] |= ((columns >= whole_left[:, None]) & (columns <= whole_right[:, None])).astype(np.uint8)
    return out


def undented(side: F32, share: float) -> F32:
    """A profile with its hollows filled that are shorter than this share of it and lie between two heights."""
    span = max(3, int(len(side) * share)) | 1
    ends = np.full(span, -1e6, np.float32)
    longer = np.concatenate((ends, side, ends))[:, None]
    closed = cv2.morphologyEx(longer, cv2.MORPH_CLOSE, np.ones((span, 1), np.uint8))
    return np.asarray(closed, np.float32)[span:-span, 0]
