"""From a first picture to a last: both move along the flow between them, and every place changes in its own time."""

from __future__ import annotations

import cv2
import numpy as np

from kineograph.engines.animatic.noise import F32, Real, f4, helper, kernel, spectral
from kineograph.engines.animatic.pictures.first_frame import PictureFilm
from kineograph.engines.animatic.pictures.flow import flows, related
from kineograph.engines.animatic.pictures.lamps import Lamps, darker, lamps_of
from kineograph.engines.animatic.pictures.planes import (
    RGB,
    WEIGHTS,
    Cells,
    as_given,
    cells,
    clipped,
    padded,
    sharp_block,
    soft_pair,
    to_frame,
)
from kineograph.engines.animatic.shot import Shot
from kineograph.media.frame import Frame, Plane

_TAKES = 0.68  # share of the film in which one place changes
_SWEPT, _SHINE = 0.16, 0.32  # likewise under a sweep, and how bright its front is
_INTO = 0.12  # how far the camera goes in, ÷ the frame
_SWITCH = 0.04  # a lamp is on within this share of it


class Morph:
    """The two pictures and how they turn into each other. Frames 0 and n - 1 are the pictures themselves."""

    def __init__(self, shot: Shot, first: RGB, last: RGB) -> None:
        self._count = shot.frames
        self.sharp = frozenset({0, shot.frames - 1})
        self._ends = as_given(first), as_given(last)
        self._sources = padded(to_frame(first)), padded(to_frame(last))
        rng = shot.rng("morph")
        self._forth, self._back = flows(first, last)
        self._start = tide(rng, *self._ends[0].u.shape)
        self._lamps = lamps_of(*self._ends, rng)
        self._takes, self._shine = np.float32(_TAKES), np.float32(0)
        if not related(first, last):  # nothing of one is in the other: mixed, they would be a double exposure
            self._forth, self._back = through(self._forth.shape)
            self._start = sweep(rng, self._ends[1])
            self._lamps = Lamps(np.full(self._start.shape, 255, np.uint8), np.full(self._start.shape, 0.5, np.float32))
            self._takes, self._shine = np.float32(_SWEPT), np.float32(_SHINE)

    def frame(self, index: int) -> Frame:
        """The frame of this number."""
        if index <= 0:
            return self._ends[0]
        if index >= self._count - 1:
            return self._ends[1]
        u = index / (self._count - 1)
        e = u * u * (3 - 2 * u)
        out = Frame(*(np.empty_like(plane) for plane in self._ends[0]))
        half, width = (out.u.shape), out.y.shape[1]
        # A place at p in this frame was at p + e·back in the first picture and will be at p + (1 - e)·forth in the last.
        moves = np.concatenate((self._back * (e * width), self._forth * ((1 - e) * width)), axis=2)
        down, beyond = cells(half[0], moves.shape[0])
        rows = moves[down] + (moves[down + 1] - moves[down]) * beyond[:, None, None]
        rows = np.ascontiguousarray(rows.transpose(0, 2, 1), dtype=np.float32)
        index_, share = cells(half[1], moves.shape[1])
        first, last = self._sources
        _morph(
            *first,
            *last,
            rows,
            index_,
            share,
            self._start,
            self._lamps.dark,
            self._lamps.moment,
            np.float32(u),
            self._takes,
            self._shine,
            WEIGHTS,
            *out,
        )
        return out


class Backwards:
    """A film played from its end."""

    def __init__(self, film: PictureFilm, count: int) -> None:
        self._film = film
        self._last = count - 1
        self.sharp = frozenset(self._last - index for index in film.sharp)

    def frame(self, index: int) -> Frame:
        """The frame of this number."""
        return self._film.frame(self._last - index)


def build(shot: Shot, first: RGB, last: RGB) -> PictureFilm:
    """A film from a first and a last frame, both of the film's size."""
    if darker(to_frame(first), to_frame(last)):  # morning: the evening backwards, its lamps go out one by one
        return Backwards(Morph(shot, last, first), shot.frames)
    return Morph(shot, first, last)


def tide(rng: np.random.Generator, height: int, width: int) -> F32:
    """Share of the film at which each 2×2 block begins to change, (height, width): a soft tide from above."""
    soft = cv2.resize(spectral(64, 3.2, rng, lo=1, hi=6), (width, height), interpolation=cv2.INTER_CUBIC)
    rows = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None]
    return np.ascontiguousarray(np.clip(0.18 + 0.09 * rows + 0.035 * soft, 0.02, 0.28), dtype=np.float32)


def sweep(rng: np.random.Generator, last: Frame) -> F32:
    """Like `tide`, for a picture that nothing leads over to: a front that runs across, ahead where it is bright, ragged."""
    height, width = last.u.shape
    soft = cv2.resize(spectral(64, 2.6, rng, lo=1, hi=9), (width, height), interpolation=cv2.INTER_CUBIC)
    bright = cv2.resize(
        cv2.GaussianBlur(last.y, (0, 0), max(last.y.shape) / 40), (width, height), interpolation=cv2.INTER_AREA
    )
    side, rise = float(rng.choice((-1.0, 1.0))), float(rng.uniform(-0.5, 0.5))
    x = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None] * side
    y = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None] * rise
    front = x + y + 0.030 * soft - 0.16 / 235 * bright
    rank = np.empty(front.size, np.float32)  # as much of the picture in every frame
    rank[np.argsort(front, axis=None, kind="stable")] = np.linspace(0, 1, front.size, dtype=np.float32)
    return np.ascontiguousarray(0.04 + (0.96 - _SWEPT - 0.04) * rank.reshape(front.shape), dtype=np.float32)


