"""Where those go who are placed by another: in its hand, at its feet, along its back."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.cast import LEGGED, Individual
from kineograph.engines.animatic.relations import top_of
from kineograph.engines.animatic.shot import Placement, named_rng
from kineograph.engines.animatic.subjects.bonds import Top, height_held, hold_of, top_row
from kineograph.engines.animatic.subjects.pace import natural_speed

KITE = 0.20  # of the frame height: how tall a kite is up there
RIDER, BIRD_ON_ROOF, FLYER = 0.30, 0.12, 0.55  # least height ÷ the height of what it is on, or flies over
ABOVE = 1.12  # height of who is over something ÷ its height
LARGE = 1.0  # metres: who is taller is no bird on a roof
HUGE = ("large", "giant")  # sizes of what towers over who is under it
TOWERING, HUGEST = 1.1, 0.8  # its share of the frame height at most; ÷ how large it would be beside them
WALKED = 2.0  # seconds of a walk that lie before the middle of a bridge


@dataclass(frozen=True, slots=True)
class Frame:
    """What blocking works with: the camera, the shape, and the film's seed."""

    camera: Camera
    aspect: float
    seed: int

    def row(self, y: float, z: float) -> float:
        """Row of the frame at which a height above the ground is seen at a depth."""
        return self.camera.horizon - (y - self.camera.y) * self.camera.focal / z

    def height_at(self, row: float, z: float) -> float:
        """Metres above the ground of what is seen at this row at a depth."""
        return self.camera.y - (row - self.camera.horizon) * z / self.camera.focal

    def x_at(self, across: float, z: float) -> float:
        """World x of what is seen so many frame heights right of the middle."""
        return across * z / self.camera.focal

    def across(self, placement: Placement) -> float:
        """Frame heights right of the middle at which somebody is seen."""
        return placement.x / placement.z * self.camera.focal


Anchor = tuple[Individual, Placement] | None
Puts = Callable[[Individual, Frame, dict[int, Placement], Anchor], Placement]


def in_hand(one: Individual, frame: Frame, _where: dict[int, Placement], anchor: Anchor) -> Placement:
    """In a hand, which takes it along; or up in the sky at the end of a string."""
    assert anchor is not None
    _, at = anchor
    hold = hold_of(one.subject.kind)
    assert hold is not None
    height = height_held(hold, at.height)
    if hold.high:
        share = min(KITE, 0.30 * frame.aspect)
        z = 1.1 * at.z
        side = -1.0 if frame.across(at) > 0 else 1.0
        across = side * frame.aspect * float(named_rng(frame.seed, "kite").uniform(0.10, 0.24))
        placed = put(replace(one, height=share * z / frame.camera.focal), frame.x_at(across, z), z, seed=frame.seed)
        below = (hold.grip[1] - 0.5) * placed.height  # its tail
        return replace(placed, y=frame.height_at(0.09 + share, z) - below, heading=0.0)
    return replace(at, subject=one.subject, height=height, seed=one.seed, velocity=0.0)


def at_the_feet(one: Individual, frame: Frame, _where: dict[int, Placement], anchor: Anchor) -> Placement:
    """At somebody's feet, a little nearer, to the side he looks; several of them in a row."""
    assert anchor is not None
    _, at = anchor
    rng = named_rng(frame.seed, f"fore {one.rank}")
    side = math.copysign(1.0, at.heading) if abs(at.heading) > 0.05 else 1.0
    far = 0.20 * at.height + 0.5 * one.width + 0.7 * one.width * float(rng.uniform(0, 3))
    z = max(at.z - float(rng.uniform(0.05, 0.3)) * at.height, 0.6 * at.z)
    return put(one, at.x * z / at.z + side * far, z, seed=frame.seed)


def along(one: Individual, at: Placement, top: Top) -> Placement:
    """On a bridge from one end to the other: as large as its deck allows, so that it is seen."""
    rolls = one.subject.family == "vehicle"
    height = (
        top.along * at.height if rolls else min(max(one.height, 0.5 * top.along * at.height), top.along * at.height)
    )
    side = 1.0 if one.seed % 2 else -1.0
    heading = at.heading + side * np.pi / 2
    velocity = natural_speed(one.subject, height) if one.subject.family in LEGGED else 0.0
    x = at.x - side * min(velocity, 0.8) * WALKED
    return Placement(
        one.subject, x, at.z, height, heading=heading, y=at.y + top.height * at.height, velocity=velocity, seed=one.seed
    )


def inside(one: Individual, base: Individual, at: Placement, top: Top) -> Placement:
    """In a vessel, as large as it lets it be."""
    height = one.height / one.width * top.inside * base.width * at.height / base.height
    return Placement(
        one.subject, at.x, at.z, height, heading=1.2, y=at.y + top.height * at.height, phase=0.3, seed=one.seed
    )


def put(one: Individual, x: float, z: float, seed: int) -> Placement:
    """On the ground there, looking into the picture."""
    rng = named_rng(seed, f"stance {one.rank}")
    heading = float(rng.uniform(0.1, 0.4)) * (-1.0 if x > 0 else 1.0)
    return Placement(one.subject, x, z, one.height, heading=heading, phase=float(rng.uniform()), seed=one.seed)


