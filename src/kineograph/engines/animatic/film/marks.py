"""What a style may know besides the picture: whose surface is seen, which way it faces, how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.noise import F32
from kineograph.engines.animatic.raster.mesh import Posed
from kineograph.engines.animatic.raster.samples import points_of, samples_of
from kineograph.engines.animatic.raster.soup import soup_of
from kineograph.engines.animatic.raster.visible import draw_nearest, empty

I32 = NDArray[np.int32]
_MATERIALS = 256


@dataclass(frozen=True, slots=True)
class Marks:
    """Buffers of the subjects, at shading size.

    Attributes:
        sheet: (h, w) 0 for the set; above that a number for each subject and material.
        normal: (h, w, 3) world, 0 for the set.
        nearness: (h, w) 1/depth in metres, 0 for the set.
    """

    sheet: I32
    normal: F32
    nearness: F32

    @property
    def subject(self) -> F32:
        """(h, w) 1 where a subject is seen."""
        return (self.sheet > 0).astype(np.float32)


def marks_of(cast: Sequence[Sequence[Posed]], camera: Camera, size: tuple[int, int]) -> Marks:
    """Rasterise the posed cast once more, one sample a pixel, for what no light shows.

    Args:
        cast: The meshes of each subject, in a fixed order: their numbers must not change from frame to frame.
        size: (width, height) of the picture, pixels.
    """
    width, height = size
    marks = Marks(
        np.zeros((height, width), np.int32),
        np.zeros((height, width, 3), np.float32),
        np.zeros((height, width), np.float32),
    )
    for number, posed in enumerate(cast):
        if posed:
            _mark(marks, number, posed, camera, size)
    return marks


def _mark(marks: Marks, number: int, posed: Sequence[Posed], camera: Camera, size: tuple[int, int]) -> None:
    soup = soup_of(posed, camera, size)
    window = soup.window(size, 0)
    if window is None:
        return
    seen = empty(window, 1)
    eye = np.array([camera.x, camera.y, camera.z], np.float32)
    draw_nearest(soup, np.ones(len(soup.triangles), np.uint8), eye, seen)
    samples = samples_of(soup, points_of(soup, seen), seen, camera.focal * size[1])
    rows, columns = samples.row + seen.y, samples.column + seen.x
    near = seen.nearness[samples.row, samples.column]
    # A window reaches beyond the picture by what its caller asked for; and nobody paints over who stands before him.
    inside = (rows >= 0) & (rows < size[1]) & (columns >= 0) & (columns < size[0])
    rows, columns, near = rows[inside], columns[inside], near[inside]
    first = near > marks.nearness[rows, columns]
    at = rows[first], columns[first]
    marks.sheet[at] = 1 + number * _MATERIALS + samples.material[inside][first].astype(np.int32)
    marks.normal[at] = samples.normal[inside][first]
    marks.nearness[at] = near[first]
