import numpy as np
import pytest

from kineograph.engines.animatic.pictures.seen import look
from kineograph.engines.animatic.pictures.warp import grid


@pytest.mark.parametrize("size", [(480, 272), (272, 480), (640, 276)])
def test_masks_are_the_grids_and_between_none_and_all(painted, size):
    seen = look(painted["landscape"](*size))
    for mask in (seen.near, seen.sky, seen.water, seen.foliage, seen.front, seen.bright):
        assert mask.shape == grid(*size)
        assert mask.dtype == np.float32
        assert (mask.min() >= 0, mask.max() <= 1) == (True, True)


def test_the_sky_is_above_and_the_ground_is_nearer(painted):
    seen = look(painted["landscape"]())
    rows = seen.sky.shape[0]
    assert seen.sky[: rows // 5].mean() > 0.5
    assert seen.sky[rows * 3 // 4 :].max() < 0.05
    assert seen.near[-rows // 8 :].mean() > seen.near[: rows // 4].mean() + 0.4


def test_depth_has_no_edges_to_tear_at(painted):
    near = look(painted["towers"]()).near
    assert max(np.abs(np.diff(near, axis=0)).max(), np.abs(np.diff(near, axis=1)).max()) < 0.06


def test_somebody_in_the_middle_is_seen_in_front(painted):
    image = painted["landscape"]()
    image[100:250, 210:270] = 200, 60, 40
    front = look(image).front
    rows, columns = front.shape
    assert front[rows // 2 : rows * 4 // 5, columns * 45 // 100 : columns * 55 // 100].mean() > 0.8
    assert front[:, : columns // 4].mean() < 0.1


def test_looking_twice_sees_the_same(painted):
    one, other = look(painted["landscape"](seed=2)), look(painted["landscape"](seed=2))
    assert np.array_equal(one.near, other.near)
    assert np.array_equal(one.front, other.front)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_picture_of_one_colour_is_looked_at_without_trouble(value):
    assert np.isfinite(look(np.full((128, 128, 3), value, np.uint8)).near).all()
