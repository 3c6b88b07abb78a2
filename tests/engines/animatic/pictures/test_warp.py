import numpy as np
import pytest

from kineograph.engines.animatic.pictures.planes import padded, to_frame
from kineograph.engines.animatic.pictures.warp import Fields, grid, warp


def fields(width, height, dx=0.0, dy=0.0, gain=1.0, tint=(0.0, 0.0)):
    shape = grid(width, height)
    return Fields(*(np.full(shape, value, np.float32) for value in (dx, dy, gain)), tint)


@pytest.mark.parametrize("size", [(480, 272), (272, 480), (320, 320)])
def test_still_fields_change_nothing(painted, size):
    frame = to_frame(painted["landscape"](*size))
    for shown, given in zip(warp(padded(frame), fields(*size)), frame, strict=True):
        assert np.array_equal(shown, given)


def test_a_displacement_takes_pixels_from_there(painted):
    frame = to_frame(painted["landscape"]())
    shown = warp(padded(frame), fields(480, 272, dx=8 / 480, dy=4 / 480))
    assert np.abs(shown.y[10:-20, 10:-20].astype(int) - frame.y[14:-16, 18:-12]).max() <= 1
    assert np.abs(shown.u[10:-20, 10:-20].astype(int) - frame.u[12:-18, 14:-16]).max() <= 1


def test_moving_keeps_the_picture_sharp(painted):
    frame = to_frame(painted["landscape"]())
    shown = warp(padded(frame), fields(480, 272, dx=0.5 / 480))
    detail = [np.abs(np.diff(plane.astype(int), axis=1)).mean() for plane in (shown.y, frame.y)]
    assert detail[0] > 0.8 * detail[1]  # bilinear would keep 0.6


def test_gain_is_brightness_and_tint_is_colour(painted):
    frame = to_frame(painted["landscape"]())
    dim = warp(padded(frame), fields(480, 272, gain=0.5))
    assert (dim.y.astype(float).mean() - 16) / (frame.y.astype(float).mean() - 16) == pytest.approx(0.5, abs=0.02)
    blue = warp(padded(frame), fields(480, 272, tint=(10.0, 0.0)))
    assert blue.u.mean() > frame.u.mean() + 2
    assert np.array_equal(blue.v, frame.v)


def test_every_size_has_the_same_grid_for_its_shape():
    assert grid(1920, 1088) == grid(864, 490)
    assert grid(1088, 1920) == tuple(reversed(grid(1920, 1088)))
