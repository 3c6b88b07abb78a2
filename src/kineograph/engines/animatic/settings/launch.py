"""A launch: the pad and its tower, the column of fire and smoke under the rocket, and the cloud it rolls over the ground."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.settings import stamps
from kineograph.engines.animatic.settings.base import Layer, Picture
from kineograph.engines.animatic.settings.floor import Floor
from kineograph.engines.animatic.settings.glow import shine
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.shot import Placement

F64 = NDArray[np.float64]
_FIRE = np.array([1.0, 0.55, 0.20], np.float32)
_PUFFS = 260
RISE = (0.02, 0.82)  # heights of its own that a rocket has climbed, as in aircrafts.toml


def pad(canvas: Canvas, hero: Placement, light: Light) -> list[Layer]:
    """A round of concrete under the rocket, and a lattice tower beside it with its lamps lit."""
    floor = Floor.of(canvas, 260.0)
    d = np.hypot(floor.x - hero.x, floor.z[:, None] - hero.z) / (1.3 * hero.height)
    cover = np.clip((1 - d) * 30, 0, 1)
    grey = 0.22 * (1 - 0.30 * (np.abs(d - 0.72) < 0.03)) * (1 - 0.25 * np.exp(-((d / 0.3) ** 2)))
    flat = (np.zeros_like(floor.x), np.zeros_like(floor.x))
    ground = floor.layer(grey[..., None] * floor.lit(flat, light), light)
    ground.pixels[:] *= cover[..., None].astype(np.float32)
    return [ground, _tower(canvas, hero, light)]


def _tower(canvas: Canvas, hero: Placement, light: Light) -> Layer:
    side = -1.0 if hero.x > 0 else 1.0
    z, wide, high = hero.z * 1.03, 0.16 * hero.height, 1.25 * hero.height
    x = hero.x + side * 0.52 * hero.height
    pixels = canvas.blank()
    steel = tuple(float(v) for v in np.array([0.42, 0.14, 0.08]) * (light.sky + light.key * 0.5))
    lamp = tuple(float(v) for v in np.array([1.0, 0.85, 0.55]) * (0.25 + 1.2 * light.night))
    thick = max(round(0.018 * hero.height * canvas.focal / z), 1)

    def beam(a: tuple[float, float], b: tuple[float, float]) -> None:
        ends = np.array([[canvas.column(px, z), canvas.row(py, z)] for px, py in (a, b)])
        cv2.polylines(pixels, [np.round(ends * 16).astype(np.int32)], False, (*steel, 1.0), thick, cv2.LINE_AA, 4)

    floors = 12
    for k in range(floors):
        low, top = high * k / floors, high * (k + 1) / floors
        left, right = x - wide / 2, x + wide / 2
        for a, b in (((left, low), (left, top)), ((right, low), (right, top)), ((left, top), (right, top))):
            beam(a, b)
        beam((left, low), (right, top))
        beam((right, low), (left, top))
        if k % 3 == 2:
            beam((x, top), (hero.x + side * 0.14 * hero.height, top))
        at = (round(canvas.column(x, z)), round(canvas.row(top, z)))
        cv2.circle(pixels, at, max(thick, 1), (*lamp, 1.0), -1, cv2.LINE_AA)
    return Layer(pixels, np.full(canvas.height, z, np.float32))


@dataclass(frozen=True, slots=True)
class Blast:
    """Fire and smoke under a rocket.

    Attributes:
        x, z: World; `climb` its height above the ground at the beginning and at the end, metres; `size` its length.
        seconds: Of the film.
        draws: (n, 6) uniform.
    """

    x: float
    z: float
    climb: tuple[float, float]
    size: float
    seconds: float
    draws: F64

    @classmethod
    def under(cls, hero: Placement, seconds: float, rng: np.random.Generator) -> Blast:
        """The blast of this rocket, which rises through the film or hangs where it was put."""
        low, high = {"rise": RISE, "land": RISE[::-1]}.get(hero.subject.action, (0.02, 0.02))
        climb = (max(hero.y, 0.0) + low * hero.height, max(hero.y, 0.0) + high * hero.height)
        return cls(hero.x, hero.z, climb, hero.height, seconds, rng.random((_PUFFS, 6)))

    def nozzle(self, t: float) -> float:
        """Metres above the ground of what the fire comes out of."""
        low, high = self.climb
        u = min(max(t / self.seconds, 0.0), 1.0)
        return float(low + (high - low) * (u**1.8 if high >= low else 1 - (1 - u) ** 1.8))

    def paint(self, t: float, camera: Camera, light: Light, out: Picture) -> None:
        """The column from the nozzle down, the cloud on the ground, and their light."""
        h, w = out.shape[:2]
        nozzle = self.nozzle(t)
        p, away = self.draws, max(self.z - camera.z, 0.5)
        scale = camera.focal / away * h
        ground = np.arange(len(p)) < len(p) * 0.62
        life = np.where(ground, 3.2, 0.9)
        age = np.mod(t / life + p[:, 0], 1.0)
        side = (p[:, 1] - 0.5) * 2
        rolled = self.size * (0.15 + (0.45 + 0.35 * min(t / 3, 1.0)) * age**0.7)
        x = self.x + np.where(
            ground, np.sign(side) * rolled * (0.3 + np.abs(side)), side * self.size * 0.10 * (0.4 + age)
        )
        y = np.where(ground, self.size * (0.03 + 0.30 * age * p[:, 2]), nozzle * (1 - age))
        size = self.size * np.where(ground, 0.07 + 0.20 * age, 0.05 + 0.08 * age) * (0.6 + 0.7 * p[:, 3])
        rows = np.zeros((len(p), stamps.STAMP_COLUMNS), np.float32)
        rows[:, 0] = w / 2 - camera.pan * h + (x - camera.x) * scale
        rows[:, 1] = camera.horizon * h + (camera.y - y) * scale
        rows[:, 2] = rows[:, 3] = size * scale
        rows[:, 4], rows[:, 10], rows[:, 11] = 1, 0.95, stamps.DISC
        rows[:, 9] = 0.55 * np.clip(age * 6, 0, 1) * (1 - age) ** 0.6
        flame = np.exp(-np.hypot((x - self.x) / (0.5 * self.size), (y - 0.5 * nozzle) / (0.6 * self.size)))
        smoke = 0.62 * (light.sky * 0.9 + light.key * 0.5)
        rows[:, 6:9] = smoke + _FIRE * (0.9 * flame * (0.8 + 0.4 * p[:, 4]))[:, None]
        stamps.stamps(out, rows[np.argsort(-rows[:, 1])])
        self._glow(t, camera, scale, out)

    def _glow(self, t: float, camera: Camera, scale: float, out: Picture) -> None:
        h, w = out.shape[0] // 6, out.shape[1] // 6
        x0 = w / 2 - camera.pan * h + (self.x - camera.x) * scale / 6
        foot = camera.horizon * h + camera.y * scale / 6
        top = foot - self.nozzle(t) * scale / 6
        x, y = np.arange(w, dtype=np.float32)[None] - x0, np.arange(h, dtype=np.float32)[:, None]
        d = np.maximum(np.maximum(top - y, y - foot), 0)
        reach = 0.55 * self.size * scale / 6
        flicker = 1 + 0.10 * np.sin(t * 31) + 0.07 * np.sin(t * 53 + 1)
        glow = 0.30 * flicker * np.exp(-np.hypot(x, d) / reach)
        core = (
            1.6
            * flicker
            * np.exp(-((x / (0.05 * self.size * scale / 6)) ** 2))
            * np.exp(-np.maximum(y - top, 0) / reach)
        )
        lit = (glow + core * (y > top - 1) * np.clip((foot - y) / 2 + 1, 0, 1)).astype(np.float32)
        shine(out, lit.astype(np.float32), _FIRE)
