"""Sea and sand, shaded per frame: swell that shoals and breaks, ripples, foam lace, wet sand, glints.

Lengths are in beach units (shore.py).
"""

from __future__ import annotations

import math

import numpy as np

from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean, mix, sample, sample2, smoothstep
from kineograph.engines.animatic.settings.shore import WADE, wobble

# Rows of the colours (ROWS, 3).
DEEP, SHALLOW, FOAM, DRY, WET, HAZE, GLINT, SHINE, ROWS = 0, 1, 2, 3, 4, 5, 6, 7, 8
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


@helper
def _shoreline(n: F32, tile: F32, x: Real) -> Real:
    """z of the still waterline at x: a slanting, curving beach."""
    return n[SHORE] + n[SLOPE] * x + f4(0.34) * sample(tile, x * f4(3.2) + f4(9), f4(77))


@helper
def _along(edge: F32, half: Real, x: Real, c: int) -> Real:
    """A column of the swash at x."""
    u = min(max((x + half) / (f4(2) * half) * f4(edge.shape[0] - 1), f4(0)), f4(edge.shape[0] - 1.001))
    i = int(u)
    k = f4(u - i)
    return edge[i, c] + (edge[i + 1, c] - edge[i, c]) * k


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
def _mirror(sky: F32, window: F32, a: Real, e: Real) -> tuple[Real, Real, Real]:
    """The sky picture (coarse) towards tangent coordinates (a, e). window: left, top, texels per unit across and down."""
    u = min(max((a - window[0]) * window[2] - f4(0.5), f4(0)), window[4])
    v = min(max((window[1] - e) * window[3] - f4(0.5), f4(0)), window[5])
    i = int(u)
    j = int(v)
    k = u - f4(i)
    m = v - f4(j)
    w00 = (f4(1) - k) * (f4(1) - m)
    w01 = k * (f4(1) - m)
    w10 = (f4(1) - k) * m
    w11 = k * m
    return (
        sky[j, i, 0] * w00 + sky[j, i + 1, 0] * w01 + sky[j + 1, i, 0] * w10 + sky[j + 1, i + 1, 0] * w11,
        sky[j, i, 1] * w00 + sky[j, i + 1, 1] * w01 + sky[j + 1, i, 1] * w10 + sky[j + 1, i + 1, 1] * w11,
        sky[j, i, 2] * w00 + sky[j, i + 1, 2] * w01 + sky[j + 1, i, 2] * w10 + sky[j + 1, i + 1, 2] * w11,
    )


@helper
def _texel(n: F32, z: Real) -> Real:
    """Row of the ripple tile at depth z: 16.5 texels a unit near by, never more than about 2.5 a pixel row far off, where
    they would alias. The integral of 16.5 / (1 + 6.5·dz) with dz = z² / (eye · focal)."""
    k = math.sqrt(f4(6.5) / (n[EYE_Y] * n[FOCAL]))
    return f4(16.5) / k * math.atan(z * k)


@helper
def _ripples(n: F32, broad: F32, normals: F32, x: Real, v: Real, dz: Real) -> tuple[Real, Real]:
    """Slopes of the three wind octaves, each faded before it aliases; v is the row's texel, dz its depth."""
    t = n[TIME]
    u = x * f4(13.2)
    far = f4(0.62) * u
    a1 = f4(1) / (f4(1) + dz * f4(0.7))
    a2 = f4(1) / (f4(1) + dz * f4(9))
    a3 = f4(1) / (f4(1) + dz * f4(20))
    x1, z1 = sample2(broad, far + t * f4(6), v + t * f4(22))
    nx = x1 * f4(0.075) * a1
    nz = z1 * f4(0.11) * a1
    if a2 > f4(0.08):
        x2, z2 = sample2(normals, u * f4(2.7) - t * f4(17) + f4(77), v * f4(2.7) + t * f4(31))
        nx += x2 * f4(0.066) * a2
        nz += z2 * f4(0.09) * a2
    if a3 > f4(0.12):
        x3, z3 = sample2(normals, u * f4(7.3) + t * f4(29), v * f4(7.3) + t * f4(50))
        nx += x3 * (f4(0.04) + n[RAIN]) * a3
        nz += z3 * (f4(0.05) + n[RAIN]) * a3
    return nx * n[ROUGH], nz * n[ROUGH]


