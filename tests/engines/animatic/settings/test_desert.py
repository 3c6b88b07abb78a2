"""Desert: dunes, ripples, hot air."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.settings.desert import build
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec


def shot_of(size: tuple[int, int] = (160, 96), seed: int = 3, **spec: object) -> Shot:
    asked = SceneSpec(setting="desert", **spec)  # type: ignore[arg-type]  # test helper
    return direct(asked, width=size[0], height=size[1], frames=48, seed=seed, tier="quality")


def frame(shot: Shot, t: float = 0.5) -> np.ndarray:
    place = build(shot)
    out = np.full((*shot.shading_size[::-1], 3), np.nan, np.float32)
    place.backdrop(t, shot.rest, out)
    place.overlay(t, shot.rest, out)
    return out


def test_hot_air_trembles_by_day_and_not_by_night() -> None:
    def moved(time: str) -> float:
        shot = shot_of(time=time, subjects=(SubjectSpec("biped", "girl"),))
        line = round(shot.rest.horizon * 96)
        low = slice(line + 2, line + 5)
        place = build(shot)
        one, two = (np.zeros((96, 160, 3), np.float32) for _ in range(2))
        place.backdrop(0.2, shot.rest, one)
        place.backdrop(0.9, shot.rest, two)
        return float(np.abs(one - two)[low].mean() / one[low].mean())

    assert moved("day") > 3 * moved("night")


def test_snow_whitens_the_sand() -> None:
    sand, snow = (frame(shot_of(weather=w))[70:].mean((0, 1)) for w in ("clear", "snow"))
    assert sand[0] / sand[2] > 1.3 * snow[0] / snow[2]


def test_sand_lies_to_the_lower_edge_in_a_tall_frame() -> None:
    picture = frame(shot_of((90, 160), time="golden"))
    assert np.isfinite(picture).all()
    assert picture[-8:].min() > 0.005
