"""Who does something together is together: at what they build, or hand in hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kineograph.core.request import SIZES
from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.stage import build_actor
from kineograph.engines.animatic.subjects.binding import bound
from kineograph.engines.animatic.subjects.puppet import Puppet


def shot_of(prompt: str, ratio: str = "16:9", seed: int = 1) -> Shot:
    width, height = SIZES["480p", ratio]
    return direct(compile_prompt(prompt), width=width, height=height, frames=96, seed=seed)


@pytest.mark.parametrize("ratio", ["16:9", "9:16"])
@pytest.mark.parametrize("prompt", ["two children building a sandcastle", "两个孩子在沙滩上堆沙堡"])
def test_builders_kneel_at_both_sides_of_what_they_build_and_look_at_it(prompt: str, ratio: str) -> None:
    for seed in range(4):
        one, other, castle = shot_of(prompt, ratio, seed).placements
        assert (castle.subject.kind, castle.subject.relation) == ("sandcastle", "made")
        assert (one.x - castle.x) * (other.x - castle.x) < 0
        for child in (one, other):
            assert child.subject.action == "build"
            away = np.array([castle.x - child.x, castle.z - child.z])
            assert np.linalg.norm(away) < child.height
            looks = np.array([math.sin(child.heading), -math.cos(child.heading)])
            assert looks @ away > 0.95 * np.linalg.norm(away)


def test_at_a_snowman_they_stand_and_a_house_is_not_gathered_around() -> None:
    *children, _ = shot_of("three children building a snowman").placements
    assert all(child.pose == "mould" for child in children)
    man, house = shot_of("a man building a house").placements
    assert math.hypot(man.x - house.x, man.z - house.z) > house.height / 2


@pytest.mark.parametrize("prompt", ["a couple walking hand in hand", "a mother and her daughter holding hands"])
def test_hand_in_hand_the_palms_meet_all_the_time(prompt: str) -> None:
    shot = shot_of(prompt)
    actors = [build_actor(placement, shot) for placement in shot.placements]
    bound(actors, shot.rest.focal)
    one, other = actors
    assert isinstance(one, Puppet)
    assert isinstance(other, Puppet)
    for t in (0.0, 0.7, 2.9):
        palms = [[puppet.hand(t, side) for side in "LR"] for puppet in (one, other)]
        assert min(float(np.linalg.norm(a - b)) for a in palms[0] for b in palms[1]) < 0.05
