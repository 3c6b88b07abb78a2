"""The vocabulary's files: complete, consistent, and honest about what is built."""

from __future__ import annotations

from itertools import chain

import pytest

from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.registry import FAMILIES, SETTINGS, kinds_of
from kineograph.engines.animatic.vocabulary.lexicon import NOUNS, Meaning, action_for, actions_of, lexicon
from kineograph.engines.animatic.vocabulary.tokens import tokens_of


def meanings(slot: str) -> list[Meaning]:
    return [meaning for found in lexicon().phrases().values() for meaning in found if meaning.slot == slot]


def test_every_kind_has_a_size_and_relatives_that_exist() -> None:
    kinds = lexicon().kinds
    for kind in kinds.values():
        assert kind.family in NOUNS
        assert kind.stance in ("ground", "table", "air", "water", "swim")
        assert 0.01 < kind.young_height <= kind.height < 200
        assert 0.1 < kind.width <= 6
        assert kind.like in {*kinds, ""}
        assert lexicon().place(kind.home) in SETTINGS


def test_every_kind_of_the_builders_can_be_said() -> None:
    said = {meaning.value for meaning in meanings("subject")}
    for family in FAMILIES:
        assert kinds_of(family) <= said, f"{family}: no word for {sorted(kinds_of(family) - said)}"


def test_whatever_is_said_can_be_built() -> None:
    kinds = lexicon().kinds
    for meaning in meanings("subject"):
        kind = kinds[meaning.value]
        names = kind.any or (meaning.value,)
        assert all(name in kinds_of(kinds[name].family) for name in names)
    assert {meaning.value for meaning in meanings("setting")} <= set(SETTINGS)


def test_every_setting_that_can_be_built_can_be_said() -> None:
    assert {meaning.value for meaning in meanings("setting")} == set(SETTINGS)


def test_a_stand_in_is_marked_as_one() -> None:
    for name, kind in lexicon().kinds.items():
        if lexicon().shown(name) not in (name, None):
            assert kind.like
    lion = lexicon().meanings("lion")
    assert all(meaning.kin == (meaning.value != "lion") for meaning in lion if meaning.slot == "subject")


def test_the_longest_phrase_wins() -> None:
    tokens = tokens_of("golden hour light")
    length, found = lexicon().find(tokens, 0)
    assert length == 2
    assert ("time", "golden") in {(meaning.slot, meaning.value) for meaning in found}


def test_a_word_may_mean_two_things() -> None:
    _, found = lexicon().find(tokens_of("petals"), 0)
    assert {"setting", "effect"} <= {meaning.slot for meaning in found}


@pytest.mark.parametrize("family", NOUNS)
def test_no_family_is_asked_for_what_it_cannot_do(family: str) -> None:
    for action in {meaning.value for meaning in meanings("action")}:
        assert action_for(family, action) in actions_of(family)


def test_there_are_eighteen_actions_nine_moves_and_nine_styles() -> None:
    count = {slot: len({meaning.value for meaning in meanings(slot)}) for slot in ("action", "camera", "style")}
    assert count["action"] >= 18
    assert count["camera"] >= 9
    assert count["style"] == 9


def test_there_are_250_nouns_in_english_and_in_chinese_over_twelve_families() -> None:
    from kineograph.engines.animatic.vocabulary.lexicon import _table

    rows = {family: _table(f"nouns/{family}")["kinds"].values() for family in NOUNS}
    words = list(
        chain.from_iterable(row.get(how, ()) for row in chain(*rows.values()) for how in ("words", "young", "noun"))
    )
    assert len({word for word in words if word.isascii()}) >= 250
    assert len({word for word in words if "\u4e00" <= word[0] <= "\u9fff"}) >= 250
    assert sum(bool(table) for table in rows.values()) >= 12


@pytest.mark.parametrize(
    ("prompt", "kind"), [("baby otters in a river", "otter"), ("三只小刺猬", "hedgehog"), ("水豚宝宝", "capybara")]
)
def test_a_baby_of_any_kind_that_has_young_is_a_young_one(prompt: str, kind: str) -> None:
    (subject,) = compile_prompt(prompt).subjects
    assert subject.young
    assert subject.kind == lexicon().shown(kind)
