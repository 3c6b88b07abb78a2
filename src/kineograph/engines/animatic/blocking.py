"""Blocking: who is on the ground, on the water, in the air, on or under or behind whom, for this frame shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.cast import FARTHEST, LEGGED, SIZES, Ground, Individual, place, share_of_frame
from kineograph.engines.animatic.gathering import gathered, is_work
from kineograph.engines.animatic.placing import (
    ABOVE,
    HUGE,
    Frame,
    Puts,
    at_the_feet,
    grown,
    hidden,
    in_hand,
    in_the_air,
    in_the_scene,
    least_on,
    upon,
)
from kineograph.engines.animatic.relations import (
    Perch,
    along_side,
    bonded,
    carried,
    on_pad,
    perched,
    reach_above,
    rides,
    sized,
    stage_perch,
    top_of,
)
from kineograph.engines.animatic.shot import Placement, named_rng, pace
from kineograph.engines.animatic.spec import SceneSpec
from kineograph.engines.animatic.staging import by_shape, part_of, reach_of, staging
from kineograph.engines.animatic.subjects.bonds import top_row
from kineograph.engines.animatic.subjects.pace import MOVING
from kineograph.engines.animatic.vocabulary.lexicon import action_for, lexicon

Role = Literal["floor", "aloft", "scenery", "rider", "hidden", "held", "fore"]

CLOSE, WIDE = 1.5, 0.55  # the hero's size against a medium shot
DWARFED = 0.55  # likewise of who is under something that was said to be large: that is to be seen
STRIDING = 0.92  # likewise of one who goes somewhere: room to go
LONG = 0.95  # length of an animal ÷ its height beyond which its face is taken from farther away
TELE = 1.6  # a face is taken with a longer lens, for from near by the nose would be all of it; or the wing that comes nearer
WINGED, LARGEST_BIRD = ("bird", "insect"), 3.0  # metres: a dragon is far away as it is
NEAR_WAY = 0.4  # FARTHEST of a close-up
CROSSED = 1.9  # so much more of the frame a bridge may take that somebody is on: its ends are cut off
HILL = 0.34  # height of the hill under a building ÷ its own
SKYWARD = 0.78  # size of a rocket that takes off, and of what smokes: room to rise
ROCKETS = ("rocket", "spaceship")
HEAD_ROOM = 0.12  # rows kept free above the tallest
LOWEST_WATER = 0.64  # row that who leaps out of the water falls back to: nearer there may be a beach
LEAPING = 1.4  # so high it comes, ÷ its height
HIGHEST_EYE = 4.0  # metres: higher than this the ground of most settings has not been painted for
LEAST = 0.3  # of the tallest's height: what is smaller beside it would not be seen, and is drawn larger than life
CLEAR = 0.9  # metres of a subject under water
ROOM = {"close": 1.5, "wide": 0.6}  # of the frame's width that a cast may take; a close-up leaves elbows and rumps out
LADEN = 0.55  # share of the frame height of somebody that others are on
SMALLEST = 0.10  # metres on open ground: an ant is filmed as a large ant
FLYING = ("fly", "float", "fall")
UNGROUNDED = ("aircraft", "bird", "fish", "insect", "boat")  # need no ground in space
MOST_ALOFT = 0.66  # of the frame height, for who flies, from the highest to the lowest that its wings come
UPRIGHT = ("rise", "land")  # from the ground, to the ground
SCENIC = ("building", "plant")
SMALL_FRY = ("plant", "object", "food", "product")  # before somebody they are at his feet
WATERS = ("beach", "lake", "harbour")


def block(
    spec: SceneSpec, everybody: Sequence[Individual], aspect: float, seconds: float, seed: int
) -> tuple[Camera, tuple[Placement, ...]]:
    """Camera at rest and everybody's place, in their order."""
    everybody = bonded(spec, sized([_afloat(spec, one) for one in everybody]))
    roles = _roles(spec, everybody)
    if (perch := perched(spec, everybody)) is not None:
        return _on_top(spec, everybody, roles, perch, aspect, seed)
    main = _main(roles)
    everybody = _to_scale(everybody, main, spec.setting)
    if spec.setting == "underwater":  # whoever is small beside a whale swims about it, and takes no room of its own
        tallest = max(everybody[number].height for number in main)
        main = [number for number in main if everybody[number].height >= LEAST * tallest]
    leading = [replace(one, rank=at) for at, one in enumerate(_legible([everybody[n] for n in main], spec))]
    frame, placed = _lead(spec, leading, roles[main[0]], _stack(spec, everybody, leading), aspect, seconds, seed)
    where = dict(zip(main, placed, strict=True))
    _fill(spec, everybody, roles, frame, where)
    if _swims(spec, leading[0]):  # a bridge over a boat stands in the water too
        afloat = [role in ("floor", "scenery") for role in roles]
    else:
        rocks = spec.setting == "beach"  # a lighthouse behind the sand stands in the sea
        afloat = [
            (role == "floor" and _swims(spec, one))
            or (rocks and (role == "scenery" or one.subject.kind == "lighthouse"))
            or (spec.setting == "lake" and (one.subject.kind in ("bridge", "viaduct") or on_pad(spec, one)))
            for role, one in zip(roles, everybody, strict=True)
        ]
    placed = tuple(
        replace(where[at], afloat=afloat[at], y=HILL * where[at].height if _hilly(spec, one) else where[at].y)
        for at, one in enumerate(everybody)
    )
    return frame.camera, gathered(spec, everybody, carried(spec, everybody, placed), aspect)


