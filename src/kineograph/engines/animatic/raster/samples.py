"""From the visibility buffer to Samples: where light is worked out once, and where it must be worked out more often."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import helper, lean
from kineograph.engines.animatic.raster.block import ONE
from kineograph.engines.animatic.raster.materials import material as number_of
from kineograph.engines.animatic.raster.mesh import Painter, Posed, Samples
from kineograph.engines.animatic.raster.soup import Soup
from kineograph.engines.animatic.raster.visible import Visible
from kineograph.engines.animatic.scalar import f4

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
Bytes = NDArray[np.uint8]

# Samples of one pixel are one surface when their depths differ by less than this share …
SAME_DEPTH = 0.012
# … and their triangles' normals by less than about 25 degrees: a narrow fillet keeps its glint.
SAME_NORMAL = 0.9
# What a painter may change; the rest is read only.
CHANGEABLE = ("colour", "normal", "occlusion", "emission", "material")


@dataclass(frozen=True, slots=True)
class Points:
    """Places to light, in scan order; all points of a pixel follow each other.

    Attributes:
        triangle: (K,) of the soup.
        x, y: (K,) where in the picture, pixels.
        pixel: (K,) row·width + column in the box.
        share: (K,) of the pixel's area it stands for, 0…1.
    """

    triangle: I32
    x: F32
    y: F32
    pixel: I32
    share: F32


def points_of(soup: Soup, seen: Visible) -> Points:
    """One point per pixel where all samples see one surface, one per sample elsewhere."""
    room = int(np.count_nonzero(seen.ids >= 0))
    triangle, pixel = np.empty(room, np.int32), np.empty(room, np.int32)
    x, y, share = (np.empty(room, np.float32) for _ in range(3))
    n = _collect(
        seen.ids, seen.nearness, soup.triangles, soup.normals, soup.material, soup.part, seen.per,
        f4(seen.x), f4(seen.y), triangle, x, y, pixel, share,
    )  # fmt: skip
    return Points(triangle[:n], x[:n], y[:n], pixel[:n], share[:n])


def samples_of(soup: Soup, points: Points, focal: float) -> Samples:
    """Interpolate the surface at every point, perspective-correct.

    Args:
        focal: Focal length in pixels, for the footprint.
    """
    k = len(points.triangle)
    position, normal, rest, colour = (np.empty((k, 3), np.float32) for _ in range(4))
    uv, occlusion, footprint = np.empty((k, 2), np.float32), np.empty(k, np.float32), np.empty(k, np.float32)
    material, part = np.empty(k, np.uint8), np.empty(k, np.uint16)
    _interpolate(
        soup.screen, soup.triangles, soup.vertices, soup.normals, soup.rest, soup.colour, soup.uv, soup.occlusion,
        soup.material, soup.part, points.triangle, points.x, points.y, f4(1 / focal),
        position, normal, rest, colour, uv, occlusion, footprint, material, part,
    )  # fmt: skip
    emission = np.zeros((k, 3), np.float32)
    return Samples(position, normal, rest, colour, uv, occlusion, emission, material, part, footprint)


def paint(samples: Samples, posed: Sequence[Posed], soup: Soup, points: Points) -> None:
    """Run every mesh's painters on the samples of that mesh; they may change the fields of `CHANGEABLE`."""
    for number, one in enumerate(posed):
        if not one.painters:
            continue
        if len(posed) == 1:
            for painter in one.painters:
                painter(samples)
            return
        first, last = soup.first[number], soup.first[number + 1]
        mine = np.flatnonzero((points.triangle >= first) & (points.triangle < last))
        _through(samples, mine, one.painters)


def only(name: str, painter: Painter) -> Painter:
    """A painter that is shown nothing but the samples of one material."""
    number = number_of(name)

    def masked(samples: Samples) -> None:
        _through(samples, np.flatnonzero(samples.material == number), (painter,))

    return masked


def _through(samples: Samples, chosen: NDArray[np.int64], painters: Sequence[Callable[[Samples], None]]) -> None:
    """Let painters change the chosen rows."""
    if not len(chosen):
        return
    if len(chosen) == len(samples.material):  # all of them: nothing to pick out and put back
        for painter in painters:
            painter(samples)
        return
    part = Samples(**{f.name: getattr(samples, f.name).take(chosen, axis=0) for f in fields(Samples)})
    for painter in painters:
        painter(part)
    for name in CHANGEABLE:
        getattr(samples, name)[chosen] = getattr(part, name)


@helper
def _alike(a: np.uint64, b: np.uint64, triangles: I32, normals: F32, material: Bytes, part: NDArray[np.uint16]) -> bool:
    """Two triangles are of one smooth surface."""
    if material[a] != material[b] or part[a] != part[b]:
        return False
    i, j = np.uint64(triangles[a, 0]), np.uint64(triangles[b, 0])
    dot = normals[i, 0] * normals[j, 0] + normals[i, 1] * normals[j, 1] + normals[i, 2] * normals[j, 2]
    return bool(dot > f4(SAME_NORMAL))


