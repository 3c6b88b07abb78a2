"""Read a prompt: the words in order, what each means, and which are negated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kineograph.engines.animatic.vocabulary.lexicon import Lexicon, Meaning
from kineograph.engines.animatic.vocabulary.spelling import near
from kineograph.engines.animatic.vocabulary.tokens import Token, tokens_of
from kineograph.engines.animatic.vocabulary.tongues import Tongue, tongue_of

NEGATION_REACH = 7  # words after "no" that it can still govern
BEFORE_NOUNS = ("count", "determiner", "colour", "trait", "measure", "size", "material", "age", "guise")
NOUNS = ("subject", "garment", "accessory", "feature", "thing", "setting", "effect")


@dataclass(frozen=True, slots=True)
class Word:
    """One word or phrase of the prompt.

    Attributes:
        text: As said, in lower case; `typed → meant` where a slip of the keyboard was read as a word we know.
        meanings: Empty for a word that is not known.
        clause: Number of the clause it stands in.
        negated: "no people": said in order not to be seen.
        after: In this language adjectives follow their noun.
    """

    text: str
    meanings: tuple[Meaning, ...]
    clause: int
    negated: bool = False
    after: bool = False

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
    tokens = tokens_of(text)
    words = list(_words(tokens, lexicon, tongue_of(text, tokens)))
    words = [settled for at in range(len(words)) if (settled := _settled(words, at)) is not None]
    if negated:
        return [replace(word, negated=True) for word in words]
    return list(_negate(words))


def _words(tokens: Sequence[Token], lexicon: Lexicon, tongue: Tongue | None) -> Iterator[Word]:
    at, clause, unknown = 0, 0, ""  # unknown: characters in a row that no phrase begins with
    after = tongue is not None and tongue.after
    while at < len(tokens):
        token = tokens[at]
        length, meanings = _found(tokens, at, lexicon, tongue, bound=bool(unknown) and token.glued)
        if not length and token.kind == "han":
            unknown += token.text
            at += 1
            continue
        if unknown:
            yield Word(unknown, (), clause)
            unknown = ""
        if token.kind == "mark":
            clause += 1
        elif length:
            yield Word(_joined(tokens[at : at + length]), meanings, clause, after=after)
        else:
            yield _guessed(token, clause, lexicon, tongue)
        at += max(length, 1)
    if unknown:
        yield Word(unknown, (), clause)


def _found(
    tokens: Sequence[Token], at: int, lexicon: Lexicon, tongue: Tongue | None, *, bound: bool
) -> tuple[int, tuple[Meaning, ...]]:
    """The prompt's own language first. Inside an unknown Korean word (번개) no word begins (개)."""
    if tongue is not None:
        if bound and tongue.whole:
            return 0, ()
        length, meanings = tongue.find(tokens, at)
        if length:
            return length, meanings
    return lexicon.find(tokens, at)


def _guessed(token: Token, clause: int, lexicon: Lexicon, tongue: Tongue | None) -> Word:
    """A word that is in no list: a number, a slip of the keyboard, a kind of fish we do not have, or nothing."""
    if token.text.isdecimal() and len(token.text) <= 3:
        return Word(token.text, (Meaning("count", str(max(int(token.text), 1))),), clause)
    if tongue is None and token.kind == "word":
        if (meant := near(token.text)) is not None:
            return Word(f"{token.text} → {meant}", lexicon.meanings(meant), clause)
        return Word(token.text, lexicon.relatives(token.text), clause)
    return Word(token.text, (), clause)


def _joined(tokens: Sequence[Token]) -> str:
    text = ""
    for token in tokens:
        gap = " " if text and not token.glued and token.kind == "word" else ""
        text += gap + token.text
    return text


def _settled(words: Sequence[Word], at: int) -> Word | None:
    """Words that are nouns only where a noun can stand: `can`, `watch`, `ring`, and `orange`, which is a colour elsewhere.

    None for a verb that says nothing.
    """
    word = words[at]
    if not any(meaning.how == "noun" for meaning in word.meanings):
        return word
    noun = _noun_stands(words, at) and not (word.has("colour") and _noun_follows(words, at))
    kept = tuple(m for m in word.meanings if (m.slot != "colour" if noun else m.how != "noun"))
    return replace(word, meanings=kept) if kept else None


def _noun_stands(words: Sequence[Word], at: int) -> bool:
    """Nouns follow an article, a number, a colour or an adjective, or begin a clause that no article follows."""
    clause = words[at].clause
    back = at - 2 if at > 1 and words[at - 1].text == "的" else at - 1
    before = words[back] if back >= 0 and words[back].clause == clause else None
    after = words[at + 1] if at + 1 < len(words) else None
    if after is not None and after.has("locative") and not after.has("relation"):
        return True  # 停在花上
    if before is not None:
        joins = before.has("and", "relation") and words[at].meanings[0].plural
        return joins or before.has(*BEFORE_NOUNS)
    return after is None or not after.has("count", "determiner")


def _noun_follows(words: Sequence[Word], at: int) -> bool:
    for word in words[at + 1 :]:
        if word.clause != words[at].clause:
            return False
        if not word.has("colour", "trait", "size", "material") and word.text not in ("的", "and"):
            return word.has(*NOUNS) or not word.meanings
        if word.has("subject"):
            return True
    return False


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
