"""What people wear, and how old they are: bound to the person it was said of, before the noun or after it."""

from __future__ import annotations

from dataclasses import dataclass, field

from kineograph.engines.animatic.vocabulary.reading import Word

Worn = tuple[str, str | None]  # row of subjects/wardrobe.toml, colour word

SLOTS = ("garment", "accessory", "feature", "age", "guise")
# Kinds that say who somebody is, not what: "a woman chef", "a pirate girl" is one person.
PLAIN = frozenset({"girl", "boy", "woman", "man", "child", "person", "old_man", "old_woman", "elder"})


CUTS = {
    ("long", "hair"): "long hair",
    ("curly", "hair"): "curly hair", ("short", "hair"): "short hair", ("long", "beard"): "long beard", ("long", "dress"): "gown",
}  # fmt: skip


@dataclass(slots=True)
class Said:
    """One thing that is worn: its row and colour, and the words that said it."""

    worn: Worn
    text: str
    slot: str


@dataclass(slots=True)
class Attire:
    """What was said and waits for its person.

    Attributes:
        waiting: For the next person to be named.
        last: What was just put on somebody, and on whom: a 的 after it takes it back for who follows.
    """

    waiting: list[Said] = field(default_factory=list)
    last: tuple[Said, list[Said]] | None = None

    def put(self, said: Said, person: list[Said] | None) -> None:
        """Onto the person; without one it waits."""
        owner = self.waiting if person is None else person
        owner.append(said)
        self.last = (said, owner)

    def hand_on(self) -> None:
        """穿红裙的女孩: what stands before 的 belongs to the noun after it."""
        if self.last is not None and self.last[1] is not self.waiting:
            said, owner = self.last
            owner.remove(said)
            self.waiting.append(said)
        self.last = None

    def claim(self) -> list[Said]:
        """Everything that waits, for the person who is named now."""
        claimed, self.waiting = self.waiting, []
        self.last = None
        return claimed

    def drop_age(self) -> None:
        """An old house: what was said of a thing is no matter of people."""
        self.waiting = [said for said in self.waiting if said.slot not in ("age", "guise")]

    def lost(self) -> list[str]:
        """Clothes that nobody wears."""
        return [said.text for said in self.waiting if said.slot in ("garment", "accessory")]


def said_of(word: Word, colour: str | None, cut: str | None) -> Said | None:
    """What a word says is worn; None if nothing. `cut` is a "long" or "short" before it.

    A row's name may bring its colour ("hair/black") and may wait for its cut ("hair": "long hair").
    """
    for slot in SLOTS:
        meaning = word.meaning(slot)
        if meaning is None or meaning.value == "body":
            continue
        name, _, own = meaning.value.partition("/")
        if cut is not None:
            name = CUTS.get((cut, name), name)
        return Said((name, colour or own or None), word.text, slot)
    return None


def worn_of(said: list[Said]) -> tuple[Worn, ...]:
    """Each row once; the one with a colour is kept."""
    rows: dict[str, str | None] = {}
    for one in said:
        name, colour = one.worn
        rows[name] = colour or rows.get(name)
    return tuple(rows.items())
