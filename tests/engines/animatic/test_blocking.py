"""Who stands where to whom: on, over, before, behind, in the air, on the water; for every frame shape and seed."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kineograph.core.request import ASPECT_RATIOS, SIZES
from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.shot import Placement, Shot
from kineograph.engines.animatic.vocabulary.lexicon import lexicon

PROMPTS = (
    "a cat on a red car",
    "a woman riding a bicycle in the city",
    "a dog in front of a bus",
    "three birds flying over a lake at dawn",
    "two swans on a lake",
    "an eagle over a man in the desert",
    "a girl beside a fire truck",
    "a mouse and an elephant",
    "a cup on a box",
    "桌子上的苹果和一只猫",
    "a man behind a car",
)
ratios, seeds = st.sampled_from(ASPECT_RATIOS), st.integers(0, 2**32 - 1)


def shot_of(prompt: str, ratio: str = "16:9", seed: int = 1) -> Shot:
    width, height = SIZES["1080p", ratio]
    return direct(compile_prompt(prompt), width=width, height=height, frames=120, seed=seed)


def seen(shot: Shot, placement: Placement) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of somebody's upright box at the start, in frame fractions."""
    half = placement.height * lexicon().kinds[placement.subject.kind].width / 2
    x, y, z = placement.x, placement.y, placement.z
    corners = np.array([[x - half, y + placement.height, z], [x + half, y, z]], np.float32)
    pixels = shot.rest.project(corners, shot.width, shot.height)
    (left, right), (top, bottom) = pixels[:, 0] / shot.width, pixels[:, 1] / shot.height
    return float(left), float(top), float(right), float(bottom)


@given(prompt=st.sampled_from(PROMPTS), ratio=ratios, seed=seeds)
@settings(max_examples=250, deadline=None)
def test_the_hero_is_whole_in_the_frame_and_large_enough_to_be_seen(prompt: str, ratio: str, seed: int) -> None:
    shot = shot_of(prompt, ratio, seed)
    left, top, right, bottom = seen(shot, shot.placements[0])
    assert 0.0 < (left + right) / 2 < 1.0
    assert left > -0.12
    assert right < 1.12
    assert top > 0.005
    assert bottom < 1.0
    assert max(bottom - top, (right - left) * shot.width / shot.height) > 0.045


@given(ratio=ratios, seed=seeds)
@settings(max_examples=60, deadline=None)
def test_who_sits_on_something_sits_on_its_top(ratio: str, seed: int) -> None:
    cat, car = shot_of("a cat on a red car", ratio, seed).placements
    assert cat.subject.kind == "cat"
    assert math.isclose(cat.y, car.height, rel_tol=1e-6)
    assert math.hypot(cat.x - car.x, cat.z - car.z) < car.height * 2.9 / 2


@given(ratio=ratios, seed=seeds)
@settings(max_examples=40, deadline=None)
def test_one_stands_before_and_one_behind(ratio: str, seed: int) -> None:
    dog, bus = shot_of("a dog in front of a bus", ratio, seed).placements
    assert dog.z < bus.z
    man, car = shot_of("a man behind a car", ratio, seed).placements
    assert man.z > car.z


@pytest.mark.parametrize("ratio", ASPECT_RATIOS)
def test_birds_that_fly_are_in_the_air_and_whoever_walks_is_not(ratio: str) -> None:
    for bird in shot_of("three birds flying over a lake at dawn", ratio).placements:
        assert bird.y > bird.height * 0.1
    man = shot_of("a man walking in the desert", ratio).placements[0]
    assert man.y == 0


def test_swans_on_a_lake_swim_and_geese_in_a_meadow_do_not() -> None:
    assert all(swan.afloat and swan.subject.action == "swim" for swan in shot_of("two swans on a lake").placements)
    assert not shot_of("a goose in a meadow").placements[0].afloat


def test_a_rider_goes_where_the_horse_goes() -> None:
    girl, horse = shot_of("a girl riding on a horse, the horse running").placements
    assert (girl.carrier, girl.bond) == (1, "rides")
    assert horse.velocity > 0


def test_chinese_says_the_place_after_the_noun() -> None:
    for prompt in ("一只猫坐在汽车上", "汽车上的猫"):
        cat, car = compile_prompt(prompt).subjects
        assert (cat.kind, cat.relation, cat.to, car.kind) == ("cat", "on", 1, "car")


def test_a_flock_is_of_one_kind() -> None:
    for seed in range(6):
        assert len({bird.subject.kind for bird in shot_of("five birds in a meadow", seed=seed).placements}) == 1


def test_several_on_one_thing_are_not_in_each_other() -> None:
    for seed in range(4):
        *apples, plate = shot_of("three apples on a plate", seed=seed).placements
        assert plate.subject.kind == "plate"
        places = sorted(apple.x for apple in apples)
        assert min(b - a for a, b in itertools.pairwise(places)) > 0.7 * apples[0].height
