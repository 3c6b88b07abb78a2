"""A mountain lake: eroded peaks in still water, wooded slopes, a shore with grass and spruces."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.noise import F32, spectral, wander
from kineograph.engines.animatic.settings import meadow, woods
from kineograph.engines.animatic.settings.base import Layer, Picture
from kineograph.engines.animatic.settings.floor import Floor
from kineograph.engines.animatic.settings.garden import tea_garden
from kineograph.engines.animatic.settings.grass import pick, season, turf
from kineograph.engines.animatic.settings.hills import wooded
from kineograph.engines.animatic.settings.lake import Lake
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.lilies import pads, reeds
from kineograph.engines.animatic.settings.peaks import mountains
from kineograph.engines.animatic.settings.place import Parts, Place
from kineograph.engines.animatic.settings.strokes import blades, draw, stamp
from kineograph.engines.animatic.settings.terrain import Range
from kineograph.engines.animatic.settings.waterfall import falling
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot

F64 = NDArray[np.float64]
_ROWS = 14  # of grass on the shore


def build(shot: Shot) -> Place:
    """The lake of a shot; for those who stand by a river, the meadow that it runs through."""
    if "river" in shot.spec.looks and not any(p.afloat for p in shot.placements):
        return meadow.build(shot)
    rng = shot.rng("lake")
    sky = Sky(shot, ground=(0.07, 0.09, 0.07))
    light = sky.light(0.0)
    canvas = Canvas.of(shot)
    falls = falling(shot, canvas, light) if "waterfall" in shot.spec.looks else None
    water = Lake(shot, sky, rng, bank=None if falls is None else falls.z)  # the cliff stands in it
    snowy = shot.spec.weather == "snow"
    spruces = [woods.spruce(360, light, rng, 0.55 if snowy else 0.0) for _ in range(3)]
    garden = "japanese_garden" in shot.spec.looks
    pond = "pond" in shot.spec.looks or garden
    back = _banks(shot, canvas, light, rng) if pond else mountains(shot, canvas, light, spruces, rng, snowy=snowy)
    shore = _Shore.of(shot, canvas, rng)
    near = [shore.paint(_opened(light, shot), spruces, rng, snowy=snowy)] if shore.top is not None else []
    if pond:
        near = [pads(shot, canvas, light, rng), *near]
    front = [reeds(shot, canvas, light, rng)] if pond and shore.top is None else []

    if garden:
        back += tea_garden(shot, canvas, light, rng)
    if falls is not None:
        back += falls.layers

    def fill(t: float, camera: Camera, now: Light, out: Picture) -> None:
        if falls is not None:
            falls.paint(t, camera, now, out)
        water.fill(t, camera, now, out)
        if falls is not None:
            falls.mist(t, camera, now, out)

    afloat = any(p.afloat for p in shot.placements)
    parts = Parts(
        back=back,
        between=[fill],
        near=near,
        front=front,
        waterline=water.line,
        gloss=(0.30, 0.9) if afloat else None,
        sway=0.006,
    )
    return Place(shot, sky, parts, Weather(shot, mist=0.6, ground=shore.top is None or not shot.placements))


def _opened(light: Light, shot: Shot) -> Light:
    """The light on the hither shore: under a low sun the eye opens for it, or it would be a black edge under a bright sky."""
    low = np.float32(1 + 0.75 * np.clip((14 - abs(shot.sun_elevation - 4)) / 14, 0, 1))
    return replace(light, sky=light.sky * low, key=light.key * (1 + (low - 1) * np.float32(0.5)))


def _banks(shot: Shot, canvas: Canvas, light: Light, rng: np.random.Generator) -> list[Layer]:
    """The far side of a pond: trees on low ground, near enough to be mirrored whole."""
    half = canvas.frame[0] / canvas.frame[1] / 2 / canvas.rest.focal
    side = float(rng.choice([-1, 1]))
    green, pale = (0.060, 0.105, 0.028), (0.14, 0.18, 0.05)
    ranges = [
        Range(160, 520, 34, 620, side * 0.5 * half, half, 0.40, (0.05, 0.085, 0.035), (0.09, 0.13, 0.05)),
        Range(46, 150, 4.5, 180, -side * 0.5 * half, half, 0.50, green, pale),
    ]
    if shot.spec.weather == "snow":
        ranges = [replace(one, snow=-0.5) for one in ranges]
    _, leaves = season(turf(0.2, rng), pick("leaves", rng), shot.spec.looks)
    if "petals" in shot.spec.effects:
        leaves = np.array([[0.90, 0.58, 0.68], [0.94, 0.72, 0.80], [0.86, 0.46, 0.58]])
    return wooded(canvas, ranges, light, leaves, rng, trees=(40, 34))


@dataclass(frozen=True, slots=True)
class _Shore:
    """The hither shore.

    Attributes:
        top: (width,) row where it meets the water; None where the picture is all water.
        side: Where the spruces stand.
    """

    canvas: Canvas
    top: F64 | None
    side: float
    unit: float

    @classmethod
    def of(cls, shot: Shot, canvas: Canvas, rng: np.random.Generator) -> _Shore:
        """Under the cast's feet and a little farther; along the lower edge where nobody is; none for those afloat."""
        side = float(rng.choice([-1, 1]))
        unit = float(np.clip(canvas.rest.y / 1.6, 0.25, 1.3))
        afloat = [p.afloat for p in shot.placements]
        if any(afloat):
            return cls(canvas, None, side, unit)
        u = ((np.arange(canvas.width) + 0.5 - canvas.axis) / canvas.frame[0] * 2).astype(np.float32)
        frame = canvas.frame[1]
        if shot.placements:
            far = max(p.z for p in shot.placements)
            low = canvas.row(0.0, far * 1.45 + 0.6 * unit)
        else:
            low = canvas.my + frame * float(rng.uniform(0.86, 0.92))
        rise = np.clip(side * u + 0.15, 0, 1.2) ** 1.6 * 0.10
        top = low + frame * (0.010 * wander(u * 3, rng) - rise)
        return cls(canvas, np.maximum(top, canvas.horizon + 0.02 * frame).astype(np.float64), side, unit)

    def paint(self, light: Light, spruces: list[F32], rng: np.random.Generator, *, snowy: bool) -> Layer:
        """Soil or snow, grass, and spruces on one side."""
        assert self.top is not None
        canvas, frame = self.canvas, self.canvas.frame[1]
        floor = Floor.of(canvas, 60.0)
        rows = np.arange(canvas.height)[:, None] + 0.5
        cover = np.clip(rows - self.top[None] + 0.5, 0, 1)
        grain = floor.noise(spectral(256, 1.8, rng, lo=6), 30 / self.unit)
        key = 0.25 + 0.55 * max(float(light.direction[1]), 0.2)
        albedo = np.array([0.74, 0.79, 0.87]) if snowy else np.array([0.060, 0.078, 0.026])
        ground = albedo * (1 + (0.04 if snowy else 0.20) * grain[..., None]) * (light.sky * 0.9 + light.key * key)
        edge = 1 - 0.55 * np.exp(-np.clip(rows - self.top[None], 0, None) / (0.006 * frame))  # wet at the water's edge
        pixels = canvas.blank()
        pixels[..., :3] = ground * (edge * cover)[..., None]
        pixels[..., 3] = cover
        self._trees(pixels, light, spruces, rng)
        if not snowy:
            self._grass(pixels, light, rng)
        return Layer(pixels, canvas.ground_depths(60.0), 0.35)

    def _trees(self, pixels: F32, light: Light, spruces: list[F32], rng: np.random.Generator) -> None:
        assert self.top is not None
        canvas, frame = self.canvas, self.canvas.frame[1]
        for k in range(6):
            share = float(rng.uniform(0, 1)) ** 0.7
            x = canvas.axis + self.side * canvas.frame[0] * (0.28 + 0.26 * share)
            foot = float(np.interp(x, np.arange(canvas.width), self.top)) + frame * (0.015 + 0.05 * share)
            tall = frame * (0.24 + 0.36 * share) * float(rng.uniform(0.75, 1.1))
            stamp(pixels, spruces[k % 3], x, foot, tall, light.haze, 0.03, flip=bool(k & 1))

    def _grass(self, pixels: F32, light: Light, rng: np.random.Generator) -> None:
        assert self.top is not None
        canvas, frame = self.canvas, self.canvas.frame[1]
        palette = pick("grass", rng) * 0.85
        wide = max(canvas.width / canvas.height / 1.6, 0.5)
        for row in range(_ROWS):
            n = int(1300 * wide)
            x = rng.uniform(0, canvas.width, n)
            base = np.interp(x, np.arange(canvas.width), self.top)
            y = base + frame * (0.004 + 0.010 * row + 0.0012 * row * row) + rng.uniform(-0.3, 0.5, n) * 0.02 * frame
            near = (y - canvas.horizon) / (canvas.rest.y * canvas.focal)  # 1 ÷ metres
            tall = 0.11 * self.unit * near * canvas.focal * rng.uniform(0.45, 1.15, n)
            albedo = palette[rng.integers(0, len(palette), n)] * (1 + 0.2 * rng.standard_normal((n, 1)))
            strokes, _ = blades(x, y, tall, np.maximum(albedo, 0.003), light, rng)
            draw(pixels, strokes[np.argsort(y)].reshape(-1, strokes.shape[2]))
