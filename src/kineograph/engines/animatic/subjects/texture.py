"""Pictures on surfaces: labels, dials, printed boxes, as painters."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import helper, lean
from kineograph.engines.animatic.raster.mesh import Painter, Samples
from kineograph.engines.animatic.scalar import f4

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]


def _linear() -> F32:
    x = np.arange(256, dtype=np.float32) / 255
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4).astype(np.float32)


_LINEAR = _linear()  # IEC 61966-2-1, one entry for each byte


def linear(srgb: U8) -> F32:
    """sRGB bytes to linear light."""
    return _LINEAR[srgb]


def srgb(albedo: NDArray[np.float32] | tuple[float, float, float]) -> tuple[int, int, int]:
    """Linear albedo as the bytes OpenCV draws with (our pictures are RGB)."""
    x = np.clip(np.asarray(albedo, np.float64), 0, 1)
    coded = np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)
    r, g, b = (round(float(v) * 255) for v in coded)
    return r, g, b


def textured(picture: U8, metres: float, *, faces: int = 1) -> Callable[[int], Painter]:
    """What multiplies a part's albedo by a picture, given the part's number.

    Args:
        picture: (h, w, 3) sRGB; v = 0 is its first row; u wraps around.
        metres: Width of the surface it covers, to choose how much it is blurred when seen from afar.
        faces: The picture covers u = 0…faces; what lies beyond stays as it is (the lids of a box).
    """
    levels = _pyramid(linear(picture))

    def on(part: int) -> Painter:
        def paint(samples: Samples) -> None:
            mine = samples.part == part
            if not mine.any():
                return
            # Texels per pixel decide the level; one for all samples, blended between two so that zooms do not pop.
            texels = float(np.median(samples.footprint[mine][::16])) / metres * picture.shape[1]
            level = float(np.clip(np.log2(max(texels, 1e-6)), 0, len(levels) - 1))
            lower = int(level)
            upper = min(lower + 1, len(levels) - 1)
            _lay(levels[lower], levels[upper], f4(level - lower), mine, f4(faces), samples.uv, samples.colour)

        return paint

    return on


def _pyramid(picture: F32) -> list[F32]:
    levels = [picture]
    while min(levels[-1].shape[:2]) > 8:
        half = (levels[-1].shape[1] // 2, levels[-1].shape[0] // 2)
        levels.append(cv2.resize(levels[-1], half, interpolation=cv2.INTER_AREA).astype(np.float32))
    return levels


@lean
def _lay(lower: F32, upper: F32, blend: float, mine: NDArray[np.bool_], faces: float, uv: F32, colour: F32) -> None:
    """Multiply the albedo of the chosen samples by the picture, bilinear in both levels and blended between them."""
    for k in range(np.uint64(uv.shape[0])):  # unsigned: numba guards signed indices
        if not mine[k] or (faces > f4(1) and uv[k, 0] >= faces):
            continue
        u, v = uv[k, 0] / faces, min(max(uv[k, 1], f4(0)), f4(1))
        u -= math.floor(u)
        r, g, b = _texel(lower, u, v)
        if blend > 0:  # from near the finest level is all there is
            r1, g1, b1 = _texel(upper, u, v)
            r, g, b = r + (r1 - r) * blend, g + (g1 - g) * blend, b + (b1 - b) * blend
        colour[k, 0] *= r
        colour[k, 1] *= g
        colour[k, 2] *= b


@helper
def _texel(picture: F32, u: float, v: float) -> tuple[float, float, float]:
    """Bilinear; u (0…1) wraps around, v ends at the edges."""
    height, width = picture.shape[0], picture.shape[1]
    x, y = u * f4(width) + f4(0.5), max(v * f4(height) - f4(0.5), f4(0))
    column, row = int(x), int(y)
    across, down = f4(x - f4(column)), f4(y - f4(row))
    # No division for the remainder: it would cost more than all the rest.
    left = np.uint64(column - 1 if column > 0 else width - 1)
    right = np.uint64(column if column < width else 0)
    top, below = np.uint64(row), np.uint64(min(row + 1, height - 1))
    w00, w01 = (f4(1) - across) * (f4(1) - down), across * (f4(1) - down)
    w10, w11 = (f4(1) - across) * down, across * down
    return (
        w00 * picture[top, left, 0]
        + w01 * picture[top, right, 0]
        + w10 * picture[below, left, 0]
        + w11 * picture[below, right, 0],
        w00 * picture[top, left, 1]
        + w01 * picture[top, right, 1]
        + w10 * picture[below, left, 1]
        + w11 * picture[below, right, 1],
        w00 * picture[top, left, 2]
        + w01 * picture[top, right, 2]
        + w10 * picture[below, left, 2]
        + w11 * picture[below, right, 2],
    )
