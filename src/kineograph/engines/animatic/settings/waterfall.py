"""A waterfall: strands of water that tear and speed up as they fall from ledge to ledge, mist at their foot, a pool."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32, Real, f4, lean, sample, smoothstep, spectral, wander
from kineograph.engines.animatic.settings import stamps, woods
from kineograph.engines.animatic.settings.base import Layer, Picture
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.rocks import face, hazed
from kineograph.engines.animatic.settings.strokes import COLUMNS, draw
from kineograph.engines.animatic.shot import Shot

F64 = NDArray[np.float64]
_PUFFS, _FOAM = 90, 60
_LEVELS = 96  # heights at which a strand's course is known
_GRAVITY = 9.8
_AIR = 2.6  # as in terrain.py
# Columns of a strand's course: middle and half width ÷ Falls.wide, seconds since it left the ledge, whiteness 0…1.
MIDDLE, HALF, AGE, WHITE = 0, 1, 2, 3


@lean
def _strand(out: F32, fine: F32, soft: F32, course: F32, box: F32, tones: F32, far: Real, t: Real) -> None:
    """course: (_LEVELS, 4) from the ledge down; box: middle, top, wide, high in pixels, metres wide, its own place in
    the noise. tones: (3, 3) of white water, of water in the shade and of the air."""
    height, width = out.shape[0], out.shape[1]
    last = course.shape[0] - 1
    for y in range(max(0, int(box[1])), min(height, int(box[1] + box[3]) + 1)):
        v = (f4(y) + f4(0.5) - box[1]) / box[3] * f4(last)
        if v < f4(0) or v >= f4(last):
            continue
        k = int(v)
        part = v - f4(k)
        middle = (course[k, 0] + (course[k + 1, 0] - course[k, 0]) * part) * box[2] + box[0]
        half = (course[k, 1] + (course[k + 1, 1] - course[k, 1]) * part) * box[2]
        age = course[k, 2] + (course[k + 1, 2] - course[k, 2]) * part
        white = course[k, 3] + (course[k + 1, 3] - course[k, 3]) * part
        scale = box[4] / box[2]
        rows = f4(15) * (age - t)
        for x in range(max(0, int(middle - f4(1.2) * half)), min(width, int(middle + f4(1.2) * half) + 1)):
            across = f4(x) + f4(0.5) - middle
            u = across * scale
            still = sample(soft, u * f4(7) + box[5], age * f4(3))
            swell = sample(soft, u * f4(5) + box[5], rows * f4(0.9))
            thread = sample(fine, u * f4(18) + box[5], rows + still * f4(2))
            thin = sample(fine, u * f4(43) + f4(90), rows * f4(1.6))
            edge = abs(across) / half + f4(0.10) * thread + f4(0.12) * still
            side = smoothstep(f4(1.02), f4(0.45), edge)
            body = (
                f4(0.50) + white * f4(0.30) + f4(0.16) * still + f4(0.10) * swell + f4(0.13) * thread + f4(0.07) * thin
            )
            cover = min(
                max(smoothstep(f4(0.10), f4(0.66), body * (f4(0.35) + f4(0.65) * side)) * side, f4(0)), f4(0.97)
            )
            if cover <= f4(0.01):
                continue
            bright = min(max((body - f4(0.30)) * f4(1.55), f4(0)), f4(1.15))
            for c in range(3):
                water = tones[1, c] + (tones[0, c] - tones[1, c]) * bright
                water += (tones[2, c] - water) * far
                out[y, x, c] += (water - out[y, x, c]) * cover


@dataclass(frozen=True, slots=True)
class Falls:
    """A waterfall on a rock face.

    Attributes:
        layers: The cliff, far to near.
        x, z: World, metres, of the middle of its foot; `wide`, `high` metres.
        courses: (n, _LEVELS, 4) of its strands; `ends` (n, 2): where they begin and end, ÷ high from below.
        draws: (n, 4) uniform, of the mist.
        wet: What the air in between counts.
    """

    layers: Sequence[Layer]
    x: float
    z: float
    wide: float
    high: float
    courses: F32
    ends: F32
    tiles: tuple[F32, F32]
    draws: F64
    wet: float

    def paint(self, t: float, camera: Camera, light: Light, out: Picture) -> None:
        """The water of the moment."""
        middle, foot, scale = self._at(camera, out)
        lit = self._lit(light)
        far = np.float32(1 - np.exp(-self.z * light.haze_density * _AIR * self.wet))
        shade = 0.42 * light.sky * np.array([0.86, 0.98, 1.10]) + 0.10 * light.key
        tones = np.array([lit, shade, light.haze], np.float32)
        for number, (course, (top, bottom)) in enumerate(zip(self.courses, self.ends, strict=True)):
            box = np.array(
                [
                    middle, foot - top * self.high * scale, self.wide * scale, (top - bottom) * self.high * scale,
                    self.wide, 31.0 * number,
                ],
                np.float32,
            )  # fmt: skip
            _strand(out, *self.tiles, course, box, tones, far, np.float32(t + 7.0 * number))

    def mist(self, t: float, camera: Camera, light: Light, out: Picture) -> None:
        """Foam that drifts off over the pool, and the mist that hangs over it."""
        middle, foot, scale = self._at(camera, out)
        lit, p = self._lit(light), self.draws
        rows = np.zeros((len(p), stamps.STAMP_COLUMNS), np.float32)
        rows[:, 4], rows[:, 10], rows[:, 11] = 1, 1.0, stamps.DISC
        foam = np.arange(len(p)) < _FOAM
        side = (p[:, 1] - 0.5) * 2
        age = np.mod(t / np.where(foam, 6.0, 4.5) + p[:, 0], 1.0)
        reach = np.where(foam, 0.40 + 0.55 * age, 0.42 + 0.75 * age)
        rows[:, 0] = middle + side * self.wide * reach * scale
        # Foam comes towards us on the water, mist goes up before the fall.
        ahead = (self.z - camera.z) / np.maximum(self.z - camera.z - self.wide * (0.05 + 0.5 * age * p[:, 2]), 1.0)
        shore = camera.horizon * len(out) + camera.y * scale * ahead
        rows[:, 1] = np.where(foam, shore, foot - self.high * (0.01 + 0.34 * age * p[:, 2]) * scale)
        size = self.wide * np.where(foam, 0.05 + 0.12 * age, 0.13 + 0.34 * age) * (0.6 + 0.8 * p[:, 3]) * scale
        rows[:, 2], rows[:, 3] = size * np.where(foam, 1.6, 1.15), size * np.where(foam, 0.22, 0.85)
        rows[:, 6:9] = lit * np.where(foam, 0.80, 0.92)[:, None]
        rows[:, 9] = np.where(foam, 0.34, 0.17) * np.clip(age * 5, 0, 1) * (1 - age)
        stamps.stamps(out, rows)

    def pool(self, canvas: Canvas, light: Light) -> Layer:
        """The pool it falls into where the ground is dry: dark water that mirrors rock and fall, with stones about it."""
        rows = np.arange(canvas.height) + 0.5 - canvas.horizon
        z = np.where(rows > 0, canvas.rest.y * canvas.focal / np.maximum(rows, 1e-3), 4 * self.z)[:, None]
        x = (np.arange(canvas.width) + 0.5 - canvas.axis)[None] * z / canvas.focal + canvas.rest.x
        u, near = np.clip((x - self.x) / self.wide, -9, 9), np.clip((self.z - z) / (0.62 * self.z), -2, 2)
        fine, soft = self.tiles
        ragged = soft[np.mod(x * 9, 256).astype(int), np.mod(z * 6, 256).astype(int)]
        inside = 1 - (u / 2.2) ** 2 - (near * 1.05) ** 2 + 0.05 * ragged
        pixel = np.maximum(np.abs(np.gradient(inside, axis=0)), 0.004)
        cover = np.clip(inside / pixel, 0, 1) * (z < self.z) * (rows[:, None] > 0)
        wave = fine[np.mod(z * 23, 256).astype(int), np.mod(x * 5, 256).astype(int)]
        fall = np.exp(-((u / 0.42) ** 4)) * np.exp(-near * 1.8) * np.clip(0.55 + 0.35 * wave, 0, 1)
        deep = np.array([0.020, 0.060, 0.055]) * light.sky * (1 + 0.25 * wave[..., None])
        sky = light.haze * (0.10 + 0.20 * near[..., None].clip(0, 1) ** 2)
        colour = (deep + sky) * (1 - 0.8 * fall[..., None]) + self._lit(light) * (0.62 * fall[..., None])
        shore = 0.35 + 0.65 * np.clip(inside / 0.10, 0, 1)[..., None]
        pixels = np.concatenate([colour * shore, np.ones_like(cover)[..., None]], -1) * cover[..., None]
        return Layer(pixels.astype(np.float32), np.minimum(z[:, 0], self.z).astype(np.float32))

    def _at(self, camera: Camera, out: Picture) -> tuple[float, float, float]:
        """Column and row of its foot, pixels to a metre."""
        h, w = out.shape[:2]
        scale = camera.focal / max(self.z - camera.z, 1.0) * h
        return w / 2 - camera.pan * h + (self.x - camera.x) * scale, camera.horizon * h + camera.y * scale, scale

    def _lit(self, light: Light) -> F32:
        return np.asarray(0.95 * light.sky + 0.50 * light.key + 0.05 * light.haze, np.float32)


def falling(
    shot: Shot, canvas: Canvas, light: Light, albedo: tuple[float, float, float] = (0.105, 0.105, 0.088)
) -> Falls:
    """The waterfall of a shot: a cliff across the back of the picture, a fall down its ledges and thin ones beside it."""
    rng = shot.rng("waterfall")
    hero = max((p.z for p in shot.placements), default=0.0)
    z = max(26.0 * max(shot.rest.y / 1.6, 0.4), hero * 1.9)
    tall = 0.44 * min(1.0, 0.55 + 0.45 * canvas.frame[0] / canvas.frame[1])  # of the frame
    high = (shot.rest.horizon - (0.5 - tall)) * z / shot.rest.focal + shot.rest.y
    half = canvas.frame[0] / canvas.frame[1] / 2 / canvas.rest.focal * z
    side = -1.0 if shot.placements and shot.placements[0].x > 0 else 1.0
    x = side * float(rng.uniform(0.05, 0.22)) * half if not shot.placements else side * 0.38 * half
    wide = min((0.40 if shot.placements else 0.55) * high, 0.5 * half) * float(rng.uniform(0.9, 1.2))
    courses, ends = _courses(high, side, rng)
    cliff = _cliff(shot, canvas, (x, z), wide, high, light, rng, albedo)
    tiles = (spectral(256, 2.1, rng, lo=6, stretch=0.55), spectral(256, 2.6, rng, lo=3))
    draws = rng.random((_PUFFS + _FOAM, 4))
    return Falls([cliff], x, z, wide, high, courses, ends, tiles, draws, 0.4)


def _courses(high: float, side: float, rng: np.random.Generator) -> tuple[F32, F32]:
    """Courses and ends of the broad fall, which leaps from one to three ledges, and of rivulets on either side."""
    courses, ends = [], []
    tiers = int(rng.integers(1, 4))
    levels = np.sort(rng.uniform(0.30, 0.72, tiers - 1)) if tiers > 1 else np.zeros(0)
    courses.append(_course(levels, (0.30, 0.46), 0.05, high, rng))
    ends.append((1.0, 0.0))
    for number in range(int(rng.integers(2, 5))):
        aside = side * (1 if number % 2 else -1) * float(rng.uniform(0.50, 1.10))
        top = float(rng.uniform(0.66, 0.97))
        course = _course(rng.uniform(0.2, 0.8, 1), (0.020, 0.070), 0.05, high * top, rng)
        course[:, MIDDLE] += aside
        course[:, WHITE] -= 0.18
        course[:, HALF] *= np.minimum(np.linspace(0, 12, _LEVELS), 1)  # it trickles out of the green
        courses.append(course)
        ends.append((top, 0.0))
    return np.array(courses, np.float32), np.array(ends, np.float32)


def _course(ledges: F64, halves: tuple[float, float], bend: float, high: float, rng: np.random.Generator) -> F32:
    """A strand from its lip down; at each ledge (share of the way) it breaks white, steps aside and spreads.

    Args:
        halves: Half width at the lip and at the foot, ÷ Falls.wide.
        bend: How far it wanders and steps.
    """
    v = np.linspace(0, 1, _LEVELS)
    out = np.zeros((_LEVELS, 4), np.float32)
    out[:, MIDDLE] = bend * 0.35 * wander((v * 4).astype(np.float32), rng, 1.6)
    spread = halves[0] + (halves[1] - halves[0]) * v ** rng.uniform(0.7, 1.6)
    start, before = np.zeros_like(v), np.zeros_like(v)
    out[:, WHITE] = 0.35 + 0.55 * v
    for ledge in ledges:
        past = np.clip((v - ledge) / 0.05, 0, 1)
        past = past * past * (3 - 2 * past)
        out[:, MIDDLE] += bend * rng.uniform(-1.6, 1.6) * past
        spread = spread * (1 + rng.uniform(0.15, 0.42) * past)
        out[:, WHITE] += 0.55 * np.exp(-(((v - ledge - 0.03) / 0.045) ** 2)) - 0.10 * past
        over = v > ledge
        before = np.where(over, before + math.sqrt(2 * high * (ledge - start.max()) / _GRAVITY), before)
        start = np.where(over, ledge, start)
    out[:, HALF] = spread * (1 + 0.10 * wander((v * 7 + 3).astype(np.float32), rng, 1.3))
    # It falls freely from the last ledge, which it left at a walk.
    out[:, AGE] = before + np.sqrt(2 * high * (v - start + 0.02) / _GRAVITY)
    return out


def _cliff(
    shot: Shot, canvas: Canvas, at: tuple[float, float], wide: float, high: float, light: Light, rng: np.random.Generator,
    albedo: tuple[float, float, float],
) -> Layer:  # fmt: skip
    """A rock face with a notch that the water comes out of, green on its ledges, wet where it falls."""
    x, z = at
    scale = canvas.focal / z
    u = ((np.arange(canvas.width) + 0.5 - canvas.column(x, z)) / scale).astype(np.float32)
    rise = high * (1.10 + 0.09 * wander(u / high * 2.2, rng) + 0.035 * wander(u / high * 9, rng))
    rise *= np.clip(1.25 - 0.55 * np.abs(u) / (3.2 * wide), 0.35, 1.1)
    rise -= (rise - high * 0.99) * np.exp(-((u / (0.42 * wide)) ** 6))
    rows = np.arange(canvas.height, dtype=np.float32)[:, None] + 0.5
    foot = canvas.row(0.0, z)
    cover = np.clip(rows - (foot - rise[None] * scale) + 0.5, 0, 1) * np.clip(foot + 3 - rows, 0, 1)
    pixels = face(cover.astype(np.float32), max(0.24 * high * scale, 8.0), light, rng, albedo, round_=0.35, stretch=0.6)
    wet = 1 - 0.50 * np.exp(-((u / (0.75 * wide)) ** 2))
    pixels[..., :3] *= wet[None, :, None].astype(np.float32)
    if shot.spec.weather != "snow":
        _overgrow(pixels, u / wide, foot - rise * scale, foot, high * scale, light, rng)
    return Layer(hazed(pixels, light, z * 0.4), np.full(canvas.height, z, np.float32))


def _overgrow(
    pixels: F32, aside: F32, rim: F64, foot: float, high: float, light: Light, rng: np.random.Generator
) -> None:
    """Bushes along the rim and on ledges, moss around them; the water's way is kept bare.

    Args:
        aside: (w,) of each column from the fall, ÷ its width; `rim`: (w,) row of the cliff's edge. Rows and `high` in pixels.
    """
    w = pixels.shape[1]
    n, leaves = 150, 70
    column = rng.uniform(0, w - 1, n)
    low = rng.random(n) ** 2.2
    low[: n // 2] *= 0.03
    kept = np.abs(aside[column.astype(int)]) > 0.34 + 0.30 * low
    column, low = column[kept], low[kept]
    row = rim[column.astype(int)] + low * (foot - rim[column.astype(int)]) * 0.92
    size = high * rng.uniform(0.025, 0.075, len(column)) * (1 - 0.3 * low)
    shade = pixels[..., 3] * 0
    for x, y, r in zip(column, row, size, strict=True):
        cv2.ellipse(
            shade, (round(x), round(y + 0.9 * r)), (max(round(1.5 * r), 1), max(round(1.3 * r), 1)), 0, 0, 360, 1.0, -1
        )
    shade = np.asarray(cv2.GaussianBlur(shade, (0, 0), max(0.02 * high, 1.0)), np.float32) * pixels[..., 3]
    moss = np.array([0.040, 0.075, 0.016]) * (light.sky * 0.8 + light.key * 0.30)
    pixels[..., :3] += (moss - pixels[..., :3]) * (0.75 * shade[..., None]).astype(np.float32)
    at = rng.normal(0, 1, (len(column), leaves, 2)) * size[:, None, None] * np.array([0.75, 0.42])
    # Lit from above: what lies higher in its bush is brighter.
    up = np.clip(0.75 - at[..., 1] / size[:, None], 0.2, 1.6)[..., None]
    green = np.array([0.075, 0.135, 0.028]) * rng.uniform(0.6, 1.35, (len(column), 1, 1))
    lit = np.broadcast_to(light.sky * 0.8 + light.key * 0.55, (*at.shape[:2], 3)) * up
    at = at + np.stack([column, row], -1)[:, None]
    each = np.repeat(size * 0.26, leaves) * rng.uniform(0.6, 1.3, len(column) * leaves)
    rows = woods.canopy(
        at.reshape(-1, 2),
        np.broadcast_to(green, lit.shape).reshape(-1, 3),
        lit.reshape(-1, 3),
        each,
        rng,
        needles=False,
    )
    draw(pixels, rows.reshape(-1, COLUMNS))
