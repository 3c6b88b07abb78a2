"""Plates: pictures painted once and lit again every moment, so that day can turn to night without a rebuild."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numba import float32 as f4
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import Real, helper, lean, sample, smoothstep
from kineograph.engines.animatic.settings.layers import MARGIN_X, MARGIN_Y
from kineograph.engines.animatic.settings.strips import PLANE
from kineograph.engines.animatic.shot import Shot

F32 = NDArray[np.float32]

# A plate's channels: what it sends back of the key light (3), of the sky (3), of the air between (1); coverage (last).
# A plate with lamps has four more before coverage: their light (3), and that light's luma × the dusk at which it comes on.
KEY, SKY, AIR, LAMP, DUSK, COVER = slice(0, 3), slice(3, 6), 6, slice(7, 10), 10, -1
CHANNELS, LAMP_CHANNELS = 8, 12
# Where green, blue and coverage of a mixed row begin, and the places after; then the same for what is found in it.
# Unsigned, for numba guards every signed index.
_1, _2 = np.uint64(1), np.uint64(2)
_G, _GG, _GGG = (np.uint64(PLANE + i) for i in range(3))
_B, _BB, _BBB = (np.uint64(2 * PLANE + i) for i in range(3))
_W, _WW, _WWW = (np.uint64(3 * PLANE + i) for i in range(3))
_R2, _G2, _B2, _W2 = (np.uint64(PLANE * i) for i in range(4, 8))
SWITCH = 0.025  # of dusk: how long one lamp takes to come on


@dataclass(frozen=True, slots=True)
class Canvas:
    """The shape of a plate around a frame, and where the world falls on it.

    Attributes:
        width, height: Of the frame, pixels.
        mx, my: Margins, pixels.
        camera: The rest camera.
    """

    width: int
    height: int
    mx: int
    my: int
    camera: Camera

    @classmethod
    def of(cls, shot: Shot) -> Canvas:
        """The canvas of a shot at its shading size."""
        width, height = shot.shading_size
        return cls(width, height, round(MARGIN_X * height), round(MARGIN_Y * height), shot.rest)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of a plate."""
        return self.height + 2 * self.my, self.width + 2 * self.mx

    def blank(self, channels: int = CHANNELS) -> F32:
        """An empty plate."""
        return np.zeros((*self.shape, channels), np.float32)

    def project(self, points: F32) -> F32:
        """World points (n, 3) -> column and row on the plate, and pixels per metre there, (n, 3)."""
        at = self.camera.project(np.ascontiguousarray(points, np.float32), self.width, self.height)
        at[:, 0] += self.mx
        at[:, 1] += self.my
        at[:, 2] *= self.camera.focal * self.height
        return at

    def ground(self) -> tuple[F32, F32, F32]:
        """World x (h, w) and depth (h,) of the ground under every pixel, and coverage (h,): 1 below the horizon."""
        rows = np.arange(self.shape[0], dtype=np.float32) + 0.5 - self.my
        below = rows - self.camera.horizon * self.height
        scale = self.camera.focal * self.height
        depth = (scale * self.camera.y / np.maximum(below, 0.35)).astype(np.float32)
        columns = np.arange(self.shape[1], dtype=np.float32) + 0.5 - self.mx
        across = (columns - self.width * 0.5 + self.camera.pan * self.height) / scale
        x = self.camera.x + across[None] * depth[:, None]
        return x.astype(np.float32), depth, np.clip(below + 0.5, 0, 1).astype(np.float32)


@helper
def _on(p: F32, dusk: Real) -> Real:
    """How far the lamps of a pixel are on at this dusk, 0…1."""
    luma = f4(0.3) * p[7] + f4(0.5) * p[8] + f4(0.2) * p[9]
    if luma <= f4(1e-5):
        return f4(0)
    return smoothstep(f4(-SWITCH), f4(SWITCH), dusk - p[10] / luma)


