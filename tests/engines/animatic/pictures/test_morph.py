from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest

from kineograph.engines.animatic.pictures.morph import Backwards, build
from kineograph.media.encode import encode
from kineograph.media.poster import still, still_at


def test_the_ends_are_the_given_pictures_after_encoding(painted, shoot, decibels, tmp_path):
    first, last = painted["towers"](), painted["towers"](night=True)
    film = build(shoot("from day to night", frames=24), first, last)
    assert film.sharp == {0, 23}
    path = encode((film.frame(i) for i in range(24)), fps=Fraction(24), path=tmp_path / "a.mp4", sharp=film.sharp)
    assert decibels(still_at(path, 0), first) >= 40
    assert decibels(still_at(path, 1), last) >= 40


@pytest.mark.parametrize("names", [("landscape", "towers"), ("towers", "landscape")])
def test_no_frame_jumps(painted, shoot, names):
    film = build(shoot("", frames=60), painted[names[0]](), painted[names[1]]())
    frames = [film.frame(index).y.astype(int) for index in range(60)]
    steps = [np.abs(b - a).mean() for a, b in pairwise(frames)]
    whole = np.abs(frames[-1] - frames[0]).mean()
    assert max(steps) < whole / 10


def test_lights_come_on_one_by_one_while_it_gets_dark(painted, shoot):
    film = build(shoot("city lights turn on", frames=120), painted["towers"](), painted["towers"](night=True))
    night = film.frame(119).y.astype(int)
    windows = night > 170
    lit = [(np.abs(film.frame(index).y[windows] - night[windows]) < 25).mean() for index in (20, 50, 70, 90, 119)]
    assert lit == sorted(lit)
    assert lit[0] < 0.1
    assert 0.1 < lit[2] < 0.9
    assert lit[4] == 1


def test_morning_is_the_evening_backwards(painted, shoot):
    first, last = painted["towers"](night=True), painted["towers"]()
    film = build(shoot("from night to day", frames=60), first, last)
    assert isinstance(film, Backwards)
    assert film.sharp == {0, 59}
    assert np.abs(still(film.frame(0)).astype(int) - first).mean() < 2
    assert np.abs(still(film.frame(59)).astype(int) - last).mean() < 2


def test_what_moved_moves_and_is_not_seen_twice(painted, shoot):
    ground = painted["landscape"](560, 272, seed=9)
    film = build(shoot("", frames=61), ground[:, 40:520].copy(), ground[:, 16:496].copy())
    middle = still(film.frame(30)).astype(int)
    expected = ground[:, 28:508].astype(int)
    inside = np.s_[20:-20, 60:-60]
    dissolved = (ground[:, 40:520].astype(int) + ground[:, 16:496]) // 2
    assert np.abs(middle - expected)[inside].mean() < 0.6 * np.abs(dissolved - expected)[inside].mean()


def test_frames_are_the_same_from_any_thread(painted, shoot):
    film = build(shoot("", frames=30), painted["landscape"](), painted["towers"](night=True))
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(film.frame, (11, 11))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_pictures_that_share_nothing_are_swept_and_not_laid_over_each_other(painted, shoot):
    first, last = painted["landscape"](), painted["towers"]()
    film = build(shoot("", frames=61), first, last)
    middle, one, other = (cv2.blur(picture, (41, 41)).astype(int) for picture in (still(film.frame(30)), first, last))
    third = middle.shape[1] // 3
    sides = [(np.s_[:, :third], np.s_[:, -third:]), (np.s_[:, -third:], np.s_[:, :third])]
    apart = np.abs(one - other).mean()
    mixed = [(np.abs(middle - one)[left].mean() + np.abs(middle - other)[right].mean()) / 2 for left, right in sides]
    assert min(mixed) < 0.5 * apart
    assert np.abs(still(film.frame(0)).astype(int) - first).mean() < 2
    assert np.abs(still(film.frame(60)).astype(int) - last).mean() < 2
