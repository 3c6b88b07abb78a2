"""The feathers of a bird: tail, wings folded and spread."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.subjects.parts import Spec, part

F64 = NDArray[np.float64]
Row = Mapping[str, Any]


def _feather(at: F64, fan: float, length: float, wide: float, colour: Any, tilt: float = 90.0) -> Spec:
    """One feather that lies flat and points back, fanned outward by degrees."""
    side = [wide * 0.35, wide * 0.5, wide * 0.52, wide * 0.45, wide * 0.05]
    return part("leaf", "plume", colour, length=length, right=side, cup=0.12, n=7, m=3, at=at, turn=[tilt, -fan, 90])


def tail(row: Row, at: dict[str, F64]) -> list[Spec]:
    """Feathers fanned out behind, no further down than the ground."""
    length, wide, count = row["tail"]
    rise = math.degrees(math.atan2(float(at["ahead"][1]), float(at["ahead"][0])))
    root = at["back"] + at["ahead"] * row["girth"] * 0.3
    # It must not reach into the ground.
    above = max(float(root[1] - at["hip"][1]) + row["leg"], 0.0)
    rise = min(rise, math.degrees(math.asin(min(above / length, 1.0))))
    out: list[Spec] = []
    for k in range(int(count)):
        q = 2 * k / (count - 1) - 1
        feather = _feather(np.zeros(3), q * row["fan"], length * (1 - row["notch"] * (1 - abs(q)) * 0.3), wide, "tail")
        turn = [90.0, -q * row["fan"], 90.0]
        # Fanned about the root, then laid along the back.
        out.append(
            {
                **feather,
                "turn": turn,
                "at": root + np.array([0, 0.012 * (1 - abs(q)), 0.2 * wide * q]),
                "pitch": rise + row["cock"],
            }
        )
    return [*(_pitched(spec, root) for spec in out), *_train(row, at)]


def _train(row: Row, at: dict[str, F64]) -> list[Spec]:
    """A peacock's: long plumes fanned up behind it, an eye at the end of each."""
    if "train" not in row:
        return []
    length, wide, count = row["train"]
    root = at["back"] + np.array([0.1, 0.02, 0])
    parts: list[Spec] = []
    for k in range(int(count)):
        lean = 168.0 * (k / (count - 1) - 0.5)
        far = length * (1.0 - 0.07 * (k % 2))
        plume = part(
            "leaf",
            "plume",
            "plume",
            length=far,
            right=[0.01, wide * 0.2, wide * 0.34, wide * 0.5, wide * 0.1],
            cup=0.15,
            curl=-14,
            m=3,
        )
        parts.append({**plume, "at": root, "turn": [0, 90, -lean]})
        eye = np.array(
            [-0.10 * length, math.cos(math.radians(lean)) * far * 0.86, math.sin(math.radians(lean)) * far * 0.86]
        )
        for size, colour, out in ((0.34, "ring", 0.015), (0.2, "spot", 0.03)):
            parts.append(
                part(
                    "ball",
                    "feather",
                    colour,
                    r=[0.012, wide * size * 1.25, wide * size],
                    n=8,
                    at=root + eye + np.array([out, 0, 0]),
                    turn=[lean, 0, 0],
                )
            )
    return parts


def _pitched(spec: Spec, root: F64) -> Spec:
    """Tilt a flat feather about its root: a copy around z by its own start angle."""
    plain = {k: v for k, v in spec.items() if k != "pitch"}
    return {**plain, "about": "z", "centre": root, "start": spec["pitch"]}


def folded(row: Row, at: dict[str, F64]) -> list[Spec]:
    """Wings laid along the body, quills crossing over the rump."""
    girth, length, rise = (
        row["girth"],
        row["body"],
        math.degrees(math.atan2(float(at["ahead"][1]), float(at["ahead"][0]))),
    )
    shoulder = at["chest"] * 0.62 + np.array([0, girth * 0.12, girth * 0.86])
    wing = part(
        "ball",
        row["skin"],
        "wing",
        r=[length * 0.40, girth * 0.62, girth * 0.26],
        n=22,
        bands=[["x", -9, -length * 0.16, "tip"]],
        at=shoulder - at["ahead"] * length * 0.30,
        turn=[0, 5, rise - 6],
    )
    parts: list[Spec] = [{**wing, "mirror": "z"}]
    for k in range(6):
        root = (
            shoulder - at["ahead"] * length * (0.34 + 0.035 * k) + np.array([0, girth * (0.30 - 0.14 * k), -0.02 * k])
        )
        quill = _feather(
            root, -4.0, length * (0.52 - 0.045 * k) * row["quills"], girth * 0.34, "tip" if k % 2 else "wing", 18.0
        )
        parts.append({**quill, "about": "z", "centre": root, "start": rise - 4, "mirror": "z"})
    return parts


def spread(row: Row, at: dict[str, F64]) -> list[Spec]:
    """Arm, hand, secondaries and primaries of a spread wing; the right one is mirrored."""
    span, chord = row["span"], row["chord"]
    x, y, z = shoulder(row, at)
    wrist = np.array([x + 0.03, y, z + span * 0.46])
    arm = part(
        "wing",
        row["skin"],
        "wing",
        root=chord * 0.62,
        tip=chord * 0.44,
        span=span * 0.47,
        back=-0.03,
        thick=0.13,
        at=[x, y, z],
        joint="wing",
    )
    hand = part(
        "wing",
        row["skin"],
        "wing",
        root=chord * 0.44,
        tip=chord * 0.10,
        span=span * 0.34,
        back=chord * 0.20,
        thick=0.12,
        at=wrist,
        joint="hand",
    )
    parts: list[Spec] = [arm, hand]
    for k in range(11):
        q = k / 10
        at_ = np.array([x - chord * 0.12, y - 0.010 - 0.004 * (k % 2), z + span * 0.47 * q])
        colour = "wing" if k % 2 else "quill"
        parts.append(
            {**_feather(at_, 3 + 6 * q, chord * (1.0 - 0.06 * (k % 2)), span * 0.105, colour), "joint": "wing"}
        )
        cover = np.array([x - chord * 0.02, y + chord * 0.045, z + span * 0.47 * q])
        parts.append({**_feather(cover, 3 + 6 * q, chord * 0.55, span * 0.10, "wing"), "joint": "wing"})
    for k in range(10):
        q = k / 9
        at_ = wrist + np.array([-chord * (0.06 + 0.16 * q), -0.008 * (k % 2), span * 0.33 * q])
        length = span * (0.40 + 0.14 * math.sin(q * 2.6)) * row["fingers"] + chord * 0.35 * (1 - q)
        parts.append(
            {
                **_feather(at_, 9 + 66 * q, length, span * 0.085, "tip" if k > 1 else "quill"),
                "joint": "tips" if k > 4 else "hand",
            }
        )
    return [{**part, "mirror": "z"} for part in parts]


def shoulder(row: Row, at: dict[str, F64]) -> tuple[float, float, float]:
    """Where the left wing begins."""
    return float(at["chest"][0]) * 0.55, float(at["chest"][1]) + row["girth"] * 0.45, row["girth"] * 0.5
