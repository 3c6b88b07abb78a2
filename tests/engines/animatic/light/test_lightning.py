"""Lightning: seen at the beginning and at the thirds of a film, never a strobe, only in a storm."""

from __future__ import annotations

import numpy as np
import pytest

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.light.lightning import Lightning, bolts
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.shot import Placement, Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec


def shot_of(weather: str, seconds: float = 5.0) -> Shot:
    spec = SceneSpec(setting="beach", weather=weather)
    return direct(spec, width=160, height=96, frames=round(seconds * 24), seed=3)


@pytest.mark.parametrize("seconds", [4.0, 5.0, 12.0])
def test_the_first_frame_and_the_thirds_are_lit_and_nothing_strobes(seconds: float) -> None:
    shot = shot_of("storm", seconds)
    strokes = Lightning.of(shot)
    last = (shot.frames - 1) / 24
    for share in (0.0, 1 / 3, 2 / 3):
        assert strokes.power(share * last) > 0.3
    power = np.array([strokes.power(k / 24) for k in range(shot.frames)])
    rising = (np.diff(power) > 0.25).astype(int)
    flashes = [rising[k : k + 24].sum() for k in range(max(len(rising) - 24, 1))]
    assert max(flashes) <= 3
    assert (power < 0.2).mean() > 0.35


def test_a_bolt_reaches_the_ground_and_another_seed_draws_another() -> None:
    one = bolts(shot_of("storm"))
    assert len(one) == 8
    assert all(stroke[0][-1, 1] < 0.05 < 0.5 < stroke[0][0, 1] for stroke in one)
    assert not np.allclose(one[0][0], one[1][0])


def test_a_storm_is_darker_than_clouds_and_its_lightning_lights_the_ground() -> None:
    storm, cloud = Sky(shot_of("storm")), Sky(shot_of("cloud"))
    quiet = min((k / 24 for k in range(120)), key=lambda t: Lightning.of(shot_of("storm")).power(t))
    assert storm.light(quiet).sky.mean() < 0.5 * cloud.light(quiet).sky.mean()
    assert storm.light(0.0).sky.mean() > 1.3 * storm.light(quiet).sky.mean()
    rest = storm._shot.rest
    dark = storm.render(rest, (160, 96), quiet)[:40].mean()
    assert dark < 0.5 * cloud.render(rest, (160, 96), quiet)[:40].mean()


def test_fog_leaves_the_hero_most_of_its_contrast() -> None:

    castle = SubjectSpec("building", "castle")
    spec = SceneSpec(setting="land", weather="fog", subjects=(castle,))
    shot = direct(spec, width=160, height=96, frames=24, seed=3)
    hero: Placement = shot.placements[0]
    assert hero.z > 20
    assert np.exp(-Sky(shot).light(0.0).haze_density * hero.z) > 0.55
