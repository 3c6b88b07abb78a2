"""Waterfalls: white water that moves, on a rock that stands still, in a forest and by a lake, in every shape."""

from __future__ import annotations

import numpy as np
import pytest

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.waterfall import AGE, HALF, falling
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec
from kineograph.engines.animatic.stage import build_setting


def shot_of(size: tuple[int, int] = (160, 96), **spec: object) -> Shot:
    asked = SceneSpec(**{"setting": "lake", "looks": ("waterfall",), **spec})  # type: ignore[arg-type]  # test helper
    return direct(asked, width=size[0], height=size[1], frames=48, seed=3, tier="quality", camera_fixed=True)


@pytest.mark.parametrize(("setting", "size"), [("lake", (160, 96)), ("forest", (90, 160)), ("lake", (210, 90))])
def test_water_falls_where_the_rock_stands_still(setting: str, size: tuple[int, int]) -> None:
    shot = shot_of(size, setting=setting, looks=("waterfall", "jungle"))
    place = build_setting(shot)
    frames = []
    for t in (0.5, 0.7):
        out = np.full((*shot.shading_size[::-1], 3), np.nan, np.float32)
        place.backdrop(t, shot.camera.at(t), out)
        place.overlay(t, shot.camera.at(t), out)
        frames.append(out)
    assert np.isfinite(frames[0]).all()
    canvas = Canvas.of(shot)
    falls = falling(shot, canvas, place.light(0.0))
    x = round(canvas.column(falls.x, falls.z)) - canvas.mx
    foot = round(canvas.row(0.0, falls.z)) - canvas.my
    top = max(round(canvas.row(falls.high * 0.9, falls.z)) - canvas.my, 0)
    half = max(size[0] // 40, 2)
    water = np.s_[top + 2 : foot - 2, x - half : x + half]
    aside = np.s_[top + 2 : foot - 2, : max(x - size[0] // 3, 8)]
    moved = np.abs(frames[1] - frames[0]).mean(2)
    assert moved[water].mean() > 3 * moved[aside].mean()
    assert frames[0][water].mean() > 1.3 * frames[0][aside].mean()


def test_a_fall_widens_on_its_way_and_every_seed_has_its_own() -> None:
    courses = []
    for seed in range(4):
        shot = direct(SceneSpec(setting="lake", looks=("waterfall",)), width=160, height=96, frames=48, seed=seed)
        falls = falling(shot, Canvas.of(shot), build_setting(shot).light(0.0))
        broad = falls.courses[0]
        assert broad[-8:, HALF].mean() > 1.1 * broad[:8, HALF].mean()
        assert (np.diff(broad[:, AGE]) > 0).all(), "what is lower left the lip earlier"
        courses.append(broad[:, HALF])
    assert min(float(np.abs(a - b).max()) for k, a in enumerate(courses) for b in courses[:k]) > 0.02
