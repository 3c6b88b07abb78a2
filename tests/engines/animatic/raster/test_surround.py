"""What surrounds a subject, as lighting reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from kineograph.engines.animatic.light.environment import LEVELS, directions, environment_of
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.block import AROUND, MIRROR, NUMBERS, N, R, Y, Z
from kineograph.engines.animatic.raster.surround import DULL, environment_for, reflect, ripple, waves_of

F32 = np.float32


def sunset(d: np.ndarray) -> np.ndarray:
    """Red in the west, blue above, dark below."""
    up, west = np.clip(d[:, 1:2], 0, 1), np.clip(d[:, :1], 0, 1)
    return np.asarray(up * [0.2, 0.4, 1.0] + west**4 * [2.0, 0.6, 0.1] + 0.05, np.float32)


def test_nine_waves_are_irradiance_to_a_hundredth_and_chalk_to_a_tenth() -> None:
    environment = environment_of(sunset)
    waves = waves_of(environment)
    toward = directions(128, nodes=True)[5::16, 3::16].reshape(-1, 3)[:48]
    row, n = np.zeros(NUMBERS, F32), len(toward)
    for c, plane in enumerate((np.uint64(0), Y, Z)):
        for first in (N, R):
            row[int(first + plane) : int(first + plane) + n] = toward[:, c]
    ripple(waves, row, n, True)
    for first, level, share in ((AROUND, LEVELS - 1, 0.01), (MIRROR, DULL, 0.1)):
        got = np.stack([row[int(first + p) : int(first + p) + n] for p in (np.uint64(0), Y, Z)], axis=1)
        reflect(environment, level, row, n, MIRROR)
        wanted = environment[level, 5::16, 3::16].reshape(-1, 3)[:48]
        assert np.abs(got - wanted).mean() < share * wanted.max()
        fetched = np.stack([row[int(MIRROR + p) : int(MIRROR + p) + n] for p in (np.uint64(0), Y, Z)], axis=1)
        np.testing.assert_allclose(fetched, wanted, atol=1e-3)


def test_a_light_that_has_no_surroundings_yet_is_lit_by_its_sky_and_ground(lit: Callable[..., Light]) -> None:
    light = replace(
        lit(), environment=np.zeros((1, 1, 1, 3), F32), sky=np.array([0, 0, 1], F32), bounce=np.array([1, 0, 0], F32)
    )
    made = environment_for(light)
    middle, corner = made.shape[1] // 2, 0
    np.testing.assert_allclose(made[-1, middle, middle], [0, 0, 1], atol=0.1)
    np.testing.assert_allclose(made[-1, corner, corner], [1, 0, 0], atol=0.1)
