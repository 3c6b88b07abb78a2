import numpy as np
import pytest

from kineograph.engines.animatic.noise import f4, kernel
from kineograph.engines.animatic.pictures.planes import (
    PAD,
    WEIGHTS,
    as_given,
    cells,
    padded,
    sharp_block,
    soft_pair,
    to_frame,
)
from kineograph.media.poster import still


@kernel
def block(plane, x, y, weights, wider=0.0):
    return sharp_block(plane, f4(x), f4(y), f4(wider), f4(0), weights)


@kernel
def pair(us, vs, x, y):
    return soft_pair(us, vs, f4(x), f4(y))


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ((0, 0, 0), (16, 128, 128)),
        ((255, 255, 255), (235, 128, 128)),
        ((255, 0, 0), (63, 102, 240)),  # ITU-R BT.709, limited range
        ((0, 255, 0), (173, 42, 26)),
        ((0, 0, 255), (32, 240, 118)),
    ],
)
def test_colours_become_bt709(colour, expected):
    frame = to_frame(np.full((8, 8, 3), colour, np.uint8))
    assert [int(plane[1, 1]) for plane in frame] == pytest.approx(list(expected), abs=1)


def test_a_given_picture_comes_back_nearer_than_by_the_formula(painted, decibels):
    image = painted["towers"](night=True)
    assert decibels(still(as_given(image)), image) > decibels(still(to_frame(image)), image) + 0.2


def test_chroma_is_the_mean_of_four_pixels():
    image = np.zeros((2, 2, 3), np.uint8)
    image[0, 0] = 255, 0, 0
    whole = to_frame(np.full((2, 2, 3), (64, 0, 0), np.uint8))
    assert abs(int(to_frame(image).v[0, 0]) - int(whole.v[0, 0])) <= 1


def test_whole_positions_give_the_pixels_themselves():
    plane = np.random.default_rng(0).integers(16, 235, (20, 24), np.uint8)
    frame = padded(to_frame(np.zeros((20, 24, 3), np.uint8))._replace(y=plane))
    assert block(frame.y, 6.0, 9.0, WEIGHTS) == pytest.approx(plane[9:11, 6:8].ravel(), abs=0.8)


def test_a_slope_is_read_exactly_between_pixels():
    plane = np.tile(np.arange(20, 20 + 4 * 40, 4, dtype=np.uint8), (20, 1))
    frame = padded(to_frame(np.zeros((20, 40, 3), np.uint8))._replace(y=plane))
    a, b, _, _ = block(frame.y, 10.5, 5.25, WEIGHTS)
    assert (a, b) == pytest.approx((62.0, 66.0), abs=0.2)
    a, b, _, _ = block(frame.y, 10.25, 5.25, WEIGHTS, 0.25)
    assert (a, b) == pytest.approx((61.0, 66.0), abs=0.2)
    u, v = pair(frame.y, frame.y, 10.5, 5.25)
    assert (u, v) == pytest.approx((62.0, 62.0), abs=0.1)


def test_positions_outside_repeat_the_edge():
    plane = np.full((20, 24), 99, np.uint8)
    frame = padded(to_frame(np.zeros((20, 24, 3), np.uint8))._replace(y=plane))
    for x, y in ((-500.0, 3.0), (500.0, 3.0), (3.0, -500.0), (3.0, 500.0)):
        assert block(frame.y, x, y, WEIGHTS) == pytest.approx((99,) * 4, abs=0.1)
    assert frame.y.shape == (20 + 2 * PAD, 24 + 2 * PAD)


def test_cells_lie_around_the_blocks():
    index, share = cells(100, 10)
    assert index.min() == 0
    assert index.max() == 8
    assert np.all(np.diff(index + share) >= 0)
    assert index[50] + share[50] == pytest.approx(50.5 * 10 / 100 - 0.5)
