"""Signed distance fields: the primitives creatures are melted from, and their field on a grid.

Creature axes: x to its left, y up, z forward (right-handed), feet at y = 0. Lengths are in row units, where the standing
animal or person is about 1 tall. `puppet.py` turns creature axes into world axes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numba import float32, njit
from numpy.typing import ArrayLike, NDArray

from kineograph.engines.animatic.noise import Real, helper, kernel
from kineograph.engines.animatic.spec import Colour as Rgb

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]

# Columns of a primitive: origin 0:3, world -> local matrix 3:12, segment in local space 12:15, radii 15 16, blend 17,
# carve 18, bone 19, colour 20:23, flow 23:26, the greatest depth inside it 26.
COLUMNS = 27
BLEND, CARVE, BONE, COLOUR, FLOW, THIN = 17, 18, 19, 20, 23, 26
BLOCK = 4  # cells; blocks far from the surface get one evaluation instead of 64
LIPSCHITZ = 1.5  # squashed primitives are first-order distances: their slope may exceed 1


@dataclass(slots=True)
class Shape:
    """Primitives that melt into one closed surface of one material.

    Attributes:
        material: Row name of the material table.
        cell: Grid step; 1/80 of the height is about 4 px at half frame height.
        crisp: Colours change within millimetres (cloth) instead of melting (fur).
        furred: Hairs grow on it.
    """

    material: str
    cell: float
    crisp: bool = False
    furred: bool = False
    rows: list[F64] = field(default_factory=list)

    def cone(
        self,
        a: ArrayLike,
        b: ArrayLike,
        radius: float,
        radius_to: float | None = None,
        *,
        bone: int,
        colour: Rgb,
        blend: float,
        squash: tuple[ArrayLike, float] | None = None,
        carve: bool = False,
        flow: ArrayLike | None = None,
    ) -> None:
        """Tapered capsule from a to b. `squash` = (axis, factor) flattens it: ears, skirts, lapels."""
        start, end = np.asarray(a, float), np.asarray(b, float)
        local = np.eye(3)
        if squash is not None:
            axis = unit(squash[0])
            local = local + np.outer(axis, axis) * (1 / squash[1] - 1)
        radii = (radius, radius if radius_to is None else radius_to)
        direction = end - start if flow is None else flow
        self._add(start, local, local @ (end - start), radii, (blend, carve, bone), colour, direction)

    def ellipsoid(
        self,
        centre: ArrayLike,
        radii: ArrayLike,
        *,
        bone: int,
        colour: Rgb,
        blend: float,
        turn: F64 | None = None,
        carve: bool = False,
        flow: ArrayLike = (0, 0, -1),
    ) -> None:
        """Ellipsoid; `turn` is a (3, 3) rotation of its axes."""
        r = np.asarray(radii, float) * np.ones(3)
        mean = float(np.cbrt(r.prod()))
        local = np.diag(mean / r) @ (np.eye(3) if turn is None else turn.T)
        self._add(np.asarray(centre, float), local, np.zeros(3), (mean, mean), (blend, carve, bone), colour, flow)

    def chain(
        self,
        points: Sequence[ArrayLike],
        radii: Sequence[float],
        bones: Sequence[int],
        *,
        colour: Rgb,
        blend: float,
        squash: tuple[ArrayLike, float] | None = None,
    ) -> None:
        """Capsules through the points; the last bone serves the rest of the chain."""
        for i in range(len(points) - 1):
            bone = bones[min(i, len(bones) - 1)]
            self.cone(
                points[i], points[i + 1], radii[i], radii[i + 1], bone=bone, colour=colour, blend=blend, squash=squash
            )

    def _add(
        self,
        origin: F64,
        local: F64,
        segment: F64,
        radii: tuple[float, float],
        how: tuple[float, bool, int],
        colour: Rgb,
        flow: ArrayLike,
    ) -> None:
        thin = max(radii) / float(np.linalg.svd(local, compute_uv=False)[0])
        self.rows.append(np.concatenate([origin, local.ravel(), segment, radii, how, colour, unit(flow), [thin]]))

    def primitives(self) -> F32:
        """(P, 27) float32, in the order they were added: carving only cuts what came before."""
        return np.ascontiguousarray(np.array(self.rows, np.float32).reshape(-1, COLUMNS))


def unit(v: ArrayLike) -> F64:
    """The vector at length 1 (zero stays zero)."""
    a = np.asarray(v, float)
    return a / (float(np.linalg.norm(a)) + 1e-12)


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def distance(rows: F32, i: int, x: Real, y: Real, z: Real) -> Real:
    """Distance to one primitive: the local capsule's, divided by its gradient length. Exact for round ones."""
    x -= rows[i, 0]
    y -= rows[i, 1]
    z -= rows[i, 2]
    u = rows[i, 3] * x + rows[i, 4] * y + rows[i, 5] * z
    v = rows[i, 6] * x + rows[i, 7] * y + rows[i, 8] * z
    w = rows[i, 9] * x + rows[i, 10] * y + rows[i, 11] * z
    bx, by, bz = rows[i, 12], rows[i, 13], rows[i, 14]
    length2 = bx * bx + by * by + bz * bz
    h = float32(0)
    if length2 > 1e-9:
        h = min(max((u * bx + v * by + w * bz) / length2, float32(0)), float32(1))
    u -= bx * h
    v -= by * h
    w -= bz * h
    q = math.sqrt(u * u + v * v + w * w) + float32(1e-6)
    gx = rows[i, 3] * u + rows[i, 6] * v + rows[i, 9] * w
    gy = rows[i, 4] * u + rows[i, 7] * v + rows[i, 10] * w
    gz = rows[i, 5] * u + rows[i, 8] * v + rows[i, 11] * w
    slope = math.sqrt(gx * gx + gy * gy + gz * gz) / q + float32(1e-6)
    # Deep inside a thin disc the first order would see far more than there is: its rim would be torn.
    return max((q - (rows[i, 15] + (rows[i, 16] - rows[i, 15]) * h)) / slope, -rows[i, THIN])


