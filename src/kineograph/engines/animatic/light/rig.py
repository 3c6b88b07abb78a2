"""The light rig every setting and subject is lit by."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

THINNED = 0.55  # density of the fog before a hero ÷ the fog's
DARKENED, MOST_DARKENED = (
    1.25,
    0.5,
)  # share of its light that who stands in fog loses: ÷ the share the fog hides; at most


@dataclass(frozen=True, slots=True)
class Light:
    """What lights the set at one moment. Linear RGB, scene-referred: a sunlit white wall is about 1.

    Attributes:
        direction: (3,) unit, from the set towards the key light (sun or moon), world axes.
        key: (3,) irradiance of the key light on a surface that faces it.
        sky: (3,) irradiance from straight above, key excluded.
        bounce: (3,) irradiance from straight below.
        haze: (3,) colour of the air at the horizon.
        haze_density: Extinction per metre; transmittance over d metres is exp(-density·d).
        environment: Octahedral map of what surrounds the set, prefiltered: (levels, n, n, 3), level 0 a mirror's, the last
            irradiance. Made from the same sky.
        softness: Width of a shadow's edge ÷ height of what casts it: 0.06 clear sun, 0.3 behind thin cloud, 0.8 softbox.
        night: 0 by day … 1 at night: lamps and windows are on.
    """

    direction: F32
    key: F32
    sky: F32
    bounce: F32
    haze: F32
    haze_density: float
    environment: F32
    night: float = 0.0
    softness: float = 0.08


def between(a: Light, b: Light, share: float) -> Light:
    """Light a share of the way from a to b."""
    s = np.float32(share)
    direction = a.direction * (1 - s) + b.direction * s
    return Light(
        direction=np.asarray(direction / max(float(np.linalg.norm(direction)), 1e-6), dtype=np.float32),
        key=a.key * (1 - s) + b.key * s,
        sky=a.sky * (1 - s) + b.sky * s,
        bounce=a.bounce * (1 - s) + b.bounce * s,
        haze=a.haze * (1 - s) + b.haze * s,
        haze_density=a.haze_density * (1 - share) + b.haze_density * share,
        environment=a.environment * (1 - s) + b.environment * s,
        night=a.night * (1 - share) + b.night * share,
        softness=a.softness,
    )


def against_fog(light: Light, far: float) -> Light:
    """The light on those who stand `far` metres away in fog: they are seen as dark shapes before it, not white in white.

    By night fog is no brighter than who stands in it: nothing is taken from them then.
    """
    hidden = 1 - math.exp(-light.haze_density * max(far, 0.0))
    gain = np.float32(1 - min(DARKENED * hidden, MOST_DARKENED) * (1 - light.night))
    return replace(
        light,
        key=light.key * gain,
        sky=light.sky * gain,
        bounce=light.bounce * gain,
        environment=light.environment * gain,
        haze_density=light.haze_density * THINNED,
    )
