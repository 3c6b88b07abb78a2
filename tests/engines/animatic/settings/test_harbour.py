"""The harbour: a town by the water."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.settings.harbour import build, town
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec


def shot_of(size: tuple[int, int] = (160, 96), seed: int = 3, **spec: object) -> Shot:
    asked = SceneSpec(setting="harbour", **spec)  # type: ignore[arg-type]  # test helper
    return direct(asked, width=size[0], height=size[1], frames=48, seed=seed, tier="quality")


def frame(shot: Shot, t: float = 0.5) -> np.ndarray:
    place = build(shot)
    out = np.full((*shot.shading_size[::-1], 3), np.nan, np.float32)
    place.backdrop(t, shot.rest, out)
    place.overlay(t, shot.rest, out)
    return out


def test_houses_stand_behind_the_quay_and_higher_ones_farther_off() -> None:
    city = town(shot_of())
    tops = [max(box.high for box in row) for row in city.rows]
    assert all(box.z > city.shore for row in city.rows for box in row)
    assert tops[0] > tops[2] - 8
    assert len(city.beacons) == 1


def test_boats_lie_at_their_moorings() -> None:
    boats = build(shot_of())._traffic.boats  # type: ignore[attr-defined]  # of Skyline
    assert len(boats) >= 3
    assert all(abs(boat.speed) < 0.1 and boat.z < 74 for boat in boats)


def test_every_pixel_is_painted_in_a_tall_frame_with_a_cast() -> None:
    picture = frame(shot_of((90, 160), time="night", subjects=(SubjectSpec("biped", "girl"),)))
    assert np.isfinite(picture).all()
    assert picture.max() > 0.3  # lamps
