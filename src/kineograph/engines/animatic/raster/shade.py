"""The one lighting kernel: every solid surface of every subject is lit here, under every sky."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.light.environment import LEVELS
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import helper, lean
from kineograph.engines.animatic.raster.grain import lattice as grain_lattice
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
from kineograph.engines.animatic.raster.sunmap import SunMap, lit_share
from kineograph.engines.animatic.scalar import f4

F32 = NDArray[np.float32]
Bytes = NDArray[np.uint8]

# Fields of the rig vector that the kernels read.
EYE, TOWARDS, KEY, SKY, BOUNCE, HAZE, DENSITY, SURROUNDED, SHARPEST = 0, 3, 6, 9, 12, 15, 18, 19, 20
_IRRADIANCE = LEVELS - 1
# Red light travels furthest under skin: how much of the key leaks past the terminator, per channel.
_LEAK = np.array([0.34, 0.10, 0.04], np.float32)
# Sharpness of the key's own highlight by roughness level: the lobes the environment is prefiltered with.
_SHARPNESS = np.array([900.0, 320.0, 80.0, 22.0, 6.5], np.float32)
# A glint is cut here: beyond it only flicker is gained, the tone map shows white anyway.
_BRIGHTEST = 24.0


def rig_of(light: Light, eye: F32) -> F32:
    """(21,) the light and the eye as the kernels read them."""
    surrounded = float(light.environment.size > 3 and light.environment[-1].max() > 0)
    # A broad light has a broad highlight, however smooth the surface: a lobe as wide as the light.
    sharpest = min(4.0 / max(light.softness, 0.05) ** 2, 1600.0)
    return np.concatenate([
        eye, light.direction, light.key, light.sky, light.bounce, light.haze, (light.haze_density, surrounded, sharpest)
    ]).astype(np.float32)  # fmt: skip


def environment_for(light: Light) -> F32:
    """The light's environment, or the smallest one the kernels accept when there is none yet."""
    if light.environment.ndim == 4 and light.environment.shape[0] == LEVELS and light.environment.shape[1] > 1:
        return np.ascontiguousarray(light.environment, np.float32)
    return np.zeros((LEVELS, 2, 2, 3), np.float32)


def light_up(samples: Samples, light: Light, eye: F32, sun: SunMap) -> F32:
    """Light every sample: (K, 4) linear RGB, haze included, and 1.

    Args:
        eye: (3,) world.
    """
    out = np.empty((len(samples.material), 4), np.float32)
    _shade(
        samples.position, samples.normal, samples.rest, samples.colour, samples.occlusion, samples.emission,
        samples.material, samples.footprint, table(), grain_lattice(), environment_for(light), sun.depth, sun.frame,
        rig_of(light, eye), np.zeros((6, 3), np.float32), out,
    )  # fmt: skip
    return out


@helper
def fetch(environment: F32, level: int, x: float, y: float, z: float, out: F32) -> None:
    """Bilinear look into one level of an octahedral map along a direction of any length, into (3,)."""
    n = environment.shape[1]
    one, half = f4(1), f4(0.5)
    s = one / (abs(x) + abs(y) + abs(z) + f4(1e-9))
    u, v = x * s, z * s
    if y < 0:
        a, b = one - abs(v), one - abs(u)
        u = a if u >= 0 else -a
        v = b if v >= 0 else -b
    u = (u * half + half) * f4(n - 1)
    v = (v * half + half) * f4(n - 1)
    i, j = min(max(int(u), 0), n - 2), min(max(int(v), 0), n - 2)
    u -= f4(i)
    v -= f4(j)
    w00, w01, w10, w11 = (one - u) * (one - v), u * (one - v), (one - u) * v, u * v
    for c in range(3):
        upper = w00 * environment[level, j, i, c] + w01 * environment[level, j, i + 1, c]
        out[c] = upper + w10 * environment[level, j + 1, i, c] + w11 * environment[level, j + 1, i + 1, c]


