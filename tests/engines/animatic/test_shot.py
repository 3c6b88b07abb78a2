"""How fast time goes by on the set: slow motion, time lapses."""

from __future__ import annotations

import numpy as np
import pytest

from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.shot import Shot


def shot_of(prompt: str, frames: int = 48) -> Shot:
    return direct(compile_prompt(prompt), width=160, height=90, frames=frames, seed=3)


@pytest.mark.parametrize(
    ("prompt", "tempo", "on_the_set"),
    [
        ("a dog running on the beach, slow motion", "slow", 1.0),
        ("慢动作，一只狗在海滩上奔跑", "slow", 1.0),
        ("a time lapse of clouds over a lake", "lapse", 6.0),
        ("a dog sleeping in a meadow, time lapse", "lapse", 2.0),
        ("a dog running slowly on the beach", "normal", 2.0),
    ],
)
def test_words_say_how_fast_time_goes_by(prompt: str, tempo: str, on_the_set: float) -> None:
    shot = shot_of(prompt)
    assert shot.spec.tempo == tempo
    assert (shot.seconds, shot.moment(48)) == pytest.approx((on_the_set, on_the_set))
    assert shot.camera.at(shot.seconds).z == pytest.approx(shot.camera.end.z)


def test_who_runs_in_slow_motion_comes_half_as_far() -> None:
    shots = [shot_of(f"a dog running in a meadow{words}", 120) for words in ("", ", slow motion")]
    ways = [shot.placements[0].velocity * shot.seconds for shot in shots]
    assert 0.3 < ways[1] / ways[0] < 0.7


def test_in_a_time_lapse_clouds_run_and_the_sun_goes_down() -> None:
    moved, sunk = [], []
    for words in ("", ", time lapse"):
        shot = shot_of(f"a meadow at noon{words}")
        sky = Sky(shot)
        early, late = (sky.render(shot.rest, (160, 90), shot.moment(index)) for index in (0, 12))
        moved.append(float(np.abs(late - early)[:40].mean()))
        sunk.append(shot.sun_elevation - shot.sun_elevation_to)
    assert moved[1] > 2.5 * moved[0]
    assert sunk == [0, pytest.approx(17)]
