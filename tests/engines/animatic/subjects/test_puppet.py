import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.shot import Placement, Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec
from kineograph.engines.animatic.subjects.puppet import Puppet, coarseness, world_of
from kineograph.engines.animatic.subjects.quadruped import build_actor

CAMERA = Camera(y=0.3, focal=1.4)
SHOT = Shot(SceneSpec(), 320, 192, 48, 1, CameraPath(CAMERA, CAMERA, 2.0), CAMERA)
LIGHT = Light(
    np.array([-0.5, 0.7, -0.5], np.float32),
    *(np.full(3, v, np.float32) for v in (1.2, 0.4, 0.2, 0.7)),
    0.0,
    np.zeros((1, 1, 1, 3), np.float32),
)
KITTEN = Placement(SubjectSpec("quadruped", "cat", young=True, action="sit"), 0.0, 1.0, 0.25)


@cache
def kitten() -> Puppet:
    return build_actor(KITTEN, SHOT)


def test_a_creature_faces_the_viewer_and_turns_to_the_right():
    ahead = np.array([0.0, 0.0, 1.0])
    np.testing.assert_allclose(world_of(0.0, 2.0) @ ahead, [0, 0, -2], atol=1e-12)
    np.testing.assert_allclose(world_of(math.pi / 2, 1.0) @ ahead, [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(
        world_of(0.0, 1.0) @ [1.0, 0, 0], [1, 0, 0], atol=1e-12
    )  # its left is the viewer's right


def test_it_stands_where_it_is_placed_and_is_as_tall_as_asked():
    placement = replace(KITTEN, x=0.4, z=2.0, y=0.1, subject=replace(KITTEN.subject, action="idle"))
    points = build_actor(placement, SHOT).at(0.0).points
    assert points[:, 1].min() == pytest.approx(0.1, abs=0.01)
    assert np.ptp(points[:, 1]) == pytest.approx(0.25, rel=0.06)
    assert np.median(points[:, 0]) == pytest.approx(0.4, abs=0.03)


def test_triangles_wind_as_their_normals_say():
    """Seen as right-handed numbers, so that the rasteriser may cull."""
    held = kitten().at(0.0)
    a, b, c = (held.points[kitten().body.mesh.triangles[:, i]] for i in range(3))
    agree = (np.cross(b - a, c - a) * held.normals[kitten().body.mesh.triangles[:, 0]]).sum(1) > 0
    assert agree.mean() > 0.97


def test_two_threads_draw_what_one_draws():
    def drawn(t: float) -> bytes:
        picture = kitten().draw(t, CAMERA, LIGHT, (320, 192), 1)
        assert picture is not None
        return picture.rgba.tobytes()

    times = [0.1 * i for i in range(12)]
    alone = [drawn(t) for t in times]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(drawn, times)) == alone


def test_out_of_view_nothing_is_drawn():
    aside = replace(CAMERA, x=50.0)
    assert kitten().draw(0.0, aside, LIGHT, (320, 192), 1) is None


def test_distant_creatures_are_built_coarser():
    large = replace(SHOT, width=1920, height=1088)
    near, far = (coarseness(replace(KITTEN, z=z), large) for z in (0.6, 9.0))
    assert near < far == 1.6
