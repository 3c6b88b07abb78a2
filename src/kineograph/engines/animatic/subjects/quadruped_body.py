"""The body of a four-legged animal: skeleton and melted shapes, from one row of proportions."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.spec import Colour as Rgb
from kineograph.engines.animatic.subjects.quadruped_extras import extras_of
from kineograph.engines.animatic.subjects.quadruped_frame import Body, Leg
from kineograph.engines.animatic.subjects.quadruped_row import Coat, Row
from kineograph.engines.animatic.subjects.sdf import Shape, front_of
from kineograph.engines.animatic.subjects.skeleton import Skeleton, ry, rz

F64 = NDArray[np.float64]
TAIL_BONES = 5
EYE_DEPTH = 0.62  # of an eyeball ÷ its radius
PINK: Rgb = (0.56, 0.24, 0.215)


def _v(x: float, y: float, z: float) -> F64:
    return np.array([x, y, z])


def build_body(row: Row, coat: Coat, cell: float = 0.0105) -> Body:
    """Skeleton and shapes: [0] the furred body, then the ears."""
    body = Body(row, coat, Skeleton())
    fur = Shape(row.hide, cell, furred=row.fur > 0)
    ears = Shape(row.hide, cell * 0.62, furred=row.fur > 0)
    _torso(body, fur)
    _head(body, fur)
    _muzzle(body, fur)
    for side in (1, -1):
        EARS[row.ear](body, ears, side)
    _tail(body, fur)
    for side in (1, -1):
        for fore in (False, True):
            _leg(body, fur, side, fore)
    body.shapes += [fur, ears, *extras_of(body, fur, cell)]
    x, y, z = row.eye
    body.eye = body.head + row.head * _v(x, y, z)
    # Set into the face so that a little more than half of the ball's depth shows.
    face = front_of(fur.primitives(), float(body.eye[0]), float(body.eye[1]), float(body.eye[2]) + 0.25)
    body.eye[2] = face - EYE_DEPTH * row.eye_radius * row.head * 0.42
    return body


def _torso(body: Body, fur: Shape) -> None:
    row, sk, colour = body.row, body.skeleton, body.coat.base
    hind, front = -row.body / 2, row.body / 2
    yp, yc = row.leg + row.hip * 0.18, row.leg + row.chest * 0.20
    middle = (yp + yc) / 2
    pelvis = sk.add("pelvis", None, (0, yp, hind))
    spine = sk.add("spine", "pelvis", (0, middle, 0))
    chest = sk.add("chest", "spine", (0, yc, front * 0.8))
    k = 0.11 * row.chest / 0.16
    fur.cone((0, yc, front), (0, middle - 0.01, 0), row.chest, row.belly, bone=chest, colour=colour, blend=k)
    fur.cone((0, middle - 0.015, 0.02), (0, yp, hind), row.belly, row.hip, bone=spine, colour=colour, blend=k)
    rump = np.array([0.98, 1.0, 1.0]) * row.hip
    fur.ellipsoid((0, yp, hind - row.hip * 0.15), rump, bone=pelvis, colour=colour, blend=k)
    breast = np.array([0.92, 1.02, 0.85]) * row.chest
    at = (0, yc - row.chest * 0.1, front + row.chest * 0.2)
    fur.ellipsoid(at, breast, bone=chest, colour=colour, blend=k, flow=(0, -1, 0.2))
    body.withers = _v(0, yc + row.chest * 0.35, front + row.chest * 0.25)
    body.rump = _v(0, yp + row.hip * 0.45, hind - row.hip * 0.85)


def _head(body: Body, fur: Shape) -> None:
    row, sk, colour, r = body.row, body.skeleton, body.coat.base, body.row.head
    angle = math.radians(row.neck_angle)
    base = body.withers
    top = base + row.neck * _v(0, math.sin(angle), math.cos(angle))
    body.head = centre = top + _v(0, r * 0.38, r * 0.35)
    neck = sk.add("neck", "chest", base)
    neck2 = sk.add("neck2", "neck", (base + top) / 2)
    head = sk.add("head", "neck2", top)
    k = 0.10 * row.chest / 0.16
    a, b = row.neck_radii
    down = base - top
    fur.cone(base - _v(0, 0.02, 0.02), (base + top) / 2, a, (a + b) / 2, bone=neck, colour=colour, blend=k, flow=down)
    end = centre - _v(0, r * 0.1, r * 0.30)
    fur.cone((base + top) / 2, end, (a + b) / 2, b, bone=neck2, colour=colour, blend=k * 0.8, flow=down)
    fur.ellipsoid(centre, np.array(row.skull) * r, bone=head, colour=colour, blend=0.05, flow=(0, 0.1, -1))
    for s in (1, -1):
        cheek = np.array([0.55, 0.45, 0.52]) * r * (0.6 + 0.5 * row.cheek)
        at = centre + r * _v(s * 0.50, -0.36, 0.14)
        fur.ellipsoid(at, cheek, bone=head, colour=colour, blend=0.06, flow=(s, -0.5, -0.6))
        if row.eye_outward < 0.6 and row.brow > 0:
            ex, ey, ez = row.eye
            ridge = centre + r * _v(s * ex, ey + row.eye_radius + 0.06, ez * 0.86)
            size = np.array([0.26, row.brow, 0.15]) * r
            fur.ellipsoid(ridge, size, bone=head, colour=colour, blend=0.05, flow=(0, 0.6, -0.8))


def _muzzle(body: Body, fur: Shape) -> None:
    row, r, head = body.row, body.row.head, body.skeleton.index["head"]
    light = body.coat.base if body.coat.pattern in ("solid", "points") else body.coat.light
    ahead = _v(0, -math.sin(row.snout_drop), math.cos(row.snout_drop))
    root = body.head + r * _v(0, -0.22, 0.45)
    body.muzzle = tip = root + ahead * (row.snout + r * 0.25)
    a, b = row.snout_radii
    fur.cone(root, tip, a, b, bone=head, colour=light, blend=0.07, flow=-ahead)
    for s in (1, -1):
        pad = np.array([row.pads, row.pads * 0.84, row.pads * 0.92]) * b
        at = tip + b * _v(s * 0.55, -0.30, 0)
        fur.ellipsoid(at, pad, bone=head, colour=light, blend=0.028, flow=(s, -0.3, -1))
    chin = np.array([0.6, 0.42, 0.6]) * b
    fur.ellipsoid(tip + b * _v(0, -0.88, -0.22), chin, bone=head, colour=light, blend=0.026, flow=(0, -0.6, -0.8))


def _ear_bone(body: Body, side: int, up: float = 0.62) -> tuple[F64, int]:
    row = body.row
    at = body.head + row.head * _v(side * row.skull[0] * row.ear_spread, row.skull[1] * up, -0.05)
    return at, body.skeleton.add(f"ear{'L' if side > 0 else 'R'}", "head", at)


def _pointed(body: Body, ears: Shape, side: int) -> None:
    at, bone = _ear_bone(body, side)
    size, colour = body.row.ear_size, body.coat.base
    tip = at + size * _v(side * 0.34, 0.98, -0.04)
    facing = _v(side * 0.30, 0.10, 1)
    cupped = (facing, 0.36)
    root = at - _v(side * 0.012, 0.035, 0)
    ears.cone(root, tip, size * 0.54, size * 0.075, bone=bone, colour=colour, blend=0.02, squash=cupped)
    for depth, carve, swell in ((0.235, True, 0.40), (0.115, False, 0.33)):  # hollow it, then line the hollow
        a = at + _v(side * 0.012, 0.020, size * depth)
        b = tip + _v(-side * size * 0.02, -size * 0.20, size * depth * 0.5)
        ears.cone(
            a, b, size * swell, size * 0.03, bone=bone, colour=PINK, blend=0.012, squash=(facing, 0.36), carve=carve
        )


def _rounded(body: Body, ears: Shape, side: int) -> None:
    at, bone = _ear_bone(body, side)
    size = body.row.ear_size
    outer, inner = np.array([1, 1, 0.55]) * size, np.array([0.62, 0.62, 0.4]) * size
    ears.ellipsoid(at + size * _v(side * 0.35, 0.45, 0), outer, bone=bone, colour=body.coat.base, blend=0.03)
    hollow = at + size * _v(side * 0.38, 0.42, 0.55)
    ears.ellipsoid(hollow, inner, bone=bone, colour=body.coat.dark, blend=0.015, carve=True)


def _long(body: Body, ears: Shape, side: int) -> None:
    at, bone = _ear_bone(body, side)
    size = body.row.ear_size
    tip = at + size * _v(side * 0.20, 0.98, -0.16)
    facing = (_v(side * 0.25, 0.1, 1), 0.48)
    middle = at * 0.45 + tip * 0.55
    colour = body.coat.base
    ears.chain([at, middle, tip], [0.050, 0.068, 0.022], [bone], colour=colour, blend=0.02, squash=facing)
    lining = [at + _v(0, 0.05, 0.040), middle + _v(0, 0, 0.042), tip + _v(0, -0.04, 0.022)]
    ears.chain(lining, [0.022, 0.040, 0.010], [bone], colour=PINK, blend=0.012, squash=facing)


def _flopped(body: Body, ears: Shape, side: int) -> None:
    at, bone = _ear_bone(body, side)
    size, colour = body.row.ear_size, body.coat.dark if body.coat.pattern != "solid" else body.coat.base
    if body.coat.pattern == "counter":
        colour = (body.coat.dark[0] * 0.9, body.coat.dark[1] * 0.9, body.coat.dark[2] * 0.9)
    path = [(0, 0, 0), (0.42, -0.02, 0.02), (0.56, -0.70, 0.14), (0.46, -1.05, 0.20)]
    points = [at + size * _v(side * x, y, z) for x, y, z in path]
    flat = ((1, 0.25 * side, 0.1), 0.5)
    ears.chain(points, [0.042, 0.064, 0.078, 0.044], [bone], colour=colour, blend=0.03, squash=flat)


def _sideways(body: Body, ears: Shape, side: int) -> None:
    at, bone = _ear_bone(body, side)
    size, r = body.row.ear_size, body.row.head
    points = [at - _v(0, r * 0.2, 0), at + _v(side * size * 0.5, -r * 0.2, 0), at + _v(side * size, -r * 0.55, 0)]
    flat = ((0, 0.9, 0.5), 0.5)
    ears.chain(points, [0.028, 0.042, 0.014], [bone], colour=body.coat.base, blend=0.02, squash=flat)


def _flapped(body: Body, ears: Shape, side: int) -> None:
    """An elephant's: a thin disc beside the head."""
    at, bone = _ear_bone(body, side, 0.25)
    size = body.row.ear_size
    turn = ry(side * 0.55) @ rz(side * 0.12)
    centre = at + size * _v(side * 0.62, -0.12, -0.12)
    flap = np.array([0.72, 0.95, 0.11]) * size
    ears.ellipsoid(centre, flap, bone=bone, colour=body.coat.base, blend=0.04, turn=turn)
    ears.ellipsoid(
        centre + size * _v(-side * 0.1, -0.55, 0), flap * 0.62, bone=bone, colour=body.coat.base, blend=0.10, turn=turn
    )
    inner = centre + turn @ _v(0, 0, size * 0.06)
    ears.ellipsoid(inner, flap * (0.8, 0.8, 0.5), bone=bone, colour=body.coat.light, blend=0.03, turn=turn)


