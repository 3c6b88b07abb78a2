"""Neon signs that stand out from the fronts of a street: glowing tubes on dark boards, and their streaks in the wet."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.noise import F32, Real, f4, lean
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.shot import Shot

_HUES = (
    (1.0, 0.10, 0.32), (0.10, 0.65, 1.0), (1.0, 0.42, 0.06), (0.75, 0.16, 1.0), (0.15, 1.0, 0.50), (1.0, 0.82, 0.20),
)  # fmt: skip
_TALL = 192  # pixels of a sprite
_DEPTHS = (46.0, 36.0, 28.0, 21.0, 15.5, 11.0, 7.6)


@dataclass(frozen=True, slots=True)
class Sign:
    """A board at (x, y, z), metres, its middle; `sprites` (h, w, 4): light and cover, each half as
    large as the last; `streak`: its light in a wet street;
    `hue` (3,): its mean light; `beat` of its flicker, 0 for none."""

    x: float
    y: float
    z: float
    wide: float
    high: float
    sprites: tuple[F32, ...]
    streak: F32
    hue: F32
    beat: float


def _sprite(wide: float, high: float, rng: np.random.Generator) -> F32:
    """A frame of tube around strokes that look like writing from afar."""
    h, w = _TALL, max(round(_TALL * wide / high), 24)
    hue, other = (np.array(_HUES[k]) for k in rng.permutation(len(_HUES))[:2])
    tubes = np.zeros((h, w, 3), np.float32)
    edge = max(w // 12, 3)
    cv2.rectangle(tubes, (edge, edge), (w - edge, h - edge), (*map(float, hue),), max(w // 26, 2), cv2.LINE_AA)
    cells = max(round(h / w), 1)
    for cell in range(cells):
        top = edge * 2 + (h - 4 * edge) * cell / cells
        size = min(w - 4 * edge, (h - 4 * edge) / cells) * 0.86
        for _ in range(int(rng.integers(4, 7))):
            a = rng.uniform(0, 1, 2)
            b = a + rng.choice([-1, 1]) * (np.array([0.55, 0.0]) if rng.random() < 0.55 else np.array([0.04, 0.6]))
            ends = np.clip(np.stack([a, b]), 0, 1) * size + [(w - size) / 2, top + 0.1 * size]
            cv2.polylines(tubes, [ends.astype(np.int32)], False, (*map(float, other),), max(w // 16, 2), cv2.LINE_AA)
    glow = cv2.GaussianBlur(tubes, (0, 0), w * 0.06)
    out = np.zeros((h, w, 4), np.float32)
    core = tubes.max(2, keepdims=True)
    out[..., :3] = tubes * 1.1 + 0.5 * core**2 + glow * 1.3 + 0.012
    out[..., 3] = 1
    return out


def signs(shot: Shot, half: float, middle: float) -> list[Sign]:
    """Signs on both sides of a street whose fronts stand `half` metres from its `middle`, far to near; where neon is asked."""
    if "neon" not in shot.spec.looks:
        return []
    rng, out = shot.rng("neon"), []
    unit = max(shot.rest.y / 1.65, 0.35)
    for z in _DEPTHS:
        for side in (-1, 1):
            high = float(rng.uniform(1.6, 3.6)) * unit
            wide = high * float(rng.uniform(0.26, 0.42)) if rng.random() < 0.7 else high * 1.3
            high = high if wide < high else high * 0.5
            x = middle + side * (half - 0.55 * wide)
            y = float(rng.uniform(2.9, 5.6)) * unit
            beat = float(rng.uniform(0.6, 1.4)) if rng.random() < 0.2 else 0.0
            away, sprite = z * unit * float(rng.uniform(0.9, 1.1)), _sprite(wide, high, rng)
            hue = sprite[..., :3].mean((0, 1))
            out.append(Sign(x, y, away, wide, high, _halved(sprite), _smeared(sprite), hue, beat))
    return out


def paint(boards: list[Sign], t: float, camera: Camera, on: float, wet: float, out: Picture) -> None:
    """Draw them, and where the street is wet their streaks on it."""
    h, w = out.shape[:2]
    glow = np.zeros((h // 8, w // 8, 3), np.float32)
    for one in boards:
        away = one.z - camera.z
        if away < 0.8:
            continue
        scale = camera.focal * h / away
        x = w / 2 - camera.pan * h + (one.x - camera.x) * scale
        y = camera.horizon * h + (camera.y - one.y) * scale
        power = on * (1.0 if not one.beat else 0.55 + 0.45 * float(np.sin(t * one.beat * 7) > -0.6))
        box = (x - one.wide * scale / 2, y - one.high * scale / 2, one.wide * scale, one.high * scale)
        _put(out, one.sprites, box, power, 1.0)
        middle = (round(x / 8), round(y / 8))
        cv2.circle(
            glow, middle, max(round(one.high * scale / 12), 1), tuple(float(v) for v in one.hue * power * 0.5), -1
        )
        if wet:
            foot = camera.horizon * h + camera.y * scale
            streak = (box[0] - 0.1 * box[2], foot + 0.15 * box[3], 1.2 * box[2], 1.6 * box[3])
            _put(out, (one.streak,), streak, power * wet, 0.0)
    soft = cv2.GaussianBlur(glow, (0, 0), max(h / 8 * 0.045, 1.0))
    out += cv2.resize(soft, (w, h), interpolation=cv2.INTER_LINEAR)


def _halved(sprite: F32) -> tuple[F32, ...]:
    """A sprite, its half, its quarter and its eighth: for boards far off, whose tubes are finer than a pixel."""
    out = [sprite]
    for _ in range(3):
        h, w = out[-1].shape[:2]
        half = cv2.resize(out[-1], (max(w // 2, 2), max(h // 2, 2)), interpolation=cv2.INTER_AREA)
        out.append(np.asarray(half, np.float32))
    return tuple(out)


def _smeared(sprite: F32) -> F32:
    small = cv2.resize(sprite[::-8, ::8], (12, 24), interpolation=cv2.INTER_AREA)
    soft = np.asarray(cv2.GaussianBlur(small, (0, 0), sigmaX=1.5, sigmaY=5.0), np.float32)
    return soft * np.hanning(24).astype(np.float32)[:, None, None]


@lean
def _place(out: F32, sprite: F32, box: F32, power: Real, cover: Real) -> None:
    """box: left, top, width, height."""
    h, w = out.shape[0], out.shape[1]
    down, across = f4(sprite.shape[0]) / box[3], f4(sprite.shape[1]) / box[2]
    low, right = f4(sprite.shape[0] - 1.001), f4(sprite.shape[1] - 1.001)
    for y in range(max(int(box[1]), 0), min(int(box[1] + box[3]) + 1, h)):
        # The outermost pixels are covered as far as the box reaches into them.
        inside = min(f4(y) + f4(1), box[1] + box[3]) - max(f4(y), box[1])
        v = min(max((f4(y) + f4(0.5) - box[1]) * down - f4(0.5), f4(0)), low)
        j = int(v)
        b = v - f4(j)
        for x in range(max(int(box[0]), 0), min(int(box[0] + box[2]) + 1, w)):
            share = max(inside * (min(f4(x) + f4(1), box[0] + box[2]) - max(f4(x), box[0])), f4(0))
            u = min(max((f4(x) + f4(0.5) - box[0]) * across - f4(0.5), f4(0)), right)
            i = int(u)
            a = u - f4(i)
            w11 = a * b * share
            w01, w10 = a * share - w11, b * share - w11
            w00 = share - w01 - w10 - w11
            one, two = sprite[j], sprite[j + 1]
            keep = f4(1) - cover * (one[i, 3] * w00 + one[i + 1, 3] * w01 + two[i, 3] * w10 + two[i + 1, 3] * w11)
            for c in range(3):
                lit = one[i, c] * w00 + one[i + 1, c] * w01 + two[i, c] * w10 + two[i + 1, c] * w11
                out[y, x, c] = out[y, x, c] * keep + lit * power


def _put(
    out: Picture, sprites: tuple[F32, ...], box: tuple[float, float, float, float], power: float, cover: float
) -> None:
    """Over (cover 1) or added to (cover 0) the picture, into a box of left, top, width, height. `sprites`: the same one, each
    half as large as the last."""
    h, w = out.shape[:2]
    if box[0] + box[2] <= 0 or box[1] + box[3] <= 0 or box[0] >= w or box[1] >= h or box[2] > 3 * w:
        return
    level = min(max(round(math.log2(sprites[0].shape[0] / max(box[3], 1.0))), 0), len(sprites) - 1)
    _place(out, sprites[level], np.array(box, np.float32), np.float32(power), np.float32(cover))
