"""The orchard builds in every shape, hour and weather, is the same twice, and differs by seed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from kineograph.engines.animatic.direct import direct, thumbnail
from kineograph.engines.animatic.settings.orchard import build, lay_out
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec

GIRL = SubjectSpec("biped", "girl", action="spin")
SHAPES = [(2336, 992), (1920, 1088), (1664, 1248), (1440, 1440), (1248, 1664), (1088, 1920)]


def make_shot(width=1920, height=1088, seed=7, **spec):
    spec = {"setting": "orchard", "subjects": (GIRL,), **spec}
    shot = direct(SceneSpec(**spec), width=width, height=height, frames=48, seed=seed)
    scale = (128 * 72 / (width * height)) ** 0.5
    # No clouds: the sky has its own tests, and they are dear.
    return replace(thumbnail(shot, round(width * scale / 2) * 2, round(height * scale / 2) * 2), cover=0.0)


def picture(setting, shot, t: float) -> np.ndarray:
    width, height = shot.shading_size
    out = np.full((height, width, 3), np.nan, np.float32)
    setting.backdrop(t, shot.camera.at(t), out)
    setting.overlay(t, shot.camera.at(t), out)
    return out


MOVES = ["track", "drift", "tilt", "push", "pan", "orbit"]


@pytest.mark.parametrize(("shape", "move"), list(zip(SHAPES, MOVES, strict=True)))
def test_every_shape_is_filled_from_end_to_end_of_the_move(shape, move):
    """The pictures start as NaN: what no plate covers would stay so."""
    shot = make_shot(*shape, camera=move)
    setting = build(shot)
    for t in (0.0, 2.0):
        out = picture(setting, shot, t)
        assert np.isfinite(out).all()
        assert out.min() >= 0


@pytest.mark.parametrize("shape", SHAPES)
def test_the_great_tree_stands_in_the_picture_beside_the_hero(shape):
    for seed in range(20):
        shot = make_shot(*shape, seed=seed)
        x, z, _, side = lay_out(shot).hero
        width, height = shot.shading_size
        hero = shot.placements[0]
        points = np.array([[x, 0, z], [hero.x, 0, hero.z]], np.float32)
        tree, girl = shot.rest.project(points, width, height)[:, 0] / width
        assert 0.02 < tree < 0.98
        assert (tree > 0.5) == (side > 0)
        assert abs(tree - girl) > 0.12
        assert z > hero.z + 0.5


@pytest.mark.parametrize(
    ("time", "weather"),
    [("dawn", "fog"), ("golden", "storm"), ("dusk", "clear"), ("night", "snow")],
)
def test_every_hour_and_weather_is_finite_and_visible(time, weather):
    shot = make_shot(time=time, weather=weather)
    setting = build(shot)
    for t in (0.0, 1.9):
        out = picture(setting, shot, t)
        assert np.isfinite(out).all()
        assert out.min() >= 0
        assert out.std() > 0.005


def test_the_same_shot_is_the_same_picture_in_any_order():
    shot = make_shot()
    one, other = build(shot), build(shot)
    first = picture(one, shot, 1.5)
    picture(other, shot, 0.2)
    assert (picture(other, shot, 1.5) == first).all()
    with ThreadPoolExecutor(2) as pool:  # as the engine renders: two frames at once
        times = [1.5, 0.2, 1.5, 0.9, 1.5]
        pictures = list(pool.map(lambda t: picture(one, shot, t), times))
    assert all((p == first).all() for p, t in zip(pictures, times, strict=True) if t == 1.5)


def test_seeds_lay_out_differently():
    plans = [lay_out(make_shot(seed=s)) for s in range(8)]
    assert len({p.palette for p in plans}) >= 3
    assert len({p.hero[3] for p in plans}) == 2
    assert len({p.path is None for p in plans}) == 2


def test_day_turns_to_night_without_a_rebuild():
    shot = make_shot(time="day", time_to="night")
    setting = build(shot)
    levels = [picture(setting, shot, t).mean() for t in (0.0, 0.7, 1.4, 2.0)]
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] < 0.35 * levels[0]
