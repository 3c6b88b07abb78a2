"""Those who do something together: two who go hand in hand, builders around what they build."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from kineograph.engines.animatic.cast import Individual
from kineograph.engines.animatic.shot import Placement, named_rng
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec
from kineograph.engines.animatic.subjects.biped_row import model_of
from kineograph.engines.animatic.vocabulary.lexicon import lexicon

HANDS = 0.42  # metres between two who hold hands ÷ the mean of their heights
JOINED = ("idle", "walk", "run")  # what they do meanwhile; all else they leave
TALLEST_WORK = 2.2  # metres: a house is not gathered around
LOW = 0.55  # likewise: what is lower is knelt at
LEAST_WORK = 0.44  # likewise: so large at least it is built
ARMS_LENGTH = 0.24  # from its edge to who builds it, ÷ the builder's height
UPRIGHT = 1.5  # times that for who stands at it
AROUND = (-1.25, 1.25, -0.70, 0.70, 0.0)  # radians off the line away from the viewer, builder by builder
NARROW = 0.75  # of that in a frame taller than wide


def gathered(
    spec: SceneSpec, everybody: Sequence[Individual], placed: Sequence[Placement], aspect: float
) -> tuple[Placement, ...]:
    """The placements with those moved who do something together."""
    out = list(placed)
    for number, work in enumerate(everybody):
        if is_work(spec.subjects[work.number]):
            _around(spec, everybody, number, out, aspect)
    if spec.hands:
        _hand_in_hand(everybody, out)
    return tuple(out)


def is_work(subject: SubjectSpec) -> bool:
    """True for what people build who are about as large as it is."""
    return subject.relation == "made" and lexicon().kinds[subject.kind].height < TALLEST_WORK


def _around(spec: SceneSpec, everybody: Sequence[Individual], number: int, out: list[Placement], aspect: float) -> None:
    """Builders at both sides of it and behind, looking at it."""
    makers = [at for at, one in enumerate(everybody) if one.number == spec.subjects[everybody[number].number].to]
    tall = max((out[at].height for at in makers), default=0.0)
    if not makers:
        return
    work = replace(out[number], height=max(out[number].height, LEAST_WORK * tall))
    x = float(np.mean([out[at].x / out[at].z for at in (*makers, number)])) * out[makers[0]].z
    work = replace(work, x=x, z=out[makers[0]].z)
    out[number] = work
    half = 0.5 * work.height * everybody[number].width / everybody[number].height
    first = 1.0 if named_rng(work.seed, "makers").uniform() < 0.5 else -1.0
    for rank, at in enumerate(makers):
        angle = first * AROUND[rank % len(AROUND)] * (NARROW if aspect < 1 else 1.0)
        low = work.height < LOW * out[at].height
        away = half + (1.0 if low else UPRIGHT) * ARMS_LENGTH * out[at].height * (1 + rank // len(AROUND))
        act, pose = ("build", "") if low else ("idle", "mould")
        out[at] = replace(
            out[at],
            subject=replace(out[at].subject, action=act),
            x=work.x + away * math.sin(angle),
            z=work.z + away * math.cos(angle),
            heading=-angle,
            velocity=0.0,
            pose="+".join(filter(None, (out[at].pose, pose))),
        )


def _hand_in_hand(everybody: Sequence[Individual], out: list[Placement]) -> None:
    """People side by side, an arm's length apart, all going one way."""
    people = [
        at
        for at, one in enumerate(everybody)
        if one.subject.family == "biped" and model_of(one.subject.kind) is None and not out[at].bond
    ]
    if len(people) < 2:
        return
    people.sort(key=lambda at: out[at].x / out[at].z)
    lead = out[min(people)]
    action = lead.subject.action if lead.subject.action in JOINED else "idle"
    velocity = min(out[at].velocity for at in people) if action != "idle" else 0.0
    steps = [HANDS * (out[a].height + out[b].height) / 2 for a, b in pairwise(people)]
    along = np.cumsum([0.0, *steps]) - sum(steps) / 2
    middle = np.mean([(out[at].x, out[at].z) for at in people], 0)
    aside = np.array([math.cos(lead.heading), math.sin(lead.heading)])
    for rank, at in enumerate(people):
        x, z = middle + along[rank] * aside
        out[at] = replace(
            out[at],
            subject=replace(out[at].subject, action=action),
            x=float(x),
            z=float(z),
            heading=lead.heading,
            velocity=velocity,
            phase=lead.phase,
            carrier=people[rank - 1] if rank else None,
            bond="hand" if rank else "",
            pose="+".join(filter(None, (out[at].pose, "hand_in_hand"))),
        )
