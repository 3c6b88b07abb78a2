"""Tone curves: scene light to display light, one for films and one for products on white paper."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.tables import Grade
from kineograph.engines.animatic.noise import F32

F64 = NDArray[np.float64]
CURVE = 4.0  # square root of the brightest scene value in the table (16); the table is even in the square root
_SIZE = 4096
_BASE = 2.2  # scene 1 (a sunlit white wall) lands at about 93 % of display white


@dataclass(frozen=True, slots=True)
class Look:
    """How light becomes picture.

    Attributes:
        exposure: Multiplies scene light.
        product: The linear curve with a soft shoulder instead of the film's.
        saturation, contrast: Of display values; 1 leaves them.
        shadows, lights: Added to dark and to bright tones.
        burn: Scene value at which colour burns out as far as it will, and how far that is, 0…1.
        spill: Share of light that blooms.
        edge: Darkening of the frame's corners.
        grain: True for film grain.
    """

    exposure: float
    product: bool = False
    saturation: float = 1.08
    contrast: float = 1.0
    shadows: tuple[float, float, float] = (0.0, 0.0, 0.0)
    lights: tuple[float, float, float] = (0.0, 0.0, 0.0)
    burn: tuple[float, float] = (7.0, 0.8)
    spill: float = 0.14
    edge: float = 0.45
    grain: bool = True

    def numbers(self) -> F32:
        """(11,) as the kernel reads them."""
        full, most = self.burn
        row = (self.saturation, *self.shadows, *self.lights, 1 / full, most, self.spill, self.edge)
        return np.array(row, np.float32)


@lru_cache(maxsize=16)
def cinematic(grade: Grade, stops: float) -> Look:
    """The film's look under a palette."""
    return Look(
        exposure=_BASE * 2.0**stops,
        saturation=1.10 * grade.saturation,
        contrast=1.10 * grade.contrast,
        shadows=grade.shadows,
        lights=grade.lights,
    )


@lru_cache(maxsize=1)
def paper() -> Look:
    """Products: linear to 0.8, soft shoulder, 1 and above exactly white."""
    return Look(
        exposure=1.0, product=True, saturation=1.12, contrast=1.0, burn=(4.0, 0.7), spill=0.0, edge=0.0, grain=False
    )


@lru_cache(maxsize=16)
def tabulate(look: Look) -> tuple[F32, F32]:
    """The curve over the square root of scene light 0…CURVE², to display-linear, and the sRGB transfer with contrast."""
    scene = (np.linspace(0, CURVE, _SIZE) ** 2) * look.exposure
    curve = _shoulder(scene) if look.product else _filmic(scene)
    x = np.linspace(0, 1, _SIZE)
    gamma = np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)
    if look.product:
        gamma = gamma + 0.34 * 0.5 * gamma * (1 - gamma) * (2 * gamma - 1)  # mild S: ends stay where they are
    else:
        gamma = gamma + (look.contrast - 1) * 2 * gamma * (1 - gamma) * (2 * gamma - 1)
    return curve.astype(np.float32), gamma.astype(np.float32)


def _filmic(x: F64) -> F64:
    """Narkowicz' fit of ACES (2015), driven a little less than usual."""
    x = x * 0.80
    return np.clip((x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14), 0, 1)


def _shoulder(x: F64) -> F64:
    """x up to 0.8, then a parabola that meets 1 at scene 1 with slope 1 before it and flat at 1.0 after."""
    # Between 0.8 and 1 the curve must both stay below and arrive at 1 at x = 1: a cubic Hermite, slope 1 to slope 0.6.
    u = np.clip((x - 0.8) / 0.2, 0, 1)
    hermite = 0.8 + 0.2 * (u + 0.2 * u * u * (1 - u))
    return np.clip(np.where(x <= 0.8, x, hermite), 0, 1)
