"""What floats on a pond: lily pads with a notch, some in flower, a large one under whoever sits there; reeds at its edge."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.settings.base import Layer
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.strokes import COLUMNS, blades, draw, green_key
from kineograph.engines.animatic.shot import Shot

F64 = NDArray[np.float64]
_FINE = 16  # sub-pixels of the outlines
_GREENS = np.array([[0.07, 0.17, 0.045], [0.10, 0.21, 0.05], [0.05, 0.13, 0.04], [0.14, 0.20, 0.05]])
_PETALS = np.array([[0.86, 0.42, 0.58], [0.88, 0.84, 0.84], [0.80, 0.30, 0.52]])


def pads(shot: Shot, canvas: Canvas, light: Light, rng: np.random.Generator) -> Layer:
    """All of them on the plane of the water, far to near."""
    unit = float(np.clip(shot.rest.y / 1.6, 0.06, 1.0))
    pixels = canvas.blank()
    count = 90
    nearest = canvas.rest.focal * shot.rest.y / (1 - canvas.rest.horizon + 0.02)
    depth = np.sort(1 / rng.uniform(1 / (nearest * 9), 1 / (nearest * 1.02), count))[::-1]
    groups = rng.uniform(-0.6, 0.6, 7) * canvas.frame[0]
    rows: list[tuple[float, float, float]] = []  # world x, depth, radius
    for z in depth:
        at = canvas.axis + groups[int(rng.integers(len(groups)))] + rng.normal(0, 0.09) * canvas.frame[0]
        rows.append(((at - canvas.axis) / canvas.focal * z, float(z), unit * float(rng.uniform(0.16, 0.30))))
    swimmers = [p for p in shot.placements if p.afloat and p.subject.action == "swim"]
    clear = [r for r in rows if all(abs(r[0] - p.x) > 0.6 * p.height or abs(r[1] - p.z) > p.height for p in swimmers)]
    clear += [(p.x, p.z, 0.85 * p.height) for p in shot.placements if p not in swimmers and p.height < 0.6]
    for x, z, radius in sorted(clear, key=lambda row: -row[1]):
        _pad(pixels, canvas, x, z, radius, light, rng)
    return Layer(pixels, canvas.ground_depths(nearest * 12))


def _pad(
    pixels: NDArray[np.float32],
    canvas: Canvas,
    x: float,
    z: float,
    radius: float,
    light: Light,
    rng: np.random.Generator,
) -> None:
    turn = float(rng.uniform(0, 2 * math.pi))
    angle = np.linspace(0.14, 2 * math.pi - 0.14, 40) + turn
    outline = np.stack([x + radius * np.cos(angle), z + radius * np.sin(angle)], 1)
    outline = np.concatenate([outline, [[x, z]]])
    near = np.maximum(outline[:, 1], 0.05)
    at = np.stack([canvas.axis + (outline[:, 0] - canvas.rest.x) * canvas.focal / near,
                   canvas.horizon + canvas.rest.y * canvas.focal / near], 1)  # fmt: skip
    lit = light.sky * 0.95 + green_key(light) * (0.25 + 0.5 * max(float(light.direction[1]), 0.15))
    green = _GREENS[int(rng.integers(len(_GREENS)))] * rng.uniform(0.85, 1.15)
    thick = 0.05 * radius * canvas.focal / z
    for down, tone in ((thick, 0.35), (0.0, 1.0)):
        points = np.round((at + np.array([0.0, down])) * _FINE).astype(np.int32)
        cv2.fillPoly(pixels, [points], (*(float(v) for v in green * lit * tone), 1.0), cv2.LINE_AA, 4)
    vein = (*(float(v) for v in green * lit * 1.35), 1.0)
    for k in range(0, 40, 5):
        ends = np.round(np.stack([at[-1], at[-1] + 0.86 * (at[k] - at[-1])]) * _FINE).astype(np.int32)
        cv2.polylines(pixels, [ends], False, vein, max(round(0.02 * radius * canvas.focal / z), 1), cv2.LINE_AA, 4)
    if rng.random() < 0.22:
        middle = (float(at[:, 0].mean()), float(at[:, 1].mean()))
        _flower(pixels, middle, 0.48 * radius * canvas.focal / z, light, rng)


def _flower(
    pixels: NDArray[np.float32], at: tuple[float, float], size: float, light: Light, rng: np.random.Generator
) -> None:
    """A lotus: pointed petals in two rings, seen from the side."""
    petal = _PETALS[int(rng.integers(len(_PETALS)))] * (light.sky * 0.9 + light.key * 0.6)
    rows = []
    for ring, (long, tone) in enumerate(((1.0, 0.72), (0.8, 1.0))):
        for turn in np.linspace(-1.25, 1.25, 7 - ring * 2):
            tip = (at[0] + math.sin(turn) * size * long, at[1] - (0.35 + 0.75 * math.cos(turn)) * size * long)
            rows.append((at[0], at[1], *tip, 0.26 * size, 0.06 * size, *(petal * tone), 1.0))
    draw(pixels, np.array(rows).reshape(-1, COLUMNS))


def reeds(shot: Shot, canvas: Canvas, light: Light, rng: np.random.Generator) -> Layer:
    """Reeds at both sides of the frame, near us."""
    unit = float(np.clip(shot.rest.y / 1.6, 0.06, 1.0))
    z = canvas.rest.focal * shot.rest.y / (1 - canvas.rest.horizon + 0.05)
    pixels = canvas.blank()
    for side in (-1, 1):
        n = 70
        x = canvas.axis + side * canvas.frame[0] * rng.uniform(0.38, 0.56, n)
        y = canvas.row(0.0, z) + rng.uniform(-0.02, 0.10, n) * canvas.frame[1]
        tall = unit * rng.uniform(0.5, 1.2, n) * canvas.focal / z
        tall = np.minimum(tall, 0.55 * canvas.frame[1])
        albedo = np.array([0.10, 0.16, 0.04]) * rng.uniform(0.7, 1.3, (n, 1))
        strokes, tips = blades(x, y, tall, albedo, light, rng, 0.10)
        draw(pixels, strokes.reshape(-1, COLUMNS))
        brown = np.array([0.14, 0.075, 0.035]) * (light.sky + light.key * 0.4)
        for (at, top), high in zip(tips[::6], tall[::6], strict=True):
            draw(pixels, np.array([[at, top, at, top + 0.14 * high, 0.014 * high, 0.014 * high, *brown, 1.0]]))
    return Layer(pixels, np.full(canvas.height, z, np.float32), 0.6)
