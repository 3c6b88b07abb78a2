"""Regular forms of English words."""

from __future__ import annotations

import pytest

from kineograph.engines.animatic.vocabulary.inflect import plural, verb_forms


@pytest.mark.parametrize(
    ("noun", "many"), [("kitten", "kittens"), ("box", "boxes"), ("puppy", "puppies"), ("boy", "boys"), ("bus", "buses")]
)
def test_nouns_get_their_regular_plural(noun: str, many: str) -> None:
    assert plural(noun) == many


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("spin", ("spins", "spinning", "spinned")),
        ("dance", ("dances", "dancing", "danced")),
        ("play", ("plays", "playing", "played")),
        ("turn around", ("turns around", "turning around", "turned around")),
        ("dash", ("dashes", "dashing", "dashed")),
    ],
)
def test_verbs_are_bent_at_their_first_word(verb: str, forms: tuple[str, ...]) -> None:
    assert verb_forms(verb) == forms
