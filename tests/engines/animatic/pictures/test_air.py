import numpy as np
import pytest

from kineograph.engines.animatic.pictures.air import Air, light_of
from kineograph.engines.animatic.pictures.planes import to_frame
from kineograph.media.poster import still


@pytest.mark.parametrize("prompt", ["snow falls", "rain", "petals falling", "fog"])
def test_weather_is_laid_over_the_picture_but_not_at_once(painted, shoot, prompt):
    image = painted["landscape"]()
    air = Air(shoot(prompt), image)
    assert not air.empty
    given = to_frame(image)
    start, later = to_frame(image), to_frame(image)
    air.lay(0.0, start)
    air.lay(1.5, later)
    assert np.array_equal(start.y, given.y)
    assert (later.y != given.y).mean() > 0.002
    assert later.y.min() >= 16
    assert later.y.max() <= 235


def test_clear_air_changes_nothing(painted, shoot):
    image = painted["landscape"]()
    air, frame = Air(shoot("a calm day"), image), to_frame(image)
    air.lay(2.0, frame)
    assert air.empty
    assert np.array_equal(frame.y, to_frame(image).y)


def test_the_light_on_flakes_is_the_pictures():
    dark, bright = light_of(np.full((64, 64, 3), 40, np.uint8)), light_of(np.full((64, 64, 3), 220, np.uint8))
    assert dark.sky.max() < 0.25 < 0.5 < bright.sky.min()
    red = light_of(np.tile(np.array([220, 60, 40], np.uint8), (64, 64, 1)))
    assert red.sky[0] > 1.2 * red.sky[2]


def test_snow_is_white_before_a_red_picture(shoot):
    red = np.full((272, 480, 3), (178, 36, 40), np.uint8)
    frame = to_frame(red)
    Air(shoot("snow falls", frames=48), red).lay(1.5, frame)
    seen = still(frame).astype(int)
    assert (seen.min(2) > 36 + 50).mean() > 0.001
    assert (seen[..., 0] >= 170).mean() > 0.98, "none of it is darker than the picture"
