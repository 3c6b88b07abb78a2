"""Birds: one geometry, one row of birds.toml each; wings folded on the ground and on water, spread in the air."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.subjects.parts import Spec, part

F64 = NDArray[np.float64]
Row = Mapping[str, Any]

AIRBORNE = frozenset({"fly", "float", "jump", "fall", "glide"})
_STRETCH = 0.85  # of the neck, in flight


def plan(row: Row, action: str, rng: np.random.Generator) -> dict[str, Any]:
    """Parts, joints and motion for what it does. x is forward, y up, z to its sides; most bodies are 0.8 long."""
    del rng
    air = action in AIRBORNE
    at = _skeleton(row, action)
    parts = [*_trunk(row, at), *_head(row, at), *_tail(row, at)]
    joints: dict[str, Any] = {"head": {"at": at["nape"].tolist(), "moves": _nods()}}
    if air:
        parts += _spread(row, at)
        joints |= _beats(row, at, action)
    else:
        parts += _folded(row, at)
    if action not in ("swim", "float"):
        parts += _legs(row, at, air=air)
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
    tilt = math.radians(row["tilt"] * (0.12 if air else 0.35 if action == "swim" else 1.0))
    ahead = np.array([math.cos(tilt), math.sin(tilt), 0.0])
    length, girth = row["body"], row["girth"]
    chest, back = ahead * length * 0.28, -ahead * length * 0.42
    nape = chest + np.array([0.25, 0.45, 0]) * girth
    neck = nape + np.array([[x, y, 0.0] for x, y in row["neck"]])
    if air:  # stretched out ahead
        far = float(np.hypot(*row["neck"][-1]))
        reach = math.radians(8 if far > 0.3 else 26)
        end = np.array([_STRETCH * far * math.cos(reach) + 0.4 * girth, _STRETCH * far * math.sin(reach), 0.0])
        neck = nape + np.linspace(0, 1, len(neck) + 1)[1:, None] * end
    hip = np.array([chest[0] * 0.1 + back[0] * 0.15, (chest[1] + back[1]) / 2 - girth * 0.45, girth * 0.45])
    return {"ahead": ahead, "chest": chest, "back": back, "nape": nape, "neck": neck, "head": neck[-1], "hip": hip}


def _trunk(row: Row, at: dict[str, F64]) -> list[Spec]:
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


def _head(row: Row, at: dict[str, F64]) -> list[Spec]:
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
    ex, ey, ez = row["eye"]
    eye, out = np.array([ex, ey, ez]) * r, row["eyeball"] * r
    look = np.array([ex * 0.5, ey * 0.2, ez])
    look = look / np.linalg.norm(look)
    parts += [
        part("ball", "eye", "iris", r=out, at=head + eye, mirror="z", n=14),
        part("ball", "eye", [0.008, 0.007, 0.006], r=out * 0.82, at=head + eye + look * out * 0.3, mirror="z", n=14),
        part(
            "ball",
            "lamp",
            [0.9, 0.9, 0.9],
            r=out * 0.22,
            at=head + eye + out * (0.93 * look + np.array([0.30, 0.42, 0])),
            mirror="z",
            n=6,
        ),
    ]
    return [{**p, "joint": "head"} for p in (*parts, *_beak(row, head))]


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


def _feather(at: F64, fan: float, length: float, wide: float, colour: Any, tilt: float = 90.0) -> Spec:
    """One feather that lies flat and points back, fanned outward by degrees."""
    side = [wide * 0.35, wide * 0.5, wide * 0.52, wide * 0.45, wide * 0.05]
    return part("leaf", "plume", colour, length=length, right=side, cup=0.12, n=7, m=3, at=at, turn=[tilt, -fan, 90])


def _tail(row: Row, at: dict[str, F64]) -> list[Spec]:
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


def _folded(row: Row, at: dict[str, F64]) -> list[Spec]:
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


def _spread(row: Row, at: dict[str, F64]) -> list[Spec]:
    """Arm, hand, secondaries and primaries of a spread wing; the right one is mirrored."""
    span, chord = row["span"], row["chord"]
    x, y, z = _shoulder(row, at)
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
        parts.append({**_feather(at_, 9 + 66 * q, length, span * 0.085, "tip" if k > 1 else "quill"), "joint": "hand"})
    return [{**part, "mirror": "z"} for part in parts]


def _shoulder(row: Row, at: dict[str, F64]) -> tuple[float, float, float]:
    return float(at["chest"][0]) * 0.55, float(at["chest"][1]) + row["girth"] * 0.45, row["girth"] * 0.5


def _beats(row: Row, at: dict[str, F64], action: str) -> dict[str, Any]:
    """Shoulder and wrist: the hand lags the arm, and the wing half closes on its way up: that reads as weight."""
    x, y, z = _shoulder(row, at)
    size, hertz = row["beat"]
    if action in ("float", "glide"):
        size, hertz = 4.0, 0.3
    wing = [
        {"about": "y", "swing": [size * 0.16, hertz, 0.30]},
        {"about": "x", "bias": -10, "swing": [-size, hertz, 0.0]},
    ]
    hand = [
        {"about": "x", "bias": 3, "swing": [-size * 0.72, hertz, -0.16]},
        {"about": "y", "swing": [-size * 0.36, hertz, 0.24]},
    ]
    wrist = [x + 0.03, y, z + row["span"] * 0.46]
    return {
        "wing": {"at": [x, y, z], "moves": wing, "pair": True},
        "hand": {"at": wrist, "moves": hand, "parent": "wing", "pair": True},
    }


def _legs(row: Row, at: dict[str, F64], *, air: bool) -> list[Spec]:
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
    if action in ("walk", "run", "dance"):
        return {
            "bob": [0.012, 2 * row["steps"]],
            "roll": [row["waddle"], row["steps"]],
            "yaw": [row["waddle"] * 0.6, row["steps"]],
        }
    return {"bob": [0.004, 0.6], "roll": [0.6, 0.21]}
