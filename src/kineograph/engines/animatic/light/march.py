"""What the sky is drawn from: what stands still in it (gradient, cirrus), and the clouds that drift before that."""

from __future__ import annotations

import math

import numpy as np

from kineograph.engines.animatic.light.air import (
    ABOVE,
    BELOW,
    COVER,
    DIRECTION,
    DRIFT,
    GLOW,
    HAZE,
    HORIZON,
    SHEET,
    SUN,
    ZENITH,
)  # fmt: skip
from kineograph.engines.animatic.light.atmosphere import look_up
from kineograph.engines.animatic.light.clouds import BASE, CELL, FAR, LAYERS, SLAB, bent, trilinear
from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean, mix, sample, smoothstep

_UP = LAYERS / SLAB
LATER = 20.0  # seconds the wind has blown when a film begins
_ALIKE = 0.1  # share of the light by which rays around a texel may differ for it to be their mean


@helper
def _clear(table: F32, n: F32, dx: Real, dy: Real, dz: Real, towards: Real) -> tuple[Real, Real, Real]:
    """Gradient, night air and the glow around the sun; `towards` is the cosine to the sun."""
    azimuth = abs(math.atan2(dx, dz) - n[DIRECTION, 3])
    if azimuth > f4(3.14159):
        azimuth = f4(6.28318) - azimuth
    r, g, b = look_up(table, math.asin(min(dy, f4(1))), f4(azimuth))
    low = math.exp(-dy * f4(7))
    ahead = max(towards, f4(0))
    glow = ahead ** f4(24) * f4(0.25) + ahead ** f4(240) * f4(0.9)
    r += mix(n[ZENITH, 0], n[HORIZON, 0], low) + n[GLOW, 0] * glow
    g += mix(n[ZENITH, 1], n[HORIZON, 1], low) + n[GLOW, 1] * glow
    b += mix(n[ZENITH, 2], n[HORIZON, 2], low) + n[GLOW, 2] * glow
    return r, g, b


@helper
def _cirrus(n: F32, soft: F32, streak: F32, dx: Real, dy: Real, dz: Real) -> Real:
    """Density of the high streaks, 0…0.6."""
    z = f4(8) / (dy + f4(0.06))
    x = dx * z
    y = dz * z
    warp = sample(soft, x * f4(3.1), y * f4(3.1))
    c = sample(streak, x * f4(1.6) + y * f4(0.9) + warp * f4(3), y * f4(6) - x * f4(3.4) + warp * f4(4)) * f4(0.7)
    c += sample(soft, x * f4(3.3) + y * f4(2) + warp * f4(3), y * f4(16) - x * f4(9) + warp * f4(5)) * f4(0.5)
    d = smoothstep(f4(-0.2), f4(2.3), c + warp * f4(0.6) - f4(0.9) + n[COVER, 2] * f4(1.4))
    return d * f4(0.6) * smoothstep(f4(0.01), f4(0.12), dy)


