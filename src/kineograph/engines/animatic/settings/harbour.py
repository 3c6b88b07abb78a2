"""A harbour: painted houses with gables along a quay, a lighthouse, boats at their moorings; the skyline's water and light."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kineograph.engines.animatic.settings import facade
from kineograph.engines.animatic.settings.base import Setting
from kineograph.engines.animatic.settings.city import Box, City
from kineograph.engines.animatic.settings.skyline import Skyline
from kineograph.engines.animatic.shot import Shot

Triple = tuple[float, float, float]
SHORE = 74.0  # metres to the quay
# Rows of houses, far to near: metres from the eye, metres of hill they stand on.
_ROWS = ((128.0, 15.0), (101.0, 6.5), (80.0, 0.0))
_PAINTS: tuple[Triple, ...] = (
    (0.56, 0.30, 0.10), (0.50, 0.12, 0.07), (0.60, 0.48, 0.26), (0.62, 0.60, 0.54), (0.16, 0.26, 0.38), (0.56, 0.30, 0.26),
    (0.26, 0.36, 0.26), (0.42, 0.20, 0.10),
)  # fmt: skip
_ROOFS: tuple[Triple, ...] = ((0.24, 0.085, 0.050), (0.10, 0.095, 0.10), (0.30, 0.13, 0.07))
_WARM: Triple = (1.32, 0.88, 0.44)


def build(shot: Shot) -> Setting:
    """The harbour of a shot."""
    return Skyline(shot, town(shot))


def town(shot: Shot) -> City:
    """The houses around the basin, and a lighthouse where the quay ends."""
    rng = shot.rng("harbour")
    rest, aspect = shot.rest, shot.width / shot.height
    city = City("harbour", "old", SHORE)
    for number, (z0, hill) in enumerate(_ROWS):
        boxes: list[Box] = []
        half = (aspect / 2 + 0.22) * z0 / rest.focal
        x = -half
        while x < half:
            wide = float(rng.uniform(6.5, 10.5))
            z = z0 + float(rng.uniform(0, 5.0))
            if rng.random() < (0.10, 0.12, 0.05)[number]:
                x += wide * float(rng.uniform(0.5, 1.2))  # a lane down to the water
                continue
            boxes += _house(x + wide / 2 + rest.pan * z / rest.focal, z, wide, hill, rng)
            x += wide + 0.05
        if number == 1:
            boxes += _church(float(rng.uniform(-0.5, 0.5)) * half, z0 + 8, rng)
        if number == 2:
            side = float(rng.choice([-1, 1]))
            boxes += _lighthouse(side * half * float(rng.uniform(0.62, 0.8)), city, rng)
        city.rows.append(boxes)
    return city


def _house(x: float, z: float, wide: float, hill: float, rng: np.random.Generator) -> list[Box]:
    """A house of two to five floors with a gable, or a roof across."""
    high = hill + 3.1 * float(rng.integers(2, 5)) + 0.8
    paint = np.array(_PAINTS[int(rng.integers(len(_PAINTS)))]) * rng.uniform(0.85, 1.1)
    albedo = (float(paint[0]), float(paint[1]), float(paint[2]))
    roof = _ROOFS[int(rng.integers(len(_ROOFS)))]
    body = Box(
        x, z, wide - 0.04, 9.0, 0.0, max(hill - 12.0, 0.0), high, "punched", albedo, 0.30, 0.55, _WARM,
        int(rng.integers(1, 60000)), floor=3.1, pitch=float(rng.uniform(1.9, 2.5)),
    )  # fmt: skip
    if rng.random() < 0.6:
        top = replace(
            body, low=high - 0.02, high=high + wide * float(rng.uniform(0.40, 0.62)), style="blank", taper=1.0
        )
    else:
        top = replace(
            body,
            low=high - 0.02,
            high=high + float(rng.uniform(1.8, 2.8)),
            width=wide + 0.5,
            style="blank",
            albedo=roof,
        )
    return [body, top]


def _church(x: float, z: float, rng: np.random.Generator) -> list[Box]:
    """A tower with a spire above the roofs."""
    stone: Triple = (0.44, 0.41, 0.36)
    high = float(rng.uniform(26, 34))
    tower = Box(x, z, 6.0, 6.0, 0.0, 0.0, high, "blank", stone, 0.2, 0.1, _WARM, 77, accent=(0.9, 0.62, 0.32),
                accent_kind=facade.WASH)  # fmt: skip
    spire = replace(
        tower, low=high, high=high + 13.0, taper=1.0, albedo=(0.10, 0.16, 0.15), accent_kind=facade.NO_ACCENT
    )
    return [tower, spire]


def _lighthouse(x: float, city: City, rng: np.random.Generator) -> list[Box]:
    """White with a red band and a lantern; it blinks."""
    z, high = SHORE + 2.5, float(rng.uniform(15.0, 19.0))
    white: Triple = (0.70, 0.69, 0.66)
    body = Box(x, z, 3.4, 3.4, 0.0, 0.0, high, "blank", white, 0.0, 0.0, _WARM, 5, taper=0.22)
    band = replace(body, low=high * 0.40, high=high * 0.60, width=3.06, taper=0.05, albedo=(0.50, 0.05, 0.04))
    lantern = replace(
        body,
        low=high,
        high=high + 1.7,
        width=1.9,
        taper=0.0,
        albedo=(0.30, 0.32, 0.33),
        accent=_WARM,
        accent_kind=facade.EDGES,
    )
    cap = replace(
        lantern, low=high + 1.7, high=high + 2.9, width=2.3, taper=1.0, albedo=(0.40, 0.05, 0.04), accent_kind=0.0
    )
    city.beacons.append((x, high + 0.9, z, 2))
    return [body, band, lantern, cap]
