"""The waves of a beach, and where its water ends: what changes slowly along a row of the picture, worked out at nodes.

Lengths are in beach units (shore.py). Crests run nearly along the rows and are wide beside a pixel, so their shape is made at
about fifty columns to a frame height and is straight between.
"""

from __future__ import annotations

import math

import numpy as np

from kineograph.engines.animatic.noise import F32, Real, f4, helper, sample, smoothstep
from kineograph.engines.animatic.settings.shore import WADE, wobble
from kineograph.engines.animatic.settings.strips import PLANE

# Numbers of the view (1-D): focal and axis in pixels, horizon row, eye; then shore, light and sea state.
(
    FOCAL,
    AXIS,
    HORIZON,
    EYE_X,
    EYE_Y,
    EYE_Z,
    SHORE,
    SLOPE,
    TIME,
    PERIOD,
    SUN_X,
    SUN_Y,
    ROUGH,
    CAPS,
    SPREAD,
    LIGHT_X,
    RAIN,
) = range(17)

# Planes of a row, a number for each column: distance seaward of the still line; slope of the swell, foam of its breaking,
# light through its crest; then of the swash: water over the sand, sand that is wet, rush of its edge, the line of foam it
# left, and how much of that is left.
_AT = tuple(np.uint64(PLANE * i) for i in range(18))
D, SLANT, ROLL, THROUGH, WET, SOAKED, RUSH, LINE, LEFT = _AT[:9]
NODE = _AT[9:]  # the same at the nodes
PLANES = 18
_SWASH = 5  # of them are of the swash


@helper
def _shoreline(n: F32, tile: F32, x: Real) -> Real:
    """z of the still waterline at x: a slanting, curving beach."""
    return n[SHORE] + n[SLOPE] * x + f4(0.34) * sample(tile, x * f4(3.2) + f4(9), f4(77))


@helper
def _swell(n: F32, tile: F32, powers: F32, x: Real, d: Real) -> tuple[Real, Real, Real]:
    """The wave nearest to d: slope towards the sea, foam of its breaking, light through its crest."""
    travel = f4(2 / WADE) * (math.sqrt(max(d, f4(0)) + f4(0.5)) - f4(0.7071))
    phase = (n[TIME] + travel) / n[PERIOD] + wobble(tile, x, d)
    wave = math.floor(phase + f4(0.5))
    f = f4(phase - wave)  # > 0: the crest has passed and stands shoreward of here
    speed = f4(WADE) * math.sqrt(max(d, f4(0)) + f4(0.5))
    s = f * n[PERIOD] * speed  # units behind the crest
    power = powers[int(wave) & 63]
    near = smoothstep(f4(16), f4(4), d)
    high = power * (f4(0.05) + f4(0.16) * near) * smoothstep(f4(-0.3), f4(2.4), d)
    width = (f4(0.75) + f4(0.03) * d) if s > 0 else (f4(0.34) + f4(0.05) * d)
    q = s / width
    bump = math.exp(-q * q)
    h = high * bump
    slope = -f4(2) * q / width * h
    break_ = smoothstep(f4(5.2), f4(2.6), d - f4(1.6) * (power - f4(1)))
    roll = math.exp(-(s - f4(0.05)) * (s - f4(0.05)) * f4(9)) if s < f4(0.05) else math.exp(-(s - f4(0.05)) * f4(0.62))
    through = bump * near * smoothstep(f4(0.35), f4(-0.25), s)
    return slope, break_ * roll, through


@helper
def _height(n: F32, tile: F32, powers: F32, x: Real, d: Real) -> Real:
    """The height of `_swell` alone."""
    root = math.sqrt(max(d, f4(0)) + f4(0.5))
    phase = (n[TIME] + f4(2 / WADE) * (root - f4(0.7071))) / n[PERIOD] + wobble(tile, x, d)
    wave = math.floor(phase + f4(0.5))
    s = f4(phase - wave) * n[PERIOD] * f4(WADE) * root
    high = powers[int(wave) & 63] * (f4(0.05) + f4(0.16) * smoothstep(f4(16), f4(4), d))
    q = s / ((f4(0.75) + f4(0.03) * d) if s > 0 else (f4(0.34) + f4(0.05) * d))
    return high * smoothstep(f4(-0.3), f4(2.4), d) * math.exp(-q * q)


@helper
def _swash(edge: F32, half: Real, x: Real, d: Real, row: F32, at: np.uint64) -> None:
    """The swash at x into the nodes, at place `at`."""
    u = min(max((x + half) / (f4(2) * half) * f4(edge.shape[0] - 1), f4(0)), f4(edge.shape[0] - 1.001))
    i = int(u)
    k = f4(u - i)
    for c in range(_SWASH):
        value = edge[i, c] + (edge[i + 1, c] - edge[i, c]) * k
        of_depth = c in (0, 1, 3)
        row[NODE[4] + np.uint64(c * PLANE) + at] = value + d if of_depth else value


@helper
def nodes(
    n: F32, edge: F32, half: Real, powers: F32, phases: F32, v: Real, step: Real, count: int, row: F32
) -> tuple[Real, Real]:  # fmt: skip
    """Fill the nodes of the row at v (tangent below the horizon), `step` columns apart; the least water over it and the most
    rolling foam."""
    z0 = n[EYE_Y] / v
    least, rolling = f4(1e9), f4(0)
    for k in range(count):
        at = np.uint64(k)
        a = (f4(k) * step + f4(0.5) - n[AXIS]) / n[FOCAL]
        x0 = n[EYE_X] + a * z0
        d = n[EYE_Z] + z0 - _shoreline(n, phases, x0)
        swell = (f4(0), f4(0), f4(0))
        if f4(-0.5) < d < f4(34):
            # What is seen on this ray is the raised surface a little nearer than the flat one.
            z = max(n[EYE_Y] - _height(n, phases, powers, x0, d), f4(0.35) * n[EYE_Y]) / v
            d += z - z0
            swell = _swell(n, phases, powers, n[EYE_X] + a * z, d)
        row[NODE[0] + at] = d
        row[NODE[1] + at], row[NODE[2] + at], row[NODE[3] + at] = swell
        _swash(edge, half, x0, d, row, at)
        least, rolling = min(least, row[NODE[4] + at]), max(rolling, swell[1])
    return least, rolling


@helper
def hull(row: F32, plane: np.uint64, low: Real, high: Real, step: int, count: int, width: int) -> tuple[int, int]:
    """First column and the one after the last between nodes of which some has a number in low…high in that plane (a place
    in NODE)."""
    begin, end = width, 0
    for k in range(count - 1):
        one, two = row[plane + np.uint64(k)], row[plane + np.uint64(k + 1)]
        if max(one, two) > low and min(one, two) < high:
            begin, end = min(begin, k * step), max(end, min((k + 1) * step, width))
    return begin, end


@helper
def spread(row: F32, node: np.uint64, plane: np.uint64, step: int, begin: int, end: int) -> None:
    """A plane from the nodes that start at `node`, for columns begin…end, and up to a step more on either side."""
    inverse = f4(1) / f4(step)
    for k in range(begin // step, (end + step - 1) // step):
        value = row[node + np.uint64(k)]
        rise = (row[node + np.uint64(k + 1)] - value) * inverse
        start = plane + np.uint64(k * step)
        for x in range(np.uint64(step)):
            row[start + x] = value + rise * f4(np.int32(x))
