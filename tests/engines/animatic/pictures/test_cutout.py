import numpy as np
import pytest

from kineograph.engines.animatic.pictures.cutout import cut_out


def with_somebody(painted):
    image = painted["landscape"]()
    image[90:240, 200:280] = np.clip(np.array((215, 70, 50)) + 20 * np.sin(np.arange(80) / 5)[None, :, None], 0, 255)
    return image


def test_a_thing_on_plain_paper_is_cut_along_its_outline(painted):
    cut = cut_out(painted["bottle"]())
    height, width = cut.shape[:2]
    assert height == pytest.approx(0.76 * 272, abs=9)
    assert width == pytest.approx(0.30 * 272, abs=6)
    assert cut[height // 2, width // 2, 3] == 255
    assert cut[4, 4, 3] == 0  # beside the neck


def test_somebody_in_a_scene_is_cut_out_of_it(painted):
    cut = cut_out(with_somebody(painted))
    assert cut.shape[0] == pytest.approx(150, abs=12)
    assert cut.shape[1] == pytest.approx(80, abs=10)
    assert cut[..., 3].mean() > 200


def test_edges_keep_no_fringe_of_the_background(painted):
    cut = cut_out(with_somebody(painted))
    edge = (cut[..., 3] > 20) & (cut[..., 3] < 250)
    assert edge.any()
    red, blue = cut[..., 0][edge].astype(int), cut[..., 2][edge].astype(int)
    assert (red > blue + 40).mean() > 0.9


def test_a_scene_without_anybody_is_shown_whole_as_a_print(painted):
    image = painted["landscape"]()
    cut = cut_out(image)
    assert cut.shape[0] > image.shape[0]
    assert cut[cut.shape[0] // 2, 4, :3].min() > 225  # the white border
    assert np.abs(cut[10:-10, 10:-10, :3].astype(int) - image).max() == 0


def test_a_pictures_own_transparency_is_the_outline():
    image = np.zeros((100, 200, 4), np.uint8)
    image[20:80, 50:120] = 10, 200, 30, 255
    cut = cut_out(image)
    assert cut.shape[:2] == pytest.approx((60, 70), abs=3)
    assert tuple(cut[30, 30]) == (10, 200, 30, 255)


def test_large_pictures_are_bounded():
    image = np.full((3000, 2000, 3), 250, np.uint8)
    image[500:2500, 600:1400] = 30, 60, 200
    assert max(cut_out(image).shape[:2]) <= 1440
