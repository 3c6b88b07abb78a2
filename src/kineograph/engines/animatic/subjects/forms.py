"""Filleted solids: lathe, extrusion, rounded box, sweep, loft. Every edge is rounded, so that it catches the light."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Point2 = tuple[float, float]

# Corners of a profile sharper than this are rounded.
_SHARP = math.cos(math.radians(24))
# Runs of a lathe's profile are cut to this length, in the units of the recipes (about one unit tall).
_LONGEST = 0.08
# One half ÷ how far the chords of a circle may leave it, in those units: a third of a pixel where one fills a film's height.
_FINE = 1500.0


class Part(NamedTuple):
    """A piece of surface in model axes: x right, y up, front towards -z.

    Attributes:
        vertices, normals: (N, 3); normals are unit and point outwards.
        uv: (N, 2), v downwards, as pictures are drawn.
        triangles: (M, 3).
    """

    vertices: F64
    normals: F64
    uv: F64
    triangles: I64

    def moved(self, at: ArrayLike = (0, 0, 0), turn: F64 | None = None, scale: ArrayLike = 1.0) -> Part:
        """Scaled, then turned, then moved."""
        factor = np.broadcast_to(np.asarray(scale, np.float64), 3)
        vertices, normals = self.vertices * factor, self.normals / factor
        if turn is not None:
            vertices, normals = vertices @ turn.T, normals @ turn.T
        return Part(vertices + np.asarray(at, np.float64), unit(normals), self.uv, self.triangles)


def turned(x: float = 0.0, y: float = 0.0, z: float = 0.0) -> F64:
    """(3, 3) rotation about z, then x, then y, radians. About y, +90° brings the front (-z) to the right (+x)."""
    cx, sx, cy, sy, cz, sz = math.cos(x), math.sin(x), math.cos(y), math.sin(y), math.cos(z), math.sin(z)
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return np.asarray(about_y @ about_x @ about_z, np.float64)


def curve(points: Sequence[ArrayLike], n: int = 32) -> F64:
    """Catmull-Rom spline through the points, (n, dimensions)."""
    p = np.asarray(points, np.float64)
    t = np.linspace(0, len(p) - 1, n)
    i = np.clip(t.astype(int), 0, len(p) - 2)
    f = (t - i)[:, None]
    a, b, c, d = (p[np.clip(i + k, 0, len(p) - 1)] for k in (-1, 0, 1, 2))
    return np.asarray(
        0.5 * (2 * b + (c - a) * f + (2 * a - 5 * b + 4 * c - d) * f**2 + (3 * b - a - 3 * c + d) * f**3), np.float64
    )


def fillet(polyline: ArrayLike, radius: float, *, closed: bool = False, steps: int = 4) -> tuple[F64, F64]:
    """Round the sharp corners of a line.

    Args:
        polyline: (N, 2), with the outside on its right.
        radius: Of the rounding; a corner never takes more than 45 % of the edges beside it.

    Returns:
        Points and their outward normals. Normals are explicit: long flat runs stay flat beside a tiny rounding.
    """
    p = np.asarray(polyline, np.float64)
    p = p[np.r_[True, np.linalg.norm(np.diff(p, axis=0), axis=1) > 1e-7]]
    points: list[F64] = []
    normals: list[F64] = []
    for i in range(len(p)):
        if not closed and i in (0, len(p) - 1):
            points.append(p[i])
            normals.append(_right(p[0], p[1]) if i == 0 else _right(p[-2], p[-1]))
            continue
        before, corner, after = p[i - 1], p[i], p[(i + 1) % len(p)]
        n0, n1 = _right(before, corner), _right(corner, after)
        if float(n0 @ n1) > _SHARP:
            points.append(corner)
            normals.append(unit(n0 + n1))
            continue
        for point, normal in _rounded(before, corner, after, radius, steps):
            points.append(point)
            normals.append(normal)
    return np.array(points), np.array(normals)


def lathe(profile: Sequence[ArrayLike] | F64, *, around: int = 72, radius: float = 0.02) -> Part:
    """Turn a profile of (radius, height), bottom to top with the outside on its right, about the y axis.

    u = 0.5 is the front; v runs along the profile from 1 at its start to 0 at its end. What is thin has fewer pieces around
    than asked for.
    """
    line = np.asarray(profile, np.float64)
    around = min(around, pieces_around(float(line[:, 0].max())))
    p, n = _divided(*fillet(line, radius, steps=min(max(round(_pieces(radius) / 4), 2), 4)))
    angle = np.linspace(-math.pi, math.pi, around + 1)
    sine, cosine = np.sin(angle)[None], -np.cos(angle)[None]
    level = np.ones_like(sine)
    vertices = np.stack([p[:, :1] * sine, p[:, 1:] * level, p[:, :1] * cosine], -1)
    normals = np.stack([n[:, :1] * sine, n[:, 1:] * level, n[:, :1] * cosine], -1)
    along = np.r_[0, np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))]
    u, v = np.meshgrid(np.linspace(0, 1, around + 1), 1 - along / along[-1])
    return _sheet(vertices, normals, np.stack([u, v], -1))


def cylinder(radius: float, height: float, *, edge: float = 0.02, around: int = 48, top: float | None = None) -> Part:
    """Closed, standing on y = 0; `top` is the upper radius where it tapers."""
    upper = radius if top is None else top
    return lathe([(0, 0), (radius, 0), (upper, height), (0, height)], around=around, radius=edge)


def rounded_box(
    width: float, height: float, depth: float, *, radius: float = 0.03, steps: int = 4, cells: int = 2
) -> Part:
    """Centred on the origin. u counts the faces: front 0…1, right 1…2, back, left, top, bottom 5…6."""
    half = np.array([width, height, depth]) / 2
    radius = min(radius, float(half.min()) * 0.98)
    arc = radius * (1 - np.tan(np.linspace(math.pi / 4, 0, steps + 1)))
    lines = [np.r_[-h + arc, np.linspace(-h + radius, h - radius, cells + 1)[1:-1], (h - arc)[::-1]] for h in half]
    faces: list[Part] = []
    # axis that is constant, its side, axis of u and its direction, axis of v
    layout = ((2, -1, 0, 1, 1), (0, 1, 2, 1, 1), (2, 1, 0, -1, 1), (0, -1, 2, -1, 1), (1, 1, 0, 1, 2), (1, -1, 0, 1, 2))
    for number, (fixed, side, across, way, down) in enumerate(layout):
        a, b = np.meshgrid(lines[across], lines[down], indexing="ij")
        cube = np.zeros((*a.shape, 3))
        cube[..., across], cube[..., down], cube[..., fixed] = a, b, side * half[fixed]
        core = np.clip(cube, -half + radius, half - radius)
        normals = unit(cube - core)
        vertices = core + normals * radius
        u = 0.5 + way * vertices[..., across] / (2 * half[across])
        v = 0.5 - vertices[..., down] / (2 * half[down])
        faces.append(_sheet(vertices, normals, np.stack([u * 0.998 + 0.001 + number, v], -1)))
    return joined(faces)


def extrusion(
    outline: Sequence[Point2] | F64, depth: float, *, radius: float = 0.01, corner: float | None = None
) -> Part:
    """A flat piece centred on z = 0, all edges rounded.

    Args:
        outline: (N, 2) counter-clockwise seen from the front, star-shaped about its centroid.
        corner: Rounding of the outline's own corners; `radius` when None.
    """
    p, n = fillet(np.asarray(outline, np.float64), radius if corner is None else corner, closed=True)
    p, n = np.r_[p, p[:1]], np.r_[n, n[:1]]
    low, high = p.min(axis=0), p.max(axis=0)
    rings, normals = [], []
    for side, angles in ((-1.0, np.linspace(math.pi / 2, 0, 4)), (1.0, np.linspace(0, math.pi / 2, 4))):
        for a in angles:
            inset = p - n * radius * (1 - math.cos(a))
            z = side * (depth / 2 - radius * (1 - math.sin(a)))
            rings.append(np.c_[inset, np.full(len(p), z)])
            normals.append(np.c_[n * math.cos(a), np.full(len(p), side * math.sin(a))])
    wall = np.array(rings)
    parts = [_sheet(wall, np.array(normals), _flat_uv(wall, low, high))]
    for ring, side in ((wall[0], -1.0), (wall[-1], 1.0)):
        centre = np.broadcast_to(ring[:-1].mean(axis=0), ring.shape)
        cap = np.stack([centre, ring])
        parts.append(_sheet(cap, np.broadcast_to([0, 0, side], cap.shape), _flat_uv(cap, low, high)))
    return joined(parts)


def sweep(
    path: ArrayLike, radius: ArrayLike, *, around: int = 12, closed: bool = False, squash: Point2 = (1, 1)
) -> Part:
    """A tube along a path (N, 3); radius one for all or one per point; open ends are capped."""
    p = np.asarray(path, np.float64)
    r = np.broadcast_to(np.asarray(radius, np.float64), len(p)).copy()
    tangent = np.gradient(p, axis=0)
    if closed:
        tangent[0] = tangent[-1] = p[1] - p[-2]
    else:
        first, last = unit(tangent[0]), unit(tangent[-1])
        p = np.r_[[p[0] - first * 1e-3] * 2, p, [p[-1] + last * 1e-3] * 2]
        tangent = np.r_[[first, first], tangent, [last, last]]
        r = np.r_[0, r[0] * 0.9, r, r[-1] * 0.9, 0]
    tangent = unit(tangent)
    side = np.array(_carried(tangent))
    up = np.cross(tangent, side)
    angle = np.linspace(0, 2 * math.pi, around + 1)
    cosine, sine = np.cos(angle)[None, :, None], np.sin(angle)[None, :, None]
    wide, tall = squash
    vertices = p[:, None] + (side[:, None] * cosine * wide + up[:, None] * sine * tall) * r[:, None, None]
    normals = unit(side[:, None] * cosine / wide + up[:, None] * sine / tall)
    if not closed:
        normals[:2], normals[-2:] = -tangent[0], tangent[-1]
    return _sheet(vertices, normals, _plain_uv(vertices.shape))


def loft(sections: ArrayLike) -> Part:
    """A skin over rings of points (K, N, 3), each closed (last point = first). Normals point away from the rings' middle."""
    p = np.asarray(sections, np.float64)
    ring = p[:, :-1]
    along = np.gradient(p, axis=0)
    about = np.roll(ring, -1, axis=1) - np.roll(ring, 1, axis=1)
    about = np.concatenate([about, about[:, :1]], axis=1)
    normals = np.cross(along, about)
    outwards = p - ring.mean(axis=1, keepdims=True)
    if float((normals * outwards).sum()) < 0:
        normals = -normals
    return _sheet(p, unit(normals), _plain_uv(p.shape))