EARS = {"flap": _flapped, "point": _pointed, "round": _rounded, "long": _long, "flop": _flopped, "side": _sideways}


def _tail(body: Body, fur: Shape) -> None:
    row, sk = body.row, body.skeleton
    length, base, tip = row.tail
    angle = math.radians(row.tail_angle)
    points, bones, parent = [body.rump.copy()], [], "pelvis"
    for i in range(TAIL_BONES):
        name = f"tail{i}"
        bones.append(sk.add(name, parent, points[-1]))
        parent = name
        a = angle * (((i + 1) / TAIL_BONES) ** 0.7 if angle > 0 else 1)
        points.append(points[-1] + length / TAIL_BONES * _v(0, math.sin(a), -math.cos(a)))
    radii = [base + (tip - base) * i / TAIL_BONES for i in range(TAIL_BONES + 1)]
    radii[-1] *= 0.75
    fur.chain(points, radii, bones, colour=body.coat.base, blend=0.04)


def _rest_joints(row: Row, side: int, fore: bool) -> F64:
    """Hip or shoulder, knee or elbow, hock or wrist, toes: the stance seen from the side, knees forward, elbows back."""
    leg, x, dg = row.leg, side * row.width, row.digit
    toe = row.paw * 0.75
    if fore:
        z = row.body / 2 + row.chest * 0.10
        return np.array(
            [
                [x, leg * 0.98, z],
                [x, leg * 0.58, z - 0.11 * leg * (0.4 + 0.6 * dg)],
                [x, leg * (0.24 if dg > 0.5 else 0.16), z - 0.02 * leg],
                [x, toe, z + 0.02 * leg],
            ]
        )
    z = -row.body / 2 - row.hip * 0.05
    hock = (leg * 0.30, z - 0.15 * leg) if dg > 0.5 else (leg * 0.17, z - 0.05 * leg)
    return np.array(
        [
            [x, leg * 0.98, z],
            [x, leg * 0.60, z + 0.13 * leg * (0.3 + 0.7 * dg)],
            [x, *hock],
            [x, toe, z - 0.05 * leg if dg > 0.5 else z + 0.02 * leg],
        ]
    )


