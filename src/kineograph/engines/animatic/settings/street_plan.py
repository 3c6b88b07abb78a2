"""A street as boxes: houses with shops below, awnings, towers at its end; lamps and trees along the kerbs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kineograph.engines.animatic.settings import facade
from kineograph.engines.animatic.settings.city import Box, cities
from kineograph.engines.animatic.shot import Shot

Triple = tuple[float, float, float]
STYLES_HERE = ("punched", "balconies", "piers", "ribbon")
SHOP = 4.2  # metres to the ceiling of a shop
FAR = 210.0  # metres to where the canyon ends
THROWERS = 75.0  # metres within which houses throw shadows
_CLOTH: tuple[Triple, ...] = (
    (0.42, 0.04, 0.04), (0.05, 0.14, 0.10), (0.05, 0.10, 0.28), (0.50, 0.32, 0.06), (0.46, 0.44, 0.40), (0.30, 0.08, 0.16),
)  # fmt: skip
_SIGNS: tuple[Triple, ...] = (
    (1.30, 0.25, 0.20), (0.20, 0.85, 1.25), (1.25, 0.85, 0.30), (0.35, 1.10, 0.50), (1.20, 0.30, 0.90), (1.1, 1.05, 0.95),
)  # fmt: skip
_TRIM: tuple[Triple, ...] = (
    (0.06, 0.055, 0.05),
    (0.05, 0.09, 0.08),
    (0.14, 0.05, 0.04),
    (0.22, 0.20, 0.17),
    (0.05, 0.06, 0.10),
)


@dataclass(frozen=True, slots=True)
class Street:
    """What stands along the street; metres from the eye, x from the middle of the view.

    Attributes:
        houses: First those that throw shadows, then all the rest.
        throwers: How many of them throw shadows.
        middle: World x of the middle of the road.
        half: From the middle to the house fronts.
        kerb: From the middle to the kerb.
        lamps: (x, z) of each lamp's foot, far to near; their arms reach over the road.
        trees: (x, z, height).
    """

    houses: list[Box]
    throwers: int
    middle: float
    half: float
    kerb: float
    lamps: list[tuple[float, float]]
    trees: list[tuple[float, float, float]]


def plan(shot: Shot) -> Street:
    """The street of this shot."""
    rng = shot.rng("street")
    aspect = shot.width / shot.height
    half = float(rng.uniform(6.6, 8.0)) * (0.72 if aspect < 1 else 1.0)
    middle = float(rng.uniform(-0.16, 0.16)) * half
    kind = cities()[str(rng.choice(["stone", "pale", "neon", "stone"]))]
    walls = [wall for wall in kind["walls"] if wall["style"] in STYLES_HERE]
    tall = float(rng.uniform(10.0, 20.0))
    near: list[Box] = []
    rest: list[Box] = []
    for side in (-1.0, 1.0):
        z = 1.3
        while z < FAR:
            deep = float(rng.uniform(7.5, 16.0)) * (1.0 if z < 70 else 2.0)
            wall = walls[int(rng.integers(len(walls)))]
            red, green, blue = (float(c) * float(rng.uniform(0.8, 1.15)) for c in wall["albedo"])
            high = SHOP + tall * float(rng.uniform(0.55, 1.15)) * (1 + 0.3 * min(z / 120, 1))
            house = Box(
                middle + side * (half + 7), z + deep / 2, 14.0, deep - 0.02, 0.0, SHOP, high, wall["style"],
                (red, green, blue), wall["glass"], wall["lit"] * 0.9,
                tuple(wall["warm"]), int(rng.integers(1, 60000)), floor=3.5, pitch=float(rng.uniform(2.3, 3.1)),
            )  # fmt: skip
            (near if z < THROWERS else rest).append(house)
            rest += _below(house, side, rng)
            if rng.random() < 0.3:
                rest.append(replace(house, x=house.x + side * 2.2, low=high, high=high + 3.5, seed=house.seed + 1))
            z += deep
    rest += _end(walls, tall, rng)
    lamps = [(middle + side * (half - 2.4), float(z)) for z in np.arange(9.0, 170.0, 19.0)[::-1] for side in (-1, 1)]
    trees = [
        (middle + side * (half - 1.6), float(z + rng.uniform(-2, 2)), float(rng.uniform(5.0, 7.5)))
        for z in np.arange(18.0, 120.0, 12.0)[::-1]
        for side in (-1, 1)
        if rng.random() < 0.7
    ]
    return Street([*near, *rest], len(near), middle, half, half - 2.8, lamps, trees)


def _below(house: Box, side: float, rng: np.random.Generator) -> list[Box]:
    """The shop under a house, and perhaps its awning."""
    sign, trim = _SIGNS[int(rng.integers(len(_SIGNS)))], _TRIM[int(rng.integers(len(_TRIM)))]
    shop = replace(
        house, x=house.x - side * 0.12, low=0.0, high=SHOP, style="shops", albedo=trim, glass=0.22, lit=3.0,
        floor=SHOP, pitch=float(rng.uniform(3.0, 4.4)), accent=sign, accent_kind=facade.SIGN, seed=house.seed + 7,
    )  # fmt: skip
    if rng.random() > 0.55 or house.z > 120:
        return [shop]
    deep = house.deep * float(rng.uniform(0.35, 0.8))
    awning = replace(
        shop, x=house.x - side * 1.15, z=house.z + float(rng.uniform(-0.5, 0.5)) * (house.deep - deep), deep=deep,
        low=2.75, high=3.10, style="blank", albedo=_CLOTH[int(rng.integers(len(_CLOTH)))], glass=0.0,
        accent_kind=facade.NO_ACCENT,
    )  # fmt: skip
    return [shop, awning]


def _end(walls: list[dict[str, object]], tall: float, rng: np.random.Generator) -> list[Box]:
    """Houses and towers where the street seems to end."""
    out = []
    for _ in range(13):
        wall: dict[str, object] = walls[int(rng.integers(len(walls)))]
        albedo, warm = wall["albedo"], wall["warm"]
        assert isinstance(albedo, list)
        assert isinstance(warm, list)
        out.append(
            Box(
                float(rng.uniform(-150, 150)), float(rng.uniform(FAR + 20, FAR + 260)), float(rng.uniform(16, 34)), 20.0,
                0.0, 0.0, tall * float(rng.uniform(1.2, 4.2)), str(wall["style"]), (albedo[0], albedo[1], albedo[2]),
                0.5, 0.5, (warm[0], warm[1], warm[2]), int(rng.integers(1, 60000)),
            )
        )  # fmt: skip
    return out
