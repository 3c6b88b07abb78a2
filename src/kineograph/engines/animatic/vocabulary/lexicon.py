"""The lexicon: phrases of the TOML files -> typed meanings, found longest first."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from kineograph.engines.animatic.vocabulary.inflect import plural, verb_forms
from kineograph.engines.animatic.vocabulary.tokens import Token, tokens_of

FILES = ("settings", "light", "motion", "effects", "looks", "grammar", "outside")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase says.

    Attributes:
        slot: `setting`, `time`, `subject`, `count`, `stop`…
        value: Row of the slot: `beach`, `night`, `cat`, `3`.
        how: `words` decides; `weak` only suggests; `kin` stands in for something we do not have (and is reported);
            `young`; `tight` counts only right before a noun, `coloured` only after a colour, `noun` only as a noun.
        plural: Said in the plural.
    """

    slot: str
    value: str
    how: str = "words"
    plural: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of the subjects' table.

    Attributes:
        family: The module that builds it.
        height, young_height: Metres, standing.
        width: Of its outline ÷ its height.
        any: Kinds that chance picks from, where the word leaves it open; empty otherwise.
    """

    family: str
    height: float
    young_height: float
    width: float = 1.0
    any: tuple[str, ...] = ()


class Lexicon:
    """All phrases, keyed by their tokens."""

    def __init__(self) -> None:
        self.kinds: dict[str, Kind] = {}
        self._phrases: dict[tuple[str, ...], tuple[Meaning, ...]] = {}
        self._lengths: dict[str, tuple[int, ...]] = {}
        for name in FILES:
            self._add_file(_table(name))
        self._add_subjects(_table("subjects"))

    def find(self, tokens: Sequence[Token], at: int) -> tuple[int, tuple[Meaning, ...]]:
        """The longest phrase that begins at this token: how many tokens, and what it means. (0, ()) if there is none."""
        for length in self._lengths.get(tokens[at].text, ()):
            found = self._phrases.get(tuple(token.text for token in tokens[at : at + length]))
            if found:
                return length, found
        return 0, ()

    def _add_file(self, table: Mapping[str, Any]) -> None:
        inflect = table["inflect"]
        for slot, rows in table.items():
            if slot == "inflect":
                continue
            for value, row in rows.items():
                hows = row if isinstance(row, dict) else {"words": row}
                for how, words in hows.items():
                    self._add(Meaning(slot, value, how), words, inflect)

    def _add_subjects(self, table: Mapping[str, Any]) -> None:
        for name, row in table.items():
            if name == "inflect":
                continue
            height = float(row["height"])
            young_height = float(row.get("young_height", height))
            self.kinds[name] = Kind(row["family"], height, young_height, float(row["width"]), tuple(row.get("any", ())))
            for how in ("words", "young", "noun", "kin"):
                self._add(Meaning("subject", name, how), row.get(how, ()), "noun")

    def _add(self, meaning: Meaning, words: Sequence[str], inflect: str) -> None:
        for word in words:
            for phrase, many in _forms(word, inflect):
                self._put(phrase, Meaning(meaning.slot, meaning.value, meaning.how, many))

    def _put(self, phrase: str, meaning: Meaning) -> None:
        key = tuple(token.text for token in tokens_of(phrase))
        if not key:
            return
        known = self._phrases.get(key, ())
        if all((other.slot, other.value) != (meaning.slot, meaning.value) for other in known):
            self._phrases[key] = (*known, meaning)
        lengths = {*self._lengths.get(key[0], ()), len(key)}
        self._lengths[key[0]] = tuple(sorted(lengths, reverse=True))


def _forms(word: str, inflect: str) -> Iterator[tuple[str, bool]]:
    """The word itself and its regular forms, each with whether it is a plural."""
    yield word, word in _PLURALS
    if not word.isascii():
        return
    if inflect == "noun":
        yield plural(word), True
    elif inflect == "verb":
        for form in verb_forms(word):
            yield form, False


_PLURALS = frozenset({"men", "women", "gentlemen", "children", "people", "wolves", "人们"})


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))


@cache
def lexicon() -> Lexicon:
    """The one lexicon, loaded on first use."""
    return Lexicon()


@cache
def substitutes() -> Mapping[str, Mapping[str, str]]:
    """Family -> action it cannot do -> what it does in its place."""
    return _table("families")
