"""What only some four-legged animals have: trunk and tusks, horns and antlers, manes, humps, fleece, spines, beards."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.spec import Colour as Rgb
from kineograph.engines.animatic.subjects.quadruped_frame import Body
from kineograph.engines.animatic.subjects.sdf import Shape

F64 = NDArray[np.float64]
IVORY: Rgb = (0.72, 0.66, 0.54)
TRUNK_CLEARANCE = 0.12  # heights between a hanging trunk and the ground, for a head that dips
TRUNK_BONES = 5
_GOLDEN = 2.39996  # radians: spreads points evenly around


def _v(x: float, y: float, z: float) -> F64:
    return np.array([x, y, z])


def extras_of(body: Body, fur: Shape, cell: float) -> list[Shape]:
    """Melts trunk, hump and fleece into the body; returns horns, mane and spines as shapes of their own."""
    row = body.row
    if row.trunk:
        _trunk(body, fur)
    if row.hump:
        _hump(body, fur)
    if row.wool:
        _fleece(body, fur)
    horns = Shape("claw", cell * 0.75)
    hair = Shape("fur", cell * 0.9, furred=True)
    if row.tusk:
        _tusks(body, horns)
    if row.horn != "none":
        HORNS[row.horn](body, horns)
    if row.mane:
        _mane(body, hair)
    if row.crest:
        _crest(body, hair)
    if row.spines:
        _spines(body, horns)
    if row.beard:
        tip = body.muzzle - _v(0, body.row.snout_radii[1] * 0.8, body.row.snout_radii[1] * 0.3)
        end = tip - _v(0, row.beard, row.beard * 0.1)
        hair.cone(tip, end, row.beard * 0.3, 0.008, bone=_head(body), colour=body.coat.light, blend=0.02)
    return [shape for shape in (horns, hair) if shape.rows]


def _head(body: Body) -> int:
    return body.skeleton.index["head"]


def _trunk(body: Body, fur: Shape) -> None:
    _, tip = body.row.snout_radii
    length = min(body.row.trunk, float(body.muzzle[1]) - TRUNK_CLEARANCE)  # a calf's would drag on the ground
    points = [body.muzzle + _v(0, 0, -tip * 0.3)]
    bones, parent = [], "head"
    for k in range(TRUNK_BONES):
        bones.append(body.skeleton.add(f"trunk{k}", parent, points[-1]))
        parent = f"trunk{k}"
        q = (k + 1) / TRUNK_BONES
        points.append(points[0] + _v(0, -length * q * 0.92, 0.10 * math.sin(q * 2.2) + 0.12 * q * q))
    radii = np.linspace(tip * 0.98, tip * 0.40, TRUNK_BONES + 1)
    fur.chain(points, [float(r) for r in radii], bones, colour=body.coat.base, blend=0.05)


def _hump(body: Body, fur: Shape) -> None:
    row, bone = body.row, body.skeleton.index["spine"]
    at = _v(0, row.leg + row.chest * 0.9 + row.hump * 0.15, 0)
    size = np.array([0.62, 1.0, 0.85]) * row.hump
    fur.ellipsoid(at, size, bone=bone, colour=body.coat.base, blend=0.12, flow=(0, -1, -0.4))


def _fleece(body: Body, fur: Shape) -> None:
    """Curls all over the trunk: a Fibonacci cloud of bumps."""
    row, curl, index = body.row, body.row.wool, body.skeleton.index
    girth, long = row.chest * 1.06, row.body / 2 + row.chest * 0.85
    for k in range(150):
        along = -1 + 2 * (k + 0.5) / 150
        around, out = k * _GOLDEN, math.sqrt(1 - along * along)
        at = _v(out * math.cos(around) * girth, row.leg + 0.05 + out * math.sin(around) * girth, along * long)
        at[1] = max(at[1], row.leg - row.chest * 0.7)
        bone = index["chest" if at[2] > row.body * 0.2 else "pelvis" if at[2] < -row.body * 0.2 else "spine"]
        size = curl * (1 + 0.3 * math.sin(k * 7.1))
        fur.ellipsoid(at, size, bone=bone, colour=body.coat.light, blend=0.012, flow=at - _v(0, row.leg, at[2]))
    for k in range(9):
        at = body.head + row.head * _v(math.cos(k * _GOLDEN) * 0.5, 0.86, math.sin(k * _GOLDEN) * 0.45 - 0.2)
        fur.ellipsoid(at, curl * 0.85, bone=_head(body), colour=body.coat.light, blend=0.02, flow=(0, 1, 0))


def _tusks(body: Body, horns: Shape) -> None:
    r, length = body.row.snout_radii[1], body.row.tusk
    for s in (1, -1):
        a = body.muzzle + _v(s * r * 0.85, 0, -r * 0.2)
        path = [a, a + length * _v(s * 0.10, -0.5, 0.35), a + length * _v(s * 0.06, -0.75, 0.85)]
        horns.chain(path, [r * 0.30, r * 0.25, 0.008], [_head(body)], colour=IVORY, blend=0.02)


def _crown(body: Body, side: int, aside: float = 0.42, back: float = 0.1) -> F64:
    row = body.row
    return body.head + row.head * _v(side * aside * row.skull[0], row.skull[1] * 0.82, -back)


def _antlers(body: Body, horns: Shape) -> None:
    size, colour = body.row.horn_size, (0.30, 0.20, 0.12)
    for s in (1, -1):
        a = _crown(body, s)
        beam = [
            a,
            a + size * _v(s * 0.28, 0.35, -0.28),
            a + size * _v(s * 0.50, 0.72, -0.22),
            a + size * _v(s * 0.42, 1.12, 0.05),
        ]
        horns.chain(beam, [0.040, 0.032, 0.026, 0.010], [_head(body)], colour=colour, blend=0.02)
        for at, to in ((0, (0.10, 0.30, 0.42)), (1, (0.42, 0.62, 0.16)), (2, (0.78, 0.98, -0.18))):
            tip = a + size * _v(s * to[0], to[1], to[2])
            horns.cone(
                beam[at] * 0.4 + beam[at + 1] * 0.6, tip, 0.025, 0.007, bone=_head(body), colour=colour, blend=0.015
            )


def _cow_horns(body: Body, horns: Shape) -> None:
    size = body.row.horn_size
    for s in (1, -1):
        a = _crown(body, s, 0.6)
        path = [a, a + size * _v(s * 0.75, 0.10, 0), a + size * _v(s * 1.0, 0.62, 0.12)]
        horns.chain(path, [0.040, 0.032, 0.008], [_head(body)], colour=IVORY, blend=0.02)


def _ram_horns(body: Body, horns: Shape) -> None:
    size = body.row.horn_size
    for s in (1, -1):
        a = _crown(body, s, 0.5)
        turns = np.linspace(0, 5.0, 9)
        path = [a + size * _v(s * (0.15 + 0.07 * q), 0.35 * math.cos(q) - 0.2, -0.45 * math.sin(q)) for q in turns]
        radii = [float(r) for r in np.linspace(0.055, 0.012, 9)]
        horns.chain(path, radii, [_head(body)], colour=(0.45, 0.36, 0.24), blend=0.02)


def _goat_horns(body: Body, horns: Shape) -> None:
    size = body.row.horn_size
    for s in (1, -1):
        a = _crown(body, s, 0.32)
        path = [a, a + size * _v(s * 0.10, 0.62, -0.18), a + size * _v(s * 0.26, 0.92, -0.62)]
        horns.chain(path, [0.036, 0.028, 0.007], [_head(body)], colour=(0.30, 0.25, 0.19), blend=0.02)


def _ossicones(body: Body, horns: Shape) -> None:
    size = body.row.horn_size
    for s in (1, -1):
        a = _crown(body, s, 0.32, 0.2)
        tip = a + size * _v(s * 0.15, 1.0, -0.25)
        horns.cone(a, tip, 0.030, 0.024, bone=_head(body), colour=body.coat.base, blend=0.03)
        horns.ellipsoid(tip, 0.036, bone=_head(body), colour=body.coat.dark, blend=0.01)


def _nose_horn(body: Body, horns: Shape) -> None:
    size, r = body.row.horn_size, body.row.snout_radii[1]
    a = body.muzzle + _v(0, r * 0.7, r * 0.1)
    path = [a, a + size * _v(0, 0.55, 0.20), a + size * _v(0, 1.0, 0.16)]
    horns.chain(path, [r * 0.48, r * 0.28, 0.010], [_head(body)], colour=(0.34, 0.31, 0.27), blend=0.03)
    b = body.muzzle * 0.62 + body.head * 0.38 + _v(0, r * 1.05, 0)
    horns.cone(
        b, b + size * _v(0, 0.45, 0.08), r * 0.34, 0.010, bone=_head(body), colour=(0.34, 0.31, 0.27), blend=0.03
    )


def _unicorn(body: Body, horns: Shape) -> None:
    at = body.head + body.row.head * _v(0, body.row.skull[1] * 0.75, 0.55)
    tip = at + body.row.horn_size * _v(0, 0.86, 0.5)
    horns.cone(at, tip, 0.034, 0.004, bone=_head(body), colour=(0.78, 0.62, 0.34), blend=0.02)


HORNS = {
    "antler": _antlers,
    "cow": _cow_horns,
    "giraffe": _ossicones,
    "goat": _goat_horns,
    "ram": _ram_horns,
    "rhino": _nose_horn,
    "unicorn": _unicorn,
}


def _mane(body: Body, hair: Shape) -> None:
    """A lion's: tufts in rings around face and throat."""
    row, r = body.row, body.row.head
    for ring, (out, back, size) in enumerate(((1.02, 0.10, 0.40), (1.22, -0.28, 0.50), (1.15, -0.75, 0.52))):
        for k in range(15):
            a = math.tau * (k + 0.5 * ring) / 15
            at = body.head + r * _v(math.cos(a) * out, math.sin(a) * out - 0.12, back)
            tip = at + r * row.mane * _v(math.cos(a) * 0.85, math.sin(a) * 0.75 - 0.25, -0.35)
            shade = (
                body.coat.dark
                if ring
                else tuple(0.5 * (x + y) for x, y in zip(body.coat.base, body.coat.dark, strict=True))
            )
            bone = _head(body) if ring < 2 else body.skeleton.index["neck2"]
            colour: Rgb = (shade[0], shade[1], shade[2])
            hair.cone(at, tip, r * size * 0.62, r * 0.10, bone=bone, colour=colour, blend=0.05)
    chest = body.withers + _v(0, -row.chest * 0.5, row.chest * 0.75)
    hair.ellipsoid(
        chest, row.chest * 0.72, bone=body.skeleton.index["neck"], colour=body.coat.dark, blend=0.08, flow=(0, -1, 0.2)
    )


