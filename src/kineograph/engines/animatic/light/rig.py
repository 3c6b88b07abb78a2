"""The light rig every setting and subject is lit by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


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
