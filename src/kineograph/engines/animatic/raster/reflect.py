"""Mirror images in wet sand, polished floors and calm water."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.draw import draw
from kineograph.engines.animatic.raster.mesh import Drawn, Posed

F32 = NDArray[np.float32]

# A mirror image on a floor may not glare: stray bright specks in it draw the eye before the subject does.
_BRIGHTEST = 0.85


def reflection(
    posed: Sequence[Posed],
    camera: Camera,
    light: Light,
    size: tuple[int, int],
    *,
    strength: float,
    fade: float,
    blur: float = 0.0015,
) -> Drawn | None:
    """What the ground y = 0 shows of the meshes, to be composited before they are.

    Args:
        size: (width, height) of the picture, pixels.
        strength: Reflectance right at the ground, 0…1.
        fade: Metres of height over which it falls to a third: a brushed floor shows only the foot.
        blur: Of the image, in frame heights.

    Returns:
        The mirror image with its alpha already faded; None when it is out of view.
    """
    # The eye below the ground sees the mirror image; the frame is then turned upside down, exactly row for row.
    below = replace(camera, y=-camera.y, horizon=1 - camera.horizon)
    if not posed or min(float(one.vertices[:, 1].min()) for one in posed) > 3.0 * fade:
        return None
    half = (size[0] // 2, size[1] // 2)  # it is blurred: a quarter of the pixels shows the same
    # What is higher has faded away.
    drawn = draw(posed, below, light, half, 1, margin=3, self_shadow=False, ceiling=3.0 * fade)
    if drawn is None:
        return None
    rows = np.arange(drawn.y, drawn.y + drawn.rgba.shape[0], dtype=np.float32)[:, None] + np.float32(0.5)
    with np.errstate(invalid="ignore"):
        height = below.y - (rows - np.float32(below.horizon * half[1])) * drawn.depth / np.float32(
            below.focal * half[1]
        )
    height = np.where(np.isfinite(height), height, np.float32(1e6))
    # Where something reaches below the ground there is no mirror image of it.
    keep = np.exp(-np.maximum(height, 0) / np.float32(fade)) * np.float32(strength) * (height > -0.002)
    rgba = np.minimum(drawn.rgba, np.float32(_BRIGHTEST)) * keep[..., None].astype(np.float32)
    rgba = cv2.GaussianBlur(rgba, (0, 0), max(blur * half[1], 0.5))[::-1]
    return _doubled(np.ascontiguousarray(rgba, np.float32), drawn, size)


def _doubled(rgba: F32, drawn: Drawn, size: tuple[int, int]) -> Drawn:
    """From half size to the picture's, turned upside down."""
    height, width = rgba.shape[:2]
    large = cv2.resize(rgba, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    depth = drawn.depth[::-1].repeat(2, axis=0).repeat(2, axis=1)
    y = 2 * (size[1] // 2 - drawn.y - height)
    return Drawn(2 * drawn.x, y, np.ascontiguousarray(large, np.float32), np.ascontiguousarray(depth))