@helper
def _torn(n: F32, torn: F32, soft: F32, x: Real, e: Real, t: Real) -> tuple[Real, Real, Real, Real]:
    """The thin, finely torn layer that evenings are made of: its density, and its colour without the sky's behind it.

    Bright where it is thin towards the sun, with a burning rim close to it.
    """
    z = f4(1) / (e + f4(0.075))
    blown = (t - f4(LATER)) * f4(0.8)
    u = (x * z + n[COVER, 3] * blown) * f4(150) + n[COVER, 3] * f4(190 * LATER)
    v = (z + n[DRIFT, 0] * blown) * f4(190)
    warp = sample(soft, u * f4(0.6) + f4(3), v * f4(0.6))
    body = sample(torn, u + warp * f4(14), v + warp * f4(10))
    ahead = max(n[DIRECTION, 2], f4(0.12))
    sx = n[DIRECTION, 0] / ahead
    se = n[DIRECTION, 1] / ahead
    sunward = sample(torn, u + warp * f4(14) + min(max(sx - x, f4(-2)), f4(2)) * f4(34), v + warp * f4(10) + f4(16))
    detail = sample(soft, u * f4(3.1) + f4(40), v * f4(3.1)) * f4(0.26) + sample(
        soft, u * f4(7.7), v * f4(7.7) + f4(70)
    ) * f4(0.10)
    d = smoothstep(f4(-0.15), f4(1.35), body + detail + n[SHEET, 3] - f4(0.7) * smoothstep(f4(0.34), f4(0.7), e))
    d *= smoothstep(f4(0), f4(0.06), e) * f4(0.93)
    lit = smoothstep(f4(1.3), f4(-1.1), sunward)
    near = math.exp(-((x - sx) * (x - sx) + (e - se) * (e - se)) * f4(2.6)) if n[DIRECTION, 2] > f4(0.12) else f4(0)
    rim = d * (f4(1) - d) * f4(4) * near
    shade = f4(0.60) + f4(0.55) * lit
    glow = (f4(0.34) + f4(1.05) * near) * lit + rim * f4(1.1)
    return (
        d,
        n[BELOW, 0] * shade + n[SUN, 0] * glow,
        n[BELOW, 1] * shade + n[SUN, 1] * glow,
        n[BELOW, 2] * shade + n[SUN, 2] * glow,
    )


@helper
def _sheet(n: F32, soft: F32, dx: Real, dy: Real, dz: Real, towards: Real, t: Real) -> tuple[Real, Real]:
    """Brightness (about 1) and density of the closed sheet: rolls lit from behind, dark bellies, thin pools of light."""
    closed = n[DRIFT, 1]
    z = f4(2.2) / (dy + f4(0.11))
    x = dx * z + n[COVER, 3] * f4(0.9) * t
    y = dz * z + n[DRIFT, 0] * f4(0.9) * t
    warp = sample(soft, x * f4(5), y * f4(5) + f4(90))
    high = sample(soft, x * f4(23) + f4(170), y * f4(23)) + sample(soft, x * f4(61), y * f4(61)) * f4(0.5)
    # Below the bright sheet hang broken rolls: dark bellies, and a pale rim where they are thin.
    roll = sample(soft, x * f4(17) + warp * f4(4), y * f4(17) - warp * f4(3) + f4(40))
    rag = sample(soft, x * f4(53) + warp * f4(6), y * f4(53) + t * f4(0.1)) * f4(0.42)
    rag += sample(soft, x * f4(140), y * f4(140) + t * f4(0.2)) * f4(0.16)
    belly = smoothstep(f4(-0.55), f4(1.15), roll + rag + warp * f4(0.35))
    rim = belly * (f4(1) - belly) * f4(4)
    ahead = max(towards, f4(0)) ** f4(6)
    q = f4(1.14) + f4(0.13) * high * closed - f4(0.50) * belly * closed + f4(0.10) * rim + f4(0.30) * ahead
    cover = closed * smoothstep(f4(-1.6), f4(-0.2), (roll + rag) * f4(0.4) + (closed - f4(0.5)) * f4(4))
    return max(q, f4(0.22)), cover


@helper
def _thickness(
    brick: F32, detail: F32, n: F32, px: Real, py: Real, pz: Real, qx: Real, qz: Real, dy: Real, pixel: Real, t: Real
) -> Real:  # fmt: skip
    """Cloud density at a point (km), edges eroded by three octaves, of which those smaller than a `pixel` (km) are left out."""
    d = trilinear(brick, qx, py * f4(_UP), qz)
    if d > f4(0.01):
        evolve = n[DRIFT, 3] * t
        ragged = sample(detail, px * f4(41) + py * f4(57) + evolve, pz * f4(41) - py * f4(53)) * f4(0.30)
        seen = min(f4(2.6) - pixel * f4(97), f4(1))
        if seen > f4(0):
            middle = sample(detail, px * f4(97) - py * f4(83) + evolve, pz * f4(97) + py * f4(101) + f4(80))
            ragged += middle * f4(0.17) * seen
        seen = min(f4(2.6) - pixel * f4(210), f4(1))
        if seen > f4(0):
            fine = sample(detail, px * f4(210) - py * f4(191) + evolve * f4(2), pz * f4(210) + py * f4(220))
            ragged += fine * f4(0.10) * seen
        d += (ragged - f4(0.16)) * (f4(1.12) - d)
        d -= f4(0.30) * max(f4(0), dy - f4(0.36))
    return d


