"""What people do: each action fills a stance from time alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.subjects.biped_rig import Arm, Foot, Stance
from kineograph.engines.animatic.subjects.biped_row import Row
from kineograph.engines.animatic.subjects.motion import TAU, blink, pulse, ramp, smooth, spring, wander
from kineograph.engines.animatic.subjects.pace import DUTY, person_pace

F64 = NDArray[np.float64]
Way = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Moment:
    """Who acts, and when; `step` counts the gait's cycles so far, `reach` is the stride ÷ the natural one."""

    row: Row
    t: float
    phase: float
    step: float = 0.0
    reach: float = 1.0

    @property
    def own(self) -> float:
        """Time shifted by the individual's phase, for all that is not the gait."""
        return self.t + 7.3 * self.phase


def mix(a: Way, b: Way, u: float) -> Way:
    """a at u = 0, b at u = 1."""
    x, y, z = (p + (q - p) * u for p, q in zip(a, b, strict=True))
    return (x, y, z)


HANG = Arm()
OUT = Arm((0.94, 0.10, 0.06), (0.93, 0.34, 0.12), roll=-0.5, bend=-0.15, curl=0.10)


def blended(a: Arm, b: Arm, u: float) -> Arm:
    """a at u = 0, b at u = 1."""
    return Arm(
        mix(a.upper, b.upper, u),
        mix(a.fore, b.fore, u),
        a.roll + (b.roll - a.roll) * u,
        a.bend + (b.bend - a.bend) * u,
        a.curl + (b.curl - a.curl) * u,
    )


def _alive(m: Moment, s: Stance, looks: float = 1.0) -> None:
    """Breath, blinks, a gaze that rests and moves on, a skirt that is never quite still."""
    t = m.own
    s.breath += 0.014 * math.sin(1.9 * t)
    s.lid = max(s.lid, blink(t, m.phase))
    look = wander(t, m.phase, 2.6) * looks
    nod, yaw, roll = s.head
    s.head = (nod + 0.03 * math.sin(1.3 * t) * looks, yaw + 0.30 * look, roll + 0.06 * math.sin(1.1 * t) * looks)
    s.gaze = (0.13 * look + 0.03 * math.sin(0.6 * t), 0.05 * wander(t, m.phase + 0.4, 1.9) * looks)
    s.drape.wave += 1.5 * t


def idle(m: Moment) -> Stance:
    """Stands with the weight on one leg, then on the other."""
    t, s = m.own, Stance()
    shift = math.sin(0.75 * t)
    s.root = np.array([0.012 * shift, -0.004 - 0.003 * abs(shift), 0.0])
    s.tilt, s.sway = 0.035 * shift, -0.02 * shift
    b = 0.02 * math.sin(1.9 * t)
    for n, side in (("L", 1), ("R", -1)):
        s.arms[n] = Arm((0.20 + b, -0.97, -0.02 - 0.02 * shift * side), (0.10, -0.96, 0.24 + b), curl=0.3)
        s.feet[n] = Foot(aside=0.006, yaw=0.16)
    s.hair = (0.02 * math.sin(1.6 * t), 0.03 * math.sin(1.1 * t))
    _alive(m, s)
    return s


def _walking_foot(u: float, stride: float) -> Foot:
    """Heel strike, flat, heel rises over the ball, swing with a bent knee."""
    duty, foot = DUTY["walk"], Foot(yaw=0.10)
    if u < duty:
        w = u / duty
        foot.ahead = stride * (0.5 - w)
        heel = ramp(w, 0.58, 1.0)
        foot.pitch = 0.75 * heel - 0.30 * (1 - ramp(w, 0.0, 0.16))
        # The ankle turns about the ball of the foot, which stays where it is.
        foot.up, foot.ahead = 0.050 * heel, foot.ahead + 0.038 * heel
        foot.toes = 0.60 * heel
    else:
        w = (u - duty) / (1 - duty)
        foot.ahead = stride * (smooth(w) - 0.5) + 0.038 * (1 - smooth(w))
        foot.up = 0.050 * (1 - ramp(w, 0, 0.5)) + 0.055 * math.sin(math.pi * w) * (1 - 0.4 * w)
        foot.pitch = 0.75 * (1 - ramp(w, 0.05, 0.55)) - 0.30 * ramp(w, 0.5, 1.0)
        foot.toes = 0.60 * (1 - ramp(w, 0.0, 0.4))
    return foot


