"""Naive surface nets: one vertex per crossed cell, one quad per crossed edge; then Newton steps onto the surface."""

from __future__ import annotations

import math

import numpy as np
from numba import float32, njit
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import Real, kernel
from kineograph.engines.animatic.subjects.sdf import evaluate, gather, grid_of

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

NORMAL_STEP = 0.35  # cells: with a whole one, thin ears see their other side and get stripes


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _crossing(grid: F32, x: int, y: int, z: int, out: F32) -> bool:
    """Mean of the points where the cell's edges cross the surface, in cells; False when none does."""
    out[0], out[1], out[2] = 0, 0, 0
    crossed = 0
    for corner in range(8):
        a = grid[x + (corner & 1), y + ((corner >> 1) & 1), z + (corner >> 2)]
        for axis in range(3):
            if corner & (1 << axis):
                continue
            other = corner | (1 << axis)
            b = grid[x + (other & 1), y + ((other >> 1) & 1), z + (other >> 2)]
            if (a < 0) == (b < 0):
                continue
            crossed += 1
            out[0] += corner & 1
            out[1] += (corner >> 1) & 1
            out[2] += corner >> 2
            out[axis] += a / (a - b)
    for axis in range(3):
        out[axis] /= max(float32(crossed), float32(1))
    return crossed > 0


@kernel
def vertices_kernel(grid: F32, corner: F32, cell: Real) -> tuple[F32, I32]:
    """Vertices (N, 3), and the vertex number of every cell or -1."""
    nx, ny, nz = grid.shape
    number = np.full((nx, ny, nz), -1, np.int32)
    found = np.empty((nx * ny * nz // 4 + 64, 3), np.float32)
    point = np.empty(3, np.float32)
    n = 0
    for x in range(nx - 1):
        for y in range(ny - 1):
            for z in range(nz - 1):
                if abs(grid[x, y, z]) > float32(4) * cell or not _crossing(grid, x, y, z, point):
                    continue
                found[n, 0] = corner[0] + (x + point[0]) * cell
                found[n, 1] = corner[1] + (y + point[1]) * cell
                found[n, 2] = corner[2] + (z + point[2]) * cell
                number[x, y, z] = n
                n += 1
    return found[:n], number


@kernel
def triangles_kernel(grid: F32, number: I32, count: int) -> I32:
    """Two triangles per crossed edge, counter-clockwise from outside in right-handed axes."""
    nx, ny, nz = grid.shape
    out = np.empty((count * 3 + 16, 3), np.int32)
    m = 0
    for x in range(1, nx - 1):
        for y in range(1, ny - 1):
            for z in range(1, nz - 1):
                inside = grid[x, y, z] < 0
                for axis in range(3):
                    if inside == (grid[x + (axis == 0), y + (axis == 1), z + (axis == 2)] < 0):
                        continue
                    a, b, c, d = _ring(number, x, y, z, axis)
                    if not inside:
                        b, d = d, b
                    out[m, 0], out[m, 1], out[m, 2] = a, b, c
                    out[m + 1, 0], out[m + 1, 1], out[m + 1, 2] = a, c, d
                    m += 2
    return out[:m]


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _ring(number: I32, x: int, y: int, z: int, axis: int) -> tuple[int, int, int, int]:
    """The four cells around the edge that leaves corner (x, y, z) along the axis."""
    if axis == 0:
        return number[x, y, z], number[x, y - 1, z], number[x, y - 1, z - 1], number[x, y, z - 1]
    if axis == 1:
        return number[x, y, z], number[x, y, z - 1], number[x - 1, y, z - 1], number[x - 1, y, z]
    return number[x, y, z], number[x - 1, y, z], number[x - 1, y - 1, z], number[x, y - 1, z]


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _gradient(rows: F32, active: I32, count: int, p: F32, i: int, step: Real, out: F32) -> Real:
    """Central differences at point i; writes the unit gradient and returns its length before."""
    x, y, z = p[i, 0], p[i, 1], p[i, 2]
    a = evaluate(rows, active, count, x + step, y, z) - evaluate(rows, active, count, x - step, y, z)
    b = evaluate(rows, active, count, x, y + step, z) - evaluate(rows, active, count, x, y - step, z)
    c = evaluate(rows, active, count, x, y, z + step) - evaluate(rows, active, count, x, y, z - step)
    length = math.sqrt(a * a + b * b + c * c) + float32(1e-9)
    out[i, 0], out[i, 1], out[i, 2] = a / length, b / length, c / length
    return length / (float32(2) * step)


@kernel
def settle_kernel(rows: F32, vertices: F32, cell: Real) -> F32:
    """Move the vertices onto the surface (two Newton steps, in place); returns the unit normals (N, 3)."""
    normals = np.empty_like(vertices)
    scratch = np.empty(rows.shape[0], np.float32)
    active = np.empty(rows.shape[0], np.int32)
    step = cell * float32(NORMAL_STEP)
    for i in range(vertices.shape[0]):
        count = gather(rows, vertices[i, 0], vertices[i, 1], vertices[i, 2], cell * float32(1.5), scratch, active)
        for step_number in range(3):
            slope = max(_gradient(rows, active, count, vertices, i, step, normals), float32(0.4))
            if step_number == 2:
                break
            d = evaluate(rows, active, count, vertices[i, 0], vertices[i, 1], vertices[i, 2]) / slope
            d = min(max(d, -cell), cell)
            for c in range(3):
                vertices[i, c] -= normals[i, c] * d
    return normals


def surface(rows: F32, cell: float) -> tuple[F32, F32, I32]:
    """Vertices (N, 3), unit normals (N, 3) and triangles (M, 3) of the field's zero level: closed, without seams."""
    grid, corner = grid_of(rows, cell)
    vertices, number = vertices_kernel(grid, corner, np.float32(cell))
    vertices = vertices.copy()
    triangles = triangles_kernel(grid, number, len(vertices)).copy()
    return vertices, settle_kernel(rows, vertices, np.float32(cell)), triangles
