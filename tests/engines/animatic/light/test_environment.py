"""The prefiltered surrounding."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kineograph.engines.animatic.light.environment import LEVELS, directions, environment_of, lookup

F32 = NDArray[np.float32]


def _sky(d: F32) -> F32:
    """White above, black below."""
    return np.where(d[:, 1:2] > 0, np.float32(1), np.float32(0)) * np.ones(3, np.float32)


def test_a_uniform_surrounding_stays_uniform_at_every_level() -> None:
    environment = environment_of(lambda d: np.full_like(d, 0.7))
    assert environment.shape[0] == LEVELS
    np.testing.assert_allclose(environment, 0.7, atol=2e-3)


def test_irradiance_of_half_a_sky() -> None:
    environment = environment_of(_sky)
    # Lambert: full from above, half on a wall, nothing from below.
    for direction, wanted in (((0, 1, 0), 1.0), ((1, 0, 0), 0.5), ((0, -1, 0), 0.0), ((0, 0, -1), 0.5)):
        assert float(lookup(environment, direction, LEVELS - 1).mean()) == pytest.approx(wanted, abs=0.03)


def test_rougher_levels_blur_more() -> None:
    environment = environment_of(_sky)
    just_below = (1.0, -0.25, 0.0)
    seen = [float(lookup(environment, just_below, level)[0]) for level in range(5)]
    assert seen[0] == 0
    assert seen == sorted(seen)
    assert seen[4] > 0.2


def test_the_seam_of_the_map_joins_the_same_directions() -> None:
    d = directions(9, nodes=True)
    np.testing.assert_allclose(d[0], d[0, ::-1], atol=1e-6)
    np.testing.assert_allclose(d[:, -1], d[::-1, -1], atol=1e-6)
