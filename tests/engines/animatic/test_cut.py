"""Films of two scenes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.cut import DISSOLVE, Cut, shots_of
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
    film = Cut(Grey(40), Grey(160), 48)
    greys = [int(film.frame(index).y[0, 0]) for index in range(48)]
    assert greys[0] == 40
    assert greys[-1] == 160
    assert greys == sorted(greys)
    assert max(b - a for a, b in pairwise(greys)) <= 120 / DISSOLVE + 1
    assert film.sharp == {0, 18}


def test_the_scenes_fill_the_film_and_overlap_by_the_dissolve() -> None:
    spec = compile_prompt("first a cat sleeps on the beach, then a dog runs in the city")
    first, second = shots_of(spec, width=128, height=72, frames=120, seed=1)
    assert first.frames + second.frames == 120 + DISSOLVE
    assert (first.spec.setting, second.spec.setting) == ("beach", "street")
    assert len(shots_of(compile_prompt("a cat"), width=128, height=72, frames=120, seed=1)) == 1
