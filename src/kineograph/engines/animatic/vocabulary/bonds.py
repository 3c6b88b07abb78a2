"""What "with", "holding" and "riding" come to: who holds what, what is part of a dish, what comes with a trade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kineograph.engines.animatic.subjects.bonds import hold_of, mounts
from kineograph.engines.animatic.vocabulary.cast import Cast, Mention
from kineograph.engines.animatic.vocabulary.lexicon import Kind

FULL = (
    "play",
    "fly",
    "wave",
    "pour",
    "burn",
    "eat",
    "fall",
    "rotate",
    "float",
)  # what hands that hold something do not do
PAIRED = ("bow",)  # held besides another thing
BRIDGES = ("bridge", "suspension_bridge", "viaduct")
RAILED = ("train", "steam_train", "express_train")  # a viaduct is built for them, unless the words built another bridge
MOUNTED = {"broom": "flying_broom"}  # what another kind becomes under a rider
MANY = {"tulip": 5}  # a bed of them


def has_hands(mention: Mention, kinds: Mapping[str, Kind]) -> bool:
    """True for who has hands."""
    return kinds[mention.kind].family == "biped"


def is_held(name: str, kinds: Mapping[str, Kind]) -> bool:
    """True for what fits a hand."""
    return name in kinds and hold_of(name) is not None


def settle(cast: Cast, kinds: Mapping[str, Kind]) -> None:
    """Give the relations that name two kinds of things at once ("with", "holding") the one they mean, in place."""
    for mention in list(cast.mentions):
        if mention.relation in ("with", "held") and mention.to is not None:
            _with(cast, mention, mention.to, kinds)
    for mention in cast.mentions:
        if mention.to is not None and mention.relation == "held":
            mention.count = max(mention.count, mention.to.count)
            if mention.to.action in FULL:
                mention.to.action = None
    for mention in list(cast.mentions):
        if mention.relation == "on" and mention.to is not None and has_hands(mention, kinds):
            mention.to.kind = MOUNTED.get(mention.to.kind, mention.to.kind)
        _bring(cast, mention, kinds)
    _cross(cast)
    _only_the_place(cast)


def _only_the_place(cast: Cast) -> None:
    """A roof that nobody is on is a place to look from."""
    cast.mentions[:] = [
        mention
        for mention in cast.mentions
        if mention.kind != "roof" or any(other.to is mention for other in cast.mentions)
    ]


def _cross(cast: Cast) -> None:
    """Who crosses a bridge is on it; nobody is on a tree but on one of its branches."""
    for mention in cast.mentions:
        if mention.relation == "across":
            bridge = mention.to is not None and mention.to.kind in BRIDGES
            mention.relation = "on" if bridge else None
            mention.to = mention.to if bridge else None
    bridges = [mention for mention in cast.mentions if mention.kind in BRIDGES and mention.relation is None]
    going = [
        one
        for one in cast.mentions
        if one.to is None and one.action in ("drive", "walk", "run") and one.kind not in BRIDGES
    ]
    if len(bridges) == 1 and going and all(one.to is not bridges[0] for one in cast.mentions):
        going[0].relation, going[0].to = "on", bridges[0]
    for one in cast.mentions:
        if one.kind in RAILED and one.relation == "on" and one.to is not None and one.to.kind == "suspension_bridge":
            one.to.kind = "viaduct"


def _with(cast: Cast, one: Mention, other: Mention, kinds: Mapping[str, Kind]) -> None:
    """One "with" the other: in its hand, on its plate, or beside it."""
    if one.relation == "held" and has_hands(other, kinds) and is_held(one.kind, kinds):
        return
    if has_hands(one, kinds) and is_held(other.kind, kinds):
        other.relation, other.to = "held", one
        one.relation, one.to = None, None
    elif one.relation == "with" and kinds[one.kind].family == "food" and kinds[other.kind].garnish:
        _ingredient(cast, one, other, kinds)
    else:
        one.relation = "beside"


def _ingredient(cast: Cast, dish: Mention, part: Mention, kinds: Mapping[str, Kind]) -> None:
    """Cheese in a burger is no second subject, nor is what was joined to it; the plate they are on is under the dish."""
    at = next(number for number, mention in enumerate(cast.mentions) if mention is part)
    parts = [part]
    for mention in cast.mentions[at + 1 :]:
        if not mention.joined or not kinds[mention.kind].garnish:
            break
        parts.append(mention)
    below = next((one for one in parts if one.relation in ("on", "in", "beside") and one.to is not None), None)
    dish.relation, dish.to = (below.relation, below.to) if below is not None else (None, None)
    cast.mentions[:] = [mention for mention in cast.mentions if all(mention is not one for one in parts)]
    cast.tell("ingredients", *(text for one in parts for text in one.words))


def _bring(cast: Cast, mention: Mention, kinds: Mapping[str, Kind]) -> None:
    """Add what comes with a trade or a doing, unless it was named."""
    for name in dict.fromkeys(mention.brings):
        if name not in kinds or any(other.kind == name for other in cast.mentions):
            continue
        full = any(other.to is mention and other.relation == "held" for other in cast.mentions)
        held = is_held(name, kinds) and name not in MANY and name not in mounts()
        if full and held and name not in PAIRED:
            continue  # one who was given an axe leaves the sword at home
        brought = replace(mention, kind=name, young=False, colour=None, material=None, size="medium", action=None)
        brought = replace(brought, joined=False, relation=None, to=None, background=False, brings=[], words=[], worn=[])
        if held:
            brought.relation, brought.to = "held", mention
            if mention.action in FULL:
                mention.action = None
        elif name in mounts() and mention.to is None:
            mention.relation, mention.to = "on", brought
        else:
            brought.count, brought.relation, brought.to = MANY.get(name, 1), "before", mention
        cast.mentions.append(brought)