def _vault(row: Row, left: Foot, right: Foot) -> float:
    """How far the hips sink so that no leg is stretched beyond nearly straight: they ride over the standing leg."""
    whole = 0.895 * row.leg
    heights = [foot.up + math.sqrt(max((0.988 * whole) ** 2 - foot.ahead**2, 0.0)) for foot in (left, right)]
    return _lower(*heights) - whole


def _lower(a: float, b: float) -> float:
    """The lesser of two, without a corner where they change over."""
    return min(a, b) - max(0.016 - abs(a - b), 0.0) ** 2 / 0.016 / 4


def walk(m: Moment) -> Stance:
    """Upright: the hips ride over a leg that is nearly straight."""
    row, s, turn = m.row, Stance(), TAU * m.step
    stride = person_pace(row, "walk").stride * m.reach
    for n, offset in (("L", 0.0), ("R", 0.5)):
        s.feet[n] = _walking_foot((m.step + offset) % 1.0, stride)
        s.feet[n].aside = -0.35 * row.hips
    s.root = np.array([0.011 * math.sin(turn - 0.75), _vault(row, s.feet["L"], s.feet["R"]), 0.0])
    s.tilt = 0.045 * math.sin(turn - 0.55)
    s.twist = -0.16 * math.cos(turn)
    s.lean = 0.05
    for n, offset in (("L", 0.5), ("R", 0.0)):
        s.arms[n] = _swinging(turn + TAU * offset, 0.40, 0.12)
    s.hair = (0.05 + 0.05 * math.sin(2 * turn - 1.0), 0.05 * math.sin(turn - 1.2))
    s.head = (0.01 * math.sin(2 * turn), 0.02 * math.sin(turn), 0)
    s.drape.swing = (math.pi + 0.5 * math.sin(turn), 0.10)
    s.drape.flare, s.drape.wave = 0.03, turn
    _alive(m, s, looks=0.5)
    return s


def _swinging(turn: float, wide: float, bent: float) -> Arm:
    """An arm that swings like a pendulum, the forearm a little later."""
    a = wide * math.cos(turn) + 0.03
    b = a + bent + 0.5 * wide * (0.5 + 0.5 * math.cos(turn - 0.5))
    return Arm((0.17, -math.cos(a), math.sin(a)), (0.06, -math.cos(b), math.sin(b)), curl=0.35)


def run(m: Moment) -> Stance:
    """A light run: both feet leave the ground."""
    row, s, turn = m.row, Stance(), TAU * m.step
    stride, duty = person_pace(row, "run").stride * m.reach, DUTY["run"]
    for n, offset in (("L", 0.0), ("R", 0.5)):
        u, foot = (m.step + offset) % 1.0, Foot(yaw=0.04, aside=-0.5 * row.hips)
        if u < duty:
            w = u / duty
            foot.ahead = stride * (0.5 - w)
            heel = ramp(w, 0.45, 1.0)
            foot.pitch, foot.toes = 0.95 * heel, 0.6 * heel
            foot.up, foot.ahead = 0.057 * heel, foot.ahead + 0.052 * heel
        else:
            w = (u - duty) / (1 - duty)
            foot.ahead = stride * (smooth(w) - 0.5) * (1 + 0.25 * math.sin(math.pi * w) ** 2)
            foot.ahead += 0.052 * (1 - smooth(w))
            foot.up = (
                0.057 * (1 - ramp(w, 0, 0.3)) + row.leg * 0.42 * math.sin(math.pi * (w + 0.3 * w * (1 - w))) ** 1.4
            )
            foot.pitch = 0.95 * (1 - ramp(w, 0.15, 0.7)) + 0.35 * math.sin(math.pi * w)
        foot.ahead -= 0.05 * row.leg
        s.feet[n] = foot
    bounce = -0.030 * row.leg / 0.45 - 0.030 * math.cos(2 * turn - 0.9)
    s.root = np.array([0, _lower(bounce, _vault(row, s.feet["L"], s.feet["R"])), 0.0])
    s.lean, s.twist, s.tilt = 0.20, -0.24 * math.cos(turn), 0.05 * math.sin(turn - 0.5)
    for n, offset in (("L", 0.5), ("R", 0.0)):
        a = 0.85 * math.cos(turn + TAU * offset) - 0.12
        b = a + 1.45
        s.arms[n] = Arm((0.22, -math.cos(a), math.sin(a)), (-0.10, -math.cos(b), math.sin(b)), curl=0.9)
    s.hair = (0.35 + 0.13 * math.sin(2 * turn - 1.3), 0.07 * math.sin(turn - 1.2))
    s.flying = 0.22
    s.head = (-0.04 + 0.03 * math.sin(2 * turn), 0, 0)
    s.drape.swing, s.drape.flare, s.drape.wave = (math.pi, 0.30), 0.10, 2 * turn
    _alive(m, s, looks=0.2)
    return s