def through(shape: tuple[int, ...]) -> tuple[F32, F32]:
    """Forth and back of a camera that goes into the one and comes to rest in the other; (rows, columns, 2), frame widths."""
    rows, columns = shape[:2]
    x = (np.arange(columns, dtype=np.float32)[None] + 0.5) / columns - 0.5
    y = ((np.arange(rows, dtype=np.float32)[:, None] + 0.5) / rows - 0.5) * rows / columns
    away = np.stack(np.broadcast_arrays(x, y), axis=2)
    return np.ascontiguousarray(-_INTO * away), np.ascontiguousarray(-_INTO * away)


@helper
def _mixed(a: Real, b: Real, dark: Real, m: Real, lit: Real) -> Real:
    """Luma of a place: a turns into b's dark part by m, and b's lamp is added by `lit`. In light and not in numbers:
    squares are near enough to linear."""
    a = max(a - f4(16), f4(0))
    b = max(b - f4(16), f4(0))
    d = min(dark, b)
    return f4(16) + (a * a * (f4(1) - m) + d * d * m + (b * b - d * d) * lit) ** f4(0.5)


@helper
def _step(u: Real, start: Real, takes: Real, leaving: Real, arriving: Real) -> Real:
    """How far something has changed; however late it is, it leaves the first picture and reaches the last without a jump."""
    m = min(max((u - start) / takes, f4(0)), f4(1))
    m = m * m * (f4(3) - f4(2) * m) * leaving
    return f4(1) - (f4(1) - m) * arriving


@helper
def _along(row: F32, i: int, t: Real) -> Real:
    return row[i] + (row[i + 1] - row[i]) * t


@kernel
def _morph(
    ya: Plane, ua: Plane, va: Plane, yb: Plane, ub: Plane, vb: Plane, rows: F32, index: Cells, share: F32, start: F32,
    darks: Plane, moments: F32, u: Real, takes: Real, shine: Real,
    weights: F32, ys: Plane, us: Plane, vs: Plane,
) -> None:  # fmt: skip
    low = f4(16)
    leaving = min(u / f4(0.06), f4(1))
    arriving = min((f4(1) - u) / f4(0.06), f4(1))
    for by in range(us.shape[0]):
        bax, bay, fx, fy = rows[by, 0], rows[by, 1], rows[by, 2], rows[by, 3]
        for bx in range(us.shape[1]):
            i = index[bx]
            t = share[bx]
            m = _step(u, start[by, bx], takes, leaving, arriving)
            dark = f4(darks[by, bx]) - low
            lamp = dark < f4(230)
            lit = _step(u, moments[by, bx], f4(_SWITCH), leaving, arriving) if lamp else m
            if m < f4(0.999):
                x = f4(2 * bx) + _along(bax, i, t)
                y = f4(2 * by) + _along(bay, i, t)
                p, q, r, s = sharp_block(ya, x, y, f4(0), f4(0), weights)
                uu, vv = soft_pair(ua, va, x * f4(0.5), y * f4(0.5))
            if max(m, lit) > f4(0.001):
                x = f4(2 * bx) + _along(fx, i, t)
                y = f4(2 * by) + _along(fy, i, t)
                p1, q1, r1, s1 = sharp_block(yb, x, y, f4(0), f4(0), weights)
                u1, v1 = soft_pair(ub, vb, x * f4(0.5), y * f4(0.5))
                if m >= f4(0.999):
                    p, q, r, s, uu, vv = p1, q1, r1, s1, u1, v1
                # Colour weighs by the light that carries it.
                la = max(p - low, f4(1))
                lb = max(p1 - low, f4(1))
                # Mixed as light, what gets darker would seem to wait and what gets brighter to jump.
                m += m * (f4(1) - m) * (la - lb) / (la + lb)
                lit = lit if lamp else m
                d = min(dark, lb)
                given = d * d * m + (lb * lb - d * d) * lit
                k = given / (la * la * (f4(1) - m) + given + f4(0.01))
                p, q = _mixed(p, p1, dark, m, lit), _mixed(q, q1, dark, m, lit)
                r, s = _mixed(r, r1, dark, m, lit), _mixed(s, s1, dark, m, lit)
                uu += (u1 - uu) * k
                vv += (v1 - vv) * k
            glint = shine * m * m * (f4(1) - m) * f4(6.75)
            if glint > f4(0):
                p, q = p + (f4(235) - p) * glint, q + (f4(235) - q) * glint
                r, s = r + (f4(235) - r) * glint, s + (f4(235) - s) * glint
                uu, vv = uu + (f4(122) - uu) * glint, vv + (f4(134) - vv) * glint
            ys[2 * by, 2 * bx] = clipped(p, low, f4(235))
            ys[2 * by, 2 * bx + 1] = clipped(q, low, f4(235))
            ys[2 * by + 1, 2 * bx] = clipped(r, low, f4(235))
            ys[2 * by + 1, 2 * bx + 1] = clipped(s, low, f4(235))
            us[by, bx] = clipped(uu, low, f4(240))
            vs[by, bx] = clipped(vv, low, f4(240))
