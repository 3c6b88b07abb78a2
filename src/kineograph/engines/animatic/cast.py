"""Who stands where: individuals spread over the frame, with depth, nobody's face behind another's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kineograph.engines.animatic.shot import Placement, named_rng
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec
from kineograph.engines.animatic.subjects import quadruped_row
from kineograph.engines.animatic.subjects.pace import MOVING, natural_speed
from kineograph.engines.animatic.vocabulary.lexicon import Kind, lexicon

FILLED = 0.88  # of the frame's width that a cast may take
BACK_ROW = 1.28  # depth of a row ÷ depth of the one before it
NEAREST_FEET = 0.97  # row of the frame below which nobody's feet come

# Arms out, a run at full stretch: how much wider than at rest an outline gets.
REACH = {"spin": 1.9, "dance": 1.7, "wave": 1.3, "jump": 1.4, "run": 1.5, "walk": 1.25, "play": 1.15}
WINGS = 2.2  # span of spread wings ÷ the width of the standing bird
PASSING = 1.25  # what its builder lets go its way needs room before and behind
SIZES = {"tiny": 0.45, "small": 0.72, "medium": 1.0, "large": 1.4, "giant": 2.6}
HERD = 4  # of a kind, or more, keep together
LEGGED = ("quadruped", "biped")
FARTHEST = 0.55  # how much further away than where they stop walkers start, in units of that distance
# Radians off the viewer: a body is known by its side, a face from before. (least, most) alone, and among others.
TURNED = {"quadruped": ((0.45, 0.80), (0.25, 0.55))}
SIDEWAYS = (0.75, 1.1)  # of who grazes
FACING = ((0.08, 0.42), (0.08, 0.42))
GOING = {"quadruped": ((0.60, 1.05), (0.25, 0.60))}
COMING = ((0.30, 0.70), (0.25, 0.60))


@dataclass(frozen=True, slots=True)
class Individual:
    """One of the cast before it is placed.

    Attributes:
        height, width: Metres.
        rank: 0 is the hero.
        number: Place of its subject in SceneSpec.subjects.
        seed: Its own.
    """

    subject: SubjectSpec
    height: float
    width: float
    rank: int
    seed: int
    number: int = 0


@dataclass(frozen=True, slots=True)
class Ground:
    """What placing needs to know of the frame.

    Attributes:
        aspect: Width ÷ height.
        focal, horizon, feet: As in staging.toml.
        seconds: Length of the film, for those who walk.
        offset: How far off the middle one alone stands, ÷ frame width: the range to draw from.
        farthest: How much further away walkers start, ÷ the distance they stop at.
    """

    aspect: float
    focal: float
    horizon: float
    feet: float
    seconds: float
    offset: tuple[float, float] = (0.05, 0.17)
    farthest: float = FARTHEST


def individuals(spec: SceneSpec, seed: int) -> list[Individual]:
    """Everybody, hero first; open kinds ("child") are settled here, by the seed."""
    kinds = lexicon().kinds
    out: list[Individual] = []
    crowd = sum(subject.count for subject in spec.subjects) > 2  # they face the viewer: narrower than from the side
    for number, subject in enumerate(spec.subjects):
        rng = named_rng(seed, f"kind {number}")
        open_kind = kinds[subject.kind]
        names = _names(open_kind, subject.count, rng)
        for count in range(subject.count):
            drawn = names[count] if names else subject.kind
            one = replace(subject, kind=drawn, family=kinds[drawn].family, count=1)
            height = _height(kinds[drawn], subject.young) * float(rng.uniform(0.95, 1.05) if subject.count > 1 else 1.0)
            height *= SIZES[subject.size]
            width = height * kinds[drawn].width * _reach(one) * (0.97 if crowd else 1.0)
            out.append(Individual(one, height, width, len(out), int(rng.integers(2**31)), number))
    return [_takes_after(one, out) for one in out]


def _takes_after(one: Individual, everybody: Sequence[Individual]) -> Individual:
    """The young have their mother's coat."""
    own = one.subject
    mothers = (other for other in everybody if (other.subject.kind, other.subject.colour) == (own.kind, own.colour))
    mother = next((other for other in mothers if not other.subject.young), None) if own.young else None
    return replace(one, seed=mother.seed) if mother else one


