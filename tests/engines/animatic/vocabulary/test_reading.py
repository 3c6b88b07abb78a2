"""Reading words in order, and how far a negation reaches."""

from __future__ import annotations

import pytest

from kineograph.engines.animatic.vocabulary.lexicon import lexicon
from kineograph.engines.animatic.vocabulary.reading import read


def negated(text: str) -> list[str]:
    return [word.text for word in read(text, lexicon()) if word.negated and not word.has("count", "determiner", "stop")]


@pytest.mark.parametrize(
    ("text", "under"),
    [
        ("no people", ["people"]),
        ("no people, a dog", ["people"]),
        ("no cats or dogs", ["cats", "dogs"]),
        ("no cats and a dog", ["cats"]),
        ("not a cat but a dog", ["cat"]),
        ("没有狗的海滩", ["狗"]),
        ("a dog", []),
    ],
)
def test_a_negation_reaches_to_the_end_of_its_phrase(text: str, under: list[str]) -> None:
    assert negated(text) == under


def test_unknown_han_characters_in_a_row_are_one_word() -> None:
    assert [word.text for word in read("猫量子纠缠", lexicon())] == ["猫", "量子纠缠"]


def test_all_of_a_negative_prompt_is_negated() -> None:
    assert all(word.negated for word in read("people, rain", lexicon(), negated=True))
