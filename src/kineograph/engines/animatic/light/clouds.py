"""The cloud brick: a tileable slab of density with the key light's transmittance baked in."""

from __future__ import annotations

import math

import cv2
import numpy as np

from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean, sample, spectral, whole

TILE = 26.0  # km a brick spans before it repeats
SLAB = 1.15  # km from cloud base to the highest top
BASE = 1.6  # km of the cloud base
SIDE, LAYERS = 256, 32
COS, SIN = math.cos(0.65), math.sin(0.65)  # the brick lies aslant, or its columns line up with the view
BEND = 0.16  # km by which the march bends rays for noise of 1
CELL = 0.1  # km of a cell of the map of where clouds are
FAR = 46.0  # km to which clouds are drawn
_REACH = 2  # voxels: half a cell, the eight voxels that are mixed, and what the bend changes over half a cell
_EXTINCTION = 5.5  # per km of full density, towards the light


@lean
def _worley(cells: int, points: F32, weight: Real, coming: Real, profile: F32, out: F32) -> None:
    """Add `weight` · (1 - distance to the nearest point); tileable in x and z, one random point a cell. Voxels that stay
    empty or full whatever is added are left as they are; `coming`: all the weight that is still to be added."""
    ny, n = out.shape[0], out.shape[1]
    for y in range(ny):
        py = f4(y * cells / n)
        iy = int(py)
        for z in range(n):
            pz = f4(z * cells / n)
            iz = int(pz)
            for x in range(n):
                body = profile[y, z, x]
                if body <= f4(0) or _solid(body, out[y, z, x]) >= f4(1) or _solid(body, out[y, z, x] + coming) <= f4(0):
                    continue
                px = f4(x * cells / n)
                out[y, z, x] += weight * max(f4(0), f4(1) - math.sqrt(_nearest(px, py, pz, int(px), iy, iz, points)))


@helper
def _solid(profile: Real, lumps: Real) -> Real:
    """Density before it is clipped to 0…1."""
    return (profile * f4(0.95) + (lumps - f4(0.5)) * f4(1.9) - f4(0.42)) * f4(4)


@helper
def _nearest(px: Real, py: Real, pz: Real, ix: int, iy: int, iz: int, points: F32) -> Real:
    """Squared distance to the nearest of the 27 neighbouring cells' points; the middle ones first, for rows of cells that
    lie farther away than what is found are not looked at."""
    cells = points.shape[1]
    best = f4(9)
    px, py, pz = px - f4(ix), py - f4(iy), pz - f4(iz)
    for k in range(3):
        dy, high = _step(k, py)
        if high >= best:
            continue
        c = _wrapped(iy + dy, points.shape[0])
        for n in range(3):
            dz, far = _step(n, pz)
            if high + far >= best:
                continue
            b = _wrapped(iz + dz, cells)
            for m in range(3):
                dx, aside = _step(m, px)
                if high + far + aside >= best:
                    continue
                a = _wrapped(ix + dx, cells)
                ex = f4(dx) + points[c, b, a, 0] - px
                ez = f4(dz) + points[c, b, a, 1] - pz
                ey = f4(dy) + points[c, b, a, 2] - py
                best = min(best, ex * ex + ey * ey + ez * ez)
    return best


@helper
def _step(k: int, within: Real) -> tuple[int, Real]:
    """The k-th of the steps 0, -1, 1 to a neighbouring cell, and the squared way there from `within` (0…1) the own."""
    if k == 0:
        return 0, f4(0)
    if k == 1:
        return -1, within * within
    return 1, (f4(1) - within) * (f4(1) - within)


@helper
def _wrapped(cell: int, cells: int) -> int:
    """A cell that is one beyond the edge at most; a division would be dearer than all the rest."""
    if cell < 0:
        return cell + cells
    return cell - cells if cell >= cells else cell


@helper
def trilinear(brick: F32, x: Real, y: Real, z: Real) -> Real:
    """Density or transmittance at texel (x, z), layer y; wraps in x and z, clamps in y."""
    m = brick.shape[1] - 1
    i, a = whole(x)
    q, c = whole(z)
    i &= m
    q &= m
    i1 = (i + 1) & m
    q1 = (q + 1) & m
    y = min(max(y, f4(0)), f4(brick.shape[0] - 1.001))
    j = int(y)
    b = f4(y - j)
    low = (f4(brick[j, q, i]) * (f4(1) - a) + f4(brick[j, q, i1]) * a) * (f4(1) - c)
    low += (f4(brick[j, q1, i]) * (f4(1) - a) + f4(brick[j, q1, i1]) * a) * c
    high = (f4(brick[j + 1, q, i]) * (f4(1) - a) + f4(brick[j + 1, q, i1]) * a) * (f4(1) - c)
    high += (f4(brick[j + 1, q1, i]) * (f4(1) - a) + f4(brick[j + 1, q1, i1]) * a) * c
    return low + (high - low) * b


