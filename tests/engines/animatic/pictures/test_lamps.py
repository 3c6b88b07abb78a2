import numpy as np

from kineograph.engines.animatic.pictures.lamps import darker, lamps_of
from kineograph.engines.animatic.pictures.planes import to_frame


def test_lit_windows_are_lamps_with_moments_of_their_own(painted):
    day, night = to_frame(painted["towers"]()), to_frame(painted["towers"](night=True))
    lamps = lamps_of(day, night, np.random.default_rng(1))
    lit = lamps.dark < 255
    luma = night.y[::2, ::2]
    assert lit[luma > 170].mean() > 0.9
    assert lamps.dark[luma > 170].mean() < 110
    moments = np.unique(lamps.moment[lit])
    assert len(moments) > 30
    assert (moments.min() >= 0.2, moments.max() <= 0.95) == (True, True)


def test_one_window_switches_as_one(painted):
    night = to_frame(np.full((272, 480, 3), 12, np.uint8))
    night.y[100:106, 200:206] = 210
    lamps = lamps_of(to_frame(np.full((272, 480, 3), 180, np.uint8)), night, np.random.default_rng(1))
    assert len(np.unique(lamps.moment[50:53, 100:103])) == 1


def test_a_picture_that_gets_no_darker_has_no_lamps(painted):
    one, other = to_frame(painted["landscape"](seed=1)), to_frame(painted["landscape"](seed=2))
    assert lamps_of(one, other, np.random.default_rng(1)).dark.min() == 255
    assert not darker(one, other)
