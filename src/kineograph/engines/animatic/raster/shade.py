"""The one lighting kernel: every solid surface of every subject is lit here, under every sky.

Samples are taken material by material, a block of them at a time (block.py), and a block goes through a row of short loops:
what a material has not is left out for all of them at once.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import helper, lean
from kineograph.engines.animatic.raster.block import (
    ACROSS,
    AROUND,
    BLOCK,
    COATED,
    COATING,
    DIRECT,
    EDGE,
    FAR,
    FIBRES,
    GLINT,
    GLOSS,
    GLOW,
    GRAZING,
    KEYWARD,
    LACQUER,
    LEAKED,
    LIT,
    MIRROR,
    NUMBERS,
    OPEN,
    OUTER,
    SEEN,
    A,
    N,
    P,
    R,
    V,
    Y,
    Z,
)  # fmt: skip
from kineograph.engines.animatic.raster.grain import cells as grain_cells
from kineograph.engines.animatic.raster.grain import roughen
from kineograph.engines.animatic.raster.materials import (
    COAT,
    EMIT,
    F0,
    FUZZ,
    GRAIN,
    LEVEL,
    METAL,
    RIM,
    SHEET,
    WARM,
    WRAP,
    table,
)
from kineograph.engines.animatic.raster.mesh import Samples
from kineograph.engines.animatic.raster.sunmap import SunMap, lit_shares
from kineograph.engines.animatic.raster.surround import DULL, environment_for, reflect, ripple, waves_of
from kineograph.engines.animatic.scalar import f4

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
Bytes = NDArray[np.uint8]

# Fields of the rig vector that the kernels read.
EYE, TOWARDS, KEY, HAZE, DENSITY, SHARPEST = 0, 3, 6, 9, 12, 13
# Red light travels furthest under skin: how much of the key leaks past the terminator, per channel.
_LEAK = np.array([0.34, 0.10, 0.04], np.float32)
# Sharpness of the key's own highlight by roughness level: the lobes the environment is prefiltered with.
_SHARPNESS = np.array([900.0, 320.0, 80.0, 22.0, 6.5], np.float32)
# A glint is cut here: beyond it only flicker is gained, the tone map shows white anyway.
_BRIGHTEST = 24.0


def rig_of(light: Light, eye: F32) -> F32:
    """(14,) the light and the eye as the kernels read them."""
    # A broad light has a broad highlight, however smooth the surface: a lobe as wide as the light.
    sharpest = min(4.0 / max(light.softness, 0.05) ** 2, 1600.0)
    return np.concatenate([
        eye, light.direction, light.key, light.haze, (light.haze_density, sharpest)
    ]).astype(np.float32)  # fmt: skip


def light_up(samples: Samples, light: Light, eye: F32, sun: SunMap) -> F32:
    """Light every sample: (K, 4) linear RGB, haze included, and 1.

    Args:
        eye: (3,) world.
    """
    count = len(samples.material)
    out, order, first = np.empty((count, 4), np.float32), np.empty(count, np.int32), np.zeros(257, np.int64)
    environment = environment_for(light)
    _sort(samples.material, first, order)
    _shade(
        samples.position, samples.normal, samples.rest, samples.colour, samples.occlusion, samples.emission,
        samples.footprint, order, first, table(), grain_cells(), environment, waves_of(environment), sun.depth,
        sun.frame, rig_of(light, eye), np.empty(NUMBERS, np.float32),
        np.empty(2 * BLOCK, np.int32), out,
    )  # fmt: skip
    return out


@lean
def _sort(material: Bytes, first: I64, order: I32) -> None:
    """Rows of every material in turn; those of number m are at first[m]…first[m + 1]."""
    for k in range(material.shape[0]):
        first[np.uint64(material[k])] += 1
    after = 0
    for m in range(257):
        before = after
        after += first[m]
        first[m] = before
    for k in range(material.shape[0]):
        of = np.uint64(material[k])
        order[np.uint64(first[of])] = k
        first[of] += 1
    for m in range(256, 0, -1):
        first[m] = first[m - 1]
    first[0] = 0


@helper
def _decay(x: float) -> float:
    """e^-x for x ≥ 0, to a thousandth. By multiplication alone: a call into a library would end the eight at a time."""
    y = min(x * f4(1 / 64), f4(1))
    y = f4(1) - y + f4(0.5) * y * y
    y *= y
    y *= y
    y *= y
    y *= y
    y *= y
    return y * y


@helper
def _load(
    position: F32, normals: F32, colour: F32, occlusion: F32, order: I32, start: np.uint64, n: int, rig: F32, row: F32
) -> None:
    """Rows into planes, and the way to the eye."""
    for x in range(np.uint64(n)):
        k = np.uint64(order[start + x])
        row[P + x], row[P + Y + x], row[P + Z + x] = position[k, 0], position[k, 1], position[k, 2]
        row[N + x], row[N + Y + x], row[N + Z + x] = normals[k, 0], normals[k, 1], normals[k, 2]
        row[A + x], row[A + Y + x], row[A + Z + x] = colour[k, 0], colour[k, 1], colour[k, 2]
        row[OPEN + x] = occlusion[k]
    ex, ey, ez = rig[EYE], rig[EYE + 1], rig[EYE + 2]
    for x in range(np.uint64(n)):
        vx, vy, vz = ex - row[P + x], ey - row[P + Y + x], ez - row[P + Z + x]
        far = math.sqrt(vx * vx + vy * vy + vz * vz)
        near = f4(1) / far
        row[V + x], row[V + Y + x], row[V + Z + x], row[FAR + x] = vx * near, vy * near, vz * near, far


@helper
def _turn(row: F32, n: int, rig: F32, sheet: bool) -> None:
    """Which way the surface faces: the eye, the key light; and where its mirror image lies."""
    kx, ky, kz = rig[TOWARDS], rig[TOWARDS + 1], rig[TOWARDS + 2]
    one, zero = f4(1), f4(0)
    for x in range(np.uint64(n)):
        nx, ny, nz = row[N + x], row[N + Y + x], row[N + Z + x]
        vx, vy, vz = row[V + x], row[V + Y + x], row[V + Z + x]
        facing = nx * vx + ny * vy + nz * vz
        sign = -one if sheet and facing < zero else one
        nx, ny, nz, facing = nx * sign, ny * sign, nz * sign, max(facing * sign, f4(0.02))
        row[N + x], row[N + Y + x], row[N + Z + x] = nx, ny, nz
        twice = facing + facing
        row[R + x], row[R + Y + x], row[R + Z + x] = twice * nx - vx, twice * ny - vy, twice * nz - vz
        row[EDGE + x] = one - facing
        row[KEYWARD + x] = nx * kx + ny * ky + nz * kz
        row[ACROSS + x] = vx * kx + vy * ky + vz * kz


@helper
def _key(row: F32, n: int, rows: F32, m: int, rig: F32) -> None:
    """Of the key: diffuse with wrap, what leaks through warm stuff, backlight in the outermost fibres, highlights."""
    one, zero, half = f4(1), f4(0), f4(0.5)
    wrap, warm, rim = rows[m, WRAP], rows[m, WARM] * half, rows[m, RIM]
    within = one / (one + wrap)
    broad, sharp = min(_SHARPNESS[int(rows[m, LEVEL])], rig[SHARPEST]), min(_SHARPNESS[0], rig[SHARPEST])
    kx, ky, kz = rig[TOWARDS], rig[TOWARDS + 1], rig[TOWARDS + 2]
    coated = one if rows[m, COAT] > 0 else zero
    for x in range(np.uint64(n)):
        facing, lit, edge = row[KEYWARD + x], row[LIT + x], row[EDGE + x]
        # Behind the terminator the map only says "away from the light": a third of the wrapped light there is free of it.
        # By degrees, or grain that tips the surface to and fro would show as blotches.
        free = min(max(half - facing * f4(2.5), zero), one) * f4(0.35)
        direct = max((facing + wrap) * within, zero) * (free + (one - free) * lit)
        leak = warm * max((facing + f4(0.65)) * f4(1 / 1.65), zero) * (f4(0.4) + f4(0.6) * lit)
        leak *= f4(0.25) + f4(0.75) * row[OPEN + x]  # between two legs no red light arrives to be passed on
        glow = max((facing + f4(0.7)) * f4(1 / 1.7), zero) * rim * (edge * edge * edge)
        glow *= max(f4(0.35) - row[ACROSS + x], zero)
        away = one - (row[R + x] * kx + row[R + Y + x] * ky + row[R + Z + x] * kz)
        away = max(away, zero)
        seen = lit if facing > 0 else zero
        row[DIRECT + x], row[LEAKED + x], row[GLOW + x] = direct, leak, glow
        row[GLINT + x] = min(half * broad * _decay(broad * away), f4(_BRIGHTEST)) * seen
        row[COATED + x] = min(half * sharp * _decay(sharp * away), f4(_BRIGHTEST)) * (seen * coated)


@helper
def _shares(row: F32, n: int, rows: F32, m: int) -> None:
    """Who gets how much of the light. It is shared out, never added: white in a white room stays white."""
    one = f4(1)
    rough = f4(0.55) if rows[m, LEVEL] > 2 else one
    f0, coat, fuzz, rim = rows[m, F0], rows[m, COAT], rows[m, FUZZ], rows[m, RIM] * f4(0.35)
    for x in range(np.uint64(n)):
        edge = row[EDGE + x]
        e2 = edge * edge
        e5 = e2 * e2 * edge
        row[GRAZING + x] = e5
        row[SEEN + x] = min(max(row[OPEN + x] * f4(1.5) - f4(0.18), f4(0.06)), one)
        row[GLOSS + x] = f0 + (one - f0) * e5 * rough
        row[LACQUER + x] = coat * (f4(0.045) + f4(0.955) * e5)
        row[FIBRES + x], row[OUTER + x] = fuzz * e2, rim * e2 * edge


@helper
def _bounced(occlusion: float, albedo: float) -> float:
    """Occlusion after light has bounced between bright walls (Jimenez et al. 2016, GTAO, eq. 13)."""
    a = f4(2.0404) * albedo - f4(0.3324)
    b = f4(-4.7951) * albedo + f4(0.6417)
    c = f4(2.7552) * albedo + f4(0.6903)
    return max(occlusion, ((occlusion * a + b) * occlusion + c) * occlusion)


@helper
def _compose(row: F32, n: int, rows: F32, m: int, key: float, leaks: float, c: np.uint64) -> None:
    """One channel: diffuse, specular, coat, fibres. The result takes the albedo's plane."""
    one, half = f4(1), f4(0.5)
    metal, emit = rows[m, METAL], rows[m, EMIT]
    plain, kept = one - metal, one - min(emit, one) * f4(0.7)
    for x in range(np.uint64(n)):
        a, direct, open_ = row[A + c + x], row[DIRECT + x], row[OPEN + x]
        around, mirror = row[AROUND + c + x], row[MIRROR + c + x] * row[SEEN + x]
        gloss, lacquer = row[GLOSS + x], row[LACQUER + x]
        surface = a * (key * (direct + row[LEAKED + x] * leaks) + around * _bounced(open_, a))
        reflect = gloss * plain + (a + (one - a) * row[GRAZING + x]) * metal
        value = surface * (plain * (one - gloss)) + reflect * (mirror + key * row[GLINT + x])
        fibre = half + half * a
        value += (fibre * (around * open_ + key * direct * half) - value) * row[FIBRES + x]
        value += (mirror * fibre - value * half) * row[OUTER + x] + fibre * key * row[GLOW + x]
        coating = row[COATING + c + x] * row[SEEN + x] + key * row[COATED + x]
        row[A + c + x] = (value + (coating - value) * lacquer) * kept + emit * a


