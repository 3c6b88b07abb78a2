"""Other languages: words of theirs that stand for phrases of the English lexicon, one TOML file a language."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from operator import itemgetter
from typing import Any

from kineograph.engines.animatic.vocabulary.lexicon import Meaning, Phrases, lexicon
from kineograph.engines.animatic.vocabulary.tokens import Token, tokens_of

LATIN = ("es", "fr", "de", "pt")
_SCRIPTS = (
    ("ja", re.compile("[\u3041-\u309f\u30a1-\u30fa]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
)
SAMPLE = 400  # tokens that tell a language


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language.

    Attributes:
        name: ISO 639-1.
        endings: Longest first; cut off the ends of words, where the language bends them.
        after: Adjectives follow their noun.
        whole: Words are set apart by blanks though they are matched by character (Korean): none begins inside another.
        phrases, lengths: As in the lexicon, by key.
    """

    name: str
    endings: tuple[str, ...]
    after: bool
    whole: bool
    phrases: Phrases
    lengths: Mapping[str, tuple[int, ...]]

    def key(self, text: str) -> str:
        """A word as this language's phrases are looked up."""
        return _key(text, self.endings)

    def find(self, tokens: Sequence[Token], at: int) -> tuple[int, tuple[Meaning, ...]]:
        """The longest phrase that begins here, and what it means; (0, ()) if there is none."""
        for length in self.lengths.get(self.key(tokens[at].text), ()):
            found = self.phrases.get(tuple(self.key(token.text) for token in tokens[at : at + length]))
            if found and at + length <= len(tokens):
                return length, found
        return 0, ()


def tongue_of(text: str, tokens: Sequence[Token]) -> Tongue | None:
    """The language a prompt is written in, where it is one of ours besides English and Chinese.

    By script, or by whose words it has most of; English wins a tie.
    """
    sample = text[: SAMPLE * 8]
    for name, script in _SCRIPTS:
        if script.search(sample):
            return tongue(name)
    words = [token.text for token in tokens[:SAMPLE] if token.kind == "word"]
    english = sum(bool(lexicon().begins(word)) for word in words)
    if not words or english * 3 > len(words) * 2:
        return None
    hits = Counter({name: sum(tongue(name).key(word) in tongue(name).lengths for word in words) for name in LATIN})
    name, most = max(hits.items(), key=lambda item: item[1])
    return tongue(name) if most > english else None


@cache
def tongue(name: str) -> Tongue:
    """A language, loaded when it is first met."""
    table: dict[str, Any] = tomllib.loads(files(__package__).joinpath(f"languages/{name}.toml").read_text("utf-8"))
    endings = tuple(sorted({_folded(ending) for ending in table["endings"]}, key=len, reverse=True))
    plurals = frozenset(table["plurals"])
    phrases: Phrases = {}
    lengths: dict[str, set[int]] = {}
    forms = [
        (form, form != word, many, lexicon().meanings(english))
        for english, words in table["words"].items()
        for word in words
        for form, many in _forms(word, table)
    ]
    for form, _, many, meanings in sorted(
        forms, key=itemgetter(1)
    ):  # what is written out first: "danse" is no bent "dans"
        key = tuple(_key(token.text, endings) for token in tokens_of(form))
        said = tuple(replace(m, plural=True) if many or form in plurals else m for m in meanings)
        phrases.setdefault(key, said)
        lengths.setdefault(key[0], set()).add(len(key))
    ordered = {first: tuple(sorted(sizes, reverse=True)) for first, sizes in lengths.items()}
    return Tongue(name, endings, table["after"], table.get("whole", False), phrases, ordered)


def _forms(word: str, table: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """The word with the prefixes and suffixes of its language, each with whether it is a plural."""
    yield word, False
    for prefix in table.get("prefixes", ()):
        yield prefix + word, False
    for suffix in table.get("many", ()):
        yield word + suffix, True
    for suffix in table.get("suffixes", ()):
        yield word + suffix, False
    if word.endswith("o") and table.get("gender"):
        yield word[:-1] + "a", False
        yield word[:-1] + "as", True


def _key(text: str, endings: tuple[str, ...]) -> str:
    """Without accents, and without the ending if at least three letters stay. Kana and Hangul come one by one: as they are."""
    text = _folded(text) if len(text) > 1 else text
    for ending in endings:
        if len(text) - len(ending) >= 3 and text.endswith(ending):
            return text[: -len(ending)]
    return text


def _folded(text: str) -> str:
    """Without accents, which many leave out; й becomes и with them."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
