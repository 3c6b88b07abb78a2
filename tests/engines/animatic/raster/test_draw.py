"""Drawing: shape, light, energy, order."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.draw import draw
from kineograph.engines.animatic.raster.materials import EMIT, GLASS, names, table
from kineograph.engines.animatic.raster.mesh import Posed

SIZE = (160, 120)
SOLID = [n for row, n in zip(table(), names(), strict=True) if row[GLASS] == 0 and row[EMIT] == 0]
Make = Callable[..., Posed]
Lit = Callable[..., Light]


@pytest.mark.parametrize("supersample", [1, 2])
def test_a_ball_covers_the_area_of_its_silhouette(ball: Make, lit: Lit, camera: Camera, supersample: int) -> None:
    drawn = draw([ball(0.3)], camera, lit(), SIZE, supersample)
    assert drawn is not None
    # The cone that touches a ball of radius r at distance d has the slope r / sqrt(d² - r²).
    radius = camera.focal * SIZE[1] * 0.3 / math.sqrt(2.0**2 - 0.3**2)
    assert float(drawn.rgba[..., 3].sum()) == pytest.approx(math.pi * radius**2, rel=0.01)


def test_the_ball_stands_where_the_camera_projects_its_centre(ball: Make, lit: Lit, camera: Camera) -> None:
    drawn = draw([ball(0.2, at=(0.3, 0.7, 2.5))], camera, lit(), SIZE, 2)
    assert drawn is not None
    alpha = drawn.rgba[..., 3]
    rows, columns = np.indices(alpha.shape)
    column = float((columns * alpha).sum() / alpha.sum()) + drawn.x + 0.5
    row = float((rows * alpha).sum() / alpha.sum()) + drawn.y + 0.5
    wanted = camera.project(np.array([[0.3, 0.7, 2.5]], np.float32), *SIZE)[0]
    assert (column, row) == pytest.approx((wanted[0], wanted[1]), abs=0.5)
    assert float(drawn.depth.min()) == pytest.approx(2.3, abs=0.02)


def test_the_side_towards_the_key_is_the_bright_one(ball: Make, lit: Lit, camera: Camera) -> None:
    drawn = draw([ball()], camera, lit(direction=(-1, 0.2, -0.2)), SIZE, 2)
    assert drawn is not None
    half = drawn.rgba.shape[1] // 2
    left, right = drawn.rgba[:, :half, 0].sum(), drawn.rgba[:, half:, 0].sum()
    assert left > 2 * right


@pytest.mark.parametrize("name", SOLID)
def test_white_in_a_white_room_stays_white(ball: Make, lit: Lit, camera: Camera, name: str) -> None:
    drawn = draw([ball(of=name, colour=(1, 1, 1))], camera, lit(key=0.0, around=1.0), SIZE, 1)
    assert drawn is not None
    inside = drawn.rgba[drawn.rgba[..., 3] == 1][:, :3]
    assert float(inside.mean()) == pytest.approx(1.0, abs=0.06)
    if not table()[names().index(name)][8]:  # grain varies the albedo on purpose
        assert float(inside.max()) < 1.12


def test_the_nearer_of_two_hides_the_other_whatever_the_order(ball: Make, lit: Lit, camera: Camera) -> None:
    near, far = ball(0.2, colour=(0.8, 0, 0), at=(0, 0.5, 1.8)), ball(0.3, colour=(0, 0, 0.8), at=(0, 0.5, 3))
    one, two = (draw(order, camera, lit(), SIZE, 2) for order in ([near, far], [far, near]))
    assert one is not None
    assert two is not None
    middle = (SIZE[1] // 2 - one.y, SIZE[0] // 2 - one.x)
    assert one.rgba[middle][0] > one.rgba[middle][2]
    np.testing.assert_allclose(one.rgba, two.rgba, atol=1e-5)


def test_a_ball_shadows_the_paper_away_from_the_light(ball: Make, tile: Make, lit: Lit, camera: Camera) -> None:
    light = lit(direction=(-1, 1, 0), around=0.05)
    drawn = draw([ball(0.2, at=(0, 0.4, 2)), tile()], camera, light, SIZE, 1)
    assert drawn is not None

    def brightness(x: float) -> float:
        assert drawn is not None
        column, row = camera.project(np.array([[x, 0, 2.0]], np.float32), *SIZE)[0, :2]
        return float(drawn.rgba[int(row) - drawn.y, int(column) - drawn.x, 0])

    assert brightness(0.4) < 0.3 * brightness(-0.4)


def test_far_things_fade_into_the_haze(ball: Make, lit: Lit, camera: Camera) -> None:
    light = lit(haze=0.5)
    drawn = draw([ball(3.0, at=(0, 0.5, 30))], camera, light, SIZE, 1)
    assert drawn is not None
    inside = drawn.rgba[drawn.rgba[..., 3] == 1][:, :3]
    np.testing.assert_allclose(inside, np.broadcast_to(light.haze, inside.shape), atol=0.01)


def test_what_is_out_of_view_or_behind_the_eye_is_nothing(ball: Make, lit: Lit, camera: Camera) -> None:
    assert draw([ball(at=(50, 0, 2))], camera, lit(), SIZE, 1) is None
    assert draw([ball(at=(0, 0, -5))], camera, lit(), SIZE, 1) is None
    assert draw([], camera, lit(), SIZE, 1) is None


def test_a_ball_around_the_eye_does_no_harm(ball: Make, lit: Lit, camera: Camera) -> None:
    drawn = draw([ball(1.0, at=(0, 0.5, 0))], camera, lit(), SIZE, 1)
    assert drawn is None or np.isfinite(drawn.rgba).all()


def test_the_same_call_gives_the_same_bytes(ball: Make, lit: Lit, camera: Camera) -> None:
    one, two = (draw([ball(of="fur")], camera, lit(), SIZE, 2) for _ in range(2))
    assert one is not None
    assert two is not None
    assert one.rgba.tobytes() == two.rgba.tobytes()
