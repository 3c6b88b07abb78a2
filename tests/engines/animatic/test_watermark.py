"""The visible mark."""

from __future__ import annotations

import numpy as np
import pytest

from kineograph.engines.animatic.film.watermark import marked
from kineograph.media.frame import Frame


def flat(width: int, height: int, luma: int) -> Frame:
    half = (height // 2, width // 2)
    return Frame(np.full((height, width), luma, np.uint8), np.full(half, 90, np.uint8), np.full(half, 170, np.uint8))


@pytest.mark.parametrize(("width", "height"), [(864, 480), (480, 864), (1920, 1088), (1088, 1920), (640, 640)])
def test_the_mark_stands_in_the_lower_right_corner_and_nowhere_else(width: int, height: int) -> None:
    frame = flat(width, height, 100)
    done = marked(frame)
    rows, columns = np.nonzero(done.y != 100)
    assert rows.min() > 0.85 * height
    assert columns.min() > 0.5 * width
    assert rows.max() < height - 1
    assert columns.max() < width - 1
    assert (frame.y == 100).all()
    away = done.u[: int(0.85 * height) // 2]
    assert (away == 90).all()


@pytest.mark.parametrize("luma", [16, 60, 126, 190, 235])
@pytest.mark.parametrize(("width", "height"), [(864, 480), (1920, 1088)])
def test_letters_stand_out_from_every_background(width: int, height: int, luma: int) -> None:
    done = marked(flat(width, height, luma)).y.astype(int)
    corner = done[int(0.9 * height) :, int(0.6 * width) :]
    bright = np.percentile(corner[corner != luma], 97)
    around = np.percentile(corner[corner != luma], 15)
    assert bright - around > 70


def test_it_is_tall_enough_to_read_at_480p() -> None:
    rows = np.nonzero((marked(flat(864, 480, 40)).y > 120).any(1))[0]
    assert rows.max() - rows.min() >= 11


def test_the_mark_is_grey_whatever_the_picture() -> None:
    done = marked(flat(1920, 1088, 100))
    lit = done.y[::2, ::2] > 190
    assert lit.any()
    assert np.abs(done.u[lit].astype(int) - 128).max() < 25
