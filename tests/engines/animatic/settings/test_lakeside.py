"""The mountain lake: mirror, shore, peaks through every weather."""

from __future__ import annotations

import numpy as np
import pytest

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.settings import woods
from kineograph.engines.animatic.settings.lakeside import _Shore, build
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec


def shot_of(size: tuple[int, int] = (160, 96), seed: int = 3, **spec: object) -> Shot:
    asked = SceneSpec(setting="lake", **spec)  # type: ignore[arg-type]  # test helper
    return direct(asked, width=size[0], height=size[1], frames=48, seed=seed, tier="quality")


def frame(shot: Shot, t: float = 0.5) -> np.ndarray:
    place = build(shot)
    out = np.full((*shot.shading_size[::-1], 3), np.nan, np.float32)
    place.backdrop(t, shot.camera.at(t), out)
    place.overlay(t, shot.camera.at(t), out)
    return out


@pytest.mark.parametrize(("size", "time"), [((210, 90), "golden"), ((90, 160), "night")])
def test_water_mirrors_what_stands_above_it(size: tuple[int, int], time: str) -> None:
    shot = shot_of(size, time=time)
    picture = frame(shot)
    assert np.isfinite(picture).all()
    line = round(shot.camera.at(0.5).horizon * size[1])
    above, below = picture[line - 7 : line - 1].mean((0, 1)), picture[line + 2 : line + 8].mean((0, 1))
    assert np.abs(above - below).max() < 0.6 * above.max()


def test_the_peaks_are_felt_even_in_fog() -> None:
    shot = shot_of(weather="fog")
    place = build(shot)
    assert place.light(0.0).haze_density > 0.01
    picture = frame(shot)
    line = round(shot.rest.horizon * 96)
    rows = picture[line - 14 : line - 4].mean(2)
    assert rows.std(1).mean() / rows.mean() > 0.004


def test_the_cast_stands_on_the_shore_and_water_begins_behind_it() -> None:
    shot = shot_of(subjects=(SubjectSpec("biped", "girl"),))
    canvas, rng = Canvas.of(shot), shot.rng("lake")
    light = Sky(shot, ground=(0.07, 0.09, 0.07)).light(0.0)
    shore = (
        _Shore.of(shot, canvas, rng)
        .paint(light, [woods.spruce(60, light, rng, 0.0)] * 3, rng, snowy=False)
        .pixels[..., 3]
    )
    hero = shot.placements[0]
    x, y = round(canvas.column(hero.x, hero.z)), round(canvas.row(0.0, hero.z))
    assert shore[y, x - 6 : x + 6].min() > 0.99
    assert shore[round(canvas.row(0.0, hero.z * 4)), canvas.width // 2] == 0
