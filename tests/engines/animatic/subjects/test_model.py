"""Models made of parts: every kind of every family is built, stands on the ground, moves as it should and is seen."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.registry import FAMILIES, kinds_of
from kineograph.engines.animatic.settings.base import Picture, Setting
from kineograph.engines.animatic.shot import Placement, Shot, named_rng
from kineograph.engines.animatic.spec import SubjectSpec
from kineograph.engines.animatic.stage import Stage, build_actor, build_setting
from kineograph.engines.animatic.subjects.made import planned, row_of
from kineograph.engines.animatic.subjects.model import MOVING, Model
from kineograph.engines.animatic.subjects.parts import Workshop, palette_of

MODELS = sorted(family for family, module in FAMILIES.items() if module.endswith(".model"))
KINDS = [(family, kind) for family in MODELS for kind in sorted(kinds_of(family))]
FIRST = [(family, sorted(kinds_of(family))[0]) for family in MODELS]
ACTIONS = ("idle", "drive", "fly", "float", "swim", "walk", "rotate", "jump", "play", "sleep", "wave", "dance")


def placed(family: str, kind: str, **said: str) -> tuple[Placement, Shot]:
    """One metre tall, five metres away, before a meadow."""
    subject = SubjectSpec(family, kind, **said)  # type: ignore[arg-type]  # only words are passed on
    place = Placement(subject, 0.0, 5.0, 1.0, heading=0.3, seed=7)
    shot = direct(compile_prompt("a girl on a meadow"), width=160, height=90, frames=48, seed=1)
    focal = replace(shot.rest, y=0.5, focal=1.3, horizon=0.5)
    camera = replace(shot.camera, start=focal, end=focal, sway=0.0)
    return place, replace(shot, placements=(place,), rest=focal, camera=camera)


def actor_of(family: str, kind: str, **said: str) -> Model:
    actor = build_actor(*placed(family, kind, **said))
    assert isinstance(actor, Model)
    return actor


@pytest.mark.parametrize(("family", "kind"), KINDS)
def test_the_parts_of_every_kind_are_sound(family: str, kind: str) -> None:
    row = planned(row_of(family, kind), "idle", named_rng(1, "plan"))
    workshop = Workshop(palette_of(row, SubjectSpec(family, kind), named_rng(1, "palette")))
    pieces = workshop.make(row["parts"])
    assert 1 <= len(pieces) < 65536
    for piece in pieces:
        assert np.isfinite(piece.part.vertices).all()
        assert np.abs(np.linalg.norm(piece.part.normals, axis=1) - 1).max() < 1e-3
        assert piece.colour.min() >= 0
        assert piece.colour.max() <= 1
    triangles = sum(len(piece.part.triangles) for piece in pieces)
    assert triangles < 160_000  # what a frame's budget allows
    for spec in row.get("joints", {}).values():
        assert not spec.get("parent") or spec["parent"] in row["joints"]


@cache
def meadow() -> tuple[Setting, Picture]:
    """The place, and what is seen of it when nobody is there."""
    _, shot = placed("vehicle", "car")
    setting = build_setting(shot)
    return setting, Stage(shot, setting, []).picture(1.0)


def film_one(family: str, kind: str, action: str) -> None:
    place, shot = placed(family, kind, action=action)
    setting, empty = meadow()
    picture = Stage(shot, setting, [build_actor(place, shot)]).picture(1.0)
    assert np.isfinite(picture).all()
    changed = np.abs(picture - empty).max(axis=2) > 0.02
    assert 0.001 < changed.mean() < 0.9  # somebody is there, were it a fishing rod, and not everywhere


@pytest.mark.parametrize(("family", "kind"), FIRST)
def test_one_of_every_family_is_seen(family: str, kind: str) -> None:
    film_one(family, kind, "idle")


@pytest.mark.gallery
@pytest.mark.parametrize(("family", "kind", "action"), [(*who, "idle") for who in KINDS])
def test_every_kind_is_seen(family: str, kind: str, action: str) -> None:
    film_one(family, kind, action)


@pytest.mark.gallery
@pytest.mark.parametrize(("who", "action"), list(itertools.product(FIRST, ACTIONS)))
def test_every_family_does_every_action(who: tuple[str, str], action: str) -> None:
    film_one(*who, action)


def test_a_car_stands_on_the_ground_as_tall_as_it_was_placed() -> None:
    points = actor_of("vehicle", "car").posed(0.5)[0].vertices
    assert abs(float(points[:, 1].min())) < 1e-4
    assert float(np.ptp(points[:, 1])) == pytest.approx(1.0, abs=0.05)


def test_wheels_turn_as_far_as_the_car_goes() -> None:
    place, shot = placed("vehicle", "car", action="drive")
    actor = build_actor(replace(place, velocity=2.0), shot)
    assert isinstance(actor, Model)
    radius = 0.33 * actor.made.scale
    wheel = next(k for k in actor.made.slices)
    a, b = actor.made.slices[wheel]
    once = 2 * np.pi * radius / 2.0  # seconds of one turn
    first, half, whole = (actor.posed(t)[0].vertices[a:b] for t in (0.0, once / 2, once))
    rolled = whole - first
    assert np.abs(rolled - rolled.mean(axis=0)).max() < 1e-3  # after a turn it looks the same, further on
    assert np.linalg.norm(rolled.mean(axis=0)) == pytest.approx(2 * np.pi * radius, rel=1e-3)
    assert np.abs((half - first) - (half - first).mean(axis=0)).max() > radius  # half a turn turns it over


def test_a_colour_word_paints_the_car_and_leaves_its_tyres_black() -> None:
    red, blue = (actor_of("vehicle", "car", colour=word).made.mesh for word in ("red", "blue"))
    changed = np.abs(red.colour - blue.colour).max(axis=1) > 0.1
    assert 0.1 < changed.mean() < 0.8  # of the corners; wheels, lamps and glass have most of them
    assert red.colour[changed, 0].mean() > blue.colour[changed, 0].mean()


def test_head_lamps_are_lit_at_night_alone() -> None:
    actor = actor_of("vehicle", "car")
    assert actor.made.lamps[0].max() > 1
    assert actor.made.lamps[1].max() == 0


def test_the_same_placement_is_the_same_model_and_seeds_differ() -> None:
    place, shot = placed("food", "apple")
    one, two = (build_actor(place, shot) for _ in range(2))
    assert all(np.array_equal(a.vertices, b.vertices) for a, b in zip(one.posed(1.2), two.posed(1.2), strict=True))
    row = row_of("vehicle", "car")
    palettes = [
        palette_of(row, SubjectSpec("vehicle", "car"), named_rng(seed, "palette"))["main"].tobytes()
        for seed in range(8)
    ]
    assert len(set(palettes)) > 2


def test_something_that_drives_with_no_way_given_passes_through_its_place() -> None:
    actor = actor_of("vehicle", "car", action="drive")
    ahead = actor.posed(2.0)[0].vertices.mean(axis=0) - actor.posed(0.0)[0].vertices.mean(axis=0)
    assert np.linalg.norm(ahead) > 0.5
    assert "drive" in MOVING


def test_every_joint_that_a_part_names_is_there() -> None:
    for family in MODELS:
        for kind in sorted(kinds_of(family)):
            whole = planned(row_of(family, kind), "fly", named_rng(1, "plan"))
            named = {part["joint"] for part in whole["parts"] if "joint" in part}
            assert named <= set(whole.get("joints", {})), kind


def test_birds_fold_their_wings_on_the_ground_and_spread_them_in_the_air() -> None:
    folded, spread = (actor_of("bird", "gull", action=action).posed(0.0)[0].vertices for action in ("idle", "fly"))
    assert np.ptp(spread, axis=0)[[0, 2]].max() > 1.5 * np.ptp(folded, axis=0)[[0, 2]].max()


def test_a_wing_beats_on_both_sides_alike() -> None:
    place, shot = placed("bird", "gull", action="fly")
    actor = build_actor(replace(place, phase=0.2, heading=1.0), shot)
    assert isinstance(actor, Model)
    wings = [k for k, joint in enumerate(actor.made.joints) if len(joint.moves) == 2 and joint.parent < 0]
    assert len(wings) == 2
    rise = []
    for k in wings:
        a, b = actor.made.slices[k]
        rise.append([float(actor.posed(t)[0].vertices[a:b, 1].mean()) for t in (0.0, 0.15, 0.3)])
    assert np.ptp(rise[0]) > 0.05
    assert np.allclose(np.diff(rise[0]), np.diff(rise[1]), atol=0.03)


def test_a_boat_lies_in_the_water_and_stands_on_land() -> None:
    place, shot = placed("boat", "sailboat")
    on_land = build_actor(place, shot)
    at_sea = build_actor(place, replace(shot, spec=replace(shot.spec, setting="beach")))
    assert float(at_sea.posed(0.7)[0].vertices[:, 1].min()) == 0
    assert (
        float(np.ptp(at_sea.posed(0.7)[0].vertices[:, 1])) < float(np.ptp(on_land.posed(0.7)[0].vertices[:, 1])) - 0.02
    )
    assert not np.array_equal(at_sea.posed(0.0)[0].vertices, at_sea.posed(0.7)[0].vertices)  # it rocks


@pytest.mark.parametrize("size", [(160, 90), (90, 160)])
def test_what_passes_by_stays_in_the_picture(size: tuple[int, int]) -> None:
    place, shot = placed("vehicle", "car", action="drive")
    shot = replace(shot, width=size[0], height=size[1], frames=120)
    actor = build_actor(replace(place, z=12.0), shot)
    for t in (0.0, 2.5, 5.0):
        points = actor.posed(t)[0].vertices
        middle = (float(points[:, 0].min()) + float(points[:, 0].max())) / 2
        assert abs(middle / float(points[:, 2].mean()) * shot.rest.focal) < 0.5 * size[0] / size[1]


def test_a_dragons_web_does_not_tear_when_the_hand_folds() -> None:
    """The arm's web ends where the hand's begins: at the last finger, about which the hand folds."""
    dragon = actor_of("bird", "dragon", action="fly")
    arm, hand = (slice(*dragon.made.slices[dragon.made.order.index(name)]) for name in ("wing", "hand"))
    rest = dragon.made.mesh.vertices
    far = np.linalg.norm(rest[arm, None] - rest[None, hand], axis=2)
    one, other = np.nonzero(far < 1e-5)
    assert len(one) >= 8
    for t in (0.1, 0.4, 0.7, 1.0):
        points = dragon.posed(t)[0].vertices
        assert np.linalg.norm(points[arm][one] - points[hand][other], axis=1).max() < 0.09
