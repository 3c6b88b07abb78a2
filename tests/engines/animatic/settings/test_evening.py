"""When lamps come on."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.settings.evening import dusk
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec


def shot_of(**spec: str) -> Shot:
    return direct(SceneSpec(setting="street", **spec), width=160, height=96, frames=48, seed=5)


def test_off_by_day_and_on_by_night() -> None:
    assert dusk(shot_of(time="day"), 1.0) == 0
    assert dusk(shot_of(time="night"), 1.0) > 0.9


def test_it_never_falls_while_the_sun_goes_down() -> None:
    steps = [dusk(shot_of(time="day", time_to="night"), t) for t in np.linspace(0, 2, 9)]
    assert steps == sorted(steps)


def test_bad_weather_brings_the_evening_forward() -> None:
    assert dusk(shot_of(time="day", weather="storm"), 0.0) > dusk(shot_of(time="day"), 0.0)
