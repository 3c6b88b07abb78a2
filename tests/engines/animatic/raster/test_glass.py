"""Glass: what shows through it, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.draw import draw
from kineograph.engines.animatic.raster.mesh import Drawn, Posed

SIZE = (160, 120)
Make = Callable[..., Posed]
Lit = Callable[..., Light]


def _middle(drawn: Drawn | None) -> np.ndarray:
    assert drawn is not None
    return drawn.rgba[SIZE[1] // 2 - drawn.y, SIZE[0] // 2 - drawn.x]


def test_thin_glass_lets_the_background_through_and_its_rim_does_not(ball: Make, lit: Lit, camera: Camera) -> None:
    drawn = draw([ball(0.3, of="glass", colour=(0.95, 0.97, 0.96))], camera, lit(key=0.0, around=1.0), SIZE, 2)
    assert drawn is not None
    assert _middle(drawn)[3] < 0.25
    full = drawn.rgba[..., 3][drawn.rgba[..., 3] > 0]
    assert float(np.percentile(full, 90)) > 0.5


def test_clear_glass_before_white_neither_darkens_nor_glows(ball: Make, lit: Lit, camera: Camera) -> None:
    drawn = draw([ball(0.3, of="glass", colour=(1, 1, 1))], camera, lit(key=0.0, around=1.0), SIZE, 2)
    pixel = _middle(drawn)
    over_white = pixel[:3] + (1 - pixel[3])
    np.testing.assert_allclose(over_white, 1, atol=0.1)


def test_what_stands_behind_glass_is_seen_tinted_by_it(ball: Make, lit: Lit, camera: Camera) -> None:
    light = lit(key=0.0, around=0.5)
    inner = ball(0.12, colour=(0.8, 0.8, 0.8))
    clear, green = (
        _middle(draw([ball(0.3, of="glass", colour=c), inner], camera, light, SIZE, 2))
        for c in ((1, 1, 1), (0.2, 0.9, 0.3))
    )
    assert clear[3] > 0.95, "the ball inside is opaque"
    assert clear[0] > 1.3 * green[0]
    assert green[1] > 1.3 * green[0]


def test_glass_behind_something_opaque_is_not_seen(ball: Make, lit: Lit, camera: Camera) -> None:
    near, far = ball(0.3, at=(0, 0.5, 1.6)), ball(0.2, of="crystal", colour=(0.9, 0.2, 0.2), at=(0, 0.5, 3))
    alone, both = (draw(list(order), camera, lit(), SIZE, 2) for order in ([near], [near, far]))
    np.testing.assert_allclose(_middle(alone), _middle(both), atol=1e-5)


def test_a_crystal_is_solid_and_takes_its_colour_from_around(ball: Make, lit: Lit, camera: Camera) -> None:
    light = lit(key=0.0, around=0.6)
    light = replace(light, environment=light.environment * np.array([1, 0.5, 0.2], np.float32))
    pixel = _middle(draw([ball(0.3, of="crystal", colour=(1, 1, 1))], camera, light, SIZE, 2))
    assert pixel[3] > 0.99
    assert pixel[0] > 1.5 * pixel[2]
