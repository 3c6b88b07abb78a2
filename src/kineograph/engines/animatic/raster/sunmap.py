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
from kineograph.engines.animatic.raster.soup import EVERYWHERE, Soup, bounds, facing_triangles
from kineograph.engines.animatic.raster.span import inverse, narrowed
from kineograph.engines.animatic.scalar import f4

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

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


def sun_map(soup: Soup, light: Light, casts: NDArray[np.uint8]) -> SunMap:
    """Draw the chosen triangles as the key light sees them.

    Args:
        casts: (M,) 1 for triangles that cast a shadow (glass does not).
    """
    if float(light.key.max()) < _DIM:
        return no_map()
    frame = np.zeros(14, np.float32)
    axes = axes_of(light.direction)
    seen = soup.vertices @ axes.T
    low, high = bounds(seen, EVERYWHERE)
    scale = np.float32((SIZE - 8) / max(float((high - low)[:2].max()), 1e-3))
    low -= 4 / scale
    seen[:, :2] = (seen[:, :2] - low[:2]) * scale
    away = (soup.normals @ axes[2] < 0).astype(np.uint8)
    facing = facing_triangles(soup.triangles, soup.material, casts, away, table())
    depth = depth_map(np.ascontiguousarray(seen, np.float32), soup.triangles, facing, SIZE)
    # The penumbra across an arm of 0.1 of the subject's size, as the light's softness asks for.
    spacing = np.clip(light.softness * 0.06 * SIZE, 1.4, 5.0)
    frame[:] = (*axes.ravel(), _SLACK / scale, low[0], low[1], scale, spacing)
    return SunMap(depth, frame)


def depth_map(seen: F32, triangles: I32, chosen: NDArray[np.uint8], texels: int) -> F32:
    """(texels, texels) greatest depth coordinate of the chosen triangles, -1e9 where there are none.

    Args:
        seen: (N, 3) column and row in texels, and the coordinate towards the light.
    """
    depth = np.full((texels, texels), -1e9, np.float32)
    _nearest_to_light(seen, triangles, chosen, depth)
    return depth


@lean
def _nearest_to_light(seen: F32, triangles: I32, casts: NDArray[np.uint8], depth: F32) -> None:
    """Depth only; coverage is generous by a twentieth of a triangle: no pinholes."""
    n = depth.shape[0]
    half, spare = f4(0.5), f4(0.05)
    near = f4(0.4)  # texels whose middle is a tenth outside still count
    for k in range(triangles.shape[0]):
        if casts[k] == 0:
            continue
        i, j, m = triangles[k, 0], triangles[k, 1], triangles[k, 2]
        x0, y0, x1, y1, x2, y2 = seen[i, 0], seen[i, 1], seen[j, 0], seen[j, 1], seen[m, 0], seen[m, 1]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if abs(area) < f4(1e-7):
            continue
        scale = f4(1) / area
        vx, vy, wx, wy = (y2 - y0) * scale, (x0 - x2) * scale, (y0 - y1) * scale, (x1 - x0) * scale
        ux = -vx - wx
        fu, fv, fw = inverse(ux), inverse(vx), inverse(wx)
        rise, fall = seen[j, 2] - seen[i, 2], seen[m, 2] - seen[i, 2]
        left, right = max(0, int(min(x0, x1, x2) + near)), min(n - 1, int(max(x0, x1, x2) - near))
        px = f4(left) + half - x0
        for y in range(max(0, int(min(y0, y1, y2) + near)), min(n - 1, int(max(y0, y1, y2) - near)) + 1):
            py = f4(y) + half - y0
            v, w = vx * px + vy * py, wx * px + wy * py
            low, high = narrowed(f4(0), f4(right - left), v + spare, vx, fv)
            low, high = narrowed(low, high, w + spare, wx, fw)
            low, high = narrowed(low, high, f4(1) - v - w + spare, ux, fu)
            if low > high:
                continue
            z0, zx = seen[i, 2] + rise * v + fall * w, rise * vx + fall * wx
            for s in range(math.ceil(low), int(high) + 1):
                depth[y, left + s] = max(depth[y, left + s], z0 + zx * f4(s))


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
