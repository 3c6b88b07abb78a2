"""The light on the cast where there is fog between."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kineograph.engines.animatic.light.rig import Light, against_fog

ONE = np.ones(3, np.float32)
FOG = Light(ONE, ONE, ONE, ONE, ONE, 1 / 100, np.ones((5, 2, 2, 3), np.float32))


def test_fog_darkens_who_stands_far_in_it_more_than_who_stands_near() -> None:
    near, far = against_fog(FOG, 5.0), against_fog(FOG, 35.0)
    assert 0.5 < far.sky[0] < 0.75 < near.sky[0] < 1.0
    assert far.haze_density < FOG.haze_density
    assert far.haze is FOG.haze


def test_nobody_is_darkened_by_night_or_beyond_all_light() -> None:
    assert against_fog(replace(FOG, night=1.0), 35.0).sky == pytest.approx(ONE)
    assert against_fog(replace(FOG, haze_density=1.0), 500.0).environment.min() > 0
