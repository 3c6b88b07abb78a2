"""The 120 prompts: no two films look alike unless they are to, none stands still, none flickers.

The sample is looked at in every run, all of them by `python -m pytest -m gallery tests/gallery/test_looks.py`.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from tests.looks import GOLDEN, PROMPTS, SAMPLE, Seen, apart, flicker, look_at, moved, seen

from kineograph.engines.animatic.spec import SceneSpec

# Of the 7,140 pairs the median is 61 apart, one in a thousand less than 23; the nearest of different scenes are pale castles,
# bottles, and ships in fog and storm, 21. A film's own poster and the picture a third later: 15 in the median.
APART = 15.0
# The stillest film is one of a castle in thick fog, 4.6; grain alone measures 0.3.
MOVED = 2.0
# Levels of 255, to and fro. Of the whole picture: 2.2 is the glint of a watch's back as it turns into the light, 1.1 a bee whose
# wings fill the frame; the other films stay below 0.7, lightning is above 6. Of a part: wings, petals, spokes, slats.
WHOLE, LOCAL = 4.0, 10.0

_rest = [pytest.param(name, marks=pytest.mark.gallery) for name in PROMPTS if name not in SAMPLE]
every = pytest.mark.parametrize("name", [*SAMPLE, *_rest])


@every
def test_a_film_is_not_frozen(name: str) -> None:
    film = seen(name)
    assert not all(scene.camera == "static" for scene in film.scenes)  # of those a still life may stand still
    assert moved(film.luma) > MOVED


@every
def test_a_film_does_not_flicker(name: str) -> None:
    film = seen(name)
    whole, local = flicker(film.luma)
    if not any(flashes(scene) for scene in film.scenes):
        assert whole < WHOLE
    if not any(subject.family == "insect" for scene in film.scenes for subject in scene.subjects):
        assert local < LOCAL  # of wings that beat faster than frames follow each other


def test_words_that_say_nothing_become_a_film_that_lives() -> None:
    """Neither frozen nor flickering, and another one with another seed; what is read in them: test_compile.py."""
    films = [look_at("asdf 🤪 \x1b[31m; DROP TASKS --", seed) for seed in (1, 2)]
    for film in films:
        assert moved(film.luma) > MOVED
        assert max(flicker(film.luma)) < WHOLE
    assert apart(films[0].poster, films[1].poster) > APART


def flashes(scene: SceneSpec) -> bool:
    """Lightning and fireworks light up everything at once, and are meant to."""
    return scene.weather == "storm" or any(subject.kind == "firework" for subject in scene.subjects)


def gist(film: Seen) -> object:
    """Scenes that agree in this may look alike: the same kinds in the same place, hour, weather and style."""
    return [
        (
            scene.setting,
            scene.backdrop if scene.setting == "studio" else None,
            scene.time,
            scene.weather,
            scene.style,
            [(subject.kind, subject.count) for subject in scene.subjects],
        )
        for scene in film.scenes
    ]


def alike(names: tuple[str, ...]) -> list[tuple[str, str, float]]:
    """Pairs whose posters are too near to each other."""
    found = []
    for one, other in itertools.combinations(names, 2):
        a, b = seen(one), seen(other)
        if gist(a) != gist(b) and (far := apart(a.poster, b.poster)) < APART:
            found.append((one, other, round(far, 1)))
    return found


def test_no_two_posters_of_the_sample_look_alike() -> None:
    assert alike(SAMPLE) == []


@pytest.mark.gallery
def test_no_two_of_all_posters_look_alike() -> None:
    assert alike(tuple(PROMPTS)) == []


def test_the_figures_see_what_they_are_for() -> None:
    """Another picture is another one; a film that stands still fails, and so does one that blinks, or a part of it."""
    film = seen(SAMPLE[0])
    assert apart(film.poster, seen(SAMPLE[1]).poster) > APART > apart(film.poster, film.poster)
    assert moved(np.repeat(film.luma[:1], 3, axis=0)) < MOVED
    blinks = (np.arange(film.luma.shape[1]) % 2)[None, :, None, None]
    assert flicker(film.luma + 2 * WHOLE * blinks)[0] > WHOLE
    corner = film.luma.copy()
    corner[:, :, :6, :8] += 2 * LOCAL * blinks
    assert flicker(corner)[1] > LOCAL


def test_the_prompts_are_there_and_differ() -> None:
    assert len(PROMPTS) == len(set(PROMPTS.values())) == 120
    assert len(set(SAMPLE)) == len(SAMPLE) <= 16
    assert len(set(GOLDEN)) == len(GOLDEN) == 30