@helper
def _cumulus(
    brick: F32, lit: F32, where: F32, corner: F32, soft: F32, detail: F32, n: F32, dx: Real, dy: Real, dz: Real,
    towards: Real, start: Real, pixel: Real, t: Real,
) -> tuple[Real, Real, Real, Real]:  # fmt: skip
    """March the slab front to back: premultiplied colour and what is left of the sky behind."""
    r = g = b = f4(0)
    left = f4(1)
    end = min((f4(BASE) + f4(SLAB)) / dy, f4(FAR))
    s = f4(BASE) / dy
    step = max((end - s) / f4(26), f4(0.07))
    s += step * start
    ahead = max(towards, f4(0))
    phase = f4(0.62) + f4(1.5) * ahead ** f4(5) + f4(3.2) * ahead ** f4(40)
    for _ in range(30):
        if s > end or left < f4(0.02):
            break
        px = dx * s + n[COVER, 3] * t
        pz = dz * s + n[DRIFT, 0] * t
        py = dy * s - f4(BASE)
        top = where[int((pz - corner[1]) * f4(1 / CELL)), int((px - corner[0]) * f4(1 / CELL))]
        if py > top:
            # Where there is none for a while, as many whole steps as end before it: what is seen stays the same.
            s += step * f4(1.3) * f4(max(int(-top / (step * f4(1.3))), 1))
            continue
        qx, qz = bent(soft, px, pz)
        d = _thickness(brick, detail, n, px, py, pz, qx, qz, dy, pixel * s, t)
        if d > f4(0.02):
            light = trilinear(lit, qx * f4(0.5) - f4(0.25), py * f4(_UP), qz * f4(0.5) - f4(0.25))
            height = py / f4(SLAB)
            alpha = (f4(1) - math.exp(-d * step * f4(9))) * left
            q = light * phase * f4(0.92) + f4(0.22) * math.sqrt(math.sqrt(light))
            clear = math.exp(-s * f4(0.065))
            open_ = mix(f4(0.55), f4(1), height)
            up = min(height * f4(1.6), f4(1.6))
            r += alpha * mix(n[HAZE, 0], n[SUN, 0] * q + mix(n[BELOW, 0], n[ABOVE, 0], up) * open_, clear)
            g += alpha * mix(n[HAZE, 1], n[SUN, 1] * q + mix(n[BELOW, 1], n[ABOVE, 1], up) * open_, clear)
            b += alpha * mix(n[HAZE, 2], n[SUN, 2] * q + mix(n[BELOW, 2], n[ABOVE, 2], up) * open_, clear)
            left -= alpha
        s += step if d > f4(0.01) else step * f4(1.3)
    k = smoothstep(f4(0.012), f4(0.05), dy)
    return r * k, g * k, b * k, f4(1) - (f4(1) - left) * k


@helper
def _towards(n: F32, x: Real, e: Real) -> tuple[Real, Real, Real, Real]:
    """Unit direction of tangent coordinates (x, e), and its cosine to the sun."""
    dz = f4(1) / math.sqrt(x * x + e * e + f4(1))
    dx = x * dz
    dy = e * dz
    return dx, dy, dz, f4(dx * n[DIRECTION, 0] + dy * n[DIRECTION, 1] + dz * n[DIRECTION, 2])


