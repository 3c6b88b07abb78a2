"""A Japanese garden's things: a red arched bridge over the pond and stone lanterns, painted once on the far side."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32
from kineograph.engines.animatic.settings.base import Layer
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.shot import Shot

F64 = NDArray[np.float64]
_RED, _STONE = np.array([0.52, 0.050, 0.030]), np.array([0.30, 0.30, 0.285])
_FINE = 16  # sub-pixels of outlines
# A lantern's parts, as fractions of its height: half width below and above, from and to.
_LANTERN = (
    (0.26, 0.22, 0.00, 0.08), (0.09, 0.08, 0.08, 0.46), (0.22, 0.25, 0.46, 0.54), (0.17, 0.17, 0.54, 0.74),
    (0.36, 0.06, 0.74, 0.92), (0.05, 0.02, 0.92, 1.00),
)  # fmt: skip


def tea_garden(shot: Shot, canvas: Canvas, light: Light, rng: np.random.Generator) -> list[Layer]:
    """The bridge in the middle distance, off the hero's side, and two lanterns at the water's edge."""
    z = 22.0 * max(shot.rest.y / 1.6, 0.3)
    hero = shot.placements[0].x if shot.placements else 0.0
    side = -1.0 if hero > 0 else 1.0
    half = canvas.frame[0] / canvas.frame[1] / 2 / canvas.rest.focal * z
    pixels = canvas.blank()
    _bridge(pixels, canvas, (side * 0.30 * half, z), 0.42 * half, light)
    for at in (-0.62, 0.86):
        _lantern(pixels, canvas, (side * at * half, z * 0.98), 0.20 * half * float(rng.uniform(0.9, 1.15)), light)
    return [Layer(pixels, np.full(canvas.height, z, np.float32))]


def _fill(
    pixels: F32, canvas: Canvas, z: float, shape: F64, colour: F64, origin: tuple[float, float] = (0.0, 0.0)
) -> None:
    points = shape + np.array(origin)
    at = np.stack([canvas.axis + (points[:, 0] - canvas.rest.x) * canvas.focal / z,
                   canvas.horizon + (canvas.rest.y - points[:, 1]) * canvas.focal / z], 1)  # fmt: skip
    cv2.fillPoly(pixels, [np.round(at * _FINE).astype(np.int32)], (*(float(v) for v in colour), 1.0), cv2.LINE_AA, 4)


def _bridge(pixels: F32, canvas: Canvas, at: tuple[float, float], half: float, light: Light) -> None:
    """An arch of boards with a railing."""
    x, z = at
    u = np.linspace(-1, 1, 41)
    arch = 0.42 * half * (1 - u**2)
    lit, dark = light.sky * 0.85 + light.key * 0.45, light.sky * 0.45

    def ribbon(low: float, high: float, colour: F64) -> None:
        upper = np.stack([x + u * half, arch + high * half], 1)
        lower = np.stack([x + u * half, arch + low * half], 1)
        _fill(pixels, canvas, z, np.concatenate([upper, lower[::-1]]), colour)

    ribbon(-0.02, 0.07, _RED * dark)
    ribbon(0.06, 0.10, _RED * lit * 0.8)
    for k in range(0, 41, 5):
        post = np.array([[-0.018, 0.06], [0.018, 0.06], [0.018, 0.40], [-0.018, 0.40]]) * half
        _fill(pixels, canvas, z, post, _RED * lit, (x + u[k] * half, arch[k]))
        cap = np.array([[-0.03, 0.39], [0.03, 0.39], [0.018, 0.45], [-0.018, 0.45]]) * half
        _fill(pixels, canvas, z, cap, np.array([0.05, 0.045, 0.04]) * lit, (x + u[k] * half, arch[k]))
    ribbon(0.32, 0.355, _RED * lit)
    ribbon(0.20, 0.225, _RED * lit * 0.9)


def _lantern(pixels: F32, canvas: Canvas, at: tuple[float, float], high: float, light: Light) -> None:
    """A stone lantern; there is a light in it at night."""
    x, z = at
    lit = light.sky * 0.8 + light.key * 0.35
    for low, top, y0, y1 in _LANTERN:
        points = np.array([[-low, y0], [low, y0], [top, y1], [-top, y1]]) * high
        _fill(pixels, canvas, z, points, _STONE * lit * (0.85 + 0.3 * y1), (x, 0.0))
    window = np.array([[-0.09, 0.57], [0.09, 0.57], [0.09, 0.71], [-0.09, 0.71]]) * high
    glow = np.array([1.3, 0.8, 0.35]) * light.night
    _fill(pixels, canvas, z, window, np.array([0.04, 0.035, 0.03]) * lit + glow, (x, 0.0))
