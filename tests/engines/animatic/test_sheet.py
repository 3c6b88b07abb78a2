"""Contact sheets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from kineograph.engines.animatic.sheet import moments, shot_for, shrunk, still_of, tiled


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


def test_a_still_is_a_frame_of_its_film_as_png(tmp_path: Path) -> None:
    prompt, size = "a bottle on a white background", (128, 72)
    with Image.open(still_of(prompt, tmp_path / "still.png", size, seed=1, seconds=2, at=0.0)) as picture:
        drawn = np.asarray(picture)
    assert drawn.shape == (72, 128, 3)
    assert np.array_equal(drawn, moments(shot_for(prompt, size, 1, seconds=2), 2)[0])
