"""The hill that a building stands on: a grassy knoll with a path, bushes and trees on its sides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import spectral, wander
from kineograph.engines.animatic.settings.base import Layer
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.rocks import hazed
from kineograph.engines.animatic.settings.strokes import stamp, towards, tree
from kineograph.engines.animatic.shot import Shot

F64 = NDArray[np.float64]
_TREES = 26
_PATH = np.array([0.26, 0.20, 0.13])


def knoll(shot: Shot, canvas: Canvas, soil: F64, leaves: F64, light: Light, rng: np.random.Generator) -> Layer | None:
    """The hill under the building of the cast that has been raised; None where nobody is.

    Args:
        soil: Albedo (n, 3) of what grows on it; leaves: of its trees.
    """
    hero = next((p for p in shot.placements if p.subject.family == "building" and p.y > 0), None)
    if hero is None:
        return None
    # Its edge is before the building and hides where that stands: from below one would see under it.
    z, top = hero.z - 0.42 * hero.height, hero.y + 0.01 * hero.height
    scale = canvas.focal / z
    u = (((np.arange(canvas.width) + 0.5 - canvas.column(hero.x, z)) / scale) / hero.height).astype(np.float32)
    side = np.clip((np.abs(u) - 0.62) / 1.5, 0, 1)
    high = top * (1 - side * side * (3 - 2 * side)) * (1 + 0.05 * wander(u * 2.3, rng) * np.clip(np.abs(u) - 0.5, 0, 1))
    foot = canvas.row(0.0, z)
    rows = np.arange(canvas.height, dtype=np.float64)[:, None] + 0.5
    cover = (
        np.clip(rows - (foot - high[None] * scale) + 0.5, 0, 1) * np.clip(foot + 4 - rows, 0, 1) * (high > 0.01)[None]
    )
    down = np.clip(
        (rows - foot + high[None] * scale) / np.maximum(high[None] * scale, 1), 0, 1
    )  # 0 at its edge, 1 at its foot
    turn = np.arctan2(u, 0.9)[None] * np.clip(down + 0.25, 0, 1)
    normal = np.stack([np.sin(turn) * 0.75, 0.55 + 0.35 * (1 - down), 0.55 * np.cos(turn)], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    facing = np.clip(normal @ towards(light), 0, None)[..., None]
    tile = spectral(256, 2.2, rng, lo=3)
    fine = spectral(256, 1.7, rng, lo=8)
    k = 256 / (1.6 * hero.height * scale)
    y, x = (np.arange(canvas.height) * 2.6 * k).astype(int), (np.arange(canvas.width) * k).astype(int)
    soft, grain = tile[np.ix_(y % 256, x % 256)], fine[np.ix_(3 * y % 256, 3 * x % 256)]
    share = np.clip(0.5 + 0.3 * soft, 0, 1)[..., None]
    albedo = (soil.min(0) * (1 - share) + soil.max(0) * share) * (1 + 0.16 * grain[..., None])
    bend = 0.30 * np.sin(down * 5.5 + float(rng.uniform(0, 6))) * down  # it winds down from the gate
    path = np.clip(1.4 - np.abs(u[None] - bend) / (0.05 + 0.10 * down), 0, 1)[..., None]
    albedo = albedo * (1 - 0.8 * path) + _PATH * 0.8 * path
    lit = albedo * (light.key * facing * 0.9 + light.sky * (0.7 + 0.3 * (1 - down))[..., None])
    pixels = np.concatenate([lit, np.ones_like(cover)[..., None]], -1) * cover[..., None]
    layer = Layer(np.ascontiguousarray(pixels, np.float32), np.full(canvas.height, z, np.float32))
    sprites = [tree(200, leaves, light, rng) for _ in range(2)]
    places = np.sort(rng.random(_TREES) ** 0.7)
    for low in places:
        across = float(rng.choice((-1.0, 1.0))) * float(rng.uniform(0.75, 1.9))
        column = canvas.column(hero.x, z) + across * hero.height * scale
        if 0 <= column < canvas.width - 1 and high[int(column)] > 0.08 * top:
            row = foot - high[int(column)] * scale * (1 - 0.85 * low)
            size = hero.height * scale * (0.10 + 0.10 * low) * float(rng.uniform(0.7, 1.2))
            stamp(layer.pixels, sprites[int(rng.integers(2))], column, row + 1, size, light.haze, 0.0, flip=across > 0)
    return Layer(hazed(layer.pixels, light, z * 0.4), layer.depth)
