"""Light that fits the words: heights of the sun, where it stands, weather's wind and palettes."""

from __future__ import annotations

import pytest

from kineograph.engines.animatic.daylight import ELEVATION, daylight
from kineograph.engines.animatic.light.tables import grades
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec


@pytest.mark.parametrize("time", sorted(ELEVATION))
def test_every_time_of_day_has_its_sun_and_its_palettes(time: str) -> None:
    for seed in range(12):
        light = daylight(SceneSpec(time=time), seed, 1.78, 1.2)
        low, high = ELEVATION[time]
        assert low <= light.sun_elevation <= high
        assert light.sun_elevation_to == light.sun_elevation
        assert light.grade in grades(time)


def test_storms_blow_harder_than_fog() -> None:
    storm, fog = (daylight(SceneSpec(weather=name), 1, 1.78, 1.2).wind for name in ("storm", "fog"))
    assert storm > 3 * fog


def test_somebody_in_the_picture_is_lit_from_the_side() -> None:
    spec = SceneSpec(subjects=(SubjectSpec("quadruped", "cat"),))
    for seed in range(12):
        assert 80 < abs(daylight(spec, seed, 1.78, 1.2).sun_azimuth) < 145