def ellipsoid(rx: float, ry: float | None = None, rz: float | None = None, *, n: int = 24) -> Part:
    """Centred on the origin."""
    radii = np.array([rx, rx if ry is None else ry, rx if rz is None else rz])
    a, b = np.meshgrid(np.linspace(-math.pi / 2, math.pi / 2, n), np.linspace(-math.pi, math.pi, 2 * n), indexing="ij")
    ways = np.stack([np.cos(a) * np.sin(b), np.sin(a), -np.cos(a) * np.cos(b)], -1)
    return _sheet(ways * radii, unit(ways / radii), np.stack([b / (2 * math.pi) + 0.5, 0.5 - a / math.pi], -1))


def torus(ring: float, tube: float, *, around: int = 64, section: int = 16) -> Part:
    """Lying flat around the y axis. What is thin has fewer pieces around than asked for."""
    around, section = min(around, pieces_around(ring + tube)), min(section, max(math.ceil(_pieces(tube)), 6))
    a = np.linspace(0, 2 * math.pi, around + 1)[:, None]
    b = np.linspace(0, 2 * math.pi, section + 1)[None]
    normals = np.stack([np.cos(b) * np.cos(a), np.sin(b) + 0 * a, np.cos(b) * np.sin(a)], -1)
    centre = np.stack([np.cos(a) + 0 * b, 0 * a + 0 * b, np.sin(a) + 0 * b], -1) * ring
    return _sheet(centre + normals * tube, normals, _plain_uv(normals.shape))


