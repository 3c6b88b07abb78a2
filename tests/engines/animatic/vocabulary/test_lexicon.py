"""The vocabulary's files: complete, consistent, buildable."""

from __future__ import annotations

from kineograph.engines.animatic.registry import FAMILIES, SETTINGS
from kineograph.engines.animatic.vocabulary.lexicon import lexicon, substitutes
from kineograph.engines.animatic.vocabulary.tokens import tokens_of


def test_every_kind_has_a_builder_and_a_size() -> None:
    for kind in lexicon().kinds.values():
        assert kind.family in {*FAMILIES, "given"}
        assert 0.05 < kind.young_height <= kind.height < 3
        assert 0.2 < kind.width < 2
        assert all(lexicon().kinds[name].family == kind.family for name in kind.any)


def test_every_setting_that_can_be_said_can_be_built() -> None:
    for name in SETTINGS:
        assert any(meaning.value == name for meaning in _meanings("setting"))
    assert {meaning.value for meaning in _meanings("setting")} <= set(SETTINGS)


def test_the_longest_phrase_wins() -> None:
    tokens = tokens_of("golden hour light")
    length, meanings = lexicon().find(tokens, 0)
    assert length == 2
    assert ("time", "golden") in {(meaning.slot, meaning.value) for meaning in meanings}


def test_a_word_may_mean_two_things() -> None:
    _, meanings = lexicon().find(tokens_of("petals"), 0)
    assert {"setting", "effect"} <= {meaning.slot for meaning in meanings}


def test_substitutes_are_actions_the_family_has() -> None:
    for family, table in substitutes().items():
        assert family in FAMILIES
        assert not set(table.values()) & set(table)


def _meanings(slot: str) -> list:  # type: ignore[type-arg]  # of Meaning
    book = lexicon()
    return [m for found in book._phrases.values() for m in found if m.slot == slot]
