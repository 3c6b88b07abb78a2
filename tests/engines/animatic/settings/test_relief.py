"""Height fields: they tile, rain wears them, they shade themselves."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.settings.relief import dunes, eroded, ridged, shadows


def test_dunes_and_worn_ridges_tile() -> None:
    for field in (
        dunes(np.random.default_rng(1)),
        eroded(ridged(np.random.default_rng(1)), np.random.default_rng(2), 4000),
    ):
        inside = np.abs(np.diff(field, axis=1)).mean()
        assert np.abs(field[:, 0] - field[:, -1]).mean() < 2.5 * inside
        assert 0 <= field.min() < 0.2 < field.max() <= 1.2


def test_rain_moves_soil_and_makes_hardly_any() -> None:
    before = ridged(np.random.default_rng(1))
    after = eroded(before, np.random.default_rng(2), 4000)
    assert np.abs(after - before).max() > 0.005
    assert abs(float(after.mean() - before.mean())) < 0.05


def test_a_low_sun_throws_longer_shadows_than_a_high_one() -> None:
    field = dunes(np.random.default_rng(1))
    low, high = (shadows(field, 40.0, np.array([np.cos(a), np.sin(a), 0.0], np.float32)) for a in (0.15, 1.2))
    assert low.shape == (256, 256)
    assert low.mean() < 0.8 * high.mean()
    assert 0 <= low.min() <= high.max() <= 1
