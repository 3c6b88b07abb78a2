"""When lamps come on: how far the evening is, from the sun and the weather."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.shot import Shot

_GLOOM = {"storm": 6.0, "rain": 5.0, "fog": 3.0, "snow": 3.0}  # degrees by which bad weather brings the evening forward


def dusk(shot: Shot, t: float) -> float:
    """How far the lamps are on at t seconds, 0 by day … 1 at night. Never falls while the sun goes down."""
    share = min(max(t / (shot.seconds), 0.0), 1.0)
    low = shot.sun_elevation
    elevation = low + (shot.sun_elevation_to - low) * share
    gloom = _GLOOM.get(shot.spec.weather, 0.0)
    # Where the sun goes down within the film, the first lamps come on early: the evening is what it is about.
    first = (14.0 if abs(shot.sun_elevation_to - low) > 15 else 8.0) + gloom
    return max(float(np.clip((first - elevation) / (first + 9.0), 0.0, 1.0)), gloom * 0.07)
