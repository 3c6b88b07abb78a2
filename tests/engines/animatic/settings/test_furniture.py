"""Furniture from its table."""

from __future__ import annotations

import numpy as np
import pytest

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.settings.furniture import pieces, slab, stand
from kineograph.engines.animatic.settings.plates import COVER, LAMP, LAMP_CHANNELS, Canvas
from kineograph.engines.animatic.spec import SceneSpec

SHOT = direct(SceneSpec(setting="room"), width=160, height=96, frames=24, seed=5, tier="quality")
CANVAS = Canvas.of(SHOT)
PAINTS = {
    name: np.array([0.3, 0.2, 0.1])
    for name in (
        "cloth",
        "accent",
        "wood",
        "metal",
        "dark",
        "leaf",
        "pot",
        "books",
        "paper",
        "shade",
        "steel",
        "copper",
        "red",
        "cabinet",
        "stone",
        "glow",
    )
}


@pytest.mark.parametrize("name", sorted(pieces()))
def test_every_piece_stands_within_its_width(name: str) -> None:
    plate = CANVAS.blank(LAMP_CHANNELS)
    stand(plate, CANVAS, name, 0.0, 4.0, PAINTS, np.random.default_rng(1))
    assert np.isfinite(plate).all()
    columns = np.flatnonzero(plate[..., COVER].max(0) > 0.5)
    metre = CANVAS.camera.focal * CANVAS.height / 4.0
    assert 0.3 * pieces()[name]["wide"] < (columns[-1] - columns[0]) / metre < 1.15 * pieces()[name]["wide"]


def test_only_lamps_shine() -> None:
    shining = []
    for name in pieces():
        plate = CANVAS.blank(LAMP_CHANNELS)
        stand(plate, CANVAS, name, 0.0, 4.0, PAINTS, np.random.default_rng(1))
        if plate[..., LAMP].max() > 0:
            shining.append(name)
    assert shining == ["floor_lamp", "stove", "hearth", "pendant"]


def test_a_slab_covers_its_box() -> None:
    plate = CANVAS.blank(LAMP_CHANNELS)
    slab(plate, CANVAS, (-0.5, 0.5, 0.5, 1.5), 4.0, np.array([0.5, 0.5, 0.5]), round_=0.02)
    metre = CANVAS.camera.focal * CANVAS.height / 4.0
    assert abs(float(plate[..., COVER].sum()) - metre * metre) < 0.06 * metre * metre
