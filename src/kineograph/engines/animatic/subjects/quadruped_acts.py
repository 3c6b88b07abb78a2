"""What four-legged animals do: each action fills a stance from time alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from kineograph.engines.animatic.subjects.motion import TAU, blink, pulse, ramp, smooth, wander
from kineograph.engines.animatic.subjects.pace import Gait, animal_pace, gait_of
from kineograph.engines.animatic.subjects.quadruped_rig import LEGS, Foot, Stance
from kineograph.engines.animatic.subjects.quadruped_row import Row


@dataclass(frozen=True, slots=True)
class Poise:
    """How this body sits and lies.

    Attributes:
        pitch, seat: Pitch of the seated trunk, and how far the pelvis is lifted above the row's guess.
        neck, bed: Pitch of the neck that lays the chin down, and the lift of the lying trunk.
        graze: Pitch of the neck that brings the lips of the standing animal to the ground.
    """

    pitch: float = -0.8
    seat: float = 0.0
    neck: float = 0.5
    bed: float = 0.0
    graze: float = 1.12


@dataclass(frozen=True, slots=True)
class Moment:
    """Who acts, and when.

    Attributes:
        t: Seconds.
        phase: 0…1 of the individual.
        step: Cycles of the gait done so far.
        reach: Stride ÷ the natural one.
        poise: How it sits and lies.
    """

    row: Row
    t: float
    phase: float
    step: float = 0.0
    reach: float = 1.0
    poise: Poise = field(default_factory=lambda: Poise())

    @property
    def own(self) -> float:
        """Time shifted by the individual's phase, for all that is not the gait."""
        return self.t + 7.3 * self.phase


def _alive(m: Moment, stance: Stance, looks: float = 1.0) -> None:
    """Breath, blinks, ears and a gaze that rests and moves on."""
    t = m.own
    stance.chest += 0.012 * math.sin(2.2 * t)
    stance.lid = max(stance.lid, blink(t, m.phase))
    look = wander(t, m.phase, 2.3) * looks
    stance.look += 0.55 * look
    stance.gaze = (0.16 * look + 0.04 * math.sin(0.7 * t), 0.05 * wander(t, m.phase + 0.3, 1.7) * looks)
    nod, yaw, roll = stance.head
    stance.head = (nod + 0.03 * math.sin(1.1 * t), yaw, roll + 0.07 * wander(t, m.phase + 0.6, 3.1) * looks)
    stance.flick = (twitch(t, 0.0), twitch(t, 1.37))


def twitch(t: float, offset: float) -> float:
    """An ear that flicks twice, every 2.7 s."""
    u = (t + offset) % 2.74
    return 0.30 * math.sin(math.pi * min(u / 0.34, 1.0)) * abs(math.sin(TAU * u / 0.34)) if u < 0.34 else 0.0


def idle(m: Moment) -> Stance:
    """Stands, breathes, shifts its weight, looks about."""
    t, s = m.own, Stance()
    s.tail_phase, s.tail_wave = 1.9 * t, 0.16
    shift = math.sin(0.62 * t)
    s.root = np.array([0.010 * shift, 0.004 * math.sin(2.2 * t) - 0.012 * m.row.leg, 0.008 * math.sin(0.9 * t)])
    for name in LEGS:
        s.feet[name].aside = -0.010 * shift * (1 if name[1] == "L" else -1)
    _alive(m, s)
    return s


def _gait_foot(m: Moment, gait: Gait, stride: float, name: str, run: bool) -> Foot:
    """Stance straight back at ground speed, then an arc forward; running, the arc reaches out beyond the stride."""
    row, fore = m.row, name[0] == "f"
    u = (m.step - gait.touch[LEGS.index(name)]) % 1.0
    if u < gait.duty:
        w = u / gait.duty
        ahead, lift, toe = stride * (0.5 - w), 0.0, max(0.0, w - 0.75) * 1.6
    else:
        w = (u - gait.duty) / (1 - gait.duty)
        extra = 0.5 * math.sin(math.pi * w) ** 2 if run else 0.0
        ahead = stride * (smooth(w) - 0.5) * (1 + extra)
        lift = math.sin(math.pi * w**0.85) * (1.15 if fore else 1.0)
        toe = max(0.0, 1 - w * 1.6) * 0.4
    foot = Foot(ahead=ahead, up=lift * gait.lift * row.leg + toe * row.paw * 0.4)
    if not fore:
        foot.ahead += 0.03 * row.leg
    foot.shank = 0.30 * ahead / row.leg - (1.05 if fore else 0.55) * lift
    foot.toe = toe * 0.8 + lift * 0.35
    return foot


