"""A cave: walls of dark rock around a hall, teeth of stone above and below, crystals that glow, a pool of light far in."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.noise import F32, spectral, wander
from kineograph.engines.animatic.settings.base import Layer, Picture
from kineograph.engines.animatic.settings.floor import Floor
from kineograph.engines.animatic.settings.glow import shine, spots
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.place import Parts, Place
from kineograph.engines.animatic.settings.rocks import face
from kineograph.engines.animatic.settings.strokes import COLUMNS, draw
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot

F64 = NDArray[np.float64]
_WALLS = (26.0, 15.0, 8.5)  # metres to each ring of rock, for an eye at 1.5 m
_OPENING = (0.42, 0.66, 1.0)  # how wide the hall is open in each, ÷ half the frame
_GLOWS = (  # rock far in, crystals
    ((0.10, 0.22, 0.34), (0.25, 0.75, 1.0)),
    ((0.20, 0.12, 0.34), (0.75, 0.35, 1.0)),
    ((0.07, 0.24, 0.20), (0.25, 1.0, 0.65)),
    ((0.34, 0.18, 0.07), (1.0, 0.60, 0.20)),
)
_ROCK = (0.115, 0.105, 0.100)


@dataclass(frozen=True, slots=True)
class _Hall:
    """What the layers share.

    Attributes:
        unit: Size of the cave, 1 for people.
        glow, spark: Colour of the light far in and of the crystals.
        light: How rock is lit: from the hall, hardly from outside.
        gap: Column of the middle of the hall.
    """

    shot: Shot
    canvas: Canvas
    rng: np.random.Generator
    unit: float
    glow: F64
    spark: F64
    light: Light
    gap: float


def build(shot: Shot) -> Place:
    """The cave of a shot."""
    rng = shot.rng("cave")
    canvas, sky = Canvas.of(shot), Sky(shot, ground=_ROCK)
    glow, spark = (np.array(c) for c in _GLOWS[int(rng.integers(len(_GLOWS)))])
    unit = float(np.clip(shot.rest.y / 1.5, 0.35, 2.5))
    lit = _inside(glow, spark)(sky.light(0.0))
    gap = canvas.axis + canvas.frame[0] * float(rng.uniform(-0.10, 0.10))
    hall = _Hall(shot, canvas, rng, unit, glow, spark, lit, gap)
    back = [_far(hall), _ground(hall)]
    sparks: list[tuple[float, float, float, float]] = []
    for number, (z, opening) in enumerate(zip(_WALLS, _OPENING, strict=True)):
        layer, found = _ring(hall, z * unit, opening, number)
        back.append(layer)
        sparks += found
    hero = min((p.z for p in shot.placements), default=math.inf)
    near = [layer for layer in back[2:] if float(layer.depth[0]) < hero * 1.1]
    back = [layer for layer in back if not any(layer is one for one in near)]
    crystals = _Crystals(np.array(sparks, np.float64).reshape(-1, 4), spark, canvas)
    calm = replace(shot, wind=0.1, spec=replace(shot.spec, weather="clear"))
    parts = Parts(back=back, between=[crystals.paint], front=near, filtered=_inside(glow, spark))
    return Place(shot, sky, parts, Weather(calm, extra=("dust",), ground=False))


def _inside(glow: F64, spark: F64) -> Callable[[Light], Light]:
    """What light becomes under ground: a cool key from the hall behind, a warm one's worth of fill, no sky."""

    def filtered(light: Light) -> Light:
        towards = np.array([0.62, 0.55, 0.30], np.float32)
        hall = np.asarray(glow, np.float32)
        fill = hall * np.float32(0.55) + np.array([0.085, 0.080, 0.085], np.float32)
        return replace(
            light,
            direction=towards / np.float32(np.linalg.norm(towards)),
            key=np.asarray(spark, np.float32) * np.float32(0.55) + np.float32(0.12),
            sky=fill,
            bounce=fill * np.float32(0.5),
            haze=hall * np.float32(0.55),
            haze_density=0.004,
            environment=light.environment * np.float32(0.0) + fill * np.float32(0.8),
            softness=0.4,
            night=1.0,
        )

    return filtered


def _far(hall: _Hall) -> Layer:
    """The light at the end: brightest low in the middle of the hall."""
    canvas = hall.canvas
    y, x = np.mgrid[0 : canvas.height, 0 : canvas.width].astype(np.float32)
    d = ((x - hall.gap) / canvas.frame[1]) ** 2 * 1.3 + (
        (y - canvas.horizon + 0.10 * canvas.frame[1]) / canvas.frame[1]
    ) ** 2
    pixels = canvas.blank()
    pixels[..., :3] = (hall.glow * 0.05)[None, None] + hall.glow * (0.85 * np.exp(-d * 16))[..., None]
    pixels[..., 3] = 1
    return Layer(pixels, np.full(canvas.height, 60.0 * hall.unit, np.float32))


def _ground(hall: _Hall) -> Layer:
    """Uneven stone, wet where the light lies on it."""
    canvas, rng = hall.canvas, hall.rng
    floor = Floor.of(canvas, _WALLS[0] * hall.unit)
    soft, fine = spectral(256, 2.4, rng, lo=3), spectral(512, 1.8, rng, lo=8)
    rough, small = (
        floor.slopes(soft, 5 / hall.unit, 0.10 * hall.unit),
        floor.slopes(fine, 34 / hall.unit, 0.014 * hall.unit),
    )
    slopes = (rough[0] + small[0], rough[1] + small[1])
    albedo = np.array(_ROCK) * (1 + 0.2 * floor.noise(soft, 12 / hall.unit))[..., None]
    columns = (np.arange(canvas.width) - hall.gap) / canvas.frame[1]
    pool = np.exp(-((columns[None] / (0.16 + 0.5 * (1 - floor.z[:, None] / floor.z.max()))) ** 2))
    shine = (
        np.clip(floor.noise(fine, 20 / hall.unit) + 0.2, 0, 1.5)
        * pool
        * np.exp(-2.0 / np.maximum(floor.z, 0.1))[:, None]
    )
    return floor.layer(albedo * floor.lit(slopes, hall.light) + hall.glow * (0.40 * shine)[..., None], hall.light)


