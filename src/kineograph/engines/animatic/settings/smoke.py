"""Smoke from a chimney: puffs that rise, lean with the wind, grow and thin out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.blocking import ROCKETS
from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.settings import stamps
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.settings.launch import Blast
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.subjects.made import row_of

F64 = NDArray[np.float64]
_PUFFS = 80
_LIFE = 7.0  # seconds
# Where the chimney is: aside, up and back, ÷ the building's height, as in buildings.toml.
CHIMNEYS = {
    "cottage": (0.28, 1.21, 0.11), "house": (0.27, 1.16, 0.11), "cabin": (0.35, 1.23, 0.16), "hut": (0.0, 1.0, 0.0),
    "barn": (0.0, 0.95, 0.0),
}  # fmt: skip


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
        # Grey enough to be seen before clouds, pale enough before hills.
        rows[:, 6:9] = 0.26 * (light.sky * 0.9 + light.key * 0.55) + 0.10 * light.haze
        rows[:, 9] = 0.66 * np.clip(age * 20, 0, 1) * (1 - age) ** 1.1
        stamps.stamps(out, rows[np.argsort(age)])


def plumes(shot: Shot) -> list[Plume | Blast]:
    """Smoke over every building of the cast, where the words want it; fire and smoke under what takes off or lands on them."""
    out: list[Plume | Blast] = []
    for number, p in enumerate(shot.placements):
        if p.subject.family == "building" and "smoke" in shot.spec.effects:
            aside, top, back = CHIMNEYS.get(p.subject.kind, (0.1, 1.0, 0.0))
            turn = p.heading + math.copysign(
                math.radians(row_of("building", p.subject.kind)["show"]), p.heading
            )  # model.py
            x = p.x + (aside * math.cos(turn) - back * math.sin(turn)) * p.height
            z = p.z + (aside * math.sin(turn) + back * math.cos(turn)) * p.height
            draws = shot.rng(f"plume {number}").random((_PUFFS, 4))
            out.append(Plume(x, p.y + top * p.height, z, 0.10 * p.height, min(shot.wind, 3.0), draws))
        lifted = p.subject.action in ("rise", "land") or (p.subject.action == "idle" and "launch" in shot.spec.looks)
        if p.subject.kind in ROCKETS and lifted:
            out.append(Blast.under(p, shot.seconds, shot.rng(f"blast {number}")))
    return out