@helper
def _cap(n: F32, broad: F32, normals: F32, x: Real, texel: Real, dz: Real, slope: Real) -> Real:
    """Cover of a whitecap, 0…1: where the wind tears the steepest of the sea, torn into streaks by a finer octave."""
    t = n[TIME]
    u = x * f4(13.2)
    x1, z1 = sample2(broad, f4(0.20) * u + t * f4(2.4), texel * f4(0.42) + t * f4(8.5))
    torn = f4(0)
    if dz < f4(3):
        x2, z2 = sample2(normals, u * f4(1.1) - t * f4(7), texel * f4(1.9) + t * f4(17))
        torn = (z2 + x2 * f4(0.5)) * f4(0.40) / (f4(1) + dz)
    crest = z1 + f4(0.35) * x1 + f4(1.1) * max(slope, f4(0)) + torn
    return smoothstep(f4(0.95), f4(1.75), crest) * n[CAPS]


@helper
def _water(
    n: F32, colours: F32, broad: F32, normals: F32, sky: F32, window: F32,
    a: Real, v: Real, x: Real, texel: Real, dz: Real, d: Real, slope: Real, through: Real, out: F32, row: int, column: int,
) -> None:  # fmt: skip
    """Reflection, body and glints of open water."""
    nx, nz = _ripples(n, broad, normals, x, texel, dz)
    calm = smoothstep(f4(-0.2), f4(3.0), d) * f4(0.75) + f4(0.25)
    nx *= calm
    nz = nz * calm + slope * f4(0.62)
    e = v * f4(0.9) + nz + f4(0.02)
    if e < f4(0):
        e = -e * f4(0.6)
    ra = a + nx * f4(1.6)
    cosine = min(v * f4(1.7) + abs(nz) * f4(0.6), f4(1))
    grazing = f4(1) - cosine
    fresnel = grazing * grazing * grazing * f4(0.92) + f4(0.08)
    dx = ra - n[SUN_X]
    dy = e - n[SUN_Y]
    glint: Real = math.exp(-(dx * dx * n[SPREAD] + dy * dy * f4(60)))
    glint += f4(0.05) * math.exp(-(dx * dx * f4(22) + dy * dy * f4(8)))
    deep = smoothstep(f4(0), f4(9), d)
    glass = through * f4(0.9)
    seen = _mirror(sky, window, ra, e)
    cap = f4(0)
    if n[CAPS] > f4(0):
        cap = _cap(n, broad, normals, x, texel, dz, slope)
    for c in range(3):
        body = mix(colours[SHALLOW, c], colours[DEEP, c], deep) + colours[SHALLOW, c] * glass
        lit = body * (f4(1) - fresnel) + seen[c] * fresnel + colours[GLINT, c] * glint
        out[row, column, c] = lit + (colours[FOAM, c] - lit) * cap


@helper
def _foam(
    n: F32, edge: F32, half: Real, lace: F32, grain: F32, x: Real, z: Real, d: Real, wet: Real, roller: Real, fine: Real
) -> Real:
    """How much foam covers the water, 0…1. d from the still line, wet = d + run-up (0 at the edge); `fine` fades the
    smallest octave with distance."""
    slide = z + (wet - d) * f4(0.8)  # the pattern rides on the sheet
    f1 = sample(lace, x * f4(21) + f4(5), slide * f4(21) + n[TIME] * f4(1.5))
    f2 = sample(grain, x * f4(88), slide * f4(88) + n[TIME] * f4(4)) * fine
    churn = roller * smoothstep(f4(-0.9), f4(0.9), f1 + f2 * f4(0.5) + roller * f4(1.2) - f4(0.3))
    if wet > f4(3.4):
        return churn * f4(0.9)
    web = f1 * f4(0.8) + f2 * f4(0.35)
    veins = smoothstep(f4(0.55), f4(0.05), abs(web - f4(0.25)))  # lace: the net between bubbles, not the bubbles
    rush = _along(edge, half, x, 2)
    sheet = smoothstep(f4(2.6), f4(0.0), wet) * (f4(0.22) + f4(0.45) * rush) * veins
    front = math.exp(-wet * wet * f4(130) / (f4(0.35) + z * f4(0.16))) * (f4(0.25) + f4(0.75) * rush)
    front *= smoothstep(f4(-1.7), f4(0.3), f2 + f1 * f4(0.5))
    churned = smoothstep(f4(0.9), f4(0.05), wet) * rush * smoothstep(f4(-0.5), f4(0.9), f1 + f2 * f4(0.6)) * f4(0.8)
    return min(max(max(churn * f4(0.9), sheet), max(front, churned)), f4(1))


