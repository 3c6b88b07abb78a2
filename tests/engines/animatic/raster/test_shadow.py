"""Ground shadows: where they fall, how soft they are, what they leave alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.mesh import Posed
from kineograph.engines.animatic.raster.shadow import Kept, in_view, patch_of, shade_ground

SIZE = (200, 160)
Make = Callable[..., Posed]
Lit = Callable[..., Light]
HIGH = Camera(x=0.0, y=1.2, z=0.0, focal=1.0, horizon=0.1)


def ground_shadow(posed: Sequence[Posed], camera: Camera, light: Light, size: tuple[int, int]) -> np.ndarray:
    """Red of white ground in the shade."""
    picture = np.ones((size[1], size[0], 3), np.float32)
    shade_ground(picture, patch_of(posed, light), camera, light)
    return picture[..., 0]


def _at(shadow: np.ndarray, x: float, z: float) -> float:
    column, row = HIGH.project(np.array([[x, 0, z]], np.float32), *SIZE)[0, :2]
    return float(shadow[int(row), int(column)])


def test_a_shadow_falls_on_the_side_away_from_the_light(ball: Make, lit: Lit) -> None:
    shadow = ground_shadow([ball(0.2, at=(0, 0.5, 2))], HIGH, lit(direction=(-1, 1, 0)), SIZE)
    assert shadow.shape == (SIZE[1], SIZE[0])
    assert _at(shadow, 0.5, 2) < 0.4  # 0.5 m up and 45°: 0.5 m to the right
    assert _at(shadow, -0.5, 2) > 0.95
    assert shadow.min() >= 0
    assert shadow.max() <= 1


def test_nothing_far_away_or_above_the_horizon_is_darkened(ball: Make, lit: Lit) -> None:
    shadow = ground_shadow([ball(0.2, at=(0, 0.2, 2))], HIGH, lit(), SIZE)
    assert (shadow[: int(0.1 * SIZE[1])] == 1).all()
    assert _at(shadow, -0.9, 1.6) == 1


def test_higher_things_cast_softer_shadows(ball: Make, lit: Lit) -> None:
    light = replace(lit(direction=(0, 1, 0)), softness=0.4)

    def steepest(height: float) -> float:
        shadow = ground_shadow([ball(0.2, at=(0, height, 2))], HIGH, light, SIZE)
        return float(np.abs(np.diff(shadow, axis=1)).max())

    assert steepest(0.9) < 0.6 * steepest(0.25)


def test_the_ground_is_darkest_where_it_is_touched_even_without_a_key(ball: Make, lit: Lit) -> None:
    shadow = ground_shadow([ball(0.2, at=(0, 0.2, 2))], HIGH, lit(key=0.0), SIZE)
    assert _at(shadow, 0, 2) < 0.5
    assert _at(shadow, 0, 2) < _at(shadow, 0.17, 2) < _at(shadow, 0.4, 2)


def test_shade_takes_the_colour_of_the_sky(ball: Make, lit: Lit) -> None:
    light = replace(lit(direction=(-1, 1, 0)), sky=np.array([0.1, 0.2, 0.6], np.float32))
    picture = np.ones((SIZE[1], SIZE[0], 3), np.float32)
    shade_ground(picture, patch_of([ball(0.2, at=(0, 0.5, 2))], light), HIGH, light)
    column, row = HIGH.project(np.array([[0.5, 0, 2]], np.float32), *SIZE)[0, :2].astype(int)
    red, _, blue = picture[row, column]
    assert blue > 1.5 * red


def test_out_of_view_there_is_no_shadow(ball: Make, lit: Lit) -> None:
    assert (ground_shadow([ball(at=(90, 0.5, 2))], HIGH, lit(), SIZE) == 1).all()


def test_a_kept_patch_is_made_anew_when_the_subject_or_the_light_moves(ball: Make, lit: Lit) -> None:
    kept, posed, light = Kept(), [ball()], lit()
    first = kept.patch(posed, light)
    assert kept.patch(posed, light) is first
    moved = replace(posed[0], vertices=posed[0].vertices + np.float32(0.01))
    assert kept.patch([moved], light) is not first
    again = kept.patch(posed, light)
    assert first is not None
    assert again is not None
    assert np.array_equal(first.cast, again.cast)
    assert kept.patch(posed, replace(light, softness=light.softness + 0.1)) is not again


def test_what_a_patch_shades_lies_in_its_box_and_fades_out_within_it(ball: Make, lit: Lit) -> None:
    patch = patch_of([ball(0.2, at=(0, 0.5, 2))], replace(lit(direction=(-1, 1, 0)), softness=0.3))
    assert patch is not None
    left, near, right, far = (
        round((edge - corner) / patch.texel)
        for edge, corner in zip(patch.box, (patch.x, patch.z, patch.x, patch.z), strict=True)
    )
    assert (right - left) * (far - near) < 0.8 * patch.cast.size
    for shade in (patch.cast, patch.covered):
        inside = shade[near:far, left:right]
        assert np.count_nonzero(shade) == np.count_nonzero(inside)
        rim = np.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]])
        assert float(rim.max()) < 0.004 < 0.1 < float(inside.max())


def test_a_shadow_is_looked_for_wherever_it_is_seen_and_nowhere_else(ball: Make, lit: Lit) -> None:
    camera = Camera(x=0.0, y=1.2, z=0.0, focal=1.0, horizon=0.6)  # looks up: no ground nearer than 3 m
    for direction in ((-1, 1, 0), (1, 1, 0), (0, 1, 1), (0.3, 0.2, -1)):
        light = lit(direction=direction)
        for x, y, z in ((0, 0.5, 2), (-3, 0.5, 4), (0, 3, 5), (4, 2, 3), (0, 9, 6), (40, 0.5, 9)):
            posed = [ball(0.2, at=(x, y, z))]
            if (ground_shadow(posed, camera, light, SIZE) < 0.995).any():
                assert in_view(posed, light, camera, SIZE)
    assert not in_view([ball(0.2, at=(40, 0.5, 9))], lit(direction=(0, 1, 0)), camera, SIZE)
    assert not in_view([], lit(), camera, SIZE)
