"""A castle on a hill stands on one."""

from __future__ import annotations

import numpy as np
import pytest

from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.settings.grass import pick
from kineograph.engines.animatic.settings.knoll import knoll
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.shot import Shot


def shot_of(prompt: str, size: tuple[int, int] = (160, 90), seed: int = 3) -> Shot:
    return direct(compile_prompt(prompt), width=size[0], height=size[1], frames=48, seed=seed)


@pytest.mark.parametrize("size", [(160, 90), (90, 160), (210, 90)])
@pytest.mark.parametrize("prompt", ["A castle on a hill in the fog", "小山上的城堡"])
def test_what_stands_on_a_hill_is_raised_and_whole_in_the_picture(prompt: str, size: tuple[int, int]) -> None:
    shot = shot_of(prompt, size)
    hero = shot.placements[0]
    assert ("hill" in shot.spec.looks, hero.subject.kind) == (True, "castle")
    assert hero.y > 0.2 * hero.height
    top = shot.rest.horizon - (hero.y + hero.height - shot.rest.y) * shot.rest.focal / hero.z
    assert top > 0.0


def test_the_hill_hides_where_the_castle_stands_and_falls_off_to_the_sides() -> None:
    shot = shot_of("a castle on a hill")
    canvas, light = Canvas.of(shot), Sky(shot).light(0.0)
    rng = shot.rng("test")
    layer = knoll(shot, canvas, pick("grass", rng), pick("leaves", rng), light, rng)
    assert layer is not None
    assert np.isfinite(layer.pixels).all()
    hero = shot.placements[0]
    middle = round(canvas.column(hero.x, hero.z))
    crest = [int(np.argmax(layer.pixels[:, x, 3] > 0.5)) for x in (middle, max(middle - canvas.width // 3, 2))]
    assert crest[0] <= canvas.row(hero.y, hero.z - 0.3 * hero.height) + 1
    assert crest[0] < crest[1]


def test_who_is_on_the_flat_has_no_hill() -> None:
    shot = shot_of("a castle in a valley")
    rng = shot.rng("test")
    canvas = Canvas.of(shot)
    assert knoll(shot, canvas, pick("grass", rng), pick("leaves", rng), Sky(shot).light(0.0), rng) is None
