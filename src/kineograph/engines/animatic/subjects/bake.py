"""What is read off the field once per vertex: occlusion, colour, flow of the fur, and four bone weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import float32, njit
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import Real, kernel
from kineograph.engines.animatic.subjects.sdf import BLEND, BONE, CARVE, COLOUR, FLOW, distance, grid_of

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
Bool = NDArray[np.bool_]

FUR_BLEND, CLOTH_BLEND = 0.22, 0.04  # share of a primitive's blend radius over which colours melt
FAR = 0.3  # beyond this distance a primitive says nothing about a vertex


@dataclass(slots=True)
class Baked:
    """Per vertex: colour (N, 3), flow (N, 3) unit, bones (N, 4) and their weights (N, 4), which sum to 1."""

    colour: F32
    flow: F32
    bones: I32
    weights: F32


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _strongest(pull: F32, bones: I32, weights: F32, v: int) -> None:
    """The four strongest pulls, normalised; clears them."""
    total = float32(0)
    for k in range(4):
        best = 0
        for b in range(pull.shape[0]):
            if pull[b] > pull[best]:
                best = b
        bones[v, k] = best
        weights[v, k] = pull[best]
        total += pull[best]
        pull[best] = 0
    for b in range(pull.shape[0]):
        pull[b] = 0
    for k in range(4):
        weights[v, k] /= total


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _nearest(rows: F32, points: F32, v: int, scratch: F32) -> int:
    """The nearest solid primitive; leaves all distances in scratch."""
    best = -1
    for i in range(rows.shape[0]):
        scratch[i] = distance(rows, i, points[v, 0], points[v, 1], points[v, 2])
        if rows[i, CARVE] == 0 and (best < 0 or scratch[i] < scratch[best]):
            best = i
    return best


@kernel
def bake_kernel(rows: F32, vertices: F32, linked: Bool, melt: Real, out: tuple[F32, F32, I32, F32]) -> None:
    """Colour, flow, bones and weights of every vertex.

    Weights blend only between bones at most two links apart (`linked`): else a left leg would drag the right one.
    """
    colour, flow, bones, weights = out
    scratch = np.empty(rows.shape[0], np.float32)
    pull = np.zeros(linked.shape[0], np.float32)
    for v in range(vertices.shape[0]):
        best = _nearest(rows, vertices, v, scratch)
        home = int(rows[best, BONE])
        total = float32(0)
        for c in range(3):
            colour[v, c], flow[v, c] = 0, 0
        for i in range(rows.shape[0]):
            d = scratch[i] - scratch[best]
            if rows[i, CARVE] > 0 or d > float32(FAR):
                continue
            k = rows[i, BLEND]
            g = math.exp(-d / (k * melt + float32(0.0012)))
            total += g
            for c in range(3):
                colour[v, c] += g * rows[i, COLOUR + c]
                flow[v, c] += g * rows[i, FLOW + c]
            bone = int(rows[i, BONE])
            if linked[home, bone]:
                soft = k * (float32(0.8) if k > float32(0.055) else float32(0.45)) + float32(0.006)
                pull[bone] = max(pull[bone], math.exp(-d / soft))
        length = math.sqrt(flow[v, 0] ** 2 + flow[v, 1] ** 2 + flow[v, 2] ** 2) + float32(1e-9)
        for c in range(3):
            colour[v, c] /= total
            flow[v, c] /= length
        _strongest(pull, bones, weights, v)


def bake(rows: F32, vertices: F32, linked: Bool, crisp: bool) -> Baked:
    """Read colour, flow and weights off the primitives nearest to each vertex."""
    n = len(vertices)
    baked = Baked(
        np.empty((n, 3), np.float32),
        np.empty((n, 3), np.float32),
        np.zeros((n, 4), np.int32),
        np.zeros((n, 4), np.float32),
    )
    melt = np.float32(CLOTH_BLEND if crisp else FUR_BLEND)
    bake_kernel(rows, vertices, linked, melt, (baked.colour, baked.flow, baked.bones, baked.weights))
    return baked


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _sample(grid: F32, x: Real, y: Real, z: Real) -> Real:
    """Trilinear; clamped to the border."""
    i = min(max(int(x), 0), grid.shape[0] - 2)
    j = min(max(int(y), 0), grid.shape[1] - 2)
    k = min(max(int(z), 0), grid.shape[2] - 2)
    u, v, w = x - i, y - j, z - k
    a = grid[i, j, k] * (1 - u) + grid[i + 1, j, k] * u
    b = grid[i, j + 1, k] * (1 - u) + grid[i + 1, j + 1, k] * u
    c = grid[i, j, k + 1] * (1 - u) + grid[i + 1, j, k + 1] * u
    d = grid[i, j + 1, k + 1] * (1 - u) + grid[i + 1, j + 1, k + 1] * u
    a += (b - a) * v
    c += (d - c) * v
    return a + (c - a) * w


@kernel
def occlusion_kernel(grid: F32, corner: F32, cell: Real, vertices: F32, normals: F32, reach: Real) -> F32:
    """Five steps along the normal: how much nearer the next surface is than open space would have it."""
    out = np.empty(vertices.shape[0], np.float32)
    for i in range(vertices.shape[0]):
        closed = float32(0)
        share = float32(1)
        for step in range(1, 6):
            h = reach * step / 5
            x = (vertices[i, 0] + normals[i, 0] * h - corner[0]) / cell
            y = (vertices[i, 1] + normals[i, 1] * h - corner[1]) / cell
            z = (vertices[i, 2] + normals[i, 2] * h - corner[2]) / cell
            closed += share * max(h - max(_sample(grid, x, y, z), float32(0)), float32(0))
            share *= float32(0.75)
        out[i] = max(1 - closed / reach * float32(0.72), float32(0.18))
    return out


@dataclass(frozen=True, slots=True)
class Occluder:
    """The whole body's field on a coarse grid: occlusion is smooth, and hundreds of hair clumps cost nothing."""

    grid: F32
    corner: F32
    cell: float
    reach: float

    @classmethod
    def of(cls, rows: F32, cell: float, reach: float) -> Occluder:
        """Everything that can shade, on a grid of `cell`, looked for as far as `reach`."""
        grid, corner = grid_of(rows, cell)
        return cls(grid, corner, cell, reach)

    def at(self, vertices: F32, normals: F32) -> F32:
        """(N,) openness, 0.18…1."""
        return np.asarray(
            occlusion_kernel(self.grid, self.corner, np.float32(self.cell), vertices, normals, np.float32(self.reach))
        )
