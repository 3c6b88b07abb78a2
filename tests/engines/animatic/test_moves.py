"""Camera paths: their middle is where the layers are built, and they stay near it."""

from __future__ import annotations

import pytest

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.moves import path

MOVES = ("drift", "static", "push", "pull", "pan", "tilt", "aerial", "orbit", "track", "handheld")


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("seed", range(4))
def test_no_move_leaves_the_margin_of_the_layers(name: str, seed: int) -> None:
    rest, distance = Camera(y=1.4, focal=1.2), 3.0
    moving = path(name, rest, distance, 5.0, seed)
    for t in (0.0, 2.5, 5.0):
        camera = moving.at(t)
        for depth in (distance, 1e6):
            assert abs(rest.focal * (camera.x - rest.x) / depth + camera.pan - rest.pan) < 0.13
        assert abs(camera.horizon - rest.horizon) < 0.08
        assert abs(camera.z - rest.z) < 0.16 * distance


def test_a_push_goes_forward_and_a_pull_back() -> None:
    push, pull = (path(name, Camera(), 3.0, 5.0, 1) for name in ("push", "pull"))
    assert push.end.z > push.start.z
    assert pull.end.z < pull.start.z


def test_an_orbit_keeps_what_it_circles_in_place() -> None:
    import numpy as np

    orbit = path("orbit", Camera(), 3.0, 5.0, 1)
    hero = np.array([[0, 0.5, 3.0]], np.float32)
    columns = [float(camera.project(hero, 1600, 900)[0, 0]) for camera in (orbit.start, orbit.end)]
    assert abs(columns[0] - columns[1]) < 16
    assert orbit.start.x != orbit.end.x