def disc(radius: float, *, around: int = 72) -> Part:
    """A flat disc at z = 0 that faces the front, with uv as a picture on it."""
    a = np.linspace(0, 2 * math.pi, around + 1)[None]
    r = np.linspace(0, radius, 4)[:, None]
    vertices = np.stack([r * np.cos(a), r * np.sin(a), 0 * r * a], -1)
    normals = np.broadcast_to([0.0, 0.0, -1.0], vertices.shape)
    return _sheet(vertices, normals, vertices[..., :2] / (2 * radius) * [1, -1] + 0.5)


def sheet_facing(rows: ArrayLike, towards: ArrayLike) -> Part:
    """A flat grid of points (rows, columns, 3) whose normal is the given direction: an end cap."""
    p = np.asarray(rows, np.float64)
    return _sheet(p, np.broadcast_to(unit(np.asarray(towards, np.float64)), p.shape), _plain_uv(p.shape))


def sheet_with(points: F64, normals: F64) -> Part:
    """A grid of points (rows, columns, 3) with normals of its own."""
    return _sheet(points, normals, _plain_uv(points.shape))


def joined(parts: Sequence[Part]) -> Part:
    """Several parts as one."""
    starts = np.cumsum([0] + [len(p.vertices) for p in parts[:-1]])
    return Part(
        np.concatenate([p.vertices for p in parts]),
        np.concatenate([p.normals for p in parts]),
        np.concatenate([p.uv for p in parts]),
        np.concatenate([p.triangles + s for p, s in zip(parts, starts, strict=True)]),
    )


