"""The room: window, sun on the floor, lamplight in the evening."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.settings.room import build
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec


def shot_of(size: tuple[int, int] = (160, 96), seed: int = 3, **spec: object) -> Shot:
    asked = SceneSpec(setting="room", **spec)  # type: ignore[arg-type]  # test helper
    return direct(asked, width=size[0], height=size[1], frames=48, seed=seed, tier="quality")


def frame(shot: Shot, t: float = 0.5) -> np.ndarray:
    place = build(shot)
    out = np.full((*shot.shading_size[::-1], 3), np.nan, np.float32)
    place.backdrop(t, shot.rest, out)
    place.overlay(t, shot.rest, out)
    return out


def test_the_sun_lies_on_the_floor_on_a_clear_day_and_not_in_the_rain() -> None:
    shot = shot_of()
    line = round(build(shot)._row(0.0)) - build(shot)._canvas.my + 4
    clear, rain = (frame(shot_of(weather=w))[line:].max(2) for w in ("clear", "rain"))
    assert clear.max() / clear.mean() > 1.3 * rain.max() / rain.mean()


def test_rain_falls_outside_the_window_only() -> None:
    shot = shot_of(weather="rain")
    early, late = frame(shot, 0.4), frame(shot, 0.5)
    place = build(shot)
    x, y = place._plane()
    canvas = place._canvas
    pane = place._pane(x[None], y[:, None], 0.02)[canvas.my : canvas.my + 96, canvas.mx : canvas.mx + 160] > 0.99
    moved = np.abs(early - late).max(2)
    assert moved[pane].mean() > 8 * np.median(moved[~pane])


def test_a_lamp_is_lit_in_the_evening() -> None:
    day, night = (build(shot_of(time=time)) for time in ("day", "night"))
    assert day.dusk(0.0) == 0
    assert night.dusk(0.0) > 0.9
    key = night.light(0.0).key
    assert key[0] > 1.3 * key[2]


def test_a_small_hero_has_a_small_room_in_a_tall_frame() -> None:
    cat = shot_of((90, 160), subjects=(SubjectSpec("quadruped", "cat"),))
    picture = frame(cat)
    assert np.isfinite(picture).all()
    assert build(cat)._wall < build(shot_of())._wall
    assert build(cat)._wall > cat.placements[0].z
