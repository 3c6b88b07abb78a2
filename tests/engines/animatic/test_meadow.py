"""Meadow and its parts: grass, hills, trees, the unsharp garden."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.settings.layers import travel_limit
from kineograph.engines.animatic.settings.meadow import build
from kineograph.engines.animatic.settings.place import Place
from kineograph.engines.animatic.shot import Placement, Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec

ELEVATION = {"day": 40.0, "golden": 6.0, "dusk": -4.0, "night": -16.0}


def shot_of(
    time: str = "day", weather: str = "clear", size: tuple[int, int] = (160, 96), eye: float = 1.4, **changes: object
) -> Shot:
    rest = Camera(y=eye, focal=1.15, horizon=0.5)
    base = Shot(
        SceneSpec(setting="meadow", time=time, weather=weather),
        *size,
        120,
        seed=4,
        camera=CameraPath(rest, dataclasses.replace(rest, x=0.08 * eye), 5.0),
        rest=rest,
        scale=1.0,
        sun_elevation=ELEVATION[time],
        sun_elevation_to=ELEVATION[time],
        sun_azimuth=60.0,
        cover=0.0,
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]  # test helper


def kitten() -> Shot:
    hero = Placement(SubjectSpec("quadruped", "cat"), x=0.0, z=0.7, height=0.25)
    return shot_of(eye=0.21, placements=(hero,))


def frame(meadow: Place, shot: Shot, t: float, camera: Camera | None = None) -> NDArray[np.float32]:
    out = np.full((shot.height, shot.width, 3), np.nan, np.float32)
    camera = camera or shot.camera.at(t)
    meadow.backdrop(t, camera, out)
    meadow.overlay(t, camera, out)
    return out


@pytest.mark.parametrize(
    ("time", "weather"), [("day", "clear"), ("golden", "wind"), ("dusk", "fog"), ("night", "clear"), ("day", "snow")]
)
def test_every_pixel_is_painted_and_finite(time: str, weather: str) -> None:
    shot = shot_of(time, weather)
    picture = frame(build(shot), shot, 1.3)
    assert np.isfinite(picture).all()
    assert picture.min() >= 0
    assert picture[70:].mean() > 0.001


@pytest.mark.parametrize("size", [(210, 90), (96, 160)])
def test_every_shape_has_sky_above_and_grass_below(size: tuple[int, int]) -> None:
    shot = shot_of(size=size)
    picture = frame(build(shot), shot, 1.0)
    above, below = picture[: size[1] // 4].mean((0, 1)), picture[-size[1] // 5 :].mean((0, 1))
    assert np.isfinite(picture).all()
    assert above[2] > above[0]
    assert below[1] > 1.15 * max(below[0], below[2])


def test_a_kitten_has_an_unsharp_garden_behind_and_blades_before_its_feet() -> None:
    shot = kitten()
    meadow = build(shot)
    out = np.zeros((shot.height, shot.width, 3), np.float32)
    meadow.backdrop(0.0, shot.rest, out)
    garden, grass = out[10:40].mean(2), out[75:95].mean(2)
    detail = [float(np.abs(np.diff(part, 2, axis=1)).mean() / part.mean()) for part in (garden, grass)]
    assert detail[0] < 0.5 * detail[1]
    before = np.zeros_like(out)
    meadow.overlay(0.0, shot.rest, before)
    feet = round((0.5 + 1.15 * 0.21 / 0.7) * shot.height)
    assert before[feet - 4 : feet + 2].max() > 0
    assert before[: feet - 30].max() == 0


def test_the_same_seed_gives_the_same_bytes_and_frames_come_in_any_order() -> None:
    shot = kitten()
    one, two = build(shot), build(shot)
    later = frame(one, shot, 2.0)
    frame(two, shot, 0.3)
    assert np.array_equal(later, frame(two, shot, 2.0))


def test_grass_moves_in_the_wind_without_jumps() -> None:
    shot = shot_of(camera=CameraPath(Camera(y=1.4), Camera(y=1.4), 5.0), rest=Camera(y=1.4))
    meadow = build(shot)
    frames = [frame(meadow, shot, k / 24)[50:] for k in range(20, 29)]
    steps = [float(np.abs(b - a).mean()) for a, b in itertools.pairwise(frames)]
    assert min(steps) > 1e-5
    assert max(steps) < 3 * float(np.median(steps))


def test_the_camera_may_travel_to_its_limit_without_showing_an_edge() -> None:
    shot = shot_of()
    meadow = build(shot)
    nearest = shot.rest.focal * shot.rest.y / (1 - shot.rest.horizon)
    side = travel_limit(nearest, shot.rest)
    for camera in (dataclasses.replace(shot.rest, x=side), dataclasses.replace(shot.rest, x=-side, z=0.4)):
        picture = frame(meadow, shot, 0.5, camera)
        assert np.isfinite(picture).all()
        assert picture[60:, [0, -1]].min() > 0


def test_light_that_changes_changes_the_grass() -> None:
    shot = shot_of("golden", sun_elevation=6.0, sun_elevation_to=-12.0)
    meadow = build(shot)
    bright, dark = frame(meadow, shot, 0.0)[70:].mean(), frame(meadow, shot, 5.0)[70:].mean()
    assert dark < 0.6 * bright
    steps = [frame(meadow, shot, t)[70:].mean() for t in np.linspace(0, 5, 11)]
    assert max(abs(b - a) for a, b in itertools.pairwise(steps)) < 0.4 * bright
