"""Trunks, ferns, leaves and spruces."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.noise import spectral
from kineograph.engines.animatic.settings import woods
from kineograph.engines.animatic.spec import SceneSpec

LIGHT = Sky(direct(SceneSpec(), width=160, height=96, frames=24, seed=1)).light(0.0)


def test_a_spruce_tapers_and_snow_makes_it_lighter() -> None:
    bare, laden = (woods.spruce(120, LIGHT, np.random.default_rng(3), snow) for snow in (0.0, 0.6))
    cover = bare[..., 3]
    assert cover[100].sum() > 2.5 * cover[30].sum() > 0
    shade = [float(tree[..., :3].sum() / tree[..., 3].sum()) for tree in (bare, laden)]
    assert shade[1] > 1.5 * shade[0]


def test_a_trunk_is_as_wide_as_asked_and_vanishes_in_full_haze() -> None:
    rows = np.zeros((1, woods.TRUNK_COLUMNS))
    rows[0, :6] = 40, 78, 40, -5, 6, 5
    rows[0, 7:] = 1.0, 0.2, 0.3, 0.4
    numbers = np.full((6, 3), 0.3, np.float32)
    out = np.zeros((80, 80, 4), np.float32)
    woods.trunks(out, spectral(64, 1.9, np.random.default_rng(1), lo=3), rows, numbers)
    assert 9 < out[40, :, 3].sum() < 15
    inside = out[out[..., 3] > 0.999][:, :3]
    assert np.allclose(inside, (0.2, 0.3, 0.4), atol=1e-4)


def test_ferns_rise_from_their_foot_and_needles_are_narrow() -> None:
    rng = np.random.default_rng(2)
    fern = woods.fern(50.0, 90.0, 40.0, np.array([0.1, 0.2, 0.05]), np.ones(3), np.ones(3), rng)
    assert 90 - 60 < fern[:, 1].min() < 90 - 15
    at, paint, size = rng.random((20, 2)) * 50, np.full((20, 3), 0.2), np.full(20, 6.0)
    leaves, needles = (woods.canopy(at, paint, paint, size, rng, needles=n) for n in (False, True))
    assert needles[:, 4].max() < 0.5 * leaves[:, 4].min()
