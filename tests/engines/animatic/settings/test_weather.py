"""Particles are pure functions of t, wrap out of sight, and stay finite."""

from dataclasses import replace

import numpy as np
import pytest

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.settings.weather import Weather, flakes, kinds, rain
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec

SIZE = (192, 108)


def make_shot(weather: str = "clear", effects: frozenset[str] = frozenset(), seed: int = 3, size=SIZE) -> Shot:
    rest = Camera()
    path = CameraPath(rest, replace(rest, x=0.2), 5.0, sway=0.02)
    return Shot(SceneSpec(weather=weather, effects=effects), *size, 120, seed, path, rest, 1.0)


def make_light() -> Light:
    def grey(v: float) -> np.ndarray:
        return np.full(3, v, np.float32)

    up = np.array([0, 1, 0], np.float32)
    return Light(up, grey(0.8), grey(0.3), grey(0.1), grey(0.4), 1e-4, np.zeros((1, 2, 2, 3), np.float32))


def draw(weather: Weather, shot: Shot, t: float, level: float = 0.2) -> np.ndarray:
    out = np.full((SIZE[1], SIZE[0], 3), level, np.float32)
    weather.behind(t, shot.camera.at(t), make_light(), out)
    weather.before(t, shot.camera.at(t), make_light(), out)
    return out


@pytest.mark.parametrize("kind", ["rain", "storm", "snow", "fog"])
def test_every_weather_shows_and_stays_finite(kind):
    shot = make_shot(kind)
    weather = Weather(shot)
    for t in (0.0, 1.3, 11.9):
        out = draw(weather, shot, t)
        assert np.isfinite(out).all()
        assert out.min() >= 0
        assert np.abs(out - 0.2).max() > 0.02


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_particle_shows_as_an_effect(kind):
    shot = make_shot(effects=frozenset({kind}))
    out = draw(Weather(shot), shot, 0.7)
    assert np.isfinite(out).all()
    assert np.abs(out - 0.2).max() > 0.02


def test_clear_weather_draws_nothing():
    shot = make_shot("clear")
    assert (draw(Weather(shot), shot, 1.0) == np.float32(0.2)).all()


def test_frames_can_be_asked_for_in_any_order():
    shot = make_shot("storm", frozenset({"petals"}))
    weather = Weather(shot)
    first = draw(weather, shot, 2.0)
    draw(weather, shot, 0.0)
    assert (draw(weather, shot, 2.0) == first).all()
    assert (draw(Weather(shot), shot, 2.0) == first).all()


def test_another_seed_is_another_sky_of_petals():
    one, other = (make_shot(effects=frozenset({"petals"}), seed=s) for s in (1, 2))
    assert np.abs(draw(Weather(one), one, 1.0) - draw(Weather(other), other, 1.0)).max() > 0.05


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_particles_wrap_without_a_jump_in_sight(kind):
    """Between two moments a thousandth of a second apart, what is in sight has hardly moved."""
    shot = make_shot()
    swarm = flakes(shot, kind, 5.0)
    w, h = SIZE
    jumped = 0
    for step in range(200):
        t = step * 0.05
        a, b = (swarm.rows(q, shot.camera.at(q), make_light(), SIZE) for q in (t, t + 1e-3))
        moved = np.abs(a[:, :2] - b[:, :2]).max(1)
        far = moved > 2.0
        jumped += int(far.sum())
        for rows in (a[far], b[far]):
            outside_x = (rows[:, 0] + rows[:, 2] < 0) | (rows[:, 0] - rows[:, 2] > w)
            outside_y = (rows[:, 1] + rows[:, 2] < 0) | (rows[:, 1] - rows[:, 2] > h)
            assert (outside_x | outside_y).all()
    if kind in ("petals", "snow", "leaves"):
        assert jumped, "nothing wrapped: the test shows nothing"


def test_rain_wraps_without_a_jump_in_sight():
    shot = make_shot("rain")
    drops = rain(shot, 1.0, ground=False)
    jumped = 0
    for step in range(50):
        t = step * 0.02
        a, b = (drops.rows(q, shot.camera.at(q), make_light(), SIZE) for q in (t, t + 1e-4))
        far = np.abs(a[:, :2] - b[:, :2]).max(1) > 3.0
        jumped += int(far.sum())
        for rows in (a[far], b[far]):
            assert ((rows[:, 3] < 0) | (rows[:, 1] > SIZE[1])).all()
    assert jumped


def test_480p_and_1080p_show_the_same_composition():
    shot = make_shot()
    small, large = (
        flakes(make_shot(), "petals", 5.0).rows(1.0, shot.rest, make_light(), s) for s in ((192, 108), (384, 216))
    )
    assert np.allclose(small[:, :2] * 2, large[:, :2], atol=1e-2)
