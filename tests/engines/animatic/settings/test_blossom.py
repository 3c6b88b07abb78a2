"""Trees grow to their height, keep clear of faces, and are lit from the right side."""

import numpy as np
import pytest

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.noise import spectral
from kineograph.engines.animatic.settings.blossom import (
    Habit,
    Stand,
    grow,
    grow_branch,
    light_tree,
    paint_tree,
    reached,
)
from kineograph.engines.animatic.settings.plates import Canvas
from kineograph.engines.animatic.shot import Shot, named_rng
from kineograph.engines.animatic.spec import SceneSpec

PINK = np.array([[0.9, 0.4, 0.5], [0.9, 0.6, 0.7], [0.95, 0.8, 0.85]])
SUN = np.array([0.6, 0.7, 0.39])


def make_tree(seed: int = 1, **habit):
    return grow(Habit(5.0, flowers=4000, **habit), named_rng(seed, "tree"))


def test_a_tree_is_as_tall_as_asked():
    assert make_tree().limbs[:, 5].max() == pytest.approx(5.0, rel=1e-6)


def test_flowers_keep_clear_of_faces():
    assert make_tree(clear=1.8).flowers[:, 1].min() > 1.8 * 0.7
    assert make_tree(droop=0.3).flowers[:, 1].min() < 1.8 * 0.7


def test_the_same_seed_grows_the_same_tree_and_another_does_not():
    assert (make_tree(4).flowers == make_tree(4).flowers).all()
    assert make_tree(4).flowers.shape != make_tree(5).flowers.shape or not np.allclose(
        make_tree(4).flowers, make_tree(5).flowers
    )


def test_what_stands_behind_gets_less_light():
    column = np.stack([np.zeros(50), np.linspace(0, 5, 50), np.zeros(50)], 1) + 0.01
    got = reached(column, np.array([0.0, 1.0, 0.0]), 0.1)
    assert got[-1] == 1
    assert (np.diff(got) > 0).all()


def test_the_sunny_side_of_a_crown_is_brighter():
    tree = make_tree()
    lit = light_tree(tree, SUN, PINK, named_rng(1, "light"))
    along = (tree.flowers - tree.flowers.mean(0)) @ SUN
    key = lit.values[:, 0:3].mean(1)
    assert key[along > np.quantile(along, 0.8)].mean() > 1.2 * key[along < np.quantile(along, 0.2)].mean()
    assert np.isfinite(lit.values).all()
    assert lit.values.min() >= 0


def make_canvas(width: int = 160, height: int = 90) -> Canvas:
    rest = Camera(horizon=0.6)
    return Canvas.of(Shot(SceneSpec(), width, height, 24, 1, CameraPath(rest, rest, 1.0), rest, 1.0))


def test_a_painted_tree_covers_and_never_exceeds_full_cover():
    canvas = make_canvas()
    plate = canvas.blank()
    lit = light_tree(make_tree(), SUN, PINK, named_rng(1, "light"))
    paint_tree(plate, canvas, Stand(lit, 0, 6), np.full(3, 0.1), SUN, spectral(64, 2, named_rng(1, "bark")))
    assert np.isfinite(plate).all()
    assert plate.min() >= -1e-6
    assert plate[..., 7].max() <= 1 + 1e-5
    assert plate[..., 7].mean() > 0.04


def test_a_bough_hangs_from_its_origin_towards_where_it_is_sent():
    bough = grow_branch(np.array([-1.0, 0, 0]), 0.4, 200, named_rng(2, "bough"))
    assert np.allclose(bough.limbs[0, 0:3], 0)
    assert bough.flowers[:, 0].mean() < -0.2
