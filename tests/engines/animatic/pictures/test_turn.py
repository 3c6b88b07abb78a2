from itertools import pairwise

import numpy as np
import pytest

from kineograph.engines.animatic.pictures.first_frame import build
from kineograph.engines.animatic.pictures.planes import as_given
from kineograph.engines.animatic.pictures.silhouette import silhouette
from kineograph.engines.animatic.pictures.turn import Turn, slices

PROMPT = "the bottle rotates slowly on a white background"


@pytest.fixture
def film(painted, shoot):
    return build(shoot(PROMPT, (272, 272), 120, camera_fixed=True), painted["bottle"]())


def test_a_product_on_plain_paper_turns(film):
    assert isinstance(film, Turn)


def test_words_that_do_not_speak_of_turning_leave_it_alone(painted, shoot):
    assert not isinstance(build(shoot("a windy day", (272, 272)), painted["bottle"]()), Turn)


def test_the_first_frame_is_the_picture(film, painted):
    for shown, given in zip(film.frame(0), as_given(painted["bottle"]()), strict=True):
        assert np.array_equal(shown, given)


def test_the_surface_slides_and_the_shadow_stays(film):
    first, turned = (
        film.frame(0).y.astype(int),
        film.frame(30).y.astype(int),
    )  # a quarter of the way to and fro: farthest
    assert np.abs(turned - first)[150:200, 115:160].mean() > 3
    assert np.abs(turned - first)[232:248, 185:230].max() <= 1
    assert np.abs(turned - first)[:30].max() <= 1


def test_the_label_moves_to_one_side_and_then_to_the_other(film):
    def middle(index):
        red = np.clip(film.frame(index).v.astype(float) - 150, 0, None)
        return (red.sum(axis=0) * np.arange(red.shape[1])).sum() / red.sum()

    rest = middle(0)
    assert (middle(30) - rest) * (middle(90) - rest) < 0
    assert min(abs(middle(30) - rest), abs(middle(90) - rest)) > 2.5


def test_neighbouring_frames_are_alike(film):
    frames = [film.frame(index).y.astype(int) for index in range(5)]
    steps = [np.abs(b - a).mean() for a, b in pairwise(frames)]
    assert max(steps) < 1.5


def test_what_is_no_body_of_revolution_does_not_sway():
    mask = np.zeros((200, 200), np.uint8)
    for row in range(60, 160):
        mask[row, 20 : 40 + (row - 60) * 14 // 10] = 255  # a wedge
    rows, _ = slices(mask)
    assert rows[:, 2].max() == 0


def test_a_bottle_sways_around_its_axis(painted):
    mask = silhouette(painted["bottle"]())
    assert mask is not None
    rows, _ = slices(mask)
    body = rows[130:230]
    assert body[:, 0] == pytest.approx(136, abs=1.5)
    assert body[:, 1] == pytest.approx(0.15 * 272, abs=2)
    assert body[:, 2].min() > 0.9
