"""Open water of one row: wind ripples, glints, what it mirrors, whitecaps."""

from __future__ import annotations

import math

import numpy as np

from kineograph.engines.animatic.noise import F32, Real, f4, helper, mix, smoothstep
from kineograph.engines.animatic.settings.breakers import (
    AXIS,
    CAPS,
    EYE_X,
    EYE_Y,
    EYE_Z,
    FOCAL,
    PLANES,
    RAIN,
    ROUGH,
    SLANT,
    SPREAD,
    SUN_X,
    SUN_Y,
    THROUGH,
    TIME,
    D,
)
from kineograph.engines.animatic.settings.strips import PLANE, along2, bell, look_up, strip2

# Rows of the colours (ROWS, 3).
DEEP, SHALLOW, FOAM, DRY, SOAK, HAZE, GLINT, SHINE, ROWS = 0, 1, 2, 3, 4, 5, 6, 7, 8
# Planes of a row beside those of the breakers: slopes of the ripples; what is mirrored; the colour; three of whatever is
# looked up, and the strip that it is looked up in.
NX, NZ, SEEN, SEEN_G, SEEN_B, RED, GREEN, BLUE, ONE, TWO, THREE, STRIP = (
    np.uint64(PLANE * (PLANES + i)) for i in range(12)
)
NUMBERS = PLANE * (PLANES + 12)
SUNLESS = 40.0  # SUN_X beyond which the sun is not ahead


@helper
def _texel(n: F32, z: Real) -> Real:
    """Row of the ripple tile at depth z: 16.5 texels a unit near by, never more than about 2.5 a pixel row far off, where
    they would alias. The integral of 16.5 / (1 + 6.5·dz) with dz = z² / (eye · focal)."""
    k = math.sqrt(f4(6.5) / (n[EYE_Y] * n[FOCAL]))
    return f4(16.5) / k * math.atan(z * k)


@helper
def _ripples(
    n: F32, broad: F32, normals: F32, u: Real, step: Real, v: Real, dz: Real, begin: int, end: int, row: F32
) -> None:
    """Slopes of the three wind octaves, each faded before it aliases, into NX and NZ; u, v: texel of column 0; dz: depth of
    the row."""
    t, rough = n[TIME], n[ROUGH]
    for x in range(np.uint64(begin), np.uint64(end)):
        row[NX + x] = f4(0)
        row[NZ + x] = f4(0)
    a1 = rough / (f4(1) + dz * f4(0.7))
    a2 = rough / (f4(1) + dz * f4(9))
    a3 = rough / (f4(1) + dz * f4(20))
    strip2(broad, v + t * f4(22), f4(0.075) * a1, f4(0.11) * a1, row, STRIP)
    along2(row, STRIP, broad.shape[0], f4(0.62) * u + t * f4(6), f4(0.62) * step, begin, end, NX, NZ)
    if a2 > f4(0.08) * rough:
        strip2(normals, v * f4(2.7) + t * f4(31), f4(0.066) * a2, f4(0.09) * a2, row, STRIP)
        along2(row, STRIP, normals.shape[0], u * f4(2.7) - t * f4(17) + f4(77), step * f4(2.7), begin, end, NX, NZ)
    if a3 > f4(0.12) * rough:
        rain = n[RAIN]
        strip2(normals, v * f4(7.3) + t * f4(50), (f4(0.04) + rain) * a3, (f4(0.05) + rain) * a3, row, STRIP)
        along2(row, STRIP, normals.shape[0], u * f4(7.3) + t * f4(29), step * f4(7.3), begin, end, NX, NZ)


@helper
def _caps(
    n: F32, broad: F32, normals: F32, u: Real, step: Real, v: Real, dz: Real, begin: int, end: int, row: F32
) -> None:
    """Crests that the wind may tear, into ONE: the sea's steepest, torn into streaks by a finer octave."""
    t = n[TIME]
    for x in range(np.uint64(begin), np.uint64(end)):
        row[ONE + x] = f4(0)
        row[TWO + x] = f4(0)
    strip2(broad, v * f4(0.42) + t * f4(8.5), f4(0.35), f4(1), row, STRIP)
    along2(row, STRIP, broad.shape[0], f4(0.20) * u + t * f4(2.4), f4(0.20) * step, begin, end, ONE, TWO)
    if dz < f4(3):
        k = f4(0.40) / (f4(1) + dz)
        strip2(normals, v * f4(1.9) + t * f4(17), k * f4(0.5), k, row, STRIP)
        along2(row, STRIP, normals.shape[0], u * f4(1.1) - t * f4(7), step * f4(1.1), begin, end, ONE, TWO)
    for x in range(np.uint64(begin), np.uint64(end)):
        row[ONE + x] += row[TWO + x]


@helper
def mirror(sky: F32, window: F32, begin: int, end: int, row: F32) -> None:
    """The sky picture (coarse) towards tangent coordinates in ONE (across) and TWO (up), into SEEN, SEEN_G and SEEN_B.
    window: left, top, texels per unit across and down, most."""
    for x in range(np.uint64(begin), np.uint64(end)):
        row[ONE + x] = min(max((row[ONE + x] - window[0]) * window[2] - f4(0.5), f4(0)), window[4])
        row[TWO + x] = min(max((window[1] - row[TWO + x]) * window[3] - f4(0.5), f4(0)), window[5])
    look_up(sky, begin, end, row, ONE, TWO, SEEN)