SPIN = 5.2  # seconds of one round: gather speed, turn, settle
TURNS = 3
_FOOT_STEP = TAU / 6  # the body turns this far on one planted foot


def _spun(t: F64) -> F64:
    """Radians turned at t: three turns a round, slow at both ends; vectorised."""
    rounds = np.floor(t / SPIN)
    u = t / SPIN - rounds
    rise, fall, least = 0.20, 0.34, 0.06
    # Speed: eased up over `rise`, level, eased down over `fall`, never quite zero; integrated in closed form.
    area = 1 - (rise + fall) / 2
    up = np.clip(u / rise, 0, 1)
    down = np.clip((u - 1 + fall) / fall, 0, 1)
    eased = rise * (up**3 - up**4 / 2) + np.clip(u - rise, 0, 1 - rise - fall) + fall * (down - down**3 + down**4 / 2)
    return np.asarray(TAU * TURNS * (rounds + (1 - least) * eased / area + least * u))


def spin_speed(t: F64) -> F64:
    """Radians a second at t; vectorised."""
    h = 1 / 240
    return np.asarray((_spun(t + h) - _spun(t - h)) / (2 * h))


def _stepping(yaw: float, offset: float) -> tuple[float, float]:
    """A foot while the body turns: how far it is behind the body, and how high it is lifted (0…1)."""
    u = yaw / _FOOT_STEP + offset
    u -= math.floor(u)
    swing = ramp(u, 0.60, 1.0)
    return _FOOT_STEP * (swing - u + 0.30), math.sin(math.pi * min(max((u - 0.60) / 0.40, 0.0), 1.0))


def spin(m: Moment) -> Stance:
    """Turns on the spot on quick small steps, arms out, hair and skirt thrown out, and settles."""
    t, s = m.own + 0.45, Stance()
    now = np.array([t])
    s.yaw = float(_spun(now)[0])
    speed = float(spin_speed(now)[0])
    fast = min(speed / 5.0, 1.0)
    thrown = spring(lambda q: np.minimum(spin_speed(q) / 5.0, 1.2) ** 2, t, 1.1, 0.40)
    late = spring(spin_speed, t, 1.4, 0.45)
    for n, offset in (("L", 0.15), ("R", 0.65)):
        behind, lift = _stepping(s.yaw, offset)
        up = 0.025 * fast + 0.050 * lift * (0.35 + 0.65 * fast)
        s.feet[n] = Foot(up=up, around=behind, pitch=0.30 * fast + 0.35 * lift, toes=0.30 * fast, aside=0.004, yaw=0.10)
    s.root = np.array([0.0, -0.008 + 0.020 * fast + 0.006 * math.sin(2 * s.yaw), 0.0])
    raise_ = smooth(0.15 + 0.85 * spring(lambda q: np.minimum(spin_speed(q) / 4.0, 1.0), t, 0.9, 0.6))
    wave = 0.14 * math.sin(0.8 * t)
    left = Arm((0.93, 0.16 + wave, 0.10), (0.82, 0.55 + wave, 0.14), roll=-0.6, bend=-0.20, curl=0.08)
    right = Arm((0.94, 0.02 - wave, 0.08), (0.93, 0.20 - wave, 0.16), roll=-0.4, bend=-0.20, curl=0.08)
    s.arms = {"L": blended(HANG, left, raise_), "R": blended(HANG, right, raise_)}
    s.sway = 0.07 * fast * math.sin(s.yaw * 0.5 + 0.6)
    s.lean = -0.05 * fast
    s.twist = 0.05 * (speed - late) / 4
    s.head = (-0.14 * fast, 0.10 * fast, 0.10 * fast)
    s.flying = 0.75 * thrown
    s.hair = (0.04 * math.sin(2.2 * t), -0.06 * (speed - late))
    s.drape.flare = 0.80 * thrown
    s.drape.twist = 0.055 * late + 0.10 * (speed - late) / 4
    s.drape.wave = 1.0 * s.yaw
    _alive(m, s, looks=0.15)
    return s


DANCE = 3.2  # seconds: four beats


