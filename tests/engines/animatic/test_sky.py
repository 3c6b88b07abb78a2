"""The sky: light, palettes, weather, key frames."""

from __future__ import annotations

import dataclasses
import itertools
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from numba import njit

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.light import clouds
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.light.tables import grade_of, grades, weather_of, weathers
from kineograph.engines.animatic.noise import F32, spectral
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec

ELEVATION = {"dawn": 3.0, "day": 40.0, "golden": 6.0, "dusk": -4.0, "night": -16.0}


def shot_of(time: str = "day", weather: str = "clear", **changes: object) -> Shot:
    rest = Camera()
    base = Shot(
        SceneSpec(time=time, weather=weather),
        160,
        96,
        48,
        seed=5,
        camera=CameraPath(rest, dataclasses.replace(rest, x=0.1), 2.0),
        rest=rest,
        scale=0.5,
        sun_elevation=ELEVATION[time],
        sun_elevation_to=ELEVATION[time],
        sun_azimuth=10.0,
        cover=0.0,
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]  # test helper


@pytest.mark.parametrize(
    ("time", "weather"),
    [(time, "clear") for time in ELEVATION] + [("day", weather) for weather in weathers()] + [("night", "storm")],
)
def test_every_time_and_weather_gives_a_finite_sky_and_light(time: str, weather: str) -> None:
    shot = shot_of(time, weather)
    sky = Sky(shot)
    picture = sky.render(shot.rest, shot.shading_size, 0.7)
    light = sky.light(0.7)
    assert picture.shape == (48, 80, 3)
    assert np.isfinite(picture).all()
    assert picture.min() >= 0
    assert picture.max() > 0.001
    for part in (light.key, light.sky, light.bounce, light.haze):
        assert part.shape == (3,)
        assert part.dtype == np.float32
        assert np.isfinite(part).all()
        assert (part >= 0).all()
    assert np.linalg.norm(light.direction) == pytest.approx(1, abs=1e-4)
    assert light.haze_density > 0


def test_a_sunlit_white_wall_is_about_one_and_night_is_dark() -> None:
    day, night = Sky(shot_of("day")).light(0), Sky(shot_of("night")).light(0)
    assert 0.8 < float((day.key + day.sky).mean()) < 1.3
    assert float((night.key + night.sky).mean()) < 0.35
    assert (day.night, night.night) == (0, 1)


def test_the_same_shot_gives_the_same_bytes_and_another_seed_does_not() -> None:
    shot = shot_of(cover=0.3)
    a, b = (Sky(shot).render(shot.rest, (80, 48), 0.7) for _ in range(2))
    other = Sky(dataclasses.replace(shot, seed=6)).render(shot.rest, (80, 48), 0.7)
    assert np.array_equal(a, b)
    assert np.abs(a - other).mean() > 0.01


def test_frames_asked_for_by_two_threads_are_the_frames_of_one() -> None:
    shot = shot_of(cover=0.05, frames=72)
    times = [0.1 * k for k in range(24)]
    single, together = Sky(shot), Sky(shot)
    alone = [single.render(shot.rest, (80, 48), t) for t in times[::6]]
    with ThreadPoolExecutor(2) as pool:
        mixed = list(pool.map(lambda t: together.render(shot.rest, (80, 48), t), times))
    assert all(np.array_equal(a, b) for a, b in zip(alone, mixed[::6], strict=True))


def test_clouds_drift_without_a_jump_at_key_frames() -> None:
    shot = shot_of(cover=0.4)
    sky = Sky(shot)
    frames = [sky.render(shot.rest, (80, 48), k / 24) for k in range(20, 29)]  # one at 24
    steps = [float(np.abs(b - a).mean()) for a, b in itertools.pairwise(frames)]
    assert min(steps) > 0
    assert max(steps) < 4 * float(np.median(steps))


@pytest.mark.parametrize(("time", "weather"), [("day", "wind"), ("dusk", "clear"), ("day", "rain")])
def test_clouds_between_key_frames_are_where_the_wind_has_carried_them(time: str, weather: str) -> None:
    shot = shot_of(time, weather, cover=0.4, wind=8.0, width=960, height=576, frames=120)
    drawn, keyed = Sky(shot), Sky(shot)
    keyed._every, drawn._every = 5.0, 2.5

    def seen(sky: Sky, t: float) -> F32:
        return np.asarray(cv2.GaussianBlur(sky.picture(t)[..., :3], (0, 0), 1.5), np.float32)  # without its grain

    keys, true = [seen(keyed, t) for t in (0.0, 5.0)], seen(drawn, 2.5)
    mixed = float(np.abs((keys[0] + keys[1]) / 2 - true).mean())
    assert np.abs(keys[0] - true).mean() > 0.02 * true.mean()
    assert np.abs(seen(keyed, 2.5) - true).mean() < 0.65 * mixed


