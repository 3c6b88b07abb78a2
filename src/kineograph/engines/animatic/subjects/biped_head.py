"""A person's head: skull, cheeks, nose and ears as one surface, and the face painted on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.spec import Colour as Rgb
from kineograph.engines.animatic.subjects.biped_body import Body
from kineograph.engines.animatic.subjects.decals import Decal
from kineograph.engines.animatic.subjects.rows import blend, tint
from kineograph.engines.animatic.subjects.sculpt import Ball
from kineograph.engines.animatic.subjects.sdf import Shape, front_of

F64 = NDArray[np.float64]
EYE_DEPTH = 0.66  # of an eyeball ÷ its width
EYE_TALL = 1.12


def head_shape(body: Body) -> Shape:
    """Skull, lower face, cheeks, chin, nose, ears, shallow sockets, and the neck down to the collarbone."""
    row, skin = body.row, body.look.skin
    hr, c, bone = row.head, body.head, body.skeleton.index["head"]
    shape = Shape("skin", hr / 24 * body.coarse)

    def ball(at: tuple[float, float, float], size: tuple[float, float, float], k: float, carve: bool = False) -> None:
        shape.ellipsoid(c + hr * np.array(at), np.array(size) * hr, bone=bone, colour=skin, blend=k * hr, carve=carve)

    wide, long = row.jaw
    ball((0, 0.14, -0.06), (0.88, 0.86, 0.92), 0.3)
    ball((0, -0.38, 0.22), (wide, long, 0.58), 0.45)
    ball((0, -0.76, 0.50), (0.17, 0.14, 0.16), 0.26)
    for s in (1, -1):
        ball((s * 0.40, -0.32, 0.46), (row.cheek, row.cheek * 0.95, row.cheek), 0.30)
        ball((s * row.eye_aside, row.eye_up + 0.02, 1.02), (0.26, 0.21, 0.20), 0.20, carve=True)
        ball((s * 0.88, -0.10, -0.06), (0.075, 0.20, 0.135), 0.06)
        ball((s * 0.955, -0.09, 0.0), (0.045, 0.12, 0.07), 0.05, carve=True)
    _nose(body, shape)
    ball((0, -0.515, 0.80), (0.17, 0.035, 0.055), 0.10)
    ball((0, -0.595, 0.78), (0.13, 0.030, 0.05), 0.08)
    r = row.head * (0.36 if row.shoulder < 0.1 else 0.44)
    index = body.skeleton.index
    low = (0.0, float(body.neck[1]) - 0.045, -0.010)
    shape.cone(low, c + hr * np.array([0, -0.5, -0.12]), r, r * 0.92, bone=index["neck"], colour=skin, blend=0.12 * hr)
    plate = (row.shoulder * 0.62, 0.026, 0.040)
    shape.ellipsoid((0, float(body.neck[1]) - 0.058, -0.002), plate, bone=index["chest"], colour=skin, blend=0.04)
    return shape


def _nose(body: Body, shape: Shape) -> None:
    hr, c, n = body.row.head, body.head, body.row.nose
    bone, skin = body.skeleton.index["head"], body.look.skin
    rosy = blend(skin, (skin[0], skin[1] * 0.72, skin[2] * 0.68), 0.5)
    bridge, tip = c + hr * np.array([0, -0.02, 0.84]), c + hr * np.array([0, -0.22, 0.955])
    shape.cone(bridge, tip, hr * 0.045 * n, hr * 0.078 * n, bone=bone, colour=skin, blend=0.16 * hr)
    shape.ellipsoid(tip, np.array([0.105, 0.088, 0.088]) * hr * n, bone=bone, colour=rosy, blend=0.06 * hr)
    for s in (1, -1):
        wing = tip + hr * n * np.array([s * 0.085, -0.02, -0.045])
        shape.ellipsoid(wing, np.array([0.055, 0.05, 0.06]) * hr * n, bone=bone, colour=rosy, blend=0.05 * hr)


def set_eyes(body: Body, head: Shape) -> list[F64]:
    """Open the lids: a hole of the eye's outline, deep enough for the ball. Returns the balls' centres, left and right."""
    row, hr = body.row, body.row.head
    x, y = row.eye_aside * hr, float(body.head[1]) + row.eye_up * hr
    surface = front_of(head.primitives(), x, y, float(body.head[2]) + 1.4 * hr)
    size = row.eye * hr
    centre = surface - size * EYE_DEPTH * 0.80
    bone = body.skeleton.index["head"]
    out = [np.array([s * x, y, centre]) for s in (1, -1)]
    for at in out:
        head.cone(
            at, at + np.array([0, 0, hr]), size * 0.96, bone=bone, colour=body.look.skin, blend=0.05 * hr,
            squash=((0, 1, 0), EYE_TALL), carve=True,
        )  # fmt: skip
    return out


def eye_balls(body: Body, centres: list[F64]) -> list[Ball]:
    """The two eyeballs, nearly parallel (wide-set outward eyes look vacant), a little larger than their holes."""
    size, bone = body.row.eye * body.row.head * 1.05, body.skeleton.index["head"]
    radii = (size, size * EYE_TALL, size * EYE_DEPTH)
    return [
        Ball(at, radii, bone, body.look.iris, "eye", (s * 0.06, 0.0, 1.0))
        for s, at in zip((1, -1), centres, strict=True)
    ]


def face(body: Body, eyes: list[F64]) -> list[Decal]:
    """Sockets, lashes, brows, blush, nostrils and a mouth that smiles."""
    decals: list[Decal] = []
    for side, at in zip((1, -1), eyes, strict=True):
        decals += _around_eye(body, side, at)
    painted = next((layer for layer in body.look.layers if "face" in layer.row), None)
    paint = FACES[painted.row["face"]](body, eyes, painted.own) if painted else []
    return [*_lines(body, eyes), *paint, *decals, *_nostrils(body), *_mouth(body)]


def _around_eye(body: Body, side: int, at: F64) -> list[Decal]:
    """Shade in the socket, a lash line that ends in a wing, the brow, the cheek."""
    row, hr, look = body.row, body.row.head, body.look
    x, y, z = (float(v) for v in at)
    size, ink = row.eye * hr, tint(look.hair, 0.55)
    wide, tall = size * 1.10, size * EYE_TALL * 1.10
    decals = [Decal(x, y, z, wide, tall, tint(look.skin, 0.66), 0.24, hr, soft=0.28, deep=size * 1.2)]
    if row.lash > 0.09:
        wing = (x + side * size * 0.88, y + size * 0.50, z, size * 0.36, size * 0.085)
        decals.append(Decal(*wing, ink, 0.9, hr * 0.6, soft=0.4, turn=side * 0.62))
    brow = (x + side * hr * 0.02, y + size * EYE_TALL + hr * 0.155, z, hr * 0.215, hr * row.brow)
    decals.append(Decal(*brow, ink, 0.88, hr * 0.5, curve=-0.675 / hr, soft=0.42, turn=side * 0.06))
    rosy = (min(look.skin[0] * 1.02, 0.9), look.skin[1] * 0.48, look.skin[2] * 0.46)
    cheek = (x + side * hr * 0.12, y - hr * 0.36, z, hr * 0.21, hr * 0.15)
    return [*decals, Decal(*cheek, rosy, row.blush, hr * 0.6, soft=0.9)]


def _nostrils(body: Body) -> list[Decal]:
    hr, c, dark = body.row.head, body.head, tint(body.look.skin, 0.30)
    y, z = float(c[1]) - hr * 0.285, float(c[2]) + hr * 0.95
    aside = hr * 0.045 * body.row.nose
    return [Decal(s * aside, y, z, hr * 0.020, hr * 0.013, dark, 0.55, hr * 0.3, soft=0.6) for s in (1, -1)]


def _laugh(body: Body, y: float, z: float, smile: float, half: float) -> list[Decal]:
    """An open smile: lips round a row of teeth."""
    hr, deep = body.row.head, body.row.head * 0.35
    lip, dark = blend(body.row.lip, body.look.skin, 0.15), tint(body.row.lip, 0.12)
    low = y - hr * 0.02
    return [
        Decal(0, low - hr * 0.010, z, half * 1.06, hr * 0.098, lip, 0.85, deep, curve=smile * 0.9, soft=0.35),
        Decal(0, low - hr * 0.006, z, half * 0.94, hr * 0.064, dark, 0.95, deep, curve=smile * 0.9, soft=0.25),
        Decal(
            0,
            low + hr * 0.022,
            z,
            half * 0.84,
            hr * 0.036,
            (0.80, 0.78, 0.74),
            0.95,
            deep,
            curve=smile * 1.05,
            soft=0.25,
        ),
        *(
            Decal(
                s * half * 1.05,
                low + smile * half**2,
                z,
                hr * 0.034,
                hr * 0.028,
                tint(body.look.skin, 0.5),
                0.6,
                deep,
                soft=0.6,
            )
            for s in (1, -1)
        ),
    ]


def _lines(body: Body, eyes: list[F64]) -> list[Decal]:
    """Age: bags under the eyes, crow's feet, furrows beside the mouth and across the forehead."""
    strength = 0.45 * body.look.lines
    if not strength:
        return []
    hr, crease = body.row.head, tint(body.look.skin, 0.45)
    size, deep = body.row.eye * hr, hr * 0.5
    out: list[Decal] = []
    for side, at in zip((1, -1), eyes, strict=True):
        x, y, z = (float(v) for v in at)
        out.append(
            Decal(x, y - size * 1.42, z, size * 0.80, hr * 0.016, crease, strength, deep, curve=0.9 / hr, soft=0.6)
        )
        out += [
            Decal(
                x + side * size * 1.32,
                y + size * up,
                z,
                hr * 0.085,
                hr * 0.011,
                crease,
                strength,
                deep,
                soft=0.6,
                turn=side * turn,
            )
            for up, turn in ((0.22, 0.45), (-0.05, 0.0), (-0.32, -0.45))
        ]
        fold = (side * hr * 0.30, float(body.head[1]) - hr * 0.40, float(body.head[2]) + hr * 0.8)
        out.append(Decal(*fold, hr * 0.155, hr * 0.013, crease, strength, deep, soft=0.6, turn=-side * 1.05))
    top = (float(body.head[1]) + hr * 0.42, float(body.head[2]) + hr * 0.8)
    return out + [
        Decal(
            0, top[0] + hr * up, top[1], hr * wide, hr * 0.012, crease, strength * 0.8, deep, curve=-0.12 / hr, soft=0.6
        )
        for up, wide in ((0.0, 0.34), (0.13, 0.28))
    ]


