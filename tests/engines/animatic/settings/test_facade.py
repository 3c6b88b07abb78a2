"""Walls land where the eye sees them, throw shadows, and hold lamps."""

import numpy as np
import pytest

from kineograph.engines.animatic.noise import spectral
from kineograph.engines.animatic.settings.city import Box, faces, shadows
from kineograph.engines.animatic.settings.facade import walls
from kineograph.engines.animatic.shot import named_rng

TILE = spectral(64, 2, named_rng(1, "stains"))
VIEW = np.array([200.0, 80.0, 90.0, 5.0], np.float32)  # focal, axis, horizon, eye
FRONT = np.array([0.0, 0.5, -0.866], np.float32)


def make_box(x=0.0, z=400.0, width=60.0, high=105.0, **other) -> Box:
    spec = {"deep": 40.0, "turn": 0.0, "low": 0.0, "style": "punched", "albedo": (0.5, 0.4, 0.3), "glass": 0.3}
    return Box(x=x, z=z, width=width, high=high, **{**spec, "lit": 0.6, "warm": (1.3, 0.9, 0.5), "seed": 7, **other})


def draw(boxes: list[Box], light=FRONT, haze: float = 0.0) -> np.ndarray:
    plate = np.zeros((110, 160, 12), np.float32)
    walls(plate, faces(boxes, haze, 0), shadows(boxes), light, VIEW, TILE)
    return plate


def test_a_box_stands_where_perspective_puts_it():
    covered = draw([make_box()])[..., 11] > 0.5
    front = 400 - 20  # the near face
    assert np.flatnonzero(covered.any(0))[0] == pytest.approx(80 - 30 / front * 200, abs=1)
    assert np.flatnonzero(covered.any(1))[0] == pytest.approx(90 - 100 / front * 200, abs=1)


def test_a_building_between_the_sun_and_a_wall_shades_it():
    sun = np.array([0.7, 0.4, -0.59], np.float32)
    wall, tower = make_box(), make_box(x=110.0, z=310.0, width=60.0, high=300.0)
    alone, shaded = draw([wall], sun), draw([wall, tower], sun)
    seen = slice(40, 85), slice(70, 90)
    assert shaded[seen][..., 0].mean() < 0.7 * alone[seen][..., 0].mean()
    assert np.allclose(shaded[seen][..., 3], alone[seen][..., 3], atol=1e-5), "the sky reaches both"


def test_haze_hides_walls_more_than_lamps():
    clear, hazy = draw([make_box()]), draw([make_box()], haze=1 / 400)
    assert hazy[..., 6].max() > clear[..., 6].max() + 0.2
    walls_left = hazy[..., 0].sum() / clear[..., 0].sum()
    lamps_left = hazy[..., 7].sum() / clear[..., 7].sum()
    assert walls_left < lamps_left < 1


def test_a_spire_runs_to_a_point():
    covered = draw([make_box(style="blank", taper=1.0)])[..., 11]
    assert covered[42].sum() < 0.35 * covered[80].sum()


def test_cover_is_never_more_than_full():
    plate = draw([make_box(), make_box(x=20, z=300), make_box(x=-30, z=250, turn=0.5)])
    assert plate[..., 11].max() <= 1 + 1e-5
    assert np.isfinite(plate).all()
    assert plate.min() >= 0
