"""Steady subjects drawn at key moments: as they would be drawn for every frame, and drawn wherever a map does not carry them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kineograph.core.request import FPS
from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.draw import draw
from kineograph.engines.animatic.raster.keyed import BOUND, PAD, Keyed, way_of
from kineograph.engines.animatic.raster.mesh import Drawn, Posed
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.stage import Stage, build_stage

F32 = NDArray[np.float32]
Make = Callable[..., Posed]
Lit = Callable[..., Light]
LEAST = 34.0  # dB of luma between a film whose castle is kept and one whose castle is drawn; leaves are finer
LEAST_LEAVES = 31.0
PULSE = 0.05  # of sharpness, from one frame to the next


def shot_of(prompt: str) -> Shot:
    return direct(compile_prompt(prompt), width=480, height=272, frames=48, seed=1)


@cache
def both(prompt: str) -> tuple[Stage, Stage]:
    """With keys, and drawn for every frame."""
    kept, drawn = build_stage(shot_of(prompt)), build_stage(shot_of(prompt))
    drawn._keyed.clear()
    return kept, drawn


def sharpness(luma: NDArray[np.uint8]) -> float:
    return float(np.abs(cv2.Laplacian(luma.astype(np.float32), cv2.CV_32F)).mean())


@pytest.mark.parametrize(("prompt", "least"), [("a castle", LEAST), ("an oak tree", LEAST_LEAVES)])
def test_a_film_with_keys_shows_what_is_drawn_and_does_not_breathe(prompt: str, least: float) -> None:
    kept, drawn = both(prompt)
    assert all(picture.every >= 4 for picture in kept._keyed.values())
    sharp: list[float] = []
    for number in range(20):
        a, b = kept.frame(number).y, drawn.frame(number).y
        assert cv2.PSNR(a, b) > least
        sharp.append(sharpness(a) / sharpness(b))
    assert np.abs(np.diff(sharp)).max() < PULSE
    assert min(sharp) > 0.88


def test_two_threads_make_the_same_frames_as_one() -> None:
    kept, _ = both("a castle")
    numbers = list(range(30, 46))
    with ThreadPoolExecutor(2) as pool:
        at_once = [frame.y for frame in pool.map(build_stage(shot_of("a castle")).frame, numbers)]
    one_by_one = [kept.frame(number).y for number in reversed(numbers)][::-1]
    assert all(np.array_equal(*pair) for pair in zip(at_once, one_by_one, strict=True))


@pytest.mark.parametrize("prompt", ["a bottle rotating", "a bird flying", "a windmill"])
def test_what_turns_or_deforms_is_drawn_for_every_frame(prompt: str) -> None:
    assert all(picture.every == 0 for picture in build_stage(shot_of(prompt))._keyed.values())


def test_what_looks_about_is_never_kept() -> None:
    assert not build_stage(shot_of("a girl standing"))._keyed


class Set:
    """A ball before a camera that drifts, counted."""

    def __init__(self, ball: Posed, light: Callable[[float], Light], *, crossing: float = 0.0) -> None:
        self.drawn: list[float] = []
        self._ball, self._crossing = ball, crossing
        path = CameraPath(Camera(focal=1.2, y=0.5), Camera(x=0.1, focal=1.2, y=0.5), 2.0)
        self.shot = replace(shot_of("a ball"), camera=path)
        self.keyed = Keyed(self.shot, self.draw, lambda t: self.posed(t)[0].vertices, light)

    def posed(self, t: float) -> Sequence[Posed]:
        """The ball, which may cross the picture: metres a second."""
        return [
            replace(
                self._ball,
                vertices=self._ball.vertices + np.float32(self._crossing * (t - 1)) * np.eye(3, dtype=np.float32)[0],
            )
        ]

    def draw(self, t: float, camera: Camera, light: Light, size: tuple[int, int]) -> Drawn | None:
        self.drawn.append(t)
        return draw(self.posed(t), camera, light, size, 1)

    def seen(self, t: float, light: Light) -> F32 | None:
        width, height = self.shot.shading_size
        picture = np.zeros((height, width, 3), np.float32)
        return picture if self.keyed.onto(t, light, picture) else None


def test_between_two_keys_nothing_is_drawn(ball: Make, lit: Lit) -> None:
    light = lit()
    there = Set(ball(), lambda _: light)
    every = there.keyed.every
    assert every > 1
    for number in range(every + 1, 2 * every + 1):
        assert there.seen(number / FPS, light) is not None
    assert len(there.drawn) == 2


def test_a_kept_ball_is_where_a_drawn_one_is(ball: Make, lit: Lit) -> None:
    light = lit()
    there = Set(ball(), lambda _: light)
    for number in (0, 7, 13, 47):
        t = number / FPS
        picture = there.seen(t, light)
        assert picture is not None
        drawn = np.zeros_like(picture)
        layer = draw(there.posed(t), there.shot.camera.at(t), light, there.shot.shading_size, 1)
        assert layer is not None
        layer.onto(drawn)
        assert np.abs(picture - drawn).mean() < 0.004 * drawn.max()
        assert picture.max() < 1.1 * drawn.max()


def test_a_flash_is_drawn_and_leaves_the_picture_alone(ball: Make, lit: Lit) -> None:
    calm = lit()
    there = Set(ball(), lambda _: calm)
    assert there.seen(1.0, calm) is not None
    assert there.seen(1.0, replace(calm, sky=calm.sky * np.float32(1.5))) is None


def test_under_a_light_that_flickers_there_are_no_keys(ball: Make, lit: Lit) -> None:
    calm = lit()

    def flickering(t: float) -> Light:
        return replace(calm, key=calm.key * np.float32(1 + 0.3 * np.sin(40 * t)))

    assert Set(ball(), flickering).keyed.every == 0


def test_what_crosses_the_picture_too_fast_has_keys_closer_together_or_none(ball: Make, lit: Lit) -> None:
    light = lit()
    calm, swift = Set(ball(), lambda _: light), Set(ball(), lambda _: light, crossing=1.2)
    assert swift.keyed.every < calm.keyed.every
    assert swift.seen(1.0, light) is not None or swift.keyed.every == 0


def test_what_comes_into_the_picture_between_keys_is_there(ball: Make, lit: Lit) -> None:
    light = lit()
    there = Set(ball(0.3, at=(-1.55, 0.5, 2)), lambda _: light)
    t = 1.0 + 3 / FPS
    picture = there.seen(t, light)
    assert picture is not None
    drawn = np.zeros_like(picture)
    layer = draw(there.posed(t), there.shot.camera.at(t), light, there.shot.shading_size, 1)
    assert layer is not None
    layer.onto(drawn)
    assert drawn[:, :2].max() > 0.1
    assert np.abs(picture - drawn)[:, :2].mean() < 0.05 * drawn[:, :2].max()


def test_outside_the_film_everything_is_drawn(ball: Make, lit: Lit) -> None:
    light = lit()
    there = Set(ball(), lambda _: light)
    assert there.seen(-1 / FPS, light) is None
    assert there.seen(there.shot.frames / FPS, light) is None


def test_a_map_holds_drift_tilt_and_sway_but_no_wave() -> None:
    rng = np.random.default_rng(1)
    here = rng.uniform(0, 300, (500, 3)).astype(np.float32)
    here[:, 2] = 0.2
    x, y = here[:, 0], here[:, 1]
    smooth = np.stack([x * 1.01 + 0.02 * y + 3 + 1e-4 * y * y, y * 0.99 - 2 + 5e-5 * x * y, here[:, 2]], 1)
    found = way_of(here, smooth.astype(np.float32))
    assert found.strayed < 0.01
    assert 3 < found.moved < PAD
    wavy = np.stack([x + 2 * np.sin(y / 10), y, here[:, 2]], 1)
    assert way_of(here, wavy.astype(np.float32)).strayed > BOUND
    assert way_of(here[:0], here[:0]).strayed > BOUND
