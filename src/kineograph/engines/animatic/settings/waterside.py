"""Where a row of water meets the sand: the fringe of the edge, foam and its lace, wet and dry sand."""

from __future__ import annotations

import math

import numpy as np

from kineograph.engines.animatic.noise import F32, Real, f4, helper, sample, smoothstep
from kineograph.engines.animatic.settings.breakers import (
    AXIS,
    EYE_X,
    EYE_Y,
    EYE_Z,
    FOCAL,
    LEFT,
    LIGHT_X,
    LINE,
    ROLL,
    RUSH,
    SLANT,
    SOAKED,
    SUN_X,
    SUN_Y,
    TIME,
    WET,
    D,
    spread,
)
from kineograph.engines.animatic.settings.open_sea import (
    BLUE,
    DRY,
    FOAM,
    GREEN,
    ONE,
    RED,
    SEEN,
    SEEN_B,
    SEEN_G,
    SHINE,
    SOAK,
    STRIP,
    THREE,
    TWO,
    cover,
    mirror,
)
from kineograph.engines.animatic.settings.strips import PLANE, along, bell, strip


@helper
def _lace(
    n: F32, lace: F32, grain: F32, x0: Real, metre: Real, z: Real, fine: Real, begin: int, end: int, row: F32
) -> None:
    """The net of foam, coarse into ONE and fine into TWO: the pattern rides on the sheet."""
    t = n[TIME]
    for x in range(np.uint64(begin), np.uint64(end)):
        across = x0 + metre * f4(np.int32(x))
        slide = z + (max(row[WET + x], f4(0)) - row[D + x]) * f4(0.8)
        row[ONE + x] = sample(lace, across * f4(21) + f4(5), slide * f4(21) + t * f4(1.5))
        row[TWO + x] = sample(grain, across * f4(88), slide * f4(88) + t * f4(4)) * fine


@helper
def _foam(colours: F32, v: Real, z: Real, begin: int, end: int, row: F32) -> None:
    """Sand through the thin sheet, and foam, over water already shaded; its lace is in ONE and TWO."""
    narrow, steep = f4(130) / (f4(0.35) + z * f4(0.16)), f4(0.62) * (f4(1) - min(v * f4(0.6), f4(0.4)))
    for x in range(np.uint64(begin), np.uint64(end)):
        f1, f2, roll, rush = row[ONE + x], row[TWO + x], row[ROLL + x], row[RUSH + x]
        wet = max(row[WET + x], f4(0))
        clear = smoothstep(f4(1.6), f4(0), wet) * steep
        row[RED + x] += (colours[SOAK, 0] * f4(1.15) - row[RED + x]) * clear
        row[GREEN + x] += (colours[SOAK, 1] * f4(1.15) - row[GREEN + x]) * clear
        row[BLUE + x] += (colours[SOAK, 2] * f4(1.15) - row[BLUE + x]) * clear
        churn = roll * smoothstep(f4(-0.9), f4(0.9), f1 + f2 * f4(0.5) + roll * f4(1.2) - f4(0.3)) * f4(0.9)
        # Lace is the net between bubbles, not the bubbles.
        veins = smoothstep(f4(0.55), f4(0.05), abs(f1 * f4(0.8) + f2 * f4(0.35) - f4(0.25)))
        sheet = smoothstep(f4(2.6), f4(0.0), wet) * (f4(0.22) + f4(0.45) * rush) * veins
        front = bell(wet * wet * narrow) * (f4(0.25) + f4(0.75) * rush)
        front *= smoothstep(f4(-1.7), f4(0.3), f2 + f1 * f4(0.5))
        churned = smoothstep(f4(0.9), f4(0.05), wet) * rush * smoothstep(f4(-0.5), f4(0.9), f1 + f2 * f4(0.6)) * f4(0.8)
        row[ONE + x] = min(max(max(churn, sheet), max(front, churned)), f4(1)) * f4(0.9)
        row[TWO + x] = f4(1) - f4(0.25) * smoothstep(f4(0.1), f4(-0.5), row[SLANT + x])
    cover(colours, TWO, ONE, begin, end, row)


