"""The body of a bird: trunk, neck and head, beak, legs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.subjects.parts import Spec, part

F64 = NDArray[np.float64]
Row = Mapping[str, Any]


def trunk(row: Row, at: dict[str, F64]) -> list[Spec]:
    """The body, its belly and what the row paints on its breast."""
    girth, chest, back = row["girth"], at["chest"], at["back"]
    middle = back * 0.6
    blobs = [
        ["cone", chest, middle, girth, girth * 0.94],
        ["cone", middle, back, girth * 0.85, girth * 0.36],
        ["ball", chest + np.array([0.10, -0.12, 0]) * girth, [girth * 1.02, girth, girth * 0.98]],
    ]
    low = np.cross([0, 0, 1.0], at["ahead"])  # up, square to the back
    belly = chest * 0.3 - low * girth * 0.9
    patches = [[belly, [row["body"] * 0.62, girth * 0.95, girth * 1.05], "belly"]]
    patches += [[chest + np.array(c) * girth, np.array(r) * girth, paint] for c, r, paint in row.get("breast", ())]
    return [_melted(blobs, row, "main", patches, girth * 0.35)]


def _melted(blobs: list[Any], row: Row, colour: str, patches: list[Any], blend: float) -> Spec:
    return part("melt", row["skin"], colour, blobs=blobs, patches=patches, cell=0.022, blend=blend)


def head_of(row: Row, at: dict[str, F64]) -> list[Spec]:
    """Neck along its curve, skull, beak, eyes, and what the row adds in head radii."""
    r, head, nape = row["head"], at["head"], at["nape"]
    start, (thick, thin) = at["chest"] * 0.8 + nape * 0.2, row["throat"]
    stops = [start, *at["neck"]]
    radii = np.linspace(thick, thin, len(stops))
    blobs: list[Any] = [["cone", stops[k], stops[k + 1], radii[k], radii[k + 1]] for k in range(len(stops) - 1)]
    blobs.append(["ball", head, [r * 1.04, r * 0.97, r * 0.94]])
    patches = [[head + np.array(c) * r, np.array(s) * r, paint] for c, s, paint in row.get("face", ())]
    neck = _melted(blobs, row, row.get("hood", "main"), patches, r * 0.45)
    parts: list[Spec] = [
        neck,
        *({**p, "at": head + np.array(p.get("at", (0, 0, 0))) * r, "scale": r} for p in row["features"]),
    ]
    parts += eyes(head, r, row["eye"], row["eyeball"])
    return [{**p, "joint": "head"} for p in (*parts, *_beak(row, head))]


def eyes(head: F64, r: float, where: Sequence[float], size: float) -> list[Spec]:
    """Both eyes with pupil and glint; `where` and `size` in radii `r` of the head."""
    ex, ey, ez = where
    eye, out = np.array([ex, ey, ez]) * r, size * r
    look = np.array([ex * 0.5, ey * 0.2, ez])
    look = look / np.linalg.norm(look)
    glint = head + eye + out * (0.93 * look + np.array([0.30, 0.42, 0]))
    return [
        part("ball", "eye", "iris", r=out, at=head + eye, mirror="z", n=14),
        part("ball", "eye", [0.008, 0.007, 0.006], r=out * 0.82, at=head + eye + look * out * 0.3, mirror="z", n=14),
        part("ball", "lamp", [0.9, 0.9, 0.9], r=out * 0.22, at=glint, mirror="z", n=6),
    ]


def _beak(row: Row, head: F64) -> list[Spec]:
    length, thick, hook, flat = row["beak"]
    r = row["head"]
    root = head + np.array([r * 0.72, -r * 0.08, 0])
    path = [
        root,
        root + np.array([length * 0.55, length * 0.02, 0]),
        root + np.array([length * 0.95, -length * 0.25 * hook, 0]),
    ]
    path += [root + np.array([length * (1 - 0.15 * hook), -length * (0.02 + 0.55 * hook), 0])]
    upper = part(
        "sweep",
        "claw",
        "beak",
        path=path,
        r=[thick, thick * 0.8, thick * 0.4, thick * 0.08],
        smooth=12,
        squash=[1 * flat, 0.8],
    )
    below = [
        root - np.array([0, thick * 0.6, 0]),
        root + np.array([length * 0.7, -thick * 0.55 - length * 0.06 * hook, 0]),
    ]
    lower = part("sweep", "claw", "beak", path=below, r=[thick * 0.7, thick * 0.2], squash=[1 * flat, 0.6])
    return [upper, lower]


def legs(row: Row, at: dict[str, F64], *, air: bool) -> list[Spec]:
    """Under it on the ground; tucked up or trailing in the air."""
    hip, length = at["hip"], row["leg"]
    thigh = row["girth"] * 0.30
    parts: list[Spec] = []
    for side, joint in ((1, "left"), (-1, "right")):
        top = hip * [1, 1, side]
        if air:  # tucked up, or trailing where they are long
            foot = top + np.array([-0.55, -0.12, 0]) * length
            parts.append(_shank([top, top + (foot - top) * 0.5, foot], row, joint))
            parts += [
                _shank([foot, foot + np.array([-0.4, -0.06, 0.12 * k]) * row["foot"]], row, joint, 0.6)
                for k in (-1, 0, 1)
            ]
            continue
        foot = np.array([top[0] + 0.02, hip[1] - length, top[2]])
        knee = (top + foot) / 2 + np.array([-0.12 * length, 0, 0])
        parts.append(part("ball", row["skin"], "belly", r=[thigh, thigh * 1.2, thigh * 0.9], at=top, joint=joint))
        parts.append(_shank([top, knee, foot], row, joint))
        for k in (-1, 0, 1):
            toe = foot + np.array([1 - 0.12 * abs(k), -0.012 / max(row["foot"], 0.01), 0.5 * k]) * row["foot"]
            parts.append(_shank([foot, toe], row, joint, 0.8))
        parts.append(_shank([foot, foot - np.array([0.5, 0, 0]) * row["foot"]], row, joint, 0.7))
        if row["web"]:
            web = part(
                "leaf",
                "petal",
                "leg",
                length=row["foot"] * 0.95,
                right=[0.05 * row["foot"], 0.5 * row["foot"]],
                at=foot,
                turn=[90, 0, -90],
                n=4,
                m=3,
            )
            parts.append({**web, "joint": joint})
    return parts


def _shank(path: list[F64], row: Row, joint: str, thin: float = 1.0) -> Spec:
    r = row["shank"] * thin
    return part("sweep", "claw", "leg", path=path, r=[r * 1.2, r], around=8, joint=joint)
