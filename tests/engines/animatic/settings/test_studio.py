"""The studio: paper in any colour, light that fits it."""

from __future__ import annotations

import numpy as np
import pytest

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.colours import colour, words
from kineograph.engines.animatic.film.finish import finish
from kineograph.engines.animatic.settings.studio import Studio, build, paper_of
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec

CAMERA = Camera(y=0.2, focal=2.2, horizon=0.4)


def _shot(backdrop: str = "white", width: int = 160, height: int = 90) -> Shot:
    return Shot(
        spec=SceneSpec(setting="studio", backdrop=backdrop), width=width, height=height, frames=24, seed=1,
        camera=CameraPath(CAMERA, CAMERA, 1.0), rest=CAMERA, scale=1.0,
    )  # fmt: skip


def _backdrop(studio: Studio, shot: Shot) -> np.ndarray:
    width, height = shot.shading_size
    out = np.full((height, width, 3), np.nan, np.float32)
    studio.backdrop(0.0, CAMERA, out)
    return out


@pytest.mark.parametrize("size", [(168, 72), (160, 90), (120, 90), (90, 90), (90, 120), (90, 160)])
def test_white_paper_is_exactly_white_in_every_frame_shape(size: tuple[int, int]) -> None:
    shot = _shot("white", *size)
    frame = finish(_backdrop(build(shot), shot), shot, 0, "product")
    assert (frame.y == 235).all()
    assert (frame.u == 128).all()
    assert (frame.v == 128).all()


@pytest.mark.parametrize("word", ["red", "pink", "blue", "black"])
def test_a_colour_word_is_a_backdrop_of_that_colour(word: str) -> None:
    shot = _shot(word)
    picture = _backdrop(build(shot), shot)
    assert np.isfinite(picture).all()
    assert picture.min() >= 0
    assert picture.max() <= 1
    mean = picture.mean(axis=(0, 1))
    if word in ("red", "pink"):
        assert mean[0] > 1.2 * mean[1:].max()
    if word == "blue":
        assert mean[2] > mean[:2].max()
    if word == "black":
        assert mean.max() < 0.1


def test_the_light_matches_the_paper_and_does_not_change() -> None:
    white, black = (build(_shot(word)).light(0) for word in ("white", "black"))
    assert float(white.bounce.mean()) > 2 * float(black.bounce.mean())
    studio = build(_shot())
    assert studio.light(0) is studio.light(0.9)


def test_every_colour_word_has_a_paper_of_its_own() -> None:
    papers = {tuple(float(v) for v in paper_of(word).colour) for word in words()}
    assert len(papers) == len(words())
    np.testing.assert_array_equal(colour("no such word"), colour("grey"))