def _going(m: Moment, action: str) -> Stance:
    row, run = m.row, action != "walk"
    gait, s = gait_of(row, action), Stance()
    turn = TAU * m.step
    stride = animal_pace(row, action, 1.0).stride * m.reach
    s.root[1] = gait.bob * row.leg * math.sin(gait.bobs * turn + 0.6) - 0.03 * row.leg * (2 if run else 1)
    if run:
        s.pitch = gait.pitch * math.sin(turn - 0.5)
        flex = 0.20 * math.sin(turn + 1.0)
        s.spine, s.chest = flex, 0.9 * flex
    else:
        s.bend = 0.07 * math.sin(turn)
        s.root[0] = 0.012 * math.sin(turn)
        s.pitch = gait.pitch * math.sin(2 * turn)
    for name in LEGS:
        s.feet[name] = _gait_foot(m, gait, stride, name, run)
    nod = 0.05 * math.sin(gait.bobs * turn)
    s.neck, s.head = nod + (0.16 if run else 0.0), (-0.5 * nod - (0.06 if run else 0.0), 0, 0)
    s.tail_phase, s.tail_wave = turn * 0.5, 0.14
    s.tail_curl = 0.10 if run else 0.02
    s.ears = (0.5, 0.5) if run and row.ear in ("point", "long") else (0.0, 0.0)
    if row.ear == "flop":
        flap = (0.30 if run else 0.07) * math.sin(gait.bobs * turn + 1.2)
        s.ears = (flap + 0.25 * run, flap + 0.25 * run)
    _alive(m, s, looks=0.25 if run else 0.55)
    return s


def walk(m: Moment) -> Stance:
    """Lateral-sequence walk."""
    return _going(m, "walk")


def hop(m: Moment) -> Stance:
    """The rabbit's way, whoever does it."""
    return _going(m, "hop")


def run(m: Moment) -> Stance:
    """The kind's gallop."""
    return _going(m, "run")


def seat(m: Moment) -> Stance:
    """Haunches on the ground, forelegs straight, tail laid round."""
    row, s = m.row, Stance()
    s.pitch = m.poise.pitch
    s.spine, s.chest = 0.06, 0.12
    s.root = np.array([0, row.hip * 0.80 - row.leg + m.poise.seat, 0.02])
    s.neck = -0.26
    for name in LEGS:
        if name[0] == "h":
            s.feet[name] = Foot(ahead=0.30 * row.leg / 0.42, splay=0.34, lie=1.36, lying=1.0, aside=0.03)
        else:
            s.feet[name] = Foot(ahead=-_forward_of_rest(row), aside=-0.012)
    s.tail_root, s.tail_wave, s.tail_phase = 0.62, 0.10, 1.6 * m.own
    s.tail_side, s.tail_curl = (0.36 if m.phase < 0.5 else -0.36), -0.02
    return s


def _forward_of_rest(row: Row) -> float:
    """How far the forefeet of a seated animal stand behind their place when it is up."""
    return 0.30 * row.body


def sit(m: Moment) -> Stance:
    """Sits and looks about."""
    s = seat(m)
    _alive(m, s)
    return s


def _dab(u: float, start: float) -> float:
    """A paw that goes up quickly, hangs, dabs, and comes down: 0…1."""
    return pulse(u, start, 0.26, 0.30, 0.30)


PLAY = 4.0  # seconds of one round of play


