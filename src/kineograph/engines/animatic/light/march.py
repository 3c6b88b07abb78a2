"""The sky's key frames: gradient, cirrus, closed sheet and cumulus along each ray."""

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
from kineograph.engines.animatic.light.clouds import BASE, BEND, COS, LAYERS, SIDE, SIN, SLAB, TILE, trilinear
from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean, mix, sample, smoothstep, whole

_ACROSS = SIDE / TILE
_UP = LAYERS / SLAB


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
def _cirrus(n: F32, soft: F32, streak: F32, dx: Real, dy: Real, dz: Real, t: Real) -> Real:
    """Density of the high streaks, 0…0.6."""
    z = f4(8) / (dy + f4(0.06))
    x = dx * z
    y = dz * z
    drift = n[COVER, 3] * t
    warp = sample(soft, x * f4(3.1) + t * f4(0.1), y * f4(3.1))
    c = sample(streak, x * f4(1.6) + y * f4(0.9) + warp * f4(3) + drift, y * f4(6) - x * f4(3.4) + warp * f4(4)) * f4(
        0.7
    )
    c += sample(soft, x * f4(3.3) + y * f4(2) + warp * f4(3) + drift, y * f4(16) - x * f4(9) + warp * f4(5)) * f4(0.5)
    d = smoothstep(f4(-0.2), f4(2.3), c + warp * f4(0.6) - f4(0.9) + n[COVER, 2] * f4(1.4))
    return d * f4(0.6) * smoothstep(f4(0.01), f4(0.12), dy)


@helper
def _torn(
    n: F32, torn: F32, soft: F32, x: Real, e: Real, r: Real, g: Real, b: Real, t: Real
) -> tuple[Real, Real, Real, Real]:
    """The thin, finely torn layer that evenings are made of: density, and its colour over the sky (r, g, b).

    Bright where it is thin towards the sun, with a burning rim close to it.
    """
    z = f4(1) / (e + f4(0.075))
    u = x * z * f4(150) + n[COVER, 3] * f4(190) * t
    v = z * f4(190)
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
        n[BELOW, 0] * shade + r * f4(0.28) + n[SUN, 0] * glow,
        n[BELOW, 1] * shade + g * f4(0.28) + n[SUN, 1] * glow,
        n[BELOW, 2] * shade + b * f4(0.28) + n[SUN, 2] * glow,
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
    brick: F32, tops: F32, soft: F32, detail: F32, n: F32, px: Real, py: Real, pz: Real, dy: Real, t: Real
) -> Real:
    """Cloud density at a point (km), edges eroded by two octaves."""
    m = tops.shape[0] - 1
    i, _ = whole((px * f4(COS) - pz * f4(SIN)) * f4(_ACROSS))
    j, _ = whole((px * f4(SIN) + pz * f4(COS)) * f4(_ACROSS))
    if py * f4(_UP) > tops[j & m, i & m]:
        return f4(0)
    # Bend the brick's grid, or its columns show as boxes overhead.
    px += sample(soft, px * f4(9) + f4(31), pz * f4(9)) * f4(BEND)
    pz += sample(soft, px * f4(9), pz * f4(9) + f4(57)) * f4(BEND)
    qx = px * f4(COS) - pz * f4(SIN)
    qz = px * f4(SIN) + pz * f4(COS)
    d = trilinear(brick, qx * f4(_ACROSS), py * f4(_UP), qz * f4(_ACROSS))
    if d > f4(0.01):
        evolve = n[DRIFT, 3] * t
        coarse = sample(detail, px * f4(41) + py * f4(57) + evolve, pz * f4(41) - py * f4(53))
        middle = sample(detail, px * f4(97) - py * f4(83) + evolve, pz * f4(97) + py * f4(101) + f4(80))
        fine = sample(detail, px * f4(210) - py * f4(191) + evolve * f4(2), pz * f4(210) + py * f4(220))
        ragged = coarse * f4(0.30) + middle * f4(0.17) + fine * f4(0.10)
        d += (ragged - f4(0.16)) * (f4(1.12) - d)
        d -= f4(0.30) * max(f4(0), dy - f4(0.36))
    return d


