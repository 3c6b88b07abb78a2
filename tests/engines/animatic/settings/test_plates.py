"""Plates land where the camera sees them, keep their light linear, and never tear."""

from dataclasses import replace

import numpy as np
import pytest

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import spectral
from kineograph.engines.animatic.settings.plates import Canvas, Plate, Stack, haze, relight, standing
from kineograph.engines.animatic.shot import Shot, named_rng
from kineograph.engines.animatic.spec import SceneSpec

REST = Camera(y=1.5, horizon=0.55)
TILE = spectral(64, 3, named_rng(1, "wind"), 2, 10)


def make_canvas(width: int = 160, height: int = 90) -> Canvas:
    return Canvas.of(Shot(SceneSpec(), width, height, 24, 1, CameraPath(REST, REST, 1.0), REST, 1.0))


def make_light(key: float = 1.0, sky: float = 0.3, air: float = 0.5) -> Light:
    def grey(v: float) -> np.ndarray:
        return np.full(3, v, np.float32)

    up = np.array([0, 1, 0], np.float32)
    return Light(up, grey(key), grey(sky), grey(0.1), grey(air), 0.0, np.zeros((1, 2, 2, 3), np.float32))


def dotted(canvas: Canvas, point: tuple[float, float, float]) -> np.ndarray:
    """A plate with one soft dot where `point` is seen."""
    column, row, _ = canvas.project(np.array([point], np.float32))[0]
    paint = canvas.blank()
    y, x = np.mgrid[0 : canvas.shape[0], 0 : canvas.shape[1]] + 0.5
    dot = np.exp(-((x - column) ** 2 + (y - row) ** 2) / 4)
    paint[..., 0:3] = dot[..., None]
    paint[..., 7] = dot
    return paint


def centre(picture: np.ndarray) -> tuple[float, float]:
    y, x = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]] + 0.5
    weight = picture[..., 0] / picture[..., 0].sum()
    return float((x * weight).sum()), float((y * weight).sum())


@pytest.mark.parametrize(
    "camera",
    [REST, replace(REST, x=0.2), replace(REST, z=0.5, y=1.6), replace(REST, pan=0.05, horizon=0.52, focal=1.3)],
)
def test_a_plate_lands_where_the_camera_projects_it(camera):
    canvas, point = make_canvas(), (0.4, 1.9, 6.0)
    stack = Stack(canvas, [Plate(dotted(canvas, point), standing(canvas, 6.0))], make_light(), TILE)
    out = np.zeros((90, 160, 3), np.float32)
    light = make_light()
    stack.draw((0,), 0.0, light, camera, out)
    expected = camera.project(np.array([point], np.float32), 160, 90)[0, :2]
    assert centre(out) == pytest.approx(tuple(expected), abs=0.35)


def test_ground_rows_follow_their_own_depth():
    canvas = make_canvas()
    _, floor, cover = canvas.ground()
    camera = replace(REST, x=0.25)
    for z in (5.0, 9.0):
        depth = np.where(cover > 0, floor, 60).astype(np.float32)
        stack = Stack(canvas, [Plate(dotted(canvas, (0.0, 0.0, z)), depth)], make_light(), TILE)
        out = np.zeros((90, 160, 3), np.float32)
        stack.draw((0,), 0.0, make_light(), camera, out)
        expected = camera.project(np.array([(0.0, 0.0, z)], np.float32), 160, 90)[0, :2]
        assert centre(out) == pytest.approx(tuple(expected), abs=0.6)


def test_light_is_linear_so_that_day_blends_into_night():
    plate = np.random.default_rng(1).random((6, 6, 8)).astype(np.float32)
    a, b = relight(plate, make_light(1, 0.5, 0.2)), relight(plate, make_light(0.2, 0.1, 0.6))
    both = relight(plate, make_light(0.6, 0.3, 0.4))
    assert np.allclose((a[:, :3] + b[:, :3]) / 2, both[:, :3], atol=1e-5)


def test_haze_hides_towards_the_air_and_keeps_cover():
    plate = np.ones((2, 2, 8), np.float32)
    plate[..., 6] = 0
    haze(plate, 0.25)
    seen = relight(plate, make_light(1, 0, 0.5))
    assert np.allclose(seen[:, :3], 0.75 + 0.25 * 0.5)
    assert (plate[..., 7] == 1).all()


def test_a_plate_that_fills_its_canvas_shows_no_edge_under_a_moving_camera():
    canvas = make_canvas()
    paint = canvas.blank()
    paint[..., 7] = 1
    stack = Stack(canvas, [Plate(paint, standing(canvas, 4.0), wind=0.006, foot=200.0)], make_light(), TILE)
    for camera in (replace(REST, x=0.3), replace(REST, x=-0.3, z=0.3), replace(REST, y=1.6)):
        out = np.ones((90, 160, 3), np.float32)
        stack.draw((0,), 3.0, make_light(), camera, out)
        assert out.max() < 1e-4


def test_wind_moves_the_crown_and_leaves_the_foot():
    canvas = make_canvas()
    paint = np.random.default_rng(2).random((*canvas.shape, 8)).astype(np.float32)
    paint[..., 7] = 1
    stack = Stack(canvas, [Plate(paint, standing(canvas, 5.0), wind=0.03, foot=60.0)], make_light(), TILE)
    frames = []
    for t in (0.0, 0.7):
        out = np.zeros((90, 160, 3), np.float32)
        stack.draw((0,), t, make_light(), REST, out)
        frames.append(out)
    moved = np.abs(frames[0] - frames[1]).mean((1, 2))
    assert moved[:20].mean() > 0.02
    assert moved[-20:].max() == 0


def test_a_fixed_stack_lets_its_paint_go_and_draws_the_same():
    canvas, light = make_canvas(), make_light()
    plates = [Plate(dotted(canvas, (0.4, 1.9, 6.0)), standing(canvas, 6.0))]
    frames = []
    for fixed in (False, True):
        stack = Stack(canvas, plates, light, TILE, fixed=fixed)
        out = np.zeros((90, 160, 3), np.float32)
        stack.draw((0,), 0.5, light, replace(REST, x=0.1), out)
        frames.append(out)
        assert (stack.plates[0].paint.size == 0) == fixed
    assert (frames[0] == frames[1]).all()
