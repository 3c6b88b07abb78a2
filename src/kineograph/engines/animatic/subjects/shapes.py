"""The forms that rows of parts are written in: filleted solids, bodies over stations, hulls, aerofoils, leaves, melted blobs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kineograph.engines.animatic.subjects import forms
from kineograph.engines.animatic.subjects.forms import Part
from kineograph.engines.animatic.subjects.nets import surface
from kineograph.engines.animatic.subjects.sdf import Shape

F64 = NDArray[np.float64]
Numbers = Sequence[float]


def box(size: Numbers, round: float = 0.03, cells: int = 2) -> Part:
    """Rounded box about the origin."""
    width, height, depth = size
    steps = 2 if round < 0.06 * max(size) else 4  # what looks sharp needs no more
    return forms.rounded_box(width, height, depth, radius=round, cells=cells, steps=steps)


def cylinder(r: float, h: float, top: float | None = None, edge: float = 0.02, around: int = 40) -> Part:
    """Standing on y = 0; with `top` it tapers to that radius."""
    return lathe([(0, 0), (r, 0), (r if top is None else top, h), (0, h)], edge, around)


def lathe(profile: Sequence[Numbers], edge: float = 0.02, around: int = 48, smooth: int = 0) -> Part:
    """Turned about y; with `smooth` the profile is a curve of so many points."""
    line = forms.curve(profile, smooth) if smooth else np.asarray(profile, np.float64)
    line = np.maximum(line, [0.0, -np.inf])
    # Long runs are cut for a model of about one unit: a tower needs no more pieces than a cup.
    size = max(float(np.ptp(line[:, 1])), float(line[:, 0].max()), 1.0)
    made = forms.lathe(line / size, around=around, radius=edge / size).moved(scale=size)
    return faceted(made) if around < 8 else made


def faceted(made: Part) -> Part:
    """The same surface with flat faces: spires and pyramids have edges."""
    corners = made.vertices[made.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    smooth = made.normals[made.triangles].mean(axis=1)
    normals = np.where((normals * smooth).sum(axis=1, keepdims=True) < 0, -normals, normals)
    flat = np.linalg.norm(normals, axis=1, keepdims=True) < 1e-12
    normals = forms.unit(np.where(flat, smooth + np.array([0, 1e-9, 0]), normals))
    uv = made.uv[made.triangles].reshape(-1, 2)
    triangles = np.arange(corners.size // 3).reshape(-1, 3)
    return Part(corners.reshape(-1, 3), np.repeat(normals, 3, axis=0), uv, triangles)


def ball(r: float | Numbers, n: int = 20) -> Part:
    """Sphere or ellipsoid about the origin."""
    radii = [r] * 3 if isinstance(r, (int, float)) else list(r)
    return forms.ellipsoid(*radii, n=n)


def extrude(outline: Sequence[Numbers], depth: float, edge: float = 0.02, corner: float | None = None) -> Part:
    """An outline in the picture plane, counter-clockwise, with depth along z."""
    points = np.asarray(outline, np.float64)
    return forms.extrusion(points, depth, radius=edge, corner=corner)


def sweep(
    path: Sequence[Numbers],
    r: float | Numbers,
    smooth: int = 0,
    around: int = 10,
    closed: bool = False,
    squash: Numbers = (1, 1),
) -> Part:
    """A tube along points; several radii are spread evenly along it."""
    line = forms.curve(path, smooth) if smooth else np.asarray(path, np.float64)
    radii = np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, np.size(r)), np.ravel(np.asarray(r, np.float64)))
    return forms.sweep(line, radii, around=around, closed=closed, squash=(squash[0], squash[1]))


def torus(r: float, tube: float, around: int = 48, section: int = 12) -> Part:
    """Lying flat."""
    return forms.torus(r, tube, around=around, section=section)


def disc(r: float) -> Part:
    """Flat, facing -z."""
    return forms.disc(r, around=48)


def body(stations: Sequence[Numbers], square: float = 2.6, tumble: float = 0.0, n: int = 44, around: int = 26) -> Part:
    """A closed body over stations along x.

    Args:
        stations: (x, bottom, top, half width), tail to nose; a smooth curve goes through them.
        square: 2 is round, 8 nearly a box.
        tumble: How much narrower it is at the top, 0…1.
    """
    line = forms.curve(stations, n)
    x, low, high, wide = line.T
    high, wide = np.maximum(high, low + 1e-3), np.maximum(wide, 1e-3)
    a = np.linspace(0, 2 * math.pi, 2 * around + 1)
    across, up = (np.sign(v) * np.abs(v) ** (2 / square) for v in (np.cos(a), np.sin(a)))
    taper = 1 - tumble * np.clip(up, 0, 1) ** 1.4
    rings = np.stack(
        [
            x[:, None] + 0 * a,
            ((low + high) / 2)[:, None] + ((high - low) / 2)[:, None] * up,
            wide[:, None] * across * taper,
        ],
        -1,
    )
    return capped(rings)


def capped(rings: F64) -> Part:
    """A skin over rings along x, closed flat at both ends."""
    parts = [forms.loft(rings)]
    for end, way in ((rings[0], -1.0), (rings[-1], 1.0)):
        parts.append(forms.sheet_facing(np.stack([np.broadcast_to(end.mean(axis=0), end.shape), end]), (way, 0, 0)))
    return forms.joined(parts)


def hull(
    length: float,
    beam: float,
    depth: float,
    sheer: float = 0.2,
    stern: float = 0.7,
    fine: float = 0.5,
    rake: float = 0.1,
) -> Part:
    """A boat's hull along x, bow forward, keel at y = 0, closed by its deck.

    Args:
        beam: Half the width. sheer: how much bow and stern rise. stern: its width ÷ the beam, 0 pointed.
        fine: Where the bow begins to narrow, 0…1 of the length. rake: how far the bow leans forward ÷ length.
    """
    u = np.linspace(0, 1, 56)
    fore = np.clip((u - fine) / (1 - fine), 0, 1)
    aft = np.clip((0.45 - u) / 0.45, 0, 1)
    wide = beam * np.clip(1 - fore**2.1, 0.006, 1) * np.maximum(1 - (1 - stern) * aft**2, 0.006)
    top = depth + sheer * (2 * u - 0.8) ** 2
    keel = 0.4 * depth * np.clip((u - 0.8) / 0.2, 0, 1) ** 2 + 0.3 * depth * np.clip((0.12 - u) / 0.12, 0, 1) ** 2
    q = np.linspace(-1, 1, 41)
    fullness = 0.5 + 0.5 * fore[:, None]
    z = np.sign(q) * wide[:, None] * np.abs(q) ** fullness
    y = keel[:, None] + (top - keel)[:, None] * np.abs(q) ** 2.2
    x = length * (u - 0.5)[:, None] + rake * length * fore[:, None] * q**2
    side = np.stack([x, y, z], -1)
    inner = np.linspace(1, -1, 7)[1:-1]
    deck = np.stack([x[:, -1:] + 0 * inner, y[:, -1:] - 0.04 * depth + 0 * inner, z[:, -1:] * inner], -1)
    return capped(np.concatenate([side, deck, side[:, :1]], axis=1))


def wing(root: float, tip: float, span: float, back: float = 0.0, rise: float = 0.0, thick: float = 0.1) -> Part:
    """An aerofoil that grows along +z: chords along x at its root and tip, swept `back` and rising by `rise`."""
    t = np.linspace(0, 1, 14)[:, None]
    a = np.linspace(0, 2 * math.pi, 33)[None]
    chord = root + (tip - root) * t
    shut = np.where(t < 0.97, 1.0, 0.3)
    x = chord * 0.5 * np.cos(a) - back * t
    y = rise * t + thick * chord * np.sin(a) * (0.55 + 0.45 * np.cos(a)) * shut
    rings = np.stack([x, y, span * t + 0 * a], -1)
    tipped = rings[-1]
    cap = np.stack([np.broadcast_to(tipped.mean(axis=0), tipped.shape), tipped])
    return forms.joined([forms.loft(rings), forms.sheet_facing(cap, (0, 0, 1))])


def leaf(
    length: float,
    right: Numbers,
    left: Numbers | None = None,
    curl: float = 0.0,
    cup: float = 0.0,
    wave: float = 0.0,
    n: int = 12,
    m: int = 7,
) -> Part:
    """A sheet that grows along +y and faces -z: petals, leaves, feathers, fins, sails.

    Args:
        right, left: Half widths from root to tip, evenly spaced; left mirrors right when not given.
        curl: Degrees its tip bends towards -z. cup: depth of its middle behind its edges ÷ width. wave: ruffle of its edge ÷ width.
    """
    s = np.linspace(0, 1, n)
    wide = [np.interp(s, np.linspace(0, 1, len(side)), side) for side in (left or right, right)]
    bend = math.radians(curl) * s
    step = length / (n - 1)
    y = np.r_[0, np.cumsum(step * np.cos((bend[1:] + bend[:-1]) / 2))]
    z = np.r_[0, np.cumsum(-step * np.sin((bend[1:] + bend[:-1]) / 2))]
    u = np.linspace(-1, 1, m)
    x = np.where(u < 0, wide[0][:, None] * u, wide[1][:, None] * u)
    half = (wide[0] + wide[1])[:, None] / 2
    deep = half * (cup * (1 - u**2) + wave * np.abs(u) ** 3 * np.sin(9 * s)[:, None])
    points = np.stack([x, y[:, None] + deep * np.sin(bend)[:, None], z[:, None] + deep * np.cos(bend)[:, None]], -1)
    return skin(points)


def netting(width: float, height: float, meshes: int = 11, folds: float = 3.0, r: float = 0.0045) -> Part:
    """A net that hangs from two points `width` apart at y = height, in folds, gathered towards its hem: diamonds of twine."""

    def hangs(u: F64, v: F64) -> F64:
        narrow = width * (1 - 0.42 * v**1.3)
        sag = 0.16 * height * 4 * u * (1 - u) * (1 - 0.55 * v)
        deep = (0.02 + 0.10 * v) * height * np.sin(math.tau * folds * u + 0.6 * np.sin(5 * v)) - 0.10 * height * v
        return np.stack([narrow * (u - 0.5), height * (1 - v) * (1 - 0.04 * np.sin(9 * u)) - sag, deep], -1)

    parts = []
    steps = np.linspace(0, 1, 3 * meshes)
    for way in (1.0, -1.0):
        for k in range(-meshes + 1, meshes):
            u = steps if way > 0 else 1 - steps
            v = (steps - k / meshes)[(inside := (steps >= k / meshes) & (steps - k / meshes <= 1))]
            if inside.sum() > 2:
                parts.append(forms.sweep(hangs(u[inside], v), r, around=4))
    return forms.joined(parts)


def web(
    near: Sequence[Numbers], far: Sequence[Numbers], scallop: float = 0.2, billow: float = 0.04, n: int = 9
) -> Part:
    """A membrane between two bones, each from its root to its tip.

    Args:
        scallop: How far its free edge is drawn in between the tips ÷ its length. billow: how far it is blown up (+y).
    """
    across = np.linspace(0, 1, n)[:, None]
    hang = 4 * across * (1 - across)
    along = np.linspace(0.02, 1, n)[None] * (
        1 - scallop * hang
    )  # not from 0: bones that begin at one point have no web there
    (a, b), (c, d) = np.asarray(near, np.float64), np.asarray(far, np.float64)
    one, other = a + (b - a) * along[..., None], c + (d - c) * along[..., None]
    points = one + (other - one) * across[..., None]
    points[..., 1] += billow * hang * along
    return skin(points)


def gore(profile: Sequence[Numbers], degrees: float, swell: float = 0.05, n: int = 40) -> Part:
    """A slice of a balloon between two seams, around the profile (radius, height); it swells between them."""
    line = forms.curve(profile, n)
    u = np.linspace(-0.5, 0.5, 7)
    around = np.radians(degrees) * u
    out = line[:, :1] * (1 - swell / 2 + swell * np.cos(math.pi * u))
    points = np.stack([out * np.sin(around), line[:, 1:] + 0 * u, -out * np.cos(around)], -1)
    return skin(points)


def skin(points: F64) -> Part:
    """A grid of points (rows, columns, 3) as a sheet with its own normals."""
    along, across = np.gradient(points, axis=0), np.gradient(points, axis=1)
    # A leaf that ends in a point has no width there: take its neighbour's direction.
    flat = np.linalg.norm(across, axis=-1, keepdims=True) < 1e-9
    across = np.where(flat, np.array([1e-3, 0, 0]), across)
    normals = np.cross(along, across)
    return forms.sheet_with(points, normals)


def melt(blobs: Sequence[Sequence[Any]], cell: float = 0.02, blend: float = 0.05) -> Part:
    """Blobs melted into one skin.

    Args:
        blobs: ("ball", centre, radii) or ("cone", from, to, radius, radius there).
        cell: Grid step.
    """
    shape = Shape("matte", cell)
    for kind, at, *rest in blobs:
        if kind == "ball":
            shape.ellipsoid(at, rest[0], bone=0, colour=(1, 1, 1), blend=blend)
        else:
            shape.cone(at, rest[0], rest[1], rest[2], bone=0, colour=(1, 1, 1), blend=blend)
    vertices, normals, triangles = surface(shape.primitives(), cell)
    uv = np.zeros((len(vertices), 2))
    return Part(vertices.astype(np.float64), normals.astype(np.float64), uv, triangles.astype(np.int64))


def leaves(radii: ArrayLike, count: int, size: float, seed: int = 0, hang: float = 0.0, long: float = 1.6) -> Part:
    """A cloud of small leaves over an ellipsoid; their normals are the cloud's, so that it is lit as one soft body.

    Args:
        hang: 0 leaves look out … 1 they hang down. long: length ÷ width.
    """
    rng = np.random.default_rng(seed)
    way = rng.normal(size=(count, 3))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    deep = rng.uniform(0.45, 1.0, (count, 1)) ** 0.5
    at = way * np.asarray(radii, np.float64) * deep
    out = forms.unit(way + rng.normal(scale=0.45, size=(count, 3)))
    along = forms.unit(np.cross(out, rng.normal(size=(count, 3)))) * (1 - hang) + np.array([0, -1.0, 0]) * hang
    along = forms.unit(along + 0.2 * rng.normal(size=(count, 3)))
    side = forms.unit(np.cross(along, out))
    big = size * rng.uniform(0.7, 1.25, (count, 1))
    corners = np.stack([-along * long / 2, side / 2, along * long / 2, -side / 2], 1) * big[:, None]
    vertices = (at[:, None] + corners).reshape(-1, 3)
    first = 4 * np.arange(count)[:, None]
    triangles = np.concatenate([first + np.array([0, 1, 2]), first + np.array([0, 2, 3])])
    normals = np.repeat(forms.unit(way + 0.35 * out), 4, axis=0)
    uv = np.repeat(rng.uniform(size=(count, 2)), 4, axis=0)
    return Part(vertices, normals, uv, triangles)


FORMS: Mapping[str, Callable[..., Part]] = {
    "ball": ball,
    "body": body,
    "box": box,
    "cylinder": cylinder,
    "disc": disc,
    "extrude": extrude,
    "gore": gore,
    "hull": hull,
    "lathe": lathe,
    "leaf": leaf,
    "leaves": leaves,
    "melt": melt,
    "netting": netting,
    "sweep": sweep,
    "torus": torus,
    "web": web,
    "wing": wing,
}
