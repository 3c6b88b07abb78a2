import numpy as np
import pytest

from kineograph.engines.animatic.subjects.bake import Occluder, bake
from kineograph.engines.animatic.subjects.nets import surface
from kineograph.engines.animatic.subjects.sdf import Shape


def dumbbell() -> np.ndarray:
    """Two balls of two colours on two bones, close together."""
    shape = Shape("fur", 0.03)
    for x, bone, colour in ((-0.32, 0, (1.0, 0.0, 0.0)), (0.32, 1, (0.0, 0.0, 1.0))):
        shape.ellipsoid((x, 0, 0), 0.3, bone=bone, colour=colour, blend=0.1, flow=(0, -1, 0))
    return shape.primitives()


def test_weights_sum_to_one_and_go_to_the_nearest_bone():
    rows = dumbbell()
    vertices, _, _ = surface(rows, 0.03)
    baked = bake(rows, vertices, np.ones((2, 2), bool), crisp=False)
    np.testing.assert_allclose(baked.weights.sum(1), 1, atol=1e-5)
    assert (baked.bones[vertices[:, 0] < -0.1, 0] == 0).all()
    assert (baked.bones[vertices[:, 0] > 0.1, 0] == 1).all()


def test_bones_that_are_not_linked_never_share_a_vertex():
    rows = dumbbell()
    vertices, _, _ = surface(rows, 0.03)
    baked = bake(rows, vertices, np.eye(2, dtype=bool), crisp=False)
    assert baked.weights[:, 0].min() == pytest.approx(1.0)


def test_cloth_keeps_its_colours_apart_where_fur_lets_them_melt():
    rows = dumbbell()
    vertices, _, _ = surface(rows, 0.03)
    near = np.abs(vertices[:, 0]) < 0.05
    mixed = [
        float(np.minimum(b.colour[near, 0], b.colour[near, 2]).mean())
        for b in (bake(rows, vertices, np.ones((2, 2), bool), crisp) for crisp in (False, True))
    ]
    assert mixed[0] > 2 * mixed[1]


def test_a_gap_between_two_balls_is_darker_than_their_outsides():
    rows = dumbbell()
    vertices, normals, _ = surface(rows, 0.03)
    open_ = Occluder.of(rows, 0.04, 0.25).at(vertices, normals)
    assert open_[vertices[:, 0] > 0.5].min() > 0.95
    assert open_[np.abs(vertices[:, 0]) < 0.08].mean() < 0.75
