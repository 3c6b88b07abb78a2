"""Meadow: grass and flowers in the wind, before hills and trees or, for a small hero, before an unsharp garden."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.light.tables import weather_of
from kineograph.engines.animatic.noise import F32
from kineograph.engines.animatic.settings.base import Layer, Picture
from kineograph.engines.animatic.settings.bokeh import curtain
from kineograph.engines.animatic.settings.grass import Turf, band, pick, snowed, turf
from kineograph.engines.animatic.settings.hills import relit, wooded
from kineograph.engines.animatic.settings.layers import Canvas, Compositor
from kineograph.engines.animatic.settings.terrain import Range
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot

GROUND = (0.10, 0.14, 0.04)
_RIME = np.array([[0.30, 0.33, 0.36], [0.20, 0.24, 0.25], [0.42, 0.45, 0.49]])  # leaves under snow
_SMALL = 0.30  # metres of the eye: below it the camera is at a kitten's height, and everything far is out of focus
_EDGES = (1.0, 1.7, 3.0, 5.6, 11.0)  # bands of grass, as multiples of the nearest visible ground
_BLADES = (5200, 6800, 8400, 9000)


class Meadow:
    """Built once per shot."""

    def __init__(self, shot: Shot) -> None:
        rng = shot.rng("meadow")
        self._shot = shot
        self._canvas = canvas = Canvas.of(shot)
        self.sky = Sky(shot, ground=GROUND)
        self._lit = light = self.sky.light(0.0)
        eye = shot.rest.y
        small = bool(shot.placements) and (eye < _SMALL or (eye < 2 * _SMALL and rng.random() < 0.4))
        plants = turf(eye * (0.17 if shot.placements else 0.27), rng)
        if shot.spec.weather == "snow":
            plants = snowed(plants)
        nearest = canvas.rest.focal * eye / (1 - canvas.rest.horizon + 0.09)
        gust = weather_of(shot.spec.weather).gust
        far = (
            [curtain(canvas, 40 * eye, _RIME if shot.spec.weather == "snow" else pick("leaves", rng), light, rng)]
            if small
            else _hills(shot, canvas, light, rng)
        )
        self._weather = Weather(shot, mist=0.5, ground=False)
        self._back = Compositor(shot, canvas, [*far, *_bands(canvas, nearest, plants, light, rng, small=small)], gust)
        self._front = Compositor(shot, canvas, _before(shot, canvas, nearest, plants, light, rng), gust)

    def light(self, t: float) -> Light:
        """The sky's light, green from below."""
        return self.sky.light(t)

    def backdrop(self, t: float, camera: Camera, out: Picture) -> None:
        """Sky, hills or garden, and the grass the cast stands in."""
        table = self._back.table(camera)
        covered = self._back.covered_from(table)
        if covered > 0:
            self.sky.paint(t, camera, out, bottom=covered)
        out[covered:] = 0
        self._back.paint(t, table, out, self._gains(self._back, t))
        self._weather.behind(t, camera, self.light(t), out)

    def overlay(self, t: float, camera: Camera, out: Picture) -> None:
        """Blades before the feet, and a few close ones out of focus."""
        self._front.paint(t, self._front.table(camera), out, self._gains(self._front, t))
        self._weather.before(t, camera, self.light(t), out)

    def _gains(self, layers: Compositor, t: float) -> F32:
        return relit(layers.layers, self._lit, self.light(t))


def _hills(shot: Shot, canvas: Canvas, light: Light, rng: np.random.Generator) -> list[Layer]:
    side = float(rng.choice([-1, 1]))
    half = canvas.frame[0] / canvas.frame[1] / 2 / canvas.rest.focal
    green, pale = (0.075, 0.125, 0.030), (0.17, 0.20, 0.055)
    snow = shot.spec.weather == "snow"
    ranges = [
        Range(
            420,
            1500,
            95,
            1700,
            side * rng.uniform(0.3, 0.7) * half,
            half,
            0.35,
            (0.05, 0.085, 0.035),
            (0.09, 0.13, 0.05),
        ),
        Range(120, 420, 22, 640, -side * rng.uniform(0.3, 0.8) * half, half, 0.40, green, pale),
    ]
    if snow:
        ranges = [replace(one, snow=-0.5) for one in ranges]
    return wooded(canvas, ranges, light, pick("leaves", rng), rng, trees=(34, 30), single=int(rng.integers(2, 6)))


def _bands(
    canvas: Canvas, nearest: float, plants: Turf, light: Light, rng: np.random.Generator, *, small: bool
) -> list[Layer]:
    """Grass from the foot of the hills to the lower edge; what lies far behind a small hero is out of focus."""
    wide = max(0.6, canvas.width / canvas.height / 1.6)
    out = []
    blurs = (0.0, 0.0, 0.0022, 0.0055) if small else (0.0, 0.0, 0.0, 0.0)
    for k in range(4):
        near, far = nearest * _EDGES[k], nearest * _EDGES[k + 1]
        wind = (1.0, 0.8, 0.55, 0.3)[k]
        count = int(_BLADES[k] * wide)
        out.append(band(canvas, near, far, count, plants, light, rng, blur=blurs[k], wind=wind))
    far = nearest * _EDGES[-1]
    edge = 0.011 if small else 0.0
    out.append(band(canvas, far, far * 6, int(9000 * wide), plants, light, rng, blur=edge, wind=0.1))
    return out


def _before(
    shot: Shot, canvas: Canvas, nearest: float, plants: Turf, light: Light, rng: np.random.Generator
) -> list[Layer]:
    """Blades that hide the feet, and close, unsharp ones along the lower edge."""
    wide = max(0.6, canvas.width / canvas.height / 1.6)
    out = []
    feet = min((p.z for p in shot.placements), default=math.inf)
    if feet < math.inf:
        low = replace(plants, height=plants.height * 0.62, bloom=plants.bloom * 0.6)
        out.append(band(canvas, feet * 0.90, feet * 0.985, int(1500 * wide), low, light, rng, soil=False, wind=0.9))
    near = band(
        canvas, nearest * 0.80, nearest * 0.93, int(260 * wide), plants, light, rng, soil=False, blur=0.004, wind=1.0
    )
    out.append(near)
    return out


def build(shot: Shot) -> Meadow:
    """The meadow of a shot."""
    return Meadow(shot)
