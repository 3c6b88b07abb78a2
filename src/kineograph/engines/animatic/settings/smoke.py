"""Smoke from a chimney: puffs that rise, lean with the wind, grow and thin out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.settings import stamps
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.shot import Shot

F64 = NDArray[np.float64]
_PUFFS = 46
_LIFE = 7.0  # seconds
# Where the chimney is: aside and up, ÷ the building's height.
CHIMNEYS = {"cottage": (0.22, 1.0), "house": (0.22, 1.0), "cabin": (0.25, 0.98), "hut": (0.0, 1.0), "barn": (0.2, 0.95)}


@dataclass(frozen=True, slots=True)
class Plume:
    """Smoke from (x, y, z), metres; `size` of the first puff; wind in metres a second."""

    x: float
    y: float
    z: float
    size: float
    wind: float
    draws: F64

    def paint(self, t: float, camera: Camera, light: Light, out: Picture) -> None:
        """The puffs of the moment."""
        h, w = out.shape[:2]
        p, away = self.draws, max(self.z - camera.z, 0.5)
        scale = camera.focal * h / away
        age = np.mod(t / _LIFE + p[:, 0], 1.0)
        up = self.size * 13 * age**0.8
        x = self.x + self.size * (
            self.wind * 2.2 * age**1.4 + (p[:, 1] - 0.5) * 2.2 * age + 0.5 * np.sin(age * 7 + p[:, 2])
        )
        rows = np.zeros((len(p), stamps.STAMP_COLUMNS), np.float32)
        rows[:, 0] = w / 2 - camera.pan * h + (x - camera.x) * scale
        rows[:, 1] = camera.horizon * h + (camera.y - self.y - up) * scale
        rows[:, 2] = rows[:, 3] = self.size * (0.45 + 1.9 * age) * (0.7 + 0.6 * p[:, 3]) * scale
        rows[:, 4], rows[:, 10], rows[:, 11] = 1, 1.0, stamps.DISC
        rows[:, 6:9] = 0.92 * (light.sky * 0.9 + light.key * 0.62) + 0.15 * light.haze
        rows[:, 9] = 0.48 * np.clip(age * 9, 0, 1) * (1 - age) ** 1.1
        stamps.stamps(out, rows[np.argsort(age)])


def plumes(shot: Shot) -> list[Plume]:
    """Smoke over every building of the cast, where the words want it."""
    if "smoke" not in shot.spec.effects:
        return []
    out = []
    for number, p in enumerate(p for p in shot.placements if p.subject.family == "building"):
        aside, top = CHIMNEYS.get(p.subject.kind, (0.1, 1.0))
        draws = shot.rng(f"plume {number}").random((_PUFFS, 4))
        out.append(
            Plume(p.x + aside * p.height, p.y + top * p.height, p.z, 0.07 * p.height, min(shot.wind, 3.0), draws)
        )
    return out