@helper
def _tangent(window: F32, out: F32, x: Real, y: Real) -> tuple[Real, Real]:
    """Tangent coordinates of a texel; rows below the horizon repeat it."""
    column, row = x + f4(0.5), y + f4(0.5)
    down, across = (window[2] - window[3]) / f4(out.shape[0]), (window[1] - window[0]) / f4(out.shape[1])
    return window[0] + across * column, max(window[3] + down * row, f4(0.0015))


@lean
def _still(table: F32, n: F32, soft: F32, streak: F32, window: F32, out: F32) -> None:
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            u, e = _tangent(window, out, x, y)
            dx, dy, dz, towards = _towards(n, u, e)
            r, g, b = _clear(table, n, dx, dy, dz, towards)
            d = f4(0)
            if n[COVER, 2] > 0:
                d = _cirrus(n, soft, streak, dx, dy, dz)
                phase = (f4(0.75) + f4(1.6) * max(towards, f4(0)) ** f4(8)) * f4(0.30)
                r += (n[SUN, 0] * phase + n[ABOVE, 0] * f4(0.9) - r) * d
                g += (n[SUN, 1] * phase + n[ABOVE, 1] * f4(0.9) - g) * d
                b += (n[SUN, 2] * phase + n[ABOVE, 2] * f4(0.9) - b) * d
            out[y, x, 0] = r
            out[y, x, 1] = g
            out[y, x, 2] = b
            out[y, x, 3] = f4(1) - d * f4(0.7)


def still(table: F32, numbers: F32, tiles: tuple[F32, F32], window: F32, size: tuple[int, int]) -> F32:
    """The sky behind what drifts: gradient, glow and cirrus, which is too high to be seen moving.

    Args:
        table, numbers: Of Air.
        tiles: Soft and streaky noise.
        window: Tangent coordinates of the picture: left, right, bottom, top (sideways and upward ÷ forward).
        size: Width and height, odd.

    Returns:
        (height, width, 4) radiance and transmittance to the stars; rows below the horizon repeat it.
    """
    out = np.empty((size[1], size[0], 4), np.float32)
    _still(table, numbers, *tiles, window, out)
    return out


@helper
def _ray(
    n: F32, brick: F32, lit: F32, where: F32, corner: F32, soft: F32, detail: F32, torn: F32, u: Real, e: Real,
    start: Real, pixel: Real, t: Real, out: F32,
) -> None:  # fmt: skip
    """One ray towards tangent coordinates (u, e): radiance, and transmittance to what is behind the clouds."""
    dx, dy, dz, towards = _towards(n, u, e)
    r = g = b = f4(0)
    left = f4(1)
    if n[SHEET, 3] > f4(-5):
        d, tr, tg, tb = _torn(n, torn, soft, u, e, t)
        r = tr * d
        g = tg * d
        b = tb * d
        left -= d * f4(0.72)  # it takes 0.28 of the colour behind it
    if n[DRIFT, 1] > 0:
        q, d = _sheet(n, soft, dx, dy, dz, towards, t)
        far = math.exp(-dy * (f4(9) - f4(5) * n[DRIFT, 2]))
        r += (mix(n[SHEET, 0] * q, n[HAZE, 0], far) - r) * d
        g += (mix(n[SHEET, 1] * q, n[HAZE, 1], far) - g) * d
        b += (mix(n[SHEET, 2] * q, n[HAZE, 2], far) - b) * d
        left *= f4(1) - d
    if n[COVER, 0] > 0 and dy > f4(0.012):
        cr, cg, cb, rest = _cumulus(brick, lit, where, corner, soft, detail, n, dx, dy, dz, towards, start, pixel, t)
        r = r * rest + cr
        g = g * rest + cg
        b = b * rest + cb
        left *= rest
    out[0] = r
    out[1] = g
    out[2] = b
    out[3] = left