def _names(kind: Kind, count: int, rng: np.random.Generator) -> list[str]:
    """Kinds of so many of an open kind; empty if it is not open. In turn: a couple is a woman and a man."""
    if not kind.any:
        return []
    if kind.alike:
        return [str(rng.choice(kind.any))] * count
    first = int(rng.integers(len(kind.any)))
    return [kind.any[(first + i) % len(kind.any)] for i in range(count)]


def _reach(one: SubjectSpec) -> float:
    if one.action == "fly":
        return WINGS if one.family in ("bird", "insect") else 1.0
    if one.family not in LEGGED:
        return PASSING if one.action in ("drive", "swim", "float") else 1.0
    return REACH.get(one.action, 1.0)


def _height(kind: Kind, young: bool) -> float:
    return kind.young_height if young else kind.height


def share_of_frame(everybody: Sequence[Individual], wanted: float, aspect: float) -> float:
    """The tallest's share of the frame height: what is wanted, less where the others need room or the frame is narrow."""
    tallest = max(one.height for one in everybody)
    across = sum(one.width / tallest / _near(one, tallest) for one in everybody) * wanted
    across *= 1.12 * _squeeze(_rows(len(everybody), aspect))
    return wanted * min(1.0, FILLED * aspect / across)


def _near(one: Individual, tallest: float) -> float:
    """Depth ÷ the tallest's: a kitten beside a woman sits nearer to the camera, or it would be lost."""
    return float(np.clip((one.height / tallest) ** 0.4, 0.62, 1.0))


def _rows(count: int, aspect: float) -> int:
    """Rows that so many stand in: more in a narrow frame."""
    return 1 if count < 3 else min(max(round(math.sqrt(count / aspect / 1.2)), 1), 3)


def _squeeze(rows: int) -> float:
    """Share of its own width that one of a zigzag of rows takes from the frame: bodies overlap, faces do not."""
    return (1.0, 0.58, 0.42)[rows - 1]


def place(everybody: Sequence[Individual], share: float, ground: Ground, seed: int) -> tuple[Placement, ...]:
    """Placements, hero first.

    Args:
        share: Of the frame height, for the tallest; smaller ones follow.
    """
    tallest = max(one.height for one in everybody)
    depth = ground.focal * tallest / share
    lowest = max(NEAREST_FEET, ground.feet)  # a close-up has no feet
    nearest = (ground.feet - ground.horizon) / (lowest - ground.horizon)  # ÷ depth
    rows = _rows(len(everybody), ground.aspect)
    order = _order(len(everybody), seed)
    depths = {}
    for spot, rank in enumerate(order):
        one = everybody[rank]
        row = (spot + order.index(0)) % rows if rank else 0
        further = 1.0 if rank == 0 else float(named_rng(seed, f"depth {rank}").uniform(1.0, 1.1))
        depths[rank] = depth * BACK_ROW**row * max(_near(one, tallest), nearest) * further
    across = _across(everybody, order, depths, ground, seed)
    among = int(len(everybody) > 1)
    placed = tuple(_stand(one, across[one.rank], depths[one.rank], ground, seed, among) for one in everybody)
    return _herd(placed, seed) if len({one.subject.kind for one in everybody}) == 1 and len(placed) >= HERD else placed


def _herd(placed: Sequence[Placement], seed: int) -> tuple[Placement, ...]:
    """All look one way, and are seen from their side."""
    if placed[0].subject.family != "quadruped" or placed[0].velocity:
        return tuple(placed)
    rng = named_rng(seed, "herd")
    side = float(rng.choice((-1.0, 1.0)))
    return tuple(replace(one, heading=side * float(rng.uniform(0.75, 1.0))) for one in placed)


