"""How creatures go: gaits, strides and tempo from a row of proportions. Light to import: whoever places them asks here."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kineograph.engines.animatic.shot import named_rng
from kineograph.engines.animatic.spec import SubjectSpec
from kineograph.engines.animatic.subjects import biped_row, quadruped_row

MOVING = ("walk", "run", "hop")
# Of the natural tempo: slower walkers shorten their stride first, faster ones lengthen it by so much, then hurry.
SLOWEST, LONGEST = 0.85, 1.12


@dataclass(frozen=True, slots=True)
class Gait:
    """Touch-down phase of hL, fL, hR, fR; share of the cycle a foot stands; stance stride and lift ÷ leg length.

    Attributes:
        tempo: Cycles a second of an animal 0.6 m tall.
        bob, pitch: Rise of the trunk ÷ leg length, and its pitch in radians.
        bobs: Rises per cycle.
    """

    touch: tuple[float, float, float, float]
    duty: float
    stride: float
    lift: float
    tempo: float
    bob: float
    pitch: float
    bobs: int


# Lateral-sequence walk, rotary gallop of cats and dogs, transverse gallop of heavy animals, the rabbit's hop
# at leisure and fleeing.
GAITS = {
    "walk": Gait((0, 0.25, 0.5, 0.75), 0.64, 0.95, 0.17, 1.0, 0.020, 0.015, 2),
    "rotary": Gait((0, 0.54, 0.12, 0.42), 0.28, 1.2, 0.32, 2.1, 0.07, 0.10, 1),
    "gallop": Gait((0, 0.42, 0.12, 0.54), 0.28, 1.2, 0.32, 2.1, 0.07, 0.10, 1),
    "bound": Gait((0, 0.46, 0.03, 0.54), 0.32, 1.0, 0.36, 1.25, 0.15, 0.12, 1),
    "hop": Gait((0, 0.46, 0.03, 0.54), 0.28, 1.2, 0.40, 2.0, 0.17, 0.14, 1),
}
# People: share of the cycle a foot stands. A stride of the row is for walking.
DUTY = {"walk": 0.62, "run": 0.36}
RUN_STRIDE = 0.80  # ÷ leg; more could not be reached
RUN_TEMPO = 1.5  # ÷ walking tempo


@dataclass(frozen=True, slots=True)
class Pace:
    """What comes naturally: ground covered while a foot stands (row units), share it stands, cycles a second."""

    stride: float
    duty: float
    tempo: float

    @property
    def speed(self) -> float:
        """Row units a second."""
        return self.stride / self.duty * self.tempo


@dataclass(frozen=True, slots=True)
class Going:
    """What is done: cycles a second, metres a second, and the stride ÷ the natural one."""

    tempo: float
    travel: float = 0.0
    reach: float = 1.0


def gait_of(row: quadruped_row.Row, action: str) -> Gait:
    """The gait of a moving animal."""
    return GAITS[{"walk": "walk", "hop": "bound"}.get(action, row.run)]


def animal_pace(row: quadruped_row.Row, action: str, height: float) -> Pace:
    """Short legs step faster (pendulum law); height in metres."""
    gait = gait_of(row, action)
    stride = gait.stride * row.leg * (row.stride if action == "walk" else 1.0)
    return Pace(stride, gait.duty, gait.tempo * min(max(math.sqrt(0.6 / height), 0.6), 1.7))


def person_pace(row: biped_row.Row, action: str) -> Pace:
    """Two steps a cycle."""
    run = action == "run"
    stride = row.leg * (RUN_STRIDE if run else row.stride)
    return Pace(stride, DUTY["run" if run else "walk"], row.tempo * (RUN_TEMPO if run else 1.0))


def going(pace: Pace, velocity: float, scale: float) -> Going:
    """At `velocity` metres a second over the ground, so that feet stand still; on the spot where it is 0.

    Args:
        scale: Metres per row unit.
    """
    if velocity <= 0:
        return Going(pace.tempo)
    ratio = velocity / (pace.speed * scale)
    tempo = pace.tempo * max(min(ratio, 1.0), SLOWEST, ratio / LONGEST)
    return Going(tempo, velocity, ratio * pace.tempo / tempo)


def natural_speed(subject: SubjectSpec, height: float) -> float:
    """Metres a second at which a creature of this height walks or runs without hurrying; 0 when it stays."""
    if subject.action not in MOVING:
        return 0.0
    if subject.family == "biped":
        person, _ = biped_row.row_of(subject, named_rng(0, "look"))
        return person_pace(person, subject.action).speed * height
    animal, _ = quadruped_row.row_of(subject, named_rng(0, "coat"))
    return animal_pace(animal, subject.action, height).speed * height / top_of(animal)


def top_of(row: quadruped_row.Row) -> float:
    """Height of the ears' tips or of the skull, row units."""
    neck = row.leg + row.chest * 0.55 + row.neck * math.sin(math.radians(row.neck_angle))
    ears = 0.98 * row.ear_size if row.ear in ("point", "long") else 0.3 * row.head
    return neck + row.head * (0.38 + 0.62 * row.skull[1]) + ears
