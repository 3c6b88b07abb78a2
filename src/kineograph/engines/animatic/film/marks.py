"""What a style may know besides the picture: whose surface is seen, which way it faces, how far it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.noise import F32, lean
from kineograph.engines.animatic.raster.mesh import Posed
from kineograph.engines.animatic.raster.soup import soup_of
from kineograph.engines.animatic.raster.visible import draw_nearest, empty
from kineograph.engines.animatic.scalar import f4

I32 = NDArray[np.int32]
_MATERIALS = 256


@dataclass(frozen=True, slots=True)
class Marks:
    """Buffers of the subjects, at shading size. They hold only the part of the picture with subjects in it.

    Attributes:
        size: (width, height) of the picture.
        box: Rows and columns of the part; a pixel around the subjects is free unless the picture ends there.
        sheet: (h, w) of the part: 0 for the set; above that a number for each subject and material.
        normal: (h, w, 3) world, 0 for the set.
        nearness: (h, w) 1/depth in metres, 0 for the set.
    """

    size: tuple[int, int]
    box: tuple[slice, slice]
    sheet: I32
    normal: F32
    nearness: F32

    @property
    def subject(self) -> F32:
        """(height, width) of the whole picture: 1 where a subject is seen."""
        out = np.zeros(self.size[::-1], np.float32)
        out[self.box] = self.sheet > 0
        return out


def marks_of(cast: Sequence[Sequence[Posed]], camera: Camera, size: tuple[int, int]) -> Marks:
    """Rasterise the posed cast once more, one sample a pixel, for what no light shows.

    Args:
        cast: The meshes of each subject, in a fixed order: their numbers must not change from frame to frame.
        size: (width, height) of the picture, pixels.
    """
    soups = [(number, soup_of(posed, camera, size)) for number, posed in enumerate(cast) if posed]
    seen = [(number, soup, window) for number, soup in soups if (window := soup.window(size, 1)) is not None]
    left, top, right, bottom = _around([window for _, _, window in seen])
    shape = (bottom - top, right - left)
    sheet, nearness = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
    normal = np.zeros((*shape, 3), np.float32)
    eye = np.array([camera.x, camera.y, camera.z], np.float32)
    for number, soup, window in seen:
        into = empty(window, 1)
        draw_nearest(soup, np.ones(len(soup.triangles), np.uint8), eye, into)
        _mark(
            into.ids, into.nearness, soup.screen, soup.triangles, soup.normals, soup.material, into.x, into.y, left, top,
            1 + number * _MATERIALS, sheet, normal, nearness,
        )  # fmt: skip
    return Marks(size, (slice(top, bottom), slice(left, right)), sheet, normal, nearness)


def _around(windows: Sequence[tuple[int, int, int, int]]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of all windows."""
    if not windows:
        return 0, 0, 0, 0
    x, y, w, h = np.array(windows).T
    return int(x.min()), int(y.min()), int((x + w).max()), int((y + h).max())


@lean
def _mark(
    ids: I32, near: F32, screen: F32, triangles: I32, normals: F32, material: NDArray[np.uint8], x0: int, y0: int,
    left: int, top: int, first: int, sheet: I32, normal: F32, nearness: F32,
) -> None:  # fmt: skip
    """What one subject shows, into the buffers; nobody paints over who stands before him.

    Args:
        x0, y0: Upper left corner of `ids` in the picture; left, top: of the buffers.
    """
    for y in range(ids.shape[0]):
        j = y + y0 - top
        for x in range(ids.shape[1]):
            k, i = ids[y, x], x + x0 - left
            if k < 0 or near[y, x] <= nearness[j, i]:
                continue
            nearness[j, i], sheet[j, i] = near[y, x], first + material[k]
            a, b, c = triangles[k, 0], triangles[k, 1], triangles[k, 2]
            bx, by = screen[b, 0] - screen[a, 0], screen[b, 1] - screen[a, 1]
            cx, cy = screen[c, 0] - screen[a, 0], screen[c, 1] - screen[a, 1]
            px, py = f4(x + x0) + f4(0.5) - screen[a, 0], f4(y + y0) + f4(0.5) - screen[a, 1]
            # Shares on the screen: a triangle is a few pixels wide, perspective does not show within it.
            scale = f4(1) / (bx * cy - by * cx)
            u, v = (px * cy - py * cx) * scale, (bx * py - by * px) * scale
            w, square = f4(1) - u - v, f4(1e-12)
            for n in range(3):
                normal[j, i, n] = normals[a, n] * w + normals[b, n] * u + normals[c, n] * v
                square += normal[j, i, n] * normal[j, i, n]
            for n in range(3):
                normal[j, i, n] /= math.sqrt(square)
