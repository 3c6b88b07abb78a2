"""Roads: grey under the wheels, with land beside it, and the sea beyond a coastal one."""

from __future__ import annotations

import numpy as np
import pytest

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.settings.road import way_of
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec
from kineograph.engines.animatic.stage import build_setting


def shot_of(look: str, *, car: bool = True, size: tuple[int, int] = (192, 108)) -> Shot:
    subjects = (SubjectSpec("vehicle", "sports_car", action="drive"),) if car else ()
    spec = SceneSpec(setting="land", looks=(look,), subjects=subjects)
    return direct(spec, width=size[0], height=size[1], frames=48, seed=3, tier="quality", camera_fixed=True)


def frame(shot: Shot) -> np.ndarray:
    place = build_setting(shot)
    out = np.full((*shot.shading_size[::-1], 3), np.nan, np.float32)
    place.backdrop(0.5, shot.camera.at(0.5), out)
    place.overlay(0.5, shot.camera.at(0.5), out)
    return out


@pytest.mark.parametrize("look", ["country_road", "coastal_road"])
def test_the_road_under_the_wheels_is_grey_and_runs_along_the_cars_way(look: str) -> None:
    shot = shot_of(look)
    picture, car = frame(shot), shot.placements[0]
    assert np.isfinite(picture).all()
    row = round((shot.rest.horizon + shot.rest.y * shot.rest.focal / car.z) * 108)
    column = round((0.5 * 192 / 108 + car.x * shot.rest.focal / car.z) * 108)
    patch = picture[row - 2 : row + 3, column - 6 : column + 7].mean((0, 1))
    assert patch.max() < 1.35 * patch.min()
    way = way_of(shot)
    for metres in (-8.0, 0.0, 4.0):
        x, z = way.x + metres * np.sin(way.heading), way.z - metres * np.cos(way.heading)
        assert abs(float(way.across(np.float32(x), np.float32(z)))) < 0.01
    assert (way.x, way.z) == (car.x, car.z)


def test_an_empty_road_leads_into_the_distance() -> None:
    shot = shot_of("country_road", car=False)
    picture = frame(shot)
    low = picture[100:]
    grey = (low.max(2) < 1.3 * low.min(2)).mean()
    assert 0.1 < grey < 0.95


def test_beyond_the_coast_there_is_water_that_moves() -> None:
    shot = shot_of("coastal_road")
    place = build_setting(shot)
    line = round(shot.rest.horizon * 108)
    frames = []
    for t in (0.5, 1.1):
        out = np.zeros((*shot.shading_size[::-1], 3), np.float32)
        place.backdrop(t, shot.camera.at(t), out)
        frames.append(out[line + 2 : line + 8])
    assert place.water  # type: ignore[attr-defined]  # a Place
    assert np.abs(frames[1] - frames[0]).mean() > 1e-4
