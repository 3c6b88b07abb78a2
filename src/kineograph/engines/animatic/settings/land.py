"""Sky and land for every prompt without a place of its own: ranges of hills behind a plain or a lake, in the right mood."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.light.tables import weather_of
from kineograph.engines.animatic.settings.base import Layer, Picture
from kineograph.engines.animatic.settings.grass import Turf, band, pick, snowed, turf
from kineograph.engines.animatic.settings.hills import relit, wooded
from kineograph.engines.animatic.settings.lake import Lake
from kineograph.engines.animatic.settings.layers import Canvas, Compositor
from kineograph.engines.animatic.settings.terrain import Range
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot

GROUND = (0.11, 0.13, 0.06)
_EDGES = (1.0, 2.0, 4.4, 11.0)


class Land:
    """Built once per shot."""

    def __init__(self, shot: Shot) -> None:
        rng = shot.rng("land")
        self._shot = shot
        self._canvas = canvas = Canvas.of(shot)
        self.sky = Sky(shot, ground=GROUND)
        self._lit = light = self.sky.light(0.0)
        self._weather = Weather(shot, mist=0.5, ground=False)
        gust = weather_of(shot.spec.weather).gust
        self.lake = not shot.placements and _wet(shot, float(rng.random()))
        plants = turf(shot.rest.y * 0.13, rng, bloom=0.010)
        if shot.spec.weather == "snow":
            plants = snowed(plants)
        nearest = canvas.rest.focal * shot.rest.y / (1 - canvas.rest.horizon + 0.09)
        ranges = [one for one in _ranges(shot, canvas, rng, lake=self.lake) if one.near * light.haze_density < 6]
        far = wooded(
            canvas,
            ranges,
            light,
            pick("leaves", rng),
            rng,
            trees=(0, 24, 26)[3 - len(ranges) :],
            single=0 if self.lake else 2,
        )
        ground = _ground(canvas, nearest, plants, light, rng, lake=self.lake)
        self._back = Compositor(shot, canvas, far if self.lake else [*far, *ground], gust)
        self._front = Compositor(shot, canvas, ground if self.lake else [], gust)
        self._feet = Compositor(shot, canvas, _before(shot, canvas, plants, light, rng), gust)
        self._water = Lake(shot, self.sky, rng)

    def light(self, t: float) -> Light:
        """The sky's light, with the land as bounce."""
        return self.sky.light(t)

    def backdrop(self, t: float, camera: Camera, out: Picture) -> None:
        """Sky, ranges, and the plain or the lake before them."""
        light = self.light(t)
        table = self._back.table(camera)
        covered = self._back.covered_from(table)
        line = self._water.line(camera, out) if self.lake else out.shape[0]
        self.sky.paint(t, camera, out, bottom=min(covered, line))
        out[min(covered, line) :] = 0
        self._back.paint(t, table, out, relit(self._back.layers, self._lit, light), bottom=line)
        if self.lake:
            front = self._front.table(camera)
            self._water.fill(t, camera, light, out, self._front.covered_from(front))
            self._front.paint(t, front, out, relit(self._front.layers, self._lit, light), top=line)
        self._weather.behind(t, camera, light, out)

    def overlay(self, t: float, camera: Camera, out: Picture) -> None:
        """Blades before the feet of the cast."""
        self._feet.paint(t, self._feet.table(camera), out, relit(self._feet.layers, self._lit, self.light(t)))
        self._weather.before(t, camera, self.light(t), out)


def _wet(shot: Shot, chance: float) -> bool:
    """A lake where the words name water, none where they name dry land, else half the time."""
    words = " ".join(word for said in shot.spec.words.values() for word in said).lower()
    if any(word in words for word in ("lake", "river", "pond", "湖", "河")):
        return True
    return chance < 0.5 and not any(word in words for word in ("plain", "hill", "countryside", "平原", "丘"))


def _ranges(shot: Shot, canvas: Canvas, rng: np.random.Generator, *, lake: bool) -> list[Range]:
    """Mountains or blue hills far off, hills before them, drawn by seed; far to near."""
    side = float(rng.choice([-1, 1]))
    half = canvas.frame[0] / canvas.frame[1] / 2 / canvas.rest.focal
    high = float(rng.uniform(500, 1250)) * (1.15 if lake else 0.9)
    rock, turf_ = (0.13, 0.125, 0.13), (0.10, 0.115, 0.085)
    peak = side * float(rng.uniform(0.3, 0.7)) * half
    out = [
        Range(2400, 6500, high, 6800, peak, 0.7 * half, 0.42, turf_, rock, 0.42 if high > 850 else 9.0),
        Range(600, 2000, 130, 1900, -peak, half, 0.30, (0.05, 0.085, 0.035), (0.10, 0.13, 0.05)),
        Range(150, 560, 26, 760, peak * 1.2, 0.8 * half, 0.15, (0.07, 0.115, 0.03), (0.16, 0.18, 0.055)),
    ]
    if shot.spec.weather == "snow":
        out = [replace(one, snow=-0.5) for one in out]
    return out


def _ground(
    canvas: Canvas, nearest: float, plants: Turf, light: Light, rng: np.random.Generator, *, lake: bool
) -> list[Layer]:
    """A plain of short grass to the hills' feet, or the near shore of a lake."""
    wide = max(0.6, canvas.width / canvas.height / 1.6)
    if lake:
        shore = nearest * float(rng.uniform(1.12, 1.28))
        return [band(canvas, nearest * 0.9, shore, int(5200 * wide), plants, light, rng, wind=0.9)]
    out = []
    for k in range(3):
        near, far = nearest * _EDGES[k], nearest * _EDGES[k + 1]
        out.append(
            band(canvas, near, far, int((7500, 8500, 9000)[k] * wide), plants, light, rng, wind=(0.8, 0.5, 0.2)[k])
        )
    far = nearest * _EDGES[-1]
    out.append(band(canvas, far, far * 6, int(8000 * wide), plants, light, rng, wind=0.0))
    return out


def _before(shot: Shot, canvas: Canvas, plants: Turf, light: Light, rng: np.random.Generator) -> list[Layer]:
    feet = min((p.z for p in shot.placements), default=math.inf)
    if feet == math.inf:
        return []
    low = replace(plants, height=plants.height * 0.6)
    wide = max(0.6, canvas.width / canvas.height / 1.6)
    return [band(canvas, feet * 0.92, feet * 0.985, int(1200 * wide), low, light, rng, soil=False, wind=0.8)]


def build(shot: Shot) -> Land:
    """The land of a shot."""
    return Land(shot)
