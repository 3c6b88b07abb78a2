"""Still layers under a moving camera."""

from __future__ import annotations

import dataclasses
import weakref

import numpy as np
import pytest

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.settings.base import Layer
from kineograph.engines.animatic.settings.layers import Canvas, Compositor, retreat_limit, travel_limit
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec

REST = Camera(y=1.5, focal=1.2, horizon=0.4)


def shot_of(width: int = 160, height: int = 96) -> Shot:
    return Shot(SceneSpec(), width, height, 24, 3, CameraPath(REST, REST, 1.0), REST, scale=1.0)


def wall(canvas: Canvas, depth: float, colour: tuple[float, float, float], wind: float = 0.0) -> Layer:
    pixels = canvas.blank()
    pixels[..., :3] = colour
    pixels[..., 3] = 1
    return Layer(pixels, np.full(canvas.height, depth, np.float32), wind)


def paint(compositor: Compositor, camera: Camera, shot: Shot, t: float = 0.0, under: float = 0.0) -> np.ndarray:  # type: ignore[type-arg]  # test
    out = np.full((shot.height, shot.width, 3), under, np.float32)
    compositor.paint(t, compositor.table(camera), out)
    return out


def test_at_rest_a_layer_is_shown_pixel_for_pixel() -> None:
    shot = shot_of()
    canvas = Canvas.of(shot)
    pixels = canvas.blank()
    pixels[..., :3] = np.random.default_rng(1).random((canvas.height, canvas.width, 3), np.float32)
    pixels[..., 3] = 1
    out = paint(Compositor(shot, canvas, [Layer(pixels, np.full(canvas.height, 5, np.float32))]), REST, shot)
    frame = pixels[canvas.my : canvas.my + 96, canvas.mx : canvas.mx + 160, :3]
    assert np.abs(out - frame).max() < 2e-3


