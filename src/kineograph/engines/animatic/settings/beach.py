"""Beach: the sea comes in, runs up the sand and drains back, under any sky."""

from __future__ import annotations

import math

import cv2
import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.light.tables import weather_of
from kineograph.engines.animatic.noise import F32, ripple, spectral, wander
from kineograph.engines.animatic.settings import open_sea, sea
from kineograph.engines.animatic.settings.base import Layer, Picture
from kineograph.engines.animatic.settings.beam import beams
from kineograph.engines.animatic.settings.hills import relit
from kineograph.engines.animatic.settings.layers import Canvas, Compositor
from kineograph.engines.animatic.settings.rocks import mound
from kineograph.engines.animatic.settings.shore import Swash
from kineograph.engines.animatic.settings.surge import Surge
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot

EYE = 1.6  # beach units of the eye: the whole beach shrinks with the camera's height
_SANDS = ((0.46, 0.35, 0.23), (0.52, 0.44, 0.33), (0.42, 0.29, 0.18), (0.34, 0.28, 0.23))
_WATERS = (  # deep, shallow albedo
    ((0.012, 0.075, 0.135), (0.06, 0.30, 0.32)),
    ((0.010, 0.060, 0.120), (0.05, 0.23, 0.29)),
    ((0.014, 0.080, 0.110), (0.08, 0.27, 0.24)),
)
_ISLAND = 4000.0  # metres to the headland
_OFFSHORE = -9.0  # units to a shore that is behind us


