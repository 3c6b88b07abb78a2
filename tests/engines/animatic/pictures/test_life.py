from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from kineograph.engines.animatic.pictures.life import bring_to_life
from kineograph.engines.animatic.pictures.seen import look


@pytest.fixture(scope="module")
def seen(painted):
    return look(painted["landscape"]())


PROMPTS = [
    "",
    "waves on the sea",
    "leaves in the wind",
    "from day to night",
    "sunbeams",
    "the camera pans over a stormy lake",
]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_everything_is_still_at_the_start(seen, shoot, prompt):
    fields = bring_to_life(seen, shoot(prompt)).at(0.0)
    assert np.abs(fields.dx).max() == 0
    assert np.abs(fields.dy).max() == 0
    assert np.abs(fields.gain - 1).max() < 1e-6
    assert fields.tint == (0.0, 0.0)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_fields_never_fold_the_picture(seen, shoot, prompt):
    life = bring_to_life(seen, shoot(prompt, frames=240))
    columns = seen.near.shape[1]
    for t in (0.5, 4.0, 9.9):
        fields = life.at(t)
        # Neighbouring cells take their pixels from places in the same order, and less than three times as far apart.
        stretch = 1 + np.diff(fields.dx, axis=1) * columns
        assert (stretch.min() > 0.3, stretch.max() < 2.0) == (True, True)
        drop = 1 + np.diff(fields.dy, axis=0) * columns
        assert (drop.min() > 0.3, drop.max() < 2.0) == (True, True)


MOVES = ["drift", "push", "pull", "pan", "track", "orbit", "tilt", "aerial", "handheld"]


@pytest.mark.parametrize("size", [(480, 272), (272, 480), (640, 276)])
def test_no_camera_move_looks_over_the_pictures_border(painted, shoot, size):
    seen, shot = look(painted["landscape"](*size)), shoot("", size)
    for camera, seed in product(MOVES, (1, 2, 3)):
        life = bring_to_life(seen, replace(shot, seed=seed, spec=replace(shot.spec, camera=camera)))
        fields = life.at(life.seconds)
        assert (life.across + fields.dx)[:, 0].min() > life.across[0, 0] - 0.004
        assert (life.across + fields.dx)[:, -1].max() < life.across[0, -1] + 0.004
        assert (life.down + fields.dy)[0].min() > life.down[0, 0] - 0.004
        assert (life.down + fields.dy)[-1].max() < life.down[-1, 0] + 0.004


def test_a_fixed_camera_moves_nothing_but_the_clouds(seen, shoot):
    fields = bring_to_life(seen, shoot("", camera_fixed=True)).at(1.9)
    lower = seen.sky.shape[0] * 3 // 4
    assert np.abs(fields.dx[lower:]).max() < 1e-4
    assert np.abs(fields.dy).max() == 0
    assert np.abs(fields.dx[: lower // 4]).max() > 1e-3


def test_night_falls_by_the_end(seen, shoot):
    shot = shoot("from day to night")
    assert bring_to_life(seen, shot).at(2.0).gain.mean() < 0.65


def test_seeds_go_different_ways(seen, shoot):
    sides = {bring_to_life(seen, shoot("", seed=seed)).side for seed in range(8)}
    assert sides == {-1.0, 1.0}


def all_over(seen, **masks):
    return replace(seen, **{name: np.full_like(seen.near, value) for name, value in masks.items()})


def test_what_is_said_to_sway_sways(seen, shoot):
    leaves = all_over(seen, foliage=1)
    still_air = bring_to_life(leaves, shoot("", camera_fixed=True)).at(1.7)
    swaying = bring_to_life(leaves, shoot("the leaves sway", camera_fixed=True)).at(1.7)
    assert np.abs(swaying.dy - still_air.dy).max() > 2e-4


def test_water_that_is_said_to_shimmer_shimmers(seen, shoot):
    lake = all_over(seen, water=1)
    assert np.ptp(bring_to_life(lake, shoot("the lake shimmers")).at(2.0).gain) > 0.05
    assert np.ptp(bring_to_life(lake, shoot("a calm day")).at(2.0).gain) == 0
