"""Cutting prompts into words, Han characters, marks and symbols."""

from __future__ import annotations

from kineograph.engines.animatic.vocabulary.tokens import tokens_of


def texts(text: str) -> list[str]:
    return [token.text for token in tokens_of(text)]


def test_words_are_lower_case_and_hyphens_separate() -> None:
    assert texts("Close-Up of a KITTEN") == ["close", "up", "of", "a", "kitten"]


def test_han_characters_come_one_by_one_and_full_width_forms_are_folded() -> None:
    assert texts("小猫,3只") == ["小", "猫", ",", "3", "只"]
    assert [token.kind for token in tokens_of("猫a,🐱")] == ["han", "word", "mark", "symbol"]


def test_apostrophes_stay_inside_words() -> None:
    assert texts("don’t the bird's") == ["don't", "the", "bird's"]


def test_control_characters_only_separate() -> None:
    assert texts("a\0b\x1b[31mc\u200dd") == ["a", "b", "31mc", "d"]
