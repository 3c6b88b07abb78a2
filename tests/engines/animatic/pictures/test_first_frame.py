from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from kineograph.engines.animatic.pictures.first_frame import build
from kineograph.media.encode import encode
from kineograph.media.poster import still_at


@pytest.mark.parametrize("size", [(480, 272), (272, 480), (320, 320)])
@pytest.mark.parametrize("name", ["landscape", "towers"])
def test_frame_0_is_the_given_picture_after_encoding(painted, shoot, decibels, tmp_path, size, name):
    image = painted[name](*size)
    film = build(shoot("clouds drift, petals falling", size, 12), image)
    path = encode((film.frame(i) for i in range(12)), fps=Fraction(24), path=tmp_path / "a.mp4", sharp=film.sharp)
    assert decibels(still_at(path, 0), image) >= 40


def test_the_picture_lives(painted, shoot):
    film = build(shoot("clouds drift"), painted["landscape"]())
    assert np.abs(film.frame(40).y.astype(int) - film.frame(0).y).mean() > 2


def test_it_begins_without_a_jump_and_goes_on_smoothly(painted, shoot):
    film = build(shoot("leaves sway in the wind"), painted["landscape"]())
    frames = [film.frame(index).y.astype(int) for index in range(8)]
    steps = [np.abs(b - a).mean() for a, b in pairwise(frames)]
    assert max(steps) < 2.5
    assert min(steps) > 0


def test_frames_are_the_same_from_any_thread_in_any_order(painted, shoot):
    film = build(shoot("snow falls in the wind"), painted["landscape"]())
    order = [30, 2, 17, 30, 2, 17]
    with ThreadPoolExecutor(2) as pool:
        frames = list(pool.map(film.frame, order))
    for one, other in zip(frames[:3], frames[3:], strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_the_same_request_builds_the_same_film_and_another_seed_another(painted, shoot):
    image = painted["landscape"]()
    one, same = build(shoot("petals falling"), image), build(shoot("petals falling"), image)
    others = [build(shoot("petals falling", seed=seed), image) for seed in (4, 5, 6)]
    assert np.array_equal(one.frame(30).y, same.frame(30).y)
    away = [np.abs(one.frame(30).y.astype(int) - other.frame(30).y).mean() for other in others]
    assert min(away) > 0.3
    assert max(away) > 0.9
