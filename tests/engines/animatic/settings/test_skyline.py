"""The skyline fills every shape, its lamps come on one by one, and its seeds are different cities."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from kineograph.engines.animatic.direct import direct, thumbnail
from kineograph.engines.animatic.settings.city import plan
from kineograph.engines.animatic.settings.skyline import build
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec

GIRL = SubjectSpec("biped", "girl", action="dance")
SHAPES = [(2336, 992), (1920, 1088), (1664, 1248), (1440, 1440), (1248, 1664), (1088, 1920)]
MOVES = ["track", "drift", "tilt", "push", "pan", "aerial"]


def make_shot(width=1920, height=1088, seed=7, area=128 * 72, **spec):
    shot = direct(SceneSpec(**{"setting": "skyline", **spec}), width=width, height=height, frames=48, seed=seed)
    scale = (area / (width * height)) ** 0.5
    # No clouds: the sky has its own tests, and they are dear.
    return replace(thumbnail(shot, round(width * scale / 2) * 2, round(height * scale / 2) * 2), cover=0.0)


def picture(setting, shot, t: float) -> np.ndarray:
    width, height = shot.shading_size
    out = np.full((height, width, 3), np.nan, np.float32)
    setting.backdrop(t, shot.camera.at(t), out)
    setting.overlay(t, shot.camera.at(t), out)
    return out


@cache
def evening():
    """One film from day to night, for all who only look."""
    shot = make_shot(time="day", time_to="night", area=192 * 108)
    return shot, build(shot)


@pytest.mark.parametrize(("shape", "move"), list(zip(SHAPES, MOVES, strict=True)))
def test_every_shape_is_filled_from_end_to_end_of_the_move(shape, move):
    """The pictures start as NaN: what nothing paints would stay so."""
    shot = make_shot(*shape, camera=move)
    setting = build(shot)
    for t in (0.0, 2.0):
        out = picture(setting, shot, t)
        assert np.isfinite(out).all()
        assert out.min() >= 0


@pytest.mark.parametrize(("time", "weather"), [("dawn", "fog"), ("dusk", "storm"), ("day", "snow")])
def test_every_hour_and_weather_is_finite_and_visible(time, weather):
    shot = make_shot(time=time, weather=weather)
    out = picture(build(shot), shot, 1.0)
    assert np.isfinite(out).all()
    assert out.std() > 0.004


def test_somebody_stands_on_a_deck_not_on_the_water():
    shot = make_shot(subjects=(GIRL,))
    setting = build(shot)
    out = picture(setting, shot, 0.0)
    hero = shot.placements[0]
    width, height = shot.shading_size
    feet = shot.rest.project(np.array([[hero.x, 0, hero.z]], np.float32), width, height)[0]
    later = picture(setting, shot, 1e-3)  # water moves, stone does not
    row = min(int(feet[1]) + 1, height - 2)
    assert np.abs(out[row] - later[row]).max() < 2e-3
    assert np.isfinite(out).all()


def test_windows_come_on_one_by_one_as_the_sun_goes():
    """Under one unchanging light the lamps alone are compared: more and more of them, never fewer."""
    setting = evening()[1]
    paint = setting._stack.plates[1].paint
    luma = paint[..., 7:10] @ np.array([0.3, 0.5, 0.2], np.float32)
    lamps = luma > 1e-3
    when = paint[..., 10][lamps] / luma[lamps]
    power = luma[lamps]
    lit = [float(power[when < setting.dusk(t)].sum()) for t in np.linspace(0, 2, 25)]
    assert lit == sorted(lit)
    assert lit[0] == 0
    assert lit[-1] > 0.5 * power.sum()
    steps = np.diff(lit)
    assert steps.max() < 0.25 * lit[-1], "they come on all at once"
    assert (steps > 0).sum() >= 8


def test_night_is_darker_than_day_and_its_city_brighter_than_its_sky():
    shot, setting = evening()
    day, night = picture(setting, shot, 0.0), picture(setting, shot, 2.0)
    assert np.median(night) < 0.7 * np.median(day)
    horizon = int(shot.rest.horizon * shot.shading_size[1])
    assert np.quantile(night[horizon - 12 : horizon], 0.9) > 2 * np.median(night[: horizon // 3])


def test_the_same_shot_is_the_same_picture_in_any_order():
    shot = make_shot(time="dusk")
    one, other = build(shot), build(shot)
    first = picture(one, shot, 1.5)
    picture(other, shot, 0.2)
    assert (picture(other, shot, 1.5) == first).all()
    with ThreadPoolExecutor(2) as pool:  # as the engine renders: two frames at once
        times = [1.5, 0.2, 1.5, 0.9, 1.5]
        pictures = list(pool.map(lambda t: picture(one, shot, t), times))
    assert all((p == first).all() for p, t in zip(pictures, times, strict=True) if t == 1.5)


def test_seeds_are_different_cities():
    cities = [plan(make_shot(seed=s)) for s in range(12)]
    assert len({c.kind for c in cities}) >= 3
    assert len({c.profile for c in cities}) >= 3
    tallest = [max(c.rows[1], key=lambda b: b.high).x for c in cities]
    assert np.std(tallest) > 60


def test_a_real_city_stays_within_the_frame():
    for shape in SHAPES:
        shot = make_shot(*shape)
        for row in plan(shot).rows:
            for box in row:
                top = shot.rest.horizon - (box.high - shot.rest.y) * shot.rest.focal / box.z
                assert top > 0.02
