"""Noise along a row of the picture."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kineograph.engines.animatic.noise import F32, lean, ripple, sample, sample2, spectral
from kineograph.engines.animatic.settings.strips import PLANE, along, along2, bell, split, strip, strip2

ONE, TWO, STRIP = (np.uint64(PLANE * i) for i in range(3))
COLUMNS = 100


@lean
def _read(tile: F32, v: float, u: float, step: float, row: F32) -> None:
    strip(tile, v, row, STRIP)
    along(row, STRIP, tile.shape[0], u, step, 0, COLUMNS, ONE)


@lean
def _read2(tile: F32, v: float, u: float, step: float, row: F32) -> None:
    strip2(tile, v, np.float32(2), np.float32(-0.5), row, STRIP)
    along2(row, STRIP, tile.shape[2], u, step, 0, COLUMNS, ONE, TWO)


@pytest.mark.parametrize(("v", "u", "step"), [(3.25, 5.5, 0.37), (-70.4, -1300.2, 2.9), (63.9, 63.9, 1.0)])
def test_a_strip_says_what_the_tile_says(v: float, u: float, step: float) -> None:
    rng = np.random.default_rng(1)
    single, pair = spectral(64, 2.0, rng), ripple(64, rng, lo=3, hi=20)
    numbers = np.float32(v), np.float32(u), np.float32(step)
    places = [np.float32(u + x * step) for x in range(COLUMNS)]
    row = np.zeros(3 * PLANE, np.float32)
    _read(single, *numbers, row)
    assert row[:COLUMNS] == pytest.approx([sample(single, p, numbers[0]) for p in places], abs=3e-3)
    row[:] = 0
    _read2(split(pair), *numbers, row)
    slopes = np.array([sample2(pair, p, numbers[0]) for p in places])
    assert row[:COLUMNS] == pytest.approx(2 * slopes[:, 0], abs=6e-3)
    assert row[PLANE : PLANE + COLUMNS] == pytest.approx(-0.5 * slopes[:, 1], abs=3e-3)


def test_a_bell_is_an_exponential() -> None:
    for q in (0.0, 0.2, 1.0, 3.0, 8.0, 31.0, 40.0, 1e6):
        assert bell(np.float32(q)) == pytest.approx(math.exp(-q), abs=0.009)
