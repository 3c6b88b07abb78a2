"""The turning beam of a lighthouse: two cones of lit air, brightest when one sweeps past the viewer."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.noise import F32, f4, lean
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.settings.glow import shine, spots
from kineograph.engines.animatic.shot import Shot

TURN = 5.0  # seconds for a turn
LAMP = 0.82  # height of the lantern ÷ the tower's
_COARSE = 4
_WARM = np.array([1.0, 0.90, 0.62], np.float32)
_POWER = {"storm": 0.8, "fog": 0.7, "rain": 0.6, "snow": 0.5, "clear": 0.10, "cloud": 0.16, "wind": 0.10}
_BY_HOUR = {"day": 0.55, "golden": 0.55, "dawn": 0.7, "dusk": 1.2, "night": 1.6}


@lean
def _cone(glow: F32, view: F32) -> None:
    """Add a cone to (h, w). view: lamp's column and row, how far it points across (-1…1) and towards the viewer (0…1)."""
    h, w = glow.shape
    way = f4(1) if view[2] > f4(0) else f4(-1)
    across = abs(view[2])
    widens, reach = f4(0.10) / max(across, f4(0.25)), f4(1) / (f4(0.25) + f4(0.9) * across)
    bright = f4(0.45) + f4(0.55) * view[3]
    for y in range(h):
        dy = (f4(y) + f4(0.5) - view[1]) / h
        for x in range(w):
            along = (f4(x) + f4(0.5) - view[0]) / h * way
            if along <= f4(0):
                continue
            q = dy / (f4(0.008) + along * widens)
            if q * q < f4(9):
                glow[y, x] += math.exp(-q * q - along * reach) * min(along * f4(60), f4(1)) * bright


@dataclass(frozen=True, slots=True)
class Beam:
    """Lamp at (x, y, z), metres, world; `power` its light in the air; `start` radians."""

    x: float
    y: float
    z: float
    power: float
    start: float

    def paint(self, t: float, camera: Camera, out: Picture) -> None:
        """Add the cones of the moment."""
        h, w = out.shape[0] // _COARSE, out.shape[1] // _COARSE
        away = max(self.z - camera.z, 1.0)
        scale = camera.focal * h / away
        x0 = w / 2 - camera.pan * h + (self.x - camera.x) * scale
        y0 = camera.horizon * h + (camera.y - self.y) * scale
        glow = np.zeros((h, w), np.float32)
        start = self.start + t * 2 * math.pi / TURN
        for turn in (start, start + math.pi):
            if abs(math.sin(turn)) >= 0.05:
                _cone(glow, np.array([x0, y0, math.sin(turn), max(math.cos(turn), 0.0)], np.float32))
        bright = 0.5 + 1.6 * abs(math.cos(start)) ** 12  # one of the two turns to the viewer
        disc = (x0 - 0.5, y0 - 0.5, 0.0006**0.5 * h, bright), (x0 - 0.5, y0 - 0.5, 0.008**0.5 * h, 0.35 * bright)
        spots(glow, np.array(disc, np.float32))
        shine(out, glow, _WARM * np.float32(self.power))


def beams(shot: Shot) -> list[Beam]:
    """A beam for every lighthouse of the cast, as far as hour and weather let it be seen."""
    power = _POWER.get(shot.spec.weather, 0.1) * _BY_HOUR.get(shot.spec.time, 0.5)
    return [
        Beam(p.x, p.y + LAMP * p.height, p.z - 0.05 * p.height, power, 2 * math.pi * p.phase)
        for p in shot.placements
        if p.subject.kind == "lighthouse"
    ]
