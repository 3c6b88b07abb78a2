import numpy as np

from kineograph.engines.animatic.pictures.flow import CAP, flows, related


def test_a_shift_is_found_in_both_directions(painted):
    wide = painted["landscape"](520, 272)
    forth, back = flows(wide[:, 20:500], wide[:, 8:488])  # things are 12 pixels further right in the second
    rows, columns = forth.shape[:2]
    middle = np.s_[rows // 4 : rows * 3 // 4, columns // 4 : columns * 3 // 4]
    assert abs(np.median(forth[middle][..., 0]) * 480 - 12) < 2
    assert abs(np.median(back[middle][..., 0]) * 480 + 12) < 2


def test_pictures_that_do_not_match_hardly_move(painted):
    forth, back = flows(painted["landscape"](seed=1), painted["towers"](night=True))
    assert np.abs(forth).mean() < 0.012
    assert max(np.abs(forth).max(), np.abs(back).max()) <= CAP + 1e-6


def test_it_knows_what_belongs_together(painted):
    ground = painted["landscape"](560, 272, seed=9)
    assert related(ground[:, 40:520].copy(), ground[:, 16:496].copy())
    assert related(painted["towers"](), painted["towers"](night=True))
    assert not related(painted["landscape"](), painted["towers"]())
