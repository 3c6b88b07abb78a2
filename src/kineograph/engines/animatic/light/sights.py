"""What is to be seen in the sky on some days only: curtains of aurora, a rainbow, lightning."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.lightning import Lightning, bolts
from kineograph.engines.animatic.light.tables import weather_of
from kineograph.engines.animatic.noise import F32, Real, f4, lean, mix, sample, smoothstep, spectral
from kineograph.engines.animatic.shot import Shot

# Adds its light to the rows of sky it is given: seconds, camera, height of the whole frame in pixels, sky (h, w, 3).
Sight = Callable[[float, Camera, int, F32], None]

_COARSE = 6  # an aurora is worked out this much smaller than the picture
_SHARE = 0.45  # of clear nights over a snowfield that have one unasked
_BOW = 0.68  # radius of a rainbow on the tangent plane, a little less than the real 42 degrees: it fits into the frame


def sights(shot: Shot, flash: Callable[[float], float]) -> list[Sight]:
    """What this shot's sky shows: what was asked for, where the hour and the weather allow it.

    Args:
        flash: How bright lightning is at t seconds, 0 for none.
    """
    out: list[Sight] = []
    clear = 1 - weather_of(shot.spec.weather).overcast
    dark = float(np.clip((-max(shot.sun_elevation, shot.sun_elevation_to) - 2) / 6, 0, 1))
    rng = shot.rng("aurora")
    polar = shot.spec.setting == "snowfield" and shot.spec.weather == "clear" and rng.random() < _SHARE
    if ("aurora" in shot.spec.effects or polar) and dark * clear > 0.05:
        out.append(_aurora(spectral(256, 2.2, rng, lo=6), np.float32(0.21 * dark * clear)))
    if "rainbow" in shot.spec.effects and dark < 0.3:
        out.append(_rainbow(shot))
    if shot.spec.weather == "storm":
        out.append(_lightning(shot, flash))
    return out


@lean
def _curtains(out: F32, tile: F32, view: F32, t: Real, strength: Real) -> None:
    """view: focal, axis and horizon in pixels of out. Three curtains, green below and violet above, with folds that run."""
    for y in range(out.shape[0]):
        e = (view[2] - f4(y)) / view[0]
        for x in range(out.shape[1]):
            a = (f4(x) - view[1]) / view[0]
            for c in range(3):
                out[y, x, c] = f4(0)
            for k in range(3):
                q = a * f4(17) + f4(k * 71)
                foot = f4(0.14) + f4(0.10) * k + f4(0.05) * a * f4(k - 1)
                foot += f4(0.07) * sample(tile, q + t * f4(0.5), f4(k * 37) + t * f4(0.35))
                high = e - foot
                if high < f4(-0.03):
                    continue
                ray = f4(0.6) + f4(0.28) * sample(
                    tile, a * f4(110) + high * f4(8) + f4(k * 31) + t * f4(2.2), t * f4(0.9) + f4(k * 11)
                )
                reach = max(f4(0.20) + f4(0.09) * sample(tile, q * f4(2.3) - t, f4(k * 17)), f4(0.05))
                bright = max(f4(0.6) + f4(0.55) * sample(tile, q * f4(0.7) + t * f4(0.8), f4(k * 7 + 40)), f4(0))
                power = strength * max(ray, f4(0.1)) * bright * smoothstep(f4(-0.03), f4(0.02), high)
                power *= math.exp(-max(high, f4(0)) / reach)
                m = smoothstep(f4(0.03), f4(0.28), high)
                out[y, x, 0] += power * mix(f4(0.03), f4(0.42), m)
                out[y, x, 1] += power * mix(f4(0.62), f4(0.10), m)
                out[y, x, 2] += power * mix(f4(0.26), f4(0.55), m)


def _aurora(tile: F32, strength: np.float32) -> Sight:
    def paint(t: float, camera: Camera, height: int, sky: F32) -> None:
        h, w = sky.shape[:2]
        small = np.empty((max(h // _COARSE, 2), max(w // _COARSE, 2), 3), np.float32)
        k = small.shape[1] / w
        view = np.array(
            [camera.focal * height * k, (w / 2 - camera.pan * height) * k, camera.horizon * height * k], np.float32
        )
        _curtains(small, tile, view, np.float32(t), strength)
        cv2.add(sky, cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR), dst=sky)

    return paint


def _rainbow(shot: Shot) -> Sight:
    """Opposite the sun, red outside; paler where the air is clear than in rain."""
    half = shot.width / shot.height / 2 / shot.rest.focal
    side = -math.copysign(1.0, shot.sun_azimuth)
    power = 0.16 if shot.spec.weather in ("rain", "storm") else 0.12
    fits = min(1.0, 0.55 + 0.45 * half)

    def paint(t: float, camera: Camera, height: int, sky: F32) -> None:
        h, w = sky.shape[:2]
        focal = camera.focal * height
        x = (np.arange(w, dtype=np.float32) + 0.5 - w / 2 + camera.pan * height) / focal - np.float32(
            side * 0.35 * half
        )
        y = (camera.horizon * height - np.arange(h, dtype=np.float32) - 0.5) / focal + np.float32(0.16 * fits)
        d = (np.sqrt(x[None] ** 2 + y[:, None] ** 2) - _BOW * fits) / 0.052  # 0…1 from violet to red
        body = np.exp(-(((d - 0.5) / 0.62) ** 2)) * np.clip(y / 0.25, 0, 1)[:, None] * power
        for c, middle in enumerate((0.95, 0.55, 0.12)):
            sky[..., c] += body * np.exp(-(((d - middle) / 0.36) ** 2)) * (1 + 0.05 * math.sin(t * 0.7))

    return paint


def _lightning(shot: Shot, flash: Callable[[float], float]) -> Sight:
    """A bolt while the sheet flashes: another one for every flash."""
    beats, drawn = Lightning.of(shot), bolts(shot)

    def paint(t: float, camera: Camera, height: int, sky: F32) -> None:
        power = flash(t)
        if power < 0.25:
            return
        h, w = sky.shape[:2]
        mask = np.zeros((h, w), np.uint8)
        scale = camera.focal * height
        for number, line in enumerate(drawn[beats.number(t) % len(drawn)]):
            x = w / 2 - camera.pan * height + line[:, 0] * scale
            y = camera.horizon * height - line[:, 1] * scale
            points = np.round(np.stack([x, y], 1) * 16).astype(np.int32)
            thick = max(round(height * (0.0042 if number == 0 else 0.0020)), 1)
            cv2.polylines(mask, [points], False, 255 if number == 0 else 150, thick, cv2.LINE_AA, 4)
        core = mask.astype(np.float32) / 255
        glow = cv2.GaussianBlur(core, (0, 0), max(height * 0.014, 1.0)) * np.float32(5.0)
        light = (core * np.float32(1.6) + glow * np.float32(0.35)) * np.float32(min(power, 2.2))
        sky += light[..., None] * np.array([0.80, 0.86, 1.0], np.float32)

    return paint