def dance(m: Moment) -> Stance:
    """Steps from side to side, hips and arms in answer."""
    t, s = m.own, Stance()
    beat = TAU * t / DANCE
    side = math.sin(beat)
    s.root = np.array([0.055 * side, -0.020 + 0.014 * math.cos(4 * beat), 0.012 * math.sin(2 * beat)])
    s.tilt, s.sway = 0.10 * side, -0.16 * side
    s.twist, s.yaw = 0.22 * math.sin(beat + 0.5), 0.30 * math.sin(beat - 0.4)
    for n, sign in (("L", 1), ("R", -1)):
        off = max(0.0, -sign * side)
        s.feet[n] = Foot(
            aside=0.030 - sign * 0.0 + 0.012 * off, up=0.045 * off**2, pitch=0.55 * off, toes=0.3 * off, yaw=0.22
        )
        high = 0.5 + 0.5 * math.sin(beat * 2 + sign * 0.9)
        low_arm = Arm((0.62, -0.70, 0.22), (0.35, -0.25, 0.85), bend=-0.2, curl=0.3)
        top_arm = Arm((0.70, 0.62, 0.22), (0.12, 0.95, 0.24), roll=-0.3, bend=0.2, curl=0.15)
        s.arms[n] = blended(low_arm, top_arm, smooth(high))
    s.head = (0.03 * math.cos(2 * beat), 0.16 * side, -0.12 * side)
    s.hair = (0.05 + 0.05 * math.cos(2 * beat - 0.8), -0.16 * math.sin(beat - 0.7))
    s.flying = 0.12
    s.drape.flare = 0.16 + 0.08 * math.cos(2 * beat - 0.6)
    s.drape.swing, s.drape.twist, s.drape.wave = (math.pi / 2, -0.16 * side), 0.30 * math.cos(beat), 2 * beat
    _alive(m, s, looks=0.3)
    return s


def wave(m: Moment) -> Stance:
    """One hand up and waving, the weight on one hip."""
    s, t = idle(m), m.own
    up = 0.5 + 0.5 * math.cos(TAU * t / 4.8)
    up = 0.80 + 0.20 * smooth(up)
    hand = math.sin(TAU * 1.25 * t)
    s.arms["R"] = blended(
        HANG,
        Arm((0.80, 0.34, 0.26), (0.34 + 0.34 * hand, 0.92, 0.22), roll=1.35, bend=-0.10 + 0.18 * hand, curl=0.02),
        up,
    )
    s.head = (s.head[0] - 0.03, s.head[1] * 0.4, s.head[2] + 0.09)
    s.sway += 0.05
    return s


JUMP = 1.7


def jump(m: Moment) -> Stance:
    """Bends, leaps with arms thrown up, lands softly."""
    row, s, u = m.row, Stance(), (m.own % JUMP) / JUMP
    crouch = pulse(u, 0.02, 0.22, 0.04, 0.10)
    air = min(max((u - 0.34) / 0.32, 0.0), 1.0)
    high = 4 * air * (1 - air)
    land = pulse(u, 0.64, 0.07, 0.02, 0.25)
    s.root = np.array([0, row.leg * (0.45 * high - 0.30 * crouch - 0.22 * land) - 0.004, -0.03 * (crouch + land)])
    s.lean = 0.42 * crouch + 0.25 * land - 0.08 * high
    off = ramp(u, 0.32, 0.44) * (1 - ramp(u, 0.56, 0.66))
    for n in "LR":
        tucked = 0.10 if n == "L" else 0.26
        s.feet[n] = Foot(
            ahead=-0.10 * off * row.leg,
            up=row.leg * (0.45 * high * off + tucked * math.sin(math.pi * air) * off),
            pitch=0.5 * off,
            aside=0.012,
        )
    reach = ramp(u, 0.32, 0.50) * (1 - ramp(u, 0.60, 0.90))
    back = Arm((0.25, -0.85, -0.50), (0.15, -0.90, -0.20), curl=0.4)
    ahead = Arm((0.45, -0.15, 0.85), (0.30, 0.25, 0.90), curl=0.2)
    up = Arm((0.55, 0.82, 0.16), (0.38, 0.92, 0.10), roll=-0.2, curl=0.05)
    for n in "LR":
        # By way of the front: straight from behind to above, the arm would flick through the shoulder.
        s.arms[n] = blended(blended(blended(HANG, back, crouch), ahead, ramp(u, 0.24, 0.36)), up, reach)
        if u > 0.6:
            s.arms[n] = blended(up, HANG, ramp(u, 0.60, 0.90))
    s.head = (-0.20 * reach + 0.05 * crouch, 0, 0)
    rising = math.cos(math.pi * air) if 0 < air < 1 else 0.0
    s.hair, s.flying = (-0.20 * rising * off, 0.0), 0.35 * off * (1 - rising) + 0.1 * land
    s.drape.flare = 0.05 + 0.22 * off * (1 - rising) + 0.18 * land
    _alive(m, s, looks=0.15)
    return s


