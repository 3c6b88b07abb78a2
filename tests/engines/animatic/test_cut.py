"""Films of two scenes."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.cut import DISSOLVE, Scenes, cut, film_of, length_of, shots_of, turn
from kineograph.media.frame import Frame


class Grey:
    """A film of one grey a frame."""

    sharp: frozenset[int] = frozenset({0})

    def __init__(self, grey: int) -> None:
        self.grey = grey

    def frame(self, index: int) -> Frame:
        full, half = np.full((4, 4), self.grey, np.uint8), np.full((2, 2), 128, np.uint8)
        return Frame(full, half, half)


def test_one_scene_dissolves_into_the_other_and_never_jumps() -> None:
    film = cut([lambda: Grey(40), lambda: Grey(160)], 48)
    greys = [int(film.frame(index).y[0, 0]) for index in range(48)]
    assert greys[0] == 40
    assert greys[-1] == 160
    assert greys == sorted(greys)
    assert max(b - a for a, b in pairwise(greys)) <= 120 / DISSOLVE + 1


@pytest.mark.parametrize(("kind", "greys"), [(cut, (40, 160)), (turn, (40, 90, 160))])
def test_one_scene_at_a_time_is_in_memory_and_going_back_gives_the_same_frames(
    kind: Callable[..., Scenes], greys: tuple[int, ...]
) -> None:
    alive: weakref.WeakSet[Grey] = weakref.WeakSet()
    built: list[int] = []

    def build(grey: int) -> Grey:
        assert not alive
        built.append(grey)
        film = Grey(grey)
        alive.add(film)
        return film

    film = kind([partial(build, grey) for grey in greys], 48)
    seen = [int(film.frame(index).y[0, 0]) for index in range(48)]
    assert built == list(greys)
    assert seen == sorted(seen)
    assert [int(film.frame(index).y[0, 0]) for index in (40, 20, 3)] == [seen[index] for index in (40, 20, 3)]


def test_the_scenes_fill_the_film_and_overlap_by_the_dissolve() -> None:
    spec = compile_prompt("first a cat sleeps on the beach, then a dog runs in the city")
    first, second = shots_of(spec, width=128, height=72, frames=120, seed=1)
    assert first.frames + second.frames == 120 + DISSOLVE
    assert (first.spec.setting, second.spec.setting) == ("beach", "street")
    assert len(shots_of(compile_prompt("a cat"), width=128, height=72, frames=120, seed=1)) == 1


def test_seasons_pass_one_into_the_other() -> None:
    spec = compile_prompt("a tree from spring to winter")
    assert spec.seasons == ("spring", "autumn", "winter")
    assert spec.weather == "clear"
    shots = shots_of(spec, width=96, height=64, frames=48, seed=3)
    assert [shot.spec.weather for shot in shots] == ["clear", "clear", "snow"]
    assert "autumn" in shots[1].spec.looks
    assert length_of(shots) == 48
    film = film_of(shots)
    first, middle, last = (film.frame(k).y.astype(float) for k in (0, 20, 47))
    assert last.mean() > first.mean() + 15
    assert np.abs(middle - first).mean() > 4
    assert np.array_equal(film.frame(20).y, film.frame(20).y)


def test_one_season_is_no_turn_of_the_year() -> None:
    assert compile_prompt("a forest in winter").seasons == ()
    assert compile_prompt("a forest in winter").weather == "snow"
    assert compile_prompt("四季变换的森林").seasons == ("spring", "autumn", "winter")
