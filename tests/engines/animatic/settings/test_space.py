"""Space: a planet, stars that twinkle, ground only for those who stand."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.settings.space import build
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec


def shot_of(size: tuple[int, int] = (160, 96), seed: int = 3, **spec: object) -> Shot:
    asked = SceneSpec(setting="space", **spec)  # type: ignore[arg-type]  # test helper
    return direct(asked, width=size[0], height=size[1], frames=48, seed=seed, tier="quality")


def frame(shot: Shot, t: float = 0.5) -> np.ndarray:
    place = build(shot)
    out = np.full((*shot.shading_size[::-1], 3), np.nan, np.float32)
    place.backdrop(t, shot.rest, out)
    place.overlay(t, shot.rest, out)
    return out


def test_who_stands_has_ground_and_who_floats_has_none() -> None:
    standing = shot_of(subjects=(SubjectSpec("biped", "man"),))
    adrift = shot_of(subjects=(SubjectSpec("biped", "man", action="float"),))
    assert build(standing).grounded
    assert not build(adrift).grounded
    assert (
        frame(standing)[-20:].min() > frame(adrift)[-20:].min()
    )  # no star shines through the ground, and none is black


def test_stars_twinkle_and_the_rest_stands_still() -> None:
    shot = shot_of((210, 90))
    early, late = frame(shot, 0.2), frame(shot, 0.9)
    assert np.isfinite(early).all()
    changed = np.abs(early - late).max(2) > 0.02
    assert 0 < changed.mean() < 0.12


def test_a_planet_hangs_in_the_picture_with_a_dark_side() -> None:
    shot = shot_of()
    place = build(shot)
    one = place._planet
    out = np.zeros((96, 160, 3), np.float32)
    place.backdrop(0.5, shot.rest, out)
    x, y, r = round((160 / 96 / 2 + one.x) * 96), round(one.y * 96), one.radius * 96 * shot.rest.focal
    toward = one.towards
    lit = out[round(y - toward[1] * r * 0.5), round(x + toward[0] * r * 0.5)].mean()
    dark = out[round(y + toward[1] * r * 0.7), round(x - toward[0] * r * 0.7)].mean()
    assert lit > 4 * dark