def sit(m: Moment) -> Stance:
    """Sits on the ground, knees up, hands resting."""
    row, t, s = m.row, m.own, Stance()
    seat = row.leg_radii[0] * 1.18
    s.root = np.array([0.006 * math.sin(0.7 * t), seat - row.leg, 0.0])
    s.lean = -0.10
    for n, more in (("L", 0.0), ("R", 0.06)):
        s.feet[n] = Foot(ahead=row.leg * (0.78 + more), aside=0.016, yaw=0.18, knee=0.12, pitch=-0.10)
        s.arms[n] = Arm((0.20, -0.80, 0.50 + more), (-0.14, -0.16 - more, 0.95), curl=0.45)
    s.hair = (0.02 * math.sin(1.6 * t), 0.02 * math.sin(1.1 * t))
    s.drape.flare = 0.10
    _alive(m, s)
    return s


def build(m: Moment) -> Stance:
    """On both knees, bent over what is on the ground, both hands at it in turn; now and then a look at the whole."""
    row, t, s = m.row, m.own, Stance()
    thigh, shin = 0.47 * row.leg, 0.43 * row.leg
    look = pulse((t / 5.2) % 1.0, 0.62, 0.08, 0.12, 0.08)
    pat = TAU * 0.85 * t
    s.root = np.array([0.010 * math.sin(0.5 * pat), thigh + row.leg_radii[1] - row.leg, -0.04 * row.leg])
    s.lean = 0.62 - 0.34 * look + 0.04 * math.sin(pat)
    s.twist = 0.10 * math.sin(0.5 * pat) * (1 - look)
    for n, side in (("L", 1), ("R", -1)):
        s.feet[n] = Foot(ahead=-shin, up=0.05, aside=0.02, pitch=1.15, yaw=0.05, toes=0.7, knee=0.10)
        down = 0.5 + 0.5 * math.sin(pat + side * 0.5 * math.pi)
        low = Arm((0.26, -0.62, 0.74), (-0.30, -0.44, 0.84), curl=0.35)
        high = Arm((0.30, -0.40, 0.87), (-0.26, -0.08, 0.96), curl=0.25)
        rest = Arm((0.20, -0.84, 0.50), (-0.12, -0.40, 0.90), curl=0.4)
        s.arms[n] = blended(blended(high, low, smooth(down)), rest, look)
    s.head = (0.30 - 0.28 * look, 0.06 * math.sin(0.5 * pat), 0.0)
    s.hair = (0.10 + 0.03 * math.sin(pat - 0.8), 0.02 * math.sin(1.1 * t))
    s.drape.flare = 0.06
    _alive(m, s, looks=0.3)
    return s


def blown(s: Stance, t: float, wind: float) -> None:
    """The wind in hair and cloth: it comes in gusts and from one side, and never quite stops.

    Args:
        wind: 0 still … 1 a strong breeze.
    """
    gust = wind * (0.62 + 0.26 * math.sin(0.9 * t) + 0.16 * math.sin(2.1 * t + 1.0))
    flutter = wind * (0.05 * math.sin(5.3 * t) + 0.03 * math.sin(8.9 * t + 0.7))
    nod, roll = s.hair
    s.hair = (nod + 0.12 * gust, roll + 0.42 * gust + flutter)
    s.flying += 0.18 * gust
    way, angle = s.drape.swing
    s.drape.swing = (way if angle else math.pi / 2, angle + 0.22 * gust)
    s.drape.wave += 5.0 * t * wind


ACTIONS: dict[str, Callable[[Moment], Stance]] = {
    "idle": idle,
    "walk": walk,
    "run": run,
    "spin": spin,
    "dance": dance,
    "wave": wave,
    "jump": jump,
    "sit": sit,
    "build": build,
}


def act(name: str) -> Callable[[Moment], Stance]:
    """The action of that name; a person at play dances, one asleep sits, anything else stands."""
    return ACTIONS.get({"play": "dance", "sleep": "sit"}.get(name, name), idle)
