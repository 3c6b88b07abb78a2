"""Weather and everything that floats: closed forms of t in a wrapped box before the camera, with depth of field."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import spectral
from kineograph.engines.animatic.settings import stamps
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.settings.smoke import plumes
from kineograph.engines.animatic.shot import Shot

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

# Blur disc in frame heights per dioptre of defocus: a petal at 0.6 m in a film focused at 5 m blurs over 9 % of the height.
APERTURE = 0.030
# Everything is wrapped this far outside the frame, in frame heights; no blurred radius comes near it.
BORDER = 0.22
# Rain: terminal speed of a 2 mm drop (Gunn and Kinzer 1949), and how long the shutter is open.
RAIN_SPEED = 6.8
SHUTTER = 1 / 40

# Density at the horizon and reach in frame heights.
MIST = {"fog": (0.62, 0.24), "rain": (0.16, 0.12), "storm": (0.20, 0.12), "snow": (0.22, 0.14)}

_SHAPES = {"disc": stamps.DISC, "petal": stamps.PETAL, "leaf": stamps.LEAF}
_GOLDEN = 0.6180339887


@cache
def kinds() -> dict[str, dict[str, Any]]:
    """Rows of particles.toml by name."""
    return tomllib.loads(files(__package__).joinpath("particles.toml").read_text(encoding="utf-8"))


def gust(t: float, wind: float) -> float:
    """How far the air has travelled after t seconds, metres: steady wind with slow gusts, in closed form."""
    return wind * (t + 0.35 * float(np.sin(0.83 * t)) + 0.12 * float(np.sin(2.1 * t + 1.0)))


def lit(light: Light) -> F32:
    """What a small white thing that turns in the air sends to the eye, (3,)."""
    return np.asarray(light.sky * 0.55 + light.key * 0.42 + light.bounce * 0.15, np.float32)


@dataclass(frozen=True, slots=True)
class Flakes:
    """Many small things of one kind.

    Attributes:
        depth: (n,) metres from the eye, far to near.
        draws: (n, 6) uniform numbers, one meaning each.
        colour: (n, 3) albedo or emission.
        focus: Metres at which things are sharp.
    """

    row: dict[str, Any]
    depth: F64
    draws: F64
    colour: F64
    focus: float
    wind: float
    rest: Camera

    def rows(self, t: float, camera: Camera, light: Light, size: tuple[int, int]) -> F32:
        """Stamps of the moment, (n, 13), for a picture of `size` (width, height)."""
        width, height = size
        row, z, p = self.row, self.depth, self.draws
        near = self.rest.focal / z  # frame heights per metre
        phase = t * (0.7 + 0.9 * p[:, 2]) + p[:, 3] * 6.2832
        side = gust(t, self.wind) * row["drift"] * (0.8 + 0.4 * p[:, 4]) + row["swirl"] * np.sin(phase * 1.3)
        down = t * row["fall"] * (0.75 + 0.5 * p[:, 4]) + row["swirl"] * 0.5 * np.cos(phase * 1.9)
        across, tall = width / height + 2 * BORDER, 1 + 2 * BORDER
        x = (p[:, 0] * across + (side - camera.x + self.rest.x) * near - camera.pan + self.rest.pan) % across - BORDER
        rise = (camera.y - self.rest.y) * near + camera.horizon - self.rest.horizon
        y = (p[:, 1] * tall + down * near + rise) % tall - BORDER
        return self._stamps(t, np.stack([x, y], 1) * height, phase, camera.focal / z, light, height)

    def _stamps(self, t: float, at: F64, phase: F64, near: F64, light: Light, height: int) -> F32:
        row, p = self.row, self.draws
        low, high = row["spread"]
        true = row["size"] * (low + (high - low) * p[:, 5]) * near * height
        blur = APERTURE * row.get("aperture", 1.0) * np.abs(1 / self.depth - 1 / self.focus) * height
        radius = np.maximum(true, 0.6) + blur
        faint = np.minimum((np.maximum(true, 0.4) / radius) ** 1.25, 1) * np.clip(true / 0.6, 0.2, 1)
        out = np.zeros((len(p), stamps.STAMP_COLUMNS), np.float32)
        flat = row["shape"] == "disc"
        turn = phase * 0.9 + p[:, 3] * 9
        tilt = np.abs(np.sin(phase * 1.7 + p[:, 5] * 3))
        out[:, 0:2] = at
        out[:, 2] = radius
        out[:, 3] = radius if flat else np.maximum(true * (0.22 + 0.62 * tilt), 0.6) + blur
        out[:, 4], out[:, 5] = np.cos(turn), np.sin(turn)
        out[:, 10] = np.clip((0.55 if flat else 0.18) + 0.9 * blur / radius + 0.5 / radius, 0.15, 1)
        out[:, 11] = stamps.DISC if flat else _SHAPES[row["shape"]]
        if row.get("glow", 0.0):
            pulse = (
                np.clip(0.5 + 0.75 * np.sin(t * row["pulse"] * (0.7 + 0.6 * p[:, 2]) + p[:, 3] * 6.2832), 0, 1) ** 1.5
            )
            out[:, 6:9] = self.colour * (row["glow"] * pulse)[:, None]
            out[:, 12] = 1
        else:
            # A petal that shows its edge to the sun lets the light through: brighter than one that lies flat.
            out[:, 6:9] = self.colour * lit(light) * (0.82 + 0.36 * tilt[:, None] if not flat else 1.0)
        out[:, 9] = faint * row["alpha"]
        return out


def flakes(shot: Shot, name: str, focus: float, heavy: float = 1.0) -> Flakes:
    """Scatter one kind of particles.toml; `heavy` multiplies their number."""
    row = kinds()[name]
    rng = shot.rng(f"weather {name}")
    n = max(8, round(row["count"] * heavy * (0.35 + 0.65 * shot.width / shot.height / 1.78)))
    depth = row["near"] * (row["far"] / row["near"]) ** np.sort(rng.random(n) ** row.get("crowd", 1.0))[::-1]
    palette = np.asarray(row["colours"])
    colour = palette[rng.integers(0, len(palette), n)] * rng.uniform(0.88, 1.12, (n, 1))
    return Flakes(row, depth, rng.random((n, 6)), colour, focus, shot.wind, shot.rest)


@dataclass(frozen=True, slots=True)
class Rain:
    """Drops as threads, and their splashes on the ground.

    Attributes:
        depth: (n,) metres, far to near.
        draws: (n, 3) uniform.
        splashes: (m, 3) uniform; empty where the ground is out of reach.
        thick: Multiplies its opacity.
    """

    depth: F64
    draws: F64
    splashes: F64
    wind: float
    rest: Camera
    thick: float = 1.0

    def rows(self, t: float, camera: Camera, light: Light, size: tuple[int, int]) -> F32:
        """Streaks of the moment, (n, 9)."""
        width, height = size
        near = self.rest.focal / self.depth
        tall = 1.0 + 3 * BORDER
        fallen = self.draws[:, 1] + t * RAIN_SPEED * near / tall
        cycle = np.floor(fallen)
        across = width / height + 4 * BORDER
        slant = 0.07 * min(self.wind, 3.0) + 0.10 * max(self.wind - 3.0, 0.0)  # a storm drives it
        y = (fallen - cycle) * tall - 2 * BORDER
        shift = (camera.x - self.rest.x) * near + camera.pan - self.rest.pan
        x = ((self.draws[:, 0] + cycle * _GOLDEN - shift / across) % 1) * across - 2 * BORDER + (y - 0.5) * slant
        long = RAIN_SPEED * SHUTTER * near
        blur = APERTURE * 0.6 * np.clip(1 / self.depth - 0.5, 0, None)
        thick = np.minimum(0.0011 * near, 0.0016) + blur
        out = np.empty((len(x), stamps.STREAK_COLUMNS), np.float32)
        out[:, 0], out[:, 1], out[:, 2], out[:, 3] = x, y, x + long * slant, y + long
        out[:, 4] = thick
        out[:, :5] *= height
        out[:, 5:8] = light.haze * 0.85 + light.sky * 0.40 + 0.015
        # A far drop is thinner than a pixel: it fades instead of thinning.
        out[:, 8] = (
            min(0.30 * self.thick, 0.9)
            * np.clip(0.0011 * near * height / 0.55, 0.12, 1)
            * np.minimum(0.0016 / thick, 1) ** 0.8
        )
        return out

    def impacts(self, t: float, camera: Camera, light: Light, size: tuple[int, int]) -> F32:
        """Splashes of the moment as stamps: a widening ring and a drop that leaps, (2 m, 13)."""
        width, height = size
        p = self.splashes
        beat = t * 2.7 + p[:, 2]
        cycle = np.floor(beat)
        age = beat - cycle
        low = max(1.02 - self.rest.horizon, 0.08)
        below = 0.03 + (low - 0.03) * (p[:, 1] + cycle * 0.381966) % 1
        metre = below / max(camera.y, 0.05) * height  # pixels per metre on the ground there
        x = ((p[:, 0] + cycle * _GOLDEN) % 1) * width
        y = (camera.horizon + below) * height
        out = np.zeros((2 * len(x), stamps.STAMP_COLUMNS), np.float32)
        ring, leap = out[: len(x)], out[len(x) :]
        ring[:, 0], ring[:, 1] = x, y
        ring[:, 2] = np.maximum(0.075 * age * metre, 0.7)
        ring[:, 3] = np.maximum(ring[:, 2] * np.clip(below * 0.9, 0.12, 0.5), 0.5)
        ring[:, 9], ring[:, 11] = 0.38 * (1 - age), stamps.RING
        leap[:, 0], leap[:, 1] = x, y - 0.14 * age * (1 - age) * metre
        leap[:, 2] = leap[:, 3] = np.clip(0.005 * metre, 0.6, 5)
        leap[:, 9], leap[:, 11] = 0.55 * (1 - age), stamps.DISC
        out[:, 4] = 1
        out[:, 6:9] = light.haze * 0.8 + light.sky * 0.5 + 0.02
        out[:, 10] = 0.9
        return out


def rain(shot: Shot, heavy: float, ground: bool) -> Rain:
    """Rain of the given strength; `ground` lets it splash."""
    rng = shot.rng("weather rain")
    aspect = shot.width / shot.height
    n = round(1000 * heavy * (0.3 + 0.7 * aspect / 1.78))
    depth = 0.9 * 14.0 ** np.sort(rng.random(n) ** 0.75)[::-1]
    splashes = rng.random((round(240 * heavy) if ground else 0, 3))
    return Rain(depth, rng.random((n, 3)), splashes, shot.wind, shot.rest)


@dataclass(frozen=True, slots=True)
class Mist:
    """A sheet of fog that drifts, thickest at the horizon.

    Attributes:
        tile: (n, n) noise.
        density: 0…1 at the horizon.
        reach: How far it climbs and falls, in frame heights.
    """

    tile: F32
    density: float
    reach: float
    wind: float

    def draw(self, t: float, camera: Camera, light: Light, out: Picture, share: float) -> None:
        """Lay `share` of the sheet over the picture."""
        height = out.shape[0]
        away = (np.arange(height) + 0.5) / height - camera.horizon
        reach = np.where(away < 0, self.reach, self.reach * 1.1)
        rows = (self.density * share * np.exp(-((away / reach) ** 2))).astype(np.float32)
        pixels = self.tile.shape[0] / 1.6
        shift = np.float32((camera.pan + 0.03 * camera.x - 0.010 * gust(t, self.wind + 1.0)) * pixels)
        lift = np.float32(t * 0.012 * pixels)
        stamps.veil(out, self.tile, rows, np.asarray(light.haze, np.float32), shift, lift)


class Weather:
    """What is in the air of a shot, drawn in two passes: behind the subjects and before them."""

    def __init__(
        self,
        shot: Shot,
        *,
        extra: Sequence[str] = (),
        ground: bool = True,
        focus: float | None = None,
        mist: float = 1.0,
    ) -> None:
        """
        Scatter what the weather and the effects of the prompt ask for.

        Args:
            extra: Kinds of particles.toml the setting adds by itself: falling petals in an orchard.
            ground: Whether rain splashes on what is below the horizon.
            focus: Sharp distance in metres; without it the hero's, or 5.
            mist: Multiplies the density of drifting mist, where the distance is already hazed.
        """
        hero = shot.placements[0].z - shot.rest.z if shot.placements else 5.0
        self.focus = max(focus or hero, 0.5)
        self.split = self.focus
        known = kinds()
        names = {*(e for e in shot.spec.effects if e in known), *extra}
        if shot.spec.weather == "snow":
            names.add("snow")
        # What was asked for in words comes thicker than what a place brings along.
        crowd = {name: 1.6 if name in shot.spec.effects else 1.0 for name in names}
        self.flakes = [flakes(shot, name, self.focus, crowd[name]) for name in sorted(names)]
        heavy = {"rain": 1.0, "storm": 2.4}.get(shot.spec.weather, 0.9 if "rain" in shot.spec.effects else 0.0)
        self.rain = rain(shot, heavy, ground) if heavy else None
        self.plumes = plumes(shot)
        self.mist: Mist | None = None
        if thick := MIST.get(shot.spec.weather):
            tile = spectral(128, 3.4, shot.rng("weather mist"), lo=2, hi=12)
            self.mist = Mist(tile, thick[0] * mist, thick[1], shot.wind)

    def behind(self, t: float, camera: Camera, light: Light, out: Picture) -> None:
        """Draw what is farther than the subjects."""
        self._draw(t, camera, light, out, far=True)

    def before(self, t: float, camera: Camera, light: Light, out: Picture) -> None:
        """Draw what is nearer than the subjects."""
        self._draw(t, camera, light, out, far=False)

    def _draw(self, t: float, camera: Camera, light: Light, out: Picture, *, far: bool) -> None:
        size = (out.shape[1], out.shape[0])
        if self.mist:
            self.mist.draw(t, camera, light, out, 0.75 if far else 0.14)
        for plume in () if far else self.plumes:
            plume.paint(t, camera, light, out)
        if self.rain:
            if far and len(self.rain.splashes):
                stamps.stamps(out, self.rain.impacts(t, camera, light, size))
            rows = self.rain.rows(t, camera, light, size)
            stamps.streaks(out, np.ascontiguousarray(rows[(self.rain.depth > self.split) == far]))
        for kind in self.flakes:
            rows = kind.rows(t, camera, light, size)
            stamps.stamps(out, np.ascontiguousarray(rows[(kind.depth > self.split) == far]))
