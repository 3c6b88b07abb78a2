"""How four-legged animals eat, and how they howl."""

from __future__ import annotations

import math

from kineograph.engines.animatic.subjects.motion import TAU, blink, pulse
from kineograph.engines.animatic.subjects.quadruped_acts import Moment, grazing, idle, seat, twitch
from kineograph.engines.animatic.subjects.quadruped_rig import Stance


def eat(m: Moment) -> Stance:
    """As the kind eats: from its hands, from above, or from the ground."""
    return {"hands": nibble, "browse": browse}.get(m.row.eats, graze)(m)


def nibble(m: Moment) -> Stance:
    """Sits upright and brings what it holds to its mouth with both hands."""
    row, t, s = m.row, m.own, seat(m)
    bite = 0.5 + 0.5 * math.sin(TAU * 0.45 * t)
    s.pitch -= 0.16
    for name in ("fR", "fL"):
        foot = s.feet[name]
        foot.over, foot.raised = ((0.46 + 0.03 * bite) * row.leg, (0.10 + 0.16 * bite) * row.leg), 1.0
        foot.lie, foot.lying = 2.05, 1.0
        foot.aside = -0.035 * row.leg / 0.4
    chew = math.sin(TAU * 2.2 * t) * (1 - bite)
    s.neck = -0.10
    s.head = (0.10 + 0.10 * bite + 0.03 * chew, 0.0, 0.04 * math.sin(0.8 * t))
    s.lid, s.chest = blink(t, m.phase), s.chest + 0.01 * math.sin(2.2 * t)
    s.gaze = (0.0, -0.10)
    s.flick = (twitch(t, 0.0), twitch(t, 1.37))
    return s


def browse(m: Moment) -> Stance:
    """Stretches up to a twig, tears it off with a jerk of the head, chews with the jaw going round."""
    s = idle(m)
    u = m.own % 3.6
    pluck, tear = pulse(u, 0.2, 0.6, 0.5, 0.35), pulse(u, 1.25, 0.10, 0.04, 0.30)
    chew = (1 - pluck) * TAU * 1.5 * m.own
    s.neck = 0.10 - 0.26 * pluck + 0.10 * tear
    s.look *= 0.3
    s.head = (0.12 - 0.50 * pluck + 0.30 * tear + 0.05 * math.sin(chew), 0.05 * math.sin(chew), 0.09 * math.cos(chew))
    return s


def graze(m: Moment) -> Stance:
    """Head down, plucking; now and then it looks up."""
    s = idle(m)
    u = (m.own % 6.5) / 6.5
    down = 1.0 - pulse(u, 0.72, 0.08, 0.10, 0.08)
    tug = math.sin(TAU * 1.3 * m.own) * down
    low = grazing(m)
    s.pitch += low.pitch * down
    s.neck = (low.neck + 0.05 * tug) * down
    s.look *= 1 - 0.8 * down
    s.head = (low.head[0] * down + 0.05 * tug, 0.05 * math.sin(TAU * 0.5 * m.own), 0.04 * tug)
    s.gaze = (s.gaze[0] * (1 - down), -0.06 * down)
    return s


HOWL = 4.6  # seconds from one howl to the next


def howl(m: Moment) -> Stance:
    """Head thrown back, throat to the sky, long; a breath; again."""
    s = idle(m)
    u = (m.t + HOWL * (0.05 + 0.1 * m.phase)) % HOWL
    up = 0.25 + 0.75 * pulse(u, 0.1, 0.55, 2.9, 0.55)
    s.neck = -0.50 * up
    s.look *= 0.2
    s.head = (-0.78 * up + 0.03 * math.sin(TAU * 3.1 * m.t) * up, 0.0, 0.0)
    s.pitch -= 0.05 * up
    s.ears = (0.6 * up, 0.6 * up)
    s.lid = max(s.lid, 0.75 * up)
    s.tail_root = 0.05 * up - 0.15 * min(m.row.leg / 0.4, 1.0)
    return s
