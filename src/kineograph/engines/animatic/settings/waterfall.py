"""A waterfall: sheets of water that tear and speed up as they fall down a rock face, spray at their foot, a pool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32, Real, f4, lean, sample, smoothstep, spectral, wander
from kineograph.engines.animatic.settings import stamps
from kineograph.engines.animatic.settings.base import Layer, Picture
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.rocks import face, hazed
from kineograph.engines.animatic.shot import Shot

F64 = NDArray[np.float64]
_PUFFS = 70
_AIR = 2.6  # as in terrain.py


@lean
def _sheet(out: F32, fine: F32, soft: F32, box: F32, lit: F32, haze: F32, far: Real, t: Real) -> None:
    """box: left, right, top, bottom in pixels, metres wide and high. lit, haze: (3,)."""
    height, width = out.shape[0], out.shape[1]
    wide = f4(1) / (box[1] - box[0])
    high = f4(1) / (box[3] - box[2])
    for y in range(max(0, int(box[2])), min(height, int(box[3]) + 1)):
        v = (f4(y) + f4(0.5) - box[2]) * high
        if v < f4(0) or v > f4(1):
            continue
        # Water falls freely: what is at v left the edge sqrt(v) ago.
        fallen = v ** f4(0.5)
        spread = f4(1) - f4(0.10) * v
        edge = f4(0.05) + f4(0.10) * v
        for x in range(max(0, int(box[0])), min(width, int(box[1]) + 1)):
            u = (f4(x) + f4(0.5) - box[0]) * wide
            s = (u - f4(0.5)) / spread
            veil = sample(soft, s * box[4] * f4(1.6) + f4(7), fallen * box[5] * f4(0.55) - t * f4(3.4))
            thread = sample(fine, s * box[4] * f4(9), fallen * box[5] * f4(1.9) - t * f4(11))
            thin = sample(fine, s * box[4] * f4(23) + f4(90), fallen * box[5] * f4(3.2) - t * f4(19))
            body = f4(0.74) + f4(0.16) * veil + f4(0.15) * thread + f4(0.10) * thin
            ragged = max(edge * (f4(1.3) + f4(0.5) * veil + f4(0.4) * thread), f4(0.03))
            side = smoothstep(f4(0.5), f4(0.5) - ragged, abs(s))
            cover = min(max(smoothstep(f4(0.05), f4(0.75), body) * side, f4(0)), f4(0.96))
            if cover <= f4(0.01):
                continue
            shade = min(max(f4(0.34) + f4(0.62) * body + f4(0.12) * thread, f4(0.30)), f4(1.12))
            for c in range(3):
                water = lit[c] * shade
                water += (haze[c] - water) * far
                out[y, x, c] += (water - out[y, x, c]) * cover


@dataclass(frozen=True, slots=True)
class Falls:
    """A waterfall on a rock face.

    Attributes:
        layers: The cliff, far to near.
        x, z: World, metres, of the middle of its foot; `wide`, `high` metres.
        sheets: (n, 4) each: left and right ÷ wide from the middle, top and bottom ÷ high.
    """

    layers: Sequence[Layer]
    x: float
    z: float
    wide: float
    high: float
    sheets: F32
    tiles: tuple[F32, F32]
    draws: F64
    wet: float

    def paint(self, t: float, camera: Camera, light: Light, out: Picture) -> None:
        """The water of the moment and its spray."""
        h, w = out.shape[:2]
        scale = camera.focal / max(self.z - camera.z, 1.0) * h
        middle = w / 2 - camera.pan * h + (self.x - camera.x) * scale
        foot = camera.horizon * h + camera.y * scale
        lit = np.asarray(0.95 * light.sky + 0.55 * light.key + 0.05 * light.haze, np.float32)
        far = np.float32(1 - np.exp(-self.z * light.haze_density * _AIR * self.wet))
        haze = np.asarray(light.haze, np.float32)
        for number, (left, right, top, bottom) in enumerate(self.sheets):
            box = np.array(
                [
                    middle + left * self.wide * scale, middle + right * self.wide * scale,
                    foot - top * self.high * scale, foot - bottom * self.high * scale,
                    (right - left) * 9, (top - bottom) * 20,
                ],
                np.float32,
            )  # fmt: skip
            _sheet(out, *self.tiles, box, lit, haze, far, np.float32(t + 7.0 * number))
        self._spray(t, middle, foot, scale, lit, out)

    def _spray(self, t: float, middle: float, foot: float, scale: float, lit: F32, out: Picture) -> None:
        p = self.draws
        age = np.mod(t / 3.0 + p[:, 0], 1.0)
        side = (p[:, 1] - 0.5) * 2
        rows = np.zeros((len(p), stamps.STAMP_COLUMNS), np.float32)
        rows[:, 0] = middle + (side * self.wide * (0.45 + 0.5 * age)) * scale
        rows[:, 1] = foot - self.high * (0.02 + 0.24 * age * p[:, 2]) * scale
        rows[:, 2] = self.wide * (0.10 + 0.22 * age) * (0.6 + 0.8 * p[:, 3]) * scale
        rows[:, 3] = rows[:, 2] * 0.72
        rows[:, 4], rows[:, 10], rows[:, 11] = 1, 1.0, stamps.DISC
        rows[:, 6:9] = lit * 0.95
        rows[:, 9] = 0.20 * np.clip(age * 5, 0, 1) * (1 - age)
        stamps.stamps(out, rows)


def falling(
    shot: Shot, canvas: Canvas, light: Light, albedo: tuple[float, float, float] = (0.105, 0.105, 0.088)
) -> Falls:
    """The waterfall of a shot: a cliff across the back of the picture, one broad fall over a ledge and a thin one."""
    rng = shot.rng("waterfall")
    hero = max((p.z for p in shot.placements), default=0.0)
    z = max(26.0 * max(shot.rest.y / 1.6, 0.4), hero * 1.9)
    tall = 0.44 * min(1.0, 0.55 + 0.45 * canvas.frame[0] / canvas.frame[1])  # of the frame
    high = (shot.rest.horizon - (0.5 - tall)) * z / shot.rest.focal + shot.rest.y
    half = canvas.frame[0] / canvas.frame[1] / 2 / canvas.rest.focal * z
    side = -1.0 if shot.placements and shot.placements[0].x > 0 else 1.0
    x = side * float(rng.uniform(0.05, 0.22)) * half if not shot.placements else side * 0.38 * half
    wide = min((0.40 if shot.placements else 0.55) * high, 0.5 * half) * float(rng.uniform(0.9, 1.2))
    cliff = _cliff(canvas, (x, z), wide, high, light, rng, albedo)
    ledge = float(rng.uniform(0.42, 0.55))
    sheets = np.array(
        [
            [-0.40, 0.40, 1.0, ledge], [-0.58, 0.62, ledge + 0.01, 0.0],
            [0.95 * side, 1.12 * side, 0.94, 0.0] if side > 0 else [-1.12, -0.95, 0.94, 0.0],
        ],
        np.float32,
    )  # fmt: skip
    tiles = (spectral(256, 1.8, rng, lo=6), spectral(256, 2.6, rng, lo=3))
    return Falls([cliff], x, z, wide, high, sheets, tiles, rng.random((_PUFFS, 6)), 0.4)


def _cliff(
    canvas: Canvas, at: tuple[float, float], wide: float, high: float, light: Light, rng: np.random.Generator,
    albedo: tuple[float, float, float],
) -> Layer:  # fmt: skip
    """A rock face with a notch that the water comes out of, green on its ledges, wet where it falls."""
    x, z = at
    scale = canvas.focal / z
    u = ((np.arange(canvas.width) + 0.5 - canvas.column(x, z)) / scale).astype(np.float32)
    rise = high * (1.06 + 0.10 * wander(u / high * 2.2, rng) + 0.05 * wander(u / high * 9, rng))
    rise -= high * 0.10 * np.exp(-((u / (0.6 * wide)) ** 4))
    rise *= np.clip(1.25 - 0.55 * np.abs(u) / (3.2 * wide), 0.35, 1.1)
    rows = np.arange(canvas.height, dtype=np.float32)[:, None] + 0.5
    foot = canvas.row(0.0, z)
    cover = np.clip(rows - (foot - rise[None] * scale) + 0.5, 0, 1) * np.clip(foot + 3 - rows, 0, 1)
    pixels = face(cover.astype(np.float32), max(0.16 * high * scale, 6.0), light, rng, albedo, round_=0.35)
    green = spectral(256, 2.4, rng, lo=6)
    k = 256 / (0.8 * high * scale)
    y0, x0 = (np.arange(canvas.height) * k).astype(int) % 256, (np.arange(canvas.width) * k).astype(int) % 256
    moss = np.clip(green[np.ix_(y0, x0)] * 0.5 + 0.15, 0, 0.7) * np.clip(np.abs(u) / (0.5 * wide) - 0.4, 0, 1)[None]
    leaf = np.array([0.055, 0.12, 0.022]) * (light.sky * 0.9 + light.key * 0.35)
    pixels[..., :3] += (leaf * pixels[..., 3:] - pixels[..., :3]) * moss[..., None].astype(np.float32)
    wet = 1 - 0.45 * np.exp(-((u / (0.8 * wide)) ** 2))
    pixels[..., :3] *= wet[None, :, None].astype(np.float32)
    return Layer(hazed(pixels, light, z * 0.4), np.full(canvas.height, z, np.float32))