def _ring(hall: _Hall, z: float, opening: float, number: int) -> tuple[Layer, list[tuple[float, float, float, float]]]:
    """Walls, roof and teeth of stone around the hall at z metres; and its crystals: column, row, size, depth."""
    canvas, rng, frame = hall.canvas, hall.rng, hall.canvas.frame[1]
    y, x = np.mgrid[0 : canvas.height, 0 : canvas.width].astype(np.float32)
    half = opening * canvas.frame[0] / 2
    foot = canvas.row(0.0, z)
    u = np.linspace(0, 9, canvas.height, dtype=np.float32)
    left = hall.gap - half * (1 + 0.16 * wander(u + 11 * number, rng))
    right = hall.gap + half * (1 + 0.16 * wander(u + 31 * number, rng))
    v = np.linspace(0, 14, canvas.width, dtype=np.float32)
    bow = ((np.arange(canvas.width) - hall.gap) / max(half, 1.0)) ** 2
    teeth = np.clip(wander(v * 2.6 + 5 * number, rng), 0, 2) ** 2 * 0.13
    roof = canvas.my + frame * (0.01 + 0.04 * (2 - number) - 0.02 * np.minimum(bow, 2) + teeth)
    # The hall is an arch: it narrows to the roof.
    up = np.clip((foot - np.arange(canvas.height)) / max(foot - canvas.my, 1.0), 0, 1)
    narrow = half * 0.75 * up**3
    left, right = left + narrow, right - narrow
    open_ = np.clip((x - left[:, None]) / 2, 0, 1) * np.clip((right[:, None] - x) / 2, 0, 1)
    open_ *= np.clip((y - roof[None]) / 2, 0, 1)
    stand = np.clip(wander(v * 3.1 + 50 + 7 * number, rng) - 0.5, 0, 2) ** 1.6 * 0.10 * frame
    open_ *= np.clip((foot - stand[None] - y) / 2, 0, 1)
    cover = (1 - open_) * np.clip(foot + 0.012 * frame - y, 0, 1)
    dark = (0.85, 0.55, 0.30)[number]
    pixels = face(cover.astype(np.float32), 0.075 * frame * (1 + 0.5 * number), hall.light, rng, _ROCK, round_=0.9)
    far = math.exp(-z / (22 * hall.unit))
    pixels[..., :3] = pixels[..., :3] * dark + pixels[..., 3:] * (hall.glow * (0.16 * (1 - far))).astype(np.float32)
    crystals = _grow(hall, pixels, z, half, foot, number)
    return Layer(pixels, np.full(canvas.height, z, np.float32)), crystals


def _grow(
    hall: _Hall, pixels: F32, z: float, half: float, foot: float, number: int
) -> list[tuple[float, float, float, float]]:
    """Clusters of crystals at the foot of the walls, painted into the layer."""
    rng, frame = hall.rng, hall.canvas.frame[1]
    out = []
    for side in (-1, 1):
        for _ in range(2):
            x = hall.gap + side * half * float(rng.uniform(0.86, 1.10))
            size = frame * float(rng.uniform(0.045, 0.085)) * (0.8 + 0.35 * number)
            low = foot - size * float(rng.uniform(0.0, 0.3))
            for lean in rng.normal(0, 0.42, 6):
                long = size * float(rng.uniform(0.6, 1.25))
                tip = (x + math.sin(lean) * long, low - math.cos(lean) * long)
                rows = np.zeros((3, COLUMNS))
                for k, (shift, tone) in enumerate(((-0.5, 0.35), (0.5, 0.65), (0.0, 1.1))):
                    rows[k, :6] = (x + shift * 0.10 * size, low, tip[0], tip[1], 0.13 * size, 0.02 * size)
                    rows[k, 6:9], rows[k, 9] = (hall.spark * 0.75 + 0.12) * tone, 1
                draw(pixels, rows)
            out.append((x, low - 0.4 * size, size * 2.6, z))
    return out


@dataclass(frozen=True, slots=True)
class _Crystals:
    """Their glow: at (n, 4) column and row on the canvas, reach in pixels, depth; it breathes."""

    at: F64
    spark: F64
    canvas: Canvas

    def paint(self, t: float, camera: Camera, light: Light, out: Picture) -> None:  # noqa: ARG002  (a Paint)
        """Add it."""
        h, w = out.shape[:2]
        canvas, rest = self.canvas, self.canvas.rest
        away = np.maximum(self.at[:, 3] - (camera.z - rest.z), 0.5)
        scale = self.at[:, 3] / away * camera.focal / rest.focal
        x = (
            (self.at[:, 0] - canvas.axis) * scale
            + w / 2
            - camera.pan * h
            - (camera.x - rest.x) * camera.focal * h / away
        )
        y = (
            (self.at[:, 1] - canvas.horizon) * scale
            + camera.horizon * h
            + (camera.y - rest.y) * camera.focal * h / away
        )
        small = np.zeros((h // 6, w // 6), np.float32)
        pulse = 0.09 * (0.75 + 0.25 * np.sin(t * 1.3 + 2.1 * np.arange(len(x))))
        reach = self.at[:, 2] * scale / math.sqrt(2.2)
        spots(small, np.stack([x / 6, y / 6, reach / 6, pulse], 1))
        shine(out, small, np.asarray(self.spark, np.float32))
