"""The neutral land: ranges, plain, lake."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.settings.hills import relit
from kineograph.engines.animatic.settings.land import build
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.place import Place
from kineograph.engines.animatic.settings.relief import ridged, rolling
from kineograph.engines.animatic.settings.terrain import Range, raise_range
from kineograph.engines.animatic.shot import Placement, Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec

ELEVATION = {"day": 40.0, "golden": 6.0, "dusk": -4.0, "night": -16.0}
REST = Camera(y=2.2, focal=1.15, horizon=0.55)
HERO = Placement(SubjectSpec("biped", "girl"), x=0.0, z=6.5, height=1.2)


def shot_of(time: str = "day", weather: str = "clear", size: tuple[int, int] = (160, 96), **changes: object) -> Shot:
    base = Shot(
        SceneSpec(time=time, weather=weather),
        *size,
        120,
        seed=4,
        camera=CameraPath(REST, dataclasses.replace(REST, x=0.15), 5.0),
        rest=REST,
        scale=1.0,
        sun_elevation=ELEVATION[time],
        sun_elevation_to=ELEVATION[time],
        sun_azimuth=60.0,
        cover=0.0,
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]  # test helper


def frame(land: Place, shot: Shot, t: float) -> NDArray[np.float32]:
    out = np.full((shot.height, shot.width, 3), np.nan, np.float32)
    camera = shot.camera.at(t)
    land.backdrop(t, camera, out)
    land.overlay(t, camera, out)
    return out


def with_lake(shot: Shot) -> tuple[Place, Shot]:
    """The first seed from the shot's on whose land has a lake."""
    for seed in itertools.count(shot.seed):
        land = build(dataclasses.replace(shot, seed=seed))
        if land.water:
            return land, dataclasses.replace(shot, seed=seed)
    raise AssertionError


@pytest.mark.parametrize(("time", "weather"), [("day", "snow"), ("dusk", "rain"), ("night", "clear")])
def test_every_pixel_is_painted_and_finite(time: str, weather: str) -> None:
    shot = shot_of(time, weather, placements=(HERO,))
    picture = frame(build(shot), shot, 1.3)
    assert np.isfinite(picture).all()
    assert picture.min() >= 0
    assert picture[75:].mean() > 0.001


@pytest.mark.parametrize("size", [(210, 90), (96, 160)])
def test_a_lake_mirrors_what_stands_above_it_in_every_shape(size: tuple[int, int]) -> None:
    land, shot = with_lake(shot_of(size=size))
    picture = frame(land, shot, 1.0)
    line = round(0.55 * size[1])
    above, below = picture[line - 6 : line - 1].mean((0, 1)), picture[line + 2 : line + 7].mean((0, 1))
    assert np.isfinite(picture).all()
    assert np.abs(above - below).max() < 0.6 * above.max()
    later = frame(land, shot, 1.5)
    assert np.abs(later[line + 4 : line + 30] - picture[line + 4 : line + 30]).mean() > 1e-4


def test_nobody_stands_in_a_lake() -> None:
    assert not any(build(shot_of(seed=seed, placements=(HERO,))).water for seed in (1, 2))


def test_the_same_seed_gives_the_same_bytes_and_another_another_land() -> None:
    shot = shot_of(placements=(HERO,))
    one, two = build(shot), build(shot)
    later = frame(one, shot, 2.0)
    frame(two, shot, 0.3)
    assert np.array_equal(later, frame(two, shot, 2.0))
    other = dataclasses.replace(shot, seed=9)
    assert np.abs(frame(build(other), other, 2.0) - later).mean() > 0.01


def test_a_range_stands_on_the_horizon_and_its_rows_come_nearer_downwards() -> None:
    shot = shot_of()
    canvas = Canvas.of(shot)
    one = Range(150, 560, 40, 760, 0.2, 0.6, 0.3, (0.07, 0.11, 0.03), (0.16, 0.18, 0.05))
    layer, depth = raise_range(canvas, one, rolling(shot.rng("a")), Sky(shot).light(0.0), shot.rng("b"))
    rows = np.flatnonzero(layer.pixels[..., 3].max(1) > 0.5)
    assert rows.min() < canvas.horizon
    assert abs(rows.max() - canvas.row(0, 150)) < 6
    assert (np.diff(layer.depth) <= 1e-3).all()
    assert 140 < depth[depth > 0].min() < depth.max() < 570
    assert np.isfinite(layer.pixels).all()


def test_height_fields_tile() -> None:
    for field in (rolling(np.random.default_rng(1)), ridged(np.random.default_rng(1))):
        inside = np.abs(np.diff(field, axis=1)).mean()
        assert np.abs(field[:, 0] - field[:, -1]).mean() < 2 * inside
        assert 0 <= field.min() < 0.2 < 0.7 < field.max() <= 1.2


def test_unchanged_light_leaves_layers_alone_and_night_darkens_them() -> None:
    shot = shot_of("golden", sun_elevation_to=-14.0, placements=(HERO,))
    land = build(shot)
    first, last = land.light(0.0), land.light(5.0)
    layers = land._back.layers
    assert (relit(layers, first, first) == 1).all()
    assert relit(layers, first, last).mean() < 0.7
    steps = [frame(land, shot, t)[75:].mean() for t in np.linspace(0, 5, 6)]
    assert max(abs(b - a) for a, b in itertools.pairwise(steps)) < 0.5 * steps[0]


def test_words_decide_between_lake_and_plain() -> None:
    def said(word: str, seed: int) -> bool:
        spec = SceneSpec(words={"setting": (word,)})
        return build(dataclasses.replace(shot_of(seed=seed), spec=spec)).water

    assert said("lake", 1)
    assert said("湖边", 2)
    assert not said("hillside", 3)
