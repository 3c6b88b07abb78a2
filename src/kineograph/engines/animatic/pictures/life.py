"""What lives in a given picture: how its fields move with time. All closed forms of t that are still at t = 0."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kineograph.engines.animatic.noise import F32, spectral
from kineograph.engines.animatic.pictures.seen import Seen
from kineograph.engines.animatic.pictures.warp import Fields
from kineograph.engines.animatic.shot import Shot

# Camera moves over the whole film: zoom, shift to the side in shares of the width, lift in shares of 9/16 of it. A picture
# ends at its border: nobody can pull back from it, and every shift needs the zoom that keeps the border out of the frame.
_MOVES = {
    "drift": (0.075, 0.020, 0.004),
    "push": (0.110, 0.000, 0.004),
    "pull": (0.035, 0.012, 0.0),
    "pan": (0.095, 0.040, 0.0),
    "track": (0.095, 0.040, 0.0),
    "orbit": (0.090, 0.036, 0.004),
    "tilt": (0.090, 0.0, 0.024),
    "aerial": (0.095, 0.010, 0.024),
    "handheld": (0.070, 0.012, 0.0),
    "static": (0.0, 0.0, 0.0),
}
# Brightness and tint (U, V) the light ends at where the words change the time of day.
_TIMES = {
    "night": (0.34, 12.0, -5.0),
    "dusk": (0.60, 7.0, 3.0),
    "golden": (0.88, -12.0, 9.0),
    "dawn": (0.92, -6.0, 7.0),
    "day": (1.18, 0.0, 0.0),
}
_WINDY = {"wind": 1.0, "storm": 1.5}
_WATERS = frozenset({"waves", "water", "sparkles"})
_SWEPT = frozenset({"rays", "lights", "sparkles"})
_WATER_WORDS = frozenset(
    {"lake", "river", "sea", "ocean", "bay", "shore", "coast", "water", "湖", "湖面", "湖边", "湖泊", "河", "海", "水"}
)


@dataclass(frozen=True, slots=True)
class Life:
    """Fields by time. Built once; `at` is pure.

    Attributes:
        across, down: (rows, columns) where each cell lies, in frame widths from the middle.
        side: -1 or 1, the way the camera and the clouds go.
        move: Zoom, shift, lift of the camera over the film.
        wind: 0 still … 1.5 storm.
        shore: Where the water begins, in frame widths below the middle.
        wet, swept: Whether water glitters, whether a band of light passes.
        end: Brightness and tint at the end of the film.
        lamps: How much of a bright place's light is its own, 0…1.
        tiles: Four soft tiles of noise, (rows, columns) each, for gusts and ripples.
    """

    seen: Seen
    seconds: float
    across: F32
    down: F32
    side: float
    move: tuple[float, float, float]
    wind: float
    shore: float
    wet: bool
    swept: bool
    end: tuple[float, float, float]
    lamps: float
    tiles: tuple[F32, ...]

    def at(self, t: float) -> Fields:
        """The fields at t seconds."""
        awake = _ease(t / 1.2)  # everything that swings starts from rest
        dx, dy = self._camera(t)
        gain = np.ones_like(dx)
        self._clouds(t, dx)
        if self.wind > 0:
            self._sway(t, awake, dx, dy)
        if self.wet:
            self._ripple(t, awake, dx, dy, gain)
        if self.swept:
            gain += self._sweep(t)
        share = _ease(t / self.seconds)
        brightness, u, v = self.end
        # What is bright at dusk and not the sky shines on when it gets dark: lamps and windows.
        keeps = np.clip((self.seen.bright - 0.6) * 3, 0, 1) * (1 - self.seen.sky) * self.lamps
        gain *= 1 + (brightness - 1) * share * (1 - keeps if brightness < 1 else 1)
        return Fields(dx, dy, np.ascontiguousarray(gain, dtype=np.float32), (u * share, v * share))

    def _camera(self, t: float) -> tuple[F32, F32]:
        zoom, shift, lift = self.move
        u = min(t / self.seconds, 1.0)
        e = 0.55 * _ease(u) + 0.45 * u  # soft start and stop, but never standing still
        near = self.seen.near
        scale = -zoom * e * (0.45 + 0.75 * near)
        dx = self.across * scale + self.side * shift * e * (near - 0.5)
        dy = self.down * scale - lift * self.side * e * (near - 0.5)
        return dx.astype(np.float32), dy.astype(np.float32)

    def _clouds(self, t: float, dx: F32) -> None:
        """The sky slides; the margin in its mask stretches over what stands before it."""
        dx -= self.side * self.seen.sky * np.float32(min(0.0022 + 0.0012 * self.wind, 0.022 / self.seconds) * t)

    def _sway(self, t: float, awake: float, dx: F32, dy: F32) -> None:
        """Leaves and hair: long waves that run with the wind, never shorter than a tenth of the width."""
        front = self.seen.front * np.clip(0.25 - self.down, 0, 1)
        loose = self.seen.foliage + 0.35 * front
        gust = 0.65 + 0.35 * math.sin(0.9 * t + 0.4)
        phase = 2 * math.pi * (self.across * self.side / 0.24 - t / 2.6) + 1.4 * self.tiles[0]
        short = 2 * math.pi * (self.across * self.side / 0.11 - t / 1.3) + 1.8 * self.tiles[1]
        amount = np.float32(0.0021 * self.wind * awake * gust) * loose
        dx += amount * (0.7 * np.sin(phase) + 0.35 * np.sin(short))
        dy += amount * 0.35 * np.sin(phase + 1.3)

    def _ripple(self, t: float, awake: float, dx: F32, dy: F32, gain: F32) -> None:
        """Water: level waves that come nearer, and glitter where it is bright."""
        water = self.seen.water * np.float32(awake)
        # Waves crowd towards the horizon: phase goes with the logarithm of the distance below it, height with the distance,
        # so that their slope is the same everywhere and never folds a pixel over its neighbour.
        below = np.clip(self.down - self.shore, 0.02, None)
        depth = np.log(below)
        swell = 2 * math.pi * (1.9 * depth + 0.30 * t) + 1.6 * self.tiles[2]
        chop = 2 * math.pi * (5.3 * depth + 0.52 * t) + 2.4 * self.tiles[3]
        size = water * np.minimum(below, 0.4)
        dx += np.float32(0.0045) * size * (np.sin(swell) + 0.3 * np.sin(chop))
        dy += size * (np.float32(0.0048) * np.sin(swell + 0.8) + np.float32(0.0014) * np.sin(chop))
        # What is finer than the fields' cells is left out.
        fine = water * np.clip(below * 7 - 0.4, 0, 1)
        glitter = np.sin(chop + 2.0 * self.tiles[1] + 2.3 * t) * np.sin(swell * 1.3 - 1.9 * t + 2.5 * self.tiles[0])
        gain += fine * (0.04 * np.sin(chop) + 0.30 * np.clip(self.seen.bright - 0.45, 0, 0.5) * glitter)

    def _sweep(self, t: float) -> F32:
        """A slanting band of light that passes once."""
        at = -0.9 + 1.8 * t / self.seconds
        band = np.exp(-(((self.across * self.side + 0.35 * self.down - at) / 0.14) ** 2))
        return np.asarray(0.11 * _ease(t / 0.8) * band, np.float32)


def bring_to_life(seen: Seen, shot: Shot) -> Life:
    """Choose what moves, by the words and by what is there."""
    rows, columns = seen.near.shape
    across = (np.arange(columns, dtype=np.float32) + 0.5)[None] / columns - 0.5
    down = ((np.arange(rows, dtype=np.float32) + 0.5)[:, None] / rows - 0.5) * shot.height / shot.width
    rng = shot.rng("picture")
    spec = shot.spec
    fixed = shot.camera.start == shot.camera.end and not shot.camera.sway
    said = {word for slot in spec.words.values() for word in slot}
    zoom, shift, lift = _MOVES["static" if fixed else spec.camera]
    windy = _WINDY.get(spec.weather, 0.55 if spec.effects & {"petals", "leaves", "sway"} else 0.0)
    return Life(
        seen=seen,
        seconds=shot.seconds,
        across=np.ascontiguousarray(np.broadcast_to(across, seen.near.shape)),
        down=np.ascontiguousarray(np.broadcast_to(down, seen.near.shape)),
        side=float(rng.choice((-1.0, 1.0))),
        move=(
            zoom * float(rng.uniform(0.9, 1.1)),
            shift * float(rng.uniform(0.6, 1.0)),
            lift * shot.height / shot.width / 0.5625,
        ),
        wind=windy,
        shore=_shore(seen.water, down),
        wet=spec.setting == "beach" or bool(spec.effects & _WATERS) or bool(said & _WATER_WORDS),
        swept=bool(spec.effects & _SWEPT),
        end=_TIMES[spec.time_to] if spec.time_to in _TIMES and spec.time_to != spec.time else (1.0, 0.0, 0.0),
        lamps=0.0 if spec.time in ("day", "dawn") else 0.7,
        tiles=tuple(_tile(rng, rows, columns) for _ in range(4)),
    )


def _shore(water: F32, down: F32) -> float:
    """A little above the first row that is mostly water."""
    rows = np.flatnonzero((water > 0.5).mean(axis=1) > 0.15)
    return float(down[rows[0], 0]) - 0.03 if rows.size else -0.12


def _tile(rng: np.random.Generator, rows: int, columns: int) -> F32:
    """Soft noise over the grid, unit deviation, 2 to 9 features across."""
    return np.ascontiguousarray(spectral(256, 3.0, rng, lo=2, hi=9)[:rows, :columns])


def _ease(u: float) -> float:
    u = min(max(u, 0.0), 1.0)
    return u * u * (3 - 2 * u)
