"""Noise tiles and their samplers."""

from __future__ import annotations

import numpy as np
import pytest

from kineograph.engines.animatic.noise import mix, ripple, sample, sample2, smoothstep, spectral, wander


def test_a_tile_has_no_seam_and_unit_deviation() -> None:
    tile = spectral(128, 2.6, np.random.default_rng(1), lo=3)
    inside = np.abs(np.diff(tile, axis=1)).mean()
    across = np.abs(tile[:, 0] - tile[:, -1]).mean()
    assert tile.dtype == np.float32
    assert abs(tile.mean()) < 1e-4
    assert tile.std() == pytest.approx(1, abs=1e-3)
    assert across < 1.5 * inside


def test_the_sampler_wraps_and_hits_the_texels() -> None:
    tile = spectral(64, 2.0, np.random.default_rng(2))
    f = np.float32
    assert sample(tile, f(5), f(9)) == pytest.approx(tile[9, 5], abs=1e-5)
    assert sample(tile, f(5 - 128), f(9 + 64)) == pytest.approx(tile[9, 5], abs=1e-4)
    assert sample(tile, f(63.5), f(3)) == pytest.approx((tile[3, 63] + tile[3, 0]) / 2, abs=1e-5)


def test_two_channels_read_as_one_each() -> None:
    tile = ripple(64, np.random.default_rng(3))
    x, z = sample2(tile, np.float32(3.25), np.float32(7.5))
    assert x == pytest.approx(sample(np.ascontiguousarray(tile[..., 0]), np.float32(3.25), np.float32(7.5)), abs=1e-5)
    assert z == pytest.approx(sample(np.ascontiguousarray(tile[..., 1]), np.float32(3.25), np.float32(7.5)), abs=1e-5)


def test_the_same_generator_state_gives_the_same_noise() -> None:
    x = np.linspace(0, 5, 50, dtype=np.float32)
    assert np.array_equal(spectral(64, 2, np.random.default_rng(4)), spectral(64, 2, np.random.default_rng(4)))
    assert np.array_equal(wander(x, np.random.default_rng(4)), wander(x, np.random.default_rng(4)))
    assert not np.array_equal(spectral(64, 2, np.random.default_rng(4)), spectral(64, 2, np.random.default_rng(5)))


def test_smoothstep_is_clamped_and_may_run_backwards() -> None:
    f = np.float32
    assert smoothstep(f(0), f(1), f(-3)) == 0
    assert smoothstep(f(0), f(1), f(7)) == 1
    assert smoothstep(f(1), f(0), f(0.25)) == pytest.approx(1 - smoothstep(f(0), f(1), f(0.25)))
    assert mix(f(2), f(4), f(0.5)) == 3
