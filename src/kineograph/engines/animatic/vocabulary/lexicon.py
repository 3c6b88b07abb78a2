"""The lexicon: phrases of the TOML files -> typed meanings, found longest first."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from kineograph.engines.animatic.registry import EFFECTS, SETTINGS, kinds_of
from kineograph.engines.animatic.vocabulary.inflect import plural, verb_forms
from kineograph.engines.animatic.vocabulary.tokens import Token, tokens_of

FILES = ("settings", "light", "motion", "effects", "looks", "grammar", "holding", "outside")
NOUNS = (
    "quadruped", "biped", "bird", "fish", "insect", "vehicle", "boat", "aircraft", "building", "plant", "food",
    "object", "product", "given",
)  # fmt: skip
WORN = ("garment", "accessory", "feature")  # slots of looks.toml that are nouns
Phrases = dict[tuple[str, ...], tuple["Meaning", ...]]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase says.

    Attributes:
        slot: `setting`, `time`, `subject`, `count`, `stop`…
        value: Row of the slot: `beach`, `night`, `cat`, `3`.
        how: `words` decides; `weak` only suggests; `tight` counts only right before a noun, `coloured` only after a
            colour, `noun` only as a noun.
        plural: Said in the plural; herd: as a crowd in one word (鱼群).
        young: A kitten is a young cat.
        kin: It stands in for something that we do not have, which is reported.
    """

    slot: str
    value: str
    how: str = "words"
    plural: bool = False
    herd: bool = False
    young: bool = False
    kin: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of vocabulary/nouns: who or what can be seen.

    Attributes:
        family: The module that builds it (registry.py).
        height, young_height: Metres, standing.
        width: Of its outline, seen from where it is widest, ÷ its height.
        stance: Where it is at home: on the `ground`, on a `table`, in the `air`, on the `water`; or it `swim`s in it.
        home: Setting that it stands in if none was said.
        like: Its nearest relative, shown in its place until its family has a row for it.
        any: Kinds that chance picks from, where the word leaves it open; empty otherwise.
        alike: Several of them are of one kind: a flock of birds, but not a bowl of fruit.
        garnish: With a dish it is part of it, as all food is: candles on a cake.
    """

    family: str
    height: float
    young_height: float
    width: float = 1.0
    stance: str = "ground"
    home: str = "meadow"
    like: str = ""
    any: tuple[str, ...] = ()
    alike: bool = False
    garnish: bool = False


class Lexicon:
    """All phrases, keyed by their tokens."""

    def __init__(self) -> None:
        self.kinds: dict[str, Kind] = {}
        self.beside: dict[str, frozenset[str]] = {}  # setting -> settings that may be said with it
        self.looks: dict[str, frozenset[str]] = {}  # look -> settings that have it
        self.hours: dict[str, str] = {}  # look -> when it is seen where no word says another time
        self.acts: dict[
            str, Mapping[str, str]
        ] = {}  # look -> family -> what it does there if no word says another thing
        self.swaps: dict[str, Mapping[str, str]] = {}  # look -> kind -> the kind it is shown by there
        self.brings: dict[str, frozenset[str]] = {}  # look -> effects that belong to it
        self._stand_ins: dict[str, str] = {}  # setting -> the one shown until it is built
        self._phrases: Phrases = {}
        self._lengths: dict[str, tuple[int, ...]] = {}
        self._tails = tuple(_table("families")["tails"]["of"])
        nouns = {family: _table(f"nouns/{family}") for family in NOUNS}
        for family, table in nouns.items():
            self.kinds |= {name: _kind(family, row, table["family"]) for name, row in table["kinds"].items()}
        for name in FILES:
            self._add_file(_table(name))
        for table in nouns.values():
            for name, row in table["kinds"].items():
                self._add_kind(name, row)
        for table in nouns.values():
            for row in table["kinds"].values():
                self._add_babies(row)
        self.kinds = {name: self._only_built(kind) for name, kind in self.kinds.items()}

    def find(self, tokens: Sequence[Token], at: int) -> tuple[int, tuple[Meaning, ...]]:
        """The longest phrase that begins at this token: how many tokens, and what it means. (0, ()) if there is none."""
        for length in self._lengths.get(tokens[at].text, ()):
            found = self._phrases.get(tuple(token.text for token in tokens[at : at + length]))
            if found and at + length <= len(tokens):
                return length, found
        return 0, ()

    def meanings(self, phrase: str) -> tuple[Meaning, ...]:
        """What exactly this phrase means; nothing if it is not known."""
        return self._phrases.get(tuple(token.text for token in tokens_of(phrase)), ())

    def begins(self, text: str) -> bool:
        """True if some phrase begins with this word."""
        return text in self._lengths

    def relatives(self, text: str) -> tuple[Meaning, ...]:
        """What a compound we do not have is a kind of: a lionfish is a fish. Reported, like every stand-in."""
        for tail in self._tails:
            if text.removesuffix("s").endswith(tail) and len(text) - len(tail) >= 3:
                return tuple(
                    replace(meaning, kin=True, plural=text.endswith("s") and not tail.endswith("s"))
                    for meaning in self.meanings(tail)
                    if meaning.slot in ("subject", "outside")
                )
        return ()

    def phrases(self) -> Mapping[tuple[str, ...], tuple[Meaning, ...]]:
        """Everything that is known, by tokens."""
        return self._phrases

    def place(self, setting: str) -> str:
        """The setting that is built for this one: itself, or the one nearest to it."""
        return setting if setting in SETTINGS else self._stand_ins[setting]

    def shown(self, name: str) -> str | None:
        """The kind that is shown for this one: itself, or its nearest relative that can be built; None if there is none."""
        seen: set[str] = set()
        while name and name not in seen:
            seen.add(name)
            if self._is_built(name):
                return name
            name = self.kinds[name].like
        return None

    def _is_built(self, name: str) -> bool:
        kind = self.kinds[name]
        if kind.any:
            return any(self._is_built(other) for other in kind.any)
        return kind.family == "given" or name in kinds_of(kind.family)

    def _only_built(self, kind: Kind) -> Kind:
        """Chance picks only from what there is."""
        return replace(kind, any=tuple(name for name in kind.any if self._is_built(name)))

    def _add_file(self, table: Mapping[str, Any]) -> None:
        for slot, rows in table.items():
            if slot == "inflect":
                continue
            for value, row in rows.items():
                fields = dict(row) if isinstance(row, dict) else {"words": row}
                like, same = fields.pop("like", None), frozenset(fields.pop("same", ()))
                if slot == "look":
                    self._add_look(value, fields, table["inflect"])
                    continue
                if slot == "setting":
                    self.beside[value] = frozenset(fields.pop("with", ()))
                    self._stand_ins[value] = like or value
                for how, words in fields.items():
                    for word in words:
                        inflect = "noun" if slot in WORN else table["inflect"]
                        self._add(_shown(slot, value, how, like, close=word in same), word, inflect)

    def _add_look(self, look: str, fields: dict[str, Any], inflect: str) -> None:
        """A look of a place says the place as well, the first that has it; its `besides` do not."""
        places = fields.pop("in")
        if "time" in fields:
            self.hours[look] = str(fields.pop("time"))
        self.acts[look], self.swaps[look] = fields.pop("acts", {}), fields.pop("kinds", {})
        self.brings[look] = frozenset(fields.pop("brings", ()))
        self.looks[look] = frozenset(places)
        for how, words in fields.items():
            for word in words:
                if how != "besides":
                    self._add(Meaning("setting", places[0], how), word, inflect)
                self._add(Meaning("look", look, "weak" if how == "besides" else how), word, inflect)

    def _add_kind(self, name: str, row: Mapping[str, Any]) -> None:
        shown = self.shown(name)
        for how in ("words", "many", "herd", "young", "noun", "kin"):
            for word in row.get(how, ()):
                if shown is None:
                    if how != "noun":
                        self._add(Meaning("outside", "word"), word, "noun")
                    continue
                meaning = Meaning(
                    "subject",
                    shown,
                    how="noun" if how == "noun" else "words",
                    plural=how in ("many", "herd"),
                    herd=how == "herd",
                    young=how == "young",
                    kin=how == "kin" or shown != name,
                )
                self._add(meaning, word, "none" if how in ("many", "herd") else "noun")

    def _add_babies(self, row: Mapping[str, Any]) -> None:
        """A baby otter is a young otter, where no row has these words."""
        for word in row.get("words", ()) if "young_height" in row else ():
            for baby in (f"baby {word}",) if word.isascii() else (f"小{word}", f"{word}宝宝"):
                if not self.meanings(baby):
                    for meaning in self.meanings(word):
                        self._add(replace(meaning, young=True), baby, "noun")

    def _add(self, meaning: Meaning, word: str, inflect: str) -> None:
        for phrase, many in _forms(word, inflect):
            self._put(phrase, replace(meaning, plural=meaning.plural or many))

    def _put(self, phrase: str, meaning: Meaning) -> None:
        key = tuple(token.text for token in tokens_of(phrase))
        if not key:
            return
        known = self._phrases.get(key, ())
        if all((other.slot, other.value) != (meaning.slot, meaning.value) for other in known):
            self._phrases[key] = (*known, meaning)
        lengths = {*self._lengths.get(key[0], ()), len(key)}
        self._lengths[key[0]] = tuple(sorted(lengths, reverse=True))


def _kind(family: str, row: Mapping[str, Any], common: Mapping[str, str]) -> Kind:
    height = float(row["height"])
    like = row.get("like", common.get("like", ""))
    return Kind(
        family=family,
        height=height,
        young_height=float(row.get("young_height", height)),
        width=float(row["width"]),
        stance=row.get("stance", common["stance"]),
        home=row.get("home", common["home"]),
        like=like,
        any=tuple(row.get("any", ())),
        alike=bool(row.get("alike", False)),
        garnish=family == "food" or bool(row.get("garnish", False)),
    )


def _shown(slot: str, value: str, how: str, like: str | None, *, close: bool) -> Meaning:
    """What a row means today: places and effects that nobody builds yet are shown by another, or not at all."""
    kin = how == "kin"
    if slot == "setting" and value not in SETTINGS and like is not None:
        return Meaning(slot, like, how, kin=how != "weak" and not close)
    if slot == "effect" and value not in EFFECTS:
        return Meaning("outside", "word")
    return Meaning(slot, value, "words" if kin else how, kin=kin)


def _forms(word: str, inflect: str) -> Iterator[tuple[str, bool]]:
    """The word itself and its regular forms, each with whether it is a plural."""
    yield word, False
    if not word.isascii():
        return
    if inflect == "noun":
        yield plural(word), True
    elif inflect == "verb":
        for form in verb_forms(word):
            yield form, False


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))


@cache
def lexicon() -> Lexicon:
    """The one lexicon, loaded on first use."""
    return Lexicon()


@cache
def _families() -> Mapping[str, Mapping[str, Any]]:
    return _table("families")


def actions_of(family: str) -> tuple[str, ...]:
    """What a family can do: its builder is never asked for anything else."""
    return tuple(_families()[family]["can"])


def takes_material(family: str) -> bool:
    """True if its builder heeds SubjectSpec.material."""
    return bool(_families()[family].get("materials", False))


def action_for(family: str, action: str) -> str:
    """The action itself where the family can do it, else what it does in its place."""
    row = _families()[family]
    if action in row["can"]:
        return action
    return str(row.get("instead", {}).get(action, row["otherwise"]))
