"""Curves that actions are made of: blinks, eased steps, and springs evaluated in closed form, so frames stay seekable."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
TAU = 2 * math.pi


def smooth(u: float) -> float:
    """0…1 eased at both ends; clamps."""
    u = min(max(u, 0.0), 1.0)
    return u * u * (3 - 2 * u)


def ramp(t: float, start: float, end: float) -> float:
    """0 before start, 1 after end, eased between."""
    return smooth((t - start) / (end - start))


def pulse(t: float, start: float, rise: float, hold: float, fall: float) -> float:
    """Up, hold, down: 0…1."""
    return ramp(t, start, start + rise) * (1 - ramp(t, start + rise + hold, start + rise + hold + fall))


def blink(t: float, phase: float) -> float:
    """0 open … 1 shut. Every 3 s or so, 0.18 s long, now and then twice."""
    u = t + 3.1 * phase
    period = 3.1
    n = math.floor(u / period)
    u -= n * period
    shut = max(0.0, 1 - abs(u - 0.5) / 0.09)
    if n % 3 == 1:
        shut = max(shut, 1 - abs(u - 0.78) / 0.09)
    return smooth(shut)


def wander(t: float, phase: float, period: float) -> float:
    """A look that rests and moves on: -1…1, holding still most of the time. Repeats after 4 periods."""
    stops = (0.0, 0.9, 0.15, -0.8)
    u = t / period + 4 * phase
    n = math.floor(u)
    a, b = stops[n % 4], stops[(n + 1) % 4]
    return a + (b - a) * ramp(u - n, 0.72, 1.0)


def spring(drive: Callable[[F64], F64], t: float, hertz: float, damping: float) -> float:
    """Where a damped spring pulled by `drive` is at t: the convolution with its impulse response, 32 samples.

    Args:
        drive: Target over time, vectorised.
        hertz: Undamped frequency.
        damping: Ratio; 0.25 swings on, 1 only lags.
    """
    omega = TAU * hertz
    span = 4.2 / (omega * max(damping, 0.2))
    lag = (np.arange(32) + 0.5) / 32 * span
    if damping < 0.999:
        ring = omega * math.sqrt(1 - damping**2)
        response = np.exp(-damping * omega * lag) * np.sin(ring * lag)
    else:
        response = lag * np.exp(-omega * lag)
    return float((drive(t - lag) * response).sum() / response.sum())
