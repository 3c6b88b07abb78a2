"""A fire in a hearth: tongues of flame that lick and vanish, sparks, and the light they throw into the room."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.settings import stamps
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.settings.glow import shine

F64 = NDArray[np.float64]
_TONGUES = 44
_SMALL = 6


@dataclass(frozen=True, slots=True)
class Fire:
    """Flames at the foot of a wall.

    Attributes:
        x, z: World, metres; `wide` and `high` of the flames, metres; `foot` above the floor.
        draws: (n, 5) uniform.
    """

    x: float
    z: float
    foot: float
    wide: float
    high: float
    draws: F64

    @classmethod
    def at(cls, x: float, z: float, unit: float, rng: np.random.Generator) -> Fire:
        """A fire of logs for a room of that size."""
        return cls(x, z, 0.20 * unit, 0.42 * unit, 0.62 * unit, rng.random((_TONGUES, 5)))

    @staticmethod
    def flicker(t: float) -> float:
        """Brightness of its light, about 1."""
        return 1 + 0.10 * math.sin(t * 9.1) + 0.07 * math.sin(t * 17.3 + 1.7) + 0.05 * math.sin(t * 29.0 + 0.6)

    def paint(self, t: float, camera: Camera, out: Picture) -> None:
        """Add the flames of the moment and their glow."""
        h, w = out.shape[:2]
        scale = camera.focal * h / max(self.z - camera.z, 0.3)
        x0 = w / 2 - camera.pan * h + (self.x - camera.x) * scale
        y0 = camera.horizon * h + (camera.y - self.foot) * scale
        p = self.draws
        age = np.mod(t * (1.1 + 0.6 * p[:, 0]) + p[:, 1], 1.0)
        rows = np.zeros((len(p), stamps.STAMP_COLUMNS), np.float32)
        side = (p[:, 2] - 0.5) * 2
        sway = 0.10 * np.sin(t * 4 + p[:, 3] * 6.28 + age * 3)
        rows[:, 0] = x0 + (side * (1 - 0.55 * age) + sway) * self.wide * scale
        rows[:, 1] = y0 - age * self.high * (1 - 0.5 * side**2) * (0.6 + 0.6 * p[:, 4]) * scale
        rows[:, 2] = self.wide * 0.30 * (1 - 0.75 * age) * scale
        rows[:, 3] = rows[:, 2] * 1.7
        rows[:, 4], rows[:, 10], rows[:, 11], rows[:, 12] = 1, 0.9, stamps.DISC, 1
        heat = (1 - age)[:, None]
        rows[:, 6:9] = np.array([1.25, 0.42, 0.07]) * heat**0.4 + np.array([0.5, 0.55, 0.25]) * heat**3
        rows[:, 9] = 0.55 * np.clip(age * 8, 0, 1) * (1 - age) ** 0.7
        stamps.stamps(out, rows)
        sh, sw = h // _SMALL, w // _SMALL
        dx = (np.arange(sw, dtype=np.float32)[None] * _SMALL - x0) / scale
        dy = (np.arange(sh, dtype=np.float32)[:, None] * _SMALL - y0 + 0.3 * scale * self.high) / scale
        glow = 0.16 * self.flicker(t) * np.exp(-(dx**2 + dy**2) / (1.9 * self.wide) ** 2)
        shine(out, glow.astype(np.float32), np.array([1.0, 0.52, 0.18], np.float32))
