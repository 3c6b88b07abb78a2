"""The film stage: tone, size, grain, planes."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.film.finish import blank_of, bloom, finish
from kineograph.engines.animatic.film.tone import CURVE, cinematic, paper, tabulate
from kineograph.engines.animatic.light.tables import Grade
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec

SHOT = Shot(SceneSpec(), 160, 96, 24, 7, CameraPath(Camera(), Camera(), 1.0), Camera(), scale=0.5)


def flat(
    r: float, g: float, b: float, size: tuple[int, int] = (80, 48)
) -> np.ndarray[tuple[int, int, int], np.dtype[np.float32]]:
    return np.full((size[1], size[0], 3), (r, g, b), np.float32)


def rgb(frame: tuple[np.ndarray, np.ndarray, np.ndarray]) -> tuple[float, float, float]:  # type: ignore[type-arg]  # test
    """Mean display RGB 0…1 of the middle, bt709 limited."""
    y, u, v = (float(p[p.shape[0] // 4 : -p.shape[0] // 4, p.shape[1] // 4 : -p.shape[1] // 4].mean()) for p in frame)
    y, u, v = (y - 16) / 219, (u - 128) / 224, (v - 128) / 224
    return y + 1.5748 * v, y - 0.1873 * u - 0.4681 * v, y + 1.8556 * u


def test_planes_have_the_films_size_and_stay_in_limited_range() -> None:
    noise = np.random.default_rng(1).exponential(2, (48, 80, 3)).astype(np.float32)
    frame = finish(noise, SHOT, 3)
    assert frame.y.shape == (96, 160)
    assert frame.u.shape == frame.v.shape == (48, 80)
    assert all(p.dtype == np.uint8 for p in frame)
    assert frame.y.min() >= 16
    assert frame.y.max() <= 235
    assert min(frame.u.min(), frame.v.min()) >= 16
    assert max(frame.u.max(), frame.v.max()) <= 240


def test_the_same_frame_twice_is_the_same_bytes_and_the_next_has_other_grain() -> None:
    picture = flat(0.2, 0.2, 0.2)
    a, b, c = finish(picture, SHOT, 3), finish(picture, SHOT, 3), finish(picture, SHOT, 4)
    assert all(np.array_equal(p, q) for p, q in zip(a, b, strict=True))
    assert not np.array_equal(a.y, c.y)
    assert np.array_equal(picture, flat(0.2, 0.2, 0.2))


def test_grain_is_subtle_and_has_no_mean() -> None:
    frames = [finish(flat(0.18, 0.18, 0.18), SHOT, k).y.astype(float) for k in range(4)]
    middle = [f[30:66, 50:110] for f in frames]
    assert 0.4 < np.mean([m.std() for m in middle]) < 2.5
    assert max(m.mean() for m in middle) - min(m.mean() for m in middle) < 0.5


def test_a_bright_orange_coat_stays_orange() -> None:
    for gain in (0.4, 1.0, 2.0, 3.0):
        r, g, b = rgb(finish(flat(0.86 * gain, 0.34 * gain, 0.075 * gain), SHOT, 0))
        assert r > g > b
        assert g < 0.86 * r  # yellow would have green beside red


def test_light_burns_out_to_near_white_and_brighter_is_never_darker() -> None:
    lumas = [rgb(finish(flat(v, v * 0.9, v * 0.7), SHOT, 0))[1] for v in (0.02, 0.1, 0.3, 1, 3, 8, 20)]
    r, _, b = rgb(finish(flat(16, 14, 11), SHOT, 0))
    assert all(b > a - 0.005 for a, b in itertools.pairwise(lumas))
    assert b > 0.75 * r


def test_a_sunlit_white_wall_is_bright_but_not_clipped() -> None:
    assert 0.86 < rgb(finish(flat(1, 1, 1), SHOT, 0))[1] < 0.985


def test_product_white_is_exact_and_colours_up_to_four_fifths_are_linear() -> None:
    white = finish(flat(1.0, 1.0, 1.0), SHOT, 0, tone="product")
    assert white.y.min() == white.y.max() == 235
    assert white.u.min() == white.u.max() == 128
    curve, _ = tabulate(paper())
    x = np.linspace(0, CURVE, len(curve)) ** 2
    below = x <= 0.8
    assert np.allclose(curve[below], x[below], atol=1e-5)
    assert (np.diff(curve) >= 0).all()
    assert curve[x >= 1].min() == 1


def test_every_curve_rises_and_ends_at_white() -> None:
    for look in (paper(), cinematic(Grade(), 0.0), cinematic(Grade(contrast=0.9), -1.0)):
        curve, gamma = tabulate(look)
        assert (np.diff(curve) >= 0).all()
        assert (np.diff(gamma) > -1e-6).all()
        assert (gamma[0], gamma[-1]) == pytest.approx((0, 1))


def test_bloom_spreads_a_spot_and_keeps_black_black() -> None:
    picture = flat(0, 0, 0, (160, 96))
    assert bloom(picture).max() == 0
    picture[40:48, 60:68] = 8
    halo = bloom(picture)
    assert halo.shape == (48, 80, 3)
    assert halo[22, 40, 0] > 0.005
    assert halo[22, 32, 0] > halo[22, 48, 0]


def test_shading_at_full_size_needs_no_enlarging() -> None:
    frame = finish(flat(0.3, 0.4, 0.5, (160, 96)), dataclasses.replace(SHOT, scale=1.0), 0)
    assert frame.y.shape == (96, 160)


def test_a_product_frame_is_the_same_with_and_without_its_blank() -> None:
    shot = dataclasses.replace(SHOT, width=640, height=400)
    empty = flat(0.9, 0.95, 1.0, (320, 200))
    rng = np.random.default_rng(2)
    for top, left in ((0, 0), (131, 140), (60, 200)):
        picture = empty.copy()
        picture[top : top + 50, left : left + 70] = rng.uniform(0, 1.2, (50, 70, 3))
        whole, part = finish(picture, shot, 1, "product"), finish(picture, shot, 1, "product", blank_of(empty, shot))
        for one, other in zip(whole, part, strict=True):
            assert np.array_equal(one, other)
    nothing = finish(empty, shot, 1, "product", blank_of(empty, shot))
    assert np.array_equal(nothing.y, finish(empty, shot, 1, "product").y)
