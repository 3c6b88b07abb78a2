"""A thing on plain paper sways on a turntable: its surface slides around it, light passes over it, its shadow stays."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import F32, Real, f4, helper, kernel
from kineograph.engines.animatic.pictures.planes import (
    RGB,
    WEIGHTS,
    as_given,
    clipped,
    padded,
    sharp_block,
    soft_pair,
    to_frame,
)
from kineograph.engines.animatic.pictures.silhouette import Mask, undented
from kineograph.engines.animatic.shot import Shot
from kineograph.media.frame import Frame, Plane

F64 = NDArray[np.float64]

SWAY = math.radians(24)  # as far as a picture of one side can turn before its edges repeat visibly
PERIOD = 5.0  # seconds to and fro
ZOOM = 0.045  # of the camera over the film


class Turn:
    """Every row of the thing is a slice of a cylinder as wide as its outline there. Frame 0 is the picture."""

    sharp = frozenset({0})

    def __init__(self, shot: Shot, image: RGB, mask: Mask) -> None:
        self._first, self._moment = as_given(image), shot.moment
        self._source = padded(to_frame(image))
        self._seconds = shot.seconds
        self._rows, self._mask = slices(mask)
        self._sway = SWAY * float(shot.rng("turn").choice((-1.0, 1.0)))
        fixed = shot.camera.start == shot.camera.end and not shot.camera.sway
        self._zoom = 0.0 if fixed else ZOOM

    def frame(self, index: int) -> Frame:
        """The frame of this number; number 0 is the picture itself."""
        if index == 0:
            return self._first
        t = self._moment(index)
        angle = self._sway * math.sin(2 * math.pi * t / PERIOD)
        u = t / self._seconds
        zoom = 1 - self._zoom * u * u * (3 - 2 * u)
        sheen = -1.7 + 3.4 * (t / PERIOD % 1)
        turned = self._rows[:, 2] * np.float32(angle)
        rows = np.stack((self._rows[:, 0], self._rows[:, 1], np.sin(turned), np.cos(turned)), axis=1)
        moment = np.array([zoom, sheen, math.sin(angle)], np.float32)
        out = Frame(*(np.empty_like(plane) for plane in self._first))
        _turn(*self._source, self._mask, rows, moment, WEIGHTS, *out)
        return out


def slices(mask: Mask) -> tuple[F32, Mask]:
    """What turns, row by row.

    Returns:
        (height, 3): middle, half width and share of the sway of every row, zeros where the thing is not; the mask, for a
        body of revolution with its outline mended. What sticks out of such a body (a leaf, a handle) sways less; what is
        none (a shoe, a watch) does not sway at all, only the light moves over it: one picture does not tell its depth.
    """
    inside = mask > 127
    height, width = mask.shape
    rows = np.flatnonzero(inside.any(axis=1))
    left = inside[rows].argmax(axis=1).astype(np.float64)
    right = width - 1.0 - inside[rows, ::-1].argmax(axis=1)
    middle, half = (left + right) / 2, np.maximum((right - left) / 2 + 0.5, 1.0)
    broad = half > 0.3 * half.max()
    axis = np.full_like(middle, np.median(middle[broad]))
    off = np.abs(middle - axis)
    even = bool(np.percentile(off[broad], 80) < 0.05 * half.max())
    if even:
        share = _smooth(np.clip(1.3 - 5 * off / half, 0, 1), height * 0.012)
        # Both sides are one outline seen twice: the outer of the two is right where they differ.
        outline = undented((np.maximum(right - axis, axis - left) + 0.5).astype(np.float32), 0.14)
        half = _smooth(_median(outline.astype(np.float64), height // 60), height * 0.0015)
        mask = _mended(mask, rows, axis, half, share)
    else:
        share = np.zeros_like(middle)
        axis = _smooth(middle, height * 0.03)
        half = np.maximum(_smooth(half, height * 0.03), np.maximum(right + 0.5 - axis, axis - left + 0.5))
    out = np.zeros((height, 3), np.float32)
    out[rows] = np.stack((axis, half, share), axis=1)
    return out, mask


def _mended(mask: Mask, rows: NDArray[np.intp], axis: F64, half: F64, share: F64) -> Mask:
    """The mask between smooth outlines, one pixel soft, where nothing sticks out."""
    columns = np.arange(mask.shape[1])
    clean = np.clip(half[:, None] - np.abs(columns - axis[:, None]) + 0.5, 0, 1) * 255
    out = mask.copy()
    weight = np.clip(share * 4 - 3, 0, 1)[:, None]
    out[rows] = np.asarray(clean * weight + mask[rows] * (1 - weight), np.uint8)
    return out


def _median(values: F64, reach: int) -> F64:
    """Running median over 2·reach + 1 rows."""
    padded_ = np.pad(values, reach, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded_, 2 * reach + 1), axis=1), np.float64)


def _smooth(values: F64, sigma: float) -> F64:
    blurred = cv2.GaussianBlur(
        values[:, None], (1, 0), sigmaX=1, sigmaY=max(sigma, 0.5), borderType=cv2.BORDER_REPLICATE
    )
    return np.asarray(blurred, np.float64)[:, 0]


@helper
def _lit(luma: Real, gain: Real, sheen: Real) -> Real:
    """Shaded, then brightened by the sheen: dark things shine less than light ones."""
    luma = f4(16) + (luma - f4(16)) * gain
    return luma + min(f4(235) - luma, f4(14) + (luma - f4(16)) * f4(0.6)) * sheen


@helper
def _around(u: Real, middle: Real, half: Real, sine: Real, cosine: Real) -> Real:
    """Where on the picture the surface comes from that is now at u (-1…1 across the slice): sin(asin u - angle).

    The rim of the outline is a mixture with the paper and would be drawn out over the side that comes into view: the more
    it is turned, the more of the rim is folded back.
    """
    u = min(max(u, f4(-1)), f4(1))
    s = u * cosine - (f4(1) - u * u) ** f4(0.5) * sine
    limit = f4(1) - f4(0.07) * min(sine * sine * f4(40), f4(1))
    if s > limit:
        s = limit + limit - s
    elif s < -limit:
        s = -limit - limit - s
    return middle + half * s


@kernel
def _turn(
    y0: Plane, u0: Plane, v0: Plane, mask: Mask, rows: F32, moment: F32, weights: F32, ys: Plane, us: Plane, vs: Plane
) -> None:
    height, width = ys.shape
    low = f4(16)
    mid = f4(128)
    zoom = moment[0]
    wider = zoom - f4(1)
    cy0 = f4(height * 0.5)
    cx0 = f4(width * 0.5)
    for by in range(us.shape[0]):
        cy = (f4(2 * by + 1) - cy0) * zoom + cy0 - f4(1)
        r = min(max(int(cy + f4(0.5)), 0), height - 2)
        middle, half, sine, cosine = rows[r, 0], rows[r, 1], rows[r, 2], rows[r, 3]
        for bx in range(us.shape[1]):
            cx = (f4(2 * bx + 1) - cx0) * zoom + cx0 - f4(1)
            p, q, s, t = sharp_block(y0, cx, cy, wider, wider, weights)
            uu, vv = soft_pair(u0, v0, cx * f4(0.5), cy * f4(0.5))
            x = min(max(int(cx + f4(0.5)), 0), width - 2)
            if half > f4(0) and max(max(mask[r, x], mask[r, x + 1]), max(mask[r + 1, x], mask[r + 1, x + 1])) > 0:
                across = (cx + f4(0.5) - middle) / half
                sx = _around(across, middle, half, sine, cosine) - f4(0.5)
                p1, q1, s1, t1 = sharp_block(y0, sx, cy, wider, wider, weights)
                u1, v1 = soft_pair(u0, v0, sx * f4(0.5), cy * f4(0.5))
                gain = f4(1) + f4(0.30) * across * moment[2]
                away = (across - moment[1] + (f4(r) / f4(height) - f4(0.5)) * f4(0.35)) / f4(0.17)
                sheen = f4(0.45) * f4(math.exp(-away * away))
                pale = f4(1) - f4(0.4) * sheen
                a, b = f4(mask[r, x]) / f4(255), f4(mask[r, x + 1]) / f4(255)
                c, d = f4(mask[r + 1, x]) / f4(255), f4(mask[r + 1, x + 1]) / f4(255)
                p += (_lit(p1, gain, sheen) - p) * a
                q += (_lit(q1, gain, sheen) - q) * b
                s += (_lit(s1, gain, sheen) - s) * c
                t += (_lit(t1, gain, sheen) - t) * d
                cover = (a + b + c + d) * f4(0.25)
                uu += (mid + (u1 - mid) * gain * pale - uu) * cover
                vv += (mid + (v1 - mid) * gain * pale - vv) * cover
            ys[2 * by, 2 * bx] = clipped(p, low, f4(235))
            ys[2 * by, 2 * bx + 1] = clipped(q, low, f4(235))
            ys[2 * by + 1, 2 * bx] = clipped(s, low, f4(235))
            ys[2 * by + 1, 2 * bx + 1] = clipped(t, low, f4(235))
            us[by, bx] = clipped(uu, low, f4(240))
            vs[by, bx] = clipped(vv, low, f4(240))