def unit(v: F64) -> F64:
    """Vectors (…, 3) or (…, 2) at length 1; zero stays zero."""
    return np.asarray(v / (np.linalg.norm(v, axis=-1, keepdims=True) + 1e-12), np.float64)


def pieces_around(radius: float) -> int:
    """Pieces that make a circle of this radius look round; eights, so that what lies close around another is cut alike."""
    return max(-(-math.ceil(_pieces(radius)) // 8) * 8, 16)


def _pieces(radius: float) -> float:
    """Of a whole circle."""
    return math.pi * math.sqrt(max(radius, 0.0) * _FINE)


def _right(a: F64, b: F64) -> F64:
    """Unit normal to the right of the way from a to b."""
    return unit(np.array([b[1] - a[1], a[0] - b[0]]))


def _rounded(before: F64, corner: F64, after: F64, radius: float, steps: int) -> list[tuple[F64, F64]]:
    """A quadratic Bezier in place of a corner."""
    back, ahead = float(np.linalg.norm(before - corner)), float(np.linalg.norm(after - corner))
    r = min(radius, back * 0.45, ahead * 0.45)
    start, end = corner + (before - corner) / back * r, corner + (after - corner) / ahead * r
    n0, n1 = _right(before, corner), _right(corner, after)
    return [
        ((1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t * t * end, unit(n0 * (1 - t) + n1 * t))
        for t in np.linspace(0, 1, steps + 1)
    ]


def _divided(points: F64, normals: F64) -> tuple[F64, F64]:
    """Cut long runs of a profile: occlusion and colours are kept per vertex and need some to live on."""
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    along = np.r_[0, np.cumsum(lengths)]
    pieces = np.maximum(np.ceil(lengths / _LONGEST), 1).astype(int)
    at = np.concatenate(
        [np.linspace(a, b, k, endpoint=False) for a, b, k in zip(along, along[1:], pieces, strict=False)]
    )
    at = np.r_[at, along[-1]]
    divided = [np.stack([np.interp(at, along, v[:, c]) for c in (0, 1)], 1) for v in (points, normals)]
    return divided[0], unit(divided[1])


def _carried(tangents: F64) -> list[F64]:
    """A side vector carried along the path without twisting (parallel transport)."""
    side = np.cross(tangents[0], [0.0, 1.0, 0.0] if abs(tangents[0][1]) < 0.9 else [1.0, 0.0, 0.0])
    out = []
    for tangent in tangents:
        side = unit(side - tangent * float(side @ tangent))
        out.append(side)
    return out


def _plain_uv(shape: tuple[int, ...]) -> F64:
    u, v = np.meshgrid(np.linspace(0, 1, shape[1]), np.linspace(0, 1, shape[0]))
    return np.stack([u, v], -1)


def _flat_uv(points: F64, low: F64, high: F64) -> F64:
    scaled = (points[..., :2] - low) / np.maximum(high - low, 1e-9)
    return np.stack([scaled[..., 0], 1 - scaled[..., 1]], -1)


def _sheet(vertices: F64, normals: ArrayLike, uv: F64) -> Part:
    """A grid (rows, columns, 3) as triangles."""
    rows, columns = vertices.shape[:2]
    i = np.arange(rows * columns).reshape(rows, columns)
    quads = np.stack([i[:-1, :-1], i[1:, :-1], i[1:, 1:], i[:-1, 1:]], -1).reshape(-1, 4)
    return Part(
        vertices.reshape(-1, 3),
        unit(np.asarray(normals, np.float64)).reshape(-1, 3),
        np.asarray(uv, np.float64).reshape(-1, 2),
        np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]),
    )
