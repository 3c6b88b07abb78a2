"""Shadows mixed between key moments: as if they had been made for the frame, and made for it wherever something moves."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from kineograph.core.request import FPS
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.mesh import Posed
from kineograph.engines.animatic.raster.patches import Patches, mixed
from kineograph.engines.animatic.raster.shadow import patch_of

Make = Callable[..., Posed]
Lit = Callable[..., Light]
FRAMES = 48
EDGE = 0.3  # a made shadow's edge lies on whole texels: it may be half a texel beside a mixed one's


@dataclass
class Swinging:
    """A ball that goes from side to side."""

    ball: Posed
    metres: float
    hertz: float = 0.5
    steady: bool = True

    def posed(self, t: float) -> Sequence[Posed]:
        aside = np.array([self.metres * math.sin(2 * math.pi * self.hertz * t), 0, 0], np.float32)
        return [replace(self.ball, vertices=self.ball.vertices + aside)]


def test_the_shadow_of_what_sways_is_the_one_it_casts(ball: Make, lit: Lit) -> None:
    light, swinging = lit(), Swinging(ball(), 0.02)
    patches = Patches(swinging, lambda _: light, FRAMES)
    for number in range(FRAMES):
        t = number / FPS
        mine, made = patches.at(t, light), patch_of(swinging.posed(t), light)
        assert mine is not None
        assert made is not None
        there = mixed(mine, made, 1.0)  # on the same square
        assert float(np.abs(mine.cast - there.cast).max()) < EDGE
        assert float(np.abs(mine.cast - there.cast).mean()) < 0.003
    assert patches.every >= 4


def test_a_still_subject_has_one_patch(ball: Make, lit: Lit) -> None:
    light = lit()
    patches = Patches(Swinging(ball(), 0.0), lambda _: light, FRAMES)
    assert len({id(patches.at(number / FPS, light)) for number in range(FRAMES)}) == 1


def test_what_bounces_in_step_with_the_keys_is_not_taken_to_stand_still(ball: Make, lit: Lit) -> None:
    light, slow = lit(), Swinging(ball(), 0.0)
    patches = Patches(slow, lambda _: light, FRAMES)
    slow.metres, slow.hertz = 0.3, FPS / patches.every  # at every key it is in the middle
    t = (patches.every + 2) / FPS
    mine, made = patches.at(t, light), patch_of(slow.posed(t), light)
    assert mine is not None
    assert made is not None
    assert np.array_equal(mine.cast, made.cast)


def test_what_moves_fast_or_is_not_steady_is_made_for_every_frame(ball: Make, lit: Lit) -> None:
    light = lit()
    assert Patches(Swinging(ball(), 0.5, 2.0), lambda _: light, FRAMES).every == 0
    assert Patches(Swinging(ball(), 0.02, steady=False), lambda _: light, FRAMES).every == 0


def test_a_shadow_follows_a_light_that_goes_down(ball: Make, lit: Lit) -> None:
    def light(t: float) -> Light:
        return lit(direction=(-1.0, 1.0 - 0.02 * t, 0.0))

    still = Swinging(ball(), 0.0)
    patches = Patches(still, light, FRAMES)
    t = 21 / FPS
    mine, made = patches.at(t, light(t)), patch_of(still.posed(t), light(t))
    assert patches.every > 0
    assert mine is not None
    assert made is not None
    assert float(np.abs(mine.cast - mixed(mine, made, 1.0).cast).max()) < EDGE


def test_two_threads_are_given_the_same_patches(ball: Make, lit: Lit) -> None:
    light, moments = lit(), [number / FPS for number in range(FRAMES)]
    first, second = (Patches(Swinging(ball(), 0.02), lambda _: light, FRAMES) for _ in range(2))
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda t: first.at(t, light), moments))
    for t, one in zip(moments, together, strict=True):
        other = second.at(t, light)
        assert one is not None
        assert other is not None
        assert np.array_equal(one.cast, other.cast)