def _clown(body: Body, eyes: list[F64], colour: Rgb) -> list[Decal]:
    """A white mouth, red cheeks, a blue mark over each eye."""
    hr, (cx, cy, cz) = body.row.head, body.head
    out = [
        Decal(
            0,
            cy - hr * 0.56,
            cz + hr * 0.8,
            hr * 0.46,
            hr * 0.21,
            (0.86, 0.86, 0.86),
            0.96,
            hr * 0.6,
            curve=0.9 / hr,
            soft=0.1,
        )
    ]
    for side, at in zip((1, -1), eyes, strict=True):
        x, y, z = (float(v) for v in at)
        out.append(Decal(x, y + hr * 0.06, z, hr * 0.17, hr * 0.52, (0.86, 0.86, 0.86), 0.9, hr * 0.6, soft=0.12))
        out.append(Decal(x, y, z, hr * 0.06, hr * 0.52, (0.03, 0.16, 0.52), 0.9, hr * 0.6, soft=0.2))
        out.append(
            Decal(
                cx + side * hr * 0.52,
                cy - hr * 0.36,
                cz + hr * 0.6,
                hr * 0.15,
                hr * 0.15,
                colour,
                0.85,
                hr * 0.6,
                soft=0.15,
            )
        )
    return out


def _mask(body: Body, eyes: list[F64], colour: Rgb) -> list[Decal]:
    """A band over the eyes."""
    hr = body.row.head
    y, z = float(eyes[0][1]), float(eyes[0][2])
    wide = [Decal(0, y, z, hr * 1.4, hr * 0.24, colour, 1.0, hr * 1.2, soft=0.05)]
    return wide + [
        Decal(float(at[0]), y + hr * 0.04, z, hr * 0.40, hr * 0.34, colour, 1.0, hr * 0.8, soft=0.05) for at in eyes
    ]