@helper
def _lean(n: F32, v: Real, begin: int, end: int, row: F32) -> None:
    """Tilt the water by ripples and swell, and see where it mirrors: into ONE (across) and TWO (up); the tilt stays in NZ."""
    first, step = (f4(0.5) - n[AXIS]) / n[FOCAL], f4(1) / n[FOCAL]
    for x in range(np.uint64(begin), np.uint64(end)):
        calm = smoothstep(f4(-0.2), f4(3.0), row[D + x]) * f4(0.75) + f4(0.25)
        nz = row[NZ + x] * calm + row[SLANT + x] * f4(0.62)
        e = v * f4(0.9) + nz + f4(0.02)
        row[NZ + x] = nz
        row[TWO + x] = max(e, -e * f4(0.6))
        row[ONE + x] = first + step * f4(np.int32(x)) + row[NX + x] * calm * f4(1.6)


@helper
def _glints(n: F32, begin: int, end: int, row: F32) -> None:
    """The sun in the water, into THREE."""
    sun_x, sun_y, spread_ = n[SUN_X], n[SUN_Y], n[SPREAD]
    for x in range(np.uint64(begin), np.uint64(end)):
        dx, dy = row[ONE + x] - sun_x, row[TWO + x] - sun_y
        dx *= dx
        dy *= dy
        row[THREE + x] = bell(dx * spread_ + dy * f4(60)) + f4(0.05) * bell(dx * f4(22) + dy * f4(8))


@helper
def _water(colours: F32, v: Real, begin: int, end: int, row: F32) -> None:
    """Reflection, body and glints of open water."""
    for x in range(np.uint64(begin), np.uint64(end)):
        grazing = f4(1) - min(v * f4(1.7) + abs(row[NZ + x]) * f4(0.6), f4(1))
        fresnel = grazing * grazing * grazing * f4(0.92) + f4(0.08)
        deep = smoothstep(f4(0), f4(9), row[D + x])
        glass, glint, rest = row[THROUGH + x] * f4(0.9), row[THREE + x], f4(1) - fresnel
        r = mix(colours[SHALLOW, 0], colours[DEEP, 0], deep) + colours[SHALLOW, 0] * glass
        g = mix(colours[SHALLOW, 1], colours[DEEP, 1], deep) + colours[SHALLOW, 1] * glass
        b = mix(colours[SHALLOW, 2], colours[DEEP, 2], deep) + colours[SHALLOW, 2] * glass
        row[RED + x] = r * rest + row[SEEN + x] * fresnel + colours[GLINT, 0] * glint
        row[GREEN + x] = g * rest + row[SEEN_G + x] * fresnel + colours[GLINT, 1] * glint
        row[BLUE + x] = b * rest + row[SEEN_B + x] * fresnel + colours[GLINT, 2] * glint


@helper
def cover(colours: F32, shade: np.uint64, by: np.uint64, begin: int, end: int, row: F32) -> None:
    """Foam over the colours: `by` says how much, `shade` how bright."""
    for x in range(np.uint64(begin), np.uint64(end)):
        k = row[by + x]
        row[RED + x] += (colours[FOAM, 0] * row[shade + x] - row[RED + x]) * k
        row[GREEN + x] += (colours[FOAM, 1] * row[shade + x] - row[GREEN + x]) * k
        row[BLUE + x] += (colours[FOAM, 2] * row[shade + x] - row[BLUE + x]) * k


@helper
def open_water(
    n: F32, colours: F32, broad: F32, normals: F32, sky: F32, window: F32, v: Real, dz: Real, begin: int, end: int, row: F32,
) -> None:  # fmt: skip
    """Water without foam, for columns begin…end of the row at v."""
    z = n[EYE_Y] / v
    step = z / n[FOCAL] * f4(13.2)
    u, texel = n[EYE_X] * f4(13.2) + (f4(0.5) - n[AXIS]) * step, _texel(n, z) + n[EYE_Z] * f4(16.5)
    _ripples(n, broad, normals, u, step, texel, dz, begin, end, row)
    _lean(n, v, begin, end, row)
    if n[SUN_X] < f4(SUNLESS):
        _glints(n, begin, end, row)
    else:
        for x in range(np.uint64(begin), np.uint64(end)):
            row[THREE + x] = f4(0)
    mirror(sky, window, begin, end, row)
    _water(colours, v, begin, end, row)
    if n[CAPS] > f4(0):
        _caps(n, broad, normals, u, step, texel, dz, begin, end, row)
        for x in range(np.uint64(begin), np.uint64(end)):
            crest = row[ONE + x] + f4(1.1) * max(row[SLANT + x], f4(0))
            row[ONE + x] = smoothstep(f4(0.95), f4(1.75), crest) * n[CAPS]
            row[TWO + x] = f4(1)
        cover(colours, TWO, ONE, begin, end, row)