@helper
def _sand(
    n: F32, edge: F32, half: Real, colours: F32, lace: F32, grain: F32, sky: F32, window: F32,
    a: Real, v: Real, x: Real, z: Real, d: Real, fine: Real, sand: F32,
) -> None:  # fmt: skip
    """Into sand (3,): dry sand with grain and soft hollows lit from the side, darker and shining where it is wet."""
    reach = _along(edge, half, x, 1)
    wet = smoothstep(f4(-0.55), f4(0.02), d + reach)
    speck = sample(grain, x * f4(163), z * f4(163)) * fine
    hollow = sample(lace, x * f4(27), z * f4(27))
    lee = sample(lace, (x + n[LIGHT_X] * f4(0.05)) * f4(27), (z + f4(0.02)) * f4(27))
    relief = (hollow - lee) * (f4(1) - wet)
    tone = f4(1) + speck * f4(0.13) + hollow * f4(0.05) + relief * f4(0.09)
    damp = f4(1) + speck * f4(0.035)
    e = v * f4(0.9) + hollow * f4(0.012) * (f4(1) - wet)
    ra = a + hollow * f4(0.008)
    dx = ra - n[SUN_X]
    dy = e - n[SUN_Y]
    shine = math.exp(-dx * dx * f4(26)) * math.exp(-dy * dy * f4(5))
    seen = _mirror(sky, window, ra, e)
    gloss = (f4(0.12) + f4(0.36) * math.exp(-v * f4(4))) * smoothstep(f4(-1.5), f4(-0.1), d + _along(edge, half, x, 0))
    for c in range(3):
        dry = colours[DRY, c] * tone
        film = colours[WET, c] * damp + seen[c] * gloss + colours[SHINE, c] * shine
        sand[c] = dry + (film - dry) * wet
    line = d + _along(edge, half, x, 3)
    left = _along(edge, half, x, 4)
    if left > f4(0.01):
        trace = math.exp(-line * line * f4(420) / (f4(0.4) + z * f4(0.2))) * left
        trace *= smoothstep(f4(-0.2), f4(0.9), speck * f4(0.7) + hollow)
        for c in range(3):
            sand[c] += (colours[FOAM, c] - sand[c]) * trace * f4(0.6)


@helper
def _shallows(
    n: F32, edge: F32, half: Real, colours: F32, lace: F32, grain: F32, v: Real, x: Real, z: Real, d: Real, wet: Real,
    roller: Real, slope: Real, fine: Real, out: F32, row: int, column: int,
) -> None:  # fmt: skip
    """Sand through the thin sheet, and foam, over water already shaded."""
    if wet < f4(1.6):
        clear = smoothstep(f4(1.6), f4(0), wet) * f4(0.62) * (f4(1) - min(v * f4(0.6), f4(0.4)))
        for c in range(3):
            out[row, column, c] += (colours[WET, c] * f4(1.15) - out[row, column, c]) * clear
    foam = _foam(n, edge, half, lace, grain, x, z, d, max(wet, f4(0)), roller, fine) * f4(0.9)
    if foam > f4(0.004):
        shade = f4(1) - f4(0.25) * smoothstep(f4(0.1), f4(-0.5), slope)
        for c in range(3):
            out[row, column, c] += (colours[FOAM, c] * shade - out[row, column, c]) * foam


