"""What one elevation of the sun means under one weather and palette: sky table, key light, ambient, haze."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.atmosphere import COLUMNS, ROWS, scattering, sunlight
from kineograph.engines.animatic.light.tables import Grade, Weather
from kineograph.engines.animatic.noise import F32

F64 = NDArray[np.float64]

# Rows of Air.numbers, read by the cloud kernels.
SUN, ABOVE, BELOW, HAZE, COVER, DRIFT, ZENITH, HORIZON, SHEET, GLOW, DIRECTION = range(11)

# The prototype's radiances times this make a sunlit white wall about 1.
UNIT = 0.42
LUMA = np.array([0.3, 0.5, 0.2])

# By elevation of the sun, degrees. Exposure follows the eye: the mean sky of each elevation is set, not computed.
_MEAN = (
    (-18, 0.0035),
    (-12, 0.012),
    (-8, 0.042),
    (-5, 0.085),
    (-2, 0.13),
    (1, 0.17),
    (6, 0.22),
    (20, 0.30),
    (60, 0.33),
)
_HUE = (
    (-9, (1.02, 1.0, 0.95)),
    (-5, (1.0, 1.0, 1.0)),
    (-1, (1.05, 0.99, 0.98)),
    (4, (1.06, 0.98, 0.97)),
    (10, (1.08, 0.96, 0.97)),
    (20, (1.0, 1.0, 1.0)),
)
# Exponent on the sun's colour: under a low sun a lit wall is warm, but not all of one orange.
_WARMTH = ((-2, 0.62), (4, 0.58), (10, 0.68), (22, 0.85))
_SATURATION = ((-10, 0.92), (-3, 1.0), (3, 1.06), (15, 1.08), (40, 1.14))
_DAYLIGHT = ((-5.2, 0.0), (-4, 0.5), (-1.5, 0.9), (2, 1.6), (8, 2.2), (30, 2.5))
# Shade is lit by the blue above, not by the red at the horizon: warm key, cool fill.
_AMBIENT_HUE = ((-8, (0.96, 1.0, 1.06)), (-2, (0.80, 0.98, 1.24)), (4, (0.78, 0.98, 1.28)), (14, (1.0, 1.0, 1.0)))
_AMBIENT_GREY = ((-8, 0.2), (-3, 0.5), (4, 0.35), (12, 0.0))  # share of its own colour that low sky light gives up
# Dusk and night ground would be black: the eye adapts, and so do we.
_AMBIENT_GAIN = ((-16, 1.75), (-12, 2.1), (-8, 3.4), (-4.5, 5.2), (-2, 3.8), (1, 2.4), (8, 1.6), (20, 1.1))
_GLOW = ((-6, 0.05), (-3, 0.20), (0, 0.75), (8, 0.85), (20, 0.6), (40, 0.5))
_SHEET_HUE = ((-12, (0.75, 0.9, 1.25)), (-4, (0.85, 0.92, 1.18)), (2, (1.06, 0.98, 0.98)), (20, (0.95, 1.0, 1.06)))
_LEAST_GREEN = 0.74  # of the geometric mean of red and blue
_MOON = np.array([0.50, 0.62, 0.84])
MOONLIGHT = 0.62  # against the sun's
MOON_SIDE = 1.45  # radians from straight ahead


def at(x: float, table: tuple[tuple[float, float], ...]) -> float:
    """Linear in a table of (x, value)."""
    return float(np.interp(x, [row[0] for row in table], [row[1] for row in table]))


def at3(x: float, table: tuple[tuple[float, tuple[float, float, float]], ...]) -> F64:
    """Linear in a table of (x, triple)."""
    xs = [row[0] for row in table]
    return np.array([np.interp(x, xs, [row[1][c] for row in table]) for c in range(3)])


@dataclass(frozen=True, slots=True)
class Air:
    """The sky's numbers at one elevation of the sun.

    Attributes:
        table: (ROWS, COLUMNS, 3) radiance of the clear sky by elevation and azimuth from the sun.
        numbers: (11, 4), rows as named above.
        key, ambient, haze: (3,) as in Light.
        direction: (3,) unit, towards the key light.
        sun: (3,) radiance of the sun's disc.
        sunward: (3,) unit, towards the sun, even when the moon is the key.
        night: 0…1.
    """

    table: F32
    numbers: F32
    key: F32
    ambient: F32
    haze: F32
    direction: F32
    sun: F32
    sunward: F32
    night: float


def unit(azimuth: float, elevation: float) -> F32:
    """World direction (3,) of azimuth (0 straight ahead, + right) and elevation, radians."""
    return np.array(
        [math.sin(azimuth) * math.cos(elevation), math.sin(elevation), math.cos(azimuth) * math.cos(elevation)],
        np.float32,
    )


def _clear(elevation: float, grade: Grade) -> F32:
    """The graded sky table, scene-referred."""
    table = scattering(elevation).astype(np.float64)
    low = int(math.sqrt(20 / 90) * (ROWS - 1))
    reference = table[4 : low + 18].mean((0, 1)) @ LUMA + 1e-9
    table *= at(elevation, _MEAN) * UNIT / reference * at3(elevation, _HUE)
    luma = (table @ LUMA)[..., None]
    table = np.maximum(luma + (table - luma) * at(elevation, _SATURATION), 0)
    sine = np.sin((np.arange(ROWS) / (ROWS - 1)) ** 2 * math.pi / 2)
    low_share = np.exp(-sine * 4.0)[:, None]
    tint = np.array(grade.zenith) + (np.array(grade.horizon) - np.array(grade.zenith)) * low_share
    table = table * tint[:, None, :]
    # Where the red of the glow meets the blue of the night single scattering alone gives magenta; real air is greyer.
    purple = _LEAST_GREEN * np.sqrt(table[..., 0] * table[..., 2])
    table[..., 1] = np.maximum(table[..., 1], purple)
    return np.asarray(table, dtype=np.float32)


def air(elevation: float, azimuth: float, moon: tuple[float, float], weather: Weather, grade: Grade) -> Air:
    """The air for a sun at `elevation` degrees.

    Args:
        azimuth: Of the sun, radians.
        moon: Azimuth and elevation of the moon, radians; it takes over as key light at night.
    """
    table = _clear(elevation, grade)
    night = float(np.clip((-elevation - 4) / 8, 0, 1))
    colour = sunlight(elevation).astype(np.float64) ** at(elevation, _WARMTH) * np.array(grade.key)
    horizon = table[2:14].mean((0, 1)).astype(np.float64)
    # Below the horizon it is the afterglow that lights from there.
    below = float(np.clip(-elevation / 3, 0, 1)) * 0.75
    after = table[2:10, : COLUMNS // 6].mean((0, 1)).astype(np.float64) * np.array(grade.key)
    after = np.maximum(after / after.max(), np.array([0.0, 0.50, 0.34]))
    key = (colour * (1 - below) + after * below) * at(elevation, _DAYLIGHT) * UNIT
    direction = unit(azimuth, max(math.radians(elevation), math.radians(5)))
    if elevation < -5:
        key = key + _MOON * np.array(grade.key) * MOONLIGHT * night * UNIT
        # From beside and a little behind, where a film puts its moon: a rim of light, and half of every face.
        direction = unit(math.copysign(MOON_SIDE, moon[0]), max(moon[1], 0.60))
    up = table[36:].mean((0, 1))
    night_high = np.array([0.0040, 0.0085, 0.024]) * (0.35 + 0.65 * night) * night * UNIT * np.array(grade.zenith)
    night_low = np.array([0.012, 0.022, 0.048]) * night * UNIT * np.array(grade.horizon)
    fill = up * 1.15 + horizon * 0.20
    plain = at(elevation, _AMBIENT_GREY)
    fill = fill * (1 - plain) + float(fill @ LUMA) * plain
    ambient = (fill * at3(elevation, _AMBIENT_HUE) + night_high * 5 + night_low * 2.2) * np.array(grade.ambient)
    grey = 0.38 * night  # moonlight is seen by rods: part of the colour goes
    ambient = ambient * (1 - grey) + ambient.mean() * grey * np.array([0.85, 1.0, 1.2])
    numbers = np.zeros((11, 4), np.float32)
    numbers[ZENITH, :3], numbers[HORIZON, :3] = night_high, night_low
    numbers[GLOW, :3] = colour * np.array(grade.glow) * at(elevation, _GLOW) * (1 - weather.overcast) * UNIT
    sunward = unit(azimuth, math.radians(elevation))
    numbers[DIRECTION] = [*sunward, math.atan2(sunward[0], sunward[2])]
    adapted = at(elevation, _AMBIENT_GAIN)
    # Distance is seen through air that the blue above lights: cooler than the glow behind it.
    far = horizon * (1 - plain) + float(horizon @ LUMA) * plain * np.array([0.92, 0.98, 1.14])
    key, ambient, haze = _weathered(elevation, weather, key, ambient, far * 0.85 + night_low * 0.8, numbers)
    disc = colour / colour.max() * np.array([1.0, 0.87, 0.74]) * 22 * UNIT * (1 - weather.overcast)
    return Air(table, numbers, _f(key), _f(ambient * adapted), _f(haze), direction, _f(disc), sunward, night)


def _weathered(
    elevation: float, weather: Weather, key: F64, ambient: F64, haze: F64, numbers: F32
) -> tuple[F64, F64, F64]:
    """Put the weather over a clear air: dim the key, colour the sheet, close the distance."""
    closed = weather.overcast
    if closed:
        grey = float(ambient @ LUMA) + 0.25 * float(key @ LUMA) * math.sin(max(math.radians(elevation), 0.12))
        sheet = grey * weather.sheet * at3(elevation, _SHEET_HUE) * np.array(weather.tint)
        # A little of the palette shows through even a closed sky.
        sheet = sheet * (0.8 + 0.2 * ambient / max(float(ambient @ LUMA), 1e-6))
        haze = sheet * (1.15 + 0.30 * max(weather.fog - 0.5, 0.0)) + haze * 0.10
        ambient = sheet * 1.05
        numbers[SHEET, :3] = sheet
    key = key * weather.key
    numbers[SUN, :3] = key * 2.0 + numbers[SHEET, :3] * 0.4 if closed else key * 0.60
    numbers[ABOVE, :3] = ambient * 0.85
    numbers[BELOW, :3] = ambient * 0.5 + haze * 0.28
    numbers[HAZE, :3] = haze
    numbers[DRIFT, 1], numbers[DRIFT, 2] = closed, weather.fog
    return key, ambient, haze


def _f(triple: F64) -> F32:
    return np.asarray(triple, dtype=np.float32)
