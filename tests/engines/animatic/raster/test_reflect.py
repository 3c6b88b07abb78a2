"""Mirror images in the ground."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.mesh import Posed
from kineograph.engines.animatic.raster.reflect import reflection

SIZE = (160, 120)
Make = Callable[..., Posed]
Lit = Callable[..., Light]


def test_the_image_of_a_ball_lies_as_deep_as_the_ball_is_high(ball: Make, lit: Lit) -> None:
    camera = Camera(y=0.8, focal=1.0, horizon=0.3)
    drawn = reflection([ball(0.15, at=(0.2, 0.4, 2))], camera, lit(), SIZE, strength=1.0, fade=50)
    assert drawn is not None
    alpha = drawn.rgba[..., 3]
    rows, columns = np.indices(alpha.shape)
    row = float((rows * alpha).sum() / alpha.sum()) + drawn.y + 0.5
    column = float((columns * alpha).sum() / alpha.sum()) + drawn.x + 0.5
    wanted = camera.project(np.array([[0.2, -0.4, 2]], np.float32), *SIZE)[0]
    assert (column, row) == pytest.approx((wanted[0], wanted[1]), abs=0.7)


def test_it_fades_with_height(ball: Make, lit: Lit) -> None:
    camera = Camera(y=0.8, focal=1.0, horizon=0.3)
    low, high = (
        reflection([ball(0.15, at=(0, y, 2))], camera, lit(), SIZE, strength=0.5, fade=0.2) for y in (0.15, 0.6)
    )
    assert low is not None
    assert high is not None
    assert high.rgba[..., 3].max() < 0.2 * low.rgba[..., 3].max()
    assert low.rgba[..., 3].max() <= 0.5
