"""Flat ground in perspective: where the world lies under every pixel, and noise on it that fades before it shimmers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32, f4, lean, sample
from kineograph.engines.animatic.settings.base import Layer
from kineograph.engines.animatic.settings.layers import Canvas

F64 = NDArray[np.float64]
AIR = 2.6  # painters' air, as in terrain.py: the ground stands in more haze than its distance alone would give


@lean
def _noise(tile: F32, x: F32, z: F32, across: float, along: float, detail: F32, out: F32) -> None:
    for j in range(out.shape[0]):
        k = detail[j]
        if k <= f4(0.01):
            continue
        for i in range(out.shape[1]):
            out[j, i] = k * sample(tile, x[j, i] * across, z[j] * along)


@dataclass(frozen=True, slots=True)
class Floor:
    """The ground y = 0 under the rows of a canvas below the horizon.

    Attributes:
        x: (h, w) world x, metres.
        z: (h,) depth from the eye, metres, `farthest` at most.
        scale: (h,) pixels per metre.
        cover: (h,) 1 below the horizon, soft over one row.
    """

    x: F32
    z: F32
    scale: F32
    cover: F32

    @classmethod
    def of(cls, canvas: Canvas, farthest: float) -> Floor:
        """The floor of a canvas; it ends at `farthest` metres."""
        z = canvas.ground_depths(farthest)
        columns = np.arange(canvas.width, dtype=np.float32) + 0.5 - canvas.axis
        x = canvas.rest.x + (columns / canvas.focal)[None] * z[:, None]
        rows = np.arange(canvas.height) + 0.5
        edge = canvas.row(0.0, farthest)
        cover = np.clip(rows - edge + 0.5, 0, 1).astype(np.float32)
        return cls(np.ascontiguousarray(x, np.float32), z, (canvas.focal / z).astype(np.float32), cover)

    def noise(self, tile: F32, per_metre: float, squash: float = 1.0) -> F32:
        """Noise (h, w), `per_metre` texels of the tile to the metre; `squash` > 1 draws it out sideways."""
        out = np.zeros(self.x.shape, np.float32)
        # Along the view the ground is foreshortened: a pixel spans more of it than across.
        flat = self.scale * np.minimum(1.0, self.scale * 0.9 / max(float(self.scale.max()), 1e-3) + 0.25)
        detail = np.clip(flat / (per_metre * squash) * 1.4 - 0.12, 0, 1).astype(np.float32)
        _noise(tile, self.x, self.z, np.float32(per_metre / squash), np.float32(per_metre), detail, out)
        return out

    def slopes(self, tile: F32, per_metre: float, high: float) -> tuple[F32, F32]:
        """Slopes along x and z (h, w) of a relief `high` metres high, made of noise; flat where it is too fine to see."""
        step = 0.5 / per_metre
        here = self.noise(tile, per_metre)
        aside = Floor(self.x + np.float32(step), self.z, self.scale, self.cover).noise(tile, per_metre)
        behind = Floor(self.x, self.z + np.float32(step), self.scale, self.cover).noise(tile, per_metre)
        k = np.float32(high / step)
        return (aside - here) * k, (behind - here) * k

    def near(self, x: float, z: float, radius: float) -> F32:
        """A soft pool (h, w) around a place on the ground: 1 in its middle, falling off over `radius` metres."""
        d = ((self.x - x) ** 2 + (self.z[:, None] - z) ** 2) / (radius * radius)
        return np.asarray(1 / (1 + d) ** 1.5, np.float32)

    def lit(self, slopes: tuple[F32, F32], light: Light, wrap: float = 0.08) -> F32:
        """Light (h, w, 3) on ground of these slopes: key and sky; `wrap` softens the edge of the shade."""
        gx, gz = slopes
        x, y, z = (float(v) for v in light.direction)
        y = max(y, 0.16)  # a sun on the horizon still grazes the ground
        upright = 1 / np.sqrt(gx * gx + gz * gz + 1)
        facing = np.clip(((y - gx * x - gz * z) * upright + wrap) / (1 + wrap), 0, None)
        return np.asarray(facing[..., None] * light.key + (0.5 + 0.5 * upright)[..., None] * light.sky, np.float32)

    def layer(self, colour: F32 | F64, light: Light, wind: float = 0.0) -> Layer:
        """The ground as a layer: colour (h, w, 3) as lit, seen through the haze."""
        far = (1 - np.exp(-self.z * light.haze_density * AIR))[:, None, None]
        pixels = np.zeros((*self.x.shape, 4), np.float32)
        pixels[..., :3] = (colour * (1 - far) + light.haze * far) * self.cover[:, None, None]
        pixels[..., 3] = self.cover[:, None]
        return Layer(pixels, self.z, wind)
