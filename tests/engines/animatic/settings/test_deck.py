"""The deck ends where it should, and its lamps shine only after dusk."""

import numpy as np

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.settings.deck import paint
from kineograph.engines.animatic.settings.plates import Canvas, relight
from kineograph.engines.animatic.shot import Shot, named_rng
from kineograph.engines.animatic.spec import SceneSpec

REST = Camera(y=0.9, horizon=0.55, focal=1.4)
CANVAS = Canvas.of(Shot(SceneSpec(), 160, 90, 24, 1, CameraPath(REST, REST, 1.0), REST, 1.0))
DARK = Light(*[np.full(3, 0.01, np.float32)] * 5, 1e-4, np.zeros((1, 2, 2, 3), np.float32))


def make_deck(size: float = 1.0) -> list:
    return paint(CANVAS, 5.0, size, np.array([0, 0.7, -0.7], np.float32), named_rng(1, "deck"))


def test_paving_reaches_from_the_edge_to_the_bottom():
    floor = make_deck()[0].paint[..., 11]
    edge = CANVAS.my + (REST.horizon + REST.focal * REST.y / 5.0) * CANVAS.height
    assert np.allclose(floor[int(edge) + 3 :], 1, atol=1e-4)
    assert floor[: int(edge) - 3].max() == 0


def test_lamps_shine_only_after_dusk():
    floor, rail = make_deck()
    for plate in (floor, rail):
        day, night = relight(plate.paint, DARK, 0.0), relight(plate.paint, DARK, 1.0)
        assert night[:, :3].max() > 5 * day[:, :3].max()


def test_a_kittens_railing_is_a_kittens():
    tall, small = (make_deck(size)[1].paint[..., 11] > 0.5 for size in (1.0, 0.4))
    assert np.flatnonzero(small.any(1))[0] > np.flatnonzero(tall.any(1))[0]
