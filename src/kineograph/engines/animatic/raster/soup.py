"""All meshes of one subject as a single triangle soup, projected: what the visibility kernels read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.noise import kernel
from kineograph.engines.animatic.raster.materials import SHEET
from kineograph.engines.animatic.raster.mesh import Mesh, Posed
from kineograph.engines.animatic.raster.near import cut
from kineograph.engines.animatic.scalar import f4

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Scalar = TypeVar("Scalar", np.float32, np.uint8, np.uint16)

# Nothing nearer than this is drawn, metres; a triangle that crosses it is cut there (near.py).
NEAR = 0.05
EVERYWHERE = f4(1e30)  # a limit for `bounds` that leaves nothing out


@dataclass(frozen=True, slots=True)
class Soup:
    """Meshes laid end to end.

    Attributes:
        screen: (N, 3) column, row in pixels of the picture, 1/depth.
        first: First triangle of each mesh, and the total at the end.
        The rest: as in Mesh and Posed.
    """

    screen: F32
    vertices: F32
    normals: F32
    triangles: I32
    colour: F32
    occlusion: F32
    rest: F32
    uv: F32
    material: NDArray[np.uint8]
    part: NDArray[np.uint16]
    first: NDArray[np.int64]

    def window(self, size: tuple[int, int], margin: int) -> tuple[int, int, int, int] | None:
        """x, y, width, height of the part of the picture the meshes can touch; None when they are out of view."""
        low, high = bounds(self.screen, f4(1 / NEAR))
        if low[0] > high[0]:
            return None
        x0, y0 = max(int(np.floor(low[0])) - margin, 0), max(int(np.floor(low[1])) - margin, 0)
        x1, y1 = min(int(np.ceil(high[0])) + margin, size[0]), min(int(np.ceil(high[1])) + margin, size[1])
        return (x0, y0, x1 - x0, y1 - y0) if x1 > x0 and y1 > y0 else None


def soup_of(posed: Sequence[Posed], camera: Camera, size: tuple[int, int]) -> Soup:
    """Join, project, and cut what reaches past the eye. A single mesh is not copied.

    Args:
        posed: At least one mesh.
        size: Width and height of the picture in pixels.
    """
    meshes = [p.mesh for p in posed]
    vertices = _joined([p.vertices for p in posed], np.float32)
    counts = np.cumsum([0] + [len(m.triangles) for m in meshes])
    soup = Soup(
        screen=camera.project(vertices, *size),
        vertices=vertices,
        normals=_joined([p.normals for p in posed], np.float32),
        triangles=_triangles(meshes),
        colour=_joined([m.colour for m in meshes], np.float32),
        occlusion=_joined([m.occlusion for m in meshes], np.float32),
        rest=_joined([m.rest for m in meshes], np.float32),
        uv=_joined([m.uv for m in meshes], np.float32),
        material=_joined([m.material for m in meshes], np.uint8),
        part=_joined([m.part for m in meshes], np.uint16),
        first=counts,
    )
    return cut(soup, camera, size, 1.01 * NEAR)


def _joined(arrays: list[NDArray[Scalar]], kind: type[Scalar]) -> NDArray[Scalar]:
    whole = arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
    return np.ascontiguousarray(whole, dtype=kind)


def _triangles(meshes: list[Mesh]) -> I32:
    if len(meshes) == 1:
        return np.ascontiguousarray(meshes[0].triangles, np.int32)
    starts = np.cumsum([0] + [len(m.vertices) for m in meshes[:-1]])
    return np.concatenate([m.triangles + np.int32(s) for m, s in zip(meshes, starts, strict=True)]).astype(np.int32)


@kernel
def facing_triangles(triangles: I32, material: Bytes, chosen: Bytes, away: Bytes, rows: F32) -> Bytes:
    """Chosen triangles less those whose three corners all look away (sheets are seen from both sides)."""
    out = np.zeros(triangles.shape[0], np.uint8)
    for k in range(np.uint64(triangles.shape[0])):  # unsigned: numba guards signed indices
        a, b, c = np.uint64(triangles[k, 0]), np.uint64(triangles[k, 1]), np.uint64(triangles[k, 2])
        hidden = away[a] & away[b] & away[c]
        out[k] = chosen[k] and (hidden == 0 or rows[np.uint64(material[k]), SHEET] > 0)
    return out


@kernel
def bounds(points: F32, limit: float) -> tuple[F32, F32]:
    """Least and greatest of each column over the rows whose last value is below `limit` (numpy takes ten times longer)."""
    low, high = np.full(3, 1e30, np.float32), np.full(3, -1e30, np.float32)
    for k in range(points.shape[0]):
        if points[k, 2] < limit:
            for c in range(3):
                low[c] = min(low[c], points[k, c])
                high[c] = max(high[c], points[k, c])
    return low, high