def _order(count: int, seed: int) -> list[int]:
    """Ranks from left to right: the hero neither at the edge nor always in the very middle."""
    rng = named_rng(seed, "order")
    order = list(range(1, count))
    rng.shuffle(order)
    order.insert(int(rng.integers(1, count - 1)) if count > 2 else int(rng.integers(0, count)), 0)
    return order


def _across(
    everybody: Sequence[Individual], order: Sequence[int], depths: dict[int, float], ground: Ground, seed: int
) -> dict[int, float]:
    """Rank -> centre in frame heights from the middle. One alone stands off the middle; several share the width."""
    rng = named_rng(seed, "across")
    squeeze = _squeeze(_rows(len(everybody), ground.aspect))
    wide = {rank: everybody[rank].width * ground.focal / depths[rank] * squeeze for rank in order}
    slack = max(ground.aspect * 0.94 - sum(wide.values()), 0.0)
    if len(order) == 1:
        side = float(rng.choice((-1.0, 1.0)))
        return {order[0]: side * min(slack * 0.36, ground.aspect * float(rng.uniform(*ground.offset)))}
    gap = min(slack / (len(order) + 1), 0.16)
    left = slack - gap * (len(order) - 1)
    at = -(sum(wide.values()) + gap * (len(order) - 1)) / 2 + float(rng.uniform(-0.2, 0.2)) * left
    out: dict[int, float] = {}
    for rank in order:
        out[rank] = at + wide[rank] / 2
        at += wide[rank] + gap
    return out


def _stand(one: Individual, across: float, depth: float, ground: Ground, seed: int, among: int) -> Placement:
    rng = named_rng(seed, f"stance {one.rank}")
    phase = float(rng.uniform())
    side = math.copysign(1.0, across if abs(across) > 0.02 else float(rng.uniform(-1, 1)))
    x = across * depth / ground.focal
    still = Placement(one.subject, x, depth, one.height, phase=phase, seed=one.seed)
    if one.subject.action in MOVING and one.subject.family in LEGGED:
        if among:  # those of one kind go the same way: two in love would cross each other's path
            rng = named_rng(seed, f"way {one.number}")
            side = float(rng.choice((-1.0, 1.0)))
        return _coming(still, side * float(rng.uniform(*GOING.get(one.subject.family, COMING)[among])), ground)
    if lexicon().kinds[one.subject.kind].stance == "table":
        # One that turns shows both its three-quarter sides first: at the start, and a third in, where the poster is.
        turns = one.subject.action == "rotate" or ground.offset[1] < 0.05
        return replace(still, heading=float(rng.uniform(-0.2, 0.2)) - 0.55 if turns else float(rng.uniform(-0.5, 0.5)))
    turn = float(rng.uniform(*(SIDEWAYS if _grazes(one.subject) else TURNED.get(one.subject.family, FACING)[among])))
    return replace(still, heading=-side * turn)  # they look into the picture


def _grazes(subject: SubjectSpec) -> bool:
    """True for who eats off the ground or from a tree: seen from before, its head would hide that."""
    if subject.family != "quadruped" or subject.action != "eat":
        return False
    return quadruped_row.row_of(subject, named_rng(0, "coat"))[0].eats != "hands"


def _coming(end: Placement, heading: float, ground: Ground) -> Placement:
    """Somebody who walks or runs comes towards the viewer and reaches its spot at the end of the film.

    The start is kept in the frame and near enough to be recognised: what is too fast for that comes a shorter way, slower.
    """
    way = min(natural_speed(end.subject, end.height) * ground.seconds, ground.farthest * end.z)
    half = end.height * lexicon().kinds[end.subject.kind].width / 2
    while way > 0.05:
        x, z = end.x - way * math.sin(heading), end.z + way * math.cos(heading)
        if abs(x) < 0.40 * ground.aspect * z / ground.focal and abs(x) + half < 0.52 * ground.aspect * z / ground.focal:
            break
        heading *= 0.85
        way *= 0.97
    return replace(end, x=x, z=z, heading=heading, velocity=way / ground.seconds)
