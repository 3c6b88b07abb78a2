"""Shafts of sunlight between branches: angular noise around the sun, worked out small and added large."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numba import float32 as f4
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import Real, kernel, sample, smoothstep
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.settings.glow import shine

F32 = NDArray[np.float32]

COARSE = 8  # rays are worked out this much smaller than the picture


@kernel
def _shafts(out: F32, tile: F32, sx: Real, sy: Real, t: Real, falloff: Real) -> None:
    """out: (h, w), strength of the shafts; sx, sy: the sun in its pixels."""
    h, w = out.shape
    for y in range(h):
        for x in range(w):
            dx, dy = (f4(x) - sx) / h, (f4(y) - sy) / h
            d = math.sqrt(dx * dx + dy * dy) + f4(1e-4)
            turn = math.atan2(dy, dx)
            n = (
                sample(tile, turn * f4(21) + t * f4(0.16), t * f4(0.25)) * f4(0.6)
                + sample(tile, turn * f4(55) - t * f4(0.2), f4(7) + t * f4(0.3)) * f4(0.35)
                + sample(tile, turn * f4(120), t * f4(0.35)) * f4(0.12)
            )
            body = smoothstep(f4(-0.3), f4(1.5), n) * math.exp(-d * falloff) * min(d * f4(5), f4(1))
            out[y, x] = body + f4(0.30) * math.exp(-d * d * f4(5))


def on_screen(light: Light, camera: Camera, width: int, height: int) -> tuple[float, float] | None:
    """Where the key light stands, in frame heights from the upper left; just outside the frame at the farthest.

    None where it is behind the viewer.
    """
    ahead = float(light.direction[2])
    if ahead < 0.08:
        return None
    aspect = width / height
    x = aspect / 2 - camera.pan + camera.focal * float(light.direction[0]) / ahead
    y = camera.horizon - camera.focal * float(light.direction[1]) / ahead
    return min(max(x, -0.12), aspect + 0.12), max(y, -0.18)


def shafts(
    t: float,
    camera: Camera,
    light: Light,
    tile: F32,
    strength: float,
    out: Picture,
    source: tuple[float, float] | None = None,
) -> None:
    """Add shafts of the key light to the picture.

    Args:
        tile: (n, n) noise.
        strength: 0.1 a breath … 0.5 heavy.
        source: Where they come from, frame heights from the upper left; without it, from where the key light stands.
    """
    height, width = out.shape[:2]
    sun = source or on_screen(light, camera, width, height)
    if sun is None or float(light.key.max()) * strength < 0.01:
        return
    small = np.empty((height // COARSE, width // COARSE), np.float32)
    k = small.shape[0]
    _shafts(small, tile, np.float32(sun[0] * k), np.float32(sun[1] * k), np.float32(t), np.float32(1.3))
    small = np.asarray(cv2.GaussianBlur(small, (3, 3), 0), dtype=np.float32)
    shine(out, small, light.key * np.float32(strength))
