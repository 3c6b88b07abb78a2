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
_G, _B = np.uint64(PLANE), np.uint64(2 * PLANE)


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
def doubled(row: F32, half: np.uint64, count: int, out: np.uint64) -> None:
    """Every second column is known, in the plane at `half`: all of them into the plane at `out`, straight between."""
    for k in range(np.uint64(count)):
        two = out + k + k
        value = row[half + k]
        row[two] = value
        row[two + _1] = (value + row[half + k + _1]) * f4(0.5)


@helper
def look_up(picture: F32, begin: int, end: int, row: F32, u: np.uint64, v: np.uint64, out: np.uint64) -> None:
    """A picture (h, w, 3+) at the places (column, row: inside it) in the planes u and v, into three planes from `out`.
    Bilinear."""
    for x in range(np.uint64(begin), np.uint64(end)):
        across, down = row[u + x], row[v + x]
        i, j = np.int32(across), np.int32(down)
        k, m = across - f4(i), down - f4(j)
        one, two = picture[np.uint64(j)], picture[np.uint64(j) + _1]
        p, q = np.uint64(i), np.uint64(i) + _1
        w11 = k * m
        w01, w10 = k - w11, m - w11
        w00 = f4(1) - k - w10
        row[out + x] = one[p, 0] * w00 + one[q, 0] * w01 + two[p, 0] * w10 + two[q, 0] * w11
        row[out + _G + x] = one[p, 1] * w00 + one[q, 1] * w01 + two[p, 1] * w10 + two[q, 1] * w11
        row[out + _B + x] = one[p, 2] * w00 + one[q, 2] * w01 + two[p, 2] * w10 + two[q, 2] * w11


@helper
def bell(q: Real) -> Real:
    """exp(-q) for q ≥ 0, to 0.009, and nothing at all from q = 32 on: (1 - q/32)³². Unlike exp it is made eight at a time."""
    k = max(f4(1) - q * f4(1 / 32), f4(0))
    k *= k
    k *= k
    k *= k
    k *= k
    return k * k
