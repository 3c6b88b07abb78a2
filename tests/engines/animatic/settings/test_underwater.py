"""Underwater: blue, alive, and dry of rain."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.settings.underwater import build
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec


def shot_of(size: tuple[int, int] = (160, 96), seed: int = 3, **spec: object) -> Shot:
    asked = SceneSpec(setting="underwater", **spec)  # type: ignore[arg-type]  # test helper
    return direct(asked, width=size[0], height=size[1], frames=48, seed=seed, tier="quality")


def frame(shot: Shot, t: float = 0.5) -> np.ndarray:
    place = build(shot)
    out = np.full((*shot.shading_size[::-1], 3), np.nan, np.float32)
    place.backdrop(t, shot.rest, out)
    place.overlay(t, shot.rest, out)
    return out


def test_water_is_blue_and_takes_the_red_away() -> None:
    picture = frame(shot_of())
    assert np.isfinite(picture).all()
    top = picture[:20].mean((0, 1))
    assert top[2] > 2 * top[0]


def test_light_dances_on_the_sand() -> None:
    shot = shot_of((90, 160), subjects=(SubjectSpec("biped", "man"),))
    low = [frame(shot, t)[-30:] for t in (0.3, 0.9)]
    assert np.abs(low[0] - low[1]).mean() > 0.01 * low[0].mean()


def test_a_storm_above_makes_it_murky_but_it_never_rains_down_here() -> None:
    clear, storm = build(shot_of()), build(shot_of(weather="storm"))
    assert storm.light(0.0).key.mean() < 0.8 * clear.light(0.0).key.mean()
    assert storm._weather.rain is None


def test_night_falls_down_here_too() -> None:
    assert frame(shot_of(time="night")).mean() < 0.5 * frame(shot_of()).mean()


def test_no_corner_is_left_black_when_the_camera_begins_farther_back() -> None:
    shot = shot_of(camera="push", seed=8)
    place = build(shot)
    out = np.zeros((96, 160, 3), np.float32)
    place.backdrop(0.0, shot.camera.at(0.0), out)
    assert out[-6:].max(2).min() > 0.01
