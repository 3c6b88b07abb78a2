"""The forest: what is drawn, and what is kept free."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.settings.forest import build, kinds
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec

GIRL = (SubjectSpec("biped", "girl"),)


def shot_of(size: tuple[int, int] = (160, 96), **spec: object) -> Shot:
    asked = SceneSpec(setting="forest", **spec)  # type: ignore[arg-type]  # test helper
    return direct(asked, width=size[0], height=size[1], frames=48, seed=3, tier="quality")


def frame(shot: Shot, t: float = 0.5) -> np.ndarray:
    place = build(shot)
    out = np.full((*shot.shading_size[::-1], 3), np.nan, np.float32)
    place.backdrop(t, shot.camera.at(t), out)
    place.overlay(t, shot.camera.at(t), out)
    return out


def test_snow_lies_in_a_winter_forest_and_not_in_a_summer_one() -> None:
    floor = slice(70, 96)
    assert frame(shot_of(weather="snow"))[floor].mean() > 2 * frame(shot_of(weather="rain"))[floor].mean()


def test_words_for_falling_leaves_make_it_autumn() -> None:
    picture = frame(shot_of(effects=frozenset({"leaves"})))[60:]
    assert picture[..., 0].mean() > picture[..., 1].mean()


@pytest.mark.parametrize("size", [(210, 90), (90, 160)])
def test_every_pixel_is_painted_in_wide_and_in_tall_frames(size: tuple[int, int]) -> None:
    picture = frame(shot_of(size, time="night"))
    assert np.isfinite(picture).all()
    assert picture.min() >= 0


def test_no_trunk_stands_before_the_cast() -> None:
    shot = shot_of(subjects=GIRL)
    place = build(shot)
    hero = shot.placements[0]
    column = round(shot.camera.at(0.5).project(np.array([[hero.x, 0.6, hero.z]], np.float32), 160, 96)[0, 0])
    before = np.full((96, 160, 3), -1.0, np.float32)
    place.overlay(0.5, shot.camera.at(0.5), before)
    assert (before[40:80, column - 4 : column + 4] < 0).mean() > 0.8


def test_light_under_the_leaves_is_less_than_above_them() -> None:
    place = build(shot_of())
    assert (place.light(0.0).key < place.sky.light(0.0).key).all()


def test_the_same_seed_gives_the_same_bytes() -> None:
    shot = shot_of(time="golden")
    assert np.array_equal(frame(shot), frame(shot))
    other = dataclasses.replace(shot, seed=8)
    assert np.abs(frame(other) - frame(shot)).mean() > 0.01


def test_every_kind_has_what_the_painter_asks_for() -> None:
    besides = {"crowd", "leaf", "drop", "canes", "palms", "vines"}
    assert len({frozenset(row) - besides for row in kinds().values()}) == 1
