"""A street as boxes."""

from __future__ import annotations

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.settings.street_plan import plan
from kineograph.engines.animatic.spec import SceneSpec

SHOT = direct(SceneSpec(setting="street"), width=160, height=96, frames=24, seed=5)


def test_no_house_stands_on_the_road_and_none_behind_the_eye() -> None:
    street = plan(SHOT)
    for box in street.houses:
        assert box.z - box.deep / 2 > 0
        if box.z < 200 and box.low == 0:
            assert abs(box.x - street.middle) - box.width / 2 > street.kerb


def test_every_house_has_a_shop_under_it() -> None:
    street = plan(SHOT)
    shops = {round(box.z, 3) for box in street.houses if box.style == "shops"}
    assert {round(box.z, 3) for box in street.houses[: street.throwers]} <= shops


def test_lamps_stand_on_the_pavements_far_to_near() -> None:
    street = plan(SHOT)
    assert all(street.kerb < abs(x - street.middle) < street.half for x, _ in street.lamps)
    assert [z for _, z in street.lamps] == sorted((z for _, z in street.lamps), reverse=True)