def play(m: Moment) -> Stance:
    """As the kind plays: cats bat, dogs bow."""
    return bow(m) if m.row.plays == "bow" else bat(m)


BOW = 3.4  # seconds from one bow to the next


def bow(m: Moment) -> Stance:
    """Chest down, rump up, wagging; then a hop, and down again."""
    row, t, s = m.row, m.own, idle(m)
    u = t % BOW
    down = pulse(u, 0.15, 0.32, 1.35, 0.35)
    hop = pulse(u, 2.35, 0.16, 0.02, 0.20)
    swing = math.sin(TAU * t / BOW)
    s.root = np.array([0.02 * swing * down, row.leg * (0.24 * hop - 0.05 * down - 0.02), -0.06 * row.leg * down])
    s.pitch, s.spine, s.chest = 0.40 * down - 0.10 * hop, 0.05 * down, s.chest + 0.05 * down
    s.bend = 0.16 * swing * down
    for name in LEGS:
        fore = name[0] == "f"
        s.feet[name] = Foot(ahead=0.36 * row.leg * down if fore else -0.05 * row.leg * down, up=0.22 * row.leg * hop)
        if fore:
            s.feet[name].lie, s.feet[name].lying = 1.30, 0.8 * down
            s.feet[name].aside = 0.03 * down
        s.feet[name].shank -= 0.3 * hop
    s.neck = -0.30 * down - 0.10 * hop
    s.look = 0.35 * swing
    s.head = (-0.06 * down, 0.1 * swing, 0.22 * swing * down)
    s.tail_root, s.tail_curl = 0.30 * down, 0.05
    s.tail_wave, s.tail_phase = 0.16 + 0.16 * down, TAU * 9 * t / BOW
    flap = 0.25 * hop + 0.05 * math.sin(TAU * 2 * t / BOW)
    s.ears = (flap, flap) if row.ear == "flop" else (0.1 * down, 0.1 * down)
    return s


def bat(m: Moment) -> Stance:
    """Sits and bats at something that drifts before its nose, first with one paw, then with the other."""
    row, t = m.row, m.own
    u = t % PLAY
    s = seat(m)
    right = max(_dab(u, 0.15), _dab(u, 0.90), _dab(u, 3.05))
    left = max(_dab(u, 1.60), _dab(u, 2.30))
    # What it plays with: a slow figure of eight up and ahead, high when a paw goes for it.
    aside = 0.65 * math.sin(TAU * u / PLAY + 0.5)
    high = 0.35 + 0.30 * math.sin(TAU * 2 * u / PLAY - 0.4)
    for name, side, up in (("fR", -1, right), ("fL", 1, left)):
        if up > 0.001:
            _lift(s.feet[name], row, side, up, u)
    hop = pulse(u, 3.25, 0.12, 0.02, 0.16)
    s.root = s.root + np.array([0.03 * (left - right) * row.body, 0.05 * row.leg * hop, 0.0])
    s.bend = 0.10 * (left - right)
    s.chest -= 0.10 * max(left, right)
    s.pitch -= 0.05 * max(left, right)
    s.look = 0.55 * aside
    s.head = (-0.10 - 0.30 * high, 0.10 * aside, 0.20 * math.sin(TAU * u / PLAY + 1.1))
    s.gaze = (0.26 * aside, 0.14 + 0.10 * high)
    s.lid = blink(t, m.phase) * (1 - max(left, right))
    s.flick = (twitch(t, 0.4), twitch(t, 1.7))
    s.chest += 0.012 * math.sin(2.2 * t)
    s.tail_wave, s.tail_phase = 0.22, TAU * 4 * t / PLAY
    return s


def _lift(foot: Foot, row: Row, side: int, up: float, u: float) -> None:
    """Raise a standing forefoot before the chest, dabbing."""
    dab = 0.06 * math.sin(TAU * 2.6 * u) * up
    foot.over, foot.raised = (0.50 * row.leg + dab, (0.20 + dab) * row.leg), up
    foot.lie, foot.lying = 2.15 + 2.5 * dab, up
    foot.aside += (0.05 * side * math.sin(TAU * 1.3 * u) + 0.05) * up
    foot.toe = 0.55 * up - 3.0 * dab