def _fill(
    spec: SceneSpec, everybody: Sequence[Individual], roles: Sequence[Role], frame: Frame, where: dict[int, Placement]
) -> None:
    """Put everybody who has no place yet, each kind of them after those it is measured from."""
    ways: tuple[tuple[Role, Puts], ...] = (
        ("scenery", in_the_scene), ("aloft", in_the_air), ("rider", upon), ("hidden", hidden), ("fore", at_the_feet),
        ("held", in_hand), ("floor", hidden),
    )  # fmt: skip
    for role, puts in ways:
        for number, one in enumerate(everybody):
            if number not in where and roles[number] == role:
                where[number] = puts(one, frame, where, _anchor(spec, everybody, number, where))


def _on_top(
    spec: SceneSpec, everybody: Sequence[Individual], roles: list[Role], perch: Perch, aspect: float, seed: int
) -> tuple[Camera, tuple[Placement, ...]]:
    """The film is about who is up there: the camera comes as near as that asks, whatever is cut off below."""
    rider, base = everybody[perch.rider], everybody[perch.base]
    part = part_of(spec, rider)
    horizon = float(named_rng(seed, "horizon").uniform(*by_shape(part, "horizon", aspect)))
    camera, places = stage_perch(
        rider, base, horizon, float(staging()["size"][rider.subject.family]["focal"]), aspect, seed
    )
    where = {perch.rider: places[0], perch.base: places[1]}
    joined = 0
    for number, one in enumerate(everybody):
        if number in where or roles[number] not in ("floor", "scenery", "rider", "aloft"):
            continue
        if roles[number] != "rider" or one.subject.relation == "on":
            joined += 1
            where[number] = along_side(one, joined, rider, where[perch.rider], where[perch.base])
    _fill(spec, everybody, roles, Frame(camera, aspect, seed), where)
    placed = tuple(where[at] for at in range(len(everybody)))
    return camera, carried(spec, everybody, placed)


def _roles(spec: SceneSpec, everybody: Sequence[Individual]) -> list[Role]:
    by_subject = [_role(spec, number) for number in range(len(spec.subjects))]
    return [by_subject[one.number] for one in everybody]


def _role(spec: SceneSpec, number: int) -> Role:
    subject, kinds = spec.subjects[number], lexicon().kinds
    if subject.to is not None and subject.relation == "held":
        return "held"
    if is_work(subject):
        return "floor"
    if subject.to is not None and subject.relation == "before" and kinds[subject.kind].family in SMALL_FRY:
        return "fore"
    if subject.to is not None and subject.relation in ("on", "in", "over"):
        return "rider"
    if subject.to is not None and subject.relation == "behind":
        return "hidden"
    kind = kinds[subject.kind]
    shaded = [other for other in spec.subjects if other.to == number and other.relation in ("under", "before")]
    high = kind.height * SIZES[subject.size]
    towers = any(high > 1.2 * kinds[other.kind].height * SIZES[other.size] for other in shaded)
    alone = all(kinds[other.kind].family in SCENIC for other in spec.subjects)
    carries = any(other.to == number and other.relation in ("on", "in", "held", "before") for other in spec.subjects)
    if subject.relation == "behind" or towers or (kind.family in SCENIC and not alone and not carries):
        return "scenery"
    swims = kind.family == "fish" and spec.setting in ("underwater", "space")
    lifted = subject.action in FLYING and kind.family not in ("boat", "quadruped", "biped")
    adrift = spec.setting == "space" and (subject.action in FLYING or kind.family in UNGROUNDED)
    return "aloft" if lifted or swims or (adrift and subject.action not in UPRIGHT) else "floor"


