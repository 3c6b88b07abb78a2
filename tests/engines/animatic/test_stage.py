"""Built shots: every place at every hour, frames that are pure functions of their number, seeds that look different."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tests.looks import distance

from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.registry import SETTINGS
from kineograph.engines.animatic.sheet import moments
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.stage import build_stage

TIMES = {"dawn": "at dawn", "day": "at noon", "golden": "at sunset", "dusk": "at dusk", "night": "at night"}
PLACES = {
    "abstract": "an abstract flow of colours",
    "cave": "a cave",
    "theatre": "a theatre stage",
    "beach": "a beach",
    "forest": "a forest",
    "desert": "the desert",
    "lake": "a mountain lake",
    "snowfield": "a snowfield",
    "space": "outer space",
    "meadow": "a meadow",
    "orchard": "cherry blossom trees",
    "skyline": "a city skyline",
    "land": "a landscape",
    "underwater": "underwater",
    "street": "a street",
    "room": "a living room",
    "harbour": "a harbour",
    "studio": "a bottle on a white background",
}
WEATHERS = ("clouds", "fog", "rain", "thunderstorm", "snow", "wind")


def tiny(prompt: str, seed: int = 1, size: tuple[int, int] = (128, 72)) -> Shot:
    return direct(compile_prompt(prompt), width=size[0], height=size[1], frames=48, seed=seed)


def test_every_setting_has_a_place_in_these_tests() -> None:
    assert set(PLACES) == set(SETTINGS)


def film_one(prompt: str) -> None:
    stage = build_stage(tiny(prompt))
    picture = stage.picture(1.0)
    assert picture.shape == (stage.shot.shading_size[1], stage.shot.shading_size[0], 3)
    assert np.isfinite(picture).all()
    assert picture.min() >= 0
    frame = stage.frame(24)
    assert frame.y.shape == (72, 128)
    assert frame.y.std() > 3  # something is to be seen
    assert 24 < frame.y.mean() < 232


# In every run tests/gallery/test_combinations.py films a sample of everything.
ALL = list(itertools.product(PLACES, TIMES.values(), ("", *WEATHERS)))


@pytest.mark.gallery
@pytest.mark.parametrize(("place", "hour", "weather"), ALL)
def test_every_place_can_be_filmed_at_every_hour_and_in_every_weather(place: str, hour: str, weather: str) -> None:
    film_one(f"{PLACES[place]} {hour}, {weather}")


def test_frames_do_not_depend_on_order_or_thread() -> None:
    shot = tiny("a kitten in a meadow at sunset")
    alone = [build_stage(shot).frame(index).y for index in (0, 20, 47)]
    again = build_stage(shot)
    with ThreadPoolExecutor(2) as pool:
        mixed = list(pool.map(lambda index: again.frame(index).y, (47, 20, 0)))
    for one, other in zip(alone, reversed(mixed), strict=True):
        assert np.array_equal(one, other)


def test_ten_seeds_give_ten_clearly_different_posters() -> None:
    posters = [moments(tiny("a kitten in a meadow", seed), 1)[0] for seed in range(10)]
    for one, other in itertools.combinations(posters, 2):
        assert distance(one, other) > 4.0


def test_a_day_that_turns_to_night_gets_darker_all_the_way() -> None:
    shot = tiny("from day to night, city lights turning on", size=(320, 180))
    brightness = [float(picture.mean()) for picture in moments(shot, 4)]
    assert brightness[0] > brightness[-1] * 1.7


def test_a_product_stands_on_pure_white_paper() -> None:
    poster = moments(tiny("Product slowly rotating, pure white background, soft lighting"), 1)[0]
    assert (poster[:8, :8] >= 254).all()
    assert poster.min() < 160
