"""Every look of every place: one still without error, and each another picture than its place without it."""

from __future__ import annotations

import numpy as np
import pytest

from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.cut import shots_of
from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.settings.launch import Blast
from kineograph.engines.animatic.settings.smoke import plumes
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec
from kineograph.engines.animatic.stage import build_setting
from kineograph.engines.animatic.vocabulary.lexicon import lexicon

HERO = SubjectSpec("biped", "woman")
PAIRS = sorted((place, look) for look, places in lexicon().looks.items() for place in places)


def still(setting: str, looks: tuple[str, ...], subjects: tuple[SubjectSpec, ...] = (HERO,)) -> np.ndarray:
    spec = SceneSpec(setting=setting, looks=looks, subjects=subjects, time="dusk")
    shot = direct(spec, width=96, height=64, frames=24, seed=5, tier="quality", camera_fixed=True)
    place = build_setting(shot)
    out = np.full((*shot.shading_size[::-1], 3), np.nan, np.float32)
    place.backdrop(0.3, shot.camera.at(0.3), out)
    place.overlay(0.3, shot.camera.at(0.3), out)
    return out


@pytest.mark.parametrize(("setting", "look"), PAIRS)
def test_a_look_is_seen(setting: str, look: str) -> None:
    subjects = () if look in ("open_sea", "launch", "moon") else (HERO,)
    if look == "launch":
        subjects = (SubjectSpec("aircraft", "rocket", action="fly"),)
    if look == "hill":
        subjects = (SubjectSpec("building", "castle"),)
    picture = still(setting, (look,), subjects)
    assert np.isfinite(picture).all()
    assert picture.min() >= 0
    plain = still(setting, (), subjects)
    assert np.abs(picture - plain).mean() > 0.03 * plain.mean()


WORDS = [
    ("A waterfall in a lush jungle", "forest", {"jungle", "waterfall"}),
    ("a red car on a coastal road at sunset", "land", {"coastal_road"}),
    ("a school bus on a country road in autumn", "land", {"country_road", "autumn"}),
    ("a rocket launching into the night sky", "land", {"launch"}),
    ("a windmill in a field of tulips", "meadow", {"tulips"}),
    ("a chef cooking in a restaurant kitchen", "room", {"kitchen"}),
    ("一条龙飞过古城", "land", {"old_town"}),
    ("雪山脚下的木屋", "lake", {"snow_peaks"}),
    ("a spaceship landing on a red planet", "space", {"mars"}),
    ("a polar bear on an ice floe", "snowfield", {"ice_floe"}),
    ("a violinist on a stage under a spotlight", "theatre", set()),
    ("a wizard in a dark cave", "cave", set()),
    ("a crab walking on the sand", "beach", set()),
]


@pytest.mark.parametrize(("prompt", "setting", "looks"), WORDS)
def test_words_give_the_look(prompt: str, setting: str, looks: set[str]) -> None:
    spec = compile_prompt(prompt)
    assert (spec.setting, set(spec.looks)) == (setting, looks)


def test_a_look_may_say_the_hour_and_words_say_it_better() -> None:
    assert compile_prompt("a girl reading by the fireplace").time == "night"
    assert compile_prompt("a girl reading by the fireplace at noon").time == "day"


def test_a_storm_after_a_calm_sea_is_a_second_scene_of_the_same_place() -> None:
    spec = compile_prompt("First a calm sea at dawn, then a storm with lightning")
    assert spec.weather == "clear"
    assert spec.then is not None
    assert (spec.then.setting, spec.then.weather, spec.then.looks) == ("beach", "storm", ("open_sea",))


def test_eaten_leaves_do_not_fall() -> None:
    assert "leaves" not in compile_prompt("a giraffe eating leaves").effects
    assert "leaves" in compile_prompt("leaves falling in the park").effects


def test_an_autumn_turns_trees_and_lets_leaves_fall() -> None:
    spec = compile_prompt("an old oak on a country road in autumn")
    assert "leaves" in spec.effects
    assert spec.subjects[0].kind == "maple"
    seasons = shots_of(compile_prompt("a tree, spring to winter"), width=160, height=90, frames=48, seed=3)
    assert {shot.spec.subjects[0].kind for shot in seasons} == {"maple"}
    assert [shot.spec.subjects[0].colour for shot in seasons] == ["green", "orange", "white"]


def test_a_rocket_on_its_pad_takes_off_and_stays_in_the_picture() -> None:
    shot = direct(compile_prompt("a rocket launching into the night sky"), width=160, height=90, frames=96, seed=3)
    hero = shot.placements[0]
    assert hero.subject.action == "rise"
    blast = next(one for one in plumes(shot) if isinstance(one, Blast))
    rows = [shot.rest.horizon - (blast.nozzle(t) - shot.rest.y) * shot.rest.focal / hero.z for t in (0.0, 4.0)]
    assert rows[0] > 0.75
    assert 0.05 < rows[1] < 0.62, "it has left the lower part of the picture, not the picture"


@pytest.mark.parametrize("aspect", [(160, 90), (90, 160)])
def test_a_train_on_a_bridge_is_large_and_over_water(aspect: tuple[int, int]) -> None:
    shot = direct(compile_prompt("高铁驶过大桥"), width=aspect[0], height=aspect[1], frames=96, seed=3)
    train, bridge = shot.placements
    assert (shot.spec.setting, train.subject.kind, bridge.subject.kind) == ("lake", "express_train", "viaduct")
    long = train.height * 4.6 * shot.rest.focal / train.z * aspect[1] / aspect[0]
    assert long > 0.45, "of the frame's width"
    assert train.carrier == 1
