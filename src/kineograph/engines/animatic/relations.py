"""Those bound to others: what is in a hand, who rides what, who sits upon what and how near the camera comes for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.cast import Individual
from kineograph.engines.animatic.shot import Placement, named_rng
from kineograph.engines.animatic.spec import SceneSpec
from kineograph.engines.animatic.staging import reach_of
from kineograph.engines.animatic.subjects.bonds import hold_of, mount_of, top_row
from kineograph.engines.animatic.subjects.forms import turned
from kineograph.engines.animatic.vocabulary.lexicon import action_for, lexicon

# Where others stand on somebody, ÷ its height: a horse is ridden on its back, a boat stood in.
TOPS = {"quadruped": 0.66, "boat": 0.16, "bird": 0.75, "fish": 0.9, "plant": 0.62, "biped": 0.98}
SADDLES = {
    "lily_pad": 0.10, "branch": 0.655, "bicycle": 0.62, "motorcycle": 0.55, "scooter": 0.55,
    "cart": 0.4, "table": 1.0, "chair": 0.5, "sofa": 0.5,
}  # fmt: skip
LARGER = 1.3  # what somebody is on is so much larger, or wider than tall: then the camera comes near to who is on it
WIDE_BASE = 2.2  # ÷ the rider's own height
HIGHEST = 2.9  # metres: a house that somebody sits on is built to this height, for nobody sees its foot
MOST_SHARE = 0.50  # of the frame height, for who sits on something
GROWN = 1.35  # larger than life, so that what it sits on is seen as well
BLOSSOM = (0.74, 0.86)  # width of a blossom that somebody sits on: ÷ the frame's height, and ÷ its width, at most
ON_BLOSSOM = 0.46  # height of who sits on a blossom ÷ its width, at least
HEAD_ROOM, LOWEST_FEET = 0.12, 0.80  # rows kept free above who sits on something; the lowest that it sits at
NEAREST = 0.36  # distance at least to who sits on something ÷ the width of that
SHOWN = 0.62  # of the base's width wants to be in the picture
SKY = 0.86  # metres of kite line above the head, ÷ the holder's height
PAD = 0.35  # metres: who is smaller sits on a lily pad
PERCHES = {"branch": 2.0, "lily_pad": 1.0}  # their height ÷ that of who sits on it
ROOM = 1.7  # ÷ the height of who sits there: what is larger has no room beside it
SURFACES = ("vehicle", "building", "object", "plant", "food", "product", "boat")


@dataclass(frozen=True, slots=True)
class Perch:
    """Numbers of who is on top and of what it is on."""

    rider: int
    base: int


def bonded(spec: SceneSpec, everybody: Sequence[Individual]) -> list[Individual]:
    """Everybody as their bonds let them be: who rides does not walk, what is ridden goes."""
    out = list(everybody)
    for at, one in enumerate(out):
        target = _target(spec, out, one)
        if target is None or not rides(one, out[target]):
            continue
        mount = mount_of(out[target].subject)
        base = out[target].subject
        going = one.subject.action if one.subject.action in ("run", "walk", "jump") else ""
        wish = base.action if base.action != "idle" else going or (mount.action if mount else "")
        out[target] = replace(out[target], subject=replace(base, action=action_for(base.family, wish or "idle")))
        out[at] = replace(one, subject=replace(one.subject, action="idle"))
    return out


def sized(everybody: Sequence[Individual]) -> list[Individual]:
    """A branch is as large as whoever sits on it wants it."""
    out = list(everybody)
    for one in everybody:
        for at, base in enumerate(out):
            if base.number == one.subject.to and base.subject.kind in PERCHES:
                gain = PERCHES[base.subject.kind] * one.height / base.height
                out[at] = replace(base, height=base.height * gain, width=base.width * gain)
    return out


def _target(spec: SceneSpec, everybody: Sequence[Individual], one: Individual) -> int | None:
    """Number of who carries this one, its own where there are several of both."""
    found = [at for at, other in enumerate(everybody) if other.number == spec.subjects[one.number].to]
    if not found:
        return None
    own = [at for at, other in enumerate(everybody) if other.number == one.number]
    rank = next(k for k, at in enumerate(own) if everybody[at].rank == one.rank)
    return found[rank % len(found)]


def rides(one: Individual, base: Individual) -> bool:
    """True for a person on or in what people ride."""
    return (
        one.subject.relation in ("on", "in")
        and one.subject.family == "biped"
        and mount_of(base.subject) is not None
        and base.height > 0.25 * one.height * (base.subject.family == "quadruped")
    )


def reach_above(thing: Individual) -> float:
    """How far a thing in somebody's hand reaches above its head, ÷ the holder's height."""
    hold = hold_of(thing.subject.kind)
    if hold is None:
        return 0.0
    return SKY if hold.high else hold.above


def top_of(one: Individual) -> float:
    """How high others stand on it, ÷ its height; the hips of a rider in the saddle are a seat lower than its soles."""
    return SADDLES.get(one.subject.kind, TOPS.get(one.subject.family, 1.0))


def carried(spec: SceneSpec, everybody: Sequence[Individual], placed: tuple[Placement, ...]) -> tuple[Placement, ...]:
    """The placements with who carries whom, and the poses that go with it."""
    out = list(placed)
    for at, one in enumerate(everybody):
        target = _target(spec, everybody, one)
        if target is None or target == at:
            continue
        subject, base = out[at].subject, out[target].subject
        hold = hold_of(subject.kind)
        if one.subject.relation == "held" and hold is not None and base.family == "biped":
            out[at] = replace(out[at], carrier=target, bond="held")
            if hold.pose not in out[target].pose.split("+"):
                out[target] = replace(out[target], pose="+".join(filter(None, (out[target].pose, hold.pose))))
        elif rides(one, everybody[target]):
            mount = mount_of(base)
            assert mount is not None
            out[at] = replace(
                out[at],
                carrier=target,
                bond="rides",
                pose="+".join(filter(None, (mount.pose, out[at].pose))),
                velocity=0.0,
                heading=0.0,
            )
        elif one.subject.relation in ("on", "in") and base.family in SURFACES and subject.action != "fly":
            out[at] = replace(out[at], carrier=target, bond=one.subject.relation)
            if not out[target].bond:
                out[target] = replace(out[target], bond="bears")
    return tuple(out)


def perched(spec: SceneSpec, everybody: Sequence[Individual]) -> Perch | None:
    """Who sits on something that dwarfs it, if the film is about that."""
    first, hero = 0, everybody[0]
    if hero.subject.relation == "in" and (vessel := _target(spec, everybody, hero)) is not None:
        first, hero = vessel, everybody[vessel]  # the fish's bowl stands on the table
    if hero.subject.relation != "on" or spec.framing == "wide" or hero.subject.action == "fly":
        return None
    base = _target(spec, everybody, hero)
    if base is None or sum(one.number == hero.number for one in everybody) > 1:
        return None
    under = everybody[base]
    if (
        rides(hero, under)
        or top_row(under.subject.kind, under.subject.family).along
        or under.subject.family not in SURFACES
        or lexicon().kinds[under.subject.kind].stance == "water"
    ):
        return None
    large = under.height > LARGER * hero.height or under.width > WIDE_BASE * max(hero.height, hero.width)
    return Perch(first, base) if large else None


def stage_perch(
    rider: Individual, base: Individual, horizon: float, focal: float, aspect: float, seed: int
) -> tuple[Camera, tuple[Placement, Placement]]:
    """Camera and places: the one on top is so large that it is read, its base lies under it, cut off by the frame.

    Args:
        horizon, focal: As the place is filmed with this hero.
    """
    rng = named_rng(seed, "perch")
    top = top_row(base.subject.kind, base.subject.family)
    scale = min(1.0, HIGHEST / (base.height * top.height))
    size = base.height * scale
    wide = base.width * scale
    grown = min(GROWN, max(1.0, 0.24 * wide / rider.height))
    if top.bloom:
        grown = max(1.0, ON_BLOSSOM * top.bloom * size / rider.height)
    height, own = rider.height * grown, rider.width * grown
    share = float(np.clip(SHOWN**-1 * aspect * height / wide, top.share, MOST_SHARE))
    share = max(min(share, 0.72 * aspect * height / max(own, height)), 0.19)
    if top.bloom:
        share = min(min(BLOSSOM[0], BLOSSOM[1] * aspect) * height / (top.bloom * size), MOST_SHARE)
    high = reach_of(rider.subject)[0]
    share = min(share, (LOWEST_FEET - HEAD_ROOM) / high)
    focal *= float(np.clip(NEAREST * wide * share / (focal * height), 1.0, 2.0))  # no lens goes into a roof
    z = focal * height / share
    feet = max(top.row - 0.5 * max(share - 0.30, 0.0), HEAD_ROOM + share * high)
    level = size * top.height
    horizon = min(horizon, feet - 0.06, top.horizon)
    eye = level + (feet - horizon) * z / focal
    across = float(rng.uniform(-0.10, 0.10)) * aspect
    side = 1.0 if across < 0 else -1.0
    heading = side * np.radians(top.heading) * float(rng.uniform(0.85, 1.15))
    at = np.array([across * z / focal, level, z])
    foot = at - turned(y=heading) @ (np.asarray(top.spot) * size)
    looks = side * float(rng.uniform(0.15, 0.45))
    up = Placement(
        rider.subject, at[0], at[2], height, heading=looks, y=level, phase=float(rng.uniform()), seed=rider.seed
    )
    still = replace(base.subject, action="idle") if base.subject.action != "rotate" else base.subject
    down = Placement(still, foot[0], foot[2], size, heading=heading, seed=base.seed, bond="bears")
    return Camera(y=eye, focal=focal, horizon=horizon), (up, down)


def along_side(one: Individual, rank: int, rider: Individual, up: Placement, base: Placement) -> Placement:
    """Another one where somebody sits on something: beside it if there is room for its size, else behind what it is on."""
    side = (-1.0 if up.x > 0 else 1.0) * (1.0 if rank % 2 else -1.0)
    phase = float(named_rng(one.seed, "phase").uniform())
    if one.height <= ROOM * rider.height:
        apart = 0.62 * (rider.width * up.height / rider.height + one.width) * ((rank + 1) // 2)
        heading = -side * 0.3
        return Placement(one.subject, up.x + side * apart, up.z, one.height, heading, up.y, phase=phase, seed=one.seed)
    z = base.z + 0.6 * base.height + one.width
    return Placement(one.subject, side * 0.3 * z, z, one.height, heading=-side * 0.3, phase=phase, seed=one.seed)


def on_pad(spec: SceneSpec, one: Individual) -> bool:
    """True for a small animal on a pond: it sits on a lily pad."""
    return "pond" in spec.looks and one.height < PAD and one.subject.family in ("quadruped", "insect", "biped")
