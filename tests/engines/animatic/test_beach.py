"""The beach: waves that run up the sand and back."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.noise import spectral
from kineograph.engines.animatic.settings.beach import Beach, build
from kineograph.engines.animatic.settings.shore import CLIMB, LOWEST, Swash
from kineograph.engines.animatic.shot import Placement, Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec

ELEVATION = {"day": 40.0, "golden": 6.0, "dusk": -4.0, "night": -16.0}


def shot_of(time: str = "golden", weather: str = "clear", size: tuple[int, int] = (160, 96), **changes: object) -> Shot:
    rest = Camera(y=2.0, focal=1.15, horizon=0.43)
    base = Shot(
        SceneSpec(setting="beach", time=time, weather=weather),
        *size,
        120,
        seed=4,
        camera=CameraPath(rest, dataclasses.replace(rest, x=0.15), 5.0),
        rest=rest,
        scale=1.0,
        sun_elevation=ELEVATION[time],
        sun_elevation_to=ELEVATION[time],
        sun_azimuth=8.0,
        cover=0.0,
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]  # test helper


def frame(beach: Beach, shot: Shot, t: float) -> np.ndarray[tuple[int, int, int], np.dtype[np.float32]]:
    out = np.full((shot.height, shot.width, 3), np.nan, np.float32)
    camera = shot.camera.at(t)
    beach.backdrop(t, camera, out)
    beach.overlay(t, camera, out)
    return out


@pytest.mark.parametrize(
    ("time", "weather"), [("day", "clear"), ("golden", "clear"), ("dusk", "fog"), ("night", "clear"), ("day", "storm")]
)
def test_every_pixel_is_painted_and_finite(time: str, weather: str) -> None:
    shot = shot_of(time, weather)
    picture = frame(build(shot), shot, 1.3)
    assert np.isfinite(picture).all()
    assert picture.min() >= 0
    assert picture.max() < 40


@pytest.mark.parametrize("size", [(210, 90), (96, 96), (96, 160)])
def test_every_shape_shows_sky_sea_and_sand(size: tuple[int, int]) -> None:
    shot = shot_of("day", size=size)
    picture = frame(build(shot), shot, 1.3)
    assert np.isfinite(picture).all()
    sky, sea, sand = picture[4].mean(0), picture[int(size[1] * 0.55)].mean(0), picture[-2].mean(0)
    assert sky[2] > sky[0]
    assert sea[2] > sea[0]
    assert sand[0] > sand[2]


def test_the_same_seed_gives_the_same_bytes_and_frames_come_in_any_order() -> None:
    shot = shot_of()
    one, two = build(shot), build(shot)
    later = frame(one, shot, 2.0)
    frame(two, shot, 0.3)
    assert np.array_equal(later, frame(two, shot, 2.0))
    other = dataclasses.replace(shot, seed=5)
    assert np.abs(frame(build(other), other, 2.0) - later).mean() > 0.01


def test_water_runs_up_the_sand_and_back() -> None:
    swash = Swash(spectral(512, 2.2, np.random.default_rng(1), 5, 26), np.random.default_rng(2), 5.0, 1.0, 8.0)
    reach = np.array([swash.at(20 + k / 24).rows[:, 0].mean() for k in range(240)])
    assert reach.max() - reach.min() > 0.6
    rising = np.diff(reach) > 0
    turns = int((rising[1:] != rising[:-1]).sum())
    assert 3 <= turns <= 8  # two waves in ten seconds, up and down: no jitter
    assert np.abs(np.diff(reach)).max() < 0.12
    assert reach.min() >= LOWEST
    assert CLIMB < 2.5


def test_sand_stays_wet_above_the_edge_and_keeps_a_line_of_foam() -> None:
    swash = Swash(spectral(512, 2.2, np.random.default_rng(1), 5, 26), np.random.default_rng(2), 5.0, 1.0, 8.0)
    edges = [swash.at(20 + 0.25 * k).rows for k in range(20)]
    assert all((rows[:, 1] >= rows[:, 0] - 1e-5).all() for rows in edges)
    assert max(float(rows[:, 4].max()) for rows in edges) > 0.4
    assert all((rows[:, 2] >= 0).all() and (rows[:, 2] <= 1.001).all() for rows in edges)


def test_motion_is_smooth_from_frame_to_frame() -> None:
    shot = shot_of("day")
    beach = build(shot)
    frames = [frame(beach, shot, k / 24) for k in range(20, 30)]
    steps = [float(np.abs(b - a).mean()) for a, b in itertools.pairwise(frames)]
    assert max(steps) < 2.5 * float(np.median(steps))
    assert min(steps) > 1e-4


def test_everybody_stands_on_dry_land() -> None:
    hero = Placement(SubjectSpec("quadruped", "dog"), x=0.0, z=9.0, height=0.6)
    eye = Camera(y=0.8, focal=1.5, horizon=0.43)
    shot = shot_of("day", placements=(hero,), rest=eye, camera=CameraPath(eye, eye, 5.0))
    beach = build(shot)
    row = int((0.43 + 1.5 * 0.8 / 9.0) * shot.height)
    for t in (0.0, 1.0, 2.0, 3.0, 4.0):
        colour = frame(beach, shot, t)[row, 60:100].mean(0)
        assert colour[0] > colour[2]


def test_a_low_sun_lays_a_path_on_the_water() -> None:
    shot = shot_of("golden")
    picture = frame(build(shot), shot, 1.0).sum(2)
    band = picture[int(0.46 * 96) : int(0.6 * 96)].mean(0)
    sun = round(160 / 2 + np.tan(np.radians(8)) * 1.15 * 96)
    assert band[sun - 8 : sun + 8].mean() > 1.5 * np.r_[band[:30], band[-20:]].mean()
