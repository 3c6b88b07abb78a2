"""Cities are drawn by name from the seed, and only faces that can be seen are kept."""

import numpy as np
import pytest

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.settings.city import STYLES, cities, faces, plan
from kineograph.engines.animatic.settings.facade import NX, NZ, X0, X1, Z0, Z1
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec


def make_shot(seed: int, width: int = 1920, height: int = 1088) -> Shot:
    rest = Camera(y=6.0, horizon=0.64, focal=1.15)
    return Shot(SceneSpec(setting="skyline"), width, height, 48, seed, CameraPath(rest, rest, 2.0), rest, 1.0)


def test_every_wall_of_every_city_is_of_a_known_style():
    for name, city in cities().items():
        assert all(wall["style"] in STYLES for wall in city["walls"]), name
        assert len(city["accents"]) >= 3


@pytest.mark.parametrize("seed", range(4))
def test_the_same_city_at_every_resolution(seed):
    assert plan(make_shot(seed)) == plan(make_shot(seed, 960, 544))
    assert plan(make_shot(seed)) != plan(make_shot(seed + 1))


def test_faces_look_at_the_viewer_and_come_far_to_near():
    city = plan(make_shot(2))
    rows = faces(city.rows[1], 1e-4, 0)
    towards = (rows[:, X0] + rows[:, X1]) * rows[:, NX] + (rows[:, Z0] + rows[:, Z1]) * rows[:, NZ]
    assert (towards < 0).all()
    depth = rows[:, [Z0, Z1]].mean(1)
    assert np.corrcoef(depth, -np.arange(len(depth)))[0, 1] > 0.9