@helper
def _bounced(occlusion: float, albedo: float) -> float:
    """Occlusion after light has bounced between bright walls (Jimenez et al. 2016, GTAO, eq. 13)."""
    a = f4(2.0404) * albedo - f4(0.3324)
    b = f4(-4.7951) * albedo + f4(0.6417)
    c = f4(2.7552) * albedo + f4(0.6903)
    return max(occlusion, ((occlusion * a + b) * occlusion + c) * occlusion)


@helper
def _around(environment: F32, rig: F32, level: int, x: float, y: float, z: float, out: F32) -> None:
    """Light from around a direction, blurred by `level`; from a hemisphere where there is no environment."""
    if rig[SURROUNDED] > 0:
        fetch(environment, level, x, y, z, out)
        return
    steep = f4(0.5) if level == _IRRADIANCE else f4(2)
    up = min(max(f4(0.5) + y * steep, f4(0)), f4(1))
    for c in range(3):
        out[c] = rig[BOUNCE + c] + (rig[SKY + c] - rig[BOUNCE + c]) * up


@helper
def _glint(rig: F32, level: int, rx: float, ry: float, rz: float) -> float:
    """The key light in a lobe around the mirror direction, normalised so that a rougher one is broader and dimmer."""
    cosine = rx * rig[TOWARDS] + ry * rig[TOWARDS + 1] + rz * rig[TOWARDS + 2]
    k = min(_SHARPNESS[level], rig[SHARPEST])
    return f4(min(f4(0.5) * k * math.exp(k * (cosine - f4(1))), f4(_BRIGHTEST)))


@helper
def _towards_eye(position: F32, k: int, rig: F32, view: F32) -> float:
    """Unit vector to the eye into `view`; the distance."""
    square = f4(0)
    for c in range(3):
        view[c] = rig[EYE + c] - position[k, c]
        square += view[c] * view[c]
    distance = math.sqrt(square)
    for c in range(3):
        view[c] /= distance
    return f4(distance)


@helper
def _key_terms(rows: F32, m: int, facing: float, lit: float, backlit: float, edge: float) -> tuple[float, float, float]:
    """Diffuse key with wrap, what leaks through warm stuff, and backlight in the outermost fibres."""
    one, wrap = f4(1), rows[m, WRAP]
    direct = max((facing + wrap) / (one + wrap), f4(0))
    # Behind the terminator the map only says "away from the light": the wrapped light there is half free of it.
    direct *= lit if facing > 0 else f4(0.35) + f4(0.65) * lit
    leak = rows[m, WARM] * max((facing + f4(0.65)) / f4(1.65), f4(0)) * f4(0.5)
    leak *= f4(0.4) + f4(0.6) * lit
    glow = max((facing + f4(0.7)) / f4(1.7), f4(0)) * rows[m, RIM] * edge * backlit
    return direct, leak, glow


@helper
def _compose(
    rows: F32, m: int, albedo: F32, ambient: F32, mirror: F32,
    coat: F32, rig: F32, terms: tuple[float, float, float], glints: tuple[float, float],
    facts: tuple[float, float], out: F32, k: int,
) -> None:  # fmt: skip
    """Diffuse, specular, coat, fibres. Energy is shared out, never added: white in a white room stays white."""
    one = f4(1)
    direct, leak, glow = terms
    edge, occlusion = facts
    e2 = edge * edge
    e5 = e2 * e2 * edge
    hidden = min(max(occlusion * f4(1.5) - f4(0.18), f4(0.06)), one)
    rough = f4(0.55) if rows[m, LEVEL] > 2 else one
    metal, f0 = rows[m, METAL], rows[m, F0]
    dielectric = f0 + (one - f0) * e5 * rough
    lacquer = rows[m, COAT] * (f4(0.045) + f4(0.955) * e5)
    fuzz, rim = rows[m, FUZZ] * e2, rows[m, RIM] * f4(0.35) * e2 * edge
    leak *= f4(0.25) + f4(0.75) * occlusion  # between two legs no red light arrives to be passed on
    for c in range(3):
        a, key = albedo[c], rig[KEY + c]
        surface = a * (key * (direct + leak * _LEAK[c]))
        surface += a * ambient[c] * _bounced(occlusion, a)
        surface *= (one - metal) * (one - dielectric)
        reflect = dielectric * (one - metal) + (a + (one - a) * e5) * metal
        value = surface + reflect * (mirror[c] * hidden + key * glints[0])
        fibre = f4(0.5) + f4(0.5) * a
        value += (fibre * (ambient[c] * occlusion + key * direct * f4(0.5)) - value) * fuzz
        value += (mirror[c] * fibre * hidden - value * f4(0.5)) * rim + fibre * key * glow
        value = value * (one - lacquer) + lacquer * (coat[c] * hidden + key * glints[1])
        out[k, c] = value * (one - min(rows[m, EMIT], one) * f4(0.7)) + rows[m, EMIT] * a