def _main(roles: list[Role]) -> list[int]:
    """Numbers of those that the frame is laid out for: who stands, else who flies, else whoever is there."""
    for role in ("floor", "aloft", "scenery"):
        found = [number for number, own in enumerate(roles) if own == role]
        if found:
            return found
    return list(range(len(roles)))


def _to_scale(everybody: Sequence[Individual], main: list[int], setting: str) -> Sequence[Individual]:
    """Water lets nobody see far: a whale is filmed as a small one from near by."""
    tallest = max(everybody[number].height for number in main)
    if setting != "underwater" or tallest <= CLEAR:
        return everybody
    gain = CLEAR / tallest
    return [replace(one, height=one.height * gain, width=one.width * gain) for one in everybody]


def _hilly(spec: SceneSpec, one: Individual) -> bool:
    """True for a building that stands on a hill, with nobody on it."""
    bare = all(other.to is None for other in spec.subjects)
    return "hill" in spec.looks and spec.setting == "land" and one.subject.family == "building" and bare


def _swims(spec: SceneSpec, one: Individual) -> bool:
    """True for what is on the water here."""
    return spec.setting in WATERS and lexicon().kinds[one.subject.kind].stance in ("water", "swim")


def _afloat(spec: SceneSpec, one: Individual) -> Individual:
    """A duck on a lake swims, though nobody said so."""
    if one.subject.action != "idle" or not _swims(spec, one):
        return one
    return replace(one, subject=replace(one.subject, action=action_for(one.subject.family, "swim")))


def _legible(main: Sequence[Individual], spec: SceneSpec) -> list[Individual]:
    """Nobody so small that it could not be seen beside the others, or in the grass."""
    tallest = max(one.height for one in main)
    smallest = 3 * SMALLEST if spec.framing == "close" else SMALLEST  # no lens comes nearer
    least = max(LEAST * tallest, 0.0 if spec.setting == "studio" else smallest)
    return [grown(one, least) for one in main]


def _stack(spec: SceneSpec, everybody: Sequence[Individual], main: Sequence[Individual]) -> float:
    """Height of the tallest with whoever is on it ÷ the tallest's own."""
    tallest = max(one.height for one in main)
    reach = tallest
    for one in everybody:
        subject = spec.subjects[one.number]
        base = next((other for other in main if other.number == subject.to), None)
        if base is not None and subject.relation == "held":
            reach = max(reach, base.height * (1 + reach_above(one)))
        elif base is not None and subject.relation in ("on", "in", "over"):
            lift = base.height * (ABOVE if subject.relation == "over" else top_of(base))
            jumps = replace(one.subject, action=base.subject.action) if rides(one, base) else one.subject
            high = max(reach_of(one.subject)[0], reach_of(jumps)[0])
            reach = max(reach, lift + grown(one, least_on(one, base, base.height)).height * high)
    return reach / tallest


def _lead(
    spec: SceneSpec,
    main: Sequence[Individual],
    role: Role,
    stack: float,
    aspect: float,
    seconds: float,
    seed: int,
) -> tuple[Frame, tuple[Placement, ...]]:
    """Camera and places of those the frame is laid out for."""
    part = part_of(spec, main[0])
    horizon = float(named_rng(seed, "horizon").uniform(*by_shape(part, "horizon", aspect)))
    tallest = max(one.height for one in main)
    size = staging()["size"][main[0].subject.family]
    wanted = _wanted(spec, main[0], size, seed)
    if stack > 1:  # whoever is up there is what the film is about
        wanted = max(wanted, LADEN)
    rise = max(stack, *(one.height * reach_of(one.subject)[0] / tallest for one in main))
    crossed = CROSSED if any(top_row(one.subject.kind, one.subject.family).along for one in main) and stack > 1 else 1.0
    share = share_of_frame(main, wanted * (0.75 if role == "aloft" else 1.0), aspect * _room(spec) * crossed)
    if _hilly(spec, main[0]):
        rise *= 1 + HILL
    if stack > 1 or wanted < 1:
        share = min(share, (0.78 if stack > 1 else 1 - HEAD_ROOM - 0.04) / rise)
    if role == "aloft":
        high, low = reach_of(main[0].subject)
        share = min(share, MOST_ALOFT / (high - low))
        feet = float(named_rng(seed, "aloft").uniform(0.42, 0.48)) + share * (high + low) / 2
        eye = float(np.clip(tallest / share * 0.5, 0.5, HIGHEST_EYE))
    else:
        feet = max(_feet(float(by_shape(part, "feet", aspect)), share * rise), HEAD_ROOM + share * rise)
        if share > 1 and _on_table(main[0]):
            feet = 0.5 + share / 2
        if _swims(spec, main[0]):
            share = min(share, (LOWEST_WATER - HEAD_ROOM) / rise) if rise > LEAPING else share
            feet = max(horizon + 0.30 * (1 - horizon), HEAD_ROOM + share * rise)
        eye = (feet - horizon) * tallest / share
        if eye > HIGHEST_EYE:  # a castle is not seen from the air: the horizon comes down to its foot
            eye = HIGHEST_EYE
            horizon = min(max(feet - eye * share / tallest, horizon), 0.80)
            feet = horizon + eye * share / tallest
    way = (NEAR_WAY if spec.framing == "close" else FARTHEST) * min(pace(spec), 1.0)
    winged = role == "aloft" and main[0].subject.family in WINGED and tallest < LARGEST_BIRD
    lens = float(size["focal"]) * (TELE if wanted > 1 or winged else 1.0)
    ground = Ground(aspect, lens, horizon, feet, seconds, tuple(part["offset"]), way)
    frame = Frame(Camera(y=eye, focal=ground.focal, horizon=horizon), aspect, seed)
    placed = place(main, share, ground, seed)
    if role == "aloft":
        ways = {one.number: math.copysign(1.0, at.heading) for one, at in zip(main[::-1], placed[::-1], strict=True)}
        placed = tuple(
            replace(
                _lifted(at, frame, feet, number), heading=ways[one.number] * abs(at.heading)
            )  # a flock flies one way
            for number, (one, at) in enumerate(zip(main, placed, strict=True))
        )
    return frame, placed


