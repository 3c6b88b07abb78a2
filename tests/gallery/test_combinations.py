"""Everything with everything: each place, hour, weather, style, camera and framing, and all that each family can do.

Every run films a covering sample (≤ 80); `python -m pytest -m gallery tests/gallery/test_combinations.py` films the rest. Every
place × hour × weather is in tests/engines/animatic/test_stage.py, every kind in tests/engines/animatic/subjects.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import pytest

from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.film.styles.base import STYLES
from kineograph.engines.animatic.registry import FAMILIES, SETTINGS, kinds_of
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec
from kineograph.engines.animatic.stage import build_stage
from kineograph.engines.animatic.vocabulary.lexicon import actions_of, lexicon

Row = dict[str, str]
SIZE = (96, 54)
MOST = 80


def values(slot: str) -> list[str]:
    """All that the vocabulary has in a slot."""
    return sorted({one.value for found in lexicon().phrases().values() for one in found if one.slot == slot})


def kind_for(family: str, number: int) -> str:
    """One of the family's kinds: actions take turns with them."""
    kinds = sorted(kinds_of(family) & lexicon().kinds.keys())
    return kinds[number * 7 % len(kinds)]


DOERS = [
    f"{family} {kind_for(family, number)} {action}"
    for family in sorted(FAMILIES)
    for number, action in enumerate(actions_of(family))
]
FACTORS: Mapping[str, Sequence[str]] = {
    "doer": DOERS,
    "setting": sorted(SETTINGS),
    "time": values("time"),
    "weather": values("weather"),
    "style": ["cinematic", *STYLES],
    "camera": ["drift", *values("camera")],
    "framing": ["medium", *values("shot")],
}
Pair = tuple[tuple[str, str], tuple[str, str]]


def pairs(row: Row) -> set[Pair]:
    return set(itertools.combinations(sorted(row.items()), 2))


def sample(factors: Mapping[str, Sequence[str]]) -> list[Row]:
    """One row for every value of the longest factor; the others take the value that meets most partners for the first time.

    Greedy, as pairwise generators are (Cohen et al. 1997, AETG). All pairs of 16 places and 9 styles alone would need 144.
    """
    leading, *others = sorted(factors, key=lambda name: -len(factors[name]))
    met: set[Pair] = set()
    used: dict[tuple[str, str], int] = {}
    rows = []
    for value in factors[leading]:
        row = {leading: value}
        for name in others:
            gains = [
                (len(pairs({**row, name: choice}) - met), -used.get((name, choice), 0)) for choice in factors[name]
            ]
            row[name] = factors[name][gains.index(max(gains))]
        met |= pairs(row)
        for item in row.items():
            used[item] = used.get(item, 0) + 1
        rows.append(row)
    return rows


ROWS = sample(FACTORS)


def film_one(row: Row) -> None:
    """One small still of a scene, a third into the film."""
    family, kind, action = row["doer"].split()
    scene = SceneSpec(
        setting=row["setting"],
        time=row["time"],
        weather=row["weather"],
        style=row["style"],
        camera=row["camera"],
        framing=row["framing"],
        subjects=(SubjectSpec(family, kind, action=action),),
    )
    frame = build_stage(direct(scene, width=SIZE[0], height=SIZE[1], frames=72, seed=5)).frame(24)
    assert frame.y.shape == (SIZE[1], SIZE[0])
    assert frame.y.std() > 1.5  # something is to be seen: a wand on white is thin
    assert 18 < frame.y.mean() < 240


def test_the_sample_meets_everything_and_most_of_it_in_pairs() -> None:
    assert len(ROWS) <= MOST
    for name, choices in FACTORS.items():
        assert {row[name] for row in ROWS} == set(choices)
    met = set().union(*(pairs(row) for row in ROWS))

    for one, other in itertools.combinations([name for name in FACTORS if name != "doer"], 2):
        wanted = {tuple(sorted([(one, a), (other, b)])) for a in FACTORS[one] for b in FACTORS[other]}
        assert len(wanted & met) >= 0.85 * min(len(wanted), len(ROWS)), (one, other)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row.values()).replace(" ", "-"))
def test_everything_can_be_filmed_with_everything(row: Row) -> None:
    film_one(row)


# Below: what the sample leaves out, one thing after the other.
PLAIN = {"time": "day", "weather": "clear", "camera": "drift", "framing": "medium", "style": "cinematic"}


@pytest.mark.gallery
@pytest.mark.parametrize(("setting", "style"), list(itertools.product(SETTINGS, STYLES)))
def test_every_place_in_every_style(setting: str, style: str) -> None:
    film_one({**PLAIN, "doer": "quadruped cat idle", "setting": setting, "style": style})


@pytest.mark.gallery
@pytest.mark.parametrize(
    ("family", "kind", "action"),
    [
        (family, kind, action)
        for family in sorted(FAMILIES)
        for kind in sorted(kinds_of(family) & lexicon().kinds.keys())[::3]
        for action in actions_of(family)
    ],
)
def test_every_third_kind_does_all_that_its_family_can(family: str, kind: str, action: str) -> None:
    film_one({**PLAIN, "doer": f"{family} {kind} {action}", "setting": lexicon().kinds[kind].home})


@pytest.mark.gallery
@pytest.mark.parametrize(("setting", "camera"), list(itertools.product(SETTINGS, values("camera"))))
def test_every_camera_move_in_every_place(setting: str, camera: str) -> None:
    film_one({**PLAIN, "doer": "vehicle car idle", "setting": setting, "camera": camera})
