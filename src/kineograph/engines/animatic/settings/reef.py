"""What grows on the sea floor: kelp, branching and boulder coral, fans, sponges, sea grass; strokes on canvas layers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.settings.strokes import COLUMNS

F64 = NDArray[np.float64]
# Albedo (3,) and share of the light from above -> colour (3,), through the water between.
Lit = Callable[[F64, F64], F64]

CORALS = np.array([
    [0.46, 0.12, 0.20], [0.52, 0.26, 0.06], [0.42, 0.36, 0.12], [0.30, 0.12, 0.40], [0.55, 0.20, 0.12], [0.16, 0.30, 0.28],
    [0.60, 0.34, 0.38],
])  # fmt: skip


def _rows(n: int) -> F64:
    rows = np.zeros((n, COLUMNS))
    rows[:, 9] = 1
    return rows


def kelp(x: float, y: float, metre: float, lit: Lit, rng: np.random.Generator) -> F64:
    """A stand of kelp ribbons, 1–3 m tall; (x, y) foot in pixels, `metre` pixels."""
    out = []
    for _ in range(int(rng.integers(4, 9))):
        tall, steps = float(rng.uniform(0.8, 2.6)) * metre, 26
        u = np.linspace(0, 1, steps)
        bend = np.sin(u * rng.uniform(3, 7) + rng.uniform(0, 6)) * 0.10 * metre * u
        px = x + rng.normal(0, 0.18) * metre + bend
        py = y - u * tall
        wide = 0.028 * metre
        light = 0.4 + 0.8 * u
        stem, blade = _rows(steps - 1), _rows(steps - 1)
        for rows in (stem, blade):
            rows[:, 0], rows[:, 1] = px[:-1], py[:-1]
        stem[:, 2], stem[:, 3] = px[1:], py[1:]
        stem[:, 4] = stem[:, 5] = wide * 0.4
        stem[:, 6:9] = lit(np.array([0.07, 0.12, 0.035]), light[:-1])
        side = np.where(np.arange(steps - 1) % 2, 1.0, -1.0)
        blade[:, 2], blade[:, 3] = px[:-1] + side * wide * 5.0, py[:-1] - wide * rng.uniform(1.5, 4.0, steps - 1)
        blade[:, 4], blade[:, 5] = wide * 0.9, wide * 0.2
        blade[:, 6:9] = lit(np.array([0.13, 0.17, 0.035]), light[:-1])
        out += [stem, blade]
    return np.concatenate(out)


def branching(x: float, y: float, metre: float, lit: Lit, rng: np.random.Generator) -> F64:
    """A staghorn, half a metre tall."""
    albedo = CORALS[int(rng.integers(len(CORALS)))] * rng.uniform(0.85, 1.25)
    size = float(rng.uniform(0.7, 1.2))
    todo = [
        (x, y, float(rng.normal(0, 0.1)) + k * 0.5, 0.16 * size * metre, 0.030 * size * metre, 0) for k in (-1, 0, 1)
    ]
    out = []
    while todo:
        px, py, angle, length, radius, order = todo.pop(0)
        nx, ny = px + math.sin(angle) * length, py - math.cos(angle) * length
        row, shine = _rows(1), _rows(1)
        row[0, :6] = px, py, nx, ny, radius, radius * 0.8
        row[0, 6:9] = lit(albedo, np.array([0.45 + 0.15 * order]))
        shine[0, :6] = px - radius * 0.3, py, nx - radius * 0.3, ny, radius * 0.35, radius * 0.3
        shine[0, 6:9], shine[0, 9] = lit(np.minimum(albedo * 1.5, 0.8), np.array([0.6 + 0.17 * order])), 0.7
        out += [row, shine]
        if order < 4:
            for _ in range(int(rng.integers(2, 4))):
                turn = angle + rng.uniform(-0.75, 0.75)
                todo.append((nx, ny, turn, length * rng.uniform(0.6, 0.85), radius * 0.74, order + 1))
    return np.concatenate(out)


def boulder(x: float, y: float, metre: float, lit: Lit, rng: np.random.Generator) -> F64:
    """A brain coral: a dome of knobs."""
    albedo = CORALS[int(rng.integers(len(CORALS)))] * rng.uniform(0.8, 1.2)
    size, n = float(rng.uniform(0.16, 0.42)) * metre, 620
    turn, reach = rng.uniform(0, math.pi, n), np.sqrt(rng.random(n))
    order = np.argsort(-reach)
    turn, reach = turn[order], reach[order]
    up = np.sin(turn) * reach
    rows = _rows(n)
    rows[:, 0] = rows[:, 2] = x + np.cos(turn) * reach * size * 1.3
    rows[:, 1] = rows[:, 3] = y - up * size + size * 0.12
    rows[:, 4] = rows[:, 5] = size * 0.085
    knobs = 1 + 0.22 * rng.standard_normal(n)
    rows[:, 6:9] = lit(albedo, (0.25 + 0.9 * up + 0.25 * np.sqrt(1 - reach**2)) * knobs)
    return rows


def fan(x: float, y: float, metre: float, lit: Lit, rng: np.random.Generator) -> F64:
    """A sea fan: flat, finely branched, glowing at its rim."""
    albedo = CORALS[int(rng.choice([0, 1, 3, 4]))]
    size = float(rng.uniform(0.35, 0.75)) * metre
    out = []
    for spread in np.linspace(-0.95, 0.95, 26):
        steps = 9
        u = np.linspace(0, 1, steps)
        reach = size * (1 - 0.25 * abs(spread)) * rng.uniform(0.85, 1.05)
        px = x + np.sin(spread * (0.35 + 0.75 * u)) * reach * u
        py = y - np.cos(spread * (0.35 + 0.75 * u)) * reach * u
        px = px + rng.normal(0, 0.010, steps) * size
        rows = _rows(steps - 1)
        rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3] = px[:-1], py[:-1], px[1:], py[1:]
        rows[:, 4] = np.maximum(size * 0.022 * (1 - 0.8 * u[:-1]), 0.5)
        rows[:, 5] = np.maximum(size * 0.022 * (1 - 0.8 * u[1:]), 0.5)
        rows[:, 6:9] = lit(albedo, 0.4 + 0.7 * u[1:])
        out.append(rows)
    return np.concatenate(out)


def sponge(x: float, y: float, metre: float, lit: Lit, rng: np.random.Generator) -> F64:
    """A cluster of tubes, dark inside."""
    albedo = CORALS[int(rng.choice([1, 2, 3, 6]))]
    out = []
    for _ in range(int(rng.integers(3, 7))):
        px, tall = x + rng.normal(0, 0.10) * metre, float(rng.uniform(0.18, 0.55)) * metre
        wide, lean = float(rng.uniform(0.035, 0.060)) * metre, float(rng.normal(0, 0.08)) * metre
        rows = _rows(4)
        rows[:3, 0], rows[:3, 1], rows[:3, 2], rows[:3, 3] = px, y, px + lean, y - tall
        rows[1, [0, 2]] -= wide * 0.35
        rows[:3, 4], rows[:3, 5] = wide * np.array([1, 0.45, 0.15]), wide * np.array([1.15, 0.5, 0.2])
        rows[0, 6:9] = lit(albedo, np.array([0.50]))
        rows[1, 6:9] = lit(albedo, np.array([0.85]))
        rows[2, 6:9] = lit(albedo, np.array([1.0]))
        rows[2, [0, 2]] -= wide * 0.5
        rows[3, :6] = px + lean - wide * 0.4, y - tall, px + lean + wide * 0.4, y - tall, wide * 0.38, wide * 0.38
        rows[3, 6:9] = lit(albedo * 0.25, np.array([0.3]))
        out.append(rows)
    return np.concatenate(out)


def grass(x: float, y: float, metre: float, lit: Lit, rng: np.random.Generator) -> F64:
    """A tuft of sea grass."""
    n, steps = int(rng.integers(14, 30)), 6
    u = np.linspace(0, 1, steps)
    out = []
    for _ in range(n):
        tall = float(rng.uniform(0.18, 0.55)) * metre
        px = x + rng.normal(0, 0.16) * metre + rng.normal(0, 0.35) * tall * u**2
        py = y - u * tall
        rows = _rows(steps - 1)
        rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3] = px[:-1], py[:-1], px[1:], py[1:]
        rows[:, 4], rows[:, 5] = 0.011 * metre * (1 - 0.8 * u[:-1]) + 0.35, 0.011 * metre * (1 - 0.8 * u[1:]) + 0.35
        rows[:, 6:9] = lit(np.array([0.10, 0.22, 0.05]) * rng.uniform(0.7, 1.3), 0.3 + 0.8 * u[1:])
        out.append(rows)
    return np.concatenate(out)
