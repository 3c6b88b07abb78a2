"""From a stance (what a person does) to bones: legs by IK, arms by direction, a head that stays level, hair that lags."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kineograph.engines.animatic.subjects.biped_body import SIDES, Body
from kineograph.engines.animatic.subjects.skeleton import Frames, about, cross, length, rx, ry, rz, share
from kineograph.engines.animatic.subjects.skirt import Drape

F64 = NDArray[np.float64]


@dataclass(slots=True)
class Arm:
    """Directions in the chest's frame; x is away from the body, y up, z ahead.

    Attributes:
        upper, fore: Of the upper arm and the forearm.
        roll: Radians the forearm is turned about itself; bend: the wrist towards the palm; curl: the fingers.
        to: Where the palm is, creature axes and row units, instead of the directions.
    """

    upper: tuple[float, float, float] = (0.20, -0.97, -0.02)
    fore: tuple[float, float, float] = (0.10, -0.96, 0.22)
    roll: float = 0.0
    bend: float = 0.0
    curl: float = 0.25
    to: F64 | None = None


@dataclass(slots=True)
class Foot:
    """Where an ankle is, relative to its place at rest (row units), in the creature's frame.

    Attributes:
        aside: Away from the body. pitch: radians, heel up is positive. yaw: toes outward.
        around: Radians the foot has turned about the body's axis: it stays planted while the body spins.
        toes: Bend of the toes, up is positive. knee: how far the knee points outward.
    """

    ahead: float = 0.0
    up: float = 0.0
    aside: float = 0.0
    pitch: float = 0.0
    yaw: float = 0.12
    around: float = 0.0
    toes: float = 0.0
    knee: float = 0.06


@dataclass(slots=True)
class Stance:
    """What a person does at one moment. Radians; pitch positive = forward, yaw positive = to their left.

    Attributes:
        root: Where the pelvis has moved to. yaw: turn of the whole body.
        lean: Pitch of the trunk, spread over three bones. twist: of the chest against the pelvis.
        tilt: Roll of the pelvis, the chest rolls back. sway: roll of the chest alone.
        head: Pitch, yaw, roll against the level.
        hair: Pitch and roll of what swings behind; flying: how far tails are thrown outward.
        gaze, lid: As eyes have it.
    """

    root: F64 = field(default_factory=lambda: np.zeros(3))
    yaw: float = 0.0
    lean: float = 0.0
    twist: float = 0.0
    tilt: float = 0.0
    sway: float = 0.0
    breath: float = 0.0
    head: tuple[float, float, float] = (0.0, 0.0, 0.0)
    arms: dict[str, Arm] = field(default_factory=lambda: {"L": Arm(), "R": Arm()})
    feet: dict[str, Foot] = field(default_factory=lambda: {"L": Foot(), "R": Foot()})
    hair: tuple[float, float] = (0.0, 0.0)
    flying: float = 0.0
    gaze: tuple[float, float] = (0.0, 0.0)
    lid: float = 0.0
    drape: Drape = field(default_factory=Drape)


def basis(way: ArrayLike, pole: ArrayLike) -> F64:
    """(3, 3) columns: a limb's direction, the side its joint bends to, and their cross product."""
    d = np.asarray(way, float)
    d = d / length(d)
    p = np.asarray(pole, float)
    p = p - d * float(p @ d)
    p = p / (length(p) + 1e-9)
    return np.array([d, p, cross(d, p)]).T


def solve(body: Body, stance: Stance, swinging: Sequence[tuple[str, int, int]]) -> Frames:
    """Bones of a stance; fills in where the thighs push the skirt."""
    third = (stance.lean + body.row.stoop) / 3
    pose = {
        "pelvis": ry(-0.4 * stance.twist) @ rz(stance.tilt) @ rx(third),
        "spine": rz(-0.6 * stance.tilt + 0.5 * stance.sway) @ rx(third) @ ry(0.6 * stance.twist),
        "chest": rz(-0.4 * stance.tilt + 0.5 * stance.sway) @ rx(third + stance.breath) @ ry(0.8 * stance.twist),
    }
    frames = body.skeleton.solve(pose, stance.root)
    nod, yaw, roll = stance.head
    chest = frames.turns[body.skeleton.index["chest"]]
    level = ry(0.4 * yaw) @ rx(0.35 * nod + 0.25 * stance.lean) @ rz(0.4 * roll)
    pose["neck"] = chest.T @ level
    pose["head"] = level.T @ ry(yaw) @ rx(nod) @ rz(roll)
    for side, n in SIDES:
        arm = stance.arms[n]
        _arm(body, arm if arm.to is None else _reaching(body, arm, side, n, frames), side, n, pose)
        _leg(body, stance, side, n, frames, pose)
    _hair(stance, swinging, pose)
    return body.skeleton.solve(pose, stance.root)


