"""Mountains behind a lake, a meadow, a snowfield: eroded peaks, a darker range before them, a wooded slope."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32
from kineograph.engines.animatic.settings.base import Layer
from kineograph.engines.animatic.settings.hills import mist, plant
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.relief import eroded, ridged, rolling
from kineograph.engines.animatic.settings.terrain import Range, raise_range
from kineograph.engines.animatic.shot import Shot

_CLEAR = {"rain": 0.32, "storm": 0.36, "snow": 0.26, "fog": 0.16}  # of the air's haze: even then the peaks are felt


def mountains(
    shot: Shot, canvas: Canvas, light: Light, spruces: list[F32], rng: np.random.Generator, *, snowy: bool
) -> list[Layer]:
    """Peaks, a darker range before them, a wooded slope; far to near."""
    side = float(rng.choice([-1, 1]))
    half = canvas.frame[0] / canvas.frame[1] / 2 / canvas.rest.focal
    peak = side * float(rng.uniform(0.15, 0.55)) * half
    rise = float(rng.uniform(0.9, 1.25)) * min(1.0, 0.45 + 0.55 * canvas.frame[0] / canvas.frame[1])
    if "moon" in shot.spec.effects:  # it stands over them
        rise *= 0.58
    rock, turf = (0.155, 0.142, 0.135), (0.085, 0.105, 0.055)
    wood, field = (0.032, 0.052, 0.026), (0.085, 0.110, 0.040)
    if "autumn" in shot.spec.looks:
        wood, field = (0.150, 0.070, 0.022), (0.220, 0.140, 0.045)
    wall = eroded(ridged(rng), rng)
    line = 0.02 if snowy else 0.10 if "snow_peaks" in shot.spec.looks else 0.30  # above which snow lies
    light = replace(light, haze_density=light.haze_density * _CLEAR.get(shot.spec.weather, 0.9))
    ranges = [
        (Range(740, 1650, 330 * rise, 1750, peak, 0.60 * half, 0.28, turf, rock, line), wall),
        (Range(340, 720, 70 * rise, 820, -peak * 1.2, 0.7 * half, 0.25, wood, rock, -0.2 if snowy else 9.0), wall),
        (Range(105, 320, 15, 300, peak * 1.3, 0.7 * half, 0.10, wood, field, -0.5 if snowy else 9.0), rolling(rng)),
    ]
    out = []
    for number, (one, tile) in enumerate(ranges):
        layer, depth = raise_range(canvas, one, tile, light, rng)
        if number == 1:
            plant(layer, depth, 420, canvas, spruces, light, rng, tall=9.0, groves=-0.3)
        if number == 2:
            plant(layer, depth, 420, canvas, spruces, light, rng, tall=6.5, groves=-0.15)
        out.append(layer)
        if number and shot.spec.time in ("dawn", "golden", "dusk"):
            out.append(mist(canvas, one.near, 0.020, 0.50, light, rng))
    return out
