"""How much of the surrounding each vertex sees, from depth maps taken all around. Once per subject."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.raster.sunmap import axes_of, depth_map

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
Bytes = NDArray[np.uint8]

_DIRECTIONS = 72
_TEXELS = 200
# A vertex may lie this share of the subject's radius behind the map before it counts as hidden.
_SLACK = 0.02


def open_share(vertices: F32, normals: F32, triangles: I32, hides: Bytes) -> F32:
    """(N,) ambient occlusion, 1 = open. The ground at the lowest vertex hides what is near it from below.

    Args:
        hides: (M,) 1 for triangles that hide others (glass does not).
    """
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    centre, radius = (low + high) / 2, float(np.linalg.norm(high - low)) / 2 * 1.02
    scale = _TEXELS / (2 * radius)
    seen, total = np.zeros(len(vertices), np.float32), np.zeros(len(vertices), np.float32)
    above_ground = np.clip((vertices[:, 1] - low[1]) / np.float32(0.7 * radius), 0, 1)
    for direction in _sphere(_DIRECTIONS):
        cosine = np.maximum(normals @ direction, 0)
        if direction[1] < 0:  # towards the ground: it returns the less light the nearer it is
            total += cosine * np.float32(0.5)
            seen += cosine * np.float32(0.5) * (np.float32(0.3) + np.float32(0.7) * above_ground)
            continue
        axes = axes_of(direction)
        at = (vertices - centre) @ axes.T
        at[:, :2] = (at[:, :2] + np.float32(radius)) * np.float32(scale)
        depth = depth_map(np.ascontiguousarray(at, np.float32), triangles, hides, _TEXELS)
        # Step off along the normal before asking, or every slope hides itself.
        out = (normals @ axes.T) * np.array([0.8, 0.8, _SLACK * 0.5 * radius], np.float32)
        column, row = (np.clip((at + out)[:, i].astype(int), 0, _TEXELS - 1) for i in (0, 1))
        free = at[:, 2] + out[:, 2] + np.float32(_SLACK * radius) >= depth[row, column]
        total += cosine
        seen += cosine * free
    return _smoothed(np.clip(seen / np.maximum(total, np.float32(1e-3)), 0, 1), triangles)


def _smoothed(values: F32, triangles: I32) -> F32:
    """Half of each value and half of its neighbours' mean: depth maps are grainy."""
    mean = np.repeat(values[triangles].mean(axis=1), 3)
    corners = triangles.reshape(-1)
    count = np.bincount(corners, minlength=len(values))
    around = np.bincount(corners, weights=mean, minlength=len(values)) / np.maximum(count, 1)
    return np.asarray(np.where(count > 0, 0.5 * values + 0.5 * around, values), np.float32)


def _sphere(n: int) -> F32:
    """n directions spread evenly (Fibonacci lattice)."""
    k = np.arange(n) + 0.5
    y = 1 - 2 * k / n
    angle = k * math.pi * (3 - math.sqrt(5))
    r = np.sqrt(1 - y * y)
    return np.stack([r * np.cos(angle), y, r * np.sin(angle)], axis=1).astype(np.float32)