@helper
def _cumulus(
    brick: F32,
    lit: F32,
    tops: F32,
    soft: F32,
    detail: F32,
    n: F32,
    dx: Real,
    dy: Real,
    dz: Real,
    towards: Real,
    start: Real,
    t: Real,
) -> tuple[Real, Real, Real, Real]:
    """March the slab front to back: premultiplied colour and what is left of the sky behind."""
    r = f4(0)
    g = f4(0)
    b = f4(0)
    left = f4(1)
    end = min((f4(BASE) + f4(SLAB)) / dy, f4(46))
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
        d = _thickness(brick, tops, soft, detail, n, px, py, pz, dy, t)
        if d > f4(0.02):
            qx = px * f4(COS) - pz * f4(SIN)
            qz = px * f4(SIN) + pz * f4(COS)
            light = trilinear(lit, qx * f4(_ACROSS / 2) - f4(0.25), py * f4(_UP), qz * f4(_ACROSS / 2) - f4(0.25))
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
def _ray(
    table: F32, n: F32, brick: F32, lit: F32, tops: F32, soft: F32, streak: F32, detail: F32, torn: F32,
    x: Real, e: Real, start: Real, t: Real, out: F32,
) -> None:  # fmt: skip
    """One ray towards tangent coordinates (x, e): radiance, and transmittance to what is behind the clouds."""
    length = f4(1) / math.sqrt(x * x + e * e + f4(1))
    dx = x * length
    dy = e * length
    dz = length
    towards = f4(dx * n[DIRECTION, 0] + dy * n[DIRECTION, 1] + dz * n[DIRECTION, 2])
    r, g, b = _clear(table, n, dx, dy, dz, towards)
    left = f4(1)
    if n[COVER, 2] > 0:
        d = _cirrus(n, soft, streak, dx, dy, dz, t)
        phase = (f4(0.75) + f4(1.6) * max(towards, f4(0)) ** f4(8)) * f4(0.30)
        r += (n[SUN, 0] * phase + n[ABOVE, 0] * f4(0.9) - r) * d
        g += (n[SUN, 1] * phase + n[ABOVE, 1] * f4(0.9) - g) * d
        b += (n[SUN, 2] * phase + n[ABOVE, 2] * f4(0.9) - b) * d
        left *= f4(1) - d * f4(0.7)
    if n[SHEET, 3] > f4(-5):
        d, tr, tg, tb = _torn(n, torn, soft, x, e, r, g, b, t)
        r += (tr - r) * d
        g += (tg - g) * d
        b += (tb - b) * d
        left *= f4(1) - d * f4(0.75)
    if n[DRIFT, 1] > 0:
        q, d = _sheet(n, soft, dx, dy, dz, towards, t)
        far = math.exp(-dy * (f4(9) - f4(5) * n[DRIFT, 2]))
        r += (mix(n[SHEET, 0] * q, n[HAZE, 0], far) - r) * d
        g += (mix(n[SHEET, 1] * q, n[HAZE, 1], far) - g) * d
        b += (mix(n[SHEET, 2] * q, n[HAZE, 2], far) - b) * d
        left *= f4(1) - d
    if n[COVER, 0] > 0 and dy > f4(0.012):
        cr, cg, cb, rest = _cumulus(brick, lit, tops, soft, detail, n, dx, dy, dz, towards, start, t)
        r = r * rest + cr
        g = g * rest + cg
        b = b * rest + cb
        left *= rest
    out[0] = r
    out[1] = g
    out[2] = b
    out[3] = left


@lean
def _march(
    table: F32, n: F32, brick: F32, lit: F32, tops: F32, soft: F32, streak: F32, detail: F32, torn: F32,
    window: F32, t: Real, out: F32,
) -> None:  # fmt: skip
    h, w = out.shape[0], out.shape[1]
    down, across = (window[2] - window[3]) / f4(h), (window[1] - window[0]) / f4(w)
    for y in range(h):
        e = max(window[3] + down * (f4(y) + f4(0.5)), f4(0.0015))
        for x in range(w):
            u = window[0] + across * (f4(x) + f4(0.5))
            start = f4((x * 7 + y * 13) % 16) / f4(16)
            _ray(table, n, brick, lit, tops, soft, streak, detail, torn, u, e, start, t, out[y, x])


def march(
    table: F32,
    numbers: F32,
    bricks: tuple[F32, F32, F32],
    tiles: tuple[F32, F32, F32, F32],
    window: F32,
    size: tuple[int, int],
    t: float,
) -> F32:
    """A key frame of the sky.

    Args:
        table, numbers: Of Air.
        bricks: Density, transmittance and tops.
        tiles: Soft, streaky, detail and torn noise.
        window: Tangent coordinates of the frame: left, right, bottom, top (sideways and upward ÷ forward).
        size: Width and height.
        t: Seconds.

    Returns:
        (height, width, 4) radiance and transmittance to the stars; rows below the horizon repeat it.
    """
    out = np.empty((size[1], size[0], 4), np.float32)
    _march(table, numbers, *bricks, *tiles, window, np.float32(t), out)
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