class Beach:
    """Built once per shot."""

    def __init__(self, shot: Shot) -> None:
        rng = shot.rng("beach")
        self._shot = shot
        self._unit = shot.rest.y / EYE
        sand = _SANDS[int(rng.integers(len(_SANDS)))]
        self._sand = np.array(sand, np.float32)
        self._deep, self._shallow = (np.array(c, np.float32) for c in _WATERS[int(rng.integers(len(_WATERS)))])
        self.sky = Sky(shot, ground=sand)
        weather = weather_of(shot.spec.weather)
        gale = min(shot.wind * weather.gust / 9, 1.0) if shot.spec.weather in ("storm", "wind") else 0.0
        self._rough = np.float32(0.75 + 0.09 * min(shot.wind * weather.gust, 9) + 0.7 * gale)
        self._caps = np.float32(0.85 * gale if shot.spec.weather == "storm" else 0.30 * gale)
        self._rain = np.float32(0.05 if shot.spec.weather in ("rain", "storm") else 0)
        self._tiles = sea.Tiles.of(
            spectral(512, 2.2, rng, lo=5, hi=26),
            ripple(512, rng, lo=7, hi=52, stretch=0.6),
            ripple(512, rng),
            spectral(512, 2.4, rng, lo=12),
            spectral(512, 0.6, rng, lo=4),
        )
        self._weather = Weather(shot, mist=0.4)
        self._start = float(rng.uniform(20, 120))
        self._shore, self._slope = self._lay_out(rng)
        strength = min(1.25, 0.85 + 0.05 * shot.wind * weather.gust)
        half = shot.width / shot.height / 2 / shot.rest.focal * 16 + 4
        period = 5.2 * min(max(self._unit, 0.4), 1.4) ** 0.35
        self._swash = Swash(self._tiles.phases, rng, period, strength, half)
        high = 1.0 + 1.6 * gale  # out at sea the wind piles them up
        self._powers = np.array([self._swash.power(k) * high for k in range(64)], np.float32)
        self._canvas = Canvas.of(shot)
        lit = self.sky.light(0.0)
        self._far = Compositor(shot, self._canvas, _headlands(shot, self._canvas, lit, rng))
        rocks, self._surges = _islets(shot, self._canvas, lit, 0.6 + 0.9 * gale)
        self._rocks = Compositor(shot, self._canvas, rocks[0::2], arranged=True)
        self._feet = Compositor(shot, self._canvas, rocks[1::2], arranged=True)
        self._lit, self._beams = lit, beams(shot)

    def _lay_out(self, rng: np.random.Generator) -> tuple[float, float]:
        """Still waterline ahead and its slant, units: beyond everybody's feet, and always inside the frame."""
        rest = self._shot.rest
        half = self._shot.width / self._shot.height / 2 / rest.focal
        row = rng.uniform(0.60, 0.70) * (1 - rest.horizon)  # of the frame, below the horizon
        shore = rest.focal * EYE / row
        ashore = [p.z / self._unit for p in self._shot.placements if not p.afloat and p.y == 0]
        if "open_sea" in self._shot.spec.looks and not ashore:
            return _OFFSHORE, 0.0
        feet = max(ashore, default=0.0)
        slope = float(rng.choice([-1, 1])) * float(rng.uniform(0.10, 0.28)) / max(1.0, half * 1.6)
        if feet:
            slope *= 0.5
            shore = max(shore, feet + 1.9 + abs(slope) * half * feet)
        return shore, slope

    def light(self, t: float) -> Light:
        """The sky's light, with sand and sea as bounce."""
        return self.sky.light(t)

    def backdrop(self, t: float, camera: Camera, out: Picture) -> None:
        """Sky, headland, sea and sand."""
        horizon = camera.horizon * out.shape[0]
        picture = self.sky.picture(t)
        self.sky.paint(t, camera, out, min(out.shape[0], max(0, math.ceil(horizon) + 1)), picture)
        light = self.light(t)
        table = self._far.table(camera)
        if self._far.layers:
            self._far.paint(t, table, out, self._gains(light), bottom=min(out.shape[0], math.ceil(horizon) + 1))
        numbers = self._numbers(t, camera, out)
        edge = self._swash.at(t + self._start)
        mirror = cv2.resize(picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        sea.paint(
            numbers, edge.rows, edge.reach[1], self._powers, self._colours(t, light), self._tiles,
            np.ascontiguousarray(mirror), self.sky.window, out,
        )  # fmt: skip
        self._lay(self._rocks, t, camera, light, out)
        self._weather.behind(t, camera, light, out)

    def overlay(self, t: float, camera: Camera, out: Picture) -> None:
        """Rocks at the feet of who stands in the sea, the spray on them, a turning beam, rain and snow."""
        light = self.light(t)
        self._lay(self._feet, t, camera, light, out)
        for surge in self._surges:
            surge.paint(t, camera, light, out)
        for beam in self._beams:
            beam.paint(t, camera, out)
        self._weather.before(t, camera, light, out)

    def _lay(self, layers: Compositor, t: float, camera: Camera, light: Light, out: Picture) -> None:
        if layers.layers:
            layers.paint(t, layers.table(camera), out, relit(layers.layers, self._lit, light))

    def _gains(self, light: Light) -> F32:
        """Distance is lit by the haze alone; the layer was painted in white haze."""
        return np.repeat(light.haze[None, :], len(self._far.layers), axis=0).astype(np.float32)

    def _numbers(self, t: float, camera: Camera, out: Picture) -> F32:
        h, w = out.shape[:2]
        towards, _ = self.sky.sun(t)
        ahead = float(towards[2])
        sun_x, sun_y = (float(towards[0]) / ahead, float(towards[1]) / ahead) if ahead > 0.08 else (50.0, 50.0)
        spread = 150.0 / (1 + 2.0 * max(sun_y, 0.0))
        side = -1.0 if float(self.light(t).direction[0]) < 0 else 1.0
        u = self._unit
        row = (
            camera.focal * h, w / 2 - camera.pan * h, camera.horizon * h, camera.x / u, camera.y / u, camera.z / u,
            self._shore, self._slope, t + self._start, self._swash.period, sun_x, max(sun_y, 0.01), self._rough, self._caps,
            spread, side, self._rain,
        )  # fmt: skip
        return np.array(row, np.float32)

    def _colours(self, t: float, light: Light) -> F32:
        """The sea's and the sand's colours under this light."""
        _, disc = self.sky.sun(t)
        lift = max(float(light.direction[1]), 0.0)
        key = light.key * np.float32(0.25 + 0.75 * lift)
        # Water scatters back what falls on it from everywhere; under a red sun it keeps some of its own colour.
        body = light.sky * np.float32(0.9) + (key * np.float32(0.5) + key.mean() * np.float32(0.5)) * np.float32(0.75)
        foam = light.sky * np.float32(0.80) + key * np.float32(0.62)
        ground = light.sky * np.float32(0.95) + light.key * np.float32(0.10 + 0.85 * lift)
        out = np.zeros((open_sea.ROWS, 3), np.float32)
        out[open_sea.DEEP], out[open_sea.SHALLOW] = self._deep * body, self._shallow * body
        out[open_sea.FOAM] = foam
        out[open_sea.DRY], out[open_sea.SOAK] = self._sand * ground, self._sand * ground * np.float32(0.42)
        out[open_sea.HAZE] = light.haze
        out[open_sea.GLINT] = disc * np.float32(0.36)
        out[open_sea.SHINE] = disc * np.float32(0.035)
        return out


def _islets(shot: Shot, canvas: Canvas, light: Light, rough: float) -> tuple[list[Layer], list[Surge]]:
    """For every building in the sea the rocks it stands on, behind it and before its foot, by turns; and their spray."""
    layers: list[Layer] = []
    surges: list[Surge] = []
    for number, p in enumerate(p for p in shot.placements if p.afloat and p.subject.family == "building"):
        rng = shot.rng(f"islet {number}")
        wide, high = 0.52 * p.height, 0.17 * p.height
        layers.append(mound(canvas, (p.x, p.z * 1.02), wide, high, light, rng))
        layers.append(mound(canvas, (p.x, p.z * 0.97), wide * 0.86, high * 0.62, light, rng))
        surges.append(Surge.at(p.x, p.z * 0.96, wide * 0.8, high * (0.5 + rough), rng))
    return layers, surges


def _headlands(shot: Shot, canvas: Canvas, light: Light, rng: np.random.Generator) -> list[Layer]:
    """Two ridges of a far coast on one side of the frame, most seeds; white, to be tinted by the haze."""
    if rng.random() < 0.25 or light.haze_density > 1 / 600:
        return []
    side = -math.copysign(1.0, shot.sun_azimuth)
    x = np.linspace(-1, 1, canvas.width, dtype=np.float32) * side
    start = float(rng.uniform(-0.15, 0.45))
    out = []
    for k, (height, shade) in enumerate(((0.075, 0.62), (0.045, 0.40))):
        ramp = np.clip((x - start - 0.28 * k) / (1.15 - start), 0, 1) ** 0.8
        ridge = (
            ramp * height * (1 + 0.16 * wander(x * 3.1 + 20 * k, rng)) * canvas.frame[1] * float(rng.uniform(0.7, 1.2))
        )
        rows = np.arange(canvas.height, dtype=np.float32)[:, None] + 0.5
        cover = np.clip(rows - (canvas.horizon - ridge[None, :]) + 0.5, 0, 1) * (ridge > 0.4)
        cover *= rows < canvas.horizon + 2
        pixels = canvas.blank()
        pixels[..., 3] = cover
        tint = np.array([0.90, 0.97, 1.08], np.float32) * np.float32(shade)
        pixels[..., :3] = cover[..., None] * tint
        out.append(Layer(pixels, np.full(canvas.height, _ISLAND * (1 - 0.3 * k), np.float32)))
    return out


def build(shot: Shot) -> Beach:
    """The beach of a shot."""
    return Beach(shot)
