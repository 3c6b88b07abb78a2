"""Luma at twice the size."""

from __future__ import annotations

import cv2
import numpy as np

from kineograph.engines.animatic.film.enlarge import doubled


def enlarged(small: np.ndarray, more: np.ndarray, less: np.ndarray, at: tuple[int, int] = (0, 0)) -> np.ndarray:  # type: ignore[type-arg]  # test
    height, width = small.shape
    out = np.empty((2 * height, 2 * width), np.uint8)
    doubled(small, more, less, *at, np.empty((9, width + 32), np.float32), out)
    return out


def test_one_pass_gives_what_cubic_enlarging_and_an_unsharp_mask_give() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (48, 80)).astype(np.float32)
    small = np.clip(cv2.GaussianBlur(noise, (0, 0), 1.2) * 2 - 128, 30, 220).astype(np.uint8)
    large = cv2.resize(small.astype(np.float32), (160, 96), interpolation=cv2.INTER_CUBIC)
    wanted = np.clip(large * 1.5 - cv2.GaussianBlur(large, (3, 3), 0) * 0.5, 16, 235)
    none = np.zeros((96, 160), np.uint8)
    assert np.abs(enlarged(small, none, none).astype(float) - wanted).max() < 1.01


def test_grain_is_added_and_taken_away_where_it_is_asked_for() -> None:
    small = np.full((8, 8), 100, np.uint8)
    more, less = np.zeros((24, 24), np.uint8), np.zeros((24, 24), np.uint8)
    more[5, 9], less[7, 3] = 4, 3
    out = enlarged(small, more, less, (2, 1))
    assert out[3, 8] == 104
    assert out[5, 2] == 97
    assert np.count_nonzero(out != 100) == 2


def test_nothing_leaves_limited_range() -> None:
    small = np.array([[0, 255] * 4] * 8, np.uint8)
    full = np.full((16, 16), 9, np.uint8)
    out = enlarged(small, full, np.zeros_like(full))
    assert out.min() >= 16
    assert out.max() <= 235
