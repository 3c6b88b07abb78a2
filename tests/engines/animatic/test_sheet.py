"""Contact sheets."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.sheet import shot_for, shrunk, tiled


def test_tiles_are_laid_row_by_row_with_white_between() -> None:
    pictures = [np.full((4, 6, 3), value, np.uint8) for value in (10, 20, 30)]
    sheet = tiled(pictures, 2, gap=2)
    assert sheet.shape == (10, 14, 3)
    assert sheet[0, 0, 0] == 10
    assert sheet[0, 8, 0] == 20
    assert sheet[6, 0, 0] == 30
    assert sheet[4, 0, 0] == sheet[6, 8, 0] == 255


def test_shrinking_keeps_the_shape() -> None:
    assert shrunk(np.zeros((40, 60, 3), np.uint8), 30).shape == (20, 30, 3)


def test_a_shot_has_the_asked_size_and_length() -> None:
    shot = shot_for("a beach", (640, 480), 1, seconds=2.0)
    assert (shot.width, shot.height, shot.frames) == (640, 480, 48)
