import numpy as np
import pytest

from kineograph.engines.animatic.pictures.silhouette import silhouette, undented


def test_the_thing_is_inside_and_its_shadow_is_not(painted):
    mask = silhouette(painted["bottle"]())
    assert mask is not None
    assert mask[180, 100:170].min() == 255  # the bottle, label and all
    assert mask[8:28].max() == 0  # above it
    shadow = mask[235:245, 185:220]  # beside its foot
    assert shadow.max() == 0


def test_a_white_label_on_white_paper_belongs_to_the_thing(painted):
    image = painted["bottle"]()
    image[150:180, 140:] = 246  # no edge at all on the right
    mask = silhouette(image)
    assert mask is not None
    assert mask[165, 145:168].min() == 255


def test_paper_may_be_dark_or_fade(painted):
    image = painted["bottle"]().astype(np.float32)
    fade = np.linspace(0.55, 1, 272)[:, None, None]
    assert silhouette((image * fade).astype(np.uint8)) is not None


@pytest.mark.parametrize("name", ["landscape", "towers"])
def test_a_scene_has_no_silhouette(painted, name):
    assert silhouette(painted[name]()) is None


def test_empty_paper_has_no_silhouette():
    assert silhouette(np.full((200, 200, 3), 240, np.uint8)) is None


def test_only_hollows_between_two_heights_are_filled():
    side = np.array([1, 1, 5, 5, 2, 5, 5, 5, 1, 1], np.float32)
    assert undented(side, 0.33).tolist() == [1, 1, 5, 5, 5, 5, 5, 5, 1, 1]