@lean
def _relit(plate: F32, span: NDArray[np.int32], lamp: F32, dusk: Real, out: F32) -> None:
    last = plate.shape[2] - 1
    for y in range(plate.shape[0]):
        for q in range(4):
            for x in range(np.uint64(plate.shape[1])):
                out[y, q, x] = f4(0)
        for x in range(np.uint64(max(span[y, 0], 0)), np.uint64(span[y, 1] + 1)):
            p = plate[y, x]
            if p[last] <= f4(0):
                continue
            for q in range(3):
                out[y, q, x] = p[q] * lamp[q] + p[3 + q] * lamp[3 + q] + p[6] * lamp[6 + q]
            out[y, 3, x] = p[last]
            if last > 7:
                on = _on(p, dusk)
                for q in range(3):
                    out[y, q, x] += p[7 + q] * on


def relight(plate: F32, light: Light, dusk: float = 0.0, span: NDArray[np.int32] | None = None) -> F32:
    """The plate (h, w, 8 or 12) as it looks under `light`: (h, 4, w), linear, premultiplied.

    Args:
        dusk: 0 by day … 1 at night: lamps come on one by one as it rises past each one's own value.
        span: (h, 2) first and last covered column of each row, where known.
    """
    out = np.empty((plate.shape[0], 4, plate.shape[1]), np.float32)
    if span is None:
        span = _span(plate)
    numbers = np.concatenate([light.key, light.sky, light.haze]).astype(np.float32)
    _relit(plate, span, numbers, np.float32(dusk), out)
    return out


def haze(plate: F32, share: float) -> F32:
    """The plate seen through air that hides `share` of it, in place."""
    plate[..., :COVER] *= 1 - share
    plate[..., AIR] += plate[..., COVER] * share
    return plate


@dataclass(frozen=True, slots=True)
class Plate:
    """A painted plate and how it moves.

    Attributes:
        paint: (h, w, 8), or (h, w, 12) with lamps.
        depth: (h,) metres from the rest camera, one per row: constant for what stands, falling for ground.
        wind: How far the wind moves it, in frame heights at its top.
        foot: Row (of the plate) below which the wind moves nothing.
    """

    paint: F32
    depth: F32
    wind: float = 0.0
    foot: float = 0.0


def unchanging(shot: Shot) -> bool:
    """Does one light last the whole film? Not while the sun moves, nor under lightning."""
    return abs(shot.sun_elevation_to - shot.sun_elevation) < 0.5 and shot.spec.weather != "storm"


def standing(canvas: Canvas, depth: float) -> F32:
    """Depths of a plate that stands upright, (h,)."""
    return np.full(canvas.shape[0], depth, np.float32)


@helper
def _sway(tile: F32, x: Real, y: Real, t: Real, inverse: Real) -> Real:
    """Wind at a place of the picture, -1…1: slow swell that is nearly one for a whole column, and a light flutter."""
    swell = f4(0.5) * math.sin(t * f4(1.1) + x * inverse * f4(2.3)) + f4(0.42) * sample(
        tile, x * inverse * f4(22) - t * f4(9), y * inverse * f4(5) + t * f4(1.5)
    )
    return swell + f4(0.16) * math.sin(t * f4(4.1) + x * inverse * f4(17) + y * inverse * f4(11))


@helper
def _look(row: F32, i: int, start: Real, drift: Real, x: int, count: int) -> None:
    """Find `count` pixels from column x in a mixed row, where the first lies `start` (0…1, or to 2) after place i and each
    next one `drift` further than the last. Three neighbours of which one has no weight: places that follow each other are
    read eight at a time."""
    a, o = np.uint64(i), np.uint64(x)
    for n in range(np.uint64(count)):
        at = start + drift * f4(np.int32(n))
        before, after = max(f4(1) - at, f4(0)), max(at - f4(1), f4(0))
        middle = f4(1) - before - after
        row[_R2 + o] = before * row[a] + middle * row[a + _1] + after * row[a + _2]
        row[_G2 + o] = before * row[_G + a] + middle * row[_GG + a] + after * row[_GGG + a]
        row[_B2 + o] = before * row[_B + a] + middle * row[_BB + a] + after * row[_BBB + a]
        row[_W2 + o] = f4(1) - (before * row[_W + a] + middle * row[_WW + a] + after * row[_WWW + a])
        a += _1
        o += _1


