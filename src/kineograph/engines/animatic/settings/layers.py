"""Still layers under a moving camera: one depth per source row, so that parallax never tears.

Pictures are kept as premultiplied uint16 (8.0 is the brightest), one plane per channel and row, and composited front to
back with early out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.noise import F32, spectral
from kineograph.engines.animatic.settings.base import Layer
from kineograph.engines.animatic.settings.weave import CELL, GUSTS, ROW, RUN, composite, pack
from kineograph.engines.animatic.shot import Shot

U16 = NDArray[np.uint16]
U8 = NDArray[np.uint8]

MARGIN_X, MARGIN_Y = 0.16, 0.08  # of the frame's height, painted beyond each edge of the frame
_NOTHING = np.zeros((0, 0, 4), np.float32)


def travel_limit(depth: float, rest: Camera) -> float:
    """How far the eye may move sideways, in metres, before the edge of a layer `depth` metres away shows.

    Vertical moves may go half as far; moving forward is free; moving back is limited by `retreat_limit`.
    """
    return MARGIN_X * 0.92 * depth / rest.focal


def retreat_limit(depth: float, width: int, height: int) -> float:
    """How far the eye may move back, in metres, before the edge of a layer `depth` metres away shows."""
    half = width / height / 2
    return depth * min(MARGIN_X * 0.9 / half, MARGIN_Y * 0.9 / 0.5)


@dataclass(frozen=True, slots=True)
class Canvas:
    """The pixels a layer is painted on: the rest camera's frame and the margins around it.

    Attributes:
        width, height: Of the canvas, pixels.
        mx, my: Where the frame's upper left corner lies on it.
        frame: Width and height of the frame at shading size.
        rest: The camera it is painted for.
    """

    width: int
    height: int
    mx: int
    my: int
    frame: tuple[int, int]
    rest: Camera

    @classmethod
    def of(cls, shot: Shot) -> Canvas:
        """The canvas of a shot."""
        w, h = shot.shading_size
        mx, my = math.ceil(MARGIN_X * h), math.ceil(MARGIN_Y * h)
        return cls(w + 2 * mx, h + 2 * my, mx, my, (w, h), shot.rest)

    @property
    def focal(self) -> float:
        """Focal length in pixels."""
        return self.rest.focal * self.frame[1]

    @property
    def horizon(self) -> float:
        """Row of the horizon."""
        return self.my + self.rest.horizon * self.frame[1]

    @property
    def axis(self) -> float:
        """Column of the optical axis."""
        return self.mx + self.frame[0] / 2 - self.rest.pan * self.frame[1]

    def row(self, y: float, depth: float) -> float:
        """Row of a height above the ground, metres, at a depth from the rest eye."""
        return self.horizon + (self.rest.y - y) * self.focal / depth

    def column(self, x: float, depth: float) -> float:
        """Column of a world x at a depth from the rest eye."""
        return self.axis + (x - self.rest.x) * self.focal / depth

    def ground_depths(self, farthest: float) -> F32:
        """(height,) depth of flat ground at each row; `farthest` at and above the horizon."""
        below = np.arange(self.height) + 0.5 - self.horizon
        flat = self.focal * self.rest.y / np.maximum(below, 1e-3)
        return np.where(below > 0, np.minimum(flat, farthest), farthest).astype(np.float32)

    def blank(self) -> F32:
        """An empty layer: (height, width, 4) of zeros."""
        return np.zeros((self.height, self.width, 4), np.float32)


def _occupied(alpha: U16) -> U8:
    """Per cell: is there any alpha? Dilated by one cell so that bilinear taps and wind stay inside."""
    some = np.bitwise_or.reduceat(alpha, np.arange(0, alpha.shape[0], CELL), 0)
    cells = (np.bitwise_or.reduceat(some, np.arange(0, alpha.shape[1], CELL), 1) > 0).astype(np.uint8)
    return np.asarray(cv2.dilate(cells, np.ones((3, 3), np.uint8)), dtype=np.uint8)


class Compositor:
    """Layers of one shot, nearest first.

    Args:
        canvas: What they were painted on.
        layers: Sorted by their nearest row, unless `arranged`.
        gust: Multiplies the wind.
        sway: How far a layer of wind 1 moves, in frame heights. More than about 0.011 melts grass.
        arranged: The layers come far to near: ground that runs under what stands on it goes before it.
    """

    def __init__(
        self,
        shot: Shot,
        canvas: Canvas,
        layers: Sequence[Layer],
        gust: float = 1.0,
        sway: float = 0.008,
        *,
        arranged: bool = False,
    ) -> None:
        self._canvas = canvas
        near = sorted(layers, key=lambda layer: float(layer.depth.min()))
        nearest_first = list(reversed(layers)) if arranged else near
        # Their paint is packed below; to be let go, it is most of a set's memory.
        self._layers = [replace(layer, pixels=_NOTHING) for layer in nearest_first]
        self._noise = spectral(256, 3.0, shot.rng("wind"), lo=4, hi=30)
        self._gust = gust
        self._sway = [layer.wind * min(gust, 1.35) * sway * canvas.frame[1] for layer in self._layers]
        n = max(len(self._layers), 1)
        self._pixels = np.zeros((n, canvas.height, 4, canvas.width), np.uint16)
        for k, layer in enumerate(nearest_first):
            pack(np.ascontiguousarray(layer.pixels, np.float32).reshape(canvas.height, -1), self._pixels[k])
        alpha = self._pixels[:, :, 3]
        self._occupied = np.stack([_occupied(one) for one in alpha])
        self._solid = np.asarray((alpha > 65000).all(2))  # (n, height): rows that hide everything behind
        seen = np.asarray((alpha > 0).any(2))
        self._span = [(int(r.argmax()), int(len(r) - r[::-1].argmax())) if r.any() else (0, 0) for r in seen]

    @property
    def layers(self) -> Sequence[Layer]:
        """Nearest first, the order of gains, without their pixels."""
        return self._layers

    def table(self, camera: Camera) -> F32:
        """(layers, rows, 4): source row (-1: nothing), source columns per column, source column of column 0, sway."""
        w, h = self._canvas.frame
        rest, canvas = self._canvas.rest, self._canvas
        rows = np.arange(h, dtype=np.float64) + 0.5
        out = np.full((max(len(self._layers), 1), h, 4), -1, np.float32)
        for k, layer in enumerate(self._layers):
            first, last = self._span[k]
            if last <= first:
                continue
            near = layer.depth.astype(np.float64)
            away = np.maximum(near - (camera.z - rest.z), 0.03 * near)
            scale = near / away * (camera.focal / rest.focal)
            source = np.arange(canvas.height) + 0.5
            lift = (camera.y - rest.y) * camera.focal * h / away
            there = camera.horizon * h + (source - canvas.horizon) * scale + lift
            there = np.maximum.accumulate(there + np.arange(canvas.height) * 1e-6)
            sy = np.interp(rows, there, source, left=-9)  # below the canvas its last row goes on
            step = 1 / np.interp(sy, source, scale)
            slide = (camera.x - rest.x) * camera.focal * h / np.interp(sy, source, away)
            axis = w / 2 - camera.pan * h - slide
            sy -= 0.5
            hidden = (sy < first - 1) | (sy > last)
            out[k, :, 0] = np.where(hidden, -1, np.clip(sy, 0, canvas.height - 1.001))
            out[k, :, 1] = step
            out[k, :, 2] = canvas.axis - 0.5 + (0.5 - axis) * step
            out[k, :, 3] = self._sway[k]
        return out

    def covered_from(self, table: F32) -> int:
        """First row from which on some layer hides everything: the sky need not be painted below."""
        rows = np.clip(table[:, :, 0].astype(int), 0, self._canvas.height - 2)
        k = np.arange(len(rows))[:, None]
        solid = (self._solid[k, rows] & self._solid[k, rows + 1] & (table[:, :, 0] >= 0)).any(0)
        open_ = np.flatnonzero(~solid)
        return int(open_[-1]) + 1 if len(open_) else 0

    def paint(
        self, t: float, table: F32, out: F32, gains: F32 | None = None, top: int = 0, bottom: int | None = None
    ) -> None:
        """Composite over rows top…bottom of `out`. `gains` (layers, 3) relights each layer."""
        if not self._layers:
            return
        if gains is None:
            gains = np.ones((len(self._layers), 3), np.float32)
        end = out.shape[0] if bottom is None else bottom
        runs = -(-out.shape[1] // RUN)
        row, seen = np.empty(ROW, np.float32), np.empty(ROW, np.float32)
        at, left, wanted = np.empty(runs + 1, np.float32), np.empty(runs, np.float32), np.empty(runs, np.uint8)
        table = np.ascontiguousarray(table)
        gusts = np.empty((len(self._layers), GUSTS + 2, runs + 1), np.float32)
        composite(
            out, self._pixels, self._occupied, table, gains, self._noise, np.float32(t * self._gust), top, end,
            row, seen, at, left, wanted, gusts,
        )  # fmt: skip
