"""Four-legged animals: one geometry, one row of quadrupeds.toml each."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.raster.materials import material
from kineograph.engines.animatic.shot import Placement, Shot, named_rng
from kineograph.engines.animatic.subjects.coats import paint
from kineograph.engines.animatic.subjects.decals import Decal, decal_painter
from kineograph.engines.animatic.subjects.eyes import Eyes
from kineograph.engines.animatic.subjects.fur import Fur, Style, grow
from kineograph.engines.animatic.subjects.hide import hide_of
from kineograph.engines.animatic.subjects.pace import MOVING, animal_pace, going, top_of
from kineograph.engines.animatic.subjects.puppet import Pose, Puppet, coarseness
from kineograph.engines.animatic.subjects.quadruped_actions import act
from kineograph.engines.animatic.subjects.quadruped_acts import Moment
from kineograph.engines.animatic.subjects.quadruped_body import EYE_DEPTH, build_body
from kineograph.engines.animatic.subjects.quadruped_frame import Body
from kineograph.engines.animatic.subjects.quadruped_poise import poise_of
from kineograph.engines.animatic.subjects.quadruped_rig import solve
from kineograph.engines.animatic.subjects.quadruped_row import row_of
from kineograph.engines.animatic.subjects.quadruped_snacks import SNACKS
from kineograph.engines.animatic.subjects.rows import tint
from kineograph.engines.animatic.subjects.sculpt import Ball, Piece, Skinned, sculpt
from kineograph.engines.animatic.subjects.whiskers import whiskers_of

F32 = NDArray[np.float32]
BACK = 0.5  # of what the body is turned away the head looks back at the viewer


def build_actor(placement: Placement, shot: Shot) -> Puppet:
    """A cat, dog… of the placement's height, coat and build by its seed."""
    row, coat = row_of(placement.subject, named_rng(placement.seed, "coat"))
    action = row.rests if placement.subject.action == "idle" else placement.subject.action
    body = build_body(row, coat, 0.0105 * coarseness(placement, shot) * max(top_of(row), 1.0))
    if action == "eat" and row.eats in ("hands", "browse"):
        body.shapes.append(SNACKS["sprig" if row.eats == "browse" else row.snack](body))
    skinned = sculpt(body.shapes, _balls(body), body.skeleton, 0.24, partial(_paint, body, placement.seed))
    scale = placement.height / float(skinned.mesh.vertices[:, 1].max())
    pace = animal_pace(row, action, placement.height)
    gone = going(pace, placement.velocity if action in MOVING else 0.0, scale)
    does = act(action, row.never)
    poise = poise_of(body, skinned)
    turned = BACK * placement.heading if action in ("idle", "sit") else 0.0

    def move(t: float) -> Pose:
        moment = Moment(row, t, placement.phase, gone.tempo * t + placement.phase, gone.reach, poise)
        stance = does(moment)
        stance.look -= turned
        return Pose(solve(body, stance), 0.0, stance.lid, stance.gaze)

    return Puppet(
        placement,
        skinned,
        body.skeleton,
        scale,
        move,
        _eyes(body, len(body.shapes)),
        body.skeleton.index["head"],
        decal_painter(_face(body), len(body.shapes), body.head.tolist(), 2.2 * row.head),
        (_fur(body, skinned, placement.seed),) if row.fur > 0 and row.hairs else (),
        whiskers_of(body.muzzle, row.snout_radii[1]) if row.whiskers else (),
        gone.travel,
    )


def _balls(body: Body) -> list[Ball]:
    """Eyes, left then right, and the nose."""
    row, head, r = body.row, body.skeleton.index["head"], body.row.head
    size = row.eye_radius * r
    balls = [
        Ball(
            body.eye * np.array([s, 1, 1]),
            (size, size * 1.05, size * EYE_DEPTH),
            head,
            body.coat.iris,
            "eye",
            (s * row.eye_outward, 0.04, 1.0),
        )
        for s in (1, -1)
    ]
    n, b = row.nose_size, row.snout_radii[1]
    at = body.muzzle + b * np.array([0, 0.42, 0.80])
    return [*balls, Ball(at, (n * 1.28, n * 0.84, n * 0.8), head, body.coat.nose, "nose")]