def _leg(body: Body, fur: Shape, side: int, fore: bool) -> None:
    row, sk, colour = body.row, body.skeleton, body.coat.base
    name = f"{'f' if fore else 'h'}{'L' if side > 0 else 'R'}"
    joints = _rest_joints(row, side, fore)
    trunk = "chest" if fore else "pelvis"
    # A helper bone turns half as far as the limb: the flesh over hip and shoulder bends instead of folding.
    half = sk.add(f"{name}h", trunk, joints[0])
    bones, parent = [], trunk
    for i in range(4):
        bones.append(sk.add(f"{name}{i}", parent, joints[i]))
        parent = f"{name}{i}"
    sk.link(f"{name}h", f"{name}0")
    r = row.leg_radii
    thick = 1.0 if fore else 1.22
    high = joints[0] + _v(-side * row.width * 0.15, -row.leg * 0.02, 0)
    split = high * 0.55 + joints[1] * 0.45
    flat = ((1, 0, 0), 0.85)
    top = r[0] * (1.35 if fore else 1.5)
    mid = top * 0.55 + r[1] * thick * 0.45
    fur.cone(high, split, top, mid, bone=half, colour=colour, blend=0.09, squash=flat)
    fur.cone(split, joints[1], mid, r[1] * thick, bone=bones[0], colour=colour, blend=0.06, squash=flat)
    if not fore and row.foot == "paw":
        haunch = np.array([0.060, 0.094, 0.088]) * 0.95 * row.leg / 0.42
        at = joints[0] * 0.58 + joints[1] * 0.42 + _v(side * row.width * 0.18, 0, 0.015)
        fur.ellipsoid(at, haunch, bone=half, colour=colour, blend=0.07, flow=(0, -1, -0.3))
    fur.cone(joints[1], joints[2], r[1] * thick, r[2], bone=bones[1], colour=colour, blend=0.04)
    fur.cone(joints[2], joints[3], r[2], r[3], bone=bones[2], colour=colour, blend=0.03)
    _paw(body, fur, joints[3], bones[3], fore)
    body.legs[name] = Leg(name, fore, side, joints)


