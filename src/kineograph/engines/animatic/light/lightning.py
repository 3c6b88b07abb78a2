"""Lightning: when it strikes in a film, how bright, and the bolts it draws."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.shot import Shot

F32 = NDArray[np.float32]
POWER = 1.5  # of a mean stroke, as extra brightness of the cloud
_LATEST, _EARLIEST = 0.04, 0.11  # seconds by which a stroke precedes its beat
BOLTS = 8  # drawn for a film; they come round again


@dataclass(frozen=True, slots=True)
class Lightning:
    """The strokes of a storm: one a beat, each a flash and its echo. Two in a second at most: nothing that strobes.

    Attributes:
        beat: Seconds from one to the next. A third of a short film: its first frame, a third and two thirds in are lit.
        strokes: (n, 2) how early each is and how strong, 0…1.
    """

    beat: float
    strokes: F32

    @classmethod
    def of(cls, shot: Shot) -> Lightning:
        """The lightning of a film, by its seed."""
        seconds = shot.seconds
        beats = 3 * max(1, math.ceil(seconds / 6))
        return cls(seconds / beats, shot.rng("lightning").uniform(0, 1, (beats + 1, 2)).astype(np.float32))

    def number(self, t: float) -> int:
        """Number of the stroke that is seen at t seconds."""
        return int((t + 2 * _EARLIEST) / self.beat)

    def power(self, t: float) -> float:
        """Extra brightness of what it lights at t seconds, 0 for none."""
        total = 0.0
        for k, (early, strength) in enumerate(self.strokes):
            since = t - k * self.beat + _LATEST + (_EARLIEST - _LATEST) * float(early)
            if 0 <= since < 0.9:
                shape = math.exp(-since * 12) + 0.7 * math.exp(-abs(since - 0.17) * 22) + 0.12 * math.exp(-since * 4)
                total += shape * (0.6 + 0.6 * float(strength))
        return POWER * total if total > 0.02 else 0.0


def bolts(shot: Shot) -> list[list[F32]]:
    """Strokes with their branches: polylines (n, 2) in tangent coordinates, y up."""
    half = shot.width / shot.height / 2 / shot.rest.focal
    rng = shot.rng("bolts")
    return [_bolt(rng, half) for _ in range(BOLTS)]


def _bolt(rng: np.random.Generator, half: float) -> list[F32]:
    x = float(rng.uniform(-0.8, 0.8)) * half
    start, end = np.array([x, 0.75]), np.array([x + float(rng.normal(0, 0.10)), 0.015])
    trunk = _jagged(start, end, rng, 6)
    out = [trunk]
    for _ in range(int(rng.integers(3, 6))):
        k = int(rng.integers(8, len(trunk) - 14))
        away = np.array([float(rng.choice([-1, 1])) * rng.uniform(0.06, 0.20), -float(rng.uniform(0.05, 0.22))])
        out.append(_jagged(trunk[k].astype(np.float64), trunk[k] + away, rng, 4))
    return out


def _jagged(start: NDArray[np.float64], end: NDArray[np.float64], rng: np.random.Generator, times: int) -> F32:
    """A line broken at its middles, `times` over."""
    points = np.stack([start, end])
    for n in range(times):
        middles = (points[:-1] + points[1:]) / 2
        middles[:, 0] += rng.normal(0, 0.045 / 1.75**n, len(middles))
        woven = np.empty((len(points) + len(middles), 2))
        woven[0::2], woven[1::2] = points, middles
        points = woven
    return points.astype(np.float32)
