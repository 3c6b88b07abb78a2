import io
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kineograph.core.errors import EngineError
from kineograph.media.encode import encode
from kineograph.media.frame import Frame
from kineograph.media.poster import jpeg, png, poster, sheet, still, still_at


def flat(luma: int, width: int = 96, height: int = 64) -> Frame:
    half = (height // 2, width // 2)
    return Frame(np.full((height, width), luma, np.uint8), np.full(half, 128, np.uint8), np.full(half, 128, np.uint8))


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return encode([flat(40 + 6 * i) for i in range(31)], fps=Fraction(24), path=tmp_path / "a.mp4", crf=5)


def test_limited_range_becomes_full_range() -> None:
    assert still(flat(16)).max() == 0
    assert still(flat(235)).min() == 255


def test_colours_are_read_as_bt709() -> None:
    # ITU-R BT.709: pure red is Y 63, Cb 102, Cr 240 in limited range.
    planes = [np.full((8, 8), 63, np.uint8), np.full((4, 4), 102, np.uint8), np.full((4, 4), 240, np.uint8)]
    assert np.abs(still(Frame(*planes)).astype(int) - (255, 0, 0)).max() <= 3


def test_the_poster_is_a_third_into_the_film(film: Path, tmp_path: Path) -> None:
    with Image.open(poster(film, tmp_path / "a.jpg")) as image:
        assert image.format == "JPEG"
        assert abs(np.asarray(image).mean() - still(flat(100)).mean()) < 2


def test_posters_are_the_same_bytes_every_time(film: Path, tmp_path: Path) -> None:
    assert poster(film, tmp_path / "a.jpg").read_bytes() == poster(film, tmp_path / "b.jpg").read_bytes()


@pytest.mark.parametrize(("size", "expected"), [((2176, 928), (1280, 546)), ((480, 864), (480, 864))])
def test_the_longer_side_is_at_most_1280_pixels(size: tuple[int, int], expected: tuple[int, int]) -> None:
    with Image.open(io.BytesIO(jpeg(still(flat(90, *size))))) as image:
        assert image.size == expected


def test_the_last_frame_as_png_has_the_same_pixels(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    frame = Frame(*(rng.integers(16, 235, shape, np.uint8) for shape in [(64, 96), (32, 48), (32, 48)]))
    with Image.open(png(frame, tmp_path / "last.png")) as image:
        assert np.array_equal(np.asarray(image), still(frame))


def test_stills_are_found_from_first_to_last(film: Path) -> None:
    assert abs(still_at(film, 0).mean() - still(flat(40)).mean()) < 2
    assert abs(still_at(film, 1).mean() - still(flat(220)).mean()) < 2


def test_what_is_not_a_film_has_no_poster(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"nothing")
    with pytest.raises(EngineError, match="no still"):
        poster(tmp_path / "a.mp4", tmp_path / "a.jpg")


def test_a_sheet_shows_the_film_from_its_first_to_its_last_frame_in_reading_order(film: Path) -> None:
    with Image.open(io.BytesIO(sheet(film, columns=3, rows=2, width=48))) as image:
        assert image.size == (3 * 48, 2 * 32)
        pixels = np.asarray(image.convert("L")).astype(int)
    seen = [pixels[y + 16, x + 24] for y in (0, 32) for x in (0, 48, 96)]
    wanted = [int(still(flat(40 + 6 * number)).mean()) for number in (0, 6, 12, 18, 24, 30)]
    assert np.abs(np.array(seen) - wanted).max() <= 3


def test_a_film_of_fewer_frames_than_the_sheet_has_places_repeats_them(tmp_path: Path) -> None:
    short = encode([flat(50), flat(200)], fps=Fraction(24), path=tmp_path / "short.mp4", crf=5)
    with Image.open(io.BytesIO(sheet(short, columns=2, rows=2, width=48))) as image:
        assert image.size == (96, 64)


def test_no_sheet_is_made_of_what_is_no_film(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no film")
    with pytest.raises(EngineError):
        sheet(tmp_path / "a.mp4")
