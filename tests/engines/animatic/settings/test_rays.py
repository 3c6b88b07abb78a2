"""Shafts come from the sun's side and stay away when it is behind the viewer."""

import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import spectral
from kineograph.engines.animatic.settings.rays import on_screen, shafts
from kineograph.engines.animatic.shot import named_rng

TILE = spectral(64, 1.8, named_rng(1, "rays"), 3)


def make_light(x: float, y: float, z: float) -> Light:
    grey = np.full(3, 0.5, np.float32)
    way = np.array([x, y, z], np.float32)
    return Light(way / np.linalg.norm(way), grey, grey, grey, grey, 0.0, np.zeros((1, 2, 2, 3), np.float32))


def test_the_brighter_half_is_the_suns():
    out = np.zeros((90, 160, 3), np.float32)
    shafts(0.3, Camera(), make_light(-0.6, 0.4, 0.8), TILE, 0.3, out)
    assert out[:, :80].mean() > 1.3 * out[:, 80:].mean() > 0


def test_a_sun_behind_the_viewer_throws_none():
    out = np.zeros((90, 160, 3), np.float32)
    shafts(0.3, Camera(), make_light(0.3, 0.5, -0.8), TILE, 0.3, out)
    assert out.max() == 0
    assert on_screen(make_light(0.3, 0.5, -0.8), Camera(), 160, 90) is None
