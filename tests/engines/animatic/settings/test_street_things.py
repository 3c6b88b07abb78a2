"""Lamps and trees on the pavements."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.settings.plates import COVER, LAMP, Canvas
from kineograph.engines.animatic.settings.street_plan import plan
from kineograph.engines.animatic.settings.street_things import HIGH, furniture
from kineograph.engines.animatic.spec import SceneSpec

SHOT = direct(SceneSpec(setting="street"), width=320, height=192, frames=24, seed=5, tier="quality")


def test_a_lamp_shines_at_the_end_of_its_arm() -> None:
    street, canvas = plan(SHOT), Canvas.of(SHOT)
    far, near = furniture(canvas, street, 0.0, np.random.default_rng(1))
    assert far.depth[0] > near.depth[0]
    x, z = street.lamps[-1]
    arm = x - 0.9 * np.sign(x - street.middle)
    rest = canvas.camera
    column, row, _ = canvas.project(np.array([[arm, HIGH, z + rest.z]], np.float32))[0]
    around = near.paint[round(row) - 3 : round(row) + 4, round(column) - 3 : round(column) + 4]
    assert around[..., COVER].max() > 0.8
    assert around[..., LAMP].max() > 1.0
