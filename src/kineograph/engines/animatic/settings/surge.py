"""Waves that break on something: bursts of spray at its foot, thrown up and falling, and the white water around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.settings import stamps
from kineograph.engines.animatic.settings.base import Picture

F64 = NDArray[np.float64]
GRAVITY = 9.81
PERIOD = 2.6  # seconds between waves that break here
_DROPS = 150


@dataclass(frozen=True, slots=True)
class Surge:
    """Spray at the foot of a rock.

    Attributes:
        x, z: World, metres.
        wide: Metres to either side that it breaks on.
        high: Metres that the spray reaches.
        draws: (n, 6) uniform.
    """

    x: float
    z: float
    wide: float
    high: float
    draws: F64

    @classmethod
    def at(cls, x: float, z: float, wide: float, high: float, rng: np.random.Generator) -> Surge:
        """Spray by its own draws."""
        return cls(x, z, wide, high, rng.random((_DROPS, 6)))

    def paint(self, t: float, camera: Camera, light: Light, out: Picture) -> None:
        """Spray in the air and foam on the water, at t seconds."""
        h, w = out.shape[:2]
        p, away = self.draws, max(self.z - camera.z, 0.5)
        scale = camera.focal / away * h  # pixels per metre
        beat = t / PERIOD + 0.35 * np.floor(p[:, 5] * 3) / 3
        age = (beat - np.floor(beat)) * PERIOD - 0.15 * p[:, 4]
        up = np.sqrt(2 * GRAVITY * self.high) * (0.35 + 0.65 * p[:, 0])
        y = up * age - 0.5 * GRAVITY * age**2 * (1 + 0.3 * p[:, 3])
        side = (p[:, 1] - 0.5) * 2
        x = self.x + side * self.wide + (side * 0.5 + 0.5 * (p[:, 2] - 0.5)) * self.high * 0.45 * age
        rows = np.zeros((2 * len(p), stamps.STAMP_COLUMNS), np.float32)
        spray, foam = rows[: len(p)], rows[len(p) :]
        spray[:, 0] = w / 2 - camera.pan * h + (x - camera.x) * scale
        spray[:, 1] = camera.horizon * h + (camera.y - np.maximum(y, 0)) * scale
        size = self.high * (0.035 + 0.10 * np.clip(age, 0, 1.5)) * (0.5 + p[:, 2])
        spray[:, 2] = spray[:, 3] = np.maximum(size * scale, 0.7)
        spray[:, 9] = np.where((age > 0) & (y > 0), 0.34 * np.clip(1.25 - age * 0.75, 0, 1), 0)
        swing = np.sin(t * 2.4 / PERIOD * np.pi + p[:, 3] * 6.28)
        foam[:, 0] = w / 2 - camera.pan * h + (self.x + side * self.wide * (1.15 + 0.12 * swing) - camera.x) * scale
        foam[:, 1] = camera.horizon * h + (camera.y + self.high * 0.05 * (p[:, 4] - 0.6)) * scale
        foam[:, 2] = self.high * (0.10 + 0.14 * p[:, 2]) * scale
        foam[:, 3] = foam[:, 2] * 0.16
        foam[:, 9] = 0.30 + 0.22 * swing
        rows[:, 4], rows[:, 10], rows[:, 11] = 1, 0.9, stamps.DISC
        rows[:, 6:9] = light.sky * 0.85 + light.key * 0.5 + light.haze * 0.2
        stamps.stamps(out, rows)