@helper
def _put(out: F32, y: int, begin: int, end: int, row: F32) -> None:
    """Put what was found over a row of the picture."""
    for x in range(np.uint64(begin), np.uint64(end)):
        left = row[_W2 + x]
        # What lies under may be unpainted memory: nothing of it where the plate is solid.
        solid = left < f4(0.002)
        out[y, x, 0] = row[_R2 + x] + (f4(0) if solid else out[y, x, 0] * left)
        out[y, x, 1] = row[_G2 + x] + (f4(0) if solid else out[y, x, 1] * left)
        out[y, x, 2] = row[_B2 + x] + (f4(0) if solid else out[y, x, 2] * left)


@lean
def _lay(out: F32, rgba: F32, rows: F32, span: NDArray[np.int32], tile: F32, t: Real, row: F32) -> None:
    """Put a picture over `out`. rows: (h, 4) source row, source column at x = 0, columns per pixel, wind in columns.

    span: (hs, 2) first and last column of each source row that holds anything. row: scratch, 8 planes.
    """
    h, w = out.shape[0], out.shape[1]
    hs, ws = rgba.shape[0], rgba.shape[2]
    inverse = f4(1) / h
    for y in range(h):
        sy = rows[y, 0]
        if sy < f4(0) or sy >= f4(hs - 1):
            continue
        j = int(sy)
        v = sy - f4(j)
        blown: Real = abs(rows[y, 3]) * f4(1.2)
        reach = blown + f4(1)
        first = f4(min(span[j, 0], span[j + 1, 0])) - reach
        last = f4(max(span[j, 1], span[j + 1, 1])) + reach
        begin = max(0, int((first - rows[y, 1]) / rows[y, 2]), math.ceil((blown - rows[y, 1]) / rows[y, 2]))
        end = min(w, int((last - rows[y, 1]) / rows[y, 2]) + 2, int((f4(ws - 1.001) - reach - rows[y, 1]) / rows[y, 2]))
        if end <= begin:
            continue
        low = max(int(rows[y, 1] + f4(begin) * rows[y, 2] - reach), 0)
        high = min(int(rows[y, 1] + f4(end) * rows[y, 2] + reach) + 3, ws)
        for c in range(4):
            one, two, plane = rgba[j, c], rgba[j + 1, c], row[c * PLANE :]
            for q in range(np.uint64(low), np.uint64(high)):
                plane[q] = one[q] + (two[q] - one[q]) * v
        # The wind is far smoother than a pixel: it is looked up every 16 columns.
        windy = rows[y, 3] != f4(0)
        run = 16 if windy else end - begin
        push = rows[y, 3] * _sway(tile, f4(begin), f4(y), t, inverse) if windy else f4(0)
        for x0 in range(begin, end, run):
            a, b = push, f4(0)
            if windy:
                push = rows[y, 3] * _sway(tile, f4(x0 + 16), f4(y), t, inverse)
                b = (push - a) * f4(0.0625)
            place, drift = rows[y, 1] + f4(x0) * rows[y, 2] + a, rows[y, 2] + b - f4(1)
            most = int(f4(1) / max(abs(drift), f4(1e-4)))  # pixels in which it drifts by less than one
            x, stop = x0, min(x0 + run, end)
            while x < stop:
                count = min(max(most, 1), stop - x)
                i = int(min(place, place + drift * f4(count - 1)))
                _look(row, i, place - f4(i), drift, x, count)
                place += f4(count) * (f4(1) + drift)
                x += count
        _put(out, y, begin, end, row)


