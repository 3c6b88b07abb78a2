"""Bands of grass: the ground of a meadow from the feet of the camera to the foot of the hills."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32, lean, spectral, wander
from kineograph.engines.animatic.scalar import f4
from kineograph.engines.animatic.settings.base import Layer
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.strokes import COLUMNS, HEADS, blades, draw

Colour = tuple[float, float, float]
F64 = NDArray[np.float64]
_SOIL = (0.080, 0.130, 0.030)
_SNOW = (0.60, 0.63, 0.69)
_AIR = 2.6  # as in terrain.py


@cache
def flora(part: str) -> dict[str, F64]:
    """Palettes of a part of the meadow: `grass`, `flowers`, `leaves`; name -> (n, 3)."""
    rows = tomllib.loads(files(__package__).joinpath("flora.toml").read_text("utf-8"))[part]
    return {name: np.array(colours) for name, colours in rows.items()}


def pick(part: str, rng: np.random.Generator) -> F64:
    """One palette of a part."""
    palettes = flora(part)
    return palettes[sorted(palettes)[int(rng.integers(len(palettes)))]]


@dataclass(frozen=True, slots=True)
class Turf:
    """What grows.

    Attributes:
        height: Of a blade, metres.
        grass, petals: Palettes (n, 3).
        bloom: Share of blades that carry a flower.
        patches: Noise tile: where it grows lush, and where yellow.
        soil: Albedo of the ground under it, (3,).
        head, size: What its flowers look like (strokes.HEADS), and how large against a meadow's.
        lane: Metres between two lanes it is sown in, 0 for none.
        bent: How far the wind lays it over, in heights.
    """

    height: float
    grass: F64
    petals: F64
    bloom: float
    patches: F32
    soil: tuple[float, float, float] = _SOIL
    head: str = "star"
    size: float = 1.0
    lane: float = 0.0
    bent: float = 0.0

    def patch(self, x: F64 | F32, z: F64 | F32, size: float, shift: int = 0) -> F64:
        """Patchiness at world (x, z), about -2…2; `size` metres a patch."""
        n = self.patches.shape[0]
        u = (x / size * 32 + 37 * shift).astype(int) % n
        v = (z / size * 32 + 91 * shift).astype(int) % n
        return np.asarray(self.patches[v, u], dtype=np.float64)


def turf(height: float, rng: np.random.Generator, bloom: float = 0.022) -> Turf:
    """What grows, drawn by seed."""
    share = float(rng.uniform(0.6, 1.4)) * bloom
    return Turf(height, pick("grass", rng), pick("flowers", rng), share, spectral(256, 2.8, rng, lo=4, hi=60))


@cache
def _sowings() -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = tomllib.loads(files(__package__).joinpath("flora.toml").read_text("utf-8"))[
        "fields"
    ]
    return rows


def sown(plants: Turf, looks: Sequence[str]) -> Turf:
    """The same ground as the first field among the looks of the place (flora.toml)."""
    row = next((_sowings()[look] for look in looks if look in _sowings()), None)
    if row is None:
        return plants
    grass = np.array(row["grass"])
    soil = grass.mean(0) * 0.55 + np.array([0.03, 0.02, 0.01])
    return replace(
        plants,
        height=plants.height * row["height"],
        grass=grass,
        petals=np.array(row["petals"]),
        bloom=float(row["bloom"]),
        soil=(float(soil[0]), float(soil[1]), float(soil[2])),
        head=row["head"],
        size=row["size"] / row["height"],
        lane=row["lane"] * plants.height,
    )


def season(plants: Turf, leaves: F64, looks: Sequence[str]) -> tuple[Turf, F64]:
    """Turf and leaves of trees in the season among the looks."""
    if "autumn" not in looks:
        return plants, leaves
    row = tomllib.loads(files(__package__).joinpath("flora.toml").read_text("utf-8"))["seasons"]["autumn"]
    return replace(plants, grass=np.array(row["grass"]), bloom=plants.bloom * 0.3), np.array(row["leaves"])


def slopes(looks: Sequence[str]) -> tuple[Colour, Colour] | None:
    """Low and high colour of wooded slopes in the season among the looks; None for their own."""
    if "autumn" not in looks:
        return None
    row = tomllib.loads(files(__package__).joinpath("flora.toml").read_text("utf-8"))["seasons"]["autumn"]
    low, high = (tuple(colour) for colour in row["slopes"])
    return low, high


def snowed(plants: Turf) -> Turf:
    """The same under snow: white ground, few straws and rimed tips that look out of it, no flowers."""
    white = np.array(_SNOW)
    straw = plants.grass.mean(0) * 0.4 + np.array([0.10, 0.08, 0.05])
    palette = np.stack([white, white * 0.95, white * 0.6 + straw * 0.4, straw, white * 0.9])
    return replace(plants, height=plants.height * 0.5, grass=palette, bloom=0.0, soil=(0.84, 0.88, 0.95))


@lean
def _cover(out: F32, top: F32, cell: F32, axis: float, patches: F32, lit: F32, haze: F32) -> None:
    """Patchy ground below a ragged top row (width,). Per row: cell (h, 2) noise cells to a column, and the noise's row;
    lit (h, 3) and haze (h, 3) make its colour: lit · tone + haze."""
    m = patches.shape[0] - 1
    for y in range(out.shape[0]):
        j = int(cell[y, 1]) & m
        for x in range(out.shape[1]):
            cover = min(max(f4(y) + f4(1) - top[x], f4(0)), f4(1))
            if cover <= 0:
                continue
            tone = f4(1) + f4(0.16) * patches[j, int((f4(x) - axis) * cell[y, 0]) & m]
            for c in range(3):
                out[y, x, c] = (lit[y, c] * tone + haze[y, c]) * cover
            out[y, x, 3] = cover


def _soil(canvas: Canvas, top: F64, depth: F32, plants: Turf, light: Light) -> F32:
    """Dark, patchy ground from a ragged top row (width,) to the lower edge, hazed by depth (height,)."""
    per_metre = 32 / (9 * plants.height * 5)  # cells of the noise, as in Turf.patch
    lit = np.array(plants.soil) * (light.sky * 0.6 + light.key * (0.14 + 0.30 * max(float(light.direction[1]), 0.2)))
    far = (1 - np.exp(-depth * light.haze_density * _AIR))[:, None]
    cell = np.stack([depth / canvas.focal * per_metre, depth * per_metre], 1).astype(np.float32)
    out = canvas.blank()
    rows = [np.ascontiguousarray(part, np.float32) for part in (lit * (1 - far), light.haze * far)]
    _cover(out, top.astype(np.float32), cell, np.float32(canvas.axis), plants.patches, *rows)
    return out


def _sown(
    canvas: Canvas, near: float, far: float, count: int, plants: Turf, light: Light, rng: np.random.Generator
) -> list[F64]:
    """Strokes of blades and of their flowers, far to near, feet evenly spread over the rows between two depths."""
    depth = np.sort(1 / rng.uniform(1 / far, 1 / near, count))[::-1]
    x = rng.uniform(-0.03, 1.03, count) * canvas.width
    world = (x - canvas.axis) / canvas.focal * depth
    lane = np.zeros(count, int)
    if plants.lane:
        lane = np.round(world / plants.lane).astype(int)
        world = (lane + 0.17 * rng.standard_normal(count)) * plants.lane
        x = canvas.axis + world / depth * canvas.focal
    lush = plants.patch(world, depth, plants.height * 14)
    yellow = plants.patch(world, depth, plants.height * 40, 1)
    tall = plants.height * np.clip(0.80 + 0.24 * lush, 0.40, 1.30) * rng.uniform(0.55, 1.15, count)
    y = canvas.horizon + canvas.rest.y * canvas.focal / depth
    albedo = plants.grass[rng.integers(0, len(plants.grass), count)] * (1 + 0.18 * rng.standard_normal((count, 1)))
    albedo = albedo * (1 + np.clip(yellow, -1.5, 1.5)[:, None] * np.array([0.16, 0.05, -0.05]))
    strokes, tips = blades(x, y, tall * canvas.focal / depth, np.maximum(albedo, 0.003), light, rng, bent=plants.bent)
    hazed = (1 - np.exp(-depth * light.haze_density * _AIR))[:, None, None]
    strokes[..., 6:9] = strokes[..., 6:9] * (1 - hazed) + light.haze * hazed
    patchy = 1.2 * float(np.clip(1.4 - plants.bloom * 1.6, 0, 1))  # what is sown stands everywhere
    kept = rng.random(count) < plants.bloom * np.clip(
        1 + patchy * plants.patch(world, depth, plants.height * 22, 2), 0, 3
    )
    hue = rng.integers(0, len(plants.petals), count) if not plants.lane else (lane // 3) % len(plants.petals)
    petals = plants.petals[hue] * (1 + 0.1 * rng.standard_normal((count, 1)))
    size = plants.size * plants.height * rng.uniform(0.038, 0.068, count) * canvas.focal / depth
    heads = HEADS[plants.head](tips[kept], size[kept], petals[kept], light, rng)
    heads[..., 6:9] = heads[..., 6:9] * (1 - hazed[kept]) + light.haze * hazed[kept]
    # Interleave in slices, so that near blades stand in front of far flowers.
    out: list[F64] = []
    order = np.flatnonzero(kept)
    for part in np.array_split(np.arange(count), 12):
        out.append(strokes[part].reshape(-1, COLUMNS))
        out.append(heads[(order >= part[0]) & (order <= part[-1])].reshape(-1, COLUMNS))
    return out


def band(
    canvas: Canvas, near: float, far: float, count: int, plants: Turf, light: Light, rng: np.random.Generator,
    *, soil: bool = True, blur: float = 0.0, wind: float = 0.7,
) -> Layer:  # fmt: skip
    """Grass whose feet stand between two depths (metres from the eye).

    Args:
        count: Blades.
        soil: Ground under and before it, down to the lower edge.
        blur: Radius of its unsharpness, frame heights.
    """
    depth = np.clip(canvas.ground_depths(far), near * 0.6, far)
    pixels = canvas.blank()
    if soil:
        top = canvas.row(0, far) + 0.35 * plants.height * canvas.focal / far * wander(
            np.linspace(0, 9, canvas.width, dtype=np.float32), rng
        )
        pixels = _soil(canvas, top.astype(np.float64), depth, plants, light)
    for strokes in _sown(canvas, near, far, count, plants, light, rng):
        draw(pixels, strokes)
    if blur:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), max(blur * canvas.frame[1], 0.3)), dtype=np.float32)
    return Layer(pixels, depth, wind)
