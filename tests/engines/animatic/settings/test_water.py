"""Water mirrors what stands above it, and moves."""

import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import ripple, spectral
from kineograph.engines.animatic.settings.strips import split
from kineograph.engines.animatic.settings.water import mirror
from kineograph.engines.animatic.shot import named_rng

EYE = Camera(y=6.0, horizon=0.6, focal=1.15)
TILES = (split(ripple(64, named_rng(1, "ripple"), 4, 24)), spectral(64, 2.6, named_rng(1, "patch"), 2))


def make_light() -> Light:
    grey = np.full(3, 0.3, np.float32)
    return Light(grey, grey, grey, grey, grey, 1e-4, np.zeros((1, 2, 2, 3), np.float32))


def paint(above: np.ndarray, t: float = 0.0, rough: float = 0.6) -> np.ndarray:
    out = np.full((120, 160, 3), np.nan, np.float32)
    out[:74] = above
    mirror(t, EYE, make_light(), 74, rough, TILES, None, out)
    return out


def test_every_row_below_the_line_is_painted():
    assert np.isfinite(paint(np.full((74, 160, 3), 0.5, np.float32))).all()


def test_a_tower_stands_in_the_water_below_itself():
    above = np.full((74, 160, 3), 0.1, np.float32)
    above[30:74, 100:110] = 2.0
    water = paint(above)[76:100, :, 0].mean(0)
    assert water[100:110].mean() > 3 * water[20:60].mean()


def test_the_water_moves_and_the_sky_above_does_not():
    above = np.random.default_rng(1).random((74, 160, 3)).astype(np.float32)
    a, b = paint(above, 0.0), paint(above, 0.5)
    assert (a[:74] == b[:74]).all()
    assert np.abs(a[74:] - b[74:]).mean() > 0.002
