"""Who was read of: mentions of subjects, and the words that said what."""

from __future__ import annotations

from dataclasses import dataclass, field

from kineograph.engines.animatic.vocabulary.attire import Said


@dataclass(slots=True)
class Mention:
    """A subject as it is being read; `joined` by "and" to the one before; `words` are what it was read from.

    Attributes:
        relation: "on", "under", "beside"…: where it stands to `to`.
        background: Said to be behind everything.
        worn: What a person wears.
        brings: Kinds of what comes with it: a violinist has a violin.
    """

    kind: str
    count: int
    young: bool
    colour: str | None = None
    material: str | None = None
    size: str = "medium"
    action: str | None = None
    joined: bool = False
    clause: int = 0
    relation: str | None = None
    to: Mention | None = None
    background: bool = False
    brings: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    worn: list[Said] = field(default_factory=list)


@dataclass(slots=True)
class Cast:
    """What binding left behind.

    Attributes:
        mentions: In order of appearance.
        backdrop: Colour of the background, if one was said.
        hands: They go hand in hand.
        told: Slot -> the words that said it.
        lost: Words that were read but cannot be shown ("blue eyes").
    """

    mentions: list[Mention] = field(default_factory=list)
    backdrop: str | None = None
    hands: bool = False
    told: dict[str, list[str]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    def tell(self, slot: str, *texts: str) -> None:
        """Note which words filled a slot."""
        self.told.setdefault(slot, []).extend(texts)
