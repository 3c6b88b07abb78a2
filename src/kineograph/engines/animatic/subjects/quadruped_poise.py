"""How one animal sits, lies and grazes: found by trial on its own body when it is built, so that a row needs no numbers for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.subjects.quadruped_acts import Moment, Poise, grazing, lying, seat
from kineograph.engines.animatic.subjects.quadruped_frame import Body
from kineograph.engines.animatic.subjects.quadruped_rig import Stance, hold_head, solve, trunk
from kineograph.engines.animatic.subjects.sculpt import Skinned
from kineograph.engines.animatic.subjects.skeleton import skin

F64 = NDArray[np.float64]
LIPS = 0.05  # height of the lips of who grazes ÷ the head's as it stands
SINK = 0.012  # row units the fur presses into the ground


def poise_of(body: Body, skinned: Skinned) -> Poise:
    """Pitch and height of the seated trunk, neck and height of the lying one."""
    poise = Poise()
    for _ in range(2):  # the pitch depends on the height and the height on the pitch
        stance = seat(Moment(body.row, 0.0, 0.0, poise=poise))
        poise = Poise(_seat_pitch(body, stance), poise.seat, poise.neck, poise.bed)
        sunk = _lowest(body, skinned, seat(Moment(body.row, 0.0, 0.0, poise=poise)))
        poise = Poise(poise.pitch, poise.seat - sunk - SINK, poise.neck, poise.bed)
    sunk = _lowest(body, skinned, lying(Moment(body.row, 0.0, 0.0, poise=poise)))
    poise = Poise(poise.pitch, poise.seat, poise.neck, poise.bed - sunk - SINK)
    index = body.skeleton.index["head"]
    chin = 0.80 * body.row.head + body.row.paw * 0.5  # of the head's middle, on the paws
    neck = _bent(body, lying(Moment(body.row, 0.0, 0.0, poise=poise)), body.head, chin, (-0.4, 1.15))
    lips = body.muzzle - body.row.snout_radii[1] * np.array([0.0, 0.5, 0.0])
    graze = _bent(body, grazing(Moment(body.row, 0.0, 0.0)), lips, LIPS * body.skeleton.joint[index][1], (0.0, 2.1))
    return Poise(poise.pitch, poise.seat, neck, poise.bed, graze)


def _lowest(body: Body, skinned: Skinned, stance: Stance) -> float:
    """Height of the trunk's lowest point; legs below the haunch are left out, IK keeps them."""
    matrices = solve(body, stance).matrices(body.skeleton, np.eye(3), np.zeros(3))
    mesh = skinned.mesh
    points, _ = skin(matrices, skinned.bones, skinned.weights, mesh.vertices, mesh.normals)
    flesh = [body.skeleton.index[name] for name in ("pelvis", "spine", "chest", "hLh", "hRh")]
    home = np.isin(skinned.bones[:, 0], flesh)
    return float(points[home, 1].min())


def _seat_pitch(body: Body, stance: Stance) -> float:
    """Pitch at which the forelegs of a seated animal just reach the ground: by bisection, once per body."""
    steep, flat = -1.15, -0.15
    leg = body.legs["fL"]
    toes = float(leg.joints[3][1])
    span = 0.955 * float(leg.joints[0][1] - toes)
    for _ in range(12):
        stance.pitch = (steep + flat) / 2
        frames = body.skeleton.solve(trunk(stance), stance.root)
        if float(frames.joints[body.skeleton.index["fL0"]][1]) - toes > span:
            steep = stance.pitch
        else:
            flat = stance.pitch
    return (steep + flat) / 2


def _bent(body: Body, stance: Stance, point: F64, height: float, between: tuple[float, float]) -> float:
    """Pitch of the neck that brings a point of the head down to a height: by bisection, once per body."""
    low, high = between
    index = body.skeleton.index["head"]
    offset = point - body.skeleton.joint[index]
    for _ in range(12):
        stance.neck = (low + high) / 2
        pose = trunk(stance)
        hold_head(body, stance, pose, body.skeleton.solve(pose, stance.root))
        frames = body.skeleton.solve(pose, stance.root)
        if float((frames.joints[index] + frames.turns[index] @ offset)[1]) > height:
            low = stance.neck
        else:
            high = stance.neck
    return (low + high) / 2
