"""A depth map from the key light: what of the subject lies in its own shadow."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import helper, lean
from kineograph.engines.animatic.raster.block import COLUMN, KEYWARD, LINE, LIT, NEAR, N, P, Y, Z
from kineograph.engines.animatic.raster.materials import table
from kineograph.engines.animatic.raster.soup import Soup, facing_triangles
from kineograph.engines.animatic.raster.span import inverse, narrowed
from kineograph.engines.animatic.scalar import f4

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
Bytes = NDArray[np.uint8]

SIZE = 320
# A surface may be this many texels deeper than the map before it counts as shadowed: the map is a staircase.
_SLACK = 3.2
# Key light dimmer than this (luminance) casts no shadow worth a map.
_DIM = 0.01


@dataclass(frozen=True, slots=True)
class SunMap:
    """Depth towards the light, larger is nearer to it.

    Attributes:
        depth: (n, n); (1, 1) when there is no key light.
        frame: (14,) the light's axes (right, up, towards: 9), slack in metres, left, bottom in metres, texels per
            metre, spacing of the filter's taps in texels.
    """

    depth: F32
    frame: F32


def axes_of(direction: F32) -> F32:
    """(3, 3) rows: right, up, towards the light."""
    towards = np.asarray(direction, np.float64) / np.linalg.norm(direction)
    side = np.cross((0.0, 1.0, 0.0) if abs(towards[1]) < 0.95 else (1.0, 0.0, 0.0), towards)
    side /= np.linalg.norm(side)
    return np.stack([side, np.cross(towards, side), towards]).astype(np.float32)


def no_map() -> SunMap:
    """Nothing shadows anything."""
    return SunMap(np.zeros((1, 1), np.float32), np.zeros(14, np.float32))


def sun_map(soup: Soup, light: Light, casts: Bytes) -> SunMap:
    """Draw the chosen triangles as the key light sees them.

    Args:
        casts: (M,) 1 for triangles that cast a shadow (glass does not).
    """
    if float(light.key.max()) < _DIM:
        return no_map()
    frame = np.zeros(14, np.float32)
    axes = axes_of(light.direction)
    seen, away, box = np.empty_like(soup.vertices), np.empty(len(soup.vertices), np.uint8), np.empty(4, np.float32)
    _turned(soup.vertices, soup.normals, axes, seen, away, box)
    scale = np.float32((SIZE - 8) / max(float(box[2] - box[0]), float(box[3] - box[1]), 1e-3))
    low = box[:2] - 4 / scale
    _placed(seen, low[0], low[1], scale)
    facing = facing_triangles(soup.triangles, soup.material, casts, away, table())
    depth = depth_map(seen, soup.triangles, facing, SIZE)
    # The penumbra across an arm of 0.1 of the subject's size, as the light's softness asks for.
    spacing = np.clip(light.softness * 0.06 * SIZE, 1.4, 5.0)
    frame[:] = (*axes.ravel(), _SLACK / scale, low[0], low[1], scale, spacing)
    return SunMap(depth, frame)


@lean
def _turned(vertices: F32, normals: F32, axes: F32, seen: F32, away: Bytes, box: F32) -> None:
    """Into the light's axes; 1 where a surface looks away from it; least and greatest of the first two axes."""
    left, bottom, right, top = f4(1e30), f4(1e30), f4(-1e30), f4(-1e30)
    for k in range(np.uint64(vertices.shape[0])):
        x, y, z = vertices[k, 0], vertices[k, 1], vertices[k, 2]
        a, b = axes[0, 0] * x + axes[0, 1] * y + axes[0, 2] * z, axes[1, 0] * x + axes[1, 1] * y + axes[1, 2] * z
        left, bottom, right, top = min(left, a), min(bottom, b), max(right, a), max(top, b)
        seen[k, 0], seen[k, 1], seen[k, 2] = a, b, axes[2, 0] * x + axes[2, 1] * y + axes[2, 2] * z
        away[k] = normals[k, 0] * axes[2, 0] + normals[k, 1] * axes[2, 1] + normals[k, 2] * axes[2, 2] < 0
    box[0], box[1], box[2], box[3] = left, bottom, right, top


@lean
def _placed(seen: F32, left: float, bottom: float, scale: float) -> None:
    """Metres to texels."""
    for k in range(np.uint64(seen.shape[0])):
        seen[k, 0], seen[k, 1] = (seen[k, 0] - left) * scale, (seen[k, 1] - bottom) * scale


def depth_map(seen: F32, triangles: I32, chosen: Bytes, texels: int) -> F32:
    """(texels, texels) greatest depth coordinate of the chosen triangles, -1e9 where there are none.

    Args:
        seen: (N, 3) column and row in texels, and the coordinate towards the light.
    """
    depth = np.full((texels, texels), -1e9, np.float32)
    _nearest_to_light(seen, triangles, chosen, depth)
    return depth


