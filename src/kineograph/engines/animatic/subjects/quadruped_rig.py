"""From a stance (what the body does) to bones: feet by IK, helper bones at hips and shoulders, a head that stays level."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.subjects.quadruped_body import TAIL_BONES
from kineograph.engines.animatic.subjects.quadruped_extras import TRUNK_BONES
from kineograph.engines.animatic.subjects.quadruped_frame import Body, Leg
from kineograph.engines.animatic.subjects.skeleton import Frames, reach, rx, ry, rz, share

F64 = NDArray[np.float64]
LEGS = ("hL", "fL", "hR", "fR")


@dataclass(slots=True)
class Foot:
    """Where one foot is, relative to its place at rest (row units), and how it is held.

    Attributes:
        ahead, up, aside: Offset of the toes; aside is away from the body.
        shank: Radians the last segment (metatarsus, pastern) swings forward from its rest.
        toe: Radians the toes fold back.
        splay: Radians the whole leg opens outward.
        lie, lying: Absolute angle of the last segment, 0 down, +π/2 forward, and how much it counts, 0…1.
        over, raised: Toes ahead of and above hip or shoulder, and how much of that is done, 0…1.
    """

    ahead: float = 0.0
    up: float = 0.0
    aside: float = 0.0
    shank: float = 0.0
    toe: float = 0.0
    splay: float = 0.0
    lie: float = 0.0
    lying: float = 0.0
    over: tuple[float, float] = (0.0, 0.0)
    raised: float = 0.0


@dataclass(slots=True)
class Stance:
    """What an animal does at one moment. Angles in radians; pitch positive = nose down, yaw positive = to its left.

    Attributes:
        root: Where the pelvis has moved to.
        pitch, spine, chest: Pitch of the pelvis, and bends added after it; bend: sideways, shared by the three.
        neck: Pitch of the neck against the level; head: pitch, yaw, roll of the head against the level.
        look: Yaw shared by neck and head.
        tail_root, tail_curl: Lift at the root, and added by every bone after it; tail_side: likewise, sideways.
        tail_wave: Amplitude of its sway; tail_phase: radians.
        ears: Left and right folded back (0…1.5); flick: pulled inward.
        gaze: Aside and up, eye radii; lid: 0 open … 1 shut.
    """

    root: F64 = field(default_factory=lambda: np.zeros(3))
    pitch: float = 0.0
    spine: float = 0.0
    chest: float = 0.0
    bend: float = 0.0
    neck: float = 0.0
    look: float = 0.0
    head: tuple[float, float, float] = (0.0, 0.0, 0.0)
    tail_root: float = 0.0
    tail_curl: float = 0.0
    tail_wave: float = 0.14
    tail_phase: float = 0.0
    tail_side: float = 0.0
    ears: tuple[float, float] = (0.0, 0.0)
    flick: tuple[float, float] = (0.0, 0.0)
    gaze: tuple[float, float] = (0.0, 0.0)
    lid: float = 0.0
    feet: dict[str, Foot] = field(default_factory=lambda: {name: Foot() for name in LEGS})


def trunk(stance: Stance) -> dict[str, F64]:
    """Local rotations of the three bones of the back."""
    return {
        "pelvis": ry(stance.bend * 0.3) @ rx(stance.pitch),
        "spine": rx(stance.spine) @ ry(stance.bend * 0.5),
        "chest": rx(stance.chest) @ ry(stance.bend * 0.5),
    }


def solve(body: Body, stance: Stance) -> Frames:
    """Bones of a stance."""
    pose = trunk(stance)
    hold_head(body, stance, pose, body.skeleton.solve(pose, stance.root))
    _tail(stance, pose)
    if body.row.trunk:
        _trunk(stance, pose)
    frames = body.skeleton.solve(pose, stance.root)
    for leg in body.legs.values():
        _limb(body, leg, stance.feet[leg.name], frames, pose)
    return body.skeleton.solve(pose, stance.root)


def hold_head(body: Body, stance: Stance, pose: dict[str, F64], frames: Frames) -> None:
    """Add neck, head and ears to the pose; `frames` is the trunk's. Angles count from the level, whatever the chest does."""
    back = frames.turns[body.skeleton.index["chest"]]
    nod, yaw, roll = stance.head
    pose["neck"] = back.T @ ry(stance.look * 0.45) @ rx(stance.neck)
    pose["neck2"] = ry(stance.look * 0.25) @ rx(-stance.neck * 0.35)
    pose["head"] = ry(stance.look * 0.3 + yaw) @ rx(nod - stance.neck * 0.65) @ rz(roll)
    for name, side, folded, flick in zip("LR", (1, -1), stance.ears, stance.flick, strict=True):
        pose[f"ear{name}"] = rz(-side * flick) @ rx(-folded)