@helper
def _blended(n: F32, out: F32, x: Real, y: Real) -> bool:
    """Put the mean of the rays around it there if they agree."""
    x0, y0, x1, y1 = x & ~1, y & ~1, x + (x & 1), y + (y & 1)
    most = f4(0)
    for c in range(4):
        p, q = out[y0, x0, c], out[y0, x1, c]
        r, s = out[y1, x0, c], out[y1, x1, c]
        high, low = max(max(p, q), max(r, s)), min(min(p, q), min(r, s))
        most = max(most, (high - low) / (high + n[HAZE, c] if c < 3 else f4(1)))
        out[y, x, c] = (p + q + r + s) * f4(0.25)
    return bool(most < f4(_ALIKE))


@lean
def _march(
    n: F32, brick: F32, lit: F32, where: F32, corner: F32, soft: F32, detail: F32, torn: F32, window: F32, t: Real,
    out: F32,
) -> None:  # fmt: skip
    pixel = (window[1] - window[0]) / f4(out.shape[1])
    for between in range(2):
        for y in range(out.shape[0]):
            for x in range(out.shape[1]):
                if between != (x | y) & 1 or (between and _blended(n, out, x, y)):
                    continue
                u, e = _tangent(window, out, x, y)
                start = f4((x * 7 + y * 13) % 16) / f4(16)
                _ray(n, brick, lit, where, corner, soft, detail, torn, u, e, start, pixel, t, out[y, x])


def march(
    numbers: F32,
    bricks: tuple[F32, F32, F32, F32],
    tiles: tuple[F32, F32, F32],
    window: F32,
    size: tuple[int, int],
    t: float,
) -> F32:
    """A key frame of the clouds that drift: torn layer, closed sheet, cumulus.

    Args:
        numbers: Of Air.
        bricks: Density, transmittance, the map of where clouds are, and the corner it begins at, km.
        tiles: Soft, detail and torn noise.
        window, size: As for `still`.
        t: Seconds, LATER when the film begins.

    Returns:
        (height, width, 4) radiance, to be added to what is behind times the fourth: transmittance.
    """
    out = np.empty((size[1], size[0], 4), np.float32)
    _march(numbers, *bricks, *tiles, window, np.float32(t), out)
    return out


@lean
def _around(table: F32, n: F32, ground: F32, directions: F32, out: F32) -> None:
    for k in range(directions.shape[0]):
        dx = directions[k, 0]
        dy = directions[k, 1]
        dz = directions[k, 2]
        towards = f4(dx * n[DIRECTION, 0] + dy * n[DIRECTION, 1] + dz * n[DIRECTION, 2])
        r, g, b = _clear(table, n, dx, max(dy, f4(0.002)), dz, towards)
        white = n[COVER, 0] * f4(0.8) * smoothstep(f4(0.02), f4(0.2), dy)
        r += (n[SUN, 0] * f4(0.5) + n[ABOVE, 0] - r) * white
        g += (n[SUN, 1] * f4(0.5) + n[ABOVE, 1] - g) * white
        b += (n[SUN, 2] * f4(0.5) + n[ABOVE, 2] - b) * white
        far = math.exp(-max(dy, f4(0)) * f4(5))
        closed = n[DRIFT, 1]
        r += (mix(n[SHEET, 0], n[HAZE, 0], far) - r) * closed
        g += (mix(n[SHEET, 1], n[HAZE, 1], far) - g) * closed
        b += (mix(n[SHEET, 2], n[HAZE, 2], far) - b) * closed
        below = smoothstep(f4(0.0), f4(-0.12), dy)
        out[k, 0] = r + (ground[0] - r) * below
        out[k, 1] = g + (ground[1] - g) * below
        out[k, 2] = b + (ground[2] - b) * below


def around(table: F32, numbers: F32, ground: F32, directions: F32) -> F32:
    """Radiance (K, 3) from unit directions (K, 3): the sky without its disc, clouds as their average, `ground` (3,) below."""
    out = np.empty_like(directions)
    _around(table, numbers, ground, np.ascontiguousarray(directions, dtype=np.float32), out)
    return out
