"""What grows on the sea floor."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kineograph.engines.animatic.settings import reef
from kineograph.engines.animatic.settings.strokes import COLUMNS


@pytest.mark.parametrize("grow", [reef.kelp, reef.branching, reef.boulder, reef.fan, reef.sponge, reef.grass])
def test_everything_grows_upwards_from_its_foot_and_scales(grow: Callable[..., np.ndarray]) -> None:
    def lit(albedo: np.ndarray, share: np.ndarray) -> np.ndarray:
        return np.asarray(albedo * np.asarray(share)[..., None])

    small, large = (grow(100.0, 200.0, metre, lit, np.random.default_rng(4)) for metre in (40.0, 80.0))
    assert small.shape[1] == COLUMNS
    assert np.isfinite(small).all()
    assert small[:, 6:9].min() >= 0
    assert small[:, [1, 3]].max() < 200 + 0.2 * 40
    assert 1.6 < (200 - large[:, 3].min()) / (200 - small[:, 3].min()) < 2.4
