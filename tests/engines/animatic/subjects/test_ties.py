"""What is held stays in the hand, who rides stays in the saddle, who sits on something touches it: over the whole film."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kineograph.core.request import ASPECT_RATIOS, SIZES
from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.shot import Placement, Shot
from kineograph.engines.animatic.spec import SubjectSpec
from kineograph.engines.animatic.stage import build_actor
from kineograph.engines.animatic.subjects.binding import bound
from kineograph.engines.animatic.subjects.bonds import height_held, hold_of, holds, mounts, pose_of
from kineograph.engines.animatic.subjects.model import Model
from kineograph.engines.animatic.subjects.puppet import Puppet
from kineograph.engines.animatic.subjects.together import Together
from kineograph.engines.animatic.vocabulary.lexicon import lexicon

MOMENTS = np.linspace(0, 4, 7)
NEAR = 0.05  # metres


def small(prompt: str, ratio: str = "16:9", seed: int = 5) -> Shot:
    width, height = SIZES["480p", ratio]
    return direct(compile_prompt(prompt), width=width, height=height, frames=96, seed=seed)


@pytest.fixture(scope="module")
def walker() -> tuple[Shot, Puppet]:
    shot = small("a woman walking on white background")
    woman = build_actor(shot.placements[0], shot)
    assert isinstance(woman, Puppet)
    return shot, woman


@pytest.mark.parametrize("kind", sorted(kind for kind, hold in holds().items() if not hold.string and not hold.high))
def test_every_thing_stays_in_the_hand_of_somebody_who_walks(kind: str, walker: tuple[Shot, Puppet]) -> None:
    shot, woman = walker
    hold = hold_of(kind)
    assert hold is not None
    pose_of(hold.pose)
    height = height_held(hold, woman.placement.height)
    subject = SubjectSpec(lexicon().kinds[kind].family, kind, relation="held", to=0)
    if lexicon().kinds[kind].any:
        return  # one of its kinds has a row of its own
    thing = build_actor(Placement(subject, 0, woman.placement.z, height, carrier=0, bond="held"), shot)
    (group,) = bound([woman, thing], shot.rest.focal)
    assert isinstance(group, Together)
    for t in MOMENTS:
        frame = thing.stands(t)  # type: ignore[attr-defined]
        grip = frame.at + frame.turn @ (np.asarray(hold.grip) * height)
        assert np.linalg.norm(grip - woman.hand(t, hold.hand)) < NEAR
        points = np.concatenate([mesh.vertices for mesh in thing.posed(t)])
        hand = woman.hand(t, hold.hand)
        assert (points.min(axis=0) - 2 * NEAR < hand).all()
        assert (hand < points.max(axis=0) + 2 * NEAR).all()


RIDERS = (
    "a cyclist",
    "a man riding a motorcycle",
    "a skateboarder in a park",
    "a skateboarder jumping in a park",
    "a knight riding a horse",
    "a woman in a rowing boat on a lake",
    "a boy on a sled",
    "a surfer",
    "a girl sitting on a chair",
)


@pytest.mark.parametrize("prompt", RIDERS)
def test_a_rider_stays_in_the_saddle(prompt: str) -> None:
    shot = small(prompt)
    number = next(at for at, placement in enumerate(shot.placements) if placement.bond == "rides")
    actors = [build_actor(placement, shot) for placement in shot.placements]
    bound(actors, shot.rest.focal)
    rider, mount = actors[number], actors[shot.placements[number].carrier or 0]
    assert isinstance(rider, Puppet)
    row = mounts()[mount.placement.subject.kind]
    seated = bool(pose_of(row.pose).get("seated"))
    for t in MOMENTS:
        saddle = mount.point(t, row.seat) if isinstance(mount, Model) else mount.back(t, row.seat)  # type: ignore[attr-defined]
        if seated:
            hips = (rider.bone(t, "thighL").at + rider.bone(t, "thighR").at) / 2
            assert np.linalg.norm(hips - saddle.at) < NEAR
        else:
            assert np.linalg.norm(rider.upright(t).at - saddle.at) < NEAR


def test_a_cyclist_pedals_and_goes_with_the_bicycle() -> None:
    shot = small("a cyclist")
    actors = [build_actor(placement, shot) for placement in shot.placements]
    bound(actors, shot.rest.focal)
    rider = next(one for one in actors if isinstance(one, Puppet))
    feet = np.array([rider.bone(t, "footL").at - rider.upright(t).at for t in np.linspace(0, 2, 40)])
    assert np.ptp(feet[:, 1]) > 0.15
    hands = rider.bone(0.0, "handL").at - rider.upright(0.0).at
    assert all(np.linalg.norm(rider.bone(t, "handL").at - rider.upright(t).at - hands) < NEAR for t in MOMENTS)
    assert np.linalg.norm(rider.upright(3.0).at - rider.upright(0.0).at) > 0.5


@pytest.mark.parametrize("ratio", ASPECT_RATIOS)
@pytest.mark.parametrize(
    "prompt", ["a black cat sitting on a red car", "一只黑猫坐在屋顶上的房子上", "a cup on a table in a room"]
)
def test_who_sits_on_something_large_is_read(prompt: str, ratio: str) -> None:
    for seed in range(4):
        shot = small(prompt, ratio, seed)
        up = shot.placements[0]
        if up.carrier is None:
            pytest.fail(f"{prompt}: nobody carries the {up.subject.kind}")
        points = np.array([[up.x, up.y + up.height, up.z], [up.x, up.y, up.z]], np.float32)
        top, feet = shot.rest.project(points, shot.width, shot.height)[:, 1] / shot.height
        assert feet - top >= 0.18
        assert 0.02 < top < feet < 0.95


def test_who_sits_on_a_car_touches_it() -> None:
    shot = small("a black cat sitting on a red car")
    actors = [build_actor(placement, shot) for placement in shot.placements]
    bound(actors, shot.rest.focal)
    cat, car = actors
    lowest = min(float(mesh.vertices[:, 1].min()) for mesh in cat.posed(1.0))
    roof = max(float(mesh.vertices[:, 1].max()) for mesh in car.posed(1.0))
    assert abs(lowest - roof) < 0.12


def test_a_kite_is_whole_in_the_frame_and_its_string_is_in_the_hand() -> None:
    for ratio in ASPECT_RATIOS:
        shot = small("a boy flying a kite in a green field", ratio)
        actors = [build_actor(placement, shot) for placement in shot.placements]
        (group,) = bound(actors, shot.rest.focal)
        assert isinstance(group, Together)
        kite, string = actors[1], group.members[-1]
        for t in (0.0, 2.0, 3.9):
            points = np.concatenate([mesh.vertices for mesh in kite.posed(t)])
            seen = shot.camera.at(t).project(points, shot.width, shot.height)
            assert seen[:, 1].min() > 0
            assert 0 < seen[:, 0].min() < seen[:, 0].max() < shot.width
            boy = actors[0]
            assert isinstance(boy, Puppet)
            ends = string.posed(t)[0].vertices
            assert np.linalg.norm(ends - boy.hand(t, "R"), axis=1).min() < NEAR


def test_a_train_runs_on_the_bridge() -> None:
    shot = small("a steam train crossing a bridge")
    train, bridge = shot.placements
    assert (train.carrier, train.bond) == (1, "on")
    assert train.y > 0.5 * bridge.height
    actors = [build_actor(placement, shot) for placement in shot.placements]
    bound(actors, shot.rest.focal)
    ways = [np.concatenate([mesh.vertices for mesh in actors[0].posed(t)]).mean(axis=0) for t in (0.0, 2.0)]
    assert np.linalg.norm(ways[1] - ways[0]) > 0.2
    assert abs(ways[1][1] - ways[0][1]) < 0.1


def test_a_goldfish_swims_inside_its_bowl() -> None:
    shot = small("a goldfish swimming in a glass bowl")
    assert shot.spec.setting == "room"
    actors = [build_actor(placement, shot) for placement in shot.placements]
    bound(actors, shot.rest.focal)
    kinds = [placement.subject.kind for placement in shot.placements]
    fish, bowl = actors[kinds.index("goldfish")], actors[kinds.index("fish_bowl")]
    for t in MOMENTS:
        inner = np.concatenate([mesh.vertices for mesh in fish.posed(t)])
        outer = np.concatenate([mesh.vertices for mesh in bowl.posed(t)])
        assert (inner.min(axis=0) > outer.min(axis=0)).all()
        assert (inner.max(axis=0) < outer.max(axis=0)).all()


def test_the_same_thing_is_held_alike_by_a_robot() -> None:
    shot = small("a robot watering flowers")
    actors = [build_actor(placement, shot) for placement in shot.placements]
    robot = next(one for one in actors if one.placement.subject.kind == "robot")
    can = next(one for one in actors if one.placement.subject.kind == "watering_can")
    bound(actors, shot.rest.focal)
    assert isinstance(robot, Model)
    assert isinstance(can, Model)
    hold = hold_of("watering_can")
    assert hold is not None
    for t in MOMENTS:
        frame = can.stands(t)
        grip = frame.at + frame.turn @ (np.asarray(hold.grip) * can.placement.height)
        assert np.linalg.norm(grip - robot.hand(t, hold.hand)) < NEAR


def test_nobody_is_changed_by_standing_alone() -> None:
    shot = small("a woman walking on white background")
    alone = replace(shot.placements[0])
    assert (alone.carrier, alone.bond, alone.pose) == (None, "", "")