FACES = {"clown": _clown, "mask": _mask}


def _mouth(body: Body) -> list[Decal]:
    """Two lips, the line between them, and a dimple at each end."""
    hr, lip = body.row.head, blend(body.row.lip, body.look.skin, 0.25)
    y, z, deep = float(body.head[1]) - hr * 0.545, float(body.head[2]) + hr * 0.80, hr * 0.35
    wide = 1 + 0.32 * (body.look.smile - 1)
    smile, half = 1.5 / hr * (0.5 + 0.5 * body.look.smile), hr * 0.25 * wide
    corner = tint(body.look.skin, 0.5)
    if body.look.smile > 1.4:
        return _laugh(body, y, z, smile, half)
    return [
        Decal(0, y - hr * 0.030, z, hr * 0.155, hr * 0.055, lip, 0.72, deep, curve=smile, soft=0.55),
        Decal(0, y + hr * 0.022, z, hr * 0.17, hr * 0.030, lip, 0.60, deep, curve=smile, soft=0.55),
        Decal(0, y, z, half, hr * 0.0155, tint(body.row.lip, 0.22), 0.85, deep, curve=smile, soft=0.5),
        *(
            Decal(s * half, y + smile * half**2, z, hr * 0.030, hr * 0.022, corner, 0.6, deep, soft=0.6)
            for s in (1, -1)
        ),
    ]
