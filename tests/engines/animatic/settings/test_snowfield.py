"""Snowfield: white ground under every light."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.settings.snowfield import build
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec


def shot_of(size: tuple[int, int] = (160, 96), seed: int = 3, **spec: object) -> Shot:
    asked = SceneSpec(setting="snowfield", **spec)  # type: ignore[arg-type]  # test helper
    return direct(asked, width=size[0], height=size[1], frames=48, seed=seed, tier="quality")


def frame(shot: Shot, t: float = 0.5) -> np.ndarray:
    place = build(shot)
    out = np.full((*shot.shading_size[::-1], 3), np.nan, np.float32)
    place.backdrop(t, shot.rest, out)
    place.overlay(t, shot.rest, out)
    return out


def test_the_ground_is_white_but_never_burnt_out_at_noon() -> None:
    ground = frame(shot_of(time="day"))[70:]
    assert 0.35 < ground.mean() < 1.0
    colour = ground.mean((0, 1))
    assert colour.max() / colour.min() < 1.35


def test_a_moonlit_field_is_darker_than_the_day_and_not_black() -> None:
    day, night = (frame(shot_of(time=time))[70:].mean() for time in ("day", "night"))
    assert 0.01 < night < 0.4 * day


def test_the_cast_stands_on_flat_snow_in_a_tall_frame() -> None:
    shot = shot_of((90, 160), subjects=(SubjectSpec("quadruped", "dog"),))
    assert all(float(layer.depth.min()) > shot.placements[0].z for layer in build(shot)._parts.back if layer.wind)
    assert np.isfinite(frame(shot)).all()
