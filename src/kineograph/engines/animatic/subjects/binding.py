"""The built cast → actors: everybody who is carried joined to its carrier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from kineograph.engines.animatic.subjects.base import Actor
from kineograph.engines.animatic.subjects.ties import string_of, tie
from kineograph.engines.animatic.subjects.together import Member, Together


def bound(cast_: Sequence[Actor], focal: float) -> list[Actor]:
    """The cast with everybody who is carried joined to its carrier; the others as they are.

    Args:
        cast_: In the order of Shot.placements.
        focal: Of the camera, frame heights: how thin a string may get.
    """
    groups: dict[int, list[Member]] = {}
    for number, actor in enumerate(cast_):
        groups[number] = [cast(Member, actor)]
    root = list(range(len(cast_)))
    for number, actor in sorted(enumerate(cast_), key=lambda pair: _steps(cast_, pair[0])):
        carrier = actor.placement.carrier
        if carrier is None:
            continue
        tie(cast(Member, actor), cast(Member, cast_[carrier]))
        root[number] = root[carrier]
        groups[root[carrier]] += groups.pop(number)
        string = string_of(cast(Member, actor), cast(Member, cast_[carrier]), focal)
        if string is not None:
            groups[root[carrier]].append(string)
    return [Together(tuple(members)) if len(members) > 1 else members[0] for members in groups.values()]


def _steps(cast_: Sequence[Actor], number: int) -> int:
    """How many carriers stand under it: a knight on a horse with a sword in his hand is tied from below."""
    carrier = cast_[number].placement.carrier
    return 0 if carrier is None else 1 + _steps(cast_, carrier)
