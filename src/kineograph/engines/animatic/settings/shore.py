"""Where the water's edge is: swash that runs up the sand as a ballistic sheet and drains back.

Lengths are in beach units: 1 unit is 1/1.6 of the eye's height, so that a kitten's beach is a small one. d is the distance
seaward of the still waterline; run-up is measured landward.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean, sample

F64 = NDArray[np.float64]

COLUMNS = 384  # along the shore
CLIMB = 1.5  # seconds from arrival to the highest point
LOWEST = -0.30  # the edge never drains farther than this
_WOBBLE = 1.6, 0.11  # texels of the phase tile per unit alongshore, and periods it shifts the arrival by
WADE = 0.75  # how fast waves travel: speed = WADE · sqrt(d + 0.5)


@helper
def wobble(tile: F32, x: Real, d: Real) -> Real:
    """Periods by which the wave is early at x: crests are never straight."""
    return f4(0.11) * sample(tile, x * f4(1.6), d * f4(0.9))


@lean
def _earliness(tile: F32, x: F64, out: F64) -> None:
    for i in range(x.shape[0]):
        out[i] = wobble(tile, f4(x[i]), f4(0))


@dataclass(frozen=True, slots=True)
class Edge:
    """The swash at one moment, along the shore.

    Attributes:
        reach: x of the first and last column.
        rows: (COLUMNS, 5): run-up of the edge; how far up the sand is wet; foam on the edge 0…1; run-up of the line of
            foam left behind; how much of that line is left.
    """

    reach: tuple[float, float]
    rows: F32


class Swash:
    """Run-up along the shore as a pure function of t.

    Args:
        tile: Phase noise shared with the waves offshore.
        period: Seconds between waves.
        strength: Of the waves, about 1.
        half: Half of the visible shore, units.
    """

    def __init__(self, tile: F32, rng: np.random.Generator, period: float, strength: float, half: float) -> None:
        self.period = period
        self.half = half
        self._x = np.linspace(-half, half, COLUMNS)
        self._early = np.empty(COLUMNS)
        _earliness(tile, self._x, self._early)
        # Height of the n-th wave along the shore: one set of sines a wave, drawn here, so that lobes never repeat.
        self._powers = strength * rng.uniform(0.72, 1.28, 64)
        self._lobes = rng.uniform(0, 2 * np.pi, (64, 3))
        self._widths = rng.uniform(0.55, 1.5, (64, 3))

    def _power(self, wave: int) -> F64:
        k = wave % 64
        lobes = sum(np.sin(self._x * self._widths[k, i] * (1 + i) + self._lobes[k, i]) / (1 + i) for i in range(3))
        power: F64 = self._powers[k] * (1 + 0.22 * lobes)
        return power

    def power(self, wave: int) -> float:
        """Mean strength of the n-th wave, about 1."""
        return float(self._powers[wave % 64])

    def at(self, t: float) -> Edge:
        """The edge at t seconds."""
        reach = np.full(COLUMNS, LOWEST)
        wet = np.full(COLUMNS, LOWEST)
        foam = np.zeros(COLUMNS)
        line = np.full(COLUMNS, LOWEST)
        kept = np.zeros(COLUMNS)
        last = int(np.floor(t / self.period + 0.5))
        for wave in range(last - 3, last + 2):
            since = t - (wave - self._early) * self.period
            power = self._power(wave)
            speed = 1.45 * power
            run = speed * since - 0.5 * speed / CLIMB * since**2
            run = np.where(since > 0, run, LOWEST)
            peak = 0.5 * speed * CLIMB
            fresh = run > reach
            climbing = np.clip(1.15 - since / (1.9 * CLIMB), 0.12, 1) * np.clip(since * 3, 0, 1)
            foam = np.where(fresh, climbing, foam)
            reach = np.maximum(reach, run)
            age = np.maximum(since - CLIMB, 0)
            wet = np.maximum(wet, np.where(since > CLIMB, peak - 0.05 * age, run))
            left = np.where(since > CLIMB * 0.8, np.exp(-age * 0.22) * np.clip((since - CLIMB * 0.8) * 2, 0, 1), 0)
            over = (peak > line) & (left > 0.02)
            line, kept = np.where(over, peak, line), np.where(over, left, kept)
        kept = kept * np.clip((line - reach) * 6, 0, 1)
        wet = np.maximum(wet, reach)
        rows = np.stack([reach, wet, foam, line, kept], axis=1).astype(np.float32)
        return Edge((-self.half, self.half), np.ascontiguousarray(rows))
