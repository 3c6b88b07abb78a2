"""What stands on a street's pavements: lamps on bent arms, trees in a row; painted on plates that follow the light."""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.settings.painting import DAB_COLUMNS, dabs
from kineograph.engines.animatic.settings.plates import DUSK, LAMP, LAMP_CHANNELS, Canvas, Plate, standing
from kineograph.engines.animatic.settings.street_plan import Street

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

WARM = np.array([1.45, 0.92, 0.44])
LUMA = np.array([0.3, 0.5, 0.2])
SWITCHED = 0.30  # dusk at which the lamps come on
HIGH = 5.2  # metres of a lamp
_NEAR = 34.0  # metres that divide the two plates


def furniture(canvas: Canvas, street: Street, haze: float, rng: np.random.Generator) -> list[Plate]:
    """Lamps and trees, far ones on one plate and near ones on another."""
    out = []
    for far in (True, False):
        paint = canvas.blank(LAMP_CHANNELS)
        things = [(z, "lamp", (x, z, 0.0)) for x, z in street.lamps if (z >= _NEAR) == far]
        things += [(z, "tree", (x, z, tall)) for x, z, tall in street.trees if (z >= _NEAR) == far]
        for _, what, place in sorted(things, key=lambda thing: -thing[0]):
            hidden = min(1 - math.exp(-place[1] * haze), 0.6)
            if what == "lamp":
                _lamp(paint, canvas, place[0], place[1], street.middle, hidden)
            else:
                _tree(paint, canvas, place, hidden, rng)
        out.append(Plate(paint, standing(canvas, 60.0 if far else 22.0), wind=0.0))
    return out


def _at(canvas: Canvas, x: float, y: float, z: float) -> tuple[float, float, float]:
    """Column, row and pixels per metre."""
    rest = canvas.camera
    column, row, scale = canvas.project(np.array([[x, y, z + rest.z]], np.float32))[0]
    return float(column), float(row), float(scale)


def _value(albedo: F64, key: float, sky: float, hidden: float, n: int = 1) -> F32:
    values = np.zeros((n, LAMP_CHANNELS), np.float32)
    values[:, 0:3], values[:, 3:6] = albedo * key * (1 - hidden), albedo * sky * (1 - hidden)
    values[:, 6], values[:, 11] = hidden, 1
    return values


def _line(paint: F32, points: list[tuple[float, float]], width: float, value: F32) -> None:
    """A thin bar through points, pixels: a chain of dabs, one a pixel."""
    rows = []
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        n = max(int(math.hypot(x1 - x0, y1 - y0) / max(width * 0.6, 0.5)), 2)
        u = np.linspace(0, 1, n)
        rows.append(np.stack([x0 + (x1 - x0) * u, y0 + (y1 - y0) * u], 1))
    at = np.concatenate(rows)
    dots = np.zeros((len(at), DAB_COLUMNS), np.float32)
    dots[:, 0:2] = at
    dots[:, 2] = dots[:, 3] = max(width, 0.55)
    dots[:, 4], dots[:, 6], dots[:, 8] = 1, 0.5, min(1.0, width / 0.55 + 0.25)
    dabs(paint, dots, np.ascontiguousarray(np.repeat(value, len(at), 0)))


def _lamp(paint: F32, canvas: Canvas, x: float, z: float, middle: float, hidden: float) -> None:
    arm = x - math.copysign(0.9, x - middle)
    foot, top, end = _at(canvas, x, 0, z), _at(canvas, x, HIGH - 0.1, z), _at(canvas, arm, HIGH, z)
    metal = _value(np.array([0.035, 0.038, 0.042]), 0.6, 1.0, hidden)
    _line(paint, [foot[:2], top[:2], end[:2]], 0.055 * foot[2], metal)
    head = _value(np.array([0.5, 0.5, 0.48]), 0.3, 0.8, hidden)
    head[:, LAMP] = WARM * 2.2
    head[:, DUSK] = head[:, LAMP] @ LUMA * SWITCHED
    dots = np.zeros((1, DAB_COLUMNS), np.float32)
    dots[0, 0:4] = end[0], end[1] + 0.06 * end[2], max(0.24 * end[2], 0.9), max(0.11 * end[2], 0.8)
    dots[0, 4], dots[0, 6], dots[0, 8] = 1, 0.6, 1
    dabs(paint, dots, head)


def _tree(
    paint: F32, canvas: Canvas, place: tuple[float, float, float], hidden: float, rng: np.random.Generator
) -> None:
    """A round crown on a thin trunk: leaves as dabs, light from above, lamplight from below."""
    x, z, tall = place
    column, row, metre = _at(canvas, x, 0, z)
    bark = _value(np.array([0.075, 0.06, 0.05]), 0.5, 0.8, hidden)
    _line(paint, [(column, row), (column + 0.1 * metre, row - 0.5 * tall * metre)], 0.11 * metre, bark)
    n = int(np.clip(26 * metre, 120, 1500))
    turn, reach = rng.uniform(0, 2 * math.pi, n), np.sqrt(rng.random(n))
    lumps = 1 + 0.16 * np.sin(turn * 5 + rng.uniform(0, 6)) + 0.08 * np.sin(turn * 11 + rng.uniform(0, 6))
    px, py = np.cos(turn) * reach * lumps * tall * 0.30, np.sin(turn) * reach * lumps * tall * 0.34
    order = np.argsort(-reach + 0.3 * rng.random(n))
    px, py, reach = px[order], py[order], reach[order]
    dots = np.zeros((n, DAB_COLUMNS), np.float32)
    dots[:, 0], dots[:, 1] = column + px * metre, row - (tall * 0.66 + py) * metre
    size = np.maximum(tall * metre * rng.uniform(0.018, 0.040, n), 0.7)
    angle = rng.uniform(0, math.pi, n)
    dots[:, 2], dots[:, 3], dots[:, 4], dots[:, 5] = size, size * 0.7, np.cos(angle), np.sin(angle)
    dots[:, 6], dots[:, 8] = 0.5, 0.9
    up = np.clip(0.55 + py / (tall * 0.62) + 0.15 * rng.standard_normal(n), 0.12, 1.2)[:, None]
    green = np.array([0.075, 0.125, 0.032]) * rng.uniform(0.75, 1.3, (n, 1))
    values = np.zeros((n, LAMP_CHANNELS), np.float32)
    values[:, 0:3], values[:, 3:6] = green * up * 0.95 * (1 - hidden), green * (0.30 + 0.6 * up) * (1 - hidden)
    values[:, 6], values[:, 11] = hidden, 1
    values[:, 7:10] = green * (1.1 - 0.8 * np.clip(up, 0, 1)) * WARM * 0.40 * (1 - hidden)
    values[:, 10] = values[:, 7:10] @ LUMA * SWITCHED
    dabs(paint, dots, values)
