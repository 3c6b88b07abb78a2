"""The abstract place: colours from the words, always in motion."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.settings.abstract import build, palette_of
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec


def shot_of(size: tuple[int, int] = (160, 96), seed: int = 3, **spec: object) -> Shot:
    asked = SceneSpec(setting="abstract", **spec)  # type: ignore[arg-type]  # test helper
    return direct(asked, width=size[0], height=size[1], frames=48, seed=seed, tier="quality")


def frame(shot: Shot, t: float = 0.5) -> np.ndarray:
    place = build(shot)
    out = np.full((*shot.shading_size[::-1], 3), np.nan, np.float32)
    place.backdrop(t, shot.rest, out)
    place.overlay(t, shot.rest, out)
    return out


def test_a_colour_word_dyes_the_silk() -> None:
    picture = frame(shot_of(backdrop="blue")).mean((0, 1))
    assert picture[2] > 1.5 * picture[0]
    assert np.array_equal(palette_of(shot_of(backdrop="red", seed=1)), palette_of(shot_of(backdrop="red", seed=2)))


def test_it_flows_smoothly() -> None:
    shot = shot_of()
    steps = [frame(shot, t) for t in (0.5, 0.5 + 1 / 24, 1.5)]
    near, far = (float(np.abs(steps[0] - other).mean() / steps[0].mean()) for other in steps[1:])
    assert 0.0005 < near < 0.05
    assert far > 3 * near


def test_somebody_stands_on_something_dark() -> None:
    shot = shot_of((90, 160), subjects=(SubjectSpec("biped", "girl"),))
    assert frame(shot)[-20:].mean() < frame(shot_of((90, 160)))[-20:].mean()
