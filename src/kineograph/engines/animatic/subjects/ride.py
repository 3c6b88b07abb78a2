"""How a model moves as a whole: rocking, hovering, bouncing, and the wave that runs through a stem or a fish."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.subjects.forms import turned
from kineograph.engines.animatic.subjects.motion import TAU, pulse, ramp

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
TAKE_OFF, ALOFT = 0.36, 0.32  # shares of the time from one ollie to the next
OLLIE_NOSE = 24.0  # degrees
AIR = 0.82  # share of a leap


@dataclass(frozen=True, slots=True)
class Ride:
    """How the whole of it moves, in the row's units; (size, times a second) each.

    Attributes:
        bob, drift: Up and down, from side to side. roll, pitch, yaw: degrees.
        lift: How far above its place it keeps.
        hop: Height and times a second of a bounce that touches the ground.
        leap: Height of an arc out of the water, times a second, and degrees the nose goes up and down.
        ollie: Height of a jump with whoever stands on it, and seconds from one to the next.
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
    ollie: tuple[float, float] = (0.0, 1.0)
    climb: tuple[float, float] = (0.0, 0.0)
    lift: float = 0.0
    seconds: float = 1.0

    def at(self, t: float, phase: float) -> tuple[F64, F64]:
        """Turn and shift of the model at t seconds, model axes."""

        def wave(pair: tuple[float, float], begin: float = 0.0) -> float:
            return pair[0] * math.sin(TAU * (pair[1] * t + begin + phase))

        arc, nose = self._arc(t, phase)
        turn = turned(*(math.radians(wave(p, b)) for p, b in ((self.pitch, 0.2), (self.yaw, 0.55), (self.roll, 0.0))))
        air, tail, _ = self.jumped(t, phase)
        turn = turned(math.radians(nose + OLLIE_NOSE * tail)) @ turn
        up = self.lift + wave(self.bob) + self.hop[0] * abs(math.sin(math.pi * (self.hop[1] * t + phase)))
        return turn, np.array([wave(self.drift, 0.3), up + arc + air + self._climbed(t), 0.0])

    def jumped(self, t: float, phase: float) -> tuple[float, float, float]:
        """Of an ollie: height, nose up (-1…1), and how far who stands on it is crouched (0…1): before, aloft and landing."""
        high, seconds = self.ollie
        if not high:
            return 0.0, 0.0, 0.0
        u = (t / seconds + phase) % 1.0
        air = min(max((u - TAKE_OFF) / ALOFT, 0.0), 1.0)
        popped = pulse(air, 0.0, 0.12, 0.10, 0.34) - 0.45 * pulse(air, 0.52, 0.22, 0.06, 0.20)
        crouch = ramp(u, 0.10, 0.30) * (1 - ramp(u, TAKE_OFF - 0.05, TAKE_OFF + 0.06))
        tucked = 0.75 * pulse(air, 0.18, 0.30, 0.10, 0.30)
        landed = 0.85 * pulse(u, TAKE_OFF + ALOFT - 0.02, 0.06, 0.02, 0.20)
        return high * 4 * air * (1 - air), popped, max(crouch, tucked, landed)

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
