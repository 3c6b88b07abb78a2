"""Still water: the picture above the waterline, mirrored through ripples."""

from __future__ import annotations

import math

import cv2
import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.noise import (
    F32,
    Real,
    f4,
    helper,
    lean,
    mix,
    ripple,
    sample,
    sample2,
    smoothstep,
    spectral,
)
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.shot import Shot

_CALM = {"storm": 0.32, "rain": 0.10, "wind": 0.15, "fog": 0.03}  # roughness of the water; 0.06 otherwise

# Rows of the colours (5, 3) of a lake.
DEEP, SHALLOW, HAZE, GLINT = 0, 1, 2, 3


@helper
def _mirrored(source: F32, x: Real, y: Real) -> tuple[Real, Real, Real]:
    x = min(max(x, f4(0)), f4(source.shape[1] - 1.01))
    y = min(max(y, f4(0)), f4(source.shape[0] - 1.01))
    i = int(x)
    j = int(y)
    u = x - f4(i)
    v = y - f4(j)
    w00 = (1 - u) * (1 - v)
    w01 = u * (1 - v)
    w10 = (1 - u) * v
    w11 = u * v
    return (
        source[j, i, 0] * w00 + source[j, i + 1, 0] * w01 + source[j + 1, i, 0] * w10 + source[j + 1, i + 1, 0] * w11,
        source[j, i, 1] * w00 + source[j, i + 1, 1] * w01 + source[j + 1, i, 1] * w10 + source[j + 1, i + 1, 1] * w11,
        source[j, i, 2] * w00 + source[j, i + 1, 2] * w01 + source[j + 1, i, 2] * w10 + source[j + 1, i + 1, 2] * w11,
    )


@helper
def _slopes(ripples: F32, patches: F32, wx: Real, row: Real, t: Real, a1: Real, a2: Real, rough: Real) -> tuple[
    Real, Real, Real
]:  # fmt: skip
    """Slope of the water across and along, and how much of it glitters."""
    n1x, n1z = sample2(ripples, wx + t * f4(4), row + t * f4(7))
    n2x, n2z = sample2(ripples, wx * f4(3.1) - t * f4(9) + f4(71), row * f4(2.8) + t * f4(13))
    patch = smoothstep(f4(-0.9), f4(1.1), sample(patches, wx * f4(0.19), row * f4(0.07)))
    calm = rough * (f4(0.45) + f4(0.55) * patch)
    return (
        (n1x * a1 + n2x * a2 * f4(0.6)) * calm,
        (n1z * a1 + n2z * a2 * f4(0.7)) * calm,
        n2z * a2 + n1z * a1 * f4(0.7),
    )


@lean
def _fill(out: F32, source: F32, ripples: F32, patches: F32, n: F32, colours: F32, first: int, last: int) -> None:
    """n: waterline row, horizon row, focal, axis, eye, x, z, t, roughness, sun's tangent x, glint share. Ripples are
    looked up for every second pixel and are straight between."""
    height, width = f4(out.shape[0]), out.shape[1]
    scale = f4(source.shape[0] / n[0])
    across = f4(source.shape[1] / width)
    for y in range(first, last):
        v = max((f4(y) + f4(0.5) - n[1]) / n[2], f4(0.0015))
        z = n[4] / v
        dz = z * z / (n[4] * n[2])
        a1 = f4(1) / (f4(1) + dz * f4(1.4))
        a2 = f4(1) / (f4(1) + dz * f4(6))
        far = math.exp(-v * f4(60)) * f4(0.35)
        dark = smoothstep(f4(0), f4(0.8), v)
        spread = f4(60) / (f4(0.3) + v * f4(2))
        # Texels of the tile stop growing with distance before they would alias.
        k = math.sqrt(f4(9) / (n[4] * n[2]))
        row = f4(13) / k * math.atan(z * k) + n[6] * f4(13)
        start, step = (f4(0.5) - n[3]) / n[2], f4(1) / n[2]
        nx, nz, sparkle = _slopes(ripples, patches, (n[5] + start * z) * f4(10), row, n[7], a1, a2, n[8])
        px, pz, ps = nx, nz, sparkle
        for x in range(width):
            a = start + f4(x) * step
            nx, nz, sparkle = px, pz, ps
            if x & 1:
                px, pz, ps = _slopes(ripples, patches, (n[5] + (a + step) * z) * f4(10), row, n[7], a1, a2, n[8])
                nx, nz, sparkle = (nx + px) * f4(0.5), (nz + pz) * f4(0.5), (sparkle + ps) * f4(0.5)
            lift = (nz + abs(nz) * f4(0.5)) * height * (f4(0.05) + v * f4(0.5))
            sy = (f4(2) * n[0] - f4(y) - f4(1) - lift) * scale
            seen = _mirrored(source, (f4(x) + nx * height * (f4(0.02) + v * f4(0.16))) * across, sy)
            cosine = min(v * f4(1.25) + max(nz, f4(0)) * f4(0.9), f4(1))
            grazing = f4(1) - cosine
            fresnel = grazing * grazing * grazing * f4(0.93) + f4(0.05)
            off = a + nx * f4(0.9) - n[9]
            glint = f4(0)
            if n[10] > f4(0) and off * off * spread < f4(6):
                glint = math.exp(-off * off * spread) * smoothstep(f4(0.9), f4(2.4), sparkle) * n[10]
            for c in range(3):
                body = mix(colours[DEEP, c], colours[SHALLOW, c], dark * dark)
                lit = body * (f4(1) - fresnel) + seen[c] * fresnel + colours[GLINT, c] * glint
                out[y, x, c] = lit + (colours[HAZE, c] - lit) * far


