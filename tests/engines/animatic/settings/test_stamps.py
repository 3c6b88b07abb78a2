"""Stamps cover what they should, blend or add, and stay inside the picture."""

import numpy as np
import pytest

from kineograph.engines.animatic.settings.stamps import (
    DISC,
    FLOWER,
    LEAF,
    PETAL,
    RING,
    STAMP_COLUMNS,
    STREAK_COLUMNS,
    stamps,
    streaks,
    veil,
)


def stamp(shape: float, x: float = 20.0, y: float = 20.0, add: float = 0.0) -> np.ndarray:
    rows = np.zeros((1, STAMP_COLUMNS), np.float32)
    rows[0, :6] = x, y, 8, 8, 1, 0
    rows[0, 6:9] = 1, 0.5, 0.25
    rows[0, 9:13] = 1, 0.1, shape, add
    return rows


@pytest.mark.parametrize("shape", [DISC, PETAL, LEAF, RING, FLOWER])
def test_every_shape_draws_its_colour_inside_its_radius(shape):
    out = np.zeros((40, 40, 3), np.float32)
    stamps(out, stamp(shape))
    y, x = np.mgrid[0:40, 0:40] + 0.5
    drawn = out[..., 0] > 0.01
    assert 20 < drawn.sum() < 230
    assert (np.hypot(x - 20, y - 20)[drawn] < 9.2).all()
    assert out[..., 0].max() == pytest.approx(1, abs=0.02)
    assert np.allclose(out[..., 1], out[..., 0] * 0.5)


def test_covering_hides_and_adding_brightens():
    cover, add = np.full((40, 40, 3), 2.0, np.float32), np.full((40, 40, 3), 2.0, np.float32)
    stamps(cover, stamp(DISC))
    stamps(add, stamp(DISC, add=1.0))
    assert cover[20, 20, 0] == pytest.approx(1.0)
    assert add[20, 20, 0] == pytest.approx(3.0)


@pytest.mark.parametrize(("x", "y"), [(-3, 5), (43, 41), (-100, -100), (20, 1e6)])
def test_what_leaves_the_picture_is_cut_off(x, y):
    out = np.zeros((40, 40, 3), np.float32)
    stamps(out, stamp(DISC, x, y))
    assert np.isfinite(out).all()


def test_a_streak_runs_between_its_ends_and_fades_towards_them():
    rows = np.zeros((1, STREAK_COLUMNS), np.float32)
    rows[0] = 10, 5, 14, 35, 1, 1, 1, 1, 0.5
    out = np.zeros((40, 40, 3), np.float32)
    streaks(out, rows)
    assert out[:4].max() == 0
    assert out[20].max() > out[7].max() > 0
    assert abs(int(out[20, :, 0].argmax()) - 12) <= 1


def test_a_veil_follows_its_rows():
    out = np.zeros((40, 64, 3), np.float32)
    rows = np.linspace(0, 0.8, 40).astype(np.float32)
    veil(out, np.zeros((16, 16), np.float32), rows, np.ones(3, np.float32), np.float32(0), np.float32(0))
    assert out[0].max() == 0
    assert np.allclose(out[30], 0.55 * rows[30], atol=1e-5)