@helper
def _hazed(colour: F32, emission: F32, k: int, distance: float, rig: F32) -> None:
    through = math.exp(-rig[DENSITY] * distance)
    for c in range(3):
        colour[k, c] = (colour[k, c] + emission[k, c]) * through + rig[HAZE + c] * (f4(1) - through)
    colour[k, 3] = f4(1)


@lean
def _shade(
    position: F32, normals: F32, rest: F32, colour: F32, occlusion: F32, emission: F32,
    materials: NDArray[np.uint8], footprint: F32, rows: F32, lattice: Bytes, environment: F32,
    depth: F32, frame: F32, rig: F32, scratch: F32, out: F32,
) -> None:  # fmt: skip
    view, normal, albedo = scratch[0], scratch[1], scratch[2]
    ambient, mirror, coat = scratch[3], scratch[4], scratch[5]
    one = f4(1)
    dark = rig[KEY] + rig[KEY + 1] + rig[KEY + 2] <= 0
    for k in range(position.shape[0]):
        m = materials[k]
        distance = _towards_eye(position, k, rig, view)
        for c in range(3):
            normal[c], albedo[c] = normals[k, c], colour[k, c]
        if rows[m, GRAIN] > 0:
            roughen(lattice, rest, k, rows, m, footprint[k], normal, albedo)
        facing = normal[0] * view[0] + normal[1] * view[1] + normal[2] * view[2]
        if facing < 0 and rows[m, SHEET] > 0:
            facing = -facing
            for c in range(3):
                normal[c] = -normal[c]
        facing = max(facing, f4(0.02))
        twice = f4(2) * facing
        rx, ry, rz = twice * normal[0] - view[0], twice * normal[1] - view[1], twice * normal[2] - view[2]
        level = int(rows[m, LEVEL])
        _around(environment, rig, _IRRADIANCE, normal[0], normal[1], normal[2], ambient)
        _around(environment, rig, level, rx, ry, rz, mirror)
        if rows[m, COAT] > 0:
            _around(environment, rig, 0, rx, ry, rz, coat)
        terms, glints = (f4(0), f4(0), f4(0)), (f4(0), f4(0))
        if not dark:
            lit = lit_share(position, k, normal, depth, frame)
            to_key = normal[0] * rig[TOWARDS] + normal[1] * rig[TOWARDS + 1] + normal[2] * rig[TOWARDS + 2]
            across = view[0] * rig[TOWARDS] + view[1] * rig[TOWARDS + 1] + view[2] * rig[TOWARDS + 2]
            edge = one - facing
            terms = _key_terms(rows, m, to_key, lit, max(f4(0.35) - across, f4(0)), edge * edge * edge)
            seen = lit if to_key > 0 else f4(0)
            if seen > 0:
                glint = _glint(rig, level, rx, ry, rz) * seen
                glints = (glint, _glint(rig, 0, rx, ry, rz) * seen if rows[m, COAT] > 0 else f4(0))
        _compose(
            rows, m, albedo, ambient, mirror, coat, rig, terms, glints, (one - facing, occlusion[k]), out, k
        )  # fmt: skip
        _hazed(out, emission, k, distance, rig)
