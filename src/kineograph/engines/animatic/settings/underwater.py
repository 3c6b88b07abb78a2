"""Underwater: the surface from below, shafts, caustics dancing on sand, a reef that sways, a shoal, bubbles."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean, smoothstep, spectral
from kineograph.engines.animatic.settings import rays, reef, stamps
from kineograph.engines.animatic.settings.base import Layer, Picture
from kineograph.engines.animatic.settings.floor import Floor
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.place import Parts, Place
from kineograph.engines.animatic.settings.relief import ridged
from kineograph.engines.animatic.settings.strips import PLANE, along, strip
from kineograph.engines.animatic.settings.strokes import draw
from kineograph.engines.animatic.settings.terrain import Range, raise_range
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot

F64 = NDArray[np.float64]
_WATERS = ((0.030, 0.30, 0.42), (0.020, 0.21, 0.46), (0.035, 0.34, 0.36))
_SIGHT = 11.0  # metres after which water has taken 63 % of the contrast
_SAND = (0.33, 0.30, 0.225)
# Bands of the reef, metres from the eye, and plants in each for a frame of 16:9.
_BANDS = ((13.0, 22), (8.5, 18), (5.6, 12), (3.4, 6))
_GROWTH: tuple[Callable[..., F64], ...] = (
    reef.kelp, reef.branching, reef.boulder, reef.fan, reef.sponge, reef.grass, reef.boulder, reef.grass,
)  # fmt: skip


def build(shot: Shot) -> Place:
    """The sea floor of a shot."""
    sea = _Sea(shot)
    back, front = sea.layers()
    parts = Parts(
        back=back, front=front, between=[sea.shoal, sea.caustics], over=[sea.shafts], filtered=sea.filtered,
        gloss=(0.0, 1.0), sway=0.011,
    )  # fmt: skip
    # Whatever the weather is above, down here it does not rain.
    calm = replace(shot, wind=0.5, spec=replace(shot.spec, weather="clear"))
    return Place(calm, sea, parts, Weather(calm, extra=("plankton", "bubbles"), ground=False))


# Planes of a row: two looks at a tile, the light's fall to both sides, and a strip of the tile.
_ONE, _TWO, _FALL, _STRIP = (np.uint64(PLANE * i) for i in range(4))
_NUMBERS = PLANE * 4


@helper
def _surface(tile: F32, dx: Real, step: Real, z: Real, t: Real, seen: Real, width: int, row: F32) -> None:
    """How the rippling surface glitters at distance z into ONE; dx: of column 0."""
    n = tile.shape[0]
    strip(tile, z * f4(60) + t * f4(5), row, _STRIP)
    along(row, _STRIP, n, dx * z * f4(46) + t * f4(3), step * z * f4(46), 0, width, _ONE)
    strip(tile, z * f4(52) - t * f4(2), row, _STRIP)
    along(row, _STRIP, n, dx * z * f4(38) - t * f4(4) + f4(9), step * z * f4(38), 0, width, _TWO)
    for x in range(np.uint64(width)):
        row[_ONE + x] *= row[_TWO + x] * seen


@lean
def _water(out: F32, tile: F32, tint: F32, view: F32, t: Real, bottom: int, row: F32) -> None:
    """view: horizon row, column of the light. Open water, and the rippling surface where one looks up at it."""
    h, w = out.shape[0], out.shape[1]
    inverse = f4(1.0) / h
    for x in range(w):
        dx = (f4(x) - view[1]) * inverse
        row[_FALL + np.uint64(x)] = math.exp(-dx * dx * f4(2.2))
    for y in range(bottom):
        e = (view[0] - f4(y)) * inverse
        up = smoothstep(f4(-0.15), f4(0.75), e)
        seen = smoothstep(f4(0.12), f4(0.5), e)
        if seen > f4(0.01):
            z = f4(0.6) / (max(e, f4(0.05)) + f4(0.02))
            _surface(tile, -view[1] * inverse, inverse, z, t, seen, w, row)
        else:
            for x in range(np.uint64(w)):
                row[_ONE + x] = f4(0)
        light = math.exp(-(e - f4(0.62)) * (e - f4(0.62)) * f4(5))
        r, g, b = (
            tint[0] * (f4(0.25) + f4(1.2) * up),
            tint[1] * (f4(0.35) + f4(1.1) * up),
            tint[2] * (f4(0.5) + f4(0.8) * up),
        )
        green, blue = tint[1] * light, tint[2] * light
        for x in range(np.uint64(w)):
            k, s = row[_FALL + x], row[_ONE + x]
            out[y, x, 0] = r + k * green * (f4(0.55) + f4(1.9) * s)
            out[y, x, 1] = g + k * green * (f4(1.0) + f4(2.2) * s)
            out[y, x, 2] = b + k * (green * f4(0.9) + blue * f4(1.9) * s)


@lean
def _caustics(out: F32, tile: F32, light: F32, view: F32, t: Real, row: F32) -> None:
    """view: focal in pixels, axis, horizon row, eye x, y, z, 1 ÷ size. A net of light on the floor, fading with distance."""
    w, n = out.shape[1], tile.shape[0]
    for y in range(max(int(view[2]) + 2, 0), out.shape[0]):
        z = view[0] * view[4] / (f4(y) + f4(0.5) - view[2])
        k = math.exp(-z * f4(0.16)) * smoothstep(f4(26), f4(12), z)
        if k < f4(0.01):
            continue
        wz, step = (z + view[5]) * view[6], z / view[0] * view[6]
        wx = (f4(0.5) - view[1]) * step + view[3] * view[6]
        strip(tile, wz * f4(17) + t * f4(3.4), row, _STRIP)
        along(row, _STRIP, n, wx * f4(17) + t * f4(2.6), step * f4(17), 0, w, _ONE)
        strip(tile, wz * f4(15.6) + t * f4(1.3) + f4(17), row, _STRIP)
        along(row, _STRIP, n, wx * f4(15.6) - t * f4(3.1) + f4(31), step * f4(15.6), 0, w, _TWO)
        for x in range(np.uint64(w)):
            c = min(row[_ONE + x], row[_TWO + x])
            c = c * c * c * f4(2.6) * k
            out[y, x, 0] *= f4(0.90) + c * light[0]
            out[y, x, 1] *= f4(0.90) + c * light[1]
            out[y, x, 2] *= f4(0.90) + c * light[2]


class _Sea:
    """Stands in for the sky: what is seen above, and the light that comes down."""

    def __init__(self, shot: Shot) -> None:
        self.shot, self.canvas = shot, Canvas.of(shot)
        self.rng = rng = shot.rng("underwater")
        # The sun is high wherever anything is to be seen down here; the hour only dims and colours it.
        clear = replace(shot.spec, weather="clear")
        self._sky = Sky(replace(shot, spec=clear), ground=_SAND)
        self._seconds = max(shot.frames, 1) / 24
        murk = {"storm": 0.55, "rain": 0.75, "fog": 0.7, "snow": 0.8}.get(shot.spec.weather, 1.0)
        self._clear = murk
        self._tint = np.array(_WATERS[int(rng.integers(len(_WATERS)))], np.float32) * np.float32(0.42)
        self._tile = np.exp(-np.abs(spectral(256, 2.6, rng, lo=7, hi=40)) * 2.2).astype(np.float32)
        self._noise = spectral(256, 2.4, rng, lo=5)
        self._side = float(rng.choice([-1, 1])) * float(rng.uniform(0.12, 0.34)) * shot.width / shot.height
        self._fish = rng.random((26, 6))
        self._lights: dict[float, Light] = {}
        self.lit = self.light(0.0)

    def _bright(self, t: float) -> float:
        share = min(max(t / self._seconds, 0.0), 1.0)
        a, b = self.shot.sun_elevation, self.shot.sun_elevation_to
        return float(np.interp(a + (b - a) * share, [-16, -4, 6, 30], [0.16, 0.30, 0.72, 1.0])) * self._clear

    def light(self, t: float) -> Light:
        """Light from above, blue from everywhere."""
        day = round(self._bright(t), 2)
        if day not in self._lights:
            above = self._sky.light(t)
            tint = self._tint * np.float32(day)
            towards = np.array([0.22 * math.copysign(1, self._side), 0.93, -0.28], np.float32)
            around = above.environment.mean(-1, keepdims=True)
            around = around / max(float(around.mean()), 1e-6)
            self._lights[day] = replace(
                above,
                direction=towards / np.float32(np.linalg.norm(towards)),
                key=np.array([0.62, 0.92, 0.90], np.float32) * np.float32(0.62 * day),
                sky=tint * np.float32(1.5) + np.float32(0.030 * day),
                bounce=tint * np.float32(0.6) + np.float32(0.045 * day),
                haze=tint * np.float32(0.80),
                haze_density=1 / (_SIGHT * 2.6 * self._clear),
                environment=np.ascontiguousarray(around * (tint * np.float32(1.3) + 0.02), np.float32),
                softness=0.35,
                night=max(0.0, 1 - day * 1.6),
            )
        return self._lights[day]

    def filtered(self, light: Light) -> Light:
        """The light is filtered already."""
        return light

    def paint(self, t: float, camera: Camera, out: F32, bottom: int | None = None) -> None:
        """Open water into rows 0…bottom."""
        h, w = out.shape[:2]
        view = np.array([camera.horizon * h, w / 2 + (self._side - camera.pan) * h], np.float32)
        tint = self._tint * np.float32(self._bright(t))
        last = h if bottom is None else min(bottom, h)
        _water(out, self._tile, tint, view, np.float32(t * 0.6), last, np.empty(_NUMBERS, np.float32))

    # -- layers ----------------------------------------------------------------------------------------------------

    def layers(self) -> tuple[list[Layer], list[Layer]]:
        """Rocks, sand, the reef far to near; what is nearer than the cast only at the sides."""
        canvas, rng, light = self.canvas, self.rng, self.lit
        unit = float(np.clip(canvas.rest.y / 1.3, 0.25, 1.6))
        half = canvas.frame[0] / canvas.frame[1] / 2 / canvas.rest.focal
        hero = min((p.z for p in self.shot.placements), default=0.0)
        thin = replace(light, haze_density=light.haze_density / unit)
        rock = Range(
            15 * unit, 34 * unit, 6.5 * unit, 32 * unit, float(rng.choice([-1, 1])) * 0.5 * half, 0.7 * half, 0.25,
            (0.10, 0.09, 0.07), (0.17, 0.13, 0.09),
        )  # fmt: skip
        back = [self._sand(thin, unit), raise_range(canvas, rock, ridged(rng), thin, rng)[0]]
        front: list[Layer] = []
        wide = max(canvas.frame[0] / canvas.frame[1] / 1.78, 0.45)
        for z, count in _BANDS:
            before = z * unit < hero * 1.15
            pixels = canvas.blank()
            for _ in range(max(round(count * wide), 2)):
                self._grow(pixels, z * unit * float(rng.uniform(0.93, 1.07)), unit, before=before)
            layer = Layer(pixels, np.full(canvas.height, z * unit, np.float32), 0.55)
            (front if before else back).append(layer)
        return back, front

    def _sand(self, light: Light, unit: float) -> Layer:
        floor = Floor.of(self.canvas, 40 * unit)
        soft, fine = spectral(256, 2.8, self.rng, lo=3), spectral(512, 1.8, self.rng, lo=8)
        slopes = floor.slopes(soft, 8 / unit, 0.05 * unit)
        bend = floor.noise(soft, 14 / unit) * 1.6
        seen = np.clip(floor.scale * 0.16 * unit / 12 - 0.2, 0, 1)[:, None]
        wave = np.cos(floor.z[:, None] / (0.16 * unit) * 6.28 + floor.x / unit * 5 + bend) * seen
        shade = (slopes[0] + np.float32(0.05) * wave, slopes[1] + np.float32(0.16) * wave)
        grain = floor.noise(fine, 240 / unit)
        albedo = np.array(_SAND, np.float32) * (1 + 0.07 * grain + 0.08 * floor.noise(soft, 22 / unit))[..., None]
        return floor.layer(albedo * floor.lit(shade, light), light)

    def _grow(self, pixels: F32, z: float, unit: float, *, before: bool) -> None:
        canvas, rng = self.canvas, self.rng
        x = float(rng.uniform(-0.02, 1.02)) * canvas.width
        for one in self.shot.placements:
            reach = (0.35 * one.height + 0.1) * canvas.focal / one.z
            if abs(x - canvas.column(one.x, one.z)) < reach:
                return
        if before and abs(x - canvas.axis) < 0.40 * canvas.frame[0]:
            return
        far = 1 - math.exp(-z / (_SIGHT * unit * self._clear))
        light = self.lit

        def lit(albedo: F64, share: F64) -> F64:
            bright = light.sky * 1.1 + light.key * np.asarray(share)[..., None] * 0.9
            return np.asarray(albedo * bright * (1 - far) + light.haze * far, np.float64)

        grow = _GROWTH[int(rng.integers(len(_GROWTH)))]
        draw(pixels, grow(x, canvas.row(0.0, z) + 2, canvas.focal / z * unit, lit, rng))

    # -- what lives ------------------------------------------------------------------------------------------------

    def shafts(self, t: float, camera: Camera, light: Light, out: Picture) -> None:
        """Light from the surface."""
        strength = np.float32(0.62 * self._bright(t))
        tinted = replace(light, key=self._tint * np.float32(2.6) + np.float32(0.05))
        at = (out.shape[1] / out.shape[0] / 2 + self._side - camera.pan, -0.30)
        rays.shafts(t, camera, tinted, self._noise, float(strength), out, at)

    def caustics(self, t: float, camera: Camera, light: Light, out: Picture) -> None:
        """The net of light on the floor."""
        h, w = out.shape[:2]
        unit = float(np.clip(self.canvas.rest.y / 1.3, 0.25, 1.6))
        view = np.array(
            [camera.focal * h, w / 2 - camera.pan * h, camera.horizon * h, camera.x, camera.y, camera.z, 1 / unit],
            np.float32,
        )
        strength = light.key / max(float(light.key.max()), 1e-6) * np.float32(self._bright(t))
        scratch = np.empty(_NUMBERS, np.float32)
        _caustics(out, self._tile, strength.astype(np.float32), view, np.float32(t), scratch)

    def shoal(self, t: float, camera: Camera, light: Light, out: Picture) -> None:
        """Small fish in the middle distance, going round together."""
        h, w = out.shape[:2]
        f = self._fish
        turn = t * 0.16 + f[0, 5] * 6.28
        middle = (w / h) * (0.5 + 0.34 * math.sin(turn)), camera.horizon - 0.16 + 0.05 * math.sin(turn * 2.3)
        way = math.copysign(1.0, math.cos(turn))
        near = 0.6 + 0.8 * f[:, 2]
        x = middle[0] + (f[:, 0] - 0.5) * 0.42 + 0.015 * np.sin(t * (1 + f[:, 3]) + f[:, 4] * 6.28) - camera.pan
        y = middle[1] + (f[:, 1] - 0.5) * 0.17 + 0.008 * np.sin(t * 1.7 + f[:, 3] * 6.28)
        rows = np.zeros((2 * len(f), stamps.STAMP_COLUMNS), np.float32)
        body, tail = rows[: len(f)], rows[len(f) :]
        size = 0.0105 * near * h
        beat = np.sin(t * (7 + 4 * f[:, 3]) + f[:, 4] * 6.28)
        body[:, 0], body[:, 1], body[:, 2], body[:, 3] = x * h, y * h, size, size * 0.42
        tail[:, 0], tail[:, 1] = x * h - way * size * 1.05, y * h
        tail[:, 2], tail[:, 3] = size * 0.42 * (0.8 + 0.2 * beat), size * 0.36
        rows[:, 4], rows[:, 5] = 1, 0
        silver = light.sky * np.float32(1.2) + light.key * np.float32(0.22)
        rows[:, 6:9] = silver * np.float32(0.35) + light.haze * np.float32(0.55)
        rows[:, 9], rows[:, 10], rows[:, 11] = 0.85, 0.35, stamps.LEAF
        stamps.stamps(out, rows)
