"""The street: day, evening, and the mirror it becomes when wet."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.settings.street import build
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec


def shot_of(size: tuple[int, int] = (160, 96), seed: int = 3, **spec: object) -> Shot:
    asked = SceneSpec(setting="street", **spec)  # type: ignore[arg-type]  # test helper
    return direct(asked, width=size[0], height=size[1], frames=48, seed=seed, tier="quality")


def frame(shot: Shot, t: float = 0.5) -> np.ndarray:
    place = build(shot)
    out = np.full((*shot.shading_size[::-1], 3), np.nan, np.float32)
    place.backdrop(t, shot.rest, out)
    place.overlay(t, shot.rest, out)
    return out


def test_lamps_and_windows_come_on_in_the_evening() -> None:
    shot = shot_of(time="day", time_to="night")
    place = build(shot)
    assert place.dusk(0.0) < 0.2 < 0.7 < place.dusk(2.0)
    late = np.zeros((96, 160, 3), np.float32)
    place.backdrop(2.0, shot.rest, late)
    assert np.isfinite(late).all()
    assert late[:, :40].max() > 0.25  # a lit shop
    assert place.light(2.0).key[0] > place.light(2.0).key[2]  # lamplight is warm


def test_a_wet_road_mirrors_the_lights_and_a_dry_one_hardly() -> None:
    wet, dry = (frame(shot_of(time="night", weather=weather))[70:] for weather in ("rain", "clear"))
    assert wet.std() > 1.3 * dry.std()


def test_a_tall_frame_still_has_houses_on_both_sides() -> None:
    picture = frame(shot_of((90, 160), subjects=(SubjectSpec("biped", "girl"),)))
    assert np.isfinite(picture).all()
    place = build(shot_of((90, 160)))
    cover = place._stack._lit[0][:, 3]
    horizon = int(place._canvas.my + place._canvas.camera.horizon * 160)
    assert cover[horizon - 8, place._canvas.mx + 3] > 0.9
    assert cover[horizon - 8, -place._canvas.mx - 4] > 0.9


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert np.array_equal(frame(shot_of(time="golden")), frame(shot_of(time="golden")))
