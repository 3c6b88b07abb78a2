"""Arms that hold and legs that ride: rows of bonds.toml laid over what a person does anyway."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from kineograph.engines.animatic.subjects.biped_acts import blended
from kineograph.engines.animatic.subjects.biped_body import SIDES, Body
from kineograph.engines.animatic.subjects.biped_rig import Arm, Foot, Stance
from kineograph.engines.animatic.subjects.bonds import Reach
from kineograph.engines.animatic.subjects.motion import TAU

DEEPER = 0.30  # of the leg: how far who jumps with what it stands on crouches


def take(row: Mapping[str, Any], stance: Stance, t: float, reach: Reach, body: Body) -> None:
    """Change a stance, in place.

    Args:
        row: Of `poses`: arms `L` and `R` as pairs of directions (x away from the body), `L2` and `R2` where they swing to and
            back `hertz` times a second; `curl` of the fingers; `head` (nod, yaw, roll); `lean`, `twist`; feet as (ahead,
            aside, up, yaw outward, knee outward); `crouch`: how far the hips come down ÷ leg; `seated`: hips on a saddle.
        reach: Where hands and feet have to be.
    """
    swing = 0.5 - 0.5 * math.cos(TAU * float(row.get("hertz", 0.0)) * t)
    for _, n in SIDES:
        if n in row:
            stance.arms[n] = _arm(row[n], row)
            if f"{n}2" in row:
                stance.arms[n] = blended(stance.arms[n], _arm(row[f"{n}2"], row), swing)
        if n in row.get("feet", {}):
            ahead, aside, up, yaw, knee = row["feet"][n]
            stance.feet[n] = Foot(ahead=ahead, aside=aside, up=up, yaw=yaw, knee=knee)
        if reach.hands is not None and n in reach.hands and n not in row:
            stance.arms[n].to = reach.hands[n]
            stance.arms[n].curl = 0.9
    if "head" in row:
        nod, yaw, roll = row["head"]
        stance.head = (nod + 0.4 * stance.head[0], yaw + 0.4 * stance.head[1], roll + 0.4 * stance.head[2])
    stance.lean = float(row.get("lean", stance.lean))
    stance.twist = float(row.get("twist", stance.twist))
    if "crouch" in row:
        deeper = reach.crouch(t) if reach.crouch is not None else 0.0
        stance.root = np.array([0.0, -(float(row["crouch"]) + DEEPER * deeper) * body.row.leg, 0.0])
        stance.lean += 0.30 * deeper
    if row.get("seated"):
        stance.root = np.zeros(3)
        stance.yaw = 0.0
    if reach.feet is not None:
        _stand(stance, reach, t, body, float(row.get("knees", 0.06)))


def _arm(ways: Any, row: Mapping[str, Any]) -> Arm:
    upper, fore = (tuple(float(c) for c in way) for way in ways)
    return Arm((upper[0], upper[1], upper[2]), (fore[0], fore[1], fore[2]), curl=float(row.get("curl", 0.9)))


def _stand(stance: Stance, reach: Reach, t: float, body: Body, knees: float) -> None:
    """Ankles a foot's height above where the soles have to be, the balls of the feet on it."""
    assert reach.feet is not None
    targets = reach.feet(t)
    for side, n in SIDES:
        rest, ankle = body.legs[n][2], targets[n] + np.array([0.0, body.legs[n][2][1], -0.045])
        way = ankle - rest
        stance.feet[n] = Foot(ahead=float(way[2]), up=float(way[1]), aside=float(side * way[0]), yaw=0.08, knee=knees)