def _eyes(body: Body, first: int) -> Eyes:
    row = body.row
    return Eyes(
        first=first,
        count=2,
        iris=row.iris,
        pupil=row.pupil,
        slit=row.slit,
        white=0.02,
        lid=0.86,
        low=1.3,
        lash=0.10,
        skin=tint(body.coat.base, 0.66),
        lid_material=material("fur"),
    )


def _face(body: Body) -> list[Decal]:
    """Dark rims that seat the eyes, and the mouth under the nose."""
    row, r, coat = body.row, body.row.head, body.coat
    size = row.eye_radius * r
    rim = tint(coat.dark, 0.22)
    decals = [
        Decal(
            s * body.eye[0], body.eye[1], body.eye[2], size * 1.10, size * 1.15, rim, 0.9, size * 1.4,
            soft=0.12, deep=size * 1.05,
        )
        for s in (1, -1)
    ]  # fmt: skip
    if row.trunk:
        return decals
    b = row.snout_radii[1]
    top, front = body.muzzle[1] - b * 0.02, body.muzzle[2] + b * 0.6
    ink, w = (0.055, 0.020, 0.018), b * 0.42
    decals.append(Decal(0, top, front, 0.0055, b * 0.26, ink, 0.8, 0.12, soft=0.5))
    decals += [
        Decal(s * w, top - b * 0.36, front, w, 0.008, ink, 0.85, 0.12, curve=8.5 / max(b / 0.075, 0.3), soft=0.5)
        for s in (1, -1)
    ]
    return decals


def _paint(body: Body, seed: int, number: int, piece: Piece) -> None:
    """Lay the coat over the body and the ears; the ears' pink lining stays."""
    index = body.skeleton.index

    def share(prefix: str) -> F32:
        wanted = np.array([i for name, i in index.items() if name.startswith(prefix)])
        return np.asarray((np.isin(piece.bones, wanted) * piece.weights).sum(1), np.float32)

    lining = piece.colour.copy()
    turn = float(named_rng(seed, "markings").uniform(0, 6))
    if number > 1 or (body.row.hide != "fur" and number == 1):
        return  # horns and manes keep their own colours
    hide = hide_of(body, piece.vertices, piece.normals, piece.colour, share, turn)
    if number == 0:
        hide.ear[:] = 0
    paint(hide)
    if number == 1 and body.row.ear != "flop":
        pink = _pinkness(lining)[:, None]
        piece.colour += (lining - piece.colour) * pink


def _pinkness(colour: F32) -> F32:
    """How much of the lining's pink a vertex has: green and blue nearly equal, red well above."""
    alike = np.abs(colour[:, 1] - colour[:, 2]) < 0.05
    return np.asarray(alike & (colour[:, 0] > 0.35) & (colour[:, 1] < 0.40), np.float32)


def _fur(body: Body, skinned: Skinned, seed: int) -> Fur:
    """Shorter on head, muzzle and feet; none on the lining of the ears."""
    row, v = body.row, skinned.mesh.vertices
    head, muzzle = body.head.astype(np.float32), body.muzzle.astype(np.float32)
    length = np.full(len(v), row.fur, np.float32)
    length *= np.where(np.linalg.norm(v - head, axis=1) < row.head * 1.5, 0.66, 1.0)
    length *= np.where(v[:, 1] < row.leg * 0.35, 0.5, 1.0)
    length *= np.where(np.linalg.norm(v - muzzle, axis=1) < row.snout_radii[1] * 2.2, 0.45, 1.0)
    for s in (1, -1):
        eye = (body.eye * np.array([s, 1, 1])).astype(np.float32)
        length[np.linalg.norm(v - eye, axis=1) < row.eye_radius * row.head * 1.12] = 0
    return grow(skinned, skinned.furred, row.hairs, length, Style(mess=row.mess), named_rng(seed, "fur"))
