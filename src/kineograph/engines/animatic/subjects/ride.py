"""How a model moves as a whole: rocking, hovering, bouncing, and the wave that runs through a stem or a fish."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.subjects.forms import turned
from kineograph.engines.animatic.subjects.motion import TAU

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
AIR = 0.82  # share of a leap


@dataclass(frozen=True, slots=True)
class Ride:
    """How the whole of it moves, in the row's units; (size, times a second) each.

    Attributes:
        bob, drift: Up and down, from side to side. roll, pitch, yaw: degrees.
        lift: How far above its place it keeps.
        hop: Height and times a second of a bounce that touches the ground.
        leap: Height of an arc out of the water, times a second, and degrees the nose goes up and down.
        climb: Height above its place at the beginning and at the end of the film; it gathers speed, or loses it.
        seconds: Length of the film.
    """

    bob: tuple[float, float] = (0.0, 0.0)
    drift: tuple[float, float] = (0.0, 0.0)
    roll: tuple[float, float] = (0.0, 0.0)
    pitch: tuple[float, float] = (0.0, 0.0)
    yaw: tuple[float, float] = (0.0, 0.0)
    hop: tuple[float, float] = (0.0, 0.0)
    leap: tuple[float, float, float] = (0.0, 0.0, 0.0)
    climb: tuple[float, float] = (0.0, 0.0)
    lift: float = 0.0
    seconds: float = 1.0

    def at(self, t: float, phase: float) -> tuple[F64, F64]:
        """Turn and shift of the model at t seconds, model axes."""

        def wave(pair: tuple[float, float], begin: float = 0.0) -> float:
            return pair[0] * math.sin(TAU * (pair[1] * t + begin + phase))

        arc, nose = self._arc(t, phase)
        turn = turned(*(math.radians(wave(p, b)) for p, b in ((self.pitch, 0.2), (self.yaw, 0.55), (self.roll, 0.0))))
        turn = turned(math.radians(nose)) @ turn
        up = self.lift + wave(self.bob) + self.hop[0] * abs(math.sin(math.pi * (self.hop[1] * t + phase)))
        return turn, np.array([wave(self.drift, 0.3), up + arc + self._climbed(t), 0.0])

    def _arc(self, t: float, phase: float) -> tuple[float, float]:
        """Height and pitch in the leap: most of its time in the air, the rest under water."""
        high, hertz, nose = self.leap
        u = (hertz * t + phase) % 1.0 / AIR
        if not high:
            return 0.0, 0.0
        return high * (
            4 * u * (1 - u) if u < 1 else -1.2 * math.sin(math.pi * (u - 1) * AIR / (1 - AIR))
        ), nose * math.cos(math.pi * u)

    def _climbed(self, t: float) -> float:
        low, high = self.climb
        u = min(t / self.seconds, 1.0)
        return float(low + (high - low) * (u**1.8 if high > low else 1 - (1 - u) ** 1.8))


@dataclass(frozen=True, slots=True)
class Bend:
    """How the body itself gives, as a wave along an axis.

    Attributes:
        kind: `sway` (a stem in the wind: fixed at the ground) or `swim` (a wave that runs from nose to tail).
        size: At the far end ÷ length of the body. hertz: times a second. waves: lengths of wave along the body.
        across: Axis it moves along: 0 aside, 1 up.
    """

    kind: str
    size: float
    hertz: float
    waves: float = 0.0
    across: int = 0

    def apply(self, points: F32, span: tuple[float, float], t: float, phase: float) -> None:
        """Move points (N, 3) in place. `span` is where the body lies along y (sway) or z (swim)."""
        low, high = span
        along = 1 if self.kind == "sway" else 2
        u = (points[:, along] - np.float32(low)) / np.float32(high - low)
        reach = np.clip(u, 0, 1) ** 2 if self.kind == "sway" else np.clip(0.12 + 0.88 * u, 0, 1.1) ** 1.7
        turn = TAU * (self.hertz * t + phase)
        gust = 0.35 + 0.65 * math.sin(turn) + 0.18 * math.sin(2.7 * turn) if self.kind == "sway" else None
        wave = np.float32(gust) if gust is not None else np.sin(np.float32(turn) - np.float32(TAU * self.waves) * u)
        points[:, self.across] += np.float32(self.size * (high - low)) * reach * wave