def rows_of(plate: Plate, canvas: Canvas, camera: Camera) -> F32:
    """Where each row of the picture finds its pixels on the plate, (h, 4): see `_lay`."""
    rest, height = canvas.camera, canvas.height
    near = np.maximum(plate.depth - (camera.z - rest.z), 0.05)
    source = np.arange(len(plate.depth)) + 0.5
    rise = rest.y - (source - canvas.my - rest.horizon * height) * plate.depth / (rest.focal * height)
    lands = camera.horizon * height - (rise - camera.y) * camera.focal * height / near
    lands = np.maximum.accumulate(lands + source * 1e-5)
    wanted = np.arange(height) + 0.5
    row = np.interp(wanted, lands, source - 0.5, left=-9, right=-9)
    at = np.clip(row, 0, len(source) - 1)
    d, d1 = np.interp(at, source - 0.5, plate.depth), np.interp(at, source - 0.5, near)
    scale = d1 / d * rest.focal / camera.focal
    shift = (camera.x - rest.x) * rest.focal * height / d
    first = canvas.mx + canvas.width / 2 - rest.pan * height + shift
    first = first + (0.5 - canvas.width / 2 + camera.pan * height) * scale - 0.5
    wind = plate.wind * height * np.clip((plate.foot - at) / height * 1.5, 0, 1)
    return np.ascontiguousarray(np.stack([row, first, scale, wind], 1), dtype=np.float32)


class Stack:
    """Plates of one shot, ready to be drawn at any moment. Lit once where the light does not change."""

    def __init__(
        self,
        canvas: Canvas,
        plates: Sequence[Plate],
        light: Light,
        tile: F32,
        dusk: float = 0.0,
        *,
        fixed: bool = False,
    ) -> None:
        """
        Light the plates for the first moment.

        Args:
            tile: (n, n) noise of the wind.
            fixed: The light never changes in this film: the paint, most of a set's memory, is let go.
        """
        self.canvas = canvas
        self.plates = list(plates)
        self._light, self._dusk = light, dusk
        self._tile = tile
        self._spans = [_span(plate.paint) for plate in self.plates]
        self._lit: dict[int, F32] = {}  # as they look in the first light, by number
        self._fixed = fixed
        if fixed:
            for number in range(len(self.plates)):
                self._first(number)
            self.plates = [replace(plate, paint=np.zeros((0, 0, CHANNELS), np.float32)) for plate in self.plates]

    def _first(self, number: int) -> F32:
        """This plate in the first light, kept: a storm comes back to it after every flash, a day that goes never does."""
        if number not in self._lit:
            self._lit[number] = relight(self.plates[number].paint, self._light, self._dusk, self._spans[number])
        return self._lit[number]

    def draw(self, which: Sequence[int], t: float, light: Light, camera: Camera, out: F32, dusk: float = 0.0) -> None:
        """Put the plates of these numbers over the picture, in this order."""
        steady = self._fixed or (light is self._light and dusk == self._dusk)
        for number in which:
            plate = self.plates[number]
            rgba = self._first(number) if steady else relight(plate.paint, light, dusk, self._spans[number])
            row = np.zeros(8 * PLANE, np.float32)
            _lay(out, rgba, rows_of(plate, self.canvas, camera), self._spans[number], self._tile, np.float32(t), row)


def follow(points: F32, depth: float, canvas: Canvas, camera: Camera) -> F32:
    """Where points of a standing plate (n, 2), pixels of the plate, are seen in the frame now, (n, 2)."""
    rest, h = canvas.camera, canvas.height
    near = max(depth - (camera.z - rest.z), 0.05)
    aside = (points[:, 0] - canvas.mx - canvas.width / 2 + rest.pan * h) * depth / (rest.focal * h) + rest.x - camera.x
    rise = rest.y - (points[:, 1] - canvas.my - rest.horizon * h) * depth / (rest.focal * h) - camera.y
    x = canvas.width / 2 - camera.pan * h + aside * camera.focal * h / near
    return np.stack([x, camera.horizon * h - rise * camera.focal * h / near], 1).astype(np.float32)


def _span(paint: F32) -> NDArray[np.int32]:
    """First and last covered column of each row, (h, 2); an empty row's last lies before its first."""
    covered = paint[..., COVER] > 0
    first = np.where(covered.any(1), covered.argmax(1), paint.shape[1])
    last = np.where(covered.any(1), paint.shape[1] - 1 - covered[:, ::-1].argmax(1), -1)
    return np.ascontiguousarray(np.stack([first, last], 1), dtype=np.int32)
