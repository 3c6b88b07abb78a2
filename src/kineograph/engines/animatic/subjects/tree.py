"""Trees: a trunk that forks, and clouds of leaves, needles or blossom at the ends; rows of plants.toml with `crown`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.subjects.parts import Spec, part

F64 = NDArray[np.float64]
Row = Mapping[str, Any]


def plan(row: Row, action: str, rng: np.random.Generator) -> dict[str, Any]:
    """Parts of one tree, grown by its own seed; a row that lists its parts keeps them."""
    del action
    if "crown" not in row:
        return {}
    grown = {"round": _round, "cone": _cone, "palm": _palm}[row["crown"]](row, rng)
    return {"parts": [*grown, *row.get("parts", ())]}


def _trunk(row: Row, rng: np.random.Generator) -> tuple[list[Spec], F64]:
    height, thick = row["trunk"]
    lean = rng.normal(0, 0.05 * height, 2) * row.get("crooked", 1.0)
    top = np.array([lean[0], height, lean[1]])
    path = [[0, 0, 0], [lean[0] * 0.6, height * 0.45, -lean[1] * 0.4], top]
    roots = part(
        "lathe", "bark", "bark", profile=[[thick * 1.7, 0], [thick * 1.15, thick * 1.2], [thick, thick * 3]], around=20
    )
    return [
        part("sweep", "bark", "bark", path=path, r=[thick, thick * 0.8, thick * 0.55], smooth=14, around=14),
        roots,
    ], top


def _round(row: Row, rng: np.random.Generator) -> Sequence[Spec]:
    """Limbs that fork from the upper trunk, a cloud at each end and one in the middle."""
    parts, top = _trunk(row, rng)
    wide, tall = row["spread"]
    thick, clouds = row["trunk"][1], int(row["clouds"])
    ends = [top + np.array([0, tall * 0.55, 0])]
    for k in range(clouds):
        around = 2.39996 * k + float(rng.uniform(-0.4, 0.4))
        rise = tall * float(rng.uniform(0.05, 0.75)) * (1 - 0.35 * (k % 2))
        out = wide * float(rng.uniform(0.55, 0.75))
        end = top + np.array([math.cos(around) * out, rise, math.sin(around) * out])
        start = top * float(rng.uniform(0.72, 0.96))
        middle = (start + end) / 2 + np.array([0, 0.12 * tall, 0])
        parts.append(
            part(
                "sweep",
                "bark",
                "bark",
                path=[start, middle, end],
                r=[thick * 0.45, thick * 0.25, thick * 0.1],
                smooth=8,
                around=8,
            )
        )
        ends.append(end)
    for k, end in enumerate(ends):
        size = np.array([wide * 0.62, tall * 0.42, wide * 0.62]) * float(rng.uniform(0.85, 1.15))
        paint = "leaf" if k % 3 else "other"
        parts.append(_cloud(row, paint, size, end, k))
        if "flower" in row:
            parts.append({**_cloud(row, "flower", size * 1.04, end, 50 + k), "count": int(row["leaves"] * 0.5)})
    return parts


def _cloud(row: Row, colour: str, size: F64, at: F64, seed: int) -> Spec:
    shape = {
        "count": int(row["leaves"]),
        "size": row["leaf_size"],
        "hang": row.get("hang", 0.0),
        "long": row.get("long", 1.6),
    }
    return part("leaves", "petal", colour, radii=size, at=at, seed=seed, **shape)


def _cone(row: Row, rng: np.random.Generator) -> Sequence[Spec]:
    """A conifer: tiers of hanging needles round a straight trunk."""
    height, thick = row["trunk"]
    wide, _ = row["spread"]
    parts = [part("cylinder", "bark", "bark", r=thick, h=height * 0.9, top=thick * 0.2, around=14)]
    tiers = int(row["clouds"])
    for k in range(tiers):
        q = k / (tiers - 1)
        reach = wide * (1 - q) ** 0.85 + 0.05 * wide
        y = height * (0.16 + 0.84 * q)
        skirt = np.array([reach, height * 0.055, reach])
        turn = float(rng.uniform(0, 360))
        cone = {
            "count": int(row["leaves"] * (0.25 + reach / wide)),
            "size": row["leaf_size"],
            "hang": 0.55,
            "long": 2.6,
            "seed": k,
        }
        parts.append(
            part(
                "leaves",
                "petal",
                "leaf" if k % 2 else "other",
                radii=skirt,
                at=[0, y - height * 0.03, 0],
                turn=[0, turn, 0],
                **cone,
            )
        )
        drape = [[reach * 0.9, y - height * 0.05], [reach * 0.3, y + height * 0.06], [0.01, y + height * 0.12]]
        parts.append(part("lathe", "leaf", "shade", profile=drape, around=18, edge=0.001))
    return parts


def _palm(row: Row, rng: np.random.Generator) -> Sequence[Spec]:
    """A bowed trunk with rings and a head of fronds."""
    height, thick = row["trunk"]
    bow = float(rng.choice((-1, 1))) * height * float(rng.uniform(0.10, 0.24))
    path = [[0, 0, 0], [bow * 0.15, height * 0.4, 0], [bow * 0.55, height * 0.75, 0], [bow, height, 0]]
    parts = [
        part(
            "sweep", "bark", "bark", path=path, r=[thick * 1.4, thick, thick * 0.85, thick * 0.8], smooth=24, around=14
        )
    ]
    long, wide = row["spread"]
    for k in range(int(row["clouds"])):
        lift = -8 - 46 * ((k * 0.618) % 1)
        frond = part(
            "leaf",
            "leaf",
            "leaf" if k % 2 else "other",
            length=long * float(rng.uniform(0.85, 1.1)),
            right=[wide * 0.2, wide, wide * 0.9, wide * 0.55, 0.01],
            curl=96,
            cup=-0.5,
            n=16,
            m=5,
        )
        parts.append(
            {
                **frond,
                "turn": [lift, 0, 0],
                "at": [bow, height, 0],
                "about": "y",
                "centre": [bow, 0, 0],
                "start": 137.5 * k,
            }
        )
    nuts = part(
        "ball",
        "wood",
        [0.16, 0.09, 0.04],
        r=thick * 0.9,
        at=[bow + thick * 1.3, height - thick, 0],
        ring=4,
        centre=[bow, 0, 0],
    )
    return [*parts, nuts]
