"""What binds one subject to another: hands that hold things, saddles, and the poses that go with them (bonds.toml)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.spec import SubjectSpec
from kineograph.engines.animatic.subjects.forms import turned
from kineograph.engines.animatic.subjects.rows import table
from kineograph.engines.animatic.vocabulary.lexicon import lexicon

F64 = NDArray[np.float64]
Point = tuple[float, float, float]
FILE = "bonds.toml"
ADULT = 1.7  # metres: how tall somebody is for whom the sizes in bonds.toml are right
LOW_PLANT = 1.2  # metres: what is lower is one flower, not a crown to sit in
EDIBLE, SMALL = ("food", "product"), 0.3  # what fits a hand without a row of its own; metres
GROWS = 0.6  # power of the holder's height that its things grow with: a child's umbrella is smaller, but no toy


@dataclass(frozen=True, slots=True)
class Frame:
    """A place with an orientation: `turn` (3, 3) takes model axes (camera.py) to the world, `at` is in metres."""

    turn: F64
    at: F64


@dataclass(slots=True)
class Reach:
    """Where a rider's palms and ankles have to be, its own axes and row units, and how far it crouches at t seconds (0…1); set
    once, before any frame is asked for."""

    hands: Mapping[str, F64] | None = None
    feet: Callable[[float], Mapping[str, F64]] | None = None
    crouch: Callable[[float], float] | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """How a thing is held.

    Attributes:
        height: Metres, for an adult.
        pose: Row of `poses`. hand: `L`, `R` or `both` (half way between them).
        grip: Where the hand is on it, model axes ÷ its height.
        turn: Degrees about x, y, z against the holder (or its chest, where `chest`).
        aim: A point before the chest, row units of the person: the thing's upper end points at it (its lower one where
            `back`), turned by `roll` degrees about itself. Instead of `turn`.
        string: Metres of string above the hand that it floats on; 0 for none.
        high: It is up in the sky, placed by the layout, its string reaches down.
        above: How far it reaches above the holder's head, ÷ the holder's height.
    """

    height: float
    pose: str = "carry"
    hand: str = "R"
    grip: Point = (0.0, 0.5, 0.0)
    turn: Point = (0.0, 0.0, 0.0)
    aim: Point | None = None
    back: bool = False
    roll: float = 0.0
    chest: bool = False
    string: float = 0.0
    high: bool = False
    above: float = 0.0


@dataclass(frozen=True, slots=True)
class Mount:
    """How something is ridden. Points are in the units and axes of its own row (a model), or ÷ its height (an animal).

    Attributes:
        pose: Row of `poses` for who rides it.
        seat: Where the hips of a rider that sits are, or the soles of one that stands.
        hands, feet: Where they are; `L` in full, the right ones are mirrored. None: as the pose has them.
        crank: Radius that the feet go round in; 0 for feet that rest.
        gear: Way gone in one turn of the cranks; start: degrees of the left one at the beginning.
        yaw: Degrees that who rides it is turned against it.
        action: What the mount does when it is ridden and nothing was said; "" for what it does anyway.
    """

    pose: str
    seat: Point
    hands: Point | None = None
    feet: Point | None = None
    crank: float = 0.0
    gear: float = 3.0
    start: float = 0.0
    yaw: float = 0.0
    action: str = ""


@cache
def holds() -> Mapping[str, Hold]:
    """Kind of thing -> how it is held."""
    return {kind: Hold(**_typed(row)) for kind, row in table(FILE)["things"].items()}


@cache
def mounts() -> Mapping[str, Mount]:
    """Kind of mount -> how it is ridden; `quadruped` stands for every animal without a row of its own."""
    return {kind: Mount(**_typed(row)) for kind, row in table(FILE)["mounts"].items()}


def hold_of(name: str) -> Hold | None:
    """How this kind is held, None for what is not: food, products and small things need no row of their own."""
    hold, kind = holds().get(name), lexicon().kinds[name]
    if hold is None and (kind.family in EDIBLE or (kind.family == "object" and kind.height <= SMALL)):
        return Hold(min(kind.height, SMALL), pose="offer", hand="both", grip=(0.0, 0.1, 0.0))
    return hold


def mount_of(subject: SubjectSpec) -> Mount | None:
    """How this one is ridden, or None for what nobody rides."""
    rows = mounts()
    return rows.get(subject.kind) or (rows["quadruped"] if subject.family == "quadruped" else None)


@dataclass(frozen=True, slots=True)
class Top:
    """Where others sit on something and how that is filmed.

    Attributes:
        height: Of the surface, ÷ its height. spot: where they are on it, model axes ÷ its height.
        heading: Degrees it is turned away from the viewer.
        inside: Width of who is in it, ÷ its own; `height` is then where its feet are. 0 for what nobody is put into.
        along: Height of a train that runs along it, ÷ its own; 0 for what nobody runs along.
        share: Of the frame height, at least, of who is there: what they are on matters less than they do.
        bloom: Width of a blossom, ÷ the plant's height: it is seen whole, and who is on it is of a size with it. 0: no blossom.
        row: Of the frame, where their feet are. horizon: the lowest row that it may have: above it tops are seen from above.
    """

    height: float = 1.0
    spot: Point = (0.0, 0.0, 0.0)
    heading: float = 34.0
    share: float = 0.24
    row: float = 0.68
    horizon: float = 0.56
    along: float = 0.0
    inside: float = 0.0
    bloom: float = 0.0


def top_row(kind: str, family: str) -> Top:
    """The row of `tops` for this kind, else for its family, else the plain one. Flowers are sat upon at their very top."""
    rows = table(FILE)["tops"]
    group = "low_plant" if family == "plant" and lexicon().kinds[kind].height < LOW_PLANT else family
    return Top(**_typed(rows.get(kind) or rows.get(group) or {}))


def pose_of(name: str) -> Mapping[str, Any]:
    """A row of `poses`."""
    row: Mapping[str, Any] = table(FILE)["poses"][name]
    return row


def height_held(hold: Hold, holder: float) -> float:
    """Metres of a thing in the hand of somebody `holder` metres tall."""
    return float(hold.height * (holder / ADULT) ** GROWS)


def aimed(hold: Hold, towards: F64) -> F64:
    """(3, 3) model axes -> those that `towards` is given in: the thing's own y axis along it."""
    up = towards / (float(np.linalg.norm(towards)) + 1e-9) * (-1.0 if hold.back else 1.0)
    side = np.cross(up, np.array([0.0, 0.0, 1.0]))
    side = side / (float(np.linalg.norm(side)) + 1e-9)
    ahead = np.cross(side, up)
    return np.stack([side, up, ahead], 1) @ turned(y=np.radians(hold.roll))


def _typed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
