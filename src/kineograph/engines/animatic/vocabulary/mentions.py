"""Who is in the picture: counts, colours and actions bound to their nouns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kineograph.engines.animatic.spec import SubjectSpec
from kineograph.engines.animatic.vocabulary.lexicon import Kind, Lexicon, Meaning, substitutes
from kineograph.engines.animatic.vocabulary.reading import Word

MOST = 12  # individuals in one film
MOST_KINDS = 6
_AND = frozenset({"and", "和", "与", "及"})
PLURAL = 3  # "kittens", without a number


@dataclass(slots=True)
class Mention:
    """A subject as it is being read; `joined` by "and" to the one before; `words` are what it was read from."""

    kind: str
    count: int
    young: bool
    colour: str | None = None
    action: str | None = None
    joined: bool = False
    words: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Cast:
    """What binding left behind.

    Attributes:
        mentions: In order of appearance.
        backdrop: Colour of the background, if one was said.
        colours, actions, counts: The words that said them.
        lost: Words that were read but cannot be shown ("blue eyes").
    """

    mentions: list[Mention] = field(default_factory=list)
    backdrop: str | None = None
    backdrop_words: list[str] = field(default_factory=list)
    colours: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    counts: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


class Binder:
    """Walks the words once; what waits for its noun waits in `count`, `colour`, `dress` and `action`."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.cast = Cast()
        self._kinds = lexicon.kinds
        self._count: Word | None = None
        self._colour: Word | None = None
        self._dress: str | None = None
        self._action: str | None = None
        self._definite = False
        self._and = False
        self._clause = 0

    def bind(self, words: Iterable[Word]) -> Cast:
        """Bind all of them."""
        for word in words:
            if word.clause != self._clause:
                self._end_clause(word.clause)
            if not word.negated:
                self._take(word)
        self._end_clause(-1)
        return self.cast

    def _take(self, word: Word) -> None:
        if (subject := word.meaning("subject")) and not self._is_backdrop(word):
            self._subject(word, subject)
        elif word.has("garment"):
            self._garment(word)
        elif self._is_backdrop(word):
            self._backdrop(word)
        elif word.has("feature"):
            self._feature(word)
        elif word.has("count"):
            self._count, self._definite = word, False
        elif (colour := word.meaning("colour")) and colour.how != "tight":
            self._colour = word
        elif colour:
            self._colour = self._colour or word
        elif word.has("determiner"):
            self._definite = True
        elif action := word.meaning("action"):
            self._act(word, action.value)
        elif word.text in _AND:
            self._and = True
        elif not word.has("trait", "stop", "measure", "mood", "negate", "restart"):
            self._consume(word)

    def _is_backdrop(self, word: Word) -> bool:
        """A background, where a colour says that it is one; `studio` words take a colour too."""
        setting = word.meaning("setting")
        return bool(setting and setting.value == "studio" and setting.how in ("words", "coloured") and self._colour)

    def _backdrop(self, word: Word) -> None:
        assert self._colour is not None
        self.cast.backdrop = _value(self._colour, "colour")
        self.cast.backdrop_words += [self._colour.text, word.text]
        self._colour = self._count = None

    def _subject(self, word: Word, meaning: Meaning) -> None:
        colour = self._take_colour()
        count = int(_value(self._count, "count")) if self._count else (PLURAL if meaning.plural else 1)
        if self._count and count > 1:
            self.cast.counts.append(self._count.text)
        self._count = None
        young = meaning.how == "young"
        known = self._known(meaning.value, young, colour)
        if known is None:
            known = Mention(meaning.value, count, young, colour, self._action, self._and)
            known.colour = colour or self._dressed(meaning.value)
            self._action, self._and = None, False
            self.cast.mentions.append(known)
        else:
            known.count, known.colour = max(known.count, count), known.colour or colour
        known.words.append(word.text)
        self._definite = False

    def _known(self, kind: str, young: bool, colour: str | None) -> Mention | None:
        """An earlier mention of the same: "a kitten … the cat", or the same words again."""
        for mention in self.cast.mentions:
            if mention.kind != kind or (colour and mention.colour and colour != mention.colour):
                continue
            if self._definite or mention.young == young:
                return mention
        return None

    def _dressed(self, kind: str) -> str | None:
        if self._kinds[kind].family != "biped":
            return None
        colour, self._dress = self._dress, None
        return colour

    def _garment(self, word: Word) -> None:
        """The colour of clothes is the colour of the person in them."""
        colour = self._take_colour()
        person = next((m for m in reversed(self.cast.mentions) if self._kinds[m.kind].family == "biped"), None)
        if colour and person:
            person.colour = colour
        elif colour:
            self._dress = colour
        self._note_kin(word)

    def _feature(self, word: Word) -> None:
        """Eyes and hair have the colour of the row: another one is not understood."""
        if self._colour is not None:
            self.cast.lost.append(f"{self._colour.text} {word.text}")
            self._colour = None
        self._note_kin(word)

    def _note_kin(self, word: Word) -> None:
        if any(meaning.how == "kin" for meaning in word.meanings):
            self.cast.lost.append(word.text)
        self._count = None

    def _act(self, word: Word, action: str) -> None:
        self.cast.actions.append(word.text)
        if not self.cast.mentions:
            self._action = self._action or action
        for mention in reversed(self.cast.mentions):  # "a cat and a dog play": both do
            if mention.action in (None, "idle"):
                mention.action = action
            if not mention.joined:
                break

    def _take_colour(self) -> str | None:
        if self._colour is None:
            return None
        self.cast.colours.append(self._colour.text)
        colour, self._colour = _value(self._colour, "colour"), None
        return colour

    def _consume(self, word: Word) -> None:
        """Another noun takes the number and the colour with it: a red car does not paint the cat. `tight` colours
        (one Han character) that are not right before a noun were part of a word we do not know."""
        if self._colour is not None and word.meanings:
            self.cast.colours.append(self._colour.text)
        elif self._colour is not None:
            self.cast.lost.append(self._colour.text)
        self._colour = self._count = None
        self._definite = False

    def _end_clause(self, clause: int) -> None:
        """A colour that found no noun ("the cat is black") belongs to who was there last."""
        last = self.cast.mentions[-1] if self.cast.mentions else None
        if self._colour is not None and last is not None and last.colour is None:
            last.colour = self._take_colour()
        if clause < 0 and self._colour is not None:
            self.cast.lost.append(self._colour.text)
        self._clause = clause