@helper
def _pixel(
    n: F32, edge: F32, half: Real, powers: F32, colours: F32,
    phases: F32, broad: F32, normals: F32, lace: F32, grain: F32, sky: F32, window: F32,
    a: Real, v: Real, texel: Real, sand: F32, out: F32, row: int, column: int,
) -> None:  # fmt: skip
    z0 = n[EYE_Y] / v
    z = z0
    x0 = n[EYE_X] + a * z
    d = n[EYE_Z] + z - _shoreline(n, phases, x0)
    swell = (f4(0), f4(0), f4(0))
    if f4(-0.5) < d < f4(34):
        # What is seen on this ray is the raised surface a little nearer than the flat one.
        z = max(n[EYE_Y] - _height(n, phases, powers, n[EYE_X] + a * z, d), f4(0.35) * n[EYE_Y]) / v
        d += z - z0
        swell = _swell(n, phases, powers, n[EYE_X] + a * z, d)
    x = n[EYE_X] + a * z
    dz = z * z / (n[EYE_Y] * n[FOCAL])
    fine = f4(1) / (f4(1) + dz * f4(22))
    wet = d + _along(edge, half, x, 0)
    if abs(wet) < f4(0.5):
        wet += f4(0.045) * sample(phases, x * f4(43), n[TIME] * f4(2.3))
        wet += f4(0.02) * sample(grain, x * f4(60), z * f4(20)) * fine
    soft = max(dz * f4(1.2), f4(0.015))
    if wet > -soft:
        _water(n, colours, broad, normals, sky, window, a, v, x0, texel, dz, d, swell[0], swell[2], out, row, column)
        if d < f4(12):
            _shallows(
                n, edge, half, colours, lace, grain, v, x0, n[EYE_Z] + z0, d, wet, swell[1], swell[0], fine, out, row, column
            )  # fmt: skip
    if d < f4(12) and wet < soft * f4(0.6):
        _sand(n, edge, half, colours, lace, grain, sky, window, a, v, x, n[EYE_Z] + z, d, fine, sand)
        k = smoothstep(soft * f4(0.6), -soft, wet)
        dark = f4(1) - f4(0.30) * math.exp(-(wet + f4(0.06)) * (wet + f4(0.06)) * f4(160) / (f4(0.4) + z * f4(0.2)))
        for c in range(3):
            under = out[row, column, c] if wet > -soft else sand[c]
            out[row, column, c] = under + (sand[c] * dark - under) * k


@lean
def _rows(
    n: F32, edge: F32, half: Real, powers: F32, colours: F32,
    phases: F32, broad: F32, normals: F32, lace: F32, grain: F32, sky: F32, window: F32, sand: F32, out: F32,
) -> None:  # fmt: skip
    height, width = out.shape[0], out.shape[1]
    for y in range(max(int(n[HORIZON]), 0), height):
        v = (f4(y) + f4(0.5) - n[HORIZON]) / n[FOCAL]
        if v <= f4(0.0004):
            continue
        far = math.exp(-v * f4(55)) * f4(0.6)
        texel = _texel(n, n[EYE_Y] / v) + n[EYE_Z] * f4(16.5)
        for x in range(width):
            a = (f4(x) + f4(0.5) - n[AXIS]) / n[FOCAL]
            _pixel(
                n,
                edge,
                half,
                powers,
                colours,
                phases,
                broad,
                normals,
                lace,
                grain,
                sky,
                window,
                a,
                v,
                texel,
                sand,
                out,
                y,
                x,
            )
            for c in range(3):
                out[y, x, c] += (colours[HAZE, c] - out[y, x, c]) * far


def paint(
    numbers: F32, edge: F32, half: float, powers: F32, colours: F32, tiles: tuple[F32, F32, F32, F32, F32], sky: F32, window: F32,
    out: F32,
) -> None:  # fmt: skip
    """Shade every row of `out` below the horizon.

    Args:
        numbers: (17,) named above.
        edge: Rows of shore.Edge, over -half…half.
        powers: (64,) strengths of the waves, by number.
        colours: (ROWS, 3) named above, lit.
        tiles: Phase noise, broad and fine ripple slopes, lace, grain.
        sky: Coarse picture of the sky (h, w, 3+) over the tangent `window`.
    """
    left, right, bottom, top = (float(v) for v in window)
    h, w = sky.shape[:2]
    table = np.array([left, top, w / (right - left), h / (top - bottom), w - 1.01, h - 1.01], np.float32)
    _rows(numbers, edge, np.float32(half), powers, colours, *tiles, sky, table, np.zeros(3, np.float32), out)