@kernel
def evaluate(rows: F32, active: I32, count: int, x: Real, y: Real, z: Real) -> Real:
    """The melted field: quadratic soft minimum of the primitives named in active[:count], in order."""
    d = float32(1e3)
    for a in range(count):
        i = active[a]
        e = distance(rows, i, x, y, z)
        k = rows[i, BLEND]
        if rows[i, CARVE] > 0:
            e = -e
            h = max(k - abs(d - e), float32(0)) / k
            d = max(d, e) + h * h * k * float32(0.25)
        else:
            h = max(k - abs(d - e), float32(0)) / k
            d = min(d, e) - h * h * k * float32(0.25)
    return d


@helper
def gather(rows: F32, x: Real, y: Real, z: Real, reach: Real, scratch: F32, active: I32) -> int:
    """Fill `active` with the primitives that can matter within `reach` of the point; returns how many.

    A soft minimum listens to primitives nearer than the nearest plus its blend; both may move by the slope times reach.
    """
    nearest = float32(1e3)
    for i in range(rows.shape[0]):
        scratch[i] = distance(rows, i, x, y, z)
        if rows[i, CARVE] == 0:
            nearest = min(nearest, scratch[i])
    slack = float32(2 * LIPSCHITZ) * reach
    count = 0
    for i in range(rows.shape[0]):
        if rows[i, CARVE] > 0:
            near = -scratch[i] > nearest - rows[i, BLEND] - slack - float32(0.05)
        else:
            near = scratch[i] < nearest + rows[i, BLEND] + slack
        if near:
            active[count] = i
            count += 1
    return count


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _fill(grid: F32, at: tuple[int, int, int], value: Real) -> None:
    """One value for a whole block."""
    for x in range(at[0], min(at[0] + BLOCK, grid.shape[0])):
        for y in range(at[1], min(at[1] + BLOCK, grid.shape[1])):
            for z in range(at[2], min(at[2] + BLOCK, grid.shape[2])):
                grid[x, y, z] = value


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _block(grid: F32, rows: F32, active: I32, count: int, corner: F32, cell: Real, at: tuple[int, int, int]) -> None:
    """Evaluate one block's cells with its own short list of primitives."""
    for x in range(at[0], min(at[0] + BLOCK, grid.shape[0])):
        for y in range(at[1], min(at[1] + BLOCK, grid.shape[1])):
            for z in range(at[2], min(at[2] + BLOCK, grid.shape[2])):
                px = corner[0] + float32(x) * cell
                py = corner[1] + float32(y) * cell
                pz = corner[2] + float32(z) * cell
                grid[x, y, z] = evaluate(rows, active, count, px, py, pz)


