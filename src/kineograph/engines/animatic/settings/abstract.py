"""Nowhere in particular: silk of light that flows and folds, in a palette made from the words."""

from __future__ import annotations

import math
import tomllib
from functools import cache
from importlib.resources import files

import cv2
import numpy as np

from kineograph.engines.animatic import colours
from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean, sample, smoothstep, spectral
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.settings.studio import Paper, softboxes
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot

_COARSE = 2.5  # the silk is smooth: it is woven this much smaller than the picture
_STOPS = 4


@cache
def _moods() -> dict[str, list[list[list[float]]]]:
    rows = tomllib.loads(files(__package__).joinpath("abstract.toml").read_text(encoding="utf-8"))
    return {name: row["palettes"] for name, row in rows.items()}


def palette_of(shot: Shot) -> F32:
    """Four colours (4, 3), dark to accent: those of a colour word where one was said, else of the mood."""
    if shot.spec.backdrop in colours.words() and shot.spec.backdrop != "white":
        deep, tone, light = (colours.colour(shot.spec.backdrop, shade) for shade in ("deep", "tone", "light"))
        return np.stack([deep * np.float32(0.35), deep * np.float32(0.6) + tone * np.float32(0.3), tone, light])
    choices = _moods().get(shot.spec.mood, _moods()["calm"])
    drawn = shot.rng("abstract palette").integers(len(choices))
    return np.array(choices[int(drawn)], np.float32)


@helper
def _field(tile: F32, x: Real, y: Real, t: Real) -> tuple[Real, Real]:
    """The height of the silk at (x, y) frame heights, about -1.5…1.5, and how far it was bent."""
    a = sample(tile, x * f4(22) + t * f4(0.9), y * f4(22) - t * f4(0.6))
    b = sample(tile, x * f4(22) + f4(91) - t * f4(0.7), y * f4(22) + f4(37) + t * f4(0.8))
    u, v = x * f4(17) + a * f4(9), y * f4(17) + b * f4(9)
    c = sample(tile, u + f4(13) + t * f4(0.5), v * f4(1.7) - t * f4(0.8))
    d = sample(tile, u * f4(1.9) + c * f4(7) - t * f4(0.6), v * f4(1.9) + f4(53))
    return c + f4(0.40) * d + f4(0.35) * a, b


@lean
def _fold(out: F32, tile: F32, pan: Real, t: Real) -> None:
    """out: (h, w, 2), height and bend."""
    step = f4(1.0) / out.shape[0]
    for j in range(out.shape[0]):
        y = (f4(j) + f4(0.5)) * step
        for i in range(out.shape[1]):
            out[j, i, 0], out[j, i, 1] = _field(tile, (f4(i) + f4(0.5)) * step + pan, y, t)


@lean
def _dye(out: F32, silk: F32, palette: F32) -> None:
    """Colour silk (h, w, 2) by its height, light it by its slope; the rim of out (h, w, 3) copies its neighbour."""
    h, w = out.shape[0], out.shape[1]
    steep = f4(0.05) * h
    for j in range(h):
        j0, j1 = max(j - 1, 0), min(j + 1, h - 1)
        for i in range(w):
            f, bend = silk[j, i, 0], silk[j, i, 1]
            gx = (silk[j, min(i + 1, w - 1), 0] - silk[j, max(i - 1, 0), 0]) * steep
            gy = (silk[j1, i, 0] - silk[j0, i, 0]) * steep
            q = f4(1) / math.sqrt(gx * gx + gy * gy + f4(1))
            lit = max((f4(0.70) - f4(0.45) * gx - f4(0.55) * gy) * q, f4(0))
            s2 = lit * lit * lit * lit
            sheen = s2 * s2 * s2 * lit * lit
            k = min(max((f + f4(1.5)) * f4(0.30) + bend * f4(0.06), f4(0)), f4(0.999)) * f4(_STOPS - 2)
            n = int(k)
            s = smoothstep(f4(0), f4(1), k - f4(n))
            glow = smoothstep(f4(0.9), f4(1.9), f)
            for c in range(3):
                base = palette[n, c] + (palette[n + 1, c] - palette[n, c]) * s
                base += (palette[3, c] - base) * glow * f4(0.8)
                out[j, i, c] = base * (f4(0.40) + f4(0.75) * lit) + palette[3, c] * sheen * f4(0.30)


class Abstract:
    """See `Setting`. The silk moves, the lamps stand still.

    Attributes:
        gloss: As in `studio`: what stands here stands on something dark and polished.
    """

    gloss = (0.30, 0.8)

    def __init__(self, shot: Shot) -> None:
        self._palette = palette_of(shot)
        self._tile = spectral(256, 3.4, shot.rng("abstract"), lo=2, hi=24)
        self._start = float(shot.rng("abstract start").uniform(0, 60))
        mean = self._palette[1] * np.float32(0.5) + self._palette[2] * np.float32(0.5)
        paper = Paper(mean, mean, 0.4, 0.78, self.gloss)
        self._light = softboxes(paper, math.copysign(1.0, shot.sun_azimuth))
        self._cast = bool(shot.placements)
        self._weather = Weather(shot, ground=False, mist=0.4)

    def light(self, t: float) -> Light:  # noqa: ARG002  (the lamps do not change)
        """Softboxes in a room of these colours."""
        return self._light

    def backdrop(self, t: float, camera: Camera, out: Picture) -> None:
        """Silk; darker below where somebody stands."""
        h, w = out.shape[:2]
        size = (max(round(w / _COARSE), 8), max(round(h / _COARSE), 8))
        silk, small = np.empty((size[1], size[0], 2), np.float32), np.empty((size[1], size[0], 3), np.float32)
        _fold(silk, self._tile, np.float32(camera.pan + 0.05 * camera.x), np.float32(self._start + t * 0.9))
        # The noise is linear between its texels: without this its grid would show in the light.
        silk = np.asarray(cv2.GaussianBlur(silk, (0, 0), size[1] * 0.012), dtype=np.float32)
        _dye(small, silk, self._palette)
        cv2.resize(small, (w, h), dst=out, interpolation=cv2.INTER_CUBIC)
        np.maximum(out, 0, out=out)
        if self._cast:
            rows = (np.arange(h, dtype=np.float32) + 0.5) / h
            floor = np.clip((rows - np.float32(camera.horizon)) / 0.25, 0, 1)
            out *= (1 - 0.45 * floor * floor * (3 - 2 * floor)).astype(np.float32)[:, None, None]
        self._weather.behind(t, camera, self._light, out)

    def overlay(self, t: float, camera: Camera, out: Picture) -> None:
        """What floats in the air, if words asked for it."""
        self._weather.before(t, camera, self._light, out)


def build(shot: Shot) -> Abstract:
    """The abstract place of a shot."""
    return Abstract(shot)