def _tail(stance: Stance, pose: dict[str, F64]) -> None:
    for i in range(TAIL_BONES):
        sway = stance.tail_wave * (0.6 + 0.25 * i) * math.sin(stance.tail_phase - 0.55 * i)
        rise = stance.tail_root if i == 0 else stance.tail_curl
        rise += 0.04 * math.sin(1.3 * (stance.tail_phase - 0.55 * i)) * (stance.tail_wave > 0)
        pose[f"tail{i}"] = ry(sway + stance.tail_side * (0.4 if i == 0 else 1.0)) @ rx(rise)


def _trunk(stance: Stance, pose: dict[str, F64]) -> None:
    """A wave that runs down it, in time with the tail."""
    for i in range(TRUNK_BONES):
        a = stance.tail_phase * 0.8 - 0.6 * i
        pose[f"trunk{i}"] = rx(-0.05 * i - 0.10 * math.sin(a)) @ rz(0.10 * math.sin(0.7 * a))


def _swing(v: F64) -> tuple[float, float]:
    """Length and angle in the side view: 0 straight down, positive forward."""
    return math.hypot(float(v[2]), float(v[1])), math.atan2(float(v[2]), -float(v[1]))


def _limb(body: Body, leg: Leg, foot: Foot, frames: Frames, pose: dict[str, F64]) -> None:
    """Two-bone IK to the last joint but one, which the last segment's own angle puts above the toes."""
    rest, index = leg.joints, body.skeleton.index
    hip = frames.joints[index[f"{leg.name}0"]]
    base = frames.turns[index["chest" if leg.fore else "pelvis"]]
    (upper, a0), (lower, b0), (last, c0) = (_swing(rest[i + 1] - rest[i]) for i in range(3))
    c = (c0 + foot.shank) * (1 - foot.lying) + foot.lie * foot.lying
    ground = (rest[3][2] + foot.ahead, rest[3][1] + foot.up)
    air = (hip[2] + foot.over[0], hip[1] + foot.over[1])
    toes = tuple(g + (h - g) * foot.raised for g, h in zip(ground, air, strict=True))
    wrist = (toes[0] - math.sin(c) * last, toes[1] + math.cos(c) * last)
    a, b = reach(wrist[0] - hip[2], wrist[1] - hip[1], upper, lower, -1 if leg.fore else 1)
    tilt = leg.side * math.atan2(foot.aside, max(float(hip[1] - toes[1]), 0.12))
    first = rz(leg.side * foot.splay + tilt) @ rx(a0 - a)
    second, third = rz(tilt) @ rx(b0 - b), rz(tilt) @ rx(c0 - c)
    local = base.T @ first
    pose[f"{leg.name}h"] = share(local, 0.5)
    pose[f"{leg.name}0"] = local
    pose[f"{leg.name}1"] = first.T @ second
    pose[f"{leg.name}2"] = second.T @ third
    # On the ground the paw stays level whatever the leg does; in the air it follows the shank.
    pose[f"{leg.name}3"] = rx(foot.toe - (c0 - c) * (1 - foot.raised))
