"""What surrounds the set, as a prefiltered octahedral map: one fetch is a blurred reflection, or irradiance."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import lean
from kineograph.engines.animatic.scalar import f4

F32 = NDArray[np.float32]
Radiance = Callable[[F32], F32]

SIZE = 128
# Sharpness k of the lobe exp(k·(cos - 1)) of levels 1…4; level 0 is a mirror's, level 5 irradiance.
# A half-width of about 5, 9, 17 and 32 degrees: polished, satin, matt lacquer, chalk.
LOBES = (320.0, 80.0, 22.0, 6.5)
LEVELS = len(LOBES) + 2
# Source and result grids of levels 1…5: a lobe needs few more texels than its own width.
_GRIDS = ((64, 64), (64, 48), (32, 32), (32, 24), (32, 24))
# One texel may not outshine the whole sky, or it turns up as a speckle in every blurred level.
_BRIGHTEST = 30.0


def directions(size: int, *, nodes: bool) -> F32:
    """Unit vectors of an octahedral map, (size, size, 3): row is z, column is x, y up in the middle.

    Args:
        size: Texels per axis.
        nodes: True puts the outermost texels on the edge of the map, so that bilinear fetches need no border (both
            halves of a folded edge are then the same direction); False takes cell centres, for integrals.
    """
    u = np.linspace(-1, 1, size) if nodes else (np.arange(size) + 0.5) / size * 2 - 1
    x, z = np.meshgrid(u, u)
    y = 1 - np.abs(x) - np.abs(z)
    fold = np.maximum(-y, 0)
    d = np.stack([x - np.sign(x) * fold, y, z - np.sign(z) * fold], axis=-1)
    unit: F32 = (d / np.linalg.norm(d, axis=2, keepdims=True)).astype(np.float32)
    return unit


def environment_of(radiance: Radiance) -> F32:
    """Prefilter what is seen in every direction.

    Args:
        radiance: (K, 3) unit directions, world axes -> (K, 3) linear RGB. Below the horizon it must give the ground's
            own radiance, and it must leave the key light's disc out: that one is lit analytically.

    Returns:
        (LEVELS, SIZE, SIZE, 3): mirror, four lobes, irradiance ÷ pi. A uniform surrounding of 1 gives 1 everywhere.
    """
    mirror = _ask(radiance, directions(SIZE, nodes=True))
    fine = np.minimum(_ask(radiance, directions(128, nodes=False)), np.float32(_BRIGHTEST))
    levels = [mirror]
    for lobe, (source, result) in zip((*LOBES, 0.0), _GRIDS, strict=True):
        coarse = np.asarray(cv2.resize(fine, (source, source), interpolation=cv2.INTER_AREA), np.float32)
        levels.append(_enlarge(_convolve(coarse, result, lobe)))
    return np.ascontiguousarray(np.maximum(np.stack(levels), 0), dtype=np.float32)


def lookup(environment: F32, direction: tuple[float, float, float], level: int) -> F32:
    """Radiance (3,) of one direction: the slow twin of the kernel's fetch, for set-up code."""
    d = np.asarray(direction, np.float64)
    d = d / np.abs(d).sum()
    u, v = float(d[0]), float(d[2])
    if d[1] < 0:
        u, v = float(np.copysign(1 - abs(v), u)), float(np.copysign(1 - abs(u), v))
    n = environment.shape[1] - 1
    texel: F32 = environment[level, round((v * 0.5 + 0.5) * n), round((u * 0.5 + 0.5) * n)]
    return texel


def _ask(radiance: Radiance, grid: F32) -> F32:
    size = grid.shape[0]
    return np.asarray(radiance(grid.reshape(-1, 3)), np.float32).reshape(size, size, 3)


def _convolve(source: F32, size: int, lobe: float) -> F32:
    """Weighted mean over the sphere for every direction of a `size` map; lobe 0 means the cosine."""
    towards = directions(source.shape[0], nodes=False).reshape(-1, 3)
    solid = (np.abs(towards).sum(axis=1) ** 3).astype(np.float32)  # solid angle of an octahedral texel
    wanted = directions(size, nodes=True).reshape(-1, 3)
    out = np.empty((size * size, 3), np.float32)
    _gather(wanted, towards, source.reshape(-1, 3), solid, np.float32(lobe), out)
    return out.reshape(size, size, 3)


@lean
def _gather(wanted: F32, towards: F32, values: F32, solid: F32, lobe: float, out: F32) -> None:
    """Weighted means: of values (K, 3) seen towards (K, 3), solid angles (K,), for each direction wanted (N, 3)."""
    least = f4(1) - f4(9) / lobe if lobe > 0 else f4(0)  # what weighs less than e^-9 is left out
    for i in range(wanted.shape[0]):
        x, y, z = wanted[i, 0], wanted[i, 1], wanted[i, 2]
        r, g, b, total = f4(0), f4(0), f4(0), f4(0)
        for k in range(towards.shape[0]):
            cosine = x * towards[k, 0] + y * towards[k, 1] + z * towards[k, 2]
            if cosine < least:
                continue
            weight = solid[k] * (math.exp(lobe * (cosine - f4(1))) if lobe > 0 else cosine)
            total += weight
            r += weight * values[k, 0]
            g += weight * values[k, 1]
            b += weight * values[k, 2]
        out[i, 0], out[i, 1], out[i, 2] = r / total, g / total, b / total


def _enlarge(level: F32) -> F32:
    """To SIZE, keeping the outermost texels on the edge."""
    at = np.linspace(0, level.shape[0] - 1, SIZE, dtype=np.float32)
    column, row = np.meshgrid(at, at)
    return np.asarray(cv2.remap(level, column, row, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), dtype=np.float32)
