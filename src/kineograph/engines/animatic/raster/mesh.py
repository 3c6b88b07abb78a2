"""Geometry as the rasteriser takes it, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Mesh:
    """A surface at rest. N vertices, M triangles, counter-clockwise seen from outside in a right-handed reading
    (normals are explicit and decide; winding only breaks ties).

    Attributes:
        vertices, normals: (N, 3) metres, unit; model axes (camera.py).
        triangles: (M, 3).
        colour: (N, 3) linear albedo.
        occlusion: (N,) ambient occlusion baked at build, 1 = open.
        material: (M,) row of the material table.
        rest: (N, 3) rest-pose position, for painters (eyes, decals, marble).
        uv: (N, 2), for labels and dials.
        part: (M,) id of the part, for outlines and joints.
    """

    vertices: F32
    normals: F32
    triangles: I32
    colour: F32
    occlusion: F32
    material: NDArray[np.uint8]
    rest: F32
    uv: F32
    part: NDArray[np.uint16]


@dataclass(slots=True)
class Samples:
    """What is seen, before light: one row per covered sample of the subject's box. Painters change it in place.

    Attributes:
        row, column: (K,) sample coordinates in the supersampled box.
        position, normal, rest: (K, 3) world, world unit, rest pose.
        colour: (K, 3) linear albedo.
        uv: (K, 2).
        occlusion: (K,).
        emission: (K, 3) added after lighting: catch-lights, lamps.
        material: (K,) row of the material table.
        part: (K,).
        footprint: (K,) metres of surface under one pixel: what is finer than this must fade, or it boils.
    """

    row: I32
    column: I32
    position: F32
    normal: F32
    rest: F32
    colour: F32
    uv: F32
    occlusion: F32
    emission: F32
    material: NDArray[np.uint8]
    part: NDArray[np.uint16]
    footprint: F32 = field(default_factory=lambda: np.zeros(0, np.float32))


Painter = Callable[[Samples], None]


@dataclass(frozen=True, slots=True)
class Posed:
    """A mesh at one moment: world positions and normals, and the painters of its surface."""

    mesh: Mesh
    vertices: F32
    normals: F32
    painters: Sequence[Painter] = field(default_factory=tuple)


@dataclass(slots=True)
class Drawn:
    """A lit subject in its box, at shading resolution (supersamples already resolved).

    Attributes:
        x, y: Upper left corner of the box in the picture.
        rgba: (h, w, 4) linear premultiplied.
        depth: (h, w) metres from the eye; infinite where nothing is.
    """

    x: int
    y: int
    rgba: F32
    depth: F32

    def onto(self, picture: F32) -> None:
        """Composite over `picture` (height, width, 3) in place, clipped to it."""
        h, w = self.rgba.shape[:2]
        x0, y0 = max(self.x, 0), max(self.y, 0)
        x1, y1 = min(self.x + w, picture.shape[1]), min(self.y + h, picture.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        part = self.rgba[y0 - self.y : y1 - self.y, x0 - self.x : x1 - self.x]
        under = picture[y0:y1, x0:x1]
        under *= 1 - part[..., 3:]
        under += part[..., :3]
