"""Crowns throw their flecks where the sun sends them, and petals fall below."""

import numpy as np

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.settings.blossom import Habit, Stand, grow, light_tree
from kineograph.engines.animatic.settings.lawn import flecks, paint_lawn
from kineograph.engines.animatic.settings.plates import Canvas
from kineograph.engines.animatic.shot import Shot, named_rng
from kineograph.engines.animatic.spec import SceneSpec

PALETTE = {"petals": np.full((3, 3), 0.8), "grass": np.array([[0.05, 0.1, 0.02], [0.15, 0.2, 0.05]])}
SUN = np.array([-0.6, 0.7, 0.39])


def make_stand() -> Stand:
    tree = grow(Habit(5.0, flowers=8000), named_rng(1, "tree"))
    return Stand(light_tree(tree, SUN, PALETTE["petals"], named_rng(1, "light")), 0.0, 8.0)


def middle(tile: np.ndarray) -> np.ndarray:
    """Centre of mass of a ground map: row (z) and column (x) in cells."""
    z, x = np.mgrid[0 : tile.shape[0], 0 : tile.shape[1]]
    return np.array([(z * tile).sum(), (x * tile).sum()]) / tile.sum()


def test_the_shadow_falls_away_from_the_sun_and_the_petals_below_the_tree():
    light = flecks([make_stand()], SUN)
    shade, fallen = middle(1 - light.sun), middle(light.fallen)
    assert shade[1] > fallen[1] + 8, "the sun stands left, the shadow falls right"
    assert shade[0] < fallen[0] - 4, "the sun stands behind, the shadow comes forward"
    assert abs(fallen[0] * 0.10 - 8.0) < 1.5


def test_the_lawn_covers_everything_below_the_horizon():
    rest = Camera(horizon=0.6, y=1.4)
    canvas = Canvas.of(Shot(SceneSpec(), 160, 90, 24, 1, CameraPath(rest, rest, 1.0), rest, 1.0))
    plate = canvas.blank()
    paint_lawn(plate, canvas, [make_stand()], SUN, PALETTE, 0.5, 0.01, named_rng(1, "lawn"))
    horizon = canvas.my + 0.6 * canvas.height
    assert np.allclose(plate[int(horizon) + 2 :, :, 7], 1, atol=1e-4)
    assert plate[: int(horizon) - 8, :, 7].max() == 0
    assert np.isfinite(plate).all()
    assert plate.min() >= -1e-6
