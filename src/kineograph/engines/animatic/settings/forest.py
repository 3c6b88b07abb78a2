"""Forest: trunks in glowing haze, a canopy the light falls through, shafts of it, a mossy floor with ferns."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.light.tables import weather_of
from kineograph.engines.animatic.noise import F32, spectral, wander
from kineograph.engines.animatic.settings import rays, woods
from kineograph.engines.animatic.settings.base import Layer, Picture
from kineograph.engines.animatic.settings.floor import Floor
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.place import Parts, Place
from kineograph.engines.animatic.settings.road import grounds
from kineograph.engines.animatic.settings.strokes import COLUMNS, draw, green_key, towards
from kineograph.engines.animatic.settings.waterfall import falling
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot

F64 = NDArray[np.float64]
_EYE = 1.5  # metres of the eye for which the trunks stand at their distances
_TRUNKS = (46.0, 32.0, 23.0, 16.0, 11.4, 7.8, 5.2)  # metres to each row of trunks, for that eye
_MERGED = 3  # rows that share the farthest layer
_LEAVES = 5200  # strokes of a row's canopy


@cache
def kinds() -> dict[str, dict[str, Any]]:
    """Rows of forest.toml by name."""
    return tomllib.loads(files(__package__).joinpath("forest.toml").read_text(encoding="utf-8"))


def build(shot: Shot) -> Place:
    """The forest of a shot."""
    wood = _Wood(shot)
    falls = None
    if "waterfall" in shot.spec.looks:
        falls = falling(shot, wood.canvas, wood.light)
        wood.falls = wood.canvas.column(falls.x, falls.z) / wood.canvas.frame[1]
    extra = "leaves" if wood.kind == "autumn" else "fireflies" if wood.light.night > 0.4 else "dust"
    calm = shot.spec.weather in ("clear", "cloud")
    weather = Weather(shot, extra=(extra,) if calm else (), mist=0.6, ground=False)
    back, front = wood.layers()
    back[2:2] = grounds(shot, wood.canvas, wood.light)
    if falls is not None:  # it stands where the light comes through, behind the nearer rows of trunks
        back[1:1] = falls.layers
        back.insert(3, falls.pool(wood.canvas, wood.light))
    parts = Parts(
        back=back[:4] if falls else back, between=[falls.paint, falls.mist] if falls else (),
        near=back[4:] if falls else (), front=front, over=[wood.shafts], filtered=wood.filtered, sway=0.004,
    )  # fmt: skip
    return Place(shot, wood.sky, parts, weather)


@dataclass(frozen=True, slots=True)
class _Glow:
    """Where the light comes through: frame heights on the canvas, and its colours (3,)."""

    x: float
    y: float
    mist: F64
    deep: F64

    def haze(self, x: F64) -> F64:
        """Colour (n, 3) of the air at places x, in frame heights."""
        return self.deep * 0.9 + self.mist * (0.62 * np.exp(-((x - self.x) ** 2) * 3.2))[:, None]


class _Wood:
    """Paints the layers; everything in frame heights of the canvas or in metres."""

    def __init__(self, shot: Shot) -> None:
        self.shot, self.canvas = shot, Canvas.of(shot)
        self.rng = rng = shot.rng("forest")
        self.kind = _kind(shot, rng)
        self.row = kinds()[self.kind]
        self.sky = Sky(shot, ground=tuple(self.row["floor"][0]))
        self.raw = self.sky.light(0.0)
        self.day = float(np.clip((shot.sun_elevation + 4) / 8, 0, 1)) * (
            1 - weather_of(shot.spec.weather).overcast * 0.8
        )
        side = math.copysign(1.0, shot.sun_azimuth)
        self.gap = side * float(rng.uniform(0.08, 0.26)) * min(shot.width / shot.height, 1.8) / 1.78  # tangent
        self.glow = self._glow()
        self.light = self.filtered(self.raw)
        self.falls = 0.0  # where a waterfall comes down, frame heights
        self.size = min(max(shot.rest.y / _EYE, 0.4), 1.4)
        self.tile = spectral(256, 1.9, rng, lo=5, stretch=0.6)
        self.noise = spectral(256, 2.4, rng, lo=5)

    def filtered(self, light: Light) -> Light:
        """Under leaves: less sun, greener sky, mist for haze."""
        green = np.array([0.92, 1.04, 0.88], np.float32)
        return replace(
            light,
            key=light.key * np.float32(0.62),
            sky=light.sky * np.float32(0.80 + 0.7 * light.night) * green,
            haze=self._mist(light).astype(np.float32) * np.float32(0.9),
            haze_density=max(light.haze_density, 1 / 240),
        )

    def _mist(self, light: Light) -> F64:
        sun = light.key / max(float(light.key.max()), 1e-6)
        air = (light.haze * 0.55 + light.sky * 0.25) * np.array([0.92, 1.04, 0.90])
        # A closed sky leaves mist little colour; under a low sun leaves keep some of their own.
        low = float(np.clip(1 - abs(self.shot.sun_elevation) / 12, 0, 1))
        grey = max(0.55 * weather_of(self.shot.spec.weather).overcast, 0.40 * low)
        air = air * (1 - grey) + air.mean() * grey * np.array([0.97, 1.01, 1.02])
        return np.asarray(air + sun * (0.085 * self.day), np.float64)

    def _glow(self) -> _Glow:
        canvas, frame = self.canvas, self.canvas.frame[1]
        mist = self._mist(self.raw)
        x = (canvas.axis + self.gap * canvas.focal) / frame
        return _Glow(x, canvas.horizon / frame - 0.20, mist, mist * np.array([0.40, 0.52, 0.46]))

    # -- layers ----------------------------------------------------------------------------------------------------

    def layers(self) -> tuple[list[Layer], list[Layer]]:
        """What stands behind the cast, and what before it."""
        hero = min((p.z for p in self.shot.placements), default=0.0) - self.shot.rest.z
        far = self._backdrop()
        back: list[Layer] = []
        front: list[Layer] = []
        for number, distance in enumerate(_TRUNKS):
            z = distance * self.size
            if number < _MERGED:
                self._row(far, z, number)
                continue
            pixels = self.canvas.blank()
            before = z < hero * 1.12
            self._row(pixels, z, number, edges=before)
            layer = Layer(pixels, np.full(self.canvas.height, z, np.float32), 0.5 if z < 12 * self.size else 0.0)
            (front if before else back).append(layer)
        depth = np.full(self.canvas.height, _TRUNKS[1] * self.size, np.float32)
        return [Layer(far, depth), self._floor(), *back], front

    def _backdrop(self) -> F32:
        """Air: brightest behind the gap."""
        canvas, frame, glow = self.canvas, self.canvas.frame[1], self.glow
        y, x = np.mgrid[0 : canvas.height, 0 : canvas.width].astype(np.float32) / frame
        d = (x - glow.x) ** 2 + (y - glow.y) ** 2 * 1.5
        cloud = cv2.resize(self.noise, (canvas.width, canvas.height), interpolation=cv2.INTER_CUBIC)
        sun = self.raw.key / max(float(self.raw.key.max()), 1e-6) * (0.18 * self.day)
        out = canvas.blank()
        out[..., :3] = glow.deep * (1 + 0.10 * cloud[..., None]) + glow.mist * (0.85 * np.exp(-d * 5))[..., None]
        out[..., :3] += sun * np.exp(-d * 22)[..., None]
        if "moon" in self.shot.spec.effects and self.raw.night > 0.4:  # between the trunks
            away = np.hypot(x - glow.x, y - glow.y) / 0.06
            out[..., :3] += (np.clip((1 - away) * 14, 0, 1) + 0.10 * np.exp(-away / 2))[..., None] * (0.9, 0.92, 1.0)
        out[..., 3] = 1
        return out

    def _far(self, z: float) -> float:
        """Share of what stands at z metres that the air hides."""
        clear = 18.0 * self.size * (0.35 if self.shot.spec.weather == "fog" else 1.0)
        return 1 - math.exp(-max(z - 4 * self.size, 0.0) / clear)

    def _floor(self) -> Layer:
        """Moss and litter with flecks of sun."""
        canvas, floor = self.canvas, Floor.of(self.canvas, _TRUNKS[0] * self.size)
        soft = spectral(256, 2.4, self.rng, lo=3)
        fine = spectral(512, 1.6, self.rng, lo=6)
        unit = 1 / self.size
        patches = floor.noise(soft, 9 * unit)
        grain = floor.noise(fine, 60 * unit) + 0.7 * floor.noise(fine, 190 * unit)
        low, high = (np.array(c) for c in self.row["floor"])
        albedo = low + (high - low) * np.clip(0.45 + 0.35 * patches + 0.15 * grain, 0, 1)[..., None]
        albedo = albedo * np.clip(1 + 0.24 * grain, 0.3, 2)[..., None]
        fleck = np.clip(floor.noise(soft, 16 * unit) * 0.75 + floor.noise(soft, 34 * unit) * 0.35 - 0.15, 0, 1.2)
        columns = (np.arange(canvas.width) + 0.5) / canvas.frame[1]
        fleck = fleck * np.exp(-(((columns - self.glow.x) / 0.75) ** 2))[None]
        lit = self.light.sky * 0.85 + self.raw.key * (0.04 + 0.80 * self.day * fleck[..., None])
        far = np.array([self._far(float(z)) for z in floor.z])[:, None, None]
        colour = albedo * lit * (1 - far) + self.glow.haze(columns)[None] * far
        pixels = canvas.blank()
        pixels[..., :3], pixels[..., 3] = colour * floor.cover[:, None, None], floor.cover[:, None]
        self._litter(pixels)
        return Layer(pixels, floor.z)

    def _litter(self, pixels: F32) -> None:
        """Fallen leaves, cones and sticks on the near floor."""
        canvas, rng, n = self.canvas, self.rng, 2600
        z = np.sort(1 / rng.uniform(1 / (16 * self.size), 1 / (1.3 * self.size), n))[::-1]
        x, y = rng.uniform(0, canvas.width, n), canvas.horizon + canvas.rest.y * canvas.focal / z
        size = self.size * rng.uniform(0.015, 0.045, n) * canvas.focal / z
        turn = rng.uniform(0, math.pi, n)
        palette = np.array(self.row["litter"])
        far = np.array([self._far(float(d)) for d in z])[:, None]
        lit = palette[rng.integers(0, len(palette), n)] * rng.uniform(0.6, 1.3, (n, 1))
        lit = lit * (self.light.sky * 0.9 + self.raw.key * 0.16) * (1 - far)
        lit = lit + self.glow.haze(x / canvas.frame[1]) * far
        rows = np.empty((n, COLUMNS))
        rows[:, 0], rows[:, 1] = x, y
        rows[:, 2], rows[:, 3] = x + np.cos(turn) * size, y + np.sin(turn) * size * 0.35
        rows[:, 4], rows[:, 5] = size * 0.30, size * 0.12
        rows[:, 6:9], rows[:, 9] = lit, 0.9
        draw(pixels, rows)

    def _row(self, out: F32, z: float, number: int, *, edges: bool = False) -> None:
        """Trunks, leaves above them and ferns at their feet, z metres away; `edges`: only at the sides of the frame."""
        self._stand(out, z, edges=edges)
        self._leaves(out, z, number)
        self._vines(out, z, edges=edges)
        self._ferns(out, z, edges=edges)
        self._palms(out, z, edges=edges)

    def _columns(self, n: int, z: float, *, edges: bool) -> F64:
        """Places for n trunks, pixels: the gap stays open, and the cast's space too."""
        canvas, frame = self.canvas, self.canvas.frame[1]
        x = self.rng.uniform(-0.02, 1.02, n) * canvas.width
        away = np.abs(x / frame - self.glow.x) / min(1.0, canvas.width / canvas.height)
        u = z / self.size / 3.57
        kept = away > (0.0 if u > 6 else 0.10 + 0.20 / u**0.5 * (1.4 if u < 3 else 0.7))
        if edges:
            kept &= np.abs(x - canvas.axis) > 0.40 * canvas.frame[0]
        if "waterfall" in self.shot.spec.looks:  # nothing stands before the falls
            kept &= (np.abs(x / frame - self.falls) > 0.22) | (u > 6)
        for placement in self.shot.placements:
            reach = 0.30 * placement.height * canvas.focal / placement.z
            kept &= (np.abs(x - canvas.column(placement.x, placement.z)) > reach) | (u > 5)
        return x[kept]

    def _stand(self, out: F32, z: float, *, edges: bool) -> None:
        canvas, rng = self.canvas, self.rng
        u = z / self.size / 3.57
        wide = canvas.frame[0] / canvas.frame[1] / 1.78
        crowd = self.row.get("crowd", 1.0) if self.row.get("canes") else 1.0
        count = max(round((5 + 1.55 * u if u > 2 else 5) * crowd * max(wide, 0.65)), 4)
        x = self._columns(count, z, edges=edges)
        if not len(x):
            return
        n = len(x)
        half = rng.uniform(0.055, 0.105, n) * 3.57 * self.size / 2 * self.row["stout"] * (1.25 if u < 2.5 else 1.0)
        half = half * canvas.focal / z
        lean = rng.normal(0, 0.03, n) * canvas.frame[1]
        foot = canvas.row(0.0, z) + half * 0.5
        rows = np.zeros((n, woods.TRUNK_COLUMNS))
        rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3] = x, foot, x + lean, -20
        rows[:, 4], rows[:, 5], rows[:, 6] = half, half * 0.68, rng.uniform(0, 200, n)
        rows[:, 7], rows[:, 8:11] = self._far(z), self.glow.haze(x / canvas.frame[1])
        numbers = np.zeros((6, 3), np.float32)
        numbers[woods.BARK], numbers[woods.MOSS] = self.row["bark"], self.row["moss"]
        numbers[woods.KEY], numbers[woods.SKY] = self.raw.key * 0.9, self.light.sky * 1.2
        numbers[woods.TOWARDS] = towards(self.raw)
        woods.trunks(out, self.tile, rows, numbers)
        if self.row.get("canes"):
            draw(out, woods.knots(rows, 0.30 * canvas.focal / z, self.light, rng))

    def _leaves(self, out: F32, z: float, number: int) -> None:
        """The canopy hangs in from above, ragged, higher over the gap."""
        canvas, rng, frame = self.canvas, self.rng, self.canvas.frame[1]
        u = z / self.size / 3.57
        wide = max(canvas.width / canvas.height / 1.6, 0.45)
        n = int((_LEAVES + 900 * u if u < 7 else 9000) * wide)
        x = rng.uniform(0, canvas.width, n)
        ragged = wander((x / frame * 5 + number * 7).astype(np.float32), rng) * 0.5
        away = np.abs(x / frame - self.glow.x)
        limit = (0.20 + 0.08 * ragged + 0.14 * np.clip(away - 0.12, 0, 0.8)) * (0.8 if u < 2 else 1.0)
        limit = limit * self.row.get("drop", 1.0)
        if self.falls:  # the wood is open before the falls
            limit = limit * np.clip(np.abs(x / frame - self.falls) / 0.40 - 0.35, 0.0, 1.0)
        y = rng.random(n) ** 1.35 * np.maximum(limit, 0.03) * canvas.height
        clump = self.noise[(y / frame * 110).astype(int) % 256, (x / frame * 130).astype(int) % 256]
        kept = clump > -0.35
        x, y, clump = x[kept], y[kept], clump[kept][:, None]
        palette = np.array(self.row["leaves"])
        albedo = palette[rng.integers(0, len(palette), len(x))]
        albedo = np.maximum(albedo * (1 + 0.25 * clump + 0.15 * rng.standard_normal(clump.shape)), 0.003)
        behind = np.exp(-((x / frame - self.glow.x) ** 2) * 3.5 - (y / frame - self.glow.y) ** 2 * 2.0)[:, None]
        light = self.light.sky * 0.7 + green_key(self.raw) * (0.05 + self.day * (0.10 + 1.25 * behind))
        leaf = (0.036 if self.row["needles"] else 0.030) * self.row.get("leaf", 1.0) ** 0.7
        size = leaf * frame * 0.62 / u**0.75 * rng.uniform(0.4, 1.0, len(x))
        rows = woods.canopy(np.c_[x, y], albedo, light, size, rng, needles=bool(self.row["needles"]))
        far = self._far(z)
        rows[:, 6:9] = rows[:, 6:9] * (1 - far) + self.glow.haze(x / frame) * far
        draw(out, rows)

    def _ferns(self, out: F32, z: float, *, edges: bool) -> None:
        canvas, rng = self.canvas, self.rng
        u = z / self.size / 3.57
        wide = max(canvas.width / canvas.height / 1.6, 0.45)
        x = self._columns(int(30 * self.row.get("crowd", 1.0) ** 0.6 * wide), z, edges=edges)
        low = canvas.row(0.0, z)
        far = self._far(z)
        for place in x:
            size = 0.17 / u * canvas.focal * rng.uniform(0.5, 1.1)
            albedo = np.array(self.row["fern"]) * rng.uniform(0.75, 1.2)
            foot = low + rng.uniform(0.0, 0.05) / u * canvas.focal
            rows = woods.fern(place, foot, size, albedo, green_key(self.raw) * (0.3 + self.day), self.light.sky, rng)
            rows[:, 6:9] = rows[:, 6:9] * (1 - far) + self.glow.haze(rows[:, 0] / canvas.frame[1]) * far
            draw(out, rows)

    def _vines(self, out: F32, z: float, *, edges: bool) -> None:
        """Lianas that hang from the canopy in loops."""
        canvas, rng, frame = self.canvas, self.rng, self.canvas.frame[1]
        far = self._far(z)
        for x in self._columns(self.row.get("vines", 0), z, edges=edges):
            length, sag = rng.uniform(0.25, 0.60) * frame, rng.uniform(-0.12, 0.12) * frame
            u = np.linspace(0, 1, 15)
            px, py = x + sag * u**2 + 0.012 * frame * np.sin(u * 9 + x), canvas.my + length * u - 20
            rows = np.zeros((14, COLUMNS))
            rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3] = px[:-1], py[:-1], px[1:], py[1:]
            rows[:, 4] = rows[:, 5] = max(0.022 * self.size * canvas.focal / z, 0.6)
            colour = np.array([0.06, 0.09, 0.03]) * self.light.sky * (1 - far)
            rows[:, 6:9] = colour + self.glow.haze(np.array([x / frame])) * far
            rows[:, 9] = 1
            draw(out, rows)

    def _palms(self, out: F32, z: float, *, edges: bool) -> None:
        """Broad-leaved plants, as tall as a child, in clumps."""
        canvas, frame, far = self.canvas, self.canvas.frame[1], self._far(z)
        u = z / self.size / 3.57
        for x in self._columns(round(self.row.get("palms", 0) * (1 + 0.25 * u)), z, edges=edges):
            size = float(self.rng.uniform(0.30, 0.62)) / u * canvas.focal
            foot = canvas.row(0.0, z) + float(self.rng.uniform(0, 0.04)) / u * canvas.focal
            albedo = np.array(self.row["fern"]) * self.rng.uniform(0.8, 1.3)
            rows = woods.palm(x, foot, size, albedo, green_key(self.raw) * (0.3 + self.day), self.light.sky, self.rng)
            rows[:, 6:9] = rows[:, 6:9] * (1 - far) + self.glow.haze(rows[:, 0] / frame) * far
            draw(out, rows)

    # -- light -----------------------------------------------------------------------------------------------------

    def shafts(self, t: float, camera: Camera, light: Light, out: Picture) -> None:
        """Sunlight that falls through the gap; moonlight, faintly. Ink has no light to paint with: what is dark stays ink."""
        overcast = weather_of(self.shot.spec.weather).overcast
        strength = (0.30 * self.day + 0.10 * light.night) * (1 - overcast) * (0.25 if self.falls else 1.0)
        if strength < 0.02 or self.shot.spec.style == "ink-wash":
            return
        x = out.shape[1] / out.shape[0] / 2 + self.gap * camera.focal - camera.pan
        at = (x, camera.horizon - 0.50)
        rays.shafts(t, camera, light, self.noise, strength / 0.62, out, at)


def _kind(shot: Shot, rng: np.random.Generator) -> str:
    drawn = str(rng.choice(["summer", "pine", "birch", "autumn"], p=[0.36, 0.28, 0.18, 0.18]))
    named = next((look for look in shot.spec.looks if look in kinds()), None)
    if named is not None and not (named == "autumn" and shot.spec.weather == "snow"):
        return named
    if shot.spec.weather == "snow":
        return "winter"
    return "autumn" if "leaves" in shot.spec.effects else drawn
