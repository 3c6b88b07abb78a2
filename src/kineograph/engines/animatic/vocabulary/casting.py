"""Mentions → subjects: hero first, the unwanted left out, nobody asked for what its family cannot do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kineograph.engines.animatic.spec import SubjectSpec
from kineograph.engines.animatic.vocabulary.attire import worn_of
from kineograph.engines.animatic.vocabulary.cast import Cast, Mention
from kineograph.engines.animatic.vocabulary.lexicon import Kind, action_for
from kineograph.engines.animatic.vocabulary.reading import Word

MOST = 12  # individuals in one film
MOST_KINDS = 6
LARGE = 0.5  # metres: what is higher stands on the floor
SCENIC = ("building", "plant")  # what others stand before, if there are others
PERCHED = ("quadruped", "bird")  # who is in a tree is on one of its branches, else neither would be seen
CLIMBER, TREE = 1.0, 2.5  # metres: smaller ones sit on what is taller


def subjects_of(cast: Cast, unwanted: frozenset[str], kinds: Mapping[str, Kind]) -> tuple[SubjectSpec, ...]:
    """The cast as subjects, hero first: without the unwanted, without "product" where a bottle was named, twelve at most."""
    named = {mention.kind for mention in cast.mentions}
    wanted = [
        mention
        for mention in cast.mentions
        if mention.kind not in unwanted and not named.intersection(kinds[mention.kind].any)
    ]
    _perch(wanted, kinds)
    wanted = _hero_first(wanted, kinds)[:MOST_KINDS]
    subjects: list[SubjectSpec] = []
    room = MOST
    for left, mention in enumerate(wanted):
        count = min(mention.count, room - (len(wanted) - 1 - left))  # one at least of everybody
        room -= count
        subjects.append(_subject(mention, count, wanted, kinds[mention.kind]))
    return tuple(subjects)


def _perch(wanted: Sequence[Mention], kinds: Mapping[str, Kind]) -> None:
    """Whoever is small and in a tree sits on a branch of it, near enough to be seen."""
    for mention in wanted:
        tree = mention.to
        if tree is None or mention.relation not in ("on", "in") or kinds[mention.kind].family not in PERCHED:
            continue
        if (
            kinds[mention.kind].height < CLIMBER
            and kinds[tree.kind].family == "plant"
            and kinds[tree.kind].height > TREE
        ):
            tree.kind, tree.size, tree.count, mention.relation = "branch", "medium", 1, "on"


def on_a_table(subjects: tuple[SubjectSpec, ...], setting: str, kinds: Mapping[str, Kind]) -> tuple[SubjectSpec, ...]:
    """Indoors a cup stands on a table, though nobody says so, and so does the bowl that a fish is in."""
    if setting != "room" or not subjects or len(subjects) >= MOST_KINDS:
        return subjects
    hero = subjects[0]
    at = hero.to if hero.relation == "in" and hero.to is not None else 0
    thing = subjects[at]
    small = kinds[thing.kind].stance == "table" and kinds[thing.kind].height < LARGE and thing.relation is None
    if not small or thing.count > 1 or any(one.kind == "table" for one in subjects):
        return subjects
    table = SubjectSpec("object", "table")
    put = replace(thing, relation="on", to=len(subjects))
    return (*subjects[:at], put, *subjects[at + 1 :], table)


def _subject(mention: Mention, count: int, wanted: Sequence[Mention], kind: Kind) -> SubjectSpec:
    to = next((at for at, other in enumerate(wanted) if other is mention.to), None)
    size = (
        "medium" if mention.young and mention.size in ("small", "tiny") else mention.size
    )  # a little kitten is a kitten
    worn = worn_of(mention.worn) if kind.family == "biped" else ()
    return SubjectSpec(
        family=kind.family,
        kind="astronaut" if "spacesuit" in dict(worn) else mention.kind,
        count=count,
        young=mention.young,
        colour=mention.colour,
        action=_done(kind, mention),
        material=mention.material,
        size=size,
        relation=mention.relation if to is not None else ("behind" if mention.background else None),
        to=to,
        worn=worn,
    )


def _done(kind: Kind, mention: Mention) -> str:
    """What it does: what was said, as far as it can. What lives on the water glides over that, not over the trees."""
    action = mention.action or _natural(kind, mention)
    if kind.stance == "water" and kind.family == "bird" and action == "glide":
        action = "swim"
    return action_for(kind.family, action)


def _natural(kind: Kind, mention: Mention) -> str:
    """What it does when nothing is said: birds above something fly, what lives in the air flies, unless it is on something."""
    if kind.family == "insect" and mention.relation == "on":
        return "idle"
    return "fly" if kind.stance == "air" or mention.relation == "over" else "idle"


def _hero_first(mentions: list[Mention], kinds: Mapping[str, Kind]) -> list[Mention]:
    """The order of the prompt, but landmarks ("under a bridge, a boat"), backgrounds and greenery after who is there."""
    targets = [mention.to for mention in mentions if mention.relation not in ("held", "before", "made")]

    def rank(mention: Mention) -> int:
        landmark = any(mention is target for target in targets)
        held = mention.to is not None and mention.relation == "held"
        return int(landmark) + int(mention.background) + int(kinds[mention.kind].family in SCENIC) + 3 * int(held)

    return sorted(mentions, key=rank)


def unwanted_kinds(words: Sequence[Word], kinds: Mapping[str, Kind]) -> frozenset[str]:
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
