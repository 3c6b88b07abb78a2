"""Fires and lamps of the cast: flames in layers, sparks, and the pool of light they throw on the ground and on who is near."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32, Real, f4, lean, sample, smoothstep, spectral
from kineograph.engines.animatic.settings import stamps
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.shot import Placement, Shot
from kineograph.engines.animatic.subjects.base import Actor
from kineograph.engines.animatic.subjects.bonds import Frame

F64 = NDArray[np.float64]
SMALL = 8  # the pool is worked out this much smaller than the picture
FINE = 2  # and flames
SPARKS = 26
BRIGHT = 0.75  # luma of the open sky's light from which on no lamp is noticed
GAIN = 4.6  # how much brighter a campfire makes a thing close by in the dark


@cache
def lamps() -> Mapping[str, Mapping[str, Any]]:
    """Rows of lamplight.toml by kind."""
    return tomllib.loads(files(__package__).joinpath("lamplight.toml").read_text("utf-8"))


class Standing(Protocol):
    """An actor that says where its foot is."""

    placement: Placement

    def stands(self, t: float) -> Frame:
        """Where the middle of its foot is, and how it is turned."""
        ...


@lean
def _heat(out: F32, tile: F32, shift: Real, t: Real) -> None:
    """out: (h, w) how hot a fire is, 0…1, from its tips at the first row to its foot at nine tenths; three tongues one
    before the other, each with a flicker of its own."""
    height, width = out.shape
    for y in range(height):
        v = f4(1.25) - f4(1.35) * (f4(y) + f4(0.5)) / height
        for x in range(width):
            u = ((f4(x) + f4(0.5)) / width - f4(0.5)) * f4(2.6)
            heat = u * f4(0)
            for k in range(3):
                n = u * f4(0) + k
                own = shift + f4(37) * n
                tongue = sample(tile, u * f4(7) + own + f4(11), t * (f4(5) + f4(2) * n))
                q = v / max(f4(0.98) - f4(0.19) * n + f4(0.16) * tongue, f4(0.3))
                if q > f4(1.05):
                    continue
                sway = sample(tile, u * f4(3) + own, v * f4(5) - t * (f4(17) + f4(4) * n))
                beside = f4(0.40) * (n * (n - f4(1)) - f4(1)) if k else n
                aside = u + beside + f4(0.16) * sway * (f4(0.15) + max(v, f4(0)))
                aside *= f4(1.15) + f4(0.45) * n
                wide = (max(f4(1.05) - q, f4(0)) ** f4(0.75)) * (
                    f4(0.55) + f4(0.45) * smoothstep(f4(-0.1), f4(0.18), q)
                )
                if abs(aside) > wide * f4(1.4):
                    continue
                lick = sample(tile, u * f4(9) + own, v * f4(13) - t * (f4(34) + f4(7) * n))
                body = (wide - abs(aside)) / max(wide, f4(0.08)) + f4(0.30) * lick * (f4(0.2) + max(q, f4(0)))
                body *= smoothstep(f4(-0.09), f4(0.06), v)
                heat += min(max(body, f4(0)), f4(1)) * (f4(1) - heat) * f4(0.50)
            out[y, x] = heat


@lean
def _burn(out: F32, heats: F32, left: Real, top: Real, wide: Real, high: Real) -> None:
    """Paint heats (hs, ws) into that box of pixels of out (h, w, 3): white at the heart, red at the tips."""
    h, w = out.shape[0], out.shape[1]
    hs, ws = heats.shape
    for y in range(max(0, int(top)), min(h, int(top + high))):
        v = min(max((f4(y) + f4(0.5) - top) / high * hs - f4(0.5), f4(0)), hs - f4(1.001))
        j = int(v)
        b = v - f4(j)
        cool = f4(0.55) * max(min(f4(1.25) - f4(1.35) * v / hs, f4(1.2)), f4(0))
        for x in range(max(0, int(left)), min(w, int(left + wide))):
            u = min(max((f4(x) + f4(0.5) - left) / wide * ws - f4(0.5), f4(0)), ws - f4(1.001))
            i = int(u)
            a = u - f4(i)
            upper = heats[j, i] + (heats[j, i + 1] - heats[j, i]) * a
            lower = heats[j + 1, i] + (heats[j + 1, i + 1] - heats[j + 1, i]) * a
            heat = upper + (lower - upper) * b
            if heat < f4(0.02):
                continue
            core = max(heat * f4(1.20) - cool * f4(0.62) - f4(0.06), f4(0))
            cover = smoothstep(f4(0.02), f4(0.34), heat) * (f4(0.95) - f4(0.25) * cool)
            keep = f4(1) - f4(0.85) * cover
            out[y, x, 0] = out[y, x, 0] * keep + cover * (f4(0.95) + f4(2.3) * core)
            out[y, x, 1] = out[y, x, 1] * keep + cover * (f4(0.14) + f4(2.35) * core ** f4(1.4))
            out[y, x, 2] = out[y, x, 2] * keep + cover * (f4(0.015) + f4(1.25) * core * core * core)


@lean
def _kindle(out: F32, small: F32, colour: F32, air: Real) -> None:
    """Brighten out (h, w, 3) by `small` (hs, ws), enlarged bilinearly, in this colour (3,); `air`: share that is added."""
    h, w = out.shape[0], out.shape[1]
    hs, ws = small.shape
    for y in range(h):
        v = min(max((f4(y) + f4(0.5)) * hs / h - f4(0.5), f4(0)), f4(hs - 1.001))
        j = int(v)
        b = v - f4(j)
        for x in range(w):
            u = min(max((f4(x) + f4(0.5)) * ws / w - f4(0.5), f4(0)), f4(ws - 1.001))
            i = int(u)
            a = u - f4(i)
            top = small[j, i] + (small[j, i + 1] - small[j, i]) * a
            low = small[j + 1, i] + (small[j + 1, i + 1] - small[j + 1, i]) * a
            k = top + (low - top) * b
            if k > f4(0.004):
                # What shines by itself is not lit by it.
                k /= f4(1) + f4(2.5) * max(out[y, x, 0], out[y, x, 1])
                for c in range(3):
                    out[y, x, c] += (out[y, x, c] + air) * k * colour[c]


@dataclass(frozen=True, slots=True)
class Lamp:
    """One of the cast that gives light. A pure function of t.

    Attributes:
        draws: (n, 4) uniform, of its sparks.
    """

    actor: Standing
    row: Mapping[str, Any]
    tile: F32
    draws: F64

    def flames(self, t: float, camera: Camera, out: Picture) -> None:
        """Its fire and sparks, over what has been painted so far."""
        if "flames" not in self.row:
            return
        foot, wide, high = (value * self.actor.placement.height for value in self.row["flames"])
        x, y, scale = self._seen(t, camera, out, foot)
        box = (x - 0.65 * wide * scale, y - 1.25 * high * scale, 1.3 * wide * scale, 1.35 * high * scale)
        heats = np.empty((max(int(box[3] / FINE), 4), max(int(box[2] / FINE), 4)), np.float32)
        _heat(heats, self.tile, np.float32(self.actor.placement.seed % 89), np.float32(t))
        _burn(out, heats, *(np.float32(value) for value in box))
        p = self.draws
        age = np.mod(t / 1.7 + p[:, 0], 1.0)
        rows = np.zeros((len(p), stamps.STAMP_COLUMNS), np.float32)
        rows[:, 0] = x + ((p[:, 1] - 0.5) + 0.5 * age * np.sin(age * 8 + p[:, 2] * 6.28)) * wide * scale
        rows[:, 1] = y - (0.35 + (1.1 + 0.9 * p[:, 3]) * age) * high * scale
        rows[:, 2] = rows[:, 3] = np.maximum(0.012 * high * scale * (1.2 - age), 0.7)
        rows[:, 4], rows[:, 10], rows[:, 11], rows[:, 12] = 1, 0.9, stamps.DISC, 1
        rows[:, 6:9] = (2.4, 0.9, 0.22)
        rows[:, 9] = np.clip(age * 6, 0, 1) * (1 - age)
        stamps.stamps(out, rows)

    def pool(self, t: float, camera: Camera, light: Light, out: Picture) -> None:
        """The light it throws, in the dark."""
        around = (light.sky + 0.5 * light.key) @ np.array([0.2126, 0.7152, 0.0722], np.float32)
        dark = min(max(1 - float(around) / BRIGHT, 0.0), 1.0) ** 1.5
        if dark < 0.03:
            return
        row, placement = self.row, self.actor.placement
        x, y, scale = self._seen(t, camera, out, row["at"] * placement.height)
        beat = 1 + row["flicker"] * (0.6 * math.sin(t * 9.1 + placement.phase) + 0.4 * math.sin(t * 17.3 + 1.7))
        h, w = out.shape[:2]
        small = _pool(camera, self._place(t), (h, w), (x, y, scale), row["reach"])
        small *= np.float32(GAIN * row["power"] * dark * beat)
        _kindle(out, small, np.array(row["colour"], np.float32), np.float32(0.012))

    def _place(self, t: float) -> F64:
        """(3,) of the light."""
        frame = self.actor.stands(t)
        return np.asarray(frame.at + frame.turn @ np.array([0, self.row["at"] * self.actor.placement.height, 0]))

    def _seen(self, t: float, camera: Camera, out: Picture, up: float) -> tuple[float, float, float]:
        """Column and row of what is `up` metres above its foot, and pixels to a metre there."""
        frame = self.actor.stands(t)
        x, y, z = frame.at + frame.turn @ np.array([0, up, 0])
        h, w = out.shape[:2]
        scale = camera.focal * h / max(z - camera.z, 0.1)
        return (
            w / 2 - camera.pan * h + (x - camera.x) * scale,
            camera.horizon * h - (y - camera.y) * scale,
            scale,
        )


def _pool(
    camera: Camera, at: F64, size: tuple[int, int], seen: tuple[float, float, float], reach: float,
) -> F32:  # fmt: skip
    """(h ÷ SMALL, w ÷ SMALL) of 0…1: on the ground by its distance there, on what stands by it by its distance in the picture."""
    h, w = size
    rows = (np.arange(h // SMALL, dtype=np.float32)[:, None] + 0.5) * h / (h // SMALL)
    columns = (np.arange(w // SMALL, dtype=np.float32)[None] + 0.5) * w / (w // SMALL)
    below = np.maximum(rows - camera.horizon * h, 1e-3)
    z = np.minimum(camera.y * camera.focal * h / below, 1e4)
    x = (columns - w / 2 + camera.pan * h) * z / (camera.focal * h) + camera.x
    wide = reach * reach
    ground = (1 + ((x - at[0]) ** 2 + (z + camera.z - at[2]) ** 2) / wide) ** -1.5 * (below > 1e-3)
    column, row, scale = seen
    aside = ((columns - column) ** 2 + (rows - row) ** 2) / (0.31 * reach * scale) ** 2
    return np.ascontiguousarray(np.maximum(ground * 0.9, (1 + aside) ** -2.0), np.float32)


def lamps_of(shot: Shot, actors: Sequence[Actor]) -> list[Lamp]:
    """Everything among these that gives light."""
    out = []
    for number, actor in enumerate(actors):
        row = lamps().get(actor.placement.subject.kind)
        if row is not None and hasattr(actor, "stands"):
            rng = shot.rng(f"lamp {number}")
            out.append(Lamp(cast(Standing, actor), row, spectral(128, 2.3, rng, lo=4), rng.random((SPARKS, 4))))
    return out
