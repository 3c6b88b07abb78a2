"""Read a prompt: the words in order, what each means, and which are negated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kineograph.engines.animatic.vocabulary.lexicon import Lexicon, Meaning
from kineograph.engines.animatic.vocabulary.tokens import Token, tokens_of

NEGATION_REACH = 7  # words after "no" that it can still govern


@dataclass(frozen=True, slots=True)
class Word:
    """One word or phrase of the prompt.

    Attributes:
        text: As said, in lower case.
        meanings: Empty for a word that is not known.
        clause: Number of the clause it stands in.
        negated: "no people": said in order not to be seen.
    """

    text: str
    meanings: tuple[Meaning, ...]
    clause: int
    negated: bool = False

    def meaning(self, slot: str) -> Meaning | None:
        """What it says about this slot, if anything."""
        return next((meaning for meaning in self.meanings if meaning.slot == slot), None)

    def has(self, *slots: str) -> bool:
        """True if it says something about one of the slots."""
        return any(meaning.slot in slots for meaning in self.meanings)


def read(text: str, lexicon: Lexicon, *, negated: bool = False) -> list[Word]:
    """The words of a prompt in order, longest phrases first.

    Args:
        negated: All of it is: a negative prompt.
    """
    words = list(_words(tokens_of(text), lexicon))
    words = [word for at, word in enumerate(words) if not _is_verb_instead(words, at)]
    if negated:
        return [replace(word, negated=True) for word in words]
    return list(_negate(words))


def _words(tokens: Sequence[Token], lexicon: Lexicon) -> Iterator[Word]:
    at, clause, unknown = 0, 0, ""  # unknown: Han characters in a row that no phrase begins with
    while at < len(tokens):
        length, meanings = lexicon.find(tokens, at)
        token = tokens[at]
        if not length and token.kind == "han":
            unknown += token.text
            at += 1
            continue
        if unknown:
            yield Word(unknown, (), clause)
            unknown = ""
        if token.kind == "mark":
            clause += 1
        else:
            text = _joined(tokens[at : at + max(length, 1)])
            yield Word(text, meanings, clause)
        at += max(length, 1)
    if unknown:
        yield Word(unknown, (), clause)


def _joined(tokens: Sequence[Token]) -> str:
    text = ""
    for token in tokens:
        gap = " " if text and token.kind == "word" and text[-1].isascii() else ""
        text += gap + token.text
    return text


def _is_verb_instead(words: Sequence[Word], at: int) -> bool:
    """True for `can` and `watch` where they are not nouns: nouns follow an article, a number, a colour or an adjective."""
    word = words[at]
    if not any(meaning.how == "noun" for meaning in word.meanings):
        return False
    before = words[at - 1] if at and words[at - 1].clause == word.clause else None
    if before is not None:
        return not before.has("count", "determiner", "colour", "trait", "measure")
    after = words[at + 1] if at + 1 < len(words) else None
    return after is not None and after.has("count", "determiner")


def _negate(words: Sequence[Word]) -> Iterator[Word]:
    """Mark what stands under a negation: to the end of the clause, to a "but", or to the next "and a …"."""
    reach, clause, content = 0, -1, False
    for word in words:
        if word.clause != clause or word.has("restart"):
            reach, clause = 0, word.clause
        if word.has("negate"):
            reach, content = NEGATION_REACH, False
            yield word
            continue
        if content and (
            word.has("count") or word.text == "的"
        ):  # 没有人的海滩: what follows 的 is the noun it describes
            reach = 0
        yield replace(word, negated=True) if reach > 0 else word
        content = content or not word.has("stop", "count", "determiner", "trait", "colour")
        reach -= 1
