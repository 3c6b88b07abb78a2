"""Dragons: four legs, webbed wings on five long fingers, a neck, a jaw, horns, plates along the belly and a tail with a spade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kineograph.engines.animatic.subjects.bird_body import eyes
from kineograph.engines.animatic.subjects.parts import Spec, part

F64 = NDArray[np.float64]
Row = Mapping[str, Any]

AIRBORNE = frozenset({"fly", "float", "jump", "fall", "glide"})
SKULL = 0.125
TALL = 1.05  # counts as its height: the head is carried higher on the ground, and lower in the air
NECKS = {True: [[0.44, 0.13], [0.61, 0.27], [0.80, 0.34]], False: [[0.40, 0.20], [0.49, 0.42], [0.60, 0.62]]}
NECK = (0.150, 0.118, 0.095, 0.085)
TAIL = [[-0.52, 0.02], [-0.82, 0.05], [-1.12, 0.04], [-1.42, -0.02], [-1.72, -0.05]]
TAPER = (0.110, 0.082, 0.058, 0.040, 0.022)
SHOULDER, WRIST, HIP = (0.16, 0.15, 0.10), (0.14, 0.15, 0.74), (-0.36, 0.10, 0.09)
FINGERS = (
    (0.06, 0.13, 1.62),
    (-0.26, 0.11, 1.50),
    (-0.52, 0.10, 1.20),
    (-0.62, 0.13, 0.76),
)  # their tips; the last is the arm's

FLICKER = [
    {"about": "z", "swing": [5, 1.9]}, {"about": "y", "swing": [6, 1.3, 0.4]}, {"about": "x", "swing": [8, 2.7]}
]  # fmt: skip
TOOTH = (0.86, 0.82, 0.70)
# Flames: colour, width, length, lean in degrees, glow.
FLAMES = (
    ((0.9, 0.45, 0.06), 1.0, 1.0, -96, (2.6, 0.72, 0.08)),
    ((0.9, 0.5, 0.08), 0.62, 1.15, -106, (3.0, 0.95, 0.12)),
    ((0.9, 0.5, 0.08), 0.55, 0.95, -86, (3.0, 0.95, 0.12)),
    ((0.9, 0.8, 0.4), 0.55, 0.72, -97, (5.2, 3.4, 1.1)),
)
# Hip or shoulder, knee or elbow, foot: of the fore and the hind leg, in the air and on the ground.
LEGS = {
    True: (
        [[0.20, -0.08, 0.12], [0.10, -0.24, 0.15], [0.24, -0.30, 0.15]],
        [[-0.34, -0.04, 0.11], [-0.50, -0.20, 0.14], [-0.74, -0.16, 0.14]],
    ),
    False: (
        [[0.20, -0.05, 0.14], [0.12, -0.28, 0.18], [0.20, -0.50, 0.18]],
        [[-0.34, -0.03, 0.14], [-0.20, -0.26, 0.19], [-0.38, -0.40, 0.19], [-0.34, -0.50, 0.19]],
    ),
}


def plan(row: Row, action: str, rng: np.random.Generator) -> dict[str, Any]:
    """Parts, joints and motion for what it does. x is forward, y up, z to its sides."""
    del rng
    air = action in AIRBORNE
    neck = np.array([[0.22, 0.04], *NECKS[air]])
    head = np.array([*(neck[-1] + [0.07, 0.03]), 0.0])
    parts = [*_trunk(), *_neck(neck), *_head(head), *_tail(), *_wing(), *_legs(air)]
    size, hertz = (row["beat"] if air else (4.0, 0.25)) if action != "spread" else (18.0, 0.6)
    nods = [_swing("y", 5, 0.21), _swing("z", 3, hertz if air else 0.3, 0.3)]
    folds = [
        _swing("x", 0.75 * size, hertz, 0.20, bias=0.4 * size if air else 24),
        _swing("y", -0.12 * size, hertz, 0.22),
    ]
    jaw, mouth = (head + np.array(at) * SKULL for at in ((0.1, -0.45, 0.0), (2.0, -0.5, 0.0)))
    joints: dict[str, Any] = {
        "neck": {"at": [*neck[0].tolist(), 0.0], "moves": nods},
        "head": {"at": head.tolist(), "parent": "neck", "moves": [_swing("y", 8, 0.17, 0.2), _swing("z", 4, 0.37)]},
        "jaw": {"at": jaw.tolist(), "parent": "head", "moves": [_swing("z", 6, 0.45, bias=-16)]},
        "fire": {"at": mouth.tolist(), "parent": "head", "moves": FLICKER},
        "wing": {"at": list(SHOULDER), "moves": [_swing("x", -size, hertz, bias=-14 if air else -40)], "pair": True},
        "hand": {"at": list(WRIST), "moves": folds, "parent": "wing", "pair": True},
    }
    for k in range(len(TAIL) - 1):
        sway = [_swing("y", 8, 0.32, -0.11 * k), _swing("z", 4, 0.26, -0.13 * k)]
        joints[f"tail{k}"] = {"at": [*TAIL[k], 0.0], "moves": sway, **({"parent": f"tail{k - 1}"} if k else {})}
    for number, name in enumerate(("fore left", "fore right", "hind left", "hind right")):
        step = {**_swing("z", 20, row["steps"], 0.5 * (number in (1, 2))), "when": ["walk", "run", "dance"]}
        joints[name] = {"at": [0.2 if number < 2 else -0.34, -0.05, 0.0], "moves": [step]}
    bob = [0.06, hertz] if air else [0.006, 0.5]
    lift = {"lift": row["aloft_by"]} if air else {}
    motion = {**lift, "bob": bob, "roll": [4 if air else 0.4, 0.21], "pitch": [3 if air else 0.0, 0.4]}
    return {"parts": parts, "joints": joints, "motion": motion, "tall": TALL}


def _swing(about: str, size: float, hertz: float, begin: float = 0.0, bias: float = 0.0) -> dict[str, Any]:
    return {"about": about, "bias": bias, "swing": [size, hertz, begin]}


def _hide(blobs: Sequence[Any], patches: Sequence[Any], blend: float, joint: str = "") -> Spec:
    made = part("melt", "hide", "main", blobs=list(blobs), patches=list(patches), cell=0.021, blend=blend)
    return {**made, "joint": joint} if joint else made


def _trunk() -> list[Spec]:
    """Deep chest, narrow waist, plates under it and a row of spikes over it."""
    chest, waist, hips, root = [0.22, 0.0, 0.0], [-0.10, 0.0, 0.0], [-0.36, 0.01, 0.0], [*TAIL[0], 0.0]
    blobs = [
        ["cone", chest, waist, 0.185, 0.155],
        ["cone", waist, hips, 0.155, 0.140],
        ["cone", hips, root, 0.140, TAPER[0]],
        ["ball", [0.20, -0.03, 0.0], [0.21, 0.20, 0.17]],
    ]
    belly = [[[0.0, -0.20, 0.0], [0.55, 0.12, 0.12], "belly"]]
    parts = [_hide(blobs, belly, 0.06)]
    for k in range(10):
        x = 0.36 - 0.075 * k
        low = -0.205 + 0.9 * max(x - 0.20, 0.0) ** 2 * 4 + 0.10 * max(0.20 - x, 0.0)
        parts.append(
            part("ball", "hide", "belly", r=[0.050, 0.030, 0.105 - 0.004 * k], n=12, at=[x, low, 0.0], turn=[0, 0, 12])
        )
    parts += [_spike([0.18 - 0.11 * k, 0.155 - 0.004 * k, 0.0], 0.8 + 0.2 * (k < 4)) for k in range(7)]
    return parts


def _spike(at: ArrayLike, size: float, lean: float = 0.0, joint: str = "") -> Spec:
    outline = np.array([[0.055, -0.03], [-0.075, 0.125], [-0.055, -0.03]]) * size
    made = part(
        "extrude", "claw", "tip", outline=outline.tolist(), depth=0.03 * size, edge=0.006, at=at, turn=[0, 0, lean]
    )
    return {**made, "joint": joint} if joint else made


def _neck(path: F64) -> list[Spec]:
    """An S of cones, with plates before and spikes behind."""
    stops = [np.array([x, y, 0.0]) for x, y in path]
    blobs = [["cone", stops[k], stops[k + 1], NECK[k], NECK[k + 1]] for k in range(len(stops) - 1)]
    patches: list[Any] = []
    parts: list[Spec] = []
    for k in range(9):
        u = 0.12 + 0.88 * k / 8 * (len(stops) - 1) * 0.99 / (0.88 + 0.12)
        a = min(int(u), len(stops) - 2)
        at, way = stops[a] + (stops[a + 1] - stops[a]) * (u - a), stops[a + 1] - stops[a]
        way = way / np.linalg.norm(way)
        below, r = np.array([way[1], -way[0], 0.0]), float(np.interp(u, range(len(NECK)), NECK))
        lean = float(np.degrees(np.arctan2(way[1], way[0])))
        patches.append([at + below * r, [0.10, 0.075, 0.075], "belly"])
        plate = part(
            "ball", "hide", "belly", r=[0.038, 0.022, 0.72 * r], n=12, at=at + below * r * 0.88, turn=[0, 0, lean + 10]
        )
        parts.append({**plate, "joint": "neck"})
        if k % 2 == 0:
            parts.append(_spike(at - below * r * 0.92, 0.72, lean, "neck"))
    return [_hide(blobs, patches, 0.05, "neck"), *parts]


def _head(at: F64) -> list[Spec]:
    """Long snout, brows, a jaw that opens, teeth, two pairs of horns; and the fire."""
    r = SKULL

    def p(*point: float) -> F64:
        return at + np.array(point) * r

    upper = [
        ["ball", p(0, 0, 0), [1.05 * r, 0.88 * r, 0.86 * r]],
        ["cone", p(0.5, -0.10, 0), p(1.95, -0.30, 0), 0.62 * r, 0.36 * r],
        ["cone", p(0.1, 0.52, 0.48), p(1.05, 0.30, 0.46), 0.26 * r, 0.12 * r],
        ["cone", p(0.1, 0.52, -0.48), p(1.05, 0.30, -0.46), 0.26 * r, 0.12 * r],
        ["ball", p(2.02, -0.08, 0.20), [0.20 * r, 0.16 * r, 0.14 * r]],
        ["ball", p(2.02, -0.08, -0.20), [0.20 * r, 0.16 * r, 0.14 * r]],
    ]
    lower = [["cone", p(0.1, -0.66, 0), p(1.75, -0.86, 0), 0.42 * r, 0.22 * r]]
    under = [[p(0.9, -1.05, 0), [1.3 * r, 0.30 * r, 0.5 * r], "belly"]]
    horn = [p(-0.3, 0.55, 0.42), p(-1.0, 1.10, 0.62), p(-1.9, 1.30, 0.82), p(-2.7, 1.10, 0.92)]
    small = [p(-0.4, -0.05, 0.72), p(-1.0, 0.0, 1.05), p(-1.6, 0.22, 1.22)]
    hard = [
        part("sweep", "claw", "beak", path=horn, r=[0.25 * r, 0.20 * r, 0.13 * r, 0.02 * r], smooth=16, mirror="z"),
        part("sweep", "claw", "beak", path=small, r=[0.16 * r, 0.11 * r, 0.02 * r], smooth=10, mirror="z"),
        *(
            _tooth(p(x, -0.42 - 0.06 * x, 0.40 - 0.09 * x), -size * r)
            for x, size in ((1.8, 1.2), (1.5, 0.8), (1.2, 0.9), (0.95, 0.7))
        ),
    ]
    jaw = [_hide(lower, under, 0.03), _tooth(p(1.62, -0.72, 0.15), 0.8 * r), _spike(p(1.1, -1.05, 0), 0.5, 180.0)]
    flames = [
        part(
            "lathe", "petal", paint, profile=[[0.08 * s, 0.0], [0.30 * s, 0.8], [0.55 * s, 1.9], [0.40 * s, 2.9], [0, 3.9 * long]],
            smooth=22, turn=[0, 0, lean], at=p(2.0, -0.5, 0), scale=r, glow=glow, when=list(AIRBORNE),
        )
        for paint, s, long, lean, glow in FLAMES
    ]  # fmt: skip
    skull = [_hide(upper, [], 0.028), *hard, *eyes(at, r, (0.60, 0.26, 0.60), 0.25)]
    return [
        {**spec, "joint": joint} for joint, specs in (("head", skull), ("jaw", jaw), ("fire", flames)) for spec in specs
    ]


def _tooth(at: F64, length: float) -> Spec:
    """Pointing up, or down where its length is negative."""
    thick = 0.25 * abs(length)
    profile = [[thick, 0], [0.6 * thick, 0.15 * length], [0, 0.33 * length]]
    return part("lathe", "claw", list(TOOTH), profile=profile, around=10, at=at, mirror="z")


def _tail() -> list[Spec]:
    """Links that sway one after the other, spikes along them, a spade at the end."""
    parts: list[Spec] = []
    for k in range(len(TAIL) - 1):
        a, b, name = np.array([*TAIL[k], 0.0]), np.array([*TAIL[k + 1], 0.0]), f"tail{k}"
        parts.append(_hide([["cone", a, b, TAPER[k], TAPER[k + 1]]], [], 0.01, name))
        for u in (0.2, 0.6):
            r = TAPER[k] + (TAPER[k + 1] - TAPER[k]) * u
            parts.append(_spike(a + (b - a) * u + np.array([0, 0.92 * r, 0]), 0.72 - 0.12 * k, joint=name))
    spade = [[0.05, 0.0], [-0.06, 0.145], [-0.10, 0.10], [-0.34, 0.0], [-0.10, -0.10], [-0.06, -0.145]]
    end = part(
        "extrude", "hide", "tip", outline=spade[::-1], depth=0.035, edge=0.012, at=[*TAIL[-1], 0.0], turn=[25, 0, 0]
    )
    return [*parts, {**end, "joint": f"tail{len(TAIL) - 2}"}]


def _wing() -> list[Spec]:
    """Arm, fingers and the web between them: the web of the arm ends at the last finger, about which the hand folds."""
    elbow = [-0.04, 0.17, 0.44]
    parts = [
        part("sweep", "hide", "main", path=[SHOULDER, elbow, WRIST], r=[0.065, 0.048, 0.045], smooth=12, joint="wing"),
        part("web", "petal", "wing", near=[SHOULDER, HIP], far=[WRIST, FINGERS[3]], scallop=0.26, billow=0.05, joint="wing"),
        part("sweep", "claw", "beak", path=[WRIST, [0.24, 0.16, 0.79], [0.29, 0.12, 0.81]], r=[0.03, 0.022, 0.004], joint="hand"),
    ]  # fmt: skip
    for k, tip in enumerate(FINGERS):
        bend = [(WRIST[a] + tip[a]) / 2 + (0.03, 0.035, 0.0)[a] for a in range(3)]
        joint = "hand" if k < 3 else "wing"
        parts.append(
            part(
                "sweep",
                "hide",
                "main",
                path=[WRIST, bend, tip],
                r=[0.034, 0.022, 0.006],
                smooth=10,
                around=8,
                joint=joint,
            )
        )
        if k:
            near, far = [WRIST, FINGERS[k]], [WRIST, FINGERS[k - 1]]
            parts.append(part("web", "petal", "wing", near=near, far=far, scallop=0.20, billow=0.035, joint="hand"))
    return [{**spec, "mirror": "z"} for spec in parts]


def _legs(air: bool) -> list[Spec]:
    """Under it on the ground; drawn up and trailing in the air."""
    fore, hind = LEGS[air]
    parts: list[Spec] = []
    for leg, name, thick in ((fore, "fore", 0.075), (hind, "hind", 0.10)):
        for side, word in ((1.0, "left"), (-1.0, "right")):
            stops = np.array(leg) * [1, 1, side]
            radii = np.linspace(thick, 0.035, len(stops))
            blobs: list[Any] = [["cone", stops[k], stops[k + 1], radii[k], radii[k + 1]] for k in range(len(stops) - 1)]
            way = np.array([0.10, -0.035, 0.0]) if not air else np.array([-0.09, -0.05, 0.0])
            toes = [stops[-1] + way + np.array([0.0, 0.0, 0.05 * k]) for k in (-1, 0, 1)]
            blobs += [["cone", stops[-1], toe, 0.034, 0.020] for toe in toes]
            parts.append(_hide(blobs, [], 0.02, f"{name} {word}"))
            for toe in toes:
                path = [toe, toe + way * 0.35, toe + way * 0.5 - np.array([0, 0.02, 0])]
                claw = part("sweep", "claw", "beak", path=path, r=[0.018, 0.012, 0.002])
                parts.append({**claw, "joint": f"{name} {word}"})
    return parts
