import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.pictures.reference import build_actor
from kineograph.engines.animatic.shot import Placement
from kineograph.engines.animatic.spec import SubjectSpec

CAMERA = Camera(y=1.0, focal=1.2, horizon=0.5)
SIZE = (320, 180)


def sun(azimuth: float = 0.0, strength: float = 0.8) -> Light:
    direction = np.array((math.sin(azimuth), 0.7, -math.cos(azimuth)), np.float32)
    grey = np.full(3, 0.3, np.float32)
    environment = np.zeros((5, 8, 8, 3), np.float32)
    key = np.full(3, strength, np.float32)
    return Light(direction / np.linalg.norm(direction), key, grey, grey * 0.5, grey, 0.0, environment)


@pytest.fixture
def actor(painted, shoot):
    def made(action="idle", velocity=0.0, heading=0.0):
        subject = SubjectSpec("product", "bottle", action=action)
        placement = Placement(subject, x=0.0, z=4.0, height=1.5, heading=heading, velocity=velocity, seed=7)
        return build_actor(placement, shoot(size=SIZE, rest=CAMERA), painted["bottle"]())

    return made


def seen(actor, t=0.0, light=None, camera=CAMERA):
    """The actor drawn over black: (h, w, 3)."""
    picture = np.zeros((SIZE[1], SIZE[0], 3), np.float32)
    drawn = actor.draw(t, camera, light or sun(), SIZE, 1)
    if drawn is not None:
        drawn.onto(picture)
    return picture


def test_it_stands_on_its_place_as_tall_as_it_should(actor):
    rows = np.flatnonzero(seen(actor()).max(axis=(1, 2)) > 0.02)
    focal = CAMERA.focal * SIZE[1]
    foot = 0.5 * SIZE[1] + focal * CAMERA.y / 4
    assert rows[-1] + 1 == pytest.approx(foot, abs=2)
    assert len(rows) == pytest.approx(focal * 1.5 / 4, rel=0.04)


def test_it_keeps_its_colours(actor):
    picture = seen(actor())
    red = picture[..., 0] - picture[..., 1]
    assert red.max() > 0.15  # the label
    glass = picture[..., 1] - picture[..., 0]
    assert glass.max() > 0.04


def test_it_is_brighter_on_the_side_of_the_sun(actor):
    left, right = seen(actor(), light=sun(-1.3)), seen(actor(), light=sun(1.3))
    columns = np.flatnonzero(left.max(axis=(0, 2)) > 0.02)
    third = len(columns) // 3
    west, east = columns[:third], columns[-third:]
    assert left[:, west].sum() > 1.2 * right[:, west].sum()
    assert right[:, east].sum() > 1.2 * left[:, east].sum()


def test_it_can_be_recognised_at_night(actor):
    night = replace(sun(strength=0.0), sky=np.full(3, 0.004, np.float32), bounce=np.zeros(3, np.float32))
    assert seen(actor(), light=night).max() > 0.008


def test_far_air_takes_its_colour(actor):
    hazy = replace(sun(), haze=np.array((0.1, 0.2, 0.9), np.float32), haze_density=0.5)
    drawn = actor().draw(0.0, CAMERA, hazy, SIZE, 1)
    middle = drawn.rgba[drawn.rgba.shape[0] // 2, drawn.rgba.shape[1] // 2]
    assert middle[2] > 0.7


@pytest.mark.parametrize("action", ["idle", "walk", "run", "jump", "play", "spin", "rotate", "dance", "wave", "sit"])
def test_it_moves_without_jumps(actor, action):
    one = actor(action)
    frames = [seen(one, index / 24) for index in range(24)]
    steps = [np.abs(b - a).mean() for a, b in pairwise(frames)]
    assert max(steps) > 0
    assert max(steps) < 0.02


def test_walking_it_goes_where_it_is_heading(actor):
    walker = actor("walk", velocity=0.5, heading=math.pi / 2)

    def middle(t):
        return np.flatnonzero(seen(walker, t).max(axis=(0, 2)) > 0.02).mean()

    assert middle(1.5) > middle(0.0) + 20
    assert walker.posed(2.0)[0].vertices[:, 0].mean() == pytest.approx(1.0, abs=0.15)


def test_its_relief_has_its_shape_for_the_shadow(actor):
    (posed,) = actor().posed(0.0)
    low, high = posed.vertices.min(axis=0), posed.vertices.max(axis=0)
    assert low[1] == pytest.approx(0.0, abs=0.06)
    assert high[1] == pytest.approx(1.5, abs=0.08)
    assert high[0] - low[0] == pytest.approx(1.5 * 0.30 / 0.76, abs=0.08)
    assert posed.mesh.triangles.max() < len(posed.vertices)
    used = posed.vertices[np.unique(posed.mesh.triangles)]
    top = used[used[:, 1] > 1.2]
    assert np.abs(top[:, 0]).max() < 0.2  # the neck is narrow, so the shadow's is too


def test_out_of_view_there_is_nothing(actor):
    assert actor().draw(0.0, replace(CAMERA, z=9.0), sun(), SIZE, 1) is None
    assert actor().draw(0.0, replace(CAMERA, x=50.0), sun(), SIZE, 1) is None


def test_at_the_frames_edge_only_the_seen_part_is_drawn(actor):
    drawn = actor().draw(0.0, replace(CAMERA, x=2.9), sun(), SIZE, 1)
    assert drawn is not None
    assert drawn.x == 0
    assert drawn.rgba.shape[:2] == drawn.depth.shape
    assert np.isinf(drawn.depth[drawn.rgba[..., 3] < 0.4]).all()