@helper
def fringe(n: F32, phases: F32, grain: F32, v: Real, fine: Real, begin: int, end: int, row: F32) -> None:
    """Tear the edge of the water a little."""
    z = n[EYE_Y] / v
    metre = z / n[FOCAL]
    x0, z = n[EYE_X] + (f4(0.5) - n[AXIS]) * metre, n[EYE_Z] + z
    strip(phases, n[TIME] * f4(2.3), row, STRIP)
    along(row, STRIP, phases.shape[0], x0 * f4(43), metre * f4(43), begin, end, ONE)
    strip(grain, z * f4(20), row, STRIP)
    along(row, STRIP, grain.shape[0], x0 * f4(60), metre * f4(60), begin, end, TWO)
    for x in range(np.uint64(begin), np.uint64(end)):
        near = min(max((f4(0.5) - abs(row[WET + x])) * f4(8), f4(0)), f4(1))
        row[WET + x] += (f4(0.045) * row[ONE + x] + f4(0.02) * fine * row[TWO + x]) * near


@helper
def _shone(n: F32, sky: F32, window: F32, v: Real, step: int, begin: int, end: int, row: F32) -> None:
    """What wet sand mirrors, into SEEN, SEEN_G and SEEN_B: a smooth film, looked up at the nodes."""
    first, last = begin // step, (end + step - 1) // step + 1
    for k in range(first, last):
        row[ONE + np.uint64(k)] = (f4(k * step) + f4(0.5) - n[AXIS]) / n[FOCAL]
        row[TWO + np.uint64(k)] = v * f4(0.9)
    mirror(sky, window, first, last, row)
    for c in range(3):
        plane = SEEN + np.uint64(c * PLANE)
        for k in range(first, last):
            row[ONE + np.uint64(k)] = row[plane + np.uint64(k)]
        spread(row, ONE, plane, step, begin, end)


@helper
def _grains(n: F32, lace: F32, grain: F32, x0: Real, metre: Real, z: Real, begin: int, end: int, row: F32) -> None:
    """Of the sand: specks into ONE, hollows into TWO, and the same a little towards the light into THREE."""
    strip(grain, z * f4(163), row, STRIP)
    along(row, STRIP, grain.shape[0], x0 * f4(163), metre * f4(163), begin, end, ONE)
    strip(lace, z * f4(27), row, STRIP)
    along(row, STRIP, lace.shape[0], x0 * f4(27), metre * f4(27), begin, end, TWO)
    strip(lace, (z + f4(0.02)) * f4(27), row, STRIP)
    along(row, STRIP, lace.shape[0], (x0 + n[LIGHT_X] * f4(0.05)) * f4(27), metre * f4(27), begin, end, THREE)


@helper
def _tones(n: F32, v: Real, z: Real, fine: Real, begin: int, end: int, row: F32) -> None:
    """From ONE, TWO and THREE: how bright dry sand is into ONE, and wet sand into THREE; the line of foam left on it into
    LINE; the sun's shine into LEFT."""
    first, step = (f4(0.5) - n[AXIS]) / n[FOCAL] - n[SUN_X], f4(1) / n[FOCAL]
    narrow, up = f4(420) / (f4(0.4) + z * f4(0.2)), v * f4(0.9) - n[SUN_Y]
    for x in range(np.uint64(begin), np.uint64(end)):
        speck, hollow = row[ONE + x] * fine, row[TWO + x]
        dry = f4(1) - smoothstep(f4(-0.55), f4(0.02), row[SOAKED + x])
        row[ONE + x] = f4(1) + speck * f4(0.13) + hollow * f4(0.05) + (hollow - row[THREE + x]) * dry * f4(0.09)
        row[THREE + x] = f4(1) + speck * f4(0.035)
        line = row[LINE + x]
        trace = bell(line * line * narrow) * max(row[LEFT + x], f4(0))
        row[LINE + x] = trace * smoothstep(f4(-0.2), f4(0.9), speck * f4(0.7) + hollow) * f4(0.6)
        dx = first + step * f4(np.int32(x)) + hollow * f4(0.008)
        dy = up + hollow * f4(0.012) * dry
        row[LEFT + x] = bell(dx * dx * f4(26) + dy * dy * f4(5))


