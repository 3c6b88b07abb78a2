"""Fish, whales and turtles: a body over stations with fins, one row of fishes.toml each. They swim by the wave of `bends`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kineograph.engines.animatic.subjects.parts import Spec, part

Row = Mapping[str, Any]


def plan(row: Row, action: str, rng: np.random.Generator) -> dict[str, Any]:
    """Parts of a fish; x is forward, y up, the body about 1 long. A row that lists its parts keeps them alone."""
    del action, rng
    if "profile" not in row:
        return {}
    stations = np.array(row["profile"], np.float64)  # x, half height above, below, half width
    body = [[x, -low, up, wide] for x, up, low, wide in stations]
    skin = part("body", row["skin"], "main", stations=body, square=2.1, n=64, around=26)
    skin |= {"bands": row.get("stripes", []), "patches": row.get("patches", [])}
    return {"parts": [skin, *_tail(row), *_fins(row), *_eyes(row), *row.get("more_parts", ())]}


def _fin(
    at: Any, length: float, front: Sequence[float], back: Sequence[float], turn: Sequence[float], colour: str = "fin"
) -> Spec:
    return part("leaf", "fin", colour, length=length, right=front, left=back, at=at, turn=turn, n=9, m=7)


def _tail(row: Row) -> Sequence[Spec]:
    """Two lobes: upright on a fish, level on a whale; or one veil."""
    x, size, wide = row["tail"]
    root = [x + 0.03, row.get("tail_rise", 0.0), 0]
    kind = row["tail_kind"]
    lobe = {
        "fork": [0.02, 0.16, 0.13, 0.05, 0.01],
        "veil": [0.05, 0.22, 0.30, 0.32, 0.20],
        "fluke": [0.04, 0.16, 0.16, 0.08, 0.01],
    }[kind]
    half = [v * wide for v in lobe]
    lean = {"fork": 40, "veil": 62, "fluke": 34}[kind]
    both = []
    for side in (1, -1):
        turn = [0, 0, 90 - side * (90 - lean)]
        fin = _fin([0, 0, 0], size, half, half, turn, "tail")
        if kind == "fluke":  # laid flat
            fin = {**fin, "turn": [90, 0, 90 - side * (90 - lean)]}
        both.append({**fin, "at": root})
    return both


def _fins(row: Row) -> Sequence[Spec]:
    parts: list[Spec] = []
    for x, y, length, wide, lean in row.get("dorsal", ()):
        parts.append(
            _fin(
                [x, y, 0],
                length,
                [wide, wide * 0.8, wide * 0.4, 0.01],
                [wide, wide * 0.9, wide * 0.7, 0.02],
                [0, 0, lean],
            )
        )
    for x, y, z, length, wide, droop in row.get("pectoral", ()):
        fin = _fin(
            [x, y, z],
            length,
            [wide * 0.5, wide, wide * 0.8, 0.01],
            [wide * 0.5, wide, wide * 0.8, 0.02],
            [90 + droop, -38, 90],
        )
        parts.append({**fin, "joint": "fin", "mirror": "z"})
    return parts


def _eyes(row: Row) -> Sequence[Spec]:
    x, y, z, r = row["eye"]
    return [
        part("ball", "eye", "iris", r=[r, r, r * 0.5], at=[x, y, z], mirror="z", n=12),
        part(
            "ball",
            "eye",
            [0.008, 0.007, 0.006],
            r=[r * 0.62, r * 0.62, r * 0.4],
            at=[x + r * 0.1, y, z + r * 0.24],
            mirror="z",
            n=12,
        ),
        part("ball", "lamp", [0.9, 0.9, 0.9], r=r * 0.2, at=[x + r * 0.3, y + r * 0.32, z + r * 0.52], mirror="z", n=6),
    ]