def _reaching(body: Body, arm: Arm, side: int, n: str, frames: Frames) -> Arm:
    """The arm whose palm is where it has to be; the elbow hangs outward and back."""
    assert arm.to is not None
    chest, rest = frames.turns[body.skeleton.index["chest"]], body.arms[n]
    shoulder = frames.joints[body.skeleton.index[f"upper{n}"]]
    upper = length(rest[1] - rest[0])
    lower = length(palm_of(body, n) - rest[1])
    elbow = _knee(shoulder, arm.to, chest @ np.array([0.45 * side, -1.0, -0.55]), upper, lower)
    out = np.array([side, 1, 1])
    first, second = (out * (chest.T @ way) for way in (elbow - shoulder, arm.to - elbow))
    return replace(arm, upper=(first[0], first[1], first[2]), fore=(second[0], second[1], second[2]))


def palm_of(body: Body, n: str) -> F64:
    """(3,) middle of a palm at rest, creature axes."""
    return np.asarray(body.arms[n][2] * 0.4 + body.arms[n][3] * 0.6)


def _arm(body: Body, arm: Arm, side: int, n: str, pose: dict[str, F64]) -> None:
    rest = body.arms[n]
    mirror = np.array([side, 1, 1])
    upper, fore = np.array(arm.upper) * mirror, np.array(arm.fore) * mirror
    upper, fore = upper / length(upper), fore / length(fore)
    # The elbow points away from where the forearm goes; backward and down when the arm is straight.
    pole = upper - fore + 0.12 * np.array([0.15 * side, -0.35, -1.0])
    first = basis(upper, pole) @ basis(rest[1] - rest[0], (0, -0.2, -1)).T
    second = about(fore, side * arm.roll) @ basis(fore, pole) @ basis(rest[2] - rest[1], (0, -0.2, -1)).T
    pose[f"shoulder{n}"] = share(first, 0.5)
    pose[f"upper{n}"] = first
    pose[f"fore{n}"] = first.T @ second
    pose[f"hand{n}"] = rz(-side * arm.bend)
    pose[f"fingers{n}"] = rz(-side * arm.curl)


def _leg(body: Body, stance: Stance, side: int, n: str, frames: Frames, pose: dict[str, F64]) -> None:
    foot, rest = stance.feet[n], body.legs[n]
    hip = frames.joints[body.skeleton.index[f"thigh{n}"]]
    pelvis = frames.turns[body.skeleton.index["pelvis"]]
    around = ry(foot.around)
    ankle = around @ (rest[2] + np.array([side * foot.aside, foot.up, foot.ahead]))
    toward = around @ ry(side * (foot.yaw + foot.knee)) @ np.array([0.0, 0.0, 1.0])
    upper, lower = length(rest[1] - rest[0]), length(rest[2] - rest[1])
    knee = _knee(hip, ankle, toward, upper, lower)
    first = basis(knee - hip, toward) @ basis(rest[1] - rest[0], (0, 0, 1)).T
    second = basis(ankle - knee, toward) @ basis(rest[2] - rest[1], (0, 0, 1)).T
    third = around @ ry(side * foot.yaw) @ rx(foot.pitch)
    local = pelvis.T @ first
    pose[f"hip{n}"] = share(local, 0.5)
    pose[f"thigh{n}"] = local
    pose[f"shin{n}"] = first.T @ second
    pose[f"foot{n}"] = second.T @ third
    pose[f"toes{n}"] = rx(-foot.toes)
    way = pelvis.T @ (knee - hip)
    away = math.hypot(way[0], way[2])
    stance.drape.legs = (*stance.drape.legs, (math.atan2(way[0], way[2]), math.atan2(away, -way[1]), upper))


def _knee(hip: F64, ankle: F64, toward: F64, upper: float, lower: float) -> F64:
    """Where the knee is; a leg too short for its ankle points at it, straight."""
    way = ankle - hip
    distance = length(way)
    reach = min(max(distance, abs(upper - lower) * 1.02 + 1e-4), (upper + lower) * 0.9995)
    d = way / distance
    along = (upper**2 + reach**2 - lower**2) / (2 * reach)
    out = math.sqrt(max(upper**2 - along**2, 0.0))
    pole = toward - d * float(toward @ d)
    pole = pole / (length(pole) + 1e-9)
    return np.asarray(hip + d * along + pole * out)


def _hair(stance: Stance, swinging: Sequence[tuple[str, int, int]], pose: dict[str, F64]) -> None:
    pitch, roll = stance.hair
    for name, count, side in swinging:
        for i in range(count):
            soft = 0.55 + 0.45 * i
            out = side * stance.flying * (1.0 if i == 0 else 0.35)
            back = stance.flying * (0.45 if side == 0 else 0.0)
            pose[f"{name}{i}"] = rz(out + soft * roll) @ rx(soft * pitch + back)
