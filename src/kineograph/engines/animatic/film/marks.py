"""What a style may know besides the picture: whose surface is seen, which way it faces, how far it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.noise import F32, lean
from kineograph.engines.animatic.raster.mesh import Posed
from kineograph.engines.animatic.raster.soup import Soup, soup_of
from kineograph.engines.animatic.raster.visible import Visible, draw_nearest, empty
from kineograph.engines.animatic.scalar import f4

I32 = NDArray[np.int32]
_MATERIALS = 256
NORMAL = 100  # what a normal's length is counted in: a quarter of the memory, and finer than any fold
PER = 2  # samples per pixel and axis: lines drawn along whole pixels are saws, and crawl when what they bound moves


@dataclass(frozen=True, slots=True)
class Marks:
    """Buffers of the subjects. They hold only the part of the picture with subjects in it, PER samples a pixel and axis.

    Attributes:
        size: (width, height) of the picture, shading pixels.
        box: Rows and columns of the part, pixels; one around the subjects is free unless the picture ends there.
        sheet: (h, w) samples of the part: 0 for the set; above that a number for each subject and material.
        normal: (h, w, 3) world, NORMAL long, 0 for the set.
        nearness: (h, w) 1/depth in metres, 0 for the set.
    """

    size: tuple[int, int]
    box: tuple[slice, slice]
    sheet: I32
    normal: NDArray[np.int8]
    nearness: F32

    @property
    def subject(self) -> F32:
        """(height, width) of the whole picture: share of each pixel in which a subject is seen."""
        out = np.zeros(self.size[::-1], np.float32)
        if self.sheet.size:
            out[self.box] = self.pixels((self.sheet > 0).astype(np.float32))
        return out

    def pixels(self, samples: F32) -> F32:
        """Means of the samples of each pixel of the box."""
        size = (samples.shape[1] // PER, samples.shape[0] // PER)
        return np.asarray(cv2.resize(samples, size, interpolation=cv2.INTER_AREA), np.float32)


Seen = tuple[Soup, Visible]


def look(posed: Sequence[Posed], camera: Camera, size: tuple[int, int]) -> Seen | None:
    """Which triangle of a subject every sample sees; None when it is out of view. What was drawn knows it already
    (`Drawn.seen`), but for glass, and for what stands still and is not drawn for every frame.

    Args:
        size: (width, height) of the picture, pixels.
    """
    soup = soup_of(posed, camera, size) if posed else None
    window = soup.window(size, 1) if soup else None
    if soup is None or window is None:
        return None
    seen = empty(window, PER)
    eye = np.array([camera.x, camera.y, camera.z], np.float32)
    draw_nearest(soup, np.ones(len(soup.triangles), np.uint8), eye, seen)
    return soup, seen


def marks_of(cast: Sequence[Seen | None], size: tuple[int, int]) -> Marks:
    """What no light shows.

    Args:
        cast: What is seen of each subject, PER samples a pixel and axis, in a fixed order: their numbers must not change
            from frame to frame.
        size: (width, height) of the picture, pixels.
    """
    shown = [(number, *seen) for number, seen in enumerate(cast) if seen is not None]
    left, top, right, bottom = _around([seen for _, _, seen in shown])
    shape = (PER * (bottom - top), PER * (right - left))
    sheet, nearness = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
    normal = np.zeros((*shape, 3), np.int8)
    for number, soup, seen in shown:
        _mark(
            seen.ids, seen.nearness, soup.screen, soup.triangles, soup.normals, soup.material, seen.x, seen.y, left, top,
            1 + number * _MATERIALS, sheet, normal, nearness,
        )  # fmt: skip
    return Marks(size, (slice(top, bottom), slice(left, right)), sheet, normal, nearness)


def _around(cast: Sequence[Visible]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of all windows."""
    if not cast:
        return 0, 0, 0, 0
    right = max(seen.x + seen.ids.shape[1] // PER for seen in cast)
    bottom = max(seen.y + seen.ids.shape[0] // PER for seen in cast)
    return min(seen.x for seen in cast), min(seen.y for seen in cast), right, bottom


@lean
def _mark(
    ids: I32, near: F32, screen: F32, triangles: I32, normals: F32, material: NDArray[np.uint8], x0: int, y0: int,
    left: int, top: int, first: int, sheet: I32, normal: NDArray[np.int8], nearness: F32,
) -> None:  # fmt: skip
    """What one subject shows, into the buffers; nobody paints over who stands before him.

    Args:
        x0, y0: Upper left corner of `ids` in the picture, pixels; left, top: of the buffers.
    """
    aside, down = np.uint64((x0 - left) * PER), np.uint64((y0 - top) * PER)
    for y in range(np.uint64(ids.shape[0])):
        j = y + down
        for x in range(np.uint64(ids.shape[1])):
            i = x + aside
            if ids[y, x] < 0 or near[y, x] <= nearness[j, i]:
                continue
            k = np.uint64(ids[y, x])
            nearness[j, i], sheet[j, i] = near[y, x], first + material[k]
            a, b, c = np.uint64(triangles[k, 0]), np.uint64(triangles[k, 1]), np.uint64(triangles[k, 2])
            bx, by = screen[b, 0] - screen[a, 0], screen[b, 1] - screen[a, 1]
            cx, cy = screen[c, 0] - screen[a, 0], screen[c, 1] - screen[a, 1]
            px = f4(x0) + (f4(x) + f4(0.5)) * f4(1 / PER) - screen[a, 0]
            py = f4(y0) + (f4(y) + f4(0.5)) * f4(1 / PER) - screen[a, 1]
            # Shares on the screen: a triangle is a few pixels wide, perspective does not show within it.
            scale = f4(1) / (bx * cy - by * cx)
            u, v = (px * cy - py * cx) * scale, (bx * py - by * px) * scale
            w = f4(1) - u - v
            nx = normals[a, 0] * w + normals[b, 0] * u + normals[c, 0] * v
            ny = normals[a, 1] * w + normals[b, 1] * u + normals[c, 1] * v
            nz = normals[a, 2] * w + normals[b, 2] * u + normals[c, 2] * v
            scale = f4(NORMAL) / math.sqrt(nx * nx + ny * ny + nz * nz + f4(1e-12))
            normal[j, i, 0], normal[j, i, 1], normal[j, i, 2] = nx * scale, ny * scale, nz * scale
