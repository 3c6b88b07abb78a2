"""Between the encoder's planes and display RGB: bt709, limited range."""

from __future__ import annotations

import cv2
import numpy as np

from kineograph.engines.animatic.noise import F32
from kineograph.media.frame import Plane

# Rec. ITU-R BT.709-6, section 3: luma and colour difference of gamma-coded R, G, B.
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_BLUE, _RED = np.float32(1 / 1.8556), np.float32(1 / 1.5748)


def to_rgb(ys: Plane, us: Plane, vs: Plane) -> F32:
    """(h, w, 3) display values 0…1 of planes; U and V are half as large."""
    size = (ys.shape[1], ys.shape[0])
    y = (ys.astype(np.float32) - 16) / 219
    u, v = (
        (np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR), np.float32) - 128) / 224
        for plane in (us, vs)
    )
    rgb = np.dstack([y + 1.5748 * v, y - 0.1873 * u - 0.4681 * v, y + 1.8556 * u])
    return np.asarray(np.clip(rgb, 0, 1), np.float32)


def to_planes(rgb: F32) -> tuple[Plane, Plane, Plane]:
    """The planes of display values; what is outside 0…1 is clipped."""
    rgb = np.clip(rgb, 0, 1)
    y = rgb @ _LUMA
    half = (rgb.shape[1] // 2, rgb.shape[0] // 2)
    small = cv2.resize(
        np.dstack([(rgb[..., 2] - y) * _BLUE, (rgb[..., 0] - y) * _RED]), half, interpolation=cv2.INTER_AREA
    )
    chroma = np.clip(np.rint(small * 224 + 128), 16, 240).astype(np.uint8)
    return (
        np.rint(y * 219 + 16).astype(np.uint8),
        np.ascontiguousarray(chroma[..., 0]),
        np.ascontiguousarray(chroma[..., 1]),
    )
