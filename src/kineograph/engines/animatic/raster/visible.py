"""Which triangle every sample of the subject's box sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import helper, kernel, lean
from kineograph.engines.animatic.raster.materials import table
from kineograph.engines.animatic.raster.soup import NEAR, Soup, facing_triangles
from kineograph.engines.animatic.raster.span import inverse, narrowed
from kineograph.engines.animatic.scalar import f4

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Visible:
    """A visibility buffer.

    Attributes:
        x, y: Upper left corner of the box in the picture, pixels.
        per: Samples per pixel and axis.
        ids: (h·per, w·per) triangle of the soup, -1 where nothing is.
        nearness: (h·per, w·per) 1/depth, 0 where nothing is.
    """

    x: int
    y: int
    per: int
    ids: I32
    nearness: F32


def empty(window: tuple[int, int, int, int], per: int) -> Visible:
    """A buffer in which nothing is seen yet, over x, y, width, height."""
    x, y, w, h = window
    shape = (h * per, w * per)
    return Visible(x, y, per, np.full(shape, -1, np.int32), np.zeros(shape, np.float32))


def draw_nearest(soup: Soup, chosen: Bytes, eye: F32, into: Visible) -> None:
    """Let the nearest of the chosen triangles win, against what `into` already holds.

    Args:
        chosen: (M,) 1 for triangles to draw.
        eye: (3,) world.
    """
    back = _turned_away(soup.vertices, soup.normals, eye)
    kept = facing_triangles(soup.triangles, soup.material, chosen, back, table())
    x, y, per = f4(into.x), f4(into.y), f4(into.per)
    _rasterise(soup.screen, soup.triangles, kept, x, y, per, 0, into.nearness, into.ids, into.nearness)


def draw_farthest(soup: Soup, chosen: Bytes, limit: F32, into: Visible) -> None:
    """Let the farthest of the chosen triangles win that is still nearer than `limit` (1/depth): the back of glass."""
    x, y, per = f4(into.x), f4(into.y), f4(into.per)
    _rasterise(soup.screen, soup.triangles, chosen, x, y, per, 1, limit, into.ids, into.nearness)


@kernel
def _turned_away(vertices: F32, normals: F32, eye: F32) -> Bytes:
    """1 where the surface looks away from the eye."""
    out = np.zeros(vertices.shape[0], np.uint8)
    for i in range(vertices.shape[0]):
        d = f4(0)
        for c in range(3):
            d += normals[i, c] * (eye[c] - vertices[i, c])
        out[i] = d < 0
    return out


@helper
def _bounds(a: float, b: float, c: float, limit: int) -> tuple[int, int]:
    """First and last sample centre between the least and greatest of three coordinates."""
    low, high = min(a, b, c), max(a, b, c)
    # Clamped as floats first: a coordinate far off screen does not fit an int.
    return (
        int(np.ceil(min(max(low, f4(0)), f4(limit)) - f4(0.5))),
        int(np.floor(min(max(high, f4(-1)), f4(limit)) - f4(0.5))),
    )


@lean
def _rasterise(
    screen: F32, triangles: I32, kept: Bytes, x0: float, y0: float, per: float, far: int, limit: F32, ids: I32,
    nearness: F32,
) -> None:  # fmt: skip
    """far 0: the nearest wins against `nearness`. far 1: the farthest wins that is nearer than `limit`.

    Row by row, first and last sample of a triangle are worked out, not tried: half as many are looked at.
    """
    height, width = ids.shape
    half, one = f4(0.5), f4(1)
    for k in range(triangles.shape[0]):
        if kept[k] == 0:
            continue
        a, b, c = triangles[k, 0], triangles[k, 1], triangles[k, 2]
        za, zb, zc = screen[a, 2], screen[b, 2], screen[c, 2]
        if max(za, zb, zc) > f4(1 / NEAR):
            continue
        ax, ay = (screen[a, 0] - x0) * per, (screen[a, 1] - y0) * per
        bx, by = (screen[b, 0] - x0) * per, (screen[b, 1] - y0) * per
        cx, cy = (screen[c, 0] - x0) * per, (screen[c, 1] - y0) * per
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < f4(1e-9):
            continue
        left, right = _bounds(ax, bx, cx, width)
        top, bottom = _bounds(ay, by, cy, height)
        if left > right:
            continue
        scale = one / area
        ux, uy = (by - cy) * scale, (cx - bx) * scale
        vx, vy = (cy - ay) * scale, (ax - cx) * scale
        wx = -ux - vx
        fu, fv, fw = inverse(ux), inverse(vx), inverse(wx)
        zx = ux * za + vx * zb + wx * zc
        start = f4(left) + half
        count = f4(right - left)
        for y in range(top, bottom + 1):
            py = f4(y) + half
            u = ux * (start - bx) + uy * (py - by)
            v = vx * (start - cx) + vy * (py - cy)
            w = one - u - v
            low, high = narrowed(f4(0), count, u, ux, fu)
            low, high = narrowed(low, high, v, vx, fv)
            low, high = narrowed(low, high, w, wx, fw)
            if low > high:
                continue
            z0 = u * za + v * zb + w * zc
            for i in range(int(np.ceil(low)), int(high) + 1):
                z, x = z0 + zx * f4(i), left + i
                held = nearness[y, x]
                if (far == 0 and z > held) or (far == 1 and z > limit[y, x] and (held == 0 or z < held)):
                    nearness[y, x] = z
                    ids[y, x] = k
