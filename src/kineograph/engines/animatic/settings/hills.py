"""Wooded ranges behind a setting, and how still layers follow light that changes."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32, spectral
from kineograph.engines.animatic.settings.base import Layer
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.relief import ridged, rolling
from kineograph.engines.animatic.settings.strokes import halved, stamp, tree
from kineograph.engines.animatic.settings.terrain import Range, raise_range

F64 = NDArray[np.float64]
_AIR = 2.6  # as in terrain.py
_TREE = 8.0  # metres


def plant(
    layer: Layer,
    depth: F32,
    count: int,
    canvas: Canvas,
    sprites: Sequence[F32],
    light: Light,
    rng: np.random.Generator,
    *,
    tall: float = _TREE,
    groves: float = 0.35,
) -> None:
    """Stand trees on a range, far to near.

    Args:
        depth: (h, w) metres, 0 where there is no range.
        tall: Metres.
        groves: Above which of a noise field trees grow: 0.35 in groves, -1.0 nearly everywhere.
    """
    field = cv2.resize(spectral(128, 2.4, rng, lo=2), (canvas.width, canvas.height), interpolation=cv2.INTER_CUBIC)
    rows, columns = np.nonzero((depth > 0) & (field > groves))
    if not len(rows):
        return
    chosen = rng.integers(0, len(rows), count)
    chosen = chosen[np.argsort(-depth[rows[chosen], columns[chosen]])]
    sizes = [halved(sprite) for sprite in sprites]
    for k in chosen:
        z = float(depth[rows[k], columns[k]])
        size = tall * rng.uniform(0.55, 1.2) / z * canvas.focal
        far = 1 - float(np.exp(-z * light.haze_density * _AIR))
        own = sizes[int(rng.integers(len(sprites)))]
        sprite = ([one for one in own if len(one) >= 2 * size] or own[:1])[-1]
        stamp(
            layer.pixels, sprite, float(columns[k]), float(rows[k]) + 1, size, light.haze, far, flip=rng.random() < 0.5
        )


def mist(canvas: Canvas, depth: float, rise: float, thick: float, light: Light, rng: np.random.Generator) -> Layer:
    """A bank of mist that lies where the ground at `depth` metres meets the eye, `rise` frame heights up and down."""
    rows = (np.arange(canvas.height) + 0.5 - canvas.row(0.0, depth)) / canvas.frame[1]
    cloud = spectral(128, 2.8, rng, lo=2, stretch=3.0)
    patches = cv2.resize(cloud, (canvas.width, canvas.height), interpolation=cv2.INTER_CUBIC)
    cover = (
        thick
        * np.exp(-((rows / np.where(rows < 0, rise, rise * 0.5)) ** 2))[:, None]
        * np.clip(0.75 + 0.35 * patches, 0, 1.2)
    )
    pixels = canvas.blank()
    pixels[..., 3] = np.clip(cover, 0, 1)
    pixels[..., :3] = pixels[..., 3:] * light.haze * np.float32(1.04)
    return Layer(pixels, np.full(canvas.height, depth, np.float32))


def _single(count: int, canvas: Canvas, sprites: list[F32], light: Light, rng: np.random.Generator) -> list[Layer]:
    """A few trees that stand alone on the flat, nearer than the hills; kept off the middle of the frame."""
    out = []
    for _ in range(count):
        z = float(rng.uniform(38, 90))
        pixels = canvas.blank()
        side = float(rng.choice([-1, 1]))
        x = canvas.mx + canvas.frame[0] * (0.5 + side * rng.uniform(0.16, 0.46))
        far = 1 - float(np.exp(-z * light.haze_density * _AIR))
        size = _TREE * rng.uniform(0.9, 1.35) / z * canvas.focal
        sprite = sprites[int(rng.integers(len(sprites)))]
        foot = canvas.row(0.0, z) + 0.006 * canvas.frame[1]
        stamp(pixels, sprite, float(x), foot, size, light.haze, far, flip=rng.random() < 0.5)
        out.append(Layer(pixels, np.full(canvas.height, z, np.float32), wind=0.12))
    return out


def wooded(
    canvas: Canvas, ranges: Sequence[Range], light: Light, leaves: F64, rng: np.random.Generator,
    trees: Sequence[int] = (), single: int = 0, *, flat: bool = False,
) -> list[Layer]:  # fmt: skip
    """Ranges (far to near) with `trees[k]` trees on each, and `single` trees before them; `flat`: acacias."""
    sprites = [tree(300, leaves, light, rng, flat=flat) for _ in range(3)]
    out = []
    for k, one in enumerate(ranges):
        tile = ridged(rng) if one.near > 900 else rolling(rng)
        layer, depth = raise_range(canvas, one, tile, light, rng)
        if k < len(trees) and trees[k]:
            plant(layer, depth, trees[k], canvas, sprites, light, rng)
        out.append(layer)
    return [*out, *_single(single, canvas, sprites, light, rng)]


def relit(layers: Sequence[Layer], painted: Light, now: Light) -> F32:
    """Gains (layers, 3) that bring layers painted under one light to another: near ones follow key and sky, far ones the
    haze they are seen through."""
    if now is painted:
        return np.ones((max(len(layers), 1), 3), np.float32)

    def falls(light: Light) -> F32:
        return light.sky + light.key * np.float32(0.25 + 0.5 * max(float(light.direction[1]), 0.0))

    ground = falls(now) / np.maximum(falls(painted), 1e-5)
    air = now.haze / np.maximum(painted.haze, 1e-5)
    out = np.empty((len(layers), 3), np.float32)
    for k, layer in enumerate(layers):
        far = np.float32(1 - np.exp(-float(np.median(layer.depth)) * painted.haze_density * _AIR))
        out[k] = ground * (1 - far) + air * far
    return out
