"""Pictures on surfaces: labels, dials, printed boxes, as painters."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.raster.mesh import Painter, Samples

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

_ROW = 1024  # samples per row of a remap: OpenCV takes no more than 32767 columns


def linear(srgb: U8) -> F32:
    """sRGB bytes to linear light."""
    x = srgb.astype(np.float32) / 255
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4).astype(np.float32)


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
            if faces > 1:
                mine &= samples.uv[:, 0] < faces
            chosen = np.flatnonzero(mine)
            if not len(chosen):
                return
            uv = samples.uv[chosen] * np.array([1 / faces, 1], np.float32)
            # Texels per pixel decide the level; one for all samples, blended between two so that zooms do not pop.
            texels = float(np.median(samples.footprint[chosen])) / metres * picture.shape[1]
            level = float(np.clip(np.log2(max(texels, 1e-6)), 0, len(levels) - 1))
            lower = int(level)
            seen = _sampled(levels[lower], uv)
            if level > lower:
                seen += (_sampled(levels[lower + 1], uv) - seen) * np.float32(level - lower)
            samples.colour[chosen] *= seen

        return paint

    return on


def _pyramid(picture: F32) -> list[F32]:
    levels = [picture]
    while min(levels[-1].shape[:2]) > 8:
        half = (levels[-1].shape[1] // 2, levels[-1].shape[0] // 2)
        levels.append(cv2.resize(levels[-1], half, interpolation=cv2.INTER_AREA).astype(np.float32))
    return levels


def _sampled(picture: F32, uv: F32) -> F32:
    """Bilinear, (K, 3)."""
    h, w = picture.shape[:2]
    k = len(uv)
    padded = np.zeros((-(-k // _ROW) * _ROW, 2), np.float32)
    padded[:k, 0] = (uv[:, 0] - np.floor(uv[:, 0])) * w - 0.5
    padded[:k, 1] = np.clip(uv[:, 1], 0, 1) * h - 0.5
    wrapped = cv2.copyMakeBorder(picture, 0, 0, 1, 1, cv2.BORDER_WRAP)
    at = padded.reshape(-1, _ROW, 2)
    seen = cv2.remap(
        wrapped, np.ascontiguousarray(at[..., 0] + 1), np.ascontiguousarray(at[..., 1]), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(seen.reshape(-1, 3)[:k], np.float32)