def test_the_nearer_layer_hides_the_farther_and_nothing_shows_the_picture_below() -> None:
    shot = shot_of()
    canvas = Canvas.of(shot)
    near = wall(canvas, 3, (1, 0, 0))
    near.pixels[:, : canvas.width // 2] = 0
    far = wall(canvas, 9, (0, 0, 1))
    far.pixels[: canvas.height // 2] = 0
    out = paint(Compositor(shot, canvas, [far, near]), REST, shot, under=0.5)
    assert out[90, 150] == pytest.approx([1, 0, 0], abs=1e-3)
    assert out[90, 10] == pytest.approx([0, 0, 1], abs=1e-3)
    assert out[5, 10] == pytest.approx([0.5, 0.5, 0.5], abs=1e-3)


def test_a_point_moves_as_the_camera_says() -> None:
    shot = shot_of()
    canvas = Canvas.of(shot)
    depth, x, y = 4.0, 0.3, 0.5
    layer = Layer(canvas.blank(), np.full(canvas.height, depth, np.float32))
    column, row = int(canvas.column(x, depth)), int(canvas.row(y, depth))
    layer.pixels[row - 1 : row + 2, column - 1 : column + 2] = 1
    compositor = Compositor(shot, canvas, [layer])
    for camera in (
        REST,
        dataclasses.replace(REST, x=0.25),
        dataclasses.replace(REST, z=1.0),
        dataclasses.replace(REST, y=1.7, pan=0.05),
        dataclasses.replace(REST, focal=1.4, horizon=0.45),
    ):
        out = paint(compositor, camera, shot)[..., 0]
        rows, columns = np.mgrid[0:96, 0:160] + 0.5
        seen = ((columns * out).sum() / out.sum(), (rows * out).sum() / out.sum())
        expected = camera.project(np.array([[x, y, depth]], np.float32), 160, 96)[0]
        assert seen == pytest.approx((expected[0], expected[1]), abs=1.2)


@pytest.mark.parametrize(("width", "height"), [(160, 96), (96, 160), (210, 90)])
def test_within_the_travel_limits_no_edge_shows(width: int, height: int) -> None:
    shot = shot_of(width, height)
    canvas = Canvas.of(shot)
    depth = 3.0
    compositor = Compositor(shot, canvas, [wall(canvas, depth, (1, 1, 1))])
    side, back = travel_limit(depth, REST), retreat_limit(depth, width, height)
    for camera in (
        dataclasses.replace(REST, x=side),
        dataclasses.replace(REST, x=-side),
        dataclasses.replace(REST, z=-back),
        dataclasses.replace(REST, z=1.5),
    ):
        table = compositor.table(camera)
        left, right = table[0, :, 2], table[0, :, 2] + table[0, :, 1] * (width - 1)
        assert left.min() >= 0
        assert right.max() <= canvas.width - 1
        assert (table[0, :, 0] >= 0).all()
        out = np.zeros((height, width, 3), np.float32)
        compositor.paint(0.0, table, out)
        assert out.min() > 0.99


def test_covered_rows_are_known_without_painting() -> None:
    shot = shot_of()
    canvas = Canvas.of(shot)
    layer = wall(canvas, 5, (1, 1, 1))
    layer.pixels[: canvas.my + 40] = 0
    compositor = Compositor(shot, canvas, [layer])
    assert abs(compositor.covered_from(compositor.table(REST)) - 40) <= 2


def test_wind_moves_a_leafy_layer_smoothly_and_leaves_a_still_one() -> None:
    shot = shot_of()
    canvas = Canvas.of(shot)
    pixels = canvas.blank()
    pixels[:, ::8] = 1
    leafy = Compositor(shot, canvas, [Layer(pixels, np.full(canvas.height, 3, np.float32), wind=1.0)])
    still = Compositor(shot, canvas, [Layer(pixels, np.full(canvas.height, 3, np.float32))])
    frames = [paint(leafy, REST, shot, t) for t in (0.0, 1 / 24, 0.5)]
    assert np.abs(frames[0] - frames[2]).mean() > 0.01
    assert np.abs(frames[0] - frames[1]).mean() < np.abs(frames[0] - frames[2]).mean()
    assert np.array_equal(paint(still, REST, shot, 0.0), paint(still, REST, shot, 0.5))


def test_gains_relight_one_layer() -> None:
    shot = shot_of()
    canvas = Canvas.of(shot)
    compositor = Compositor(shot, canvas, [wall(canvas, 3, (0.5, 0.5, 0.5))])
    out = np.zeros((96, 160, 3), np.float32)
    compositor.paint(0.0, compositor.table(REST), out, np.array([[2, 1, 0.5]], np.float32))
    assert out[50, 50] == pytest.approx([1, 0.5, 0.25], abs=1e-2)


@pytest.mark.parametrize("zoom", [0.9, 0.99, 1.03, 1.4, 3.0])
def test_a_slope_is_read_exactly_at_any_zoom(zoom: float) -> None:
    shot = shot_of()
    canvas = Canvas.of(shot)
    layer = wall(canvas, 5, (0, 0, 0))
    layer.pixels[..., 0] = np.linspace(0, 1, canvas.width, dtype=np.float32)
    out = paint(Compositor(shot, canvas, [layer]), dataclasses.replace(REST, focal=REST.focal * zoom), shot)
    source = (np.arange(160) + 0.5 - 80) / zoom + canvas.axis - 0.5
    assert np.abs(out[..., 0] - source / (canvas.width - 1)).max() < 1e-3


def test_what_is_painted_is_let_go_once_it_is_packed() -> None:
    shot = shot_of()
    canvas = Canvas.of(shot)
    layer = wall(canvas, 3, (0.5, 0.5, 0.5))
    painted = weakref.ref(layer.pixels)
    compositor = Compositor(shot, canvas, [layer])
    del layer
    assert painted() is None
    assert paint(compositor, REST, shot).max() > 0.4
