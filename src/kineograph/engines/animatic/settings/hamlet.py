"""Houses seen from afar: a village with smoking chimneys, an old town behind its wall; their windows are lit at night."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.settings.base import Layer
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.rocks import hazed
from kineograph.engines.animatic.shot import Shot

F64 = NDArray[np.float64]
_GLOW = np.array([1.5, 0.85, 0.34])
_ROWS = 3  # layers they are spread over, far to near
_FINE = 16  # sub-pixels of the polygons


@cache
def kinds() -> dict[str, dict[str, Any]]:
    """Rows of hamlet.toml by name."""
    return tomllib.loads(files(__package__).joinpath("hamlet.toml").read_text("utf-8"))


def houses(shot: Shot, canvas: Canvas, light: Light, kind: str) -> list[Layer]:
    """Layers of a settlement, far to near, clear of the hero's head."""
    row, rng = kinds()[kind], shot.rng(f"hamlet {kind}")
    hero = max((p.z for p in shot.placements), default=0.0)
    push = max(1.0, hero * 1.25 / row["depth"][0])  # behind whoever is large
    depths = [row["depth"][1] * push, row["depth"][0] * 1.35 * push, row["depth"][0] * push]
    out = []
    for number, depth in enumerate(depths):
        brush = _Brush(canvas, depth, light)
        count = row["count"] // _ROWS
        half = canvas.frame[0] / canvas.frame[1] / 2 / canvas.rest.focal * depth
        places = (np.arange(count) + rng.uniform(0.15, 0.85, count)) / count * 2 - 1
        for at in rng.permutation(places):
            _house(brush, at * half * 1.15, row, push, rng)
        if row["ring"] and number == len(depths) - 1:
            _ring(brush, row, half, push, rng)
        pixels = hazed(brush.pixels, light, depth / push)
        out.append(Layer(pixels, np.full(canvas.height, depth, np.float32)))
    return out


class _Brush:
    """Polygons in metres at one depth."""

    def __init__(self, canvas: Canvas, depth: float, light: Light) -> None:
        self.canvas, self.depth, self.light = canvas, depth, light
        self.pixels = canvas.blank()
        side = 1.0 if float(light.direction[0]) > 0 else -1.0
        self.front = light.sky * 0.75 + light.key * (0.25 + 0.35 * max(-float(light.direction[2]), 0.0))
        self.lit = light.sky * 0.8 + light.key * 0.55
        self.side = side

    def fill(self, points: list[tuple[float, float]], colour: F64) -> None:
        """A polygon of (x, y), metres."""
        at = np.array([[self.canvas.column(x, self.depth), self.canvas.row(y, self.depth)] for x, y in points])
        rgba = (*(float(v) for v in colour), 1.0)
        cv2.fillPoly(self.pixels, [np.round(at * _FINE).astype(np.int32)], rgba, cv2.LINE_AA, 4)

    def box(self, x0: float, x1: float, y0: float, y1: float, colour: F64) -> None:
        """An upright rectangle."""
        self.fill([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], colour)


def _windows(brush: _Brush, x0: float, x1: float, low: float, high: float, rng: np.random.Generator) -> None:
    """A row of windows, most of them lit at night."""
    count = max(int((x1 - x0) / (0.75 * (high - low) + 0.9)), 1)
    step = (x1 - x0) / count
    for k in range(count):
        middle = x0 + (k + 0.5) * step
        on = brush.light.night * float(rng.random() < 0.75) * float(rng.uniform(0.6, 1.2))
        colour = np.array([0.05, 0.06, 0.07]) * brush.light.sky * 4 + _GLOW * on
        brush.box(
            middle - 0.20 * step, middle + 0.20 * step, low + 0.30 * (high - low), low + 0.72 * (high - low), colour
        )


def _roof(brush: _Brush, x0: float, x1: float, y: float, rise: float, curl: float, albedo: F64) -> None:
    """A roof seen from the eaves' side: hipped, its corners turned up by `curl`."""
    over, wide = 0.10 * (x1 - x0), x1 - x0
    up = curl * rise
    points = [
        (x0 - over, y + up), (x0 + 0.10 * wide, y + 0.12 * up), (x1 - 0.10 * wide, y + 0.12 * up), (x1 + over, y + up),
        (x1 - 0.16 * wide, y + rise), (x0 + 0.16 * wide, y + rise),
    ]  # fmt: skip
    brush.fill(points, albedo * brush.lit)
    brush.box(x0 + 0.15 * wide, x1 - 0.15 * wide, y + rise, y + rise * 1.08, albedo * brush.lit * 0.6)


def _house(brush: _Brush, x: float, row: dict[str, Any], scale: float, rng: np.random.Generator) -> None:
    high = float(rng.uniform(*row["high"])) * scale
    wide = high * float(rng.uniform(*row["wide"]))
    wall = np.array(row["wall"][int(rng.integers(len(row["wall"])))])
    roof = np.array(row["roof"][int(rng.integers(len(row["roof"])))])
    x0, x1 = x - wide / 2, x + wide / 2
    brush.box(x0, x1, -0.3, high, wall * brush.front)
    turn = x0 + wide * (0.32 if brush.side < 0 else 0.68)  # the gable end is lit or in the shade
    brush.box(
        min(turn, x0 if brush.side < 0 else x1), max(turn, x0 if brush.side < 0 else x1), -0.3, high, wall * brush.lit
    )
    _windows(brush, x0, x1, 0.25 * high, 0.95 * high, rng)
    _roof(brush, x0, x1, high, row["pitch"] * wide * 0.28, row["curl"], roof)
    if rng.random() < row["chimney"]:
        middle = x0 + wide * float(rng.uniform(0.3, 0.7))
        top = high + row["pitch"] * wide * 0.28 * 1.45
        brush.box(middle - 0.06 * high, middle + 0.06 * high, high, top, wall * brush.front * 0.7)


def _ring(brush: _Brush, row: dict[str, Any], half: float, scale: float, rng: np.random.Generator) -> None:
    """A town wall with merlons, and gate towers of several roofs."""
    high, stone = row["ring"] * scale, np.array([0.25, 0.235, 0.215])
    brush.box(-1.4 * half, 1.4 * half, -0.3, high, stone * brush.front)
    brush.box(-1.4 * half, 1.4 * half, -0.3, 0.14 * high, stone * brush.front * 0.7)
    step = 0.32 * high
    for k in range(int(2.8 * half / step)):
        x = -1.4 * half + k * step
        brush.box(x, x + 0.55 * step, high, high * 1.13, stone * brush.lit)
    red, tile = np.array([0.40, 0.09, 0.05]), np.array(row["roof"][0])
    for at in np.linspace(-0.72, 0.72, row["towers"]) + rng.uniform(-0.08, 0.08, row["towers"]):
        x, wide, y = at * half, 2.2 * high, high * 1.05
        brush.box(x - 0.62 * wide, x + 0.62 * wide, -0.3, y, stone * brush.lit * 0.92)
        gate = [(x + side * 0.16 * high, up * high) for side, up in ((-1, 0), (1, 0), (1, 0.42), (0, 0.58), (-1, 0.42))]
        brush.fill(gate, stone * 0.15 * brush.front)
        for _ in range(2):
            brush.box(x - 0.42 * wide, x + 0.42 * wide, y, y + 0.45 * high, red * brush.front)
            _windows(brush, x - 0.40 * wide, x + 0.40 * wide, y, y + 0.45 * high, rng)
            _roof(brush, x - 0.46 * wide, x + 0.46 * wide, y + 0.45 * high, 0.34 * high, row["curl"], tile)
            y, wide = y + 0.62 * high, wide * 0.72