def _lifted(one: Placement, frame: Frame, feet: float, number: int) -> Placement:
    """Feet at that row, each a little higher or lower: a flock is no row of soldiers."""
    spread = float(named_rng(frame.seed, f"lift {number}").uniform(-0.10, 0.10)) if number else 0.0
    return replace(one, y=max(frame.height_at(feet + spread, one.z), 0.1 * one.height))


def _wanted(spec: SceneSpec, hero: Individual, size: dict[str, Any], seed: int) -> float:
    """Share of the frame height asked for the tallest, before anybody else's room is looked at."""
    wanted = float(size["share"]) * {"close": CLOSE, "wide": WIDE}.get(spec.framing, 1.0)
    if spec.framing == "close":
        face = min(1.0, LONG * hero.height / hero.width) if hero.subject.family == "quadruped" else 1.0
        wanted = max(float(size.get("close", wanted)) * face, 0.55 * wanted)
    elif hero.subject.action in MOVING and hero.subject.family in LEGGED:
        wanted *= STRIDING
    if hero.subject.action in UPRIGHT and hero.subject.kind in ROCKETS:
        wanted *= SKYWARD
    if hero.subject.family == "building" and "smoke" in spec.effects:
        wanted *= SKYWARD
    above = spec.subjects[hero.subject.to] if hero.subject.to is not None else None
    if above is not None and hero.subject.relation == "under" and above.size in HUGE:
        wanted *= DWARFED
    if _on_table(hero):
        flat = hero.width / hero.height  # a cup with its saucer fills the frame by its width
        wanted *= min(1.0, (1.1 / flat) ** 0.5) * (1.0 if spec.setting == "studio" else 0.8)
    return wanted * float(named_rng(seed, "size").uniform(0.92, 1.08))


def _room(spec: SceneSpec) -> float:
    """What of a frame's width a cast may take, ÷ what it takes in a medium shot."""
    return ROOM.get(spec.framing, 1.0)


def _on_table(one: Individual) -> bool:
    return lexicon().kinds[one.subject.kind].stance == "table"


def _feet(feet: float, share: float) -> float:
    """Small figures stand a little higher in the frame than large ones, so that they do not sink out of it."""
    return min(feet, 0.62 + share * 0.75)


def _anchor(
    spec: SceneSpec, everybody: Sequence[Individual], number: int, where: dict[int, Placement]
) -> tuple[Individual, Placement] | None:
    """Whom this one's place is measured from: the nearest in order of its `to`, or of those who stand under it."""
    own = spec.subjects[everybody[number].number]
    wanted = own.to
    fore = own.relation == "before" and lexicon().kinds[own.kind].family in SMALL_FRY
    if wanted is None or (own.relation in ("under", "before", "beside") and not fore):
        wanted = next((at for at, one in enumerate(spec.subjects) if one.to == everybody[number].number), None)
    found = [at for at in where if everybody[at].number == wanted]
    if not found:
        return None
    at = found[sum(other.number == everybody[number].number for other in everybody[:number]) % len(found)]
    return everybody[at], where[at]
