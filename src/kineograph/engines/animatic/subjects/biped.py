"""People: one geometry, one row of bipeds.toml each."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from kineograph.engines.animatic.raster.materials import material
from kineograph.engines.animatic.shot import Placement, Shot, named_rng
from kineograph.engines.animatic.subjects import model
from kineograph.engines.animatic.subjects.base import Actor
from kineograph.engines.animatic.subjects.beards import grow_beard
from kineograph.engines.animatic.subjects.biped_acts import Moment, act, blown
from kineograph.engines.animatic.subjects.biped_body import Body, bones, clothes, flesh
from kineograph.engines.animatic.subjects.biped_head import eye_balls, face, head_shape, set_eyes
from kineograph.engines.animatic.subjects.biped_poses import take
from kineograph.engines.animatic.subjects.biped_rig import palm_of, solve
from kineograph.engines.animatic.subjects.biped_row import model_of, row_of
from kineograph.engines.animatic.subjects.biped_skirts import painted, patches, skirts
from kineograph.engines.animatic.subjects.bonds import Reach, pose_of
from kineograph.engines.animatic.subjects.decals import decal_painter
from kineograph.engines.animatic.subjects.eyes import Eyes
from kineograph.engines.animatic.subjects.fittings import fittings, spectacles
from kineograph.engines.animatic.subjects.hair import comb_hair, strands
from kineograph.engines.animatic.subjects.pace import MOVING, going, person_pace
from kineograph.engines.animatic.subjects.patches import painters, patch_painter
from kineograph.engines.animatic.subjects.prints import camouflage, pattern
from kineograph.engines.animatic.subjects.puppet import Pose, Puppet, coarseness
from kineograph.engines.animatic.subjects.rows import tint
from kineograph.engines.animatic.subjects.sculpt import Piece, sculpt
from kineograph.engines.animatic.subjects.sdf import Shape

FILL = 0.20
WIND = {"wind": 1.0, "storm": 0.9, "rain": 0.2, "snow": 0.2}  # by weather, as `blown` has it


def build_actor(placement: Placement, shot: Shot) -> Actor:
    """A person of the placement's height, look, build and clothes by its seed; or a robot, which is a model."""
    family = model_of(placement.subject.kind)
    if family is not None:
        return model.build_actor(replace(placement, subject=replace(placement.subject, family=family)), shot)
    return _person(placement, shot)


def _person(placement: Placement, shot: Shot) -> Puppet:
    row, look = row_of(placement.subject, named_rng(placement.seed, "look"))
    body = bones(row, look, coarseness(placement, shot))
    hair = comb_hair(body, named_rng(placement.seed, "hair"))
    grow_beard(hair)
    head = head_shape(body)
    centres = set_eyes(body, head)
    worn = clothes(body)
    shapes = [head, *([hair.shape] if hair.shape.rows else []), *flesh(body), *worn, hair.bands]
    shapes += [*fittings(body, look.layers), *spectacles(body, centres, look.layers)]
    shapes = [s for s in shapes if s.rows]  # in long sleeves and trousers no limb is bare
    skinned = sculpt(shapes, eye_balls(body, centres), body.skeleton, 0.14, partial(_finish, body, worn[0], worn[1]))
    named = {name: shapes.index(s) for name, s in zip(("top", "legs"), worn, strict=False)} | {
        "shoes": shapes.index(worn[-1])
    }
    hung = skirts(body)
    bands = patch_painter(patches(body, named, len(hung)))
    scale = placement.height / float(skinned.mesh.vertices[:, 1].max())
    action = placement.subject.action
    gone = going(person_pace(row, action), placement.velocity if action in MOVING else 0.0, scale)
    does, reach = act(action), Reach()
    wind = WIND.get(shot.spec.weather, 0.0)

    def move(t: float) -> Pose:
        stance = does(Moment(row, t, placement.phase, gone.tempo * t + placement.phase, gone.reach))
        if wind:
            blown(stance, t + placement.phase, wind)
        for name in placement.pose.split("+") if placement.pose else ():
            take(pose_of(name), stance, t, reach, body)
        return Pose(solve(body, stance, hair.swinging), stance.yaw, stance.lid, stance.gaze, stance.drape)

    return Puppet(
        placement,
        skinned,
        body.skeleton,
        scale,
        move,
        _eyes(body, len(shapes)),
        body.skeleton.index["head"],
        painters([decal_painter(face(body, centres), 1, body.head.tolist(), 1.5 * row.head), bands]),
        (strands(hair, skinned, 1, named_rng(placement.seed, "strands")),) if hair.shape.rows else (),
        (),
        gone.travel,
        painted(hung, bands),
        FILL,
        {n: (body.skeleton.index[f"hand{n}"], palm_of(body, n)) for n in "LR"},
        reach,
    )


def _finish(body: Body, top: Shape, legs: Shape, number: int, piece: Piece) -> None:
    """Patterns of the top, and shade where a skirt hangs round the legs: it is no part of the field occlusion is read from."""
    del number
    if piece.shape is top:
        pattern(body, piece.vertices, piece.colour)
    elif piece.shape is legs and body.look.pattern == "camouflage":
        camouflage(piece.vertices, piece.colour)
    if body.look.outfit == "dress":
        deep = (piece.vertices[:, 1] - np.float32(body.row.leg - body.look.hem)) / np.float32(body.look.hem * 0.6)
        inside = np.hypot(piece.vertices[:, 0], piece.vertices[:, 2]) < body.row.hips + body.row.leg_radii[0] * 1.1
        covered = inside & (piece.vertices[:, 1] < body.row.leg + 0.03)
        piece.occlusion *= np.where(covered, 1 - 0.6 * np.clip(deep, 0, 1), 1).astype(np.float32)


def _eyes(body: Body, first: int) -> Eyes:
    row = body.row
    return Eyes(
        first=first,
        count=2,
        iris=0.70,
        pupil=0.37,
        slit=1.0,
        white=0.62,
        lid=row.lid,
        low=0.80,
        lash=row.lash,
        skin=tint(body.look.skin, 0.88),
        lid_material=material("skin"),
    )
