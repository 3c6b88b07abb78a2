"""Meadow: grass and flowers in the wind, before hills and trees or, for a small hero, before an unsharp garden."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.noise import wander
from kineograph.engines.animatic.settings import woods
from kineograph.engines.animatic.settings.base import Layer, Picture
from kineograph.engines.animatic.settings.bokeh import curtain
from kineograph.engines.animatic.settings.grass import Turf, band, pick, season, snowed, sown, turf
from kineograph.engines.animatic.settings.hills import wooded
from kineograph.engines.animatic.settings.lake import Lake
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.peaks import mountains
from kineograph.engines.animatic.settings.place import Parts, Place
from kineograph.engines.animatic.settings.props import standing
from kineograph.engines.animatic.settings.road import grounds, on_road
from kineograph.engines.animatic.settings.terrain import Range
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot

F64 = NDArray[np.float64]
GROUND = (0.10, 0.14, 0.04)
_RIME = np.array([[0.30, 0.33, 0.36], [0.20, 0.24, 0.25], [0.42, 0.45, 0.49]])  # leaves under snow
_BENT = {"storm": 0.55, "wind": 0.30}  # how far the wind lays the grass over
_SMALL = 0.30  # metres of the eye: below it the camera is at a kitten's height, and everything far is out of focus
_EDGES = (1.0, 1.7, 3.0, 5.6, 11.0)  # bands of grass, as multiples of the nearest visible ground
_BLADES = (5200, 6800, 8400, 9000)


def build(shot: Shot) -> Place:
    """The meadow of a shot."""
    rng = shot.rng("meadow")
    canvas = Canvas.of(shot)
    sky = Sky(shot, ground=GROUND)
    light = sky.light(0.0)
    eye, looks = shot.rest.y, shot.spec.looks
    small = bool(shot.placements) and (eye < _SMALL or (eye < 2 * _SMALL and rng.random() < 0.4)) and not looks
    plants, leaves = season(turf(eye * (0.17 if shot.placements else 0.27), rng), pick("leaves", rng), looks)
    plants = replace(sown(plants, looks), bent=_BENT.get(shot.spec.weather, 0.0))
    if shot.spec.weather == "snow":
        plants, leaves = snowed(plants), _RIME
    nearest = canvas.rest.focal * eye / (1 - canvas.rest.horizon + 0.09)
    far = [curtain(canvas, 40 * eye, leaves, light, rng)] if small else _hills(shot, canvas, leaves, light, rng)
    bands = _bands(canvas, nearest, plants, light, rng, small=small)[::-1]
    front = _before(shot, canvas, nearest, plants, light, rng)
    weather = Weather(shot, mist=0.5, ground=False)
    extra = [*grounds(shot, canvas, light), *standing(shot, canvas, light)]
    if "river" not in looks:
        return Place(shot, sky, Parts(back=[*far, *bands, *extra], front=front), weather)
    return Place(shot, sky, _river(shot, canvas, sky, far, [*bands, *extra], front, rng), weather)


def _river(
    shot: Shot, canvas: Canvas, sky: Sky, far: list[Layer], bands: list[Layer], front: list[Layer],
    rng: np.random.Generator,
) -> Parts:  # fmt: skip
    """The meadow with a river through it, behind the cast: what is beyond lies on its far bank and in its mirror."""
    hero = max((p.z for p in shot.placements), default=canvas.rest.focal * shot.rest.y / 0.22)
    near, beyond = hero * 1.30, hero * 4.2
    water = Lake(shot, sky, rng, bank=beyond, rough=1.8)
    hither = [_banked(canvas, layer, near, rng) for layer in bands]
    thither = [_cut(canvas, layer, beyond) for layer in bands]

    def fill(t: float, camera: Camera, now: Light, out: Picture) -> None:
        low = camera.horizon + camera.y * camera.focal / max(near * 0.86 - camera.z, 0.3)
        water.fill(t, camera, now, out, min(round(low * len(out)), len(out)))

    return Parts(back=[*far, *thither], between=[fill], near=hither, front=front, waterline=water.line)


def _cut(canvas: Canvas, layer: Layer, beyond: float) -> Layer:
    """What of the ground lies farther than so many metres."""
    rows = np.arange(canvas.height)[:, None, None] + 0.5
    return replace(layer, pixels=layer.pixels * np.clip(canvas.row(0.0, beyond) + 1.5 - rows, 0, 1).astype(np.float32))


def _banked(canvas: Canvas, layer: Layer, near: float, rng: np.random.Generator) -> Layer:
    """What of the ground lies nearer, to a winding edge with a dark, wet foot."""
    rows = np.arange(canvas.height, dtype=np.float32)[:, None] + 0.5
    u = np.linspace(0, 3, canvas.width, dtype=np.float32)
    reach = canvas.row(0.0, near) - canvas.row(0.0, near * 1.25)
    edge = (canvas.row(0.0, near) + 0.4 * reach * wander(u, rng))[None]
    cover = np.clip((rows - edge) / 2.0, 0, 1)
    dark = 1 - 0.5 * np.clip(1 - (rows - edge) / (0.02 * canvas.frame[1]), 0, 1)
    pixels = layer.pixels * cover[..., None]
    pixels[..., :3] *= dark[..., None]
    return replace(layer, pixels=np.ascontiguousarray(pixels, np.float32))


def _hills(shot: Shot, canvas: Canvas, leaves: F64, light: Light, rng: np.random.Generator) -> list[Layer]:
    side = float(rng.choice([-1, 1]))
    half = canvas.frame[0] / canvas.frame[1] / 2 / canvas.rest.focal
    green, pale = (0.075, 0.125, 0.030), (0.17, 0.20, 0.055)
    snow, looks = shot.spec.weather == "snow", shot.spec.looks
    savanna = "savanna" in looks
    if savanna or "wheat" in looks:
        green, pale = (0.26, 0.20, 0.07), (0.38, 0.29, 0.11)
    elif "autumn" in looks:
        green, pale = (0.17, 0.10, 0.03), (0.26, 0.19, 0.06)
    if "snow_peaks" in looks:
        spruces = [woods.spruce(300, light, rng, 0.0) for _ in range(3)]
        return mountains(shot, canvas, light, spruces, rng, snowy=snow)
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
    if savanna:
        ranges = [replace(one, height=one.height * 0.35) for one in ranges]
        leaves = np.array([[0.10, 0.13, 0.035], [0.14, 0.16, 0.05], [0.08, 0.10, 0.03]])
    single = 5 if savanna else 7 if "park" in looks else int(rng.integers(2, 6))
    return wooded(canvas, ranges, light, leaves, rng, trees=(34, 30), single=single, flat=savanna)


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
    if feet < math.inf and not on_road(shot):
        low = replace(plants, height=plants.height * 0.62, bloom=plants.bloom * 0.6)
        out.append(band(canvas, feet * 0.90, feet * 0.985, int(1500 * wide), low, light, rng, soil=False, wind=0.9))
    near = band(
        canvas, nearest * 0.80, nearest * 0.93, int(260 * wide), plants, light, rng, soil=False, blur=0.004, wind=1.0
    )
    out.append(near)
    return out