GRAZING = 0.95  # pitch of a grazing face
JUMP = 1.9  # seconds from one leap to the next


def jump(m: Moment) -> Stance:
    """Crouches, leaps, lands softly, gathers itself."""
    row, s = m.row, Stance()
    u = (m.own % JUMP) / JUMP
    crouch = pulse(u, 0.04, 0.20, 0.06, 0.07)
    air = min(max((u - 0.34) / 0.30, 0.0), 1.0)
    high = 4 * air * (1 - air)
    land = pulse(u, 0.62, 0.06, 0.02, 0.26)
    s.root = np.array([0, row.leg * (0.95 * high - 0.30 * crouch - 0.22 * land - 0.02), -0.05 * crouch])
    s.pitch = 0.06 * crouch - 0.38 * pulse(u, 0.30, 0.06, 0.06, 0.12) + 0.26 * pulse(u, 0.48, 0.10, 0.02, 0.14)
    s.spine = 0.16 * crouch - 0.10 * high + 0.08 * land
    s.chest = s.spine * 0.8
    for name in LEGS:
        fore = name[0] == "f"
        off = ramp(u, 0.30 if fore else 0.335, 0.42) * (1 - ramp(u, 0.54, 0.625 if fore else 0.645))
        s.feet[name] = Foot(
            ahead=off * row.leg * (0.34 if fore else -0.22) * math.cos(math.pi * air),
            up=off * row.leg * (0.95 * high + 0.05 + 0.10 * math.sin(math.pi * air)),
            shank=-0.5 * off * (1.0 if fore else 0.8),
            toe=0.6 * off,
        )
    s.neck = 0.10 * crouch - 0.15 * high
    s.head = (-0.15 * crouch, 0, 0)
    s.tail_root, s.tail_wave, s.tail_phase = 0.3 * high - 0.2 * crouch, 0.12, 2 * m.own
    s.ears = (0.5 * high, 0.5 * high)
    _alive(m, s, looks=0.2)
    return s


def grazing(m: Moment) -> Stance:
    """Stands with its lips at the ground, face down."""
    s = Stance()
    s.pitch, s.neck, s.head = 0.05, m.poise.graze, (GRAZING, 0.0, 0.0)
    return s


def lying(m: Moment) -> Stance:
    """On its belly."""
    row, s = m.row, Stance()
    breath = math.sin(1.5 * m.own)
    s.root = np.array([0, row.hip * 0.84 - row.leg + m.poise.bed + 0.004 * breath, 0])
    s.spine, s.chest = 0.04, 0.04 + 0.010 * breath
    s.neck = m.poise.neck
    return s


def sleep(m: Moment) -> Stance:
    """Lies on its belly, paws tucked, chin down, and breathes slowly."""
    row, t, s = m.row, m.own, lying(m)
    breath = math.sin(1.5 * t)
    side = 1 if m.phase < 0.5 else -1
    s.look, s.head = 0.30 * side, (-0.28 + 0.012 * breath, 0.10 * side, 0.20 * side)
    for name in LEGS:
        if name[0] == "h":
            s.feet[name] = Foot(ahead=0.42 * row.leg, splay=0.30, lie=1.42, lying=1.0, aside=0.05)
        else:
            s.feet[name] = Foot(ahead=0.95 * row.leg, lie=1.45, lying=1.0, aside=-0.02)
    s.lid = 1.0
    s.tail_root, s.tail_curl, s.tail_side, s.tail_wave = -0.55, -0.04, 0.52 * side, 0.0
    s.flick = (twitch(t, 0.9) * 0.6, 0.0)
    return s


def doze(m: Moment) -> Stance:
    """Sleeps on its feet, head low, as horses do."""
    s = idle(m)
    s.neck += 0.35
    s.look, s.gaze = 0.0, (0.0, 0.0)
    s.head = (0.10 + 0.02 * math.sin(1.2 * m.own), 0.0, 0.0)
    s.lid = 1.0
    return s
