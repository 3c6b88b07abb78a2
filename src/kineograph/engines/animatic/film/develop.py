"""Scene light to I420 at shading size: halo, vignette, tone, grade, dither, in one kernel.

A row is worked through in several short loops over planes of numbers: loops this simple run eight pixels at a time, which a
loop over whole pixels does not. For that the planes lie a constant apart in one array, indices are unsigned (numba guards
signed ones), and looking things up, which cannot be done eight at a time, has loops of its own.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.film.tone import CURVE
from kineograph.engines.animatic.noise import helper, lean
from kineograph.engines.animatic.scalar import f4
from kineograph.media.frame import Plane

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

_PLANE = 8240  # numbers to a plane of a row, so the widest picture; no power of two, or planes would share cache lines
_1 = np.uint64(1)
# Where planes begin: light (red is first), its brightest channel, halo, what the tables say, luma, chroma of two rows.
_G, _B, _PEAK, _R1, _G1, _B1 = (np.uint64(_PLANE * i) for i in range(1, 7))
_R2, _G2, _B2, _LUMA, _U, _V, _U2, _V2 = (np.uint64(_PLANE * i) for i in range(7, 15))
NUMBERS = 15 * _PLANE
PLACES = 3 * _PLANE


@helper
def _spill(halo: F32, y: int, spill: float, row: F32, blocks: int) -> None:
    """The halo's share of light along one row of 2×2 blocks; every block twice."""
    for x in range(np.uint64(blocks)):
        r, g, b = halo[y, x, 0] * spill, halo[y, x, 1] * spill, halo[y, x, 2] * spill
        two = x + x
        row[_R1 + two] = row[_R1 + two + _1] = r
        row[_G1 + two] = row[_G1 + two + _1] = g
        row[_B1 + two] = row[_B1 + two + _1] = b


@helper
def _light(picture: F32, y: np.uint64, look: F32, row: F32, width: int) -> None:
    """Scene light of one row with halo and vignette, and its brightest channel.

    Channels are taken apart in a loop of its own, from whole rows of numbers: together with the rest it takes three times
    as long.
    """
    three = np.uint64(3)
    for x in range(np.uint64(width)):
        row[_R2 + x] = picture[y, three * x]
        row[_G2 + x] = picture[y, three * x + _1]
        row[_B2 + x] = picture[y, three * x + _1 + _1]
    keep, edge = f4(1) - look[9], look[10]
    across, down = f4(1 / width), f4(y / picture.shape[0] - 0.5)
    e0 = f4(1) - edge * down * down
    for x in range(np.uint64(width)):
        dx = f4(np.int32(x)) * across - f4(0.5)  # type: ignore[arg-type]
        e = e0 - edge * dx * dx
        r = max((row[_R2 + x] * keep + row[_R1 + x]) * e, f4(0))
        g = max((row[_G2 + x] * keep + row[_G1 + x]) * e, f4(0))
        b = max((row[_B2 + x] * keep + row[_B1 + x]) * e, f4(0))
        row[x], row[_G + x], row[_B + x] = r, g, b
        row[_PEAK + x] = max(max(r, g), max(b, f4(1e-6)))


@helper
def _tone(row: F32, curve: F32, look: F32, steps: float, place: I32, width: int) -> None:
    """Scene-referred linear -> places 0…steps in the display transfer.

    The brightest channel goes through the curve and the others keep their ratio to it, so an orange coat stays orange;
    the brighter it is, the more of each channel's own curve is mixed in, so that light still burns out to white.
    """
    most = f4(curve.shape[0] - 1)
    top = most / f4(CURVE)
    for x in range(np.uint64(width)):
        place[x] = np.int32(min(math.sqrt(row[x]) * top + f4(0.5), most))
        place[_G + x] = np.int32(min(math.sqrt(row[_G + x]) * top + f4(0.5), most))
        place[_B + x] = np.int32(min(math.sqrt(row[_B + x]) * top + f4(0.5), most))
    _look_up(curve, place, row, width)
    burning, burnt = look[7], look[8]
    for x in range(np.uint64(width)):
        peak, r, g, b = row[_PEAK + x], row[_R2 + x], row[_G2 + x], row[_B2 + x]
        burn = min(peak * burning, f4(1)) * burnt
        k = max(max(r, g), b) / peak * (f4(1) - burn) * steps  # the curve rises: the greatest is that of the brightest
        burn *= steps
        place[x] = np.int32(min(row[x] * k + burn * r, steps))
        place[_G + x] = np.int32(min(row[_G + x] * k + burn * g, steps))
        place[_B + x] = np.int32(min(row[_B + x] * k + burn * b, steps))