def lake(out: F32, numbers: F32, colours: F32, ripples: F32, patches: F32, bottom: int) -> None:
    """Fill rows from the waterline (numbers[0]) to `bottom` of `out` with what is above it.

    Args:
        numbers: (11,) as in `_fill`.
        colours: (4, 3) named above.
        ripples: (n, n, 2) slopes; patches: (n, n) calm and ruffled places.
    """
    line = min(max(int(numbers[0]), 2), out.shape[0])
    size = (max(out.shape[1] // 2, 2), max(line // 2, 2))
    source = np.asarray(cv2.resize(out[:line], size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    _fill(out, source, ripples, patches, numbers, colours, line, min(bottom, out.shape[0]))


class Lake:
    """The water of one shot."""

    def __init__(
        self, shot: Shot, sky: Sky, rng: np.random.Generator, bank: float | None = None, rough: float = 1.0
    ) -> None:
        """`bank`: metres to the far bank of a river; a lake's is at the horizon. `rough` multiplies its ripples."""
        self._shot, self._sky, self._bank = shot, sky, bank
        self._ripples, self._patches = ripple(512, rng), spectral(256, 3.0, rng, lo=4, hi=30)
        self._calm = _CALM.get(shot.spec.weather, 0.06) * float(rng.uniform(0.8, 1.3)) * rough

    def line(self, camera: Camera, out: Picture) -> int:
        """First row of the water."""
        low = camera.y * camera.focal / max(self._bank - camera.z, 0.5) if self._bank else 0.0
        return min(max(int((camera.horizon + low) * len(out)) + 1, 2), len(out))

    def fill(self, t: float, camera: Camera, light: Light, out: Picture, bottom: int | None = None) -> None:
        """Fill the rows from the waterline to `bottom` with what is above it."""
        h, w = out.shape[:2]
        towards, disc = self._sky.sun(t)
        ahead = max(float(towards[2]), 1e-3)
        glint = 0.7 * (0.15 + self._calm * 4) if towards[2] > 0.08 and towards[1] > 0 else 0.0
        eye = camera.y / self._shot.rest.y * 1.6
        row = (
            self.line(camera, out), camera.horizon * h, camera.focal * h, w / 2 - camera.pan * h, eye, camera.x,
            camera.z, t, self._calm, float(towards[0]) / ahead, glint,
        )  # fmt: skip
        body = light.sky * np.float32(0.8) + light.key * np.float32(0.25)
        colours = np.zeros((4, 3), np.float32)
        own = np.float32(2.2 if self._bank else 1.0)  # a river stirs up what it carries: less of a black mirror
        colours[DEEP] = np.array([0.020, 0.060, 0.075], np.float32) * body * own
        colours[SHALLOW] = np.array([0.035, 0.080, 0.085], np.float32) * body * own
        colours[HAZE], colours[GLINT] = light.haze, np.minimum(disc, 4) * np.float32(0.25)
        lake(out, np.array(row, np.float32), colours, self._ripples, self._patches, h if bottom is None else bottom)
