"""Aurora and rainbow: where asked for, when the hour allows."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.light.sights import sights
from kineograph.engines.animatic.spec import SceneSpec


def added(effect: str, time: str, weather: str = "clear", t: float = 1.0) -> np.ndarray:
    spec = SceneSpec(setting="lake", time=time, weather=weather, effects=frozenset({effect}))
    shot = direct(spec, width=160, height=96, frames=48, seed=3, tier="quality")
    sky = np.zeros((60, 160, 3), np.float32)
    for sight in sights(shot, lambda now: 1.0 if now < 1.5 else 0.0):
        sight(t, shot.rest, 96, sky)
    return sky


def test_an_aurora_is_green_below_moves_and_needs_a_clear_night() -> None:
    sky = added("aurora", "night")
    assert sky[..., 1].mean() > 1.3 * sky[..., 0].mean() > 0
    assert np.abs(added("aurora", "night", t=2.0) - sky).max() > 0.01
    assert added("aurora", "day").max() == 0
    assert added("aurora", "night", "fog").max() == 0


def test_a_rainbow_has_red_outside_and_stands_by_day() -> None:
    sky = added("rainbow", "day", "rain")
    assert sky.max() > 0.02
    column = sky[:, int(sky[..., 1].max(0).argmax())]
    assert column[:, 0].argmax() < column[:, 2].argmax()
    assert added("rainbow", "night").max() == 0


def test_lightning_strikes_while_the_sky_flashes_and_only_in_a_storm() -> None:
    bolt = added("lightning", "day", "storm", t=1.0)
    assert bolt.max() > 0.8
    assert 0.001 < (bolt.max(2) > 0.5).mean() < 0.1
    assert added("lightning", "day", "storm", t=2.0).max() == 0
    assert added("lightning", "day", "clear", t=1.0).max() == 0