def subjects_of(cast: Cast, unwanted: frozenset[str], kinds: dict[str, Kind]) -> tuple[SubjectSpec, ...]:
    """The cast as subjects, hero first: without the unwanted, without "product" where a bottle was named, twelve at most."""
    named = {mention.kind for mention in cast.mentions}
    subjects: list[SubjectSpec] = []
    room = MOST
    for mention in cast.mentions[:MOST_KINDS]:
        kind = kinds[mention.kind]
        if mention.kind in unwanted or named.intersection(kind.any) or room == 0:
            continue
        count = min(mention.count, room)
        room -= count
        action = mention.action or "idle"
        action = substitutes().get(kind.family, {}).get(action, action)
        subjects.append(SubjectSpec(kind.family, mention.kind, count, mention.young, mention.colour, action))
    return tuple(subjects)


def unwanted_kinds(words: Sequence[Word], kinds: dict[str, Kind]) -> frozenset[str]:
    """Kinds said under a negation; "no people" forbids everybody of the family, "no animals" every animal."""
    out: set[str] = set()
    for word in words:
        meaning = word.meaning("subject")
        if not word.negated or meaning is None:
            continue
        out.add(meaning.value)
        if kinds[meaning.value].any:
            family = kinds[meaning.value].family
            out.update(name for name, kind in kinds.items() if kind.family == family)
    return frozenset(out)


def _value(word: Word, slot: str) -> str:
    meaning = word.meaning(slot)
    assert meaning is not None
    return meaning.value
