"""Birds: one geometry, one row of birds.toml each; wings folded on the ground and on water, spread in the air."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.subjects.bird_body import head_of, legs, trunk
from kineograph.engines.animatic.subjects.bird_wings import folded, shoulder, spread, tail

F64 = NDArray[np.float64]
Row = Mapping[str, Any]

AIRBORNE = frozenset({"fly", "float", "jump", "fall", "glide"})
OPEN = AIRBORNE | {"spread"}  # wings out
PRONE = frozenset({"slide"})  # on its belly
_STRETCH = 0.85  # of the neck, in flight


def plan(row: Row, action: str, rng: np.random.Generator) -> dict[str, Any]:
    """Parts, joints and motion for what it does. x is forward, y up, z to its sides; most bodies are 0.8 long."""
    del rng
    air = action in AIRBORNE
    at = _skeleton(row, action)
    parts = [*trunk(row, at), *head_of(row, at), *tail(row, at)]
    joints: dict[str, Any] = {"head": {"at": at["nape"].tolist(), "moves": _nods()}}
    if action in OPEN:
        parts += spread(row, at)
        joints |= _beats(row, at, action)
    else:
        parts += folded(row, at)
    if action not in ("swim", "float"):
        parts += legs(row, at, air=air or action in PRONE)
        hip = at["hip"].tolist()
        for joint, begin in (("left", 0.0), ("right", 0.5)):
            step = {"about": "z", "swing": [26, row["steps"], begin], "when": ["walk", "run", "dance"]}
            joints[joint] = {"at": hip, "moves": [step]}
    stands = _skeleton(row, "idle")
    tall = float(stands["neck"][-1][1] - stands["hip"][1] + row["leg"] + row["head"])
    return {"parts": parts, "joints": joints, "motion": _motion(row, action), "tall": tall}


def _skeleton(row: Row, action: str) -> dict[str, F64]:
    """Chest, root of the tail, nape, the neck's path to the head, hips: tilted on the ground, level in air and water."""
    air = action in AIRBORNE
    upright = 0.12 if air else 0.35 if action == "swim" else 0.05 if action in PRONE else 1.0
    tilt = math.radians(row["tilt"] * upright)
    ahead = np.array([math.cos(tilt), math.sin(tilt), 0.0])
    length, girth = row["body"], row["girth"]
    chest, back = ahead * length * 0.28, -ahead * length * 0.42
    nape = chest + np.array([0.25, 0.45, 0]) * girth
    neck = nape + np.array([[x, y, 0.0] for x, y in row["neck"]])
    if action in PRONE:  # chin out, low over the ice
        far = float(np.hypot(*row["neck"][-1]))
        neck = nape + np.linspace(0, 1, len(neck) + 1)[1:, None] * np.array([far + 0.35 * girth, -0.10 * girth, 0.0])
    if air:  # stretched out ahead
        far = float(np.hypot(*row["neck"][-1]))
        reach = math.radians(8 if far > 0.3 else 26)
        end = np.array([_STRETCH * far * math.cos(reach) + 0.4 * girth, _STRETCH * far * math.sin(reach), 0.0])
        neck = nape + np.linspace(0, 1, len(neck) + 1)[1:, None] * end
    hip = np.array([chest[0] * 0.1 + back[0] * 0.15, (chest[1] + back[1]) / 2 - girth * 0.45, girth * 0.45])
    return {"ahead": ahead, "chest": chest, "back": back, "nape": nape, "neck": neck, "head": neck[-1], "hip": hip}


def _beats(row: Row, at: dict[str, F64], action: str) -> dict[str, Any]:
    """Shoulder, wrist and the outer primaries. Down the wing is one stretched vane whose tips give upward; up the wrist
    folds, the hand hangs from it and is drawn back, its feathers closed: that reads as weight."""
    x, y, z = shoulder(row, at)
    size, hertz = row["beat"]
    if action in ("float", "glide"):
        size, hertz = 4.0, 0.3
    if action == "spread":
        size, hertz = 0.55 * size, 0.7
    wing = [
        {"about": "y", "swing": [size * 0.16, hertz, 0.30]},
        {"about": "x", "bias": -14, "swing": [-size * 0.86, hertz, 0.0]},
    ]
    hand = [
        {"about": "x", "bias": size * 0.36, "swing": [size * 0.54, hertz, 0.20]},
        {"about": "y", "bias": -size * 0.22, "swing": [-size * 0.40, hertz, 0.22]},
    ]
    tips = [
        {"about": "x", "bias": -size * 0.10, "swing": [size * 0.30, hertz, 0.16]},
        {"about": "y", "bias": -size * 0.10, "swing": [-size * 0.22, hertz, 0.20]},
    ]
    wrist = [x + 0.03, y, z + row["span"] * 0.46]
    return {
        "wing": {"at": [x, y, z], "moves": wing, "pair": True},
        "hand": {"at": wrist, "moves": hand, "parent": "wing", "pair": True},
        "tips": {"at": [x, y, z + row["span"] * 0.60], "moves": tips, "parent": "hand", "pair": True},
    }


def _nods() -> list[dict[str, Any]]:
    """It looks about; walking, the head goes with the steps."""
    return [
        {"about": "y", "swing": [24, 0.23, 0.1], "when": ["idle", "sit", "swim", "play", "sing", "sleep"]},
        {"about": "z", "swing": [5, 0.41, 0.4], "when": ["idle", "sit", "swim", "play", "sing"]},
        {"about": "z", "swing": [7, 1.8, 0.0], "when": ["walk", "run", "dance"]},
    ]


def _motion(row: Row, action: str) -> dict[str, Any]:
    if action in ("float", "glide"):
        return {"lift": row["aloft_by"], "bob": [0.06, 0.23], "roll": [6, 0.17], "yaw": [4, 0.13]}
    if action in AIRBORNE:
        size, hertz = row["beat"]
        return {"lift": row["aloft_by"], "bob": [0.0018 * size, hertz], "roll": [4, 0.27], "pitch": [2, hertz]}
    if action == "swim":
        return {"bob": [0.012, 0.5], "roll": [1.2, 0.4], "lift": -0.45 * row["girth"]}
    if action in PRONE:
        return {"yaw": [9, 0.35], "roll": [4, 0.5], "pitch": [1.5, 0.9]}
    if action in ("walk", "run", "dance"):
        return {
            "bob": [0.012, 2 * row["steps"]],
            "roll": [row["waddle"], row["steps"]],
            "yaw": [row["waddle"] * 0.6, row["steps"]],
        }
    return {"bob": [0.004, 0.6], "roll": [0.6, 0.21]}
