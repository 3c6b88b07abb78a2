"""Brushes keep plates premultiplied and light limbs from the right side."""

import numpy as np

from kineograph.engines.animatic.noise import spectral
from kineograph.engines.animatic.settings.painting import DAB_COLUMNS, LIMB_COLUMNS, dabs, limbs
from kineograph.engines.animatic.settings.stamps import DISC
from kineograph.engines.animatic.shot import named_rng


def test_dabs_lie_over_one_another_in_order():
    plate = np.zeros((30, 30, 8), np.float32)
    rows = np.zeros((2, DAB_COLUMNS), np.float32)
    rows[:, :5] = 15, 15, 8, 8, 1
    rows[:, 6:9] = 0.05, DISC, 1
    values = np.zeros((2, 8), np.float32)
    values[0, 0], values[1, 3], values[:, 7] = 1, 1, 1
    dabs(plate, rows, values)
    assert plate[15, 15, 0] == 0
    assert plate[15, 15, 3] == 1
    assert plate[15, 15, 7] == 1
    assert plate[0, 0].max() == 0


def test_a_trunk_is_bright_on_the_side_of_the_sun():
    plate = np.zeros((60, 60, 8), np.float32)
    rows = np.zeros((1, LIMB_COLUMNS), np.float32)
    rows[0] = 30, 55, 10, 30, 5, 10, 0, 0, -1, 1, 2
    sun = np.array([0.8, 0.3, -0.52], np.float32)
    limbs(plate, rows, np.full(3, 0.2, np.float32), sun, spectral(64, 2, named_rng(1, "bark")))
    left, right = plate[20:40, 22:26, 0].mean(), plate[20:40, 34:38, 0].mean()
    assert right > 2 * left
    assert plate[..., 7].max() <= 1 + 1e-6
    assert plate[30, 30, 7] == 1
    assert plate[30, 10, 7] == 0
