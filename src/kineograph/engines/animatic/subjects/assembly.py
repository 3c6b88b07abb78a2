"""Parts with materials and colours, put together into one mesh."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kineograph.engines.animatic.raster.materials import GLASS, material, table
from kineograph.engines.animatic.raster.mesh import Mesh, Painter
from kineograph.engines.animatic.subjects.forms import Part
from kineograph.engines.animatic.subjects.occlusion import open_share

F32 = NDArray[np.float32]


@dataclass(slots=True)
class Assembly:
    """A model being built.

    Attributes:
        painters: Of the finished mesh.
    """

    painters: list[Painter] = field(default_factory=list)
    _parts: list[tuple[Part, int, F32]] = field(default_factory=list)

    def add(
        self,
        part: Part,
        of: str,
        colour: ArrayLike,
        *,
        at: ArrayLike = (0, 0, 0),
        turn: NDArray[np.float64] | None = None,
        scale: ArrayLike = 1.0,
        paint: Callable[[int], Painter] | None = None,
    ) -> None:
        """Place a part.

        Args:
            of: Material name.
            colour: Linear albedo, one (3,) or one per vertex (N, 3).
            paint: Given the part's number, its painter.
        """
        placed = part.moved(at, turn, scale)
        albedo = np.broadcast_to(np.asarray(colour, np.float32), placed.vertices.shape)
        if paint is not None:
            self.painters.append(paint(len(self._parts)))
        self._parts.append((placed, material(of), albedo))

    def extent(self) -> tuple[float, float]:
        """Lowest and highest y of its parts."""
        spans = [(float(p.vertices[:, 1].min()), float(p.vertices[:, 1].max())) for p, _, _ in self._parts]
        return min(low for low, _ in spans), max(high for _, high in spans)

    def mesh(self, height: float, tall: float | None = None) -> Mesh:
        """Everything as one mesh, standing on y = 0 with its axis at x = z = 0.

        Args:
            height: Metres.
            tall: How high in the parts' own units that is; the extent of the parts when None.
        """
        low, high = self.extent()
        scale = height / (tall or high - low)
        vertices = np.concatenate([p.vertices for p, _, _ in self._parts])
        vertices = ((vertices - [0, low, 0]) * scale).astype(np.float32)
        normals = np.concatenate([p.normals for p, _, _ in self._parts]).astype(np.float32)
        starts = np.cumsum([0] + [len(p.vertices) for p, _, _ in self._parts[:-1]])
        faces = [p.triangles + s for (p, _, _), s in zip(self._parts, starts, strict=True)]
        triangles = np.ascontiguousarray(np.concatenate(faces), np.int32)  # fancy indexing left it in columns
        materials = _per_face(faces, [m for _, m, _ in self._parts]).astype(np.uint8)
        solid = (table()[materials, GLASS] == 0).astype(np.uint8)
        return Mesh(
            vertices=vertices,
            normals=normals,
            triangles=triangles,
            colour=np.concatenate([c for _, _, c in self._parts]).astype(np.float32),
            occlusion=open_share(vertices, normals, triangles, solid),
            material=materials,
            rest=vertices,
            uv=np.concatenate([p.uv for p, _, _ in self._parts]).astype(np.float32),
            part=_per_face(faces, range(len(faces))).astype(np.uint16),
        )


def _per_face(faces: list[NDArray[np.int64]], values: Sequence[int]) -> NDArray[np.int64]:
    return np.concatenate([np.full(len(f), v, np.int64) for f, v in zip(faces, values, strict=True)])
