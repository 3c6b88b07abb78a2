"""Pictures on surfaces."""

from __future__ import annotations

import numpy as np
import pytest

from kineograph.engines.animatic.raster.mesh import Samples
from kineograph.engines.animatic.subjects.labels import HEIGHT, KINDS, Inks, label
from kineograph.engines.animatic.subjects.texture import linear, srgb, textured


def _samples(uv: list[tuple[float, float]], footprint: float = 1e-6) -> Samples:
    k = len(uv)
    three, one = np.ones((k, 3), np.float32), np.ones(k, np.float32)
    return Samples(
        position=three, normal=three, rest=three,
        colour=three.copy(), uv=np.array(uv, np.float32), occlusion=one, emission=np.zeros((k, 3), np.float32),
        material=np.zeros(k, np.uint8), part=np.zeros(k, np.uint16), footprint=np.full(k, footprint, np.float32),
    )  # fmt: skip


def test_a_picture_lies_where_its_uv_say() -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:32, 32:] = 255
    samples = _samples([(0.75, 0.25), (0.25, 0.25), (0.75, 0.75), (1.75, 0.25)])
    textured(picture, 1.0)(0)(samples)
    np.testing.assert_allclose(samples.colour[:, 0], [1, 0, 0, 1], atol=1e-5)


def test_only_its_part_and_its_faces_are_painted() -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    samples = _samples([(0.5, 0.5), (3.5, 0.5), (4.5, 0.5)])
    textured(picture, 1.0, faces=4)(0)(samples)
    np.testing.assert_array_equal(samples.colour[:, 0], [0, 0, 1])
    textured(picture, 1.0, faces=4)(7)(samples)
    np.testing.assert_array_equal(samples.colour[:, 0], [0, 0, 1])


def test_from_afar_a_fine_pattern_becomes_its_mean_instead_of_flickering() -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, ::2] = 255
    samples = _samples([(u, 0.5) for u in np.linspace(0, 1, 50)], footprint=0.2)
    textured(picture, 1.0)(0)(samples)
    np.testing.assert_allclose(samples.colour, 0.5, atol=0.02)


def test_bytes_and_light_convert_back_and_forth() -> None:
    for value in (0, 17, 128, 255):
        light = linear(np.full((1, 1, 3), value, np.uint8))[0, 0]
        assert srgb(light) == (value, value, value)


@pytest.mark.parametrize("kind", KINDS)
def test_labels_use_their_inks_and_join_at_the_back(kind: str) -> None:
    inks = Inks(np.full(3, 0.9, np.float32), np.array([0.5, 0, 0], np.float32), np.array([0, 0, 0.5], np.float32))
    picture = label(kind, inks, 2.0)
    assert picture.shape == (HEIGHT, 2 * HEIGHT, 3)
    red = (picture[..., 0] > picture[..., 2].astype(int) + 60).mean()
    assert red > 0.01
    seam = np.abs(picture[:, 0].astype(int) - picture[:, -1]).max(axis=1) > 40
    assert seam.mean() < 0.12
