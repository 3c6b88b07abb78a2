"""How films are laid out: everybody in the frame, for every shape and seed, and every seed another film."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kineograph.core.request import ASPECT_RATIOS, SIZES
from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.shot import Placement, Shot
from kineograph.engines.animatic.vocabulary.lexicon import lexicon

PROMPTS = (
    "A cute kitten playing in the sunlight",
    "A girl spinning under cherry blossom trees",
    "Product slowly rotating, pure white background",
    "a woman, a kitten and a dog on the beach",
    "seven puppies in a meadow",
    "a man walking in the city, wide shot",
    "a dog running on the beach",
    "a cup of coffee in a garden",
    "twelve children dancing, close-up",
)


def shot_of(prompt: str, ratio: str = "16:9", seed: int = 1, **more: bool) -> Shot:
    width, height = SIZES["1080p", ratio]
    return direct(compile_prompt(prompt), width=width, height=height, frames=120, seed=seed, **more)


def outline(shot: Shot, placement: Placement, t: float) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in frame fractions of somebody's upright box at t seconds."""
    way = placement.velocity * t
    x = placement.x + math.sin(placement.heading) * way
    z = placement.z - math.cos(placement.heading) * way
    half = placement.height * lexicon().kinds[placement.subject.kind].width / 2
    corners = np.array([[x - half, placement.height, z], [x + half, 0, z]], np.float32)
    seen = shot.camera.at(t).project(corners, shot.width, shot.height)
    left, right = seen[:, 0] / shot.width
    top, bottom = seen[:, 1] / shot.height
    return float(left), float(top), float(right), float(bottom)


@given(prompt=st.sampled_from(PROMPTS), ratio=st.sampled_from(ASPECT_RATIOS), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None)
def test_the_hero_is_inside_the_frame(prompt: str, ratio: str, seed: int) -> None:
    shot = shot_of(prompt, ratio, seed)
    for t in (0.0, 2.5, 5.0):
        left, top, right, bottom = outline(shot, shot.placements[0], t)
        assert left > -0.08
        assert right < 1.08
        assert 0.0 < (left + right) / 2 < 1.0
        assert top > 0.01
        assert bottom < 1.0 or shot.spec.framing == "close"


@given(ratio=st.sampled_from(ASPECT_RATIOS), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_everybody_of_a_group_is_in_the_frame_and_no_face_hides_another(ratio: str, seed: int) -> None:
    shot = shot_of("five girls and two dogs in the park", ratio, seed)
    faces = []
    for placement in shot.placements:
        left, top, right, bottom = outline(shot, placement, 0.0)
        assert left > -0.12
        assert right < 1.12
        assert top > 0.0
        assert bottom < 1.0
        faces.append(((left + right) / 2, (right - left) * 0.22, top, top + (bottom - top) * 0.3))
    for (x, half, top, low), (x2, half2, top2, low2) in itertools.combinations(faces, 2):
        apart = abs(x - x2) >= max(half, half2) * 0.9
        assert apart or low <= top2 or low2 <= top


@pytest.mark.parametrize("ratio", ASPECT_RATIOS)
def test_a_kitten_is_filmed_from_a_kittens_height(ratio: str) -> None:
    shot = shot_of(PROMPTS[0], ratio)
    assert shot.rest.y < 0.5
    _, top, _, bottom = outline(shot, shot.placements[0], 0.0)
    assert bottom - top > 0.27


def test_the_same_seed_gives_the_same_shot_and_another_seed_another() -> None:
    assert shot_of(PROMPTS[0], seed=5) == shot_of(PROMPTS[0], seed=5)
    shots = [shot_of(PROMPTS[0], seed=seed) for seed in range(8)]
    assert len({shot.placements[0].x for shot in shots}) == 8
    assert len({shot.placements[0].x > 0 for shot in shots}) == 2
    assert len({shot.sun_azimuth > 0 for shot in shots}) == 2
    assert len({shot.grade for shot in shots}) > 1
    assert len({shot.placements[0].seed for shot in shots}) == 8


def test_composition_does_not_depend_on_resolution() -> None:
    spec = compile_prompt(PROMPTS[0])
    small, large = (direct(spec, width=w, height=h, frames=120, seed=3) for w, h in ((864, 486), (1920, 1080)))
    assert small.placements == large.placements
    assert small.camera == large.camera


def test_a_fixed_camera_does_not_move() -> None:
    shot = shot_of("a kitten, zoom in, handheld", camera_fixed=True)
    assert shot.camera.at(0.0) == shot.camera.at(1.7) == shot.camera.at(5.0)


@pytest.mark.parametrize(
    ("move", "words"),
    [("push", "zoom in"), ("pull", "zoom out"), ("pan", "pan left"), ("tilt", "tilt up"), ("orbit", "orbit"),
     ("track", "tracking shot"), ("handheld", "handheld"), ("aerial", "aerial view"), ("drift", "")],
)  # fmt: skip
def test_every_move_moves_and_keeps_the_hero(move: str, words: str) -> None:
    shot = shot_of(f"a dog in a meadow, {words}")
    assert shot.spec.camera == move
    assert shot.camera.at(0.0) != shot.camera.at(5.0)
    for t in (0.0, 5.0):
        left, _, right, _ = outline(shot, shot.placements[0], t)
        assert left > 0
        assert right < 1


def test_day_to_night_takes_the_sun_down() -> None:
    shot = shot_of("from day to night, city lights turning on")
    assert shot.sun_elevation > 20
    assert shot.sun_elevation_to < -10


def test_a_low_sun_over_an_empty_beach_stands_in_the_frame() -> None:
    for seed, ratio in itertools.product(range(6), ("16:9", "9:16", "21:9")):
        shot = shot_of("sunset at the beach", ratio, seed)
        across = math.tan(math.radians(shot.sun_azimuth)) * shot.rest.focal
        assert 0.02 < abs(across) < shot.width / shot.height / 2


def test_walkers_come_to_their_spot_and_are_in_view_from_the_start() -> None:
    for seed in range(10):
        shot = shot_of("a man walking in the park", seed=seed)
        walker = shot.placements[0]
        assert walker.velocity > 0.2
        left, _, right, bottom = outline(shot, walker, 0.0)
        assert left > -0.05
        assert right < 1.05
        assert outline(shot, walker, 5.0)[3] > bottom


def test_the_quality_tier_is_shaded_finer() -> None:
    spec = compile_prompt(PROMPTS[0])
    fast, quality = (direct(spec, width=1920, height=1088, frames=48, seed=1, tier=t) for t in ("fast", "quality"))  # type: ignore[arg-type]  # literals
    assert fast.scale < quality.scale
    assert fast.supersample <= quality.supersample
    assert fast.camera == quality.camera
