"""Rock faces: a relief of blocks and cracks, lit and wet, under any outline: islets, cliffs, the walls of a cave."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32, spectral, wander
from kineograph.engines.animatic.settings.base import Layer
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.strokes import towards

F64 = NDArray[np.float64]
GRANITE = (0.150, 0.140, 0.130)
_AIR = 2.6  # as in terrain.py


def face(
    cover: F32, unit: float, light: Light, rng: np.random.Generator, albedo: tuple[float, float, float] = GRANITE,
    *, round_: float = 0.6, stretch: float = 0.7,
) -> F32:  # fmt: skip
    """Rock (h, w, 4), premultiplied, wherever `cover` (h, w) is.

    Args:
        unit: Pixels of a large block.
        round_: How far the outline rolls away from the viewer, 0 a flat wall … 1.
        stretch: Below 1 the blocks are drawn out upwards, above 1 to the sides.
    """
    h, w = cover.shape
    tile = spectral(512, 2.3, rng, lo=4, stretch=stretch)
    fine = spectral(512, 1.7, rng, lo=12)

    def drawn(noise: F32, per: float) -> F32:
        k = np.float32(512 / (per * 14))
        x, y = np.meshgrid(*((np.arange(n, dtype=np.float32) * k) % 511 for n in (w, h)))
        return np.asarray(cv2.remap(noise, x, y, cv2.INTER_LINEAR), np.float32)

    big, small = drawn(tile, unit), drawn(fine, unit * 0.5)
    ledge = np.round(big * 1.6 + 0.25 * small) / 1.6  # blocks: the relief goes in steps
    relief = cv2.GaussianBlur(0.55 * ledge + 0.45 * big + 0.16 * small, (0, 0), max(unit * 0.025, 0.5))
    gy, gx = np.gradient(relief)
    soft = _blurred(cover, max(unit * 0.9, 1.0)) * np.float32(round_)
    ey, ex = np.gradient(soft)
    normal = np.stack([-gx * unit * 0.42 - ex * unit * 2.2, gy * unit * 0.42 + ey * unit * 2.2, np.ones_like(gx)], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    facing = np.clip((normal @ towards(light).astype(np.float32) + 0.10) / 1.10, 0, None)[..., None]
    crack = np.clip(0.60 + 0.35 * (relief - _blurred(relief, unit * 0.5)), 0.25, 1.1)[..., None]
    up = 0.55 + 0.45 * normal[..., 1:2]
    tone = (1 + 0.16 * small + 0.10 * big)[..., None]
    lit = np.array(albedo, np.float32) * tone * (light.key * facing + light.sky * up) * crack
    out = np.empty((h, w, 4), np.float32)
    out[..., :3] = np.maximum(lit, 0) * cover[..., None]
    out[..., 3] = cover
    return out


def _blurred(plane: F32, sigma: float) -> F32:
    """Blurred by so many pixels: widely at a smaller size, where it costs a tenth and looks the same."""
    h, w = plane.shape
    k = max(int(sigma / 4), 1)
    small = cv2.resize(plane, (-(-w // k), -(-h // k)), interpolation=cv2.INTER_AREA) if k > 1 else plane
    soft = cv2.GaussianBlur(small, (0, 0), sigma / k)
    return np.asarray(cv2.resize(soft, (w, h), interpolation=cv2.INTER_CUBIC) if k > 1 else soft, np.float32)


def hazed(pixels: F32, light: Light, depth: float) -> F32:
    """The same seen through the air of `depth` metres."""
    far = np.float32(1 - np.exp(-depth * light.haze_density * _AIR))
    pixels[..., :3] = pixels[..., :3] * (1 - far) + pixels[..., 3:] * light.haze * far
    return pixels


def mound(
    canvas: Canvas, at: tuple[float, float], wide: float, high: float, light: Light, rng: np.random.Generator
) -> Layer:
    """A heap of rocks standing in water or on sand.

    Args:
        at: World x and depth, metres.
        wide: Metres to either side.
        high: Metres.
    """
    x, z = at
    middle, scale = canvas.column(x, z), canvas.focal / z
    u = ((np.arange(canvas.width) - middle) / scale / wide).astype(np.float32)
    body = np.clip(1 - np.abs(u), 0, 1) ** 0.75
    top = high * body * np.clip(0.80 + 0.20 * wander(u * 4.0 + 3, rng) + 0.12 * wander(u * 13.0, rng), 0.1, 1.3)
    foot = canvas.row(0.0, z)
    rows = np.arange(canvas.height, dtype=np.float32)[:, None] + 0.5
    cover = np.clip(rows - (foot - top[None] * scale) + 0.5, 0, 1) * np.clip(foot + 0.03 * high * scale - rows, 0, 1)
    cover = (cover * (body[None] > 0.01)).astype(np.float32)
    pixels = face(cover, max(high * scale * 0.55, 4.0), light, rng)
    wet = 1 - 0.5 * np.clip(1 - (foot - rows) / (0.35 * high * scale), 0, 1)
    pixels[..., :3] *= wet[..., None].astype(np.float32)
    return Layer(hazed(pixels, light, z), np.full(canvas.height, z, np.float32))
