"""Roads through open land: asphalt or earth along the hero's way, or into the distance where nobody is on them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32, spectral
from kineograph.engines.animatic.settings.base import Layer
from kineograph.engines.animatic.settings.floor import Floor
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.shot import Shot

HALF = 3.6  # metres from the middle of a road to its edge
REACH = 260.0  # metres to which it is painted
_ASPHALT, _EARTH, _GRAVEL = (0.072, 0.072, 0.075), (0.26, 0.185, 0.115), (0.36, 0.31, 0.25)
_PAINT = np.array([0.62, 0.60, 0.55])
_ROADS = ("country_road", "coastal_road")


@dataclass(frozen=True, slots=True)
class Way:
    """Where a road runs: straight through (x, z) along a heading, bending with `bend` where it goes into the distance.

    Attributes:
        heading: Radians; 0 towards the viewer, +pi/2 to the right.
        half: Metres to its edge.
    """

    x: float
    z: float
    heading: float
    half: float
    bend: float = 0.0

    def across(self, x: F32, z: F32) -> F32:
        """Metres from its middle; positive on the side nearer to us."""
        sine, cosine = math.sin(self.heading), math.cos(self.heading)
        side = 1.0 if sine >= 0 else -1.0
        u = z - self.z
        far = np.clip(z / 30, 0, 2.2)
        winding = self.bend * far * (np.sin(z * 0.055 + self.x) + 2 * np.sin(z * 0.021))
        return np.asarray(-side * ((x - self.x - winding) * cosine + u * sine), np.float32)

    def along(self, x: F32, z: F32) -> F32:
        """Metres along it."""
        return np.asarray((x - self.x) * math.sin(self.heading) - (z - self.z) * math.cos(self.heading), np.float32)


def way_of(shot: Shot) -> Way:
    """The road of a shot: under the wheels of whoever drives, else into the distance, a little beside the hero."""
    moving = [p for p in shot.placements if p.subject.family == "vehicle" or abs(p.velocity) > 0.3]
    wheels = [p for p in moving if p.y < 0.3 * p.height]
    if wheels:
        hero = wheels[0]
        turn = hero.heading if abs(math.sin(hero.heading)) > 0.25 else math.copysign(0.9, hero.heading or 1.0)
        scale = max(hero.height / 2.4, 0.8) if hero.subject.family == "vehicle" else max(hero.height / 1.5, 0.25)
        return Way(hero.x, hero.z, turn, HALF * scale)
    unit = max(shot.rest.y / 1.6, 0.3)
    side = float(shot.rng("road").choice([-1, 1]))
    return Way(side * 0.6 * unit, 0.0, 0.0, (2.6 if not shot.placements else 1.5) * unit, bend=0.5 * side * unit)


def on_road(shot: Shot) -> bool:
    """Whether a road runs under the feet of the cast."""
    return bool(shot.placements) and any(look in shot.spec.looks for look in _ROADS)


def grounds(shot: Shot, canvas: Canvas, light: Light) -> list[Layer]:
    """What lies on the ground besides: a road, the path of a park."""
    looks = shot.spec.looks
    if any(look in looks for look in _ROADS):
        words = " ".join(shot.spec.words.get("setting", ()))
        earth = any(part in words for part in ("dirt", "farm", "lane", "小路", "田间"))
        return [lane(shot, canvas, light, way_of(shot), _EARTH if earth else _ASPHALT, marked=not earth)]
    if "park" in looks and shot.placements:
        z = shot.placements[0].z
        path = Way(0.0, z * 1.5, math.pi / 2 - 0.10, max(0.22 * z, 0.5))
        return [lane(shot, canvas, light, path, _GRAVEL, marked=False)]
    return []


def lane(
    shot: Shot, canvas: Canvas, light: Light, way: Way, albedo: tuple[float, float, float], *, marked: bool
) -> Layer:
    """A road on flat ground: worn tracks, a dashed middle and edge lines where it is marked, soft verges."""
    rng = shot.rng("lane")
    floor = Floor.of(canvas, REACH)
    z = np.broadcast_to(floor.z[:, None], floor.x.shape)
    s, a = way.across(floor.x, z), way.along(floor.x, z)
    fine, soft = spectral(512, 1.2, rng, lo=8), spectral(256, 2.4, rng, lo=3)
    grain, patch = floor.noise(fine, 90.0), floor.noise(soft, 6.0)
    pixel = np.maximum(1 / floor.scale, 0.01)[:, None]  # metres
    ragged = 0.05 * way.half * patch
    cover = np.clip((way.half - np.abs(s + ragged)) / np.maximum(0.10 * way.half, pixel) + 0.5, 0, 1)
    track = np.exp(-(((np.abs(s) - 0.48 * way.half) / (0.16 * way.half)) ** 2))
    tone = 1 + 0.10 * grain + 0.08 * patch + (-0.14 if marked else 0.16) * track
    colour = np.array(albedo) * tone[..., None]
    if marked:
        line = np.clip((0.075 - np.abs(s)) / pixel + 0.5, 0, 1) * (np.mod(a, 7.0) < 3.2)
        edges = np.clip((0.06 - np.abs(np.abs(s) - 0.90 * way.half)) / pixel + 0.5, 0, 1)
        paint = np.clip(np.maximum(line, edges) * (0.80 + 0.15 * grain), 0, 1)[..., None]
        colour = colour + (_PAINT - colour) * paint
    if shot.spec.weather == "snow":
        colour = colour * 0.6 + np.array([0.5, 0.53, 0.58]) * 0.4 * (1 + 0.3 * patch)[..., None]
    elif shot.spec.weather in ("rain", "storm"):
        colour = colour * 0.55 + np.array(light.haze) * 0.10
    flat = (np.zeros_like(floor.x), np.zeros_like(floor.x))
    layer = floor.layer(colour * floor.lit(flat, light), light)
    pixels = layer.pixels * cover[..., None].astype(np.float32)
    return replace(layer, pixels=np.ascontiguousarray(pixels, np.float32))


def rail(canvas: Canvas, way: Way, light: Light) -> Layer:
    """A guard rail along the far side: posts and a band of steel."""
    pixels, offset = canvas.blank(), -(way.half + 0.7)
    sine, cosine = math.sin(way.heading), math.cos(way.heading)
    side = 1.0 if sine >= 0 else -1.0
    steel = np.array([0.40, 0.41, 0.43]) * (light.sky * 0.8 + light.key * 0.4)
    marks = []
    for step in np.arange(-120.0, 120.0, 2.0):
        # Solve across = offset at so many metres along the road.
        x = way.x + step * sine - side * offset * cosine
        z = way.z - step * cosine - side * offset * sine
        if z > 1.2:
            marks.append((canvas.column(x, z), canvas.row(0.0, z), canvas.row(0.75, z), canvas.focal / z))
    for (x0, _, y0, k0), (x1, _, y1, k1) in pairwise(marks):
        thick = 0.16 * (k0 + k1) / 2
        quad = np.array([[x0, y0], [x1, y1], [x1, y1 + thick], [x0, y0 + thick]])
        cv2.fillPoly(pixels, [np.round(quad * 16).astype(np.int32)], (*map(float, steel), 1.0), cv2.LINE_AA, 4)
    for x, foot, top, k in marks:
        ends = np.round(np.array([[x, foot], [x, top]]) * 16).astype(np.int32)
        wide = max(round(0.10 * k), 1)
        cv2.polylines(pixels, [ends], False, (*map(float, steel * 0.5), 1.0), wide, cv2.LINE_AA, 4)
    return Layer(pixels, canvas.ground_depths(REACH))
