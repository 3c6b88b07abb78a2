"""The turning beam of a lighthouse: two cones of lit air, brightest when one sweeps past the viewer."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.shot import Shot

TURN = 5.0  # seconds for a turn
LAMP = 0.82  # height of the lantern ÷ the tower's
_COARSE = 4
_WARM = np.array([1.0, 0.90, 0.62], np.float32)
_POWER = {"storm": 0.8, "fog": 0.7, "rain": 0.6, "snow": 0.5, "clear": 0.10, "cloud": 0.16, "wind": 0.10}
_BY_HOUR = {"day": 0.55, "golden": 0.55, "dawn": 0.7, "dusk": 1.2, "night": 1.6}


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
        dx = (np.arange(w, dtype=np.float32)[None] + 0.5 - x0) / h
        dy = (np.arange(h, dtype=np.float32)[:, None] + 0.5 - y0) / h
        glow = np.zeros((h, w), np.float32)
        for side in (0.0, math.pi):
            turn = self.start + t * 2 * math.pi / TURN + side
            across, ahead = math.sin(turn), math.cos(turn)  # ahead > 0: towards the viewer
            if abs(across) < 0.05:
                continue
            along = dx * np.float32(math.copysign(1.0, across))
            wide = 0.008 + np.abs(along) * 0.10 / max(abs(across), 0.25)
            ray = np.exp(-((dy / wide) ** 2) - np.maximum(along, 0) / (0.25 + 0.9 * abs(across)))
            glow += ray * np.clip(along * 60, 0, 1) * np.float32(0.45 + 0.55 * max(ahead, 0.0))
        flash = max(
            math.cos(self.start + t * 2 * math.pi / TURN), math.cos(self.start + math.pi + t * 2 * math.pi / TURN)
        )
        disc = np.exp(-(dx**2 + dy**2) / 0.0006) + 0.35 * np.exp(-(dx**2 + dy**2) / 0.008)
        glow += disc * np.float32(0.5 + 1.6 * max(flash, 0.0) ** 12)
        lit = cv2.resize(glow * np.float32(self.power), out.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        out += lit[..., None] * _WARM


def beams(shot: Shot) -> list[Beam]:
    """A beam for every lighthouse of the cast, as far as hour and weather let it be seen."""
    power = _POWER.get(shot.spec.weather, 0.1) * _BY_HOUR.get(shot.spec.time, 0.5)
    return [
        Beam(p.x, p.y + LAMP * p.height, p.z - 0.05 * p.height, power, 2 * math.pi * p.phase)
        for p in shot.placements
        if p.subject.kind == "lighthouse"
    ]