@lean
def _nearest_to_light(seen: F32, triangles: I32, casts: Bytes, depth: F32) -> None:
    """Depth only; coverage is generous by a twentieth of a triangle: no pinholes."""
    n = depth.shape[0]
    half, spare = f4(0.5), f4(0.05)
    near = f4(0.4)  # texels whose middle is a tenth outside still count
    for k in range(np.uint64(triangles.shape[0])):  # unsigned: numba guards signed indices
        if casts[k] == 0:
            continue
        i, j, m = np.uint64(triangles[k, 0]), np.uint64(triangles[k, 1]), np.uint64(triangles[k, 2])
        x0, y0, x1, y1, x2, y2 = seen[i, 0], seen[i, 1], seen[j, 0], seen[j, 1], seen[m, 0], seen[m, 1]
        z0, z1, z2 = seen[i, 2], seen[j, 2], seen[m, 2]
        x, y, xx, yy = min(x0, x1, x2), min(y0, y1, y2), max(x0, x1, x2), max(y0, y1, y2)
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if abs(area) < f4(1e-7):
            continue
        scale = f4(1) / area
        vx, vy, wx, wy = (y2 - y0) * scale, (x0 - x2) * scale, (y0 - y1) * scale, (x1 - x0) * scale
        ux = -vx - wx
        fu, fv, fw = inverse(ux), inverse(vx), inverse(wx)
        rise, fall = z1 - z0, z2 - z0
        zx = rise * vx + fall * wx
        left, right = max(0, int(x + near)), min(n - 1, int(xx - near))
        px = f4(left) + half - x0
        for row in range(np.uint64(max(0, int(y + near))), np.uint64(max(min(n - 1, int(yy - near)) + 1, 0))):
            py = f4(int(row)) + half - y0
            v, w = vx * px + vy * py, wx * px + wy * py
            low, high = narrowed(f4(0), f4(right - left), v + spare, vx, fv)
            low, high = narrowed(low, high, w + spare, wx, fw)
            low, high = narrowed(low, high, f4(1) - v - w + spare, ux, fu)
            if low > high:
                continue
            start = z0 + rise * v + fall * w
            for s in range(np.uint64(math.ceil(low)), np.uint64(int(high) + 1)):
                at = np.uint64(left) + s
                depth[row, at] = max(depth[row, at], start + zx * f4(int(s)))


@helper
def _tap(depth: F32, column: float, line: float, near: float, within: float, spacing: float, i: int, j: int) -> float:
    """One comparison with the map, soft over the slack."""
    x, y = np.uint64(np.int64(column + f4(i) * spacing)), np.uint64(np.int64(line + f4(j) * spacing))
    return f4(min(max(near - depth[y, x] * within, f4(0)), f4(1)))


@helper
def lit_shares(row: F32, n: int, depth: F32, frame: F32, turned: float) -> None:
    """0 in shadow … 1 in the light, with a soft edge, for a block. Steps off along the normal, else grazing light mottles.

    Args:
        turned: Of surfaces whose cosine with the light is less nobody asks.
    """
    one = f4(1)
    if depth.shape[0] < 2:
        for x in range(np.uint64(n)):
            row[LIT + x] = one
        return
    slack, scale, spacing = frame[9], frame[12], frame[13]
    out, lift = slack * f4(0.9), slack * f4(0.6)
    rx, ry, rz, ux, uy, uz = frame[0], frame[1], frame[2], frame[3], frame[4], frame[5]
    tx, ty, tz = frame[6], frame[7], frame[8]
    left, bottom, most = frame[10], frame[11], f4(depth.shape[0] - 1) - spacing
    for k in range(np.uint64(n)):
        x, y, z = (
            row[P + k] + row[N + k] * out,
            row[P + Y + k] + row[N + Y + k] * out,
            row[P + Z + k] + row[N + Z + k] * out,
        )
        # Beyond its edge the map is as empty as on it.
        row[COLUMN + k] = min(max((rx * x + ry * y + rz * z - left) * scale, spacing), most)
        row[LINE + k] = min(max((ux * x + uy * y + uz * z - bottom) * scale, spacing), most)
        row[NEAR + k] = (tx * x + ty * y + tz * z + lift) / slack + one
    within = one / slack
    for x in range(np.uint64(n)):
        if row[KEYWARD + x] < turned:
            row[LIT + x] = one
            continue
        column, line, near = row[COLUMN + x], row[LINE + x], row[NEAR + x]
        lit = f4(0)
        for c in range(4):
            lit += _tap(depth, column, line, near, within, spacing, (c & 1) * 2 - 1, (c >> 1) * 2 - 1)
        if f4(0) < lit < f4(4):  # on an edge: the middle and the four sides too
            for c in range(5):
                lit += _tap(depth, column, line, near, within, spacing, (c == 1) - (c == 2), (c == 3) - (c == 4))
            lit *= f4(4 / 9)
        row[LIT + x] = lit * f4(0.25)