@helper
def _store(row: F32, emission: F32, order: I32, start: np.uint64, n: int, rig: F32, out: F32) -> None:
    """Through the haze, and back to rows."""
    density, one = rig[DENSITY], f4(1)
    hr, hg, hb = rig[HAZE], rig[HAZE + 1], rig[HAZE + 2]
    for x in range(np.uint64(n)):
        row[FAR + x] = _decay(density * row[FAR + x])
    for x in range(np.uint64(n)):
        k = np.uint64(order[start + x])
        through = row[FAR + x]
        out[k, 0] = (row[A + x] + emission[k, 0]) * through + hr * (one - through)
        out[k, 1] = (row[A + Y + x] + emission[k, 1]) * through + hg * (one - through)
        out[k, 2] = (row[A + Z + x] + emission[k, 2]) * through + hb * (one - through)
        out[k, 3] = one


@lean
def _shade(
    position: F32, normals: F32, rest: F32, colour: F32, occlusion: F32, emission: F32, footprint: F32, order: I32,
    first: I64, rows: F32, cells: I32, environment: F32, waves: F32, depth: F32, frame: F32, rig: F32, row: F32,
    words: I32, out: F32,
) -> None:  # fmt: skip
    dark = rig[KEY] + rig[KEY + 1] + rig[KEY + 2] <= 0
    row[:] = f4(0)
    for m in range(rows.shape[0]):
        level = int(rows[m, LEVEL])
        dull = level == DULL and rows[m, METAL] <= 0
        # Farther from the light than this nothing depends on whether it arrives.
        turned = -max(rows[m, WRAP], f4(0.65) if rows[m, WARM] > 0 else f4(0))
        for begin in range(first[m], first[m + 1], BLOCK):
            start, n = np.uint64(begin), min(BLOCK, first[m + 1] - begin)
            _load(position, normals, colour, occlusion, order, start, n, rig, row)
            if rows[m, GRAIN] > 0:
                roughen(cells, rest, footprint, order, start, n, rows, m, row, words)
            _turn(row, n, rig, rows[m, SHEET] > 0)
            ripple(waves, row, n, dull)
            for coat in range(2):
                if (coat == 0 and not dull) or (coat == 1 and rows[m, COAT] > 0):
                    reflect(environment, 0 if coat else level, row, n, COATING if coat else MIRROR)
            if not dark:
                lit_shares(row, n, depth, frame, turned)
                _key(row, n, rows, m, rig)
            _shares(row, n, rows, m)
            for c in range(3):
                _compose(row, n, rows, m, rig[KEY + c], _LEAK[c], np.uint64(c) * Y)
            _store(row, emission, order, start, n, rig, out)
