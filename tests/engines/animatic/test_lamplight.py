"""Fires and lamps of the cast: flames that flicker over what was painted, a pool of light in the dark."""

from __future__ import annotations

import numpy as np
import pytest

from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.lamplight import lamps, lamps_of
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.registry import kinds_of
from kineograph.engines.animatic.stage import build_actor
from kineograph.engines.animatic.subjects.binding import bound


def light_of(sky: float) -> Light:
    grey = np.full(3, sky, np.float32)
    return Light(
        direction=np.array([0, 1, 0], np.float32),
        key=grey * 0,
        sky=grey,
        bounce=grey,
        haze=grey,
        haze_density=0.0,
        environment=np.zeros((1, 2, 2, 3), np.float32),
    )


@pytest.mark.parametrize("size", [(160, 90), (90, 160)])
def test_a_lantern_lights_who_holds_it_and_the_ground_by_night_alone(size: tuple[int, int]) -> None:
    spec = compile_prompt("a girl holding a lantern in a meadow at night")
    shot = direct(spec, width=size[0], height=size[1], frames=24, seed=3, camera_fixed=True)
    actors = [build_actor(placement, shot) for placement in shot.placements]
    bound(actors, shot.rest.focal)
    (lamp,) = lamps_of(shot, actors)
    night = np.full((size[1], size[0], 3), 0.02, np.float32)
    day = night.copy()
    lamp.pool(0.5, shot.rest, light_of(0.02), night)
    lamp.pool(0.5, shot.rest, light_of(1.0), day)
    assert (day == np.float32(0.02)).all()
    assert (night >= np.float32(0.0199)).all()
    y, x = np.unravel_index(int(np.argmax(night[..., 0])), night.shape[:2])
    hero = shot.placements[0]
    assert (
        abs(x - (hero.x / hero.z * shot.rest.focal * size[1] + size[0] / 2))
        < 0.4 * hero.height / hero.z * size[1] * 1.4
    )
    assert night[y, x, 0] > 1.8 * 0.02
    assert night[y, x, 0] > night[y, x, 2], "it is warm"


def test_flames_flicker_and_are_the_same_whenever_they_are_asked_for() -> None:
    shot = direct(compile_prompt("a campfire in the desert at night"), width=160, height=90, frames=24, seed=3)
    (lamp,) = lamps_of(shot, [build_actor(placement, shot) for placement in shot.placements])
    seen = []
    for t in (0.0, 0.25, 0.0):
        out = np.zeros((90, 160, 3), np.float32)
        lamp.flames(t, shot.rest, out)
        seen.append(out)
    assert (seen[0] == seen[2]).all()
    assert np.isfinite(seen[0]).all()
    assert (seen[0].max(2) > 0.5).mean() > 0.01
    assert np.abs(seen[0] - seen[1]).mean() > 0.1 * seen[0].mean()


def test_every_lamp_is_a_thing_that_can_be_built() -> None:
    assert set(lamps()) <= kinds_of("object") | kinds_of("aircraft")