@lean
def _shade(density: F32, lx: Real, ly: Real, lz: Real, out: F32) -> None:
    ny, n = density.shape[0], density.shape[1]
    across = f4(n / TILE)
    up = f4(ny / SLAB)
    for j in range(ny):
        for q in range(n):
            for i in range(n):
                s = f4(0.05)
                step = f4(0.07)
                depth = f4(0)
                for _ in range(9):
                    s += step
                    y = j + ly * s * up
                    if y >= ny - 1:
                        break
                    depth += trilinear(density, f4(i + lx * s * across), f4(y), f4(q + lz * s * across)) * step
                    step *= f4(1.42)
                out[j, q, i] = math.exp(-depth * f4(_EXTINCTION))


def density(cover: float, rng: np.random.Generator) -> F32:
    """(LAYERS, SIDE, SIDE) density 0…1. Columns are ranked, so `cover` is the exact share of them with a cloud."""
    sizes = ((22, 0.50), (46, 0.30), (92, 0.20))
    points = [
        rng.random((max(2, cells * LAYERS // SIDE + 2), cells, cells, 3)).astype(np.float32) for cells, _ in sizes
    ]
    field = spectral(SIDE, 2.3, rng, lo=4, hi=40)
    rank = (np.argsort(np.argsort(field.ravel())).reshape(field.shape) / field.size).astype(np.float32)
    column = np.clip((rank - (1 - cover)) / max(cover, 0.05), 0, 1)
    height = (np.arange(LAYERS, dtype=np.float32) / LAYERS)[:, None, None]
    top = 0.22 + 0.78 * column**1.1
    profile = np.sqrt(np.clip((top - height) / (0.75 * top), 0, 1)) * np.clip(height / 0.06, 0, 1)
    profile *= (column > 0) * np.clip(column * 3.5, 0, 1)
    lumps, coming = np.zeros_like(profile), 1.0
    for (cells, weight), where in zip(sizes, points, strict=True):
        _worley(cells, where, np.float32(weight), np.float32(coming), profile, lumps)
        coming -= weight
    solid = np.clip((profile * np.float32(0.95) + lumps * np.float32(1.9) - np.float32(1.37)) * 4, 0, 1)
    return np.ascontiguousarray(np.where(profile > 0, solid, 0), dtype=np.float32)


def tops(brick: F32) -> F32:
    """(SIDE, SIDE) layer above which no cloud reaches that column, -1 where there is none at all; generous by REACH."""
    some = brick > 0
    highest = np.where(some.any(0), LAYERS - 1 - some[::-1].argmax(0) + 1, -1).astype(np.float32)
    wide = cv2.copyMakeBorder(highest, _REACH, _REACH, _REACH, _REACH, cv2.BORDER_WRAP)
    grown = cv2.dilate(wide, np.ones((2 * _REACH + 1,) * 2, np.uint8))
    return np.ascontiguousarray(grown[_REACH:-_REACH, _REACH:-_REACH], np.float32)


@helper
def bent(soft: F32, px: Real, pz: Real) -> tuple[Real, Real]:
    """Voxel of the brick at a place (km): bent, or its columns would show as boxes overhead."""
    px += sample(soft, px * f4(9) + f4(31), pz * f4(9)) * f4(BEND)
    pz += sample(soft, px * f4(9), pz * f4(9) + f4(57)) * f4(BEND)
    across = f4(SIDE / TILE)
    return (px * f4(COS) - pz * f4(SIN)) * across, (px * f4(SIN) + pz * f4(COS)) * across


@lean
def _spread(highest: F32, soft: F32, left: Real, near: Real, out: F32) -> None:
    m = highest.shape[0] - 1
    for j in range(out.shape[0]):
        for i in range(out.shape[1]):
            x, z = bent(soft, left + (f4(i) + f4(0.5)) * f4(CELL), near + (f4(j) + f4(0.5)) * f4(CELL))
            out[j, i] = highest[whole(z + f4(0.5))[0] & m, whole(x + f4(0.5))[0] & m] * f4(SLAB / LAYERS)


def map_of(highest: F32, soft: F32, across: tuple[float, float], ahead: tuple[float, float]) -> F32:
    """Where clouds are over the land before the camera, in cells of CELL from the first to the last of `across` and `ahead` (km).

    (rows, columns) kilometres above the base below which there is cloud; where there is none, minus those to the next.
    """
    size = [math.ceil((end - begin) / CELL) for begin, end in (ahead, across)]
    out = np.empty(size, np.float32)
    _spread(highest, soft, np.float32(across[0]), np.float32(ahead[0]), out)
    away = cv2.distanceTransform((out < 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    # Two places are nearer to each other than the middles of their cells, by a diagonal at most.
    return np.where(out < 0, -np.maximum(away - 1.5, 0) * np.float32(CELL), out).astype(np.float32)


def transmittance(brick: F32, towards: F32) -> F32:
    """(LAYERS, SIDE/2, SIDE/2) share of the key light that reaches each place: shadows are softer than clouds, so every
    second voxel is enough. `towards` (3,) is the unit direction of the light."""
    coarse = np.ascontiguousarray(
        (brick[:, ::2, ::2] + brick[:, 1::2, ::2] + brick[:, ::2, 1::2] + brick[:, 1::2, 1::2]) * np.float32(0.25)
    )
    out = np.empty_like(coarse)
    x, y, z = (float(v) for v in towards)
    f = np.float32
    _shade(coarse, f(x * COS - z * SIN), f(y), f(x * SIN + z * COS), out)
    return out
