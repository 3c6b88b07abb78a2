"""Noise along a row of the picture: where a tile's row is one for the whole row, its two neighbours are mixed once.

Ground and water under the shift-lens camera have one depth to a row, so that a tile is crossed along one of its rows: what
is left to look up for a pixel is two neighbours instead of four in each channel.
"""

from __future__ import annotations

import math

import numpy as np

from kineograph.engines.animatic.noise import F32, Real, f4, helper

PLANE = 8240  # numbers to a plane of a row, so the widest picture; no power of two, or planes would share cache lines
_1 = np.uint64(1)


def split(tile: F32) -> F32:
    """A tile of several channels (n, n, k) with each row as k runs of numbers: (n, k, n)."""
    return np.ascontiguousarray(np.moveaxis(tile, 2, 1))


@helper
def strip(tile: F32, v: Real, row: F32, at: np.uint64) -> None:
    """Row v of a tile (n, n), n a power of two, into `row` from place `at`: n + 1 numbers, the first one last again."""
    n = tile.shape[0]
    j = math.floor(v)
    b = f4(v - f4(j))
    one, two = tile[j & (n - 1)], tile[(j + 1) & (n - 1)]
    for i in range(np.uint64(n)):
        row[at + i] = one[i] + (two[i] - one[i]) * b
    row[at + np.uint64(n)] = row[at]


@helper
def strip2(tile: F32, v: Real, first: Real, second: Real, row: F32, at: np.uint64) -> None:
    """Row v of a `split` tile (n, 2, n): its channels, first and second times as strong, one after the other."""
    n = tile.shape[0]
    j = math.floor(v)
    b = f4(v - f4(j))
    for c in range(2):
        one, two = tile[j & (n - 1), c], tile[(j + 1) & (n - 1), c]
        upper, lower = (first if c == 0 else second) * (f4(1) - b), (first if c == 0 else second) * b
        start = at + np.uint64(c * (n + 1))
        for i in range(np.uint64(n)):
            row[start + i] = one[i] * upper + two[i] * lower
        row[start + np.uint64(n)] = row[start]


@helper
def within(u: Real, n: int) -> Real:
    """u less whole tiles: 0…n."""
    return f4(u - math.floor(u / f4(n)) * f4(n))


@helper
def along(row: F32, at: np.uint64, n: int, u: Real, step: Real, begin: int, end: int, out: np.uint64) -> None:
    """Read a strip at u + x · step (u and step ≥ 0) for the columns x of begin…end, into the plane that starts at `out`."""
    mask = np.int32(n - 1)
    u = within(u, n)
    for x in range(np.uint64(begin), np.uint64(end)):
        place = u + step * f4(np.int32(x))
        i = np.int32(place)
        k = at + np.uint64(i & mask)
        row[out + x] = row[k] + (row[k + _1] - row[k]) * (place - f4(i))


@helper
def along2(
    row: F32, at: np.uint64, n: int, u: Real, step: Real, begin: int, end: int, out: np.uint64, out2: np.uint64
) -> None:
    """Add what `strip2` left, read like `along`, to the planes that start at `out` and `out2`."""
    mask = np.int32(n - 1)
    u = within(u, n)
    other = np.uint64(n + 1)
    for x in range(np.uint64(begin), np.uint64(end)):
        place = u + step * f4(np.int32(x))
        i = np.int32(place)
        k = at + np.uint64(i & mask)
        b = place - f4(i)
        row[out + x] += row[k] + (row[k + _1] - row[k]) * b
        k += other
        row[out2 + x] += row[k] + (row[k + _1] - row[k]) * b


@helper
def bell(q: Real) -> Real:
    """exp(-q) for q ≥ 0, to 0.009, and nothing at all from q = 32 on: (1 - q/32)³². Unlike exp it is made eight at a time."""
    k = max(f4(1) - q * f4(1 / 32), f4(0))
    k *= k
    k *= k
    k *= k
    k *= k
    return k * k
