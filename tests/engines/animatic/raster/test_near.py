"""Cutting what reaches past the eye."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.draw import draw
from kineograph.engines.animatic.raster.mesh import Posed, Samples
from kineograph.engines.animatic.raster.soup import NEAR, soup_of

SIZE = (160, 120)
Make = Callable[..., Posed]
Lit = Callable[..., Light]


def test_a_floor_that_begins_behind_the_eye_fills_the_picture_up_to_where_it_ends(
    tile: Make, lit: Lit, camera: Camera
) -> None:
    drawn = draw([tile(4.0)], camera, lit(), SIZE, 1)
    assert drawn is not None
    end = (camera.horizon + camera.focal * camera.y / 6.0) * SIZE[1]  # the row of its far edge
    covered = np.zeros((SIZE[1], SIZE[0]), np.float32)
    drawn.onto(picture := np.zeros((SIZE[1], SIZE[0], 3), np.float32))
    covered[drawn.y : drawn.y + drawn.rgba.shape[0], drawn.x : drawn.x + drawn.rgba.shape[1]] = drawn.rgba[..., 3]
    assert (covered[round(end) + 1 :] > 0.999).all()
    assert picture[round(end) + 1 :].min() > 0
    assert not covered[: round(end) - 1].any()


def test_what_is_cut_lies_on_the_same_plane_and_is_painted_by_its_own_painters(
    tile: Make, ball: Make, lit: Lit, camera: Camera
) -> None:
    shown: list[Samples] = []
    posed = [tile(4.0), replace(ball(0.2), painters=(shown.append,))]
    soup = soup_of(posed, camera, SIZE)
    assert soup.first.tolist() == [0, 3, 3 + len(posed[1].mesh.triangles)], "one triangle became two"
    corners = soup.vertices[soup.triangles[:3]]
    assert float(corners[..., 2].min()) >= NEAR
    assert np.abs(corners[..., 1]).max() < 1e-6
    draw(posed, camera, lit(), SIZE, 1)
    assert (np.abs(shown[0].position - (0, 0.5, 2)).max(axis=1) < 0.21).all(), "the ball's alone"


def test_a_soup_that_is_all_before_the_eye_stays_as_it_is(ball: Make, camera: Camera) -> None:
    one = ball()
    assert soup_of([one], camera, SIZE).vertices is one.vertices