@kernel
def grid_kernel(rows: F32, corner: F32, cell: Real, nx: int, ny: int, nz: int) -> F32:
    """The field at the corners of nx·ny·nz cells."""
    grid = np.empty((nx, ny, nz), np.float32)
    scratch = np.empty(rows.shape[0], np.float32)
    active = np.empty(rows.shape[0], np.int32)
    half = float32(BLOCK * 0.5 - 0.5) * cell
    reach = half * float32(1.75)  # √3: to the block's corner
    far = float32(LIPSCHITZ) * (reach + cell * float32(1.5))
    for x in range(0, nx, BLOCK):
        for y in range(0, ny, BLOCK):
            for z in range(0, nz, BLOCK):
                px = corner[0] + float32(x) * cell + half
                py = corner[1] + float32(y) * cell + half
                pz = corner[2] + float32(z) * cell + half
                count = gather(rows, px, py, pz, reach, scratch, active)
                centre = evaluate(rows, active, count, px, py, pz)
                if abs(centre) > far:
                    _fill(grid, (x, y, z), centre)
                else:
                    _block(grid, rows, active, count, corner, cell, (x, y, z))
    return grid


def bounds(rows: F32, margin: float) -> tuple[F32, F32]:
    """Lower and upper corner of everything added, with the blends' bulge and a margin."""
    solid = rows[rows[:, CARVE] == 0].astype(np.float64)
    inverse = np.linalg.inv(solid[:, 3:12].reshape(-1, 3, 3))
    ends = solid[:, :3] + np.einsum("nij,nj->ni", inverse, solid[:, 12:15])
    stretch = np.linalg.norm(inverse, axis=2)  # how far a unit ball of the local space reaches along each axis
    reach = solid[:, 15:17].max(1)[:, None] * stretch + solid[:, BLEND, None] * 0.5 + margin
    low = (np.minimum(solid[:, :3], ends) - reach).min(0)
    high = (np.maximum(solid[:, :3], ends) + reach).max(0)
    return low.astype(np.float32), high.astype(np.float32)


def grid_of(rows: F32, cell: float, margin: float = 0.0) -> tuple[F32, F32]:
    """The field on a grid that encloses it, and the grid's lower corner."""
    low, high = bounds(rows, 3 * cell + margin)
    nx, ny, nz = (int(n) for n in np.ceil((high - low) / cell) + 2)
    return grid_kernel(rows, low, np.float32(cell), nx, ny, nz), low


def front_of(rows: F32, x: float, y: float, start: float) -> float:
    """The z at which a ray from z = start, going back, meets the surface; where it comes nearest if it misses."""
    active = np.arange(len(rows), dtype=np.int32)
    places = np.linspace(start, start - 0.5, 251, dtype=np.float32)
    field_ = [float(evaluate(rows, active, len(rows), np.float32(x), np.float32(y), z)) for z in places]
    inside = np.flatnonzero(np.array(field_) < 0)
    return float(places[inside[0] if len(inside) else int(np.argmin(field_))])