@helper
def _look_up(table: F32, place: I32, row: F32, width: int) -> None:
    """What the table has at the places of three channels, into R2, G2, B2."""
    for x in range(np.uint64(width)):
        row[_R2 + x] = table[np.uint64(place[x])]
        row[_G2 + x] = table[np.uint64(place[_G + x])]
        row[_B2 + x] = table[np.uint64(place[_B + x])]


@helper
def _display(row: F32, look: F32, width: int, u: np.uint64, v: np.uint64) -> None:
    """sRGB, saturation and split tone; luma 0…1 into LUMA, chroma into the planes at u and v."""
    s = look[0]
    s1, s2, s3, h1, h2, h3 = look[1], look[2], look[3], look[4], look[5], look[6]
    for x in range(np.uint64(width)):
        r, g, b = row[_R2 + x], row[_G2 + x], row[_B2 + x]
        grey = f4(0.2126) * r + f4(0.7152) * g + f4(0.0722) * b
        rest = f4(1) - grey
        dark = rest * rest * min(grey * f4(12), f4(1))
        light = grey * grey * rest * f4(3)
        r = grey + (r - grey) * s + s1 * dark + h1 * light
        g = grey + (g - grey) * s + s2 * dark + h2 * light
        b = grey + (b - grey) * s + s3 * dark + h3 * light
        row[_LUMA + x] = f4(0.2126) * r + f4(0.7152) * g + f4(0.0722) * b
        row[u + x] = f4(-0.1146) * r - f4(0.3854) * g + f4(0.5) * b
        row[v + x] = f4(0.5) * r - f4(0.4542) * g - f4(0.0458) * b


@helper
def _luma_out(row: F32, dither: F32, y: int, ys: Plane) -> None:
    """Luma as bytes."""
    side, width = dither.shape[0], ys.shape[1]
    d = y & (side - 1)
    for start in range(0, width, side):
        first = np.uint64(start)
        for x in range(np.uint64(min(side, width - start))):
            value = f4(16.02) + f4(219) * row[_LUMA + first + x] + dither[d, x]
            ys[y, first + x] = np.uint8(min(max(value, f4(16)), f4(235)))


@helper
def _chroma_out(row: F32, one: np.uint64, two: np.uint64, dither: F32, y: int, out: Plane) -> None:
    """Means of 2×2 pixels as bytes."""
    side, width = dither.shape[0], out.shape[1]
    d = y & (side - 1)
    for start in range(0, width, side):
        first = np.uint64(start)
        for n in range(np.uint64(min(side, width - start))):
            x = (first + n) + (first + n)
            total = row[one + x] + row[one + x + _1] + row[two + x] + row[two + x + _1]
            value = f4(128.02) + dither[d, n] * f4(0.96) + f4(56) * total
            out[y, first + n] = np.uint8(min(max(value, f4(16)), f4(240)))


@lean
def develop(
    picture: F32, halo: F32, curve: F32, gamma: F32, look: F32, dither: F32, row: F32, place: I32, ys: Plane, us: Plane,
    vs: Plane,
) -> None:  # fmt: skip
    """Two rows at a time: halo, vignette, tone, bt709 limited range with dither.

    Args:
        picture: (h, 3w) linear, red, green and blue of each pixel in turn.
        halo: (h/2, w/2, 3) what spills; not read where the look spills nothing.
        curve, gamma: Of `tabulate`; look: `Look.numbers`; dither: (n, n) of 0…1, n a power of two.
        row, place: Scratch, NUMBERS and PLACES long.
        ys, us, vs: (h, w) and (h/2, w/2), filled.
    """
    height, width = ys.shape[0], ys.shape[1]
    steps = f4(gamma.shape[0] - 1)
    row[:] = f4(0)
    for block in range(height // 2):
        if look[9] > 0:
            _spill(halo, block, look[9], row, width // 2)
        for q in range(2):
            y = block * 2 + q
            _light(picture, np.uint64(y), look, row, width)
            _tone(row, curve, look, steps, place, width)
            _look_up(gamma, place, row, width)
            _display(row, look, width, _U2 if q else _U, _V2 if q else _V)
            _luma_out(row, dither, y, ys)
        _chroma_out(row, _U, _U2, dither, block, us)
        _chroma_out(row, _V, _V2, dither, block, vs)
