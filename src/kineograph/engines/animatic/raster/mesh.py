"""Geometry as the rasteriser takes it, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import lean
from kineograph.engines.animatic.scalar import f4

if TYPE_CHECKING:
    from kineograph.engines.animatic.raster.soup import Soup
    from kineograph.engines.animatic.raster.visible import Visible

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
        position, normal, rest: (K, 3) world, world unit, rest pose.
        colour: (K, 3) linear albedo.
        uv: (K, 2).
        occlusion: (K,).
        emission: (K, 3) added after lighting: catch-lights, lamps.
        material: (K,) row of the material table.
        part: (K,).
        footprint: (K,) metres of surface under one pixel: what is finer than this must fade, or it boils.
    """

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
        seen: Its triangles, and which of them every sample sees, where all of it is opaque: what styles draw lines by.
    """

    x: int
    y: int
    rgba: F32
    depth: F32
    seen: tuple[Soup, Visible] | None = None

    def onto(self, picture: F32) -> None:
        """Composite over `picture` (height, width, 3) in place, clipped to it."""
        _over(np.ascontiguousarray(self.rgba), self.x, self.y, picture)


@lean
def _over(rgba: F32, x0: int, y0: int, picture: F32) -> None:
    """Premultiplied alpha-over, clipped to the picture; empty pixels cost nothing."""
    height, width = picture.shape[0], picture.shape[1]
    first, left = max(-y0, 0), max(-x0, 0)
    down, right = np.uint64(first + y0), np.uint64(left + x0)
    for row in range(
        np.uint64(max(min(rgba.shape[0], height - y0) - first, 0))
    ):  # unsigned: numba guards signed indices
        y = np.uint64(first) + row
        for column in range(np.uint64(max(min(rgba.shape[1], width - x0) - left, 0))):
            x = np.uint64(left) + column
            a = rgba[y, x, 3]
            if a > 0 or rgba[y, x, 0] > 0 or rgba[y, x, 1] > 0 or rgba[y, x, 2] > 0:
                for c in range(3):
                    behind = picture[down + row, right + column, c]
                    picture[down + row, right + column, c] = behind * (f4(1) - a) + rgba[y, x, c]