def hidden(one: Individual, frame: Frame, _where: dict[int, Placement], anchor: Anchor) -> Placement:
    """Behind its anchor, half of it to be seen at the side."""
    assert anchor is not None
    base, at = anchor
    z = at.z * 1.18 + 0.3 * base.width
    side = -1.0 if frame.across(at) > 0 else 1.0
    reach = (base.width * at.height / base.height / at.z + one.width * 0.5 / z) * 0.5 * frame.camera.focal
    across = float(np.clip(frame.across(at) + side * reach, -0.42 * frame.aspect, 0.42 * frame.aspect))
    return put(one, frame.x_at(across, z), z, seed=frame.seed)


def in_the_scene(one: Individual, frame: Frame, where: dict[int, Placement], anchor: Anchor) -> Placement:
    """Behind everybody, whole in the frame: over its subject (a tree, a bridge), else on the side the hero is not."""
    rng = named_rng(frame.seed, f"scenery {one.rank}")
    camera, hero = frame.camera, where[min(where)]
    farthest = max(placement.z for placement in where.values())
    share = min(float(rng.uniform(0.58, 0.72)), 0.80 * frame.aspect * one.height / one.width)
    if anchor is not None and one.subject.size in HUGE:  # it reaches out of the frame
        share = min(TOWERING, HUGEST * anchor[1].height * camera.focal / anchor[1].z * one.height / anchor[0].height)
    z = max(1.25 * farthest, camera.focal * one.height / share)
    if anchor is None or one.subject.family != "plant":  # a tree that somebody stands under may reach out of the frame
        # Its foot is seen at horizon + eye·focal/z: what would be cut off at the top stands farther away.
        z = max(z, camera.focal * (one.height - camera.y) / max(camera.horizon - 0.05, 0.05))
    side = -1.0 if frame.across(hero) > 0 else 1.0
    aside = min(0.30 * frame.aspect, max(frame.aspect * 0.5 - one.width * camera.focal / z * 0.5, 0.0))
    across = side * aside * float(rng.uniform(0.75, 1.0))
    if anchor is not None:
        # A bridge spans whoever is under it; a tower or a trunk stands beside the head, not on it.
        wide = one.width * camera.focal / z
        head = anchor[0].width * camera.focal / anchor[1].z
        over = 0.6 * side * head if one.subject.size in HUGE else 0.0  # its trunk is seen beside who is under it
        across = frame.across(anchor[1]) + (side * 0.55 * (head + wide) if wide < 2.2 * head else over)
        across = float(np.clip(across, -0.42 * frame.aspect, 0.42 * frame.aspect))
    return put(one, frame.x_at(across, z), z, seed=frame.seed)


def in_the_air(one: Individual, frame: Frame, where: dict[int, Placement], _anchor: Anchor) -> Placement:
    """In the air above those on the ground, a little farther away, on the hero's free side."""
    rng = named_rng(frame.seed, f"sky {one.rank}")
    hero = where[min(where)]
    z = hero.z * float(rng.uniform(1.15, 1.5))
    least, most = 0.09 * z / frame.camera.focal, 0.30 * z / frame.camera.focal
    one = grown(one, least)
    z *= max(1.0, one.height / most)
    side = -1.0 if frame.across(hero) > 0 else 1.0
    across = side * frame.aspect * float(rng.uniform(0.02, 0.34))
    row = float(rng.uniform(0.20, 0.36))
    placed = put(one, frame.x_at(across, z), z, seed=frame.seed)
    return replace(placed, y=max(frame.height_at(row, z), 0.3 * one.height))


def upon(one: Individual, frame: Frame, where: dict[int, Placement], anchor: Anchor) -> Placement:
    """On, in or over its anchor, going where that goes."""
    assert anchor is not None
    base, at = anchor
    relation, top = one.subject.relation, top_row(base.subject.kind, base.subject.family)
    if relation == "on" and top.along:
        return along(one, at, top)
    if relation == "in" and top.inside:
        return inside(one, base, at, top)
    one = grown(one, least_on(one, base, at.height))
    rng = named_rng(frame.seed, f"rider {one.rank}")
    aside = float(rng.uniform(-0.18, 0.18)) * max(base.width - one.width, 0.0)
    alike = [other.x - at.x for other in where.values() if other.subject.kind == one.subject.kind and other.y > at.y]
    if alike:  # the next of several: left and right of the first, as far as there is room
        step = (1.0 if len(alike) % 2 else -1.0) * ((len(alike) + 1) // 2) * 1.04 * one.width
        aside = float(np.clip(alike[0] + step, *(np.array([-0.46, 0.46]) * max(base.width, one.width))))
    y = at.y + at.height * {"over": ABOVE, "in": 0.18}.get(relation or "", top_of(base))
    # A hair behind what it is in, so that the rim is drawn over it, and behind the neck of what it rides; before what it is on.
    behind = relation == "in" or (relation == "on" and base.subject.family == "quadruped")
    z = at.z + (0.02 if behind else -0.10 if base.subject.family == "plant" else -0.02) * at.height
    still = one.subject.action in ("walk", "run") and relation != "over"
    subject = replace(one.subject, action="idle") if still else one.subject
    placed = put(replace(one, subject=subject), at.x + aside, z, seed=frame.seed)
    return replace(placed, y=y, heading=at.heading if relation == "in" else placed.heading, velocity=at.velocity)


def grown(one: Individual, least: float) -> Individual:
    """Somebody so tall at least, in metres."""
    gain = max(1.0, least / one.height)
    return replace(one, height=one.height * gain, width=one.width * gain)


def least_on(one: Individual, base: Individual, height: float) -> float:
    """How tall at least somebody is made that is on, in or over something of this height."""
    if one.height < LARGE and base.subject.family == "building":
        return BIRD_ON_ROOF * height
    return (FLYER if one.subject.relation == "over" else RIDER) * height