def test_the_map_of_clouds_misses_none() -> None:
    rng = np.random.default_rng(3)
    brick, soft = clouds.density(0.15, rng), spectral(512, 2.6, rng, 3)
    where = clouds.map_of(clouds.tops(brick), soft, (-12.0, 12.0), (1.0, 47.0))
    places = np.stack([rng.uniform(-11.9, 11.9, 40_000), rng.uniform(1, 1 + clouds.FAR, 40_000)], 1).astype(np.float32)
    found = where[((places[:, 1] - 1) / clouds.CELL).astype(int), ((places[:, 0] + 12) / clouds.CELL).astype(int)]
    highest = _tops_at(brick, soft, places)
    hidden = (highest > 0) & (found < highest - 1e-4)
    assert 0.1 < (highest > 0).mean() < 0.5
    assert hidden.mean() < 1e-3  # a bend steeper than the map allows for clips a wisp


def _tops_at(brick: F32, soft: F32, places: F32) -> F32:
    """Kilometres above the base of the highest cloud over each place (K, 2), -1 where there is none."""
    bent = njit(lambda tile, x, z: clouds.bent(tile, x, z))
    out = np.empty(len(places), np.float32)
    for k, (x, z) in enumerate(places):
        across, along = bent(soft, x, z)
        i, j = int(np.floor(across)), int(np.floor(along))
        column = brick[:, [j % 256, j % 256, (j + 1) % 256, (j + 1) % 256], [i % 256, (i + 1) % 256] * 2].max(1)
        out[k] = (int(np.flatnonzero(column)[-1]) if column.any() else -1) * clouds.SLAB / clouds.LAYERS
    return out


def test_dusk_is_not_one_hue() -> None:
    hues = []
    for name in grades("dusk"):
        picture = Sky(shot_of("dusk", grade=name)).render(Camera(), (80, 48), 0.0)[4:30].mean((0, 1))
        hues.append(picture / picture.sum())
    apart = [np.abs(a - b).max() for i, a in enumerate(hues) for b in hues[i + 1 :]]
    assert len(hues) >= 4
    assert min(apart) > 0.01
    assert max(apart) > 0.06


@pytest.mark.parametrize(("weather", "least"), [("rain", 0.06), ("snow", 0.06), ("fog", 0.03), ("storm", 0.06)])
def test_a_closed_sky_is_not_flat_grey(weather: str, least: float) -> None:
    picture = Sky(shot_of("day", weather)).render(Camera(), (80, 48), 0.0)[:22]
    luma = picture.mean(2)
    assert luma.std() / luma.mean() > least


def test_light_that_changes_arrives_where_it_is_sent() -> None:
    sky = Sky(shot_of("golden", sun_elevation=6.0, sun_elevation_to=-12.0))
    steps = [float(sky.light(t).key.sum() + sky.light(t).sky.sum()) for t in np.linspace(0, 2, 9)]
    assert sky.light(2.0).night == pytest.approx(1, abs=0.05)
    assert sky.light(0.0).night == 0
    assert steps[0] > 2 * steps[-1]
    assert max(abs(b - a) for a, b in itertools.pairwise(steps)) < 0.5 * steps[0]


def test_radiance_shows_sky_above_and_ground_below() -> None:
    sky = Sky(shot_of("day"), ground=(0.5, 0.1, 0.1))
    around = sky.radiance(np.array([[0, 1, 0], [0, -1, 0], [0, 0.02, 1]], np.float32))
    assert around[0, 2] > around[0, 0]
    assert around[1, 0] > 3 * around[1, 2]
    assert np.isfinite(around).all()


def test_a_sun_ahead_is_seen_and_moves_with_pan_and_tilt() -> None:
    shot = shot_of("golden")
    sky = Sky(shot)
    seen = []
    for camera in (shot.rest, dataclasses.replace(shot.rest, pan=0.1), dataclasses.replace(shot.rest, horizon=0.4)):
        picture = sky.render(camera, (160, 96), 0.0).sum(2)
        seen.append(np.unravel_index(int(picture.argmax()), picture.shape))
    assert seen[1][1] < seen[0][1] - 5
    assert seen[2][0] < seen[0][0] - 5


def test_unknown_words_fall_back() -> None:
    assert weather_of("plague") == weather_of("clear")
    assert grade_of("dusk", "nonsense") == grade_of("dusk", "natural")
    assert grades("noon-ish") == ("natural",)
    assert all(len(grades(time)) >= 4 for time in ELEVATION)


@pytest.mark.parametrize("prompt", ["A wolf howling at the moon on a mountain", "a pirate ship under a full moon"])
@pytest.mark.parametrize("size", [(256, 144), (144, 256)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_moon_that_was_asked_for_stands_in_the_picture_beside_the_hero(
    prompt: str, size: tuple[int, int], seed: int
) -> None:
    shot = direct(compile_prompt(prompt), width=size[0], height=size[1], frames=24, seed=seed, camera_fixed=True)
    assert "moon" in shot.spec.effects
    picture = Sky(shot).render(shot.rest, size, 0.0).mean(-1)
    y, x = np.unravel_index(int(np.argmax(cv2.blur(picture, (5, 5)))), picture.shape)
    assert y < 0.3 * size[1]
    hero = shot.placements[0]
    across = hero.x / hero.z * shot.rest.focal * size[1] + size[0] / 2
    assert abs(x - across) > 0.15 * size[0]
    assert 0.02 * size[0] < x < 0.98 * size[0]