def _crest(body: Body, hair: Shape) -> None:
    """Locks along the neck, to one side and the other, a forelock, and the long hair of the tail."""
    row, index, colour = body.row, body.skeleton.index, body.coat.dark
    top = body.head - row.head * _v(0, 0.2, 0.30)
    for k in range(9):
        q = k / 8
        c = body.withers * (1 - q) + (top + _v(0, row.head * 0.6, 0)) * q
        radius = row.neck_radii[0] * (1 - q) + row.neck_radii[1] * q
        c = c + _v(0, radius * 0.42, -radius * 0.52)
        bone = index["neck" if q < 0.5 else "neck2"]
        for s in (1, -1):
            path = [c, c + _v(s * radius * 0.6, 0, -0.01), c + _v(s * (radius + 0.02), -row.crest, -0.03)]
            hair.chain(path, [0.034, 0.036, 0.008], [bone], colour=colour, blend=0.014)
    crown = body.head + _v(0, row.head * 0.98, 0)
    hair.chain(
        [crown, crown + row.head * _v(0.1, 0.0, 0.75), crown + row.head * _v(0.1, -0.7, 1.1)],
        [0.03, 0.028, 0.006],
        [_head(body)],
        colour=colour,
        blend=0.012,
    )


def _spines(body: Body, horns: Shape) -> None:
    """All over the back, pointing out and backwards."""
    row, index = body.row, body.skeleton.index
    long, girth = row.body / 2 + row.chest, row.chest * 1.06
    for k in range(320):
        along = -0.95 + 1.7 * (k + 0.5) / 320
        around = (k * _GOLDEN) % math.pi * 1.1 - 0.05 * math.pi
        out = math.sqrt(1 - min(max(abs(along * long) - row.body / 2, 0.0) / row.chest, 0.95) ** 2)
        way = _v(math.cos(around), math.sin(around), 0)
        at = _v(0, row.leg + row.chest * 0.15, along * long) + way * girth * out
        tip = at + row.spines * (way + _v(0, 0.15, -0.55 + 0.3 * math.sin(k * 3.3)))
        bone = index["chest" if along > 0.25 else "pelvis" if along < -0.25 else "spine"]
        colour = body.coat.dark if k % 3 else body.coat.light
        horns.cone(at, tip, 0.014, 0.004, bone=bone, colour=colour, blend=0.004)
