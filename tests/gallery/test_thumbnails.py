"""Thirty films look as they did when they were recorded: sixteen in every run, all of them under the marker `gallery`.

`KINEO_RECORD=1 python -m pytest -m 'gallery or not gallery' tests/gallery/test_thumbnails.py` records them anew: look at the
difference (`git diff` shows pictures in most tools) before committing it.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.looks import GOLDEN, RGB, SAMPLE, SIZE, seen, ssim

THUMBNAILS = Path(__file__).parent / "thumbnails"

# Mean structural similarity to the record, both as JPEG. Noise of two levels, far more than another processor's rounding or another
# number of threads makes, scores 0.93 in the median; the picture shifted by six of its 160 columns 0.43.
SAME = 0.90


def compressed(picture: RGB) -> bytes:
    """As it is recorded: 6 kB each."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=88, subsampling=0, optimize=True)
    return out.getvalue()


def decoded(data: bytes) -> RGB:
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture)


@pytest.mark.parametrize(
    "name", [name if name in SAMPLE else pytest.param(name, marks=pytest.mark.gallery) for name in GOLDEN]
)
def test_a_film_looks_as_it_was_recorded(name: str) -> None:
    path = THUMBNAILS / f"{name}.jpg"
    poster = seen(name).poster
    if os.environ.get("KINEO_RECORD"):
        THUMBNAILS.mkdir(exist_ok=True)
        path.write_bytes(compressed(poster))
    recorded = decoded(path.read_bytes())
    assert recorded.shape == (SIZE[1], SIZE[0], 3)
    assert ssim(decoded(compressed(poster)), recorded) > SAME


def test_the_records_are_those_thirty_and_small() -> None:
    files = list(THUMBNAILS.glob("*"))
    assert {path.stem for path in files} == set(GOLDEN)
    assert sum(path.stat().st_size for path in files) < 300_000


def test_the_figure_tells_another_picture_from_the_same_a_little_noisier() -> None:
    poster = seen(SAMPLE[0]).poster
    rng = np.random.default_rng(1)
    noisy = np.clip(poster + rng.normal(0, 2, poster.shape), 0, 255).astype(np.uint8)
    shifted = np.roll(poster, 6, axis=1)
    assert ssim(poster, noisy) > SAME
    assert ssim(poster, shifted) < SAME
    assert ssim(poster, seen(SAMPLE[1]).poster) < SAME
