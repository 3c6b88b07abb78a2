"""A blossom tree: grown limb by limb in metres, clouded with flowers, lit flower by flower."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.settings.painting import DAB_COLUMNS, LIMB_COLUMNS, dabs, limbs
from kineograph.engines.animatic.settings.plates import CHANNELS, Canvas
from kineograph.engines.animatic.settings.stamps import DISC, FLOWER
from kineograph.engines.animatic.shot import named_rng

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

UP = np.array([0.0, 1.0, 0.0])
DEEPEST = 6  # generations of branches
STEPS = (14, 9, 7, 3, 3, 3, 3, 3)  # pieces of a branch, by generation: thick ones must not show their joints
BLOOM_FROM = 3  # the first generation that carries flowers
FLOWER_SIZE = 0.021  # half width in metres; a Somei-Yoshino flower is 3–4 cm across
CELL = 0.20  # metres: side of the columns in which flowers shade one another


@dataclass(frozen=True, slots=True)
class Habit:
    """How a tree grows.

    Attributes:
        height: Metres.
        lean: (3,) push on the first limbs, towards which the crown reaches.
        spread: Radians between a branch and its children.
        droop: How strongly twigs hang; 0.05 upright … 0.35 weeping.
        flowers: How many.
        flat: Depth of the crown as a share of its width: below 1 it stays clear of who stands before it.
        clear: Metres above the ground below which limbs turn up again.
    """

    height: float
    lean: F64 = field(default_factory=lambda: np.zeros(3))
    spread: float = 0.62
    droop: float = 0.06
    flowers: int = 60_000
    flat: float = 1.0
    clear: float = 0.0


@dataclass(frozen=True, slots=True)
class Tree:
    """A grown tree, root at the origin.

    Attributes:
        limbs: (k, 8) start x, y, z, radius, end x, y, z, radius; metres.
        along: (k,) metres from the root of its branch.
        flowers: (n, 3) positions.
        facing: (n, 3) where each flower looks, unit.
        tone: (n,) 0…1, place in the palette.
    """

    limbs: F64
    along: F64
    flowers: F64
    facing: F64
    tone: F64


def _across(a: F64, b: F64) -> F64:
    """The cross product of two vectors; numpy's own takes twenty times as long for so little."""
    return np.array([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def _turned(direction: F64, angle: float, azimuth: float) -> F64:
    """`direction` bent by `angle` radians towards `azimuth` around itself."""
    side = _across(direction, UP if abs(direction[1]) < 0.95 else np.array([1.0, 0, 0]))
    side /= math.sqrt(float(side @ side))
    other = _across(direction, side)
    bent = direction * np.cos(angle) + (side * np.cos(azimuth) + other * np.sin(azimuth)) * np.sin(angle)
    return np.asarray(bent / math.sqrt(float(bent @ bent)))


class _Growth:
    """The recursion's notebook."""

    def __init__(self, habit: Habit, rng: np.random.Generator) -> None:
        self.habit = habit
        self.rng = rng
        self.limbs: list[tuple[float, ...]] = []
        self.along: list[float] = []
        self.blooms: list[tuple[F64, float]] = []  # centre and radius of each clump

    def branch(self, start: F64, direction: F64, length: float, radius: float, generation: int) -> None:
        """One limb, its clumps of flowers, and its children."""
        steps = STEPS[generation]
        at = start
        for step in range(steps):
            direction = self._bend(direction, generation, at[1])
            to = at + direction * (length / steps)
            end = radius * (1 - 0.30 / steps)
            self.limbs.append((*at, radius, *to, end))
            self.along.append(length * step / steps)
            at, radius = to, end
            if generation >= BLOOM_FROM:
                self.blooms.append((at, self.rng.uniform(0.06, 0.13) * (1 + 0.45 * (generation >= DEEPEST - 1))))
            if (
                generation
                and step in (steps // 3, steps // 2 + 1)
                and generation < DEEPEST - 1
                and self.rng.random() < 0.5
            ):
                self._child(at, direction, length * 0.62, radius * 0.55, generation)
        if generation < DEEPEST:
            self._fork(at, direction, length, radius, generation)

    def _bend(self, direction: F64, generation: int, height: float) -> F64:
        pull = 0.05 * UP if generation < 2 else -self.habit.droop * (generation - 1) * 0.5 * UP
        if height < self.habit.clear and generation:
            pull = pull + 0.35 * UP  # limbs that would hang into people's faces were pruned long ago
        noise = self.rng.normal(0, 0.055 if generation == 0 else 0.10 if generation < 3 else 0.13, 3)
        lean = self.habit.lean * (0.02, 0.10, 0.10)[generation] if generation < 3 else self.habit.lean * 0.02
        bent = direction + (pull + noise + lean) * (4 / STEPS[generation]) ** 0.75
        return np.asarray(bent / np.linalg.norm(bent))

    def _fork(self, at: F64, direction: F64, length: float, radius: float, generation: int) -> None:
        children = 3 if generation == 0 or self.rng.random() < 0.30 else 2
        first = self.rng.uniform(0, 6.2832)
        for child in range(children):
            angle = self.habit.spread * self.rng.uniform(0.55, 1.15)
            bent = _turned(direction, angle, first + child * 6.2832 / children + self.rng.normal(0, 0.3))
            shrink = self.rng.uniform(0.70, 0.84) * (1.15 if generation == 0 else 1)
            self.branch(at, bent, length * shrink, radius * self.rng.uniform(0.60, 0.74), generation + 1)

    def _child(self, at: F64, direction: F64, length: float, radius: float, generation: int) -> None:
        bent = _turned(direction, self.rng.uniform(0.6, 1.0), self.rng.uniform(0, 6.2832))
        self.branch(at, bent, length, radius, generation + 2)


def grow(habit: Habit, rng: np.random.Generator) -> Tree:
    """A tree of this habit."""
    growth = _Growth(habit, rng)
    trunk = habit.height * rng.uniform(0.25, 0.31)
    tilt = np.array([rng.normal(0, 0.10), 1.0, rng.normal(0, 0.06)]) + habit.lean * 0.08
    growth.branch(np.zeros(3), tilt / np.linalg.norm(tilt), trunk, habit.height * rng.uniform(0.027, 0.034), 0)
    shape = np.array(growth.limbs)
    # The recursion's own height varies; the asked one is kept.
    scale = habit.height / max(shape[:, 5].max(), 1e-6)
    shape *= scale
    roots = _roots(shape[0], rng)
    kept = (np.minimum(shape[:, 1], shape[:, 5]) > habit.clear * 0.85) | (shape[:, 3] > 0.004 * habit.height)
    along = np.concatenate([np.zeros(len(roots)), np.array(growth.along)[kept] * scale])
    shape = np.concatenate([roots, shape[kept]])
    flowers, facing, tone = _clouds(growth.blooms, scale, habit.flowers, rng)
    shape[:, [2, 6]] *= habit.flat
    flowers[:, 2] *= habit.flat
    kept = flowers[:, 1] > habit.clear * rng.uniform(0.72, 0.95, len(flowers))
    flowers, facing, tone = flowers[kept], facing[kept], tone[kept]
    return Tree(shape, along, flowers, facing, tone)


def grow_branch(towards: F64, length: float, flowers: int, rng: np.random.Generator) -> Tree:
    """A bough alone, from the origin, `towards` (3,) unit."""
    growth = _Growth(Habit(1.0, droop=0.10), rng)
    growth.branch(np.zeros(3), towards, length, 0.016, BLOOM_FROM)
    return Tree(np.array(growth.limbs), np.array(growth.along), *_clouds(growth.blooms, 1.0, flowers, rng, 0.5))


def _roots(foot: F64, rng: np.random.Generator) -> F64:
    """The flare at the foot: ridges that leave the trunk at knee height and run into the ground, (k, 8)."""
    radius = foot[3]
    axis = foot[4:7] - foot[0:3]
    axis = axis / np.linalg.norm(axis)
    low, high = axis * radius * 0.95, axis * radius * 3.6
    out = [(low[0], radius * 1.0, low[2], radius * 1.34, *high, radius * 0.98)]
    for azimuth in np.linspace(0, 6.2832, 8)[:-1] + rng.uniform(0, 1):
        side = np.array([np.cos(azimuth), 0, np.sin(azimuth) * 0.8])
        start, end = side * radius * 0.75, side * radius * rng.uniform(1.35, 1.8)
        knee, thick = radius * rng.uniform(0.9, 1.5), radius * rng.uniform(0.45, 0.60)
        out.append((start[0], knee, start[2], thick, end[0], radius * 0.12, end[2], radius * 0.22))
    return np.array(out)


def _clouds(
    blooms: list[tuple[F64, float]], scale: float, count: int, rng: np.random.Generator, puff: float = 1.0
) -> tuple[F64, F64, F64]:
    """Flowers in clumps: positions (n, 3), facing (n, 3), tone (n,)."""
    centres = np.array([c for c, _ in blooms]) * scale
    radius = np.array([r for _, r in blooms]) * scale * puff
    weight = radius**2 * rng.gamma(1.3, 1.0, len(radius))
    chosen = rng.choice(len(centres), count, p=weight / weight.sum())
    away = rng.normal(0, 1, (count, 3))
    at = centres[chosen] + away * radius[chosen, None] * [1.0, 0.75, 1.0]
    crown = at - np.median(at, axis=0)
    crown /= np.abs(crown).max(0) + 1e-6
    facing = away + 1.6 * crown + rng.normal(0, 0.45, (count, 3)) + 0.3 * UP
    facing /= np.linalg.norm(facing, axis=1, keepdims=True)
    clump = rng.normal(0, 0.16, len(centres))
    tone = np.clip(0.5 + clump[chosen] + rng.normal(0, 0.16, count), 0, 1)
    return at, facing, tone


def reached(points: F64, towards: F64, strength: float) -> F64:
    """Share of the light from `towards` that reaches each of the points through the others, 0…1, (n,).

    Points in the same column of CELL metres along the light shade those behind them: Beer's law on their rank.
    """
    w = towards / np.linalg.norm(towards)
    u = np.cross(w, UP if abs(w[1]) < 0.9 else np.array([1.0, 0, 0]))
    u /= np.linalg.norm(u)
    v = np.cross(w, u)
    cell = np.floor(points @ u / CELL).astype(np.int64) * 100_003 + np.floor(points @ v / CELL).astype(np.int64)
    order = np.lexsort((-(points @ w), cell))
    begins = np.r_[True, np.diff(cell[order]) != 0]
    first = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
    rank = np.empty(len(order))
    rank[order] = np.arange(len(order)) - first
    return np.asarray(np.exp(-rank * strength))


@dataclass(frozen=True, slots=True)
class LitTree:
    """A tree with its light worked out for one direction of the key.

    Attributes:
        values: (n, 8) plate channels of each flower, before haze.
        sun: (k,) sunlight that reaches each limb.
    """

    tree: Tree
    values: F32
    sun: F64


def light_tree(tree: Tree, towards: F64, petals: F64, rng: np.random.Generator, dense: float = 1.0) -> LitTree:
    """Work out what every flower sends back of the key and of the sky.

    Args:
        petals: (3, 3) albedo, shade to sun.
        dense: How thick the crown is, 1 for a whole tree.
    """
    middle = (tree.limbs[:, 0:3] + tree.limbs[:, 4:7]) / 2
    everything = np.concatenate([tree.flowers, middle])
    n = len(tree.flowers)
    dense *= 26_000 / max(n, 1)  # fewer flowers stand for as much bloom
    sun = reached(everything + rng.normal(0, 0.05, everything.shape), towards, 0.042 * dense)
    sky = reached(everything + rng.normal(0, 0.05, everything.shape), np.array([0.1, 1.0, -0.35]), 0.026 * dense)
    tone = tree.tone[:, None] * 2
    albedo = np.where(
        tone < 1, petals[0] + (petals[1] - petals[0]) * tone, petals[1] + (petals[2] - petals[1]) * (tone - 1)
    )
    faces = tree.facing @ towards
    # Petals are thin: half of what falls on their backs comes through.
    lit = np.clip((faces + 0.4) / 1.4, 0, 1) + 0.85 * np.clip(-faces, 0, 1)
    values = np.zeros((n, CHANNELS), np.float32)
    s, a = sun[:n, None], sky[:n, None]
    # Light that has passed many petals is their colour twice over: shade is pinker, never grey.
    values[:, 0:3] = albedo ** (1 + 0.9 * (1 - s)) * (1.30 * s * lit[:, None] + 0.26)
    values[:, 3:6] = albedo ** (1 + 1.3 * (1 - a)) * (0.62 + 0.95 * a) * (0.84 + 0.26 * tree.facing[:, 1:2])
    values[:, 7] = 1
    # Along a branch the light changes softly: the mean of neighbours, which the recursion left side by side.
    wood = np.convolve(np.pad(sun[n:], 4, mode="edge"), np.full(9, 1 / 9), mode="valid")
    return LitTree(tree, values, np.clip(wood * 1.2, 0.10, 1))


@dataclass(frozen=True, slots=True)
class Stand:
    """One tree on the set: where, how it is turned, how much of it is drawn.

    Attributes:
        turn: Radians about its trunk.
        keep: Share of the flowers drawn; the rest is made up by size.
        haze: Share hidden by the air, 0…1.
    """

    lit: LitTree
    x: float
    z: float
    y: float = 0.0
    turn: float = 0.0
    size: float = 1.0
    keep: float = 1.0
    haze: float = 0.0

    def world(self, points: F64) -> F64:
        """Model points (n, 3) where they stand."""
        c, s = np.cos(self.turn), np.sin(self.turn)
        p = points * self.size
        return np.stack([p[:, 0] * c + p[:, 2] * s + self.x, p[:, 1] + self.y, p[:, 2] * c - p[:, 0] * s + self.z], 1)


def paint_tree(plate: F32, canvas: Canvas, stand: Stand, bark: F64, towards: F64, tile: F32, slabs: int = 9) -> None:
    """Draw a tree onto the plate, far slabs first, limbs among their flowers."""
    wood, flowers, values = _wood(canvas, stand), *_flowers(canvas, stand)
    if stand.haze:
        values[:, :6] *= 1 - stand.haze
        values[:, 6] = stand.haze
    edges = np.quantile(flowers[1], np.linspace(0, 1, slabs + 1))
    edges[0], edges[-1] = -np.inf, np.inf
    albedo = np.asarray(bark * (1 - stand.haze), np.float32)
    light = np.asarray(towards, np.float32)
    for slab in range(slabs - 1, -1, -1):
        mine = (wood[1] >= edges[slab]) & (wood[1] < edges[slab + 1])
        limbs(plate, np.ascontiguousarray(wood[0][mine]), albedo, light, tile)
        mine = (flowers[1] >= edges[slab]) & (flowers[1] < edges[slab + 1])
        dabs(plate, np.ascontiguousarray(flowers[0][mine]), np.ascontiguousarray(values[mine]))


def _wood(canvas: Canvas, stand: Stand) -> tuple[F32, F64]:
    """Rows for `limbs`, and depth of each, (k,)."""
    shape = stand.lit.tree.limbs
    start, end = stand.world(shape[:, 0:3]), stand.world(shape[:, 4:7])
    a, b = canvas.project(start.astype(np.float32)), canvas.project(end.astype(np.float32))
    rows = np.zeros((len(shape), LIMB_COLUMNS), np.float32)
    rows[:, 0:2], rows[:, 3:5] = a[:, :2], b[:, :2]
    rows[:, 2] = shape[:, 3] * stand.size * a[:, 2]
    rows[:, 5] = shape[:, 7] * stand.size * b[:, 2]
    rows[:, 6] = stand.lit.tree.along
    rows[:, 10] = np.linalg.norm(end - start, axis=1)
    axis = b[:, :2] - a[:, :2]
    rows[:, 7:9] = axis / (np.linalg.norm(axis, axis=1, keepdims=True) + 1e-6)
    rows[:, 9] = stand.lit.sun
    thick = rows[:, 2] > 0.28  # thinner than half a pixel is nothing but noise
    return rows[thick], ((start + end)[:, 2] / 2)[thick]


def _flowers(canvas: Canvas, stand: Stand) -> tuple[tuple[F32, F64], F32]:
    """Rows for `dabs` with depth of each, and their channel values; far to near."""
    tree = stand.lit.tree
    every = max(1, round(1 / stand.keep))
    at = stand.world(tree.flowers[::every])
    facing = tree.facing[::every]
    seen = canvas.project(at.astype(np.float32))
    rng = named_rng(len(at), "turn of a flower")  # nobody's composition
    rows = np.zeros((len(at), DAB_COLUMNS), np.float32)
    rows[:, 0:2] = seen[:, :2]
    size = FLOWER_SIZE * every**0.5 * stand.size * rng.uniform(0.75, 1.3, len(at)) * seen[:, 2]
    rows[:, 2] = np.maximum(size, 0.75)
    rows[:, 3] = rows[:, 2] * np.clip(0.45 + 0.55 * np.abs(facing[:, 2]), 0.45, 1)
    turn = np.arctan2(-facing[:, 1], facing[:, 0]) + np.pi / 2
    rows[:, 4], rows[:, 5] = np.cos(turn), np.sin(turn)
    rows[:, 6] = np.clip(1.1 / rows[:, 2], 0.12, 1)
    rows[:, 7] = np.where(rows[:, 2] > 1.6, FLOWER, DISC)
    rows[:, 8] = np.minimum(size / 0.75, 1)
    order = np.argsort(-at[:, 2])
    return (rows[order], at[order, 2]), np.ascontiguousarray(stand.lit.values[::every][order])
