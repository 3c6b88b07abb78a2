"""Light in the air, worked out small and added large."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kineograph.engines.animatic.settings.glow import shine, spots

COLOUR = np.array([1.0, 0.5, 0.25], np.float32)


@pytest.mark.parametrize("size", [(12, 16), (13, 9)])
def test_light_is_enlarged_bilinearly_and_added(size: tuple[int, int]) -> None:
    small = np.random.default_rng(1).random(size).astype(np.float32)
    out = np.full((96, 128, 3), 0.5, np.float32)
    shine(out, small, COLOUR)
    large = cv2.resize(small, (128, 96), interpolation=cv2.INTER_LINEAR)
    assert out == pytest.approx(0.5 + large[..., None] * COLOUR, abs=2e-3)


def test_where_nothing_shines_the_picture_is_left_alone() -> None:
    out = np.full((96, 128, 3), np.nan, np.float32)
    small = np.zeros((12, 16), np.float32)
    small[10:] = 1
    shine(out, small, COLOUR)
    assert np.isnan(out[:60]).all()  # memory that nobody has painted yet


def test_a_spot_is_brightest_in_its_middle_and_may_lie_outside() -> None:
    small = np.zeros((40, 60), np.float32)
    spots(small, np.array([[20, 10, 4, 0.5], [-3, 50, 2, 1]], np.float32))
    assert small.argmax() == 10 * 60 + 20
    assert small.max() == pytest.approx(0.5)
    assert small[10, 24] == pytest.approx(0.5 * np.exp(-1), abs=0.01)
    assert small[30:].max() == 0
