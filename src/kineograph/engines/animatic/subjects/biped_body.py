"""A person's skeleton, limbs, hands and clothes, from one row of proportions."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.spec import Colour as Rgb
from kineograph.engines.animatic.subjects.biped_row import Look, Row
from kineograph.engines.animatic.subjects.rows import tint
from kineograph.engines.animatic.subjects.sdf import Shape, unit
from kineograph.engines.animatic.subjects.skeleton import Skeleton, align

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
SIDES = ((1, "L"), (-1, "R"))
ARM_DOWN = 0.62  # radians the arms hang away from the body at rest
CELL = 0.0084  # grid step at a coarseness of 1


@dataclass(slots=True)
class Body:
    """What is known about a person at rest, creature axes.

    Attributes:
        arms: (4, 3) shoulder, elbow, wrist, knuckles. legs: (4, 3) hip, knee, ankle, ball of the foot.
        head: Centre of the skull; neck: base of the neck.
        coarse: Multiplies every grid step.
    """

    row: Row
    look: Look
    skeleton: Skeleton
    head: F64
    neck: F64
    coarse: float = 1.0
    arms: dict[str, F64] = field(default_factory=dict)
    legs: dict[str, F64] = field(default_factory=dict)

    @property
    def torso_height(self) -> float:
        """Hip joints to the base of the neck."""
        return float(self.neck[1]) - self.row.leg


def _v(x: float, y: float, z: float) -> F64:
    return np.array([x, y, z])


def bones(row: Row, look: Look, coarse: float = 1.0) -> Body:
    """The skeleton alone."""
    hr, leg = row.head, row.leg
    trunk = 1 - 1.94 * hr - leg
    neck = leg + trunk
    body = Body(row, look, Skeleton(), _v(0, neck + hr * 0.94, 0.012), _v(0, neck, -0.006), coarse)
    sk = body.skeleton
    sk.add("pelvis", None, (0, leg + 0.01, 0))
    sk.add("spine", "pelvis", (0, leg + trunk * 0.30, 0))
    sk.add("chest", "spine", (0, leg + trunk * 0.55, -0.005))
    sk.add("neck", "chest", (0, neck - 0.03, -0.008))
    sk.add("head", "neck", (0, neck + 0.02, 0))
    for side, n in SIDES:
        _arm_bones(body, side, n)
        _leg_bones(body, side, n)
    return body


def _arm_bones(body: Body, side: int, n: str) -> None:
    row, sk = body.row, body.skeleton
    at = _v(side * row.shoulder, body.neck[1] - 0.056, -0.004)
    along = _v(side * math.sin(ARM_DOWN), -math.cos(ARM_DOWN), 0)
    length = row.arm
    joints = np.array([at, at + along * length * 0.46, at + along * length * 0.88, at + along * length * 1.06])
    body.arms[n] = joints
    sk.add(f"shoulder{n}", "chest", joints[0])
    sk.add(f"upper{n}", "chest", joints[0])
    sk.add(f"fore{n}", f"upper{n}", joints[1])
    sk.add(f"hand{n}", f"fore{n}", joints[2])
    sk.add(f"fingers{n}", f"hand{n}", joints[3])
    sk.link(f"shoulder{n}", f"upper{n}")


def _leg_bones(body: Body, side: int, n: str) -> None:
    row, sk, leg = body.row, body.skeleton, body.row.leg
    hip = _v(side * row.hips, leg, 0)
    ankle = hip + _v(side * 0.006, -leg * 0.895, -0.008)
    joints = np.array([hip, hip + _v(side * 0.003, -leg * 0.46, 0.008), ankle, _v(ankle[0], 0.02, ankle[2] + 0.075)])
    body.legs[n] = joints
    sk.add(f"hip{n}", "pelvis", joints[0])
    sk.add(f"thigh{n}", "pelvis", joints[0])
    sk.add(f"shin{n}", f"thigh{n}", joints[1])
    sk.add(f"foot{n}", f"shin{n}", joints[2])
    sk.add(f"toes{n}", f"foot{n}", joints[3])
    sk.link(f"hip{n}", f"thigh{n}")


def calf_of(leg: F64) -> F64:
    """The thickest place of the lower leg, a little behind the bone."""
    return np.asarray(leg[1] * 0.66 + leg[2] * 0.34 - _v(0, 0, 0.008))


def flesh(body: Body) -> list[Shape]:
    """What of arms and legs no cloth covers (what it covers could only poke through), and hands on a finer grid."""
    skin, hands = Shape("skin", CELL * body.coarse), Shape("skin", 0.0046 * body.coarse)
    for side, n in SIDES:
        _hand(body, hands, side, n)
        if body.look.sleeve < 2:
            _bare_arm(body, skin, n)
        if body.look.outfit != "trousers":
            _bare_leg(body, skin, n)
    return [skin, hands]


def _bare_arm(body: Body, skin: Shape, n: str) -> None:
    arm, a, colour = body.arms[n], body.row.arm_radii, body.look.skin
    upper, fore = body.skeleton.index[f"upper{n}"], body.skeleton.index[f"fore{n}"]
    start = arm[0] + (arm[1] - arm[0]) * min(max(body.look.sleeve - 0.25, 0.0), 0.9)
    belly = arm[1] * 0.70 + arm[2] * 0.30
    # Joints of a chain want next to no blend: a soft union of two equal tubes bulges.
    skin.cone(start, arm[1], a[0] * 0.96, a[1], bone=upper, colour=colour, blend=0.006)
    skin.cone(arm[1], belly, a[1], a[1], bone=fore, colour=colour, blend=0.006)
    skin.cone(belly, arm[2], a[1], a[2], bone=fore, colour=colour, blend=0.006)


def _bare_leg(body: Body, skin: Shape, n: str) -> None:
    leg, r, colour = body.legs[n], body.row.leg_radii, body.look.skin
    thigh, shin = body.skeleton.index[f"thigh{n}"], body.skeleton.index[f"shin{n}"]
    start = leg[0] + (leg[1] - leg[0]) * (0.55 if body.look.outfit == "shorts" else 0.30)
    calf = calf_of(leg)
    skin.cone(start, leg[1], r[0] * 0.84, r[1] * 0.94, bone=thigh, colour=colour, blend=0.008)
    skin.cone(leg[1], calf, r[1] * 0.93, r[1] * 0.90, bone=shin, colour=colour, blend=0.008)
    skin.cone(calf, leg[2], r[1] * 0.90, r[2], bone=shin, colour=colour, blend=0.008)


def _hand(body: Body, hands: Shape, side: int, n: str) -> None:
    """Palm, four fingers a little apart and bent, a thumb."""
    wrist, knuckles = body.arms[n][2], body.arms[n][3]
    index = body.skeleton.index
    palm, fingers = index[f"hand{n}"], index[f"fingers{n}"]
    colour, w = body.look.gloves or body.look.skin, body.row.arm_radii[2] * (1.22 if body.look.gloves is None else 1.36)
    along, ahead = unit(knuckles - wrist), _v(0, 0, 1.0)
    inward = unit(np.cross(along, ahead)) * (1 if np.cross(along, ahead)[0] * side < 0 else -1)
    turn = align((0, 1, 0), along)
    hands.cone(
        wrist - along * w * 0.4, wrist + along * w * 0.5, w * 0.82, w * 0.78, bone=palm, colour=colour, blend=0.012
    )
    hands.ellipsoid(
        wrist + along * w * 1.45, (w * 0.62, w * 1.25, w * 1.08), bone=palm, colour=colour, blend=0.012, turn=turn
    )
    for spread, length in ((-0.78, 1.30), (-0.26, 1.62), (0.27, 1.70), (0.79, 1.48)):
        root = knuckles + ahead * w * spread * 0.92 - along * w * 0.30
        middle = root + along * w * length * 0.62 + inward * w * 0.10 + ahead * w * spread * 0.10
        tip = middle + along * w * length * 0.52 + inward * w * 0.34
        hands.cone(root, middle, w * 0.285, w * 0.265, bone=fingers, colour=colour, blend=0.006)
        hands.cone(middle, tip, w * 0.265, w * 0.215, bone=fingers, colour=colour, blend=0.006)
    base = wrist + along * w * 0.75 + ahead * w * 0.70
    middle = base + along * w * 0.75 + ahead * w * 0.85 + inward * w * 0.25
    hands.cone(base, middle, w * 0.40, w * 0.31, bone=palm, colour=colour, blend=0.010)
    hands.cone(
        middle,
        middle + along * w * 0.80 + inward * w * 0.15,
        w * 0.31,
        w * 0.235,
        bone=palm,
        colour=colour,
        blend=0.006,
    )


def clothes(body: Body) -> list[Shape]:
    """Every garment but the skirt, each its own surface: borders stay crisp and legs never weld together. The top first."""
    return [_top(body), _trousers(body), *_sleeves_and_socks(body), _shoes(body)]


def _torso(body: Body, shape: Shape, colour: Rgb, swell: float) -> None:
    """Chest, shoulders and waist, a little wider than the flesh would be."""
    row, index, height = body.row, body.skeleton.index, body.torso_height
    leg, flat = row.leg, ((0, 0, 1), 0.80)
    shoulder = body.neck[1] - 0.060
    chest, spine = index["chest"], index["spine"]
    shape.cone(
        (0, shoulder - 0.032, -0.004), (0, leg + height * 0.34, 0), row.torso + swell, row.waist + swell,
        bone=chest, colour=colour, blend=0.06, squash=flat,
    )  # fmt: skip
    across, thick = row.shoulder * 0.80, 0.030 * row.torso / 0.072
    shape.cone(
        (-across, shoulder, -0.006), (across, shoulder, -0.006), thick + swell,
        bone=chest, colour=colour, blend=0.05, flow=(0, -1, 0),
    )  # fmt: skip
    for side in (1, -1):  # shoulders slope from the neck
        shape.cone(
            (side * 0.012, float(body.neck[1]) - 0.016, -0.010), (side * across, shoulder + thick * 0.35, -0.006),
            0.020 + swell, thick * 0.72 + swell, bone=chest, colour=colour, blend=0.03, flow=(0, -1, 0),
        )  # fmt: skip
    hip = max(row.waist, row.hips + row.leg_radii[0] * 0.62) + swell
    shape.cone(
        (0, leg + height * 0.34, 0), (0, leg + 0.02, 0), row.waist + swell, hip,
        bone=spine, colour=colour, blend=0.05, squash=((0, 0, 1), 0.84),
    )  # fmt: skip
    for side in (1, -1):
        if row.bust:
            at = (side * row.bust * 0.95, shoulder - 0.055, row.torso * 0.56)
            shape.ellipsoid(at, np.array([1, 1, 0.85]) * row.bust, bone=chest, colour=colour, blend=0.035)


def _top(body: Body) -> Shape:
    row, look, index = body.row, body.look, body.skeleton.index
    cloth = Shape(look.fabric, CELL * min(body.coarse, 1.2), crisp=True)
    _torso(body, cloth, look.main, look.loose)
    long = look.sleeve >= 2
    arm_radii = row.arm_radii
    for _, n in SIDES:
        arm = body.arms[n]
        half, upper, fore = index[f"shoulder{n}"], index[f"upper{n}"], index[f"fore{n}"]
        if look.sleeve < 0.2:  # none: straps, a waistcoat
            continue
        down = unit(arm[1] - arm[0])
        puff = 1.42 if not long else 1.12
        cap = arm[0] + (arm[1] - arm[0]) * 0.34
        cloth.cone(
            arm[0] - down * 0.012,
            cap,
            arm_radii[0] * 1.22,
            arm_radii[0] * puff,
            bone=half,
            colour=look.main,
            blend=0.045,
        )
        end = arm[1] if long else arm[0] + (arm[1] - arm[0]) * look.sleeve
        cloth.cone(
            cap,
            end,
            arm_radii[0] * puff,
            arm_radii[1] * (1.16 if long else 1.55),
            bone=upper,
            colour=look.main,
            blend=0.03,
        )
        if long:
            wide = arm_radii[2] * 1.22 * look.cuff
            wrist = arm[2] - down * (0.012 if look.cuff < 1.3 else 0.0)
            cloth.cone(arm[1], wrist, arm_radii[1] * 1.16, wide, bone=fore, colour=look.main, blend=0.03)
            if look.cuff >= 1.3:
                _hem(cloth, wrist - down * 0.004, down, wide * 2.0, fore, look.main)
        else:
            _hem(cloth, end, down, arm_radii[1] * 2.1, upper, look.main)
    if look.outfit != "dress":
        low = row.leg - 0.012
        hips = row.hips + row.leg_radii[0] * 0.92 + 0.006 + look.loose
        waist, hip, hem = (0, row.leg + 0.115, 0), (0, row.leg + 0.035, 0), (0, low - 0.03, 0.002)
        flat, pelvis = ((0, 0, 1), 0.86), index["pelvis"]
        cloth.cone(waist, hip, row.waist + 0.012, hips, bone=pelvis, colour=look.main, blend=0.03, squash=flat)
        cloth.cone(hip, hem, hips, hips, bone=pelvis, colour=look.main, blend=0.02, squash=flat)
        _hem(cloth, _v(0, low - 0.012, 0), _v(0, -1, 0), 0.16, index["pelvis"], look.main)
    _collar(body, cloth)
    return cloth


def _hem(cloth: Shape, at: F64, down: F64, radius: float, bone: int, colour: Rgb) -> None:
    """Cut a tube of cloth flat: the round end of a capsule would look like a nappy."""
    beyond = at + down * radius
    # An edge sharper than the grid would come out torn.
    cloth.ellipsoid(beyond, radius, bone=bone, colour=colour, blend=1.7 * cloth.cell, carve=True)


def _collar(body: Body, cloth: Shape) -> None:
    """A round neckline with a piped edge."""
    row, chest = body.row, body.skeleton.index["chest"]
    high, r = float(body.neck[1]), row.head * 0.40 * body.look.collar
    cloth.ellipsoid(
        (0, high + r * 0.75, 0.010),
        (r * 1.02, r * 1.30, r * 1.02),
        bone=chest,
        colour=body.look.main,
        blend=0.008,
        carve=True,
    )


def _trousers(body: Body) -> Shape:
    """Trousers, shorts, or what is worn under a skirt."""
    row, look, index = body.row, body.look, body.skeleton.index
    cloth = Shape("metal" if look.fabric == "metal" else "cloth", CELL * body.coarse, crisp=True)
    r = row.leg_radii
    colour = look.main if look.outfit == "dress" else look.second
    until = {"dress": 0.40, "shorts": 0.78, "trousers": 1.0}[look.outfit]
    slim = 0.84 if look.outfit == "dress" else 1.0  # under a skirt nothing may show through
    seat = (row.hips + r[0] * 0.86 * slim, 0.058 * slim, r[0] * 1.26 * slim)
    cloth.ellipsoid((0, row.leg + 0.008, 0), seat, bone=index["pelvis"], colour=colour, blend=0.03)
    for _, n in SIDES:
        hip, knee, ankle = body.legs[n][:3]
        half, thigh, shin = index[f"hip{n}"], index[f"thigh{n}"], index[f"shin{n}"]
        split, end = hip * 0.65 + knee * 0.35, hip * (1 - until) + knee * until
        wide = r[0] * 1.06 if look.outfit == "dress" else r[1] * (1.12 if until == 1 else 1.30)
        cloth.cone(hip, split, r[0] * 1.08 * slim, r[0] * 1.02, bone=half, colour=colour, blend=0.018)
        cloth.cone(split, end, r[0] * 1.02, wide, bone=thigh, colour=colour, blend=0.016)
        if until < 1:
            _hem(cloth, end, unit(knee - hip), r[1] * 2.2, thigh, colour)
        else:
            cuff = ankle + _v(0, 0.004, 0)
            cloth.cone(knee, cuff, r[1] * 1.12, r[2] * 1.32, bone=shin, colour=colour, blend=0.016)
            _hem(cloth, cuff - _v(0, 0.010, 0), _v(0, -1, 0), r[2] * 3.0, shin, colour)
    return cloth


def _sleeves_and_socks(body: Body) -> list[Shape]:
    if body.look.socks is None or body.look.outfit == "trousers":
        return []
    cloth = Shape("cloth", CELL * 0.8 * body.coarse, crisp=True)
    r = body.row.leg_radii
    for _, n in SIDES:
        leg, bone = body.legs[n], body.skeleton.index[f"shin{n}"]
        ankle, calf = leg[2], calf_of(leg)
        high = calf * 0.72 + ankle * 0.28
        wide = r[1] * 0.90 * 0.72 + r[2] * 0.28 + 0.0045
        cloth.cone(high, ankle - _v(0, 0.01, 0), wide, r[2] * 1.22, bone=bone, colour=body.look.socks, blend=0.006)
        cuff = unit(high - ankle)
        cloth.cone(high, high - cuff * 0.010, wide * 1.06, wide * 1.06, bone=bone, colour=body.look.socks, blend=0.004)
        _hem(cloth, high + cuff * 0.006, cuff, wide * 1.6, bone, body.look.socks)
    return [cloth]


def _shoes(body: Body) -> Shape:
    """Rounded uppers on a sole; the toes bend."""
    shoe = Shape("leather", CELL * 0.72 * body.coarse, crisp=True)
    index, look = body.skeleton.index, body.look
    w = max(body.row.leg_radii[2] * 1.12, 0.026)
    pale = look.outfit != "dress"
    sole = (0.62, 0.60, 0.56) if pale else tint(look.shoe, 0.45)
    for side, n in SIDES:
        ankle = body.legs[n][2]
        foot, toes = index[f"foot{n}"], index[f"toes{n}"]
        at = ankle * (1, 0, 1)
        heel, ball = at + _v(0, w * 0.92, -0.002), at + _v(side * 0.003, w * 0.74, 0.048)
        tip = at + _v(side * 0.004, w * 0.70, 0.048 + w * 1.10)
        shoe.ellipsoid(heel, (w * 0.95, w * 0.92, w * 1.0), bone=foot, colour=look.shoe, blend=0.03)
        shoe.cone(heel, ball, w * 0.84, w * 0.80, bone=foot, colour=look.shoe, blend=0.02)
        shoe.ellipsoid(tip, (w * 1.0, w * 0.70, w * 1.05), bone=toes, colour=look.shoe, blend=0.03)
        if look.boots:
            _boot(body, shoe, n)
        elif look.outfit != "dress" or not look.socks:
            shoe.cone(
                at + _v(0, w, 0),
                at + _v(0, w * 1.75, -0.002),
                w * 0.92,
                w * 0.90,
                bone=foot,
                colour=look.shoe,
                blend=0.02,
            )
        middle = at + _v(side * 0.003, 0.0095, 0.034)  # the sole
        shoe.ellipsoid(middle, (w * 1.10, 0.0115, w * 2.15), bone=foot, colour=sole, blend=0.004)
    return shoe


def _boot(body: Body, shoe: Shape, n: str) -> None:
    """A shaft up the shin, cut flat."""
    knee, ankle = body.legs[n][1:3]
    index, look, r = body.skeleton.index, body.look, body.row.leg_radii
    top = ankle + (knee - ankle) * look.boots
    wide = r[2] * 1.5 + (r[1] * 1.22 - r[2] * 1.5) * look.boots
    low = ankle * (1, 0, 1) + _v(0, body.row.leg_radii[2], 0)
    shoe.cone(low, ankle, r[2] * 1.4, r[2] * 1.5, bone=index[f"foot{n}"], colour=look.shoe, blend=0.02)
    shoe.cone(ankle, top, r[2] * 1.5, wide, bone=index[f"shin{n}"], colour=look.shoe, blend=0.02)
    _hem(shoe, top, unit(knee - ankle), wide * 1.7, index[f"shin{n}"], look.shoe)
