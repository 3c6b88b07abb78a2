"""From shapes, balls and a skeleton to one skinned mesh: everything a frame needs, in flat arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kineograph.engines.animatic.raster.materials import material
from kineograph.engines.animatic.raster.mesh import Mesh
from kineograph.engines.animatic.spec import Colour as Rgb
from kineograph.engines.animatic.subjects.bake import Occluder, bake
from kineograph.engines.animatic.subjects.nets import surface
from kineograph.engines.animatic.subjects.sdf import Shape, unit
from kineograph.engines.animatic.subjects.skeleton import Skeleton

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Ball:
    """A sphere on one bone; its rest position is the unit sphere in its own frame, so that a painter sees an eye.

    Attributes:
        radii: Aside, up, outward.
        outward: Where its +z looks, creature axes.
    """

    centre: F64
    radii: tuple[float, float, float]
    bone: int
    colour: Rgb
    material: str
    outward: tuple[float, float, float] = (0.0, 0.0, 1.0)


@dataclass(slots=True)
class Piece:
    """One surface on its way into the mesh; `shape` is None for balls."""

    vertices: F32
    normals: F32
    triangles: I32
    colour: F32
    occlusion: F32
    flow: F32
    bones: I32
    weights: F32
    rest: F32
    material: int
    shape: Shape | None


@dataclass(slots=True)
class Skinned:
    """A mesh with its bones.

    Attributes:
        mesh: Rest pose, creature axes, row units; triangles wound for world axes.
        bones, weights: (N, 4).
        flow: (N, 3) where the fur lies.
        furred: (M,) triangles hairs grow on.
        starts: First vertex of every piece, and the total; a piece's number is its `Mesh.part`.
    """

    mesh: Mesh
    bones: I32
    weights: F32
    flow: F32
    furred: NDArray[np.bool_]
    starts: list[int] = field(default_factory=list)


Paint = Callable[[int, Piece], None]


def sculpt(
    shapes: Sequence[Shape], balls: Sequence[Ball], skeleton: Skeleton, reach: float, paint: Paint | None = None
) -> Skinned:
    """Mesh every shape, bind it to the skeleton, and join it all.

    Args:
        reach: How far occlusion is looked for, row units.
        paint: Called with the number and piece of each shape before joining, to lay patterns over its colours.
    """
    shapes = [s for s in shapes if s.rows]
    occluder = Occluder.of(np.concatenate([s.primitives() for s in shapes]), 0.028, reach)
    linked = skeleton.linked()
    pieces = [_piece_of_shape(s, occluder, linked) for s in shapes]
    if paint is not None:
        for number, piece in enumerate(pieces):
            paint(number, piece)
    pieces += [_piece_of_ball(b) for b in balls]
    return _join(pieces)


def _piece_of_shape(shape: Shape, occluder: Occluder, linked: NDArray[np.bool_]) -> Piece:
    rows = shape.primitives()
    vertices, normals, triangles = surface(rows, shape.cell)
    baked = bake(rows, vertices, linked, shape.crisp)
    return Piece(
        vertices,
        normals,
        triangles,
        baked.colour,
        occluder.at(vertices, normals),
        baked.flow,
        baked.bones,
        baked.weights,
        vertices.copy(),
        material(shape.material),
        shape,
    )


def _sphere(n: int) -> tuple[F64, I32]:
    """Unit sphere of n rings by 2n, pole towards +z; counter-clockwise from outside."""
    polar, around = np.meshgrid(np.linspace(0, np.pi, n), np.linspace(0, 2 * np.pi, 2 * n))
    points = np.stack([np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar)], -1)
    i = np.arange(2 * n * n).reshape(2 * n, n)
    a, b, c, d = i[:-1, :-1], i[1:, :-1], i[:-1, 1:], i[1:, 1:]
    triangles = np.concatenate([np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)])
    return points.reshape(-1, 3), triangles.astype(np.int32)


def frame_towards(outward: ArrayLike) -> F64:
    """(3, 3) columns: aside (creature's left), up, outward."""
    ahead = unit(outward)
    aside = unit(np.cross((0, 1, 0), ahead))
    return np.stack([aside, np.cross(ahead, aside), ahead], 1)


def _piece_of_ball(ball: Ball) -> Piece:
    points, triangles = _sphere(24)
    basis = frame_towards(ball.outward)
    vertices = (ball.centre + (points * ball.radii) @ basis.T).astype(np.float32)
    normals = points / np.asarray(ball.radii) @ basis.T
    normals = (normals / np.linalg.norm(normals, axis=1, keepdims=True)).astype(np.float32)
    n = len(points)
    ones = np.ones((n, 1), np.float32)
    return Piece(
        vertices,
        normals,
        triangles,
        ones * np.array(ball.colour, np.float32),
        np.ones(n, np.float32),
        normals.copy(),
        np.full((n, 4), ball.bone, np.int32),
        ones * np.array([1, 0, 0, 0], np.float32),
        points.astype(np.float32),
        material(ball.material),
        None,
    )


def _join(pieces: Sequence[Piece]) -> Skinned:
    starts = np.cumsum([0] + [len(p.vertices) for p in pieces]).tolist()

    def whole(name: str) -> F32:
        return np.ascontiguousarray(np.concatenate([getattr(p, name) for p in pieces]), np.float32)

    # World axes mirror creature axes (z away from the viewer), so the winding turns over here, once.
    triangles = np.concatenate([p.triangles[:, ::-1] + s for p, s in zip(pieces, starts, strict=False)])
    counts = [len(p.triangles) for p in pieces]
    mesh = Mesh(
        vertices=whole("vertices"),
        normals=whole("normals"),
        triangles=np.ascontiguousarray(triangles, np.int32),
        colour=whole("colour"),
        occlusion=whole("occlusion"),
        material=np.repeat([p.material for p in pieces], counts).astype(np.uint8),
        rest=whole("rest"),
        uv=np.zeros((starts[-1], 2), np.float32),
        part=np.repeat(np.arange(len(pieces)), counts).astype(np.uint16),
    )
    furred = np.repeat([p.shape is not None and p.shape.furred for p in pieces], counts)
    bones = np.ascontiguousarray(np.concatenate([p.bones for p in pieces]), np.int32)
    return Skinned(mesh, bones, whole("weights"), whole("flow"), furred, starts)
