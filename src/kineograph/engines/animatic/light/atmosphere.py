"""The clear sky from one number, the sun's elevation: single scattering with an isotropic term for the rest.

Rayleigh, Mie and ozone coefficients per kilometre after Bruneton & Neyret 2008 and Hillaire 2020.
"""

from __future__ import annotations

import math

import numpy as np

from kineograph.engines.animatic.noise import F32, Real, f4, helper, kernel, lean

GROUND, TOP = 6360.0, 6460.0  # km: radius of the planet and of the top of its air
MIE = 4.5e-3
ROWS, COLUMNS = 64, 40  # of the table: elevation (0…90°, squared spacing) by azimuth from the sun (0…180°)
RAYLEIGH = (5.8e-3, 13.5e-3, 33.1e-3)
OZONE = (0.65e-3, 1.881e-3, 0.085e-3)
MULTIPLE = (0.25, 0.5, 1.0)  # colour of light scattered many times, which lights the earth's shadow a little


@lean
def _optical_depth(r: Real, mu: Real, mie: Real) -> tuple[Real, Real, Real]:
    """To the top of the air from radius r (km) at cosine mu from the zenith; huge if the planet is in the way."""
    b = r * mu
    inside = b * b - r * r + GROUND * GROUND
    if mu < 0 and inside > 0:
        return 50.0, 50.0, 50.0
    length = -b + math.sqrt(b * b - r * r + TOP * TOP)
    rayleigh = 0.0
    haze = 0.0
    ozone = 0.0
    for i in range(16):
        q = (i + 0.5) / 16
        s = length * q * q
        ds = length * 2 * q / 16
        altitude = math.sqrt(r * r + s * s + 2 * r * mu * s) - GROUND
        rayleigh += math.exp(-altitude / 8.0) * ds
        haze += math.exp(-altitude / 1.2) * ds * mie
        ozone += max(0.0, 1 - abs(altitude - 25) / 15) * ds
    haze *= 1.1
    return (
        RAYLEIGH[0] * rayleigh + haze + OZONE[0] * ozone,
        RAYLEIGH[1] * rayleigh + haze + OZONE[1] * ozone,
        RAYLEIGH[2] * rayleigh + haze + OZONE[2] * ozone,
    )


@kernel
def _ray(elevation: Real, azimuth: Real, sun: Real, mie: Real, out: F32) -> None:
    """Radiance along one ray, added to out (3,); angles in radians, azimuth from the sun."""
    se = math.sin(elevation)
    ce = math.cos(elevation)
    mu = math.sin(sun) * se + math.cos(sun) * ce * math.cos(azimuth)
    g = 0.78
    phase_r = 0.0597 * (1 + mu * mu)
    phase_m = 0.1193 * (1 - g * g) * (1 + mu * mu) / ((2 + g * g) * (1 + g * g - 2 * g * mu) ** 1.5)
    r0 = GROUND + 0.3
    b = r0 * se
    length = -b + math.sqrt(b * b - r0 * r0 + TOP * TOP)
    shadow = math.exp(-max(0.0, -math.degrees(sun)) * 0.30)
    seen = np.zeros(3)
    for i in range(28):
        q = (i + 0.5) / 28
        s = length * q * q
        ds = length * 2 * q / 28
        x = s * ce
        z = r0 + s * se
        r = math.sqrt(x * x + z * z)
        altitude = r - GROUND
        towards = (x * math.cos(sun) * math.cos(azimuth) + z * math.sin(sun)) / r
        sunward = _optical_depth(r, towards, mie)
        dr = math.exp(-altitude / 8.0) * ds
        dm = math.exp(-altitude / 1.2) * ds * mie
        do = max(0.0, 1 - abs(altitude - 25) / 15) * ds
        for c in range(3):
            br = RAYLEIGH[c] * dr
            extinction = br + dm * 1.1 + OZONE[c] * do
            lit = math.exp(-sunward[c]) * (br * phase_r + dm * phase_m + 0.055 * (br + 0.6 * dm))
            out[c] += math.exp(-seen[c] - 0.5 * extinction) * (lit + 0.012 * (br + 0.5 * dm) * MULTIPLE[c] * shadow)
            seen[c] += extinction


@kernel
def _fill(sun: Real, mie: Real, out: F32) -> None:
    for i in range(out.shape[0]):
        elevation = (i / (out.shape[0] - 1)) ** 2 * 1.5707
        for j in range(out.shape[1]):
            _ray(elevation, j / (out.shape[1] - 1) * math.pi, sun, mie, out[i, j])


def scattering(sun: float, mie: float = MIE) -> F32:
    """Relative radiance of the clear sky, (ROWS, COLUMNS, 3), for a sun at `sun` degrees."""
    out = np.zeros((ROWS, COLUMNS, 3), np.float32)
    _fill(math.radians(sun), mie, out)
    return out


def sunlight(sun: float, mie: float = MIE) -> F32:
    """Colour of the sun seen from the ground through the air, (3,), brightest channel 1."""
    depth = _optical_depth(GROUND + 0.3, math.sin(math.radians(max(sun, 0.6))), mie)
    colour = np.exp(-np.array(depth))
    return np.asarray(colour / colour.max(), dtype=np.float32)


@helper
def look_up(table: F32, elevation: Real, azimuth: Real) -> tuple[Real, Real, Real]:
    """Bilinear in a (ROWS, COLUMNS, 3) table; elevation 0…pi/2, azimuth from the sun 0…pi, radians."""
    fe = math.sqrt(max(elevation, f4(0)) / f4(1.5708)) * f4(table.shape[0] - 1)
    fa = azimuth / f4(3.14159) * f4(table.shape[1] - 1)
    i = min(int(fe), table.shape[0] - 2)
    j = min(int(fa), table.shape[1] - 2)
    u = fe - f4(i)
    v = fa - f4(j)
    w00 = (f4(1) - u) * (f4(1) - v)
    w01 = (f4(1) - u) * v
    w10 = u * (f4(1) - v)
    w11 = u * v
    return (
        table[i, j, 0] * w00 + table[i, j + 1, 0] * w01 + table[i + 1, j, 0] * w10 + table[i + 1, j + 1, 0] * w11,
        table[i, j, 1] * w00 + table[i, j + 1, 1] * w01 + table[i + 1, j, 1] * w10 + table[i + 1, j + 1, 1] * w11,
        table[i, j, 2] * w00 + table[i, j + 1, 2] * w01 + table[i + 1, j, 2] * w10 + table[i + 1, j + 1, 2] * w11,
    )