def _paw(body: Body, fur: Shape, at: F64, bone: int, fore: bool) -> None:
    row, w = body.row, body.row.paw
    ground = at * (1, 0, 1)
    if row.foot == "pad":
        pad = np.array([0.95, 0.62, 1.0]) * w
        fur.ellipsoid(ground + w * _v(0, 0.42, 0.1), pad, bone=bone, colour=body.coat.base, blend=0.05, flow=(0, -1, 0))
        return
    if row.foot == "hoof":
        top, sole = ground + _v(0, w * 0.52, 0), ground + _v(0, w * 0.30, w * 0.35)
        fur.cone(top, sole, w * 0.72, w * 0.92, bone=bone, colour=(0.05, 0.04, 0.035), blend=0.015)
        return
    long = 1.35 if row.digit > 0.5 else (1.5 if fore else 1.6)
    colour = body.coat.base
    centre = ground + w * _v(0, 0.62, 0.45 * long)
    fur.ellipsoid(centre, np.array([0.92, 0.64, long]) * w, bone=bone, colour=colour, blend=0.03, flow=(0, 0.3, -1))
    for toe in (-1, 0, 1):
        tip = ground + w * _v(toe * 0.52, 0.42, 1.07 * long - 0.10 * abs(toe))
        size = np.array([0.36, 0.42, 0.46]) * w
        fur.ellipsoid(tip, size, bone=bone, colour=colour, blend=0.012, flow=(0, 0.3, -1))