@helper
def _sand(colours: F32, v: Real, z: Real, soft: Real, begin: int, end: int, row: F32) -> None:
    """Dry sand lit from the side, darker and shining where it is wet, under the edge of the water. z: ahead of the eye."""
    narrow, mirrors = f4(160) / (f4(0.4) + z * f4(0.2)), f4(0.12) + f4(0.36) * math.exp(-v * f4(4))
    for x in range(np.uint64(begin), np.uint64(end)):
        wet, soaked = row[WET + x], smoothstep(f4(-0.55), f4(0.02), row[SOAKED + x])
        k = smoothstep(soft * f4(0.6), -soft, wet)
        dark = f4(1) - f4(0.30) * bell((wet + f4(0.06)) * (wet + f4(0.06)) * narrow)
        gloss = mirrors * smoothstep(f4(-1.5), f4(-0.1), wet)
        tone, damp, shine, trace = row[ONE + x] * (f4(1) - soaked), row[THREE + x], row[LEFT + x], row[LINE + x]
        r = (
            colours[DRY, 0] * tone
            + (colours[SOAK, 0] * damp + row[SEEN + x] * gloss + colours[SHINE, 0] * shine) * soaked
        )
        g = (
            colours[DRY, 1] * tone
            + (colours[SOAK, 1] * damp + row[SEEN_G + x] * gloss + colours[SHINE, 1] * shine) * soaked
        )
        b = (
            colours[DRY, 2] * tone
            + (colours[SOAK, 2] * damp + row[SEEN_B + x] * gloss + colours[SHINE, 2] * shine) * soaked
        )
        r += (colours[FOAM, 0] - r) * trace
        g += (colours[FOAM, 1] - g) * trace
        b += (colours[FOAM, 2] - b) * trace
        k1, kd = f4(1) - k, k * dark
        row[RED + x] = row[RED + x] * k1 + r * kd
        row[GREEN + x] = row[GREEN + x] * k1 + g * kd
        row[BLUE + x] = row[BLUE + x] * k1 + b * kd


@helper
def beach(
    n: F32, colours: F32, lace: F32, grain: F32, sky: F32, window: F32, v: Real, soft: Real, fine: Real,
    step: int, begin: int, end: int, row: F32,
) -> None:  # fmt: skip
    """Sand in columns begin…end of the row at v, under the edge of the water whose colours are there."""
    z = n[EYE_Y] / v
    metre = z / n[FOCAL]
    x0 = n[EYE_X] + (f4(0.5) - n[AXIS]) * metre
    _shone(n, sky, window, v, step, begin, end, row)
    _grains(n, lace, grain, x0, metre, n[EYE_Z] + z, begin, end, row)
    _tones(n, v, z, fine, begin, end, row)
    _sand(colours, v, z, soft, begin, end, row)


@helper
def froth(n: F32, colours: F32, lace: F32, grain: F32, v: Real, fine: Real, begin: int, end: int, row: F32) -> None:
    """Foam in columns begin…end of the row at v."""
    z = n[EYE_Y] / v
    metre = z / n[FOCAL]
    x0 = n[EYE_X] + (f4(0.5) - n[AXIS]) * metre
    _lace(n, lace, grain, x0, metre, n[EYE_Z] + z, fine, begin, end, row)
    _foam(colours, v, n[EYE_Z] + z, begin, end, row)