@lean
def _collect(
    ids: I32, nearness: F32, triangles: I32, normals: F32, material: Bytes, part: NDArray[np.uint16], per: int, x0: float,
    y0: float, triangle: I32, xs: F32, ys: F32, pixel: I32, share: F32,
) -> int:  # fmt: skip
    """Fill the five result arrays; how many rows were used."""
    side, width = np.uint64(per), ids.shape[1] // per
    half, step, whole = f4(0.5), f4(1) / f4(per), f4(1) / f4(per * per)
    n = np.uint64(0)  # unsigned, as all indices: numba guards signed ones
    for y in range(np.uint64(ids.shape[0] // per)):
        for x in range(np.uint64(width)):
            covered, last, one = 0, np.int32(-1), True
            low, high = f4(1e9), f4(0)
            across, down = 0, 0
            for s in range(side):
                for r in range(side):
                    k = ids[y * side + s, x * side + r]
                    if k < 0:
                        continue
                    z = nearness[y * side + s, x * side + r]
                    low, high = min(low, z), max(high, z)
                    if k != last and last >= 0 and one:
                        one = _alike(np.uint64(last), np.uint64(k), triangles, normals, material, part)
                    last = k
                    covered, across, down = covered + 1, across + int(r), down + int(s)
            if covered == 0:
                continue
            left, top, at = x0 + f4(int(x)), y0 + f4(int(y)), y * np.uint64(width) + x
            if covered > 1 and one and high - low < high * f4(SAME_DEPTH):
                triangle[n], pixel[n], share[n] = last, at, whole * f4(covered)
                xs[n], ys[n] = (
                    left + (f4(across) / f4(covered) + half) * step,
                    top + (f4(down) / f4(covered) + half) * step,
                )
                n += ONE
                continue
            for s in range(side):
                for r in range(side):
                    k = ids[y * side + s, x * side + r]
                    if k >= 0:
                        triangle[n], pixel[n], share[n] = k, at, whole
                        xs[n], ys[n] = left + (f4(int(r)) + half) * step, top + (f4(int(s)) + half) * step
                        n += ONE
    return int(n)


@helper
def _weights(screen: F32, a: int, b: int, c: int, x: float, y: float) -> tuple[float, float, float, float]:
    """Perspective-correct weights of three corners at a point of the picture; and the depth there.

    The point may lie a little outside (the middle of a pixel whose samples see several triangles): the plane is then
    carried on, because clamping would slide along thin triangles and tear pictures on them.
    """
    bx, by = screen[b, 0] - screen[a, 0], screen[b, 1] - screen[a, 1]
    cx, cy = screen[c, 0] - screen[a, 0], screen[c, 1] - screen[a, 1]
    px, py = x - screen[a, 0], y - screen[a, 1]
    scale = f4(1) / (bx * cy - by * cx)
    v = min(max((px * cy - py * cx) * scale, f4(-1)), f4(2))
    w = min(max((bx * py - by * px) * scale, f4(-1)), f4(2))
    u = (f4(1) - v - w) * screen[a, 2]
    v *= screen[b, 2]
    w *= screen[c, 2]
    depth = f4(1) / (u + v + w)
    return u * depth, v * depth, w * depth, depth


@helper
def _mix(values: F32, a: int, b: int, c: int, i: int, u: float, v: float, w: float) -> float:
    """Weighted mean of one column of three rows."""
    return f4(values[a, i] * u + values[b, i] * v + values[c, i] * w)


@lean
def _interpolate(
    screen: F32, triangles: I32, vertices: F32, normals: F32, rests: F32, colours: F32, uvs: F32, occlusions: F32,
    materials: Bytes, parts: NDArray[np.uint16], triangle: I32, xs: F32, ys: F32, pixel_at_one_metre: float,
    position: F32, normal: F32, rest: F32, colour: F32, uv: F32, occlusion: F32, footprint: F32, material: Bytes,
    part: NDArray[np.uint16],
) -> None:  # fmt: skip
    for k in range(np.uint64(triangle.shape[0])):  # unsigned: numba guards signed indices, and there are sixty of them
        t = np.uint64(triangle[k])
        a, b, c = np.uint64(triangles[t, 0]), np.uint64(triangles[t, 1]), np.uint64(triangles[t, 2])
        u, v, w, depth = _weights(screen, a, b, c, xs[k], ys[k])
        nx, ny = _mix(normals, a, b, c, 0, u, v, w), _mix(normals, a, b, c, 1, u, v, w)
        nz = _mix(normals, a, b, c, 2, u, v, w)
        unit = f4(1) / math.sqrt(nx * nx + ny * ny + nz * nz + f4(1e-18))
        normal[k, 0], normal[k, 1], normal[k, 2] = nx * unit, ny * unit, nz * unit
        for i in range(3):
            position[k, i] = _mix(vertices, a, b, c, i, u, v, w)
            rest[k, i] = _mix(rests, a, b, c, i, u, v, w)
            colour[k, i] = _mix(colours, a, b, c, i, u, v, w)
        uv[k, 0], uv[k, 1] = _mix(uvs, a, b, c, 0, u, v, w), _mix(uvs, a, b, c, 1, u, v, w)
        occlusion[k] = occlusions[a] * u + occlusions[b] * v + occlusions[c] * w
        footprint[k] = depth * pixel_at_one_metre
        material[k], part[k] = materials[t], parts[t]


@lean
def settle(layer: F32, pixel: I32, share: F32, rgba: F32) -> None:
    """Add each pixel's points, by the share of it they cover.

    Their mean is weighted 1/(1 + brightest): one glint among four may not flicker as a white dot.

    Args:
        layer: (K, 4) linear, premultiplied. rgba: (pixels, 4), changed in place.
    """
    k, count = np.uint64(0), np.uint64(pixel.shape[0])
    while k < count:
        p, covered, total = np.uint64(pixel[k]), f4(0), f4(0)
        r, g, b, a = f4(0), f4(0), f4(0), f4(0)
        while k < count and np.uint64(pixel[k]) == p:
            weight = share[k] / (f4(1) + max(layer[k, 0], layer[k, 1], layer[k, 2]))
            covered += share[k]
            total += weight
            r += layer[k, 0] * weight
            g += layer[k, 1] * weight
            b += layer[k, 2] * weight
            a += layer[k, 3] * weight
            k += ONE
        scale = covered / total
        rgba[p, 0] += r * scale
        rgba[p, 1] += g * scale
        rgba[p, 2] += b * scale
        rgba[p, 3] += a * scale
