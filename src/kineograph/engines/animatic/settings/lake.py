"""Still water: the picture above the waterline, mirrored through ripples."""

from __future__ import annotations

import math

import cv2
import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean, mix, ripple, smoothstep, spectral
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.settings.strips import (
    PLANE,
    along,
    along2,
    bell,
    doubled,
    look_up,
    split,
    strip,
    strip2,
)
from kineograph.engines.animatic.shot import Shot

_CALM = {"storm": 0.32, "rain": 0.10, "wind": 0.15, "fog": 0.03}  # roughness of the water; 0.06 otherwise

# Rows of the colours (5, 3) of a lake.
DEEP, SHALLOW, HAZE, GLINT = 0, 1, 2, 3


# Planes of a row: of every second column slopes across and along (two octaves) and patches of calm; then of every column the
# slopes, what glitters, where the picture is mirrored and what is seen there; and a strip of a tile.
_NX2, _Z1, _Z2, _PATCH, _NX, _NZ, _SPARK, _U, _V, _R, _G, _B, _STRIP = (np.uint64(PLANE * i) for i in range(13))
_NUMBERS = PLANE * 13


@helper
def _slopes(
    ripples: F32, patches: F32, wx: Real, step: Real, v: Real, t: Real, a1: Real, a2: Real, rough: Real, count: int, row: F32
) -> None:  # fmt: skip
    """Slopes of the water and how much of it glitters into NX, NZ and SPARK, from `count` places `step` texels apart, two
    columns each: nothing in them is finer."""
    for k in range(np.uint64(count)):
        row[_NX2 + k], row[_Z1 + k], row[_Z2 + k] = f4(0), f4(0), f4(0)
    n = ripples.shape[2]
    strip2(ripples, v + t * f4(7), a1, a1, row, _STRIP)
    along2(row, _STRIP, n, wx + t * f4(4), step, 0, count, _NX2, _Z1)
    strip2(ripples, v * f4(2.8) + t * f4(13), a2 * f4(0.6), a2, row, _STRIP)
    along2(row, _STRIP, n, wx * f4(3.1) - t * f4(9) + f4(71), step * f4(3.1), 0, count, _NX2, _Z2)
    strip(patches, v * f4(0.07), row, _STRIP)
    along(row, _STRIP, patches.shape[0], wx * f4(0.19), step * f4(0.19), 0, count, _PATCH)
    for k in range(np.uint64(count)):
        calm = rough * (f4(0.45) + f4(0.55) * smoothstep(f4(-0.9), f4(1.1), row[_PATCH + k]))
        z1, z2 = row[_Z1 + k], row[_Z2 + k]
        row[_NX2 + k] *= calm
        row[_Z1 + k] = (z1 + z2 * f4(0.7)) * calm
        row[_Z2 + k] = z2 + z1 * f4(0.7)
    doubled(row, _NX2, count - 1, _NX)
    doubled(row, _Z1, count - 1, _NZ)
    doubled(row, _Z2, count - 1, _SPARK)


@helper
def _where(source: F32, first: Real, lift: Real, shift: Real, scale: Real, across: Real, width: int, row: F32) -> None:
    """Into U and V where the picture above is mirrored in a row whose own image is at row `first` of it."""
    low, right = f4(source.shape[0] - 1.01), f4(source.shape[1] - 1.01)
    for x in range(np.uint64(width)):
        nx, nz = row[_NX + x], row[_NZ + x]
        row[_V + x] = min(max((first - (nz + abs(nz) * f4(0.5)) * lift) * scale, f4(0)), low)
        row[_U + x] = min(max((f4(np.int32(x)) + nx * shift) * across, f4(0)), right)


@lean
def _fill(
    out: F32, source: F32, ripples: F32, patches: F32, n: F32, colours: F32, first: int, last: int, row: F32
) -> None:  # fmt: skip
    """n: waterline row, horizon row, focal, axis, eye, x, z, t, roughness, sun's tangent x, glint share."""
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
        dark *= dark
        spread = f4(60) / (f4(0.3) + v * f4(2))
        # Texels of the tile stop growing with distance before they would alias.
        k = math.sqrt(f4(9) / (n[4] * n[2]))
        texel = f4(13) / k * math.atan(z * k) + n[6] * f4(13)
        start, step = (f4(0.5) - n[3]) / n[2], f4(1) / n[2]
        _slopes(
            ripples, patches, (n[5] + start * z) * f4(10), step * z * f4(20), texel, n[7], a1, a2, n[8], width // 2 + 2, row
        )  # fmt: skip
        lift, shift = height * (f4(0.05) + v * f4(0.5)), height * (f4(0.02) + v * f4(0.16))
        _where(source, f4(2) * n[0] - f4(y) - f4(1), lift, shift, scale, across, width, row)
        look_up(source, 0, width, row, _U, _V, _R)
        near, r0 = f4(1) - far, mix(colours[DEEP, 0], colours[SHALLOW, 0], dark)
        g0, b0 = mix(colours[DEEP, 1], colours[SHALLOW, 1], dark), mix(colours[DEEP, 2], colours[SHALLOW, 2], dark)
        for x in range(np.uint64(width)):
            nx, nz = row[_NX + x], row[_NZ + x]
            grazing = f4(1) - min(v * f4(1.25) + max(nz, f4(0)) * f4(0.9), f4(1))
            fresnel = grazing * grazing * grazing * f4(0.93) + f4(0.05)
            off = start + f4(np.int32(x)) * step + nx * f4(0.9) - n[9]
            glint = bell(off * off * spread) * smoothstep(f4(0.9), f4(2.4), row[_SPARK + x]) * n[10]
            body = f4(1) - fresnel
            r = r0 * body + row[_R + x] * fresnel + colours[GLINT, 0] * glint
            g = g0 * body + row[_G + x] * fresnel + colours[GLINT, 1] * glint
            b = b0 * body + row[_B + x] * fresnel + colours[GLINT, 2] * glint
            out[y, x, 0] = r * near + colours[HAZE, 0] * far
            out[y, x, 1] = g * near + colours[HAZE, 1] * far
            out[y, x, 2] = b * near + colours[HAZE, 2] * far


def lake(out: F32, numbers: F32, colours: F32, ripples: F32, patches: F32, bottom: int) -> None:
    """Fill rows from the waterline (numbers[0]) to `bottom` of `out` with what is above it.

    Args:
        numbers: (11,) as in `_fill`.
        colours: (4, 3) named above.
        ripples: (n, 2, n) slopes (strips.split); patches: (n, n) calm and ruffled places.
    """
    line = min(max(int(numbers[0]), 2), out.shape[0])
    size = (max(out.shape[1] // 2, 2), max(line // 2, 2))
    source = np.asarray(cv2.resize(out[:line], size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    row = np.empty(_NUMBERS, np.float32)
    _fill(out, source, ripples, patches, numbers, colours, line, min(bottom, out.shape[0]), row)


class Lake:
    """The water of one shot."""

    def __init__(
        self, shot: Shot, sky: Sky, rng: np.random.Generator, bank: float | None = None, rough: float = 1.0
    ) -> None:
        """`bank`: metres to the far bank of a river; a lake's is at the horizon. `rough` multiplies its ripples."""
        self._shot, self._sky, self._bank = shot, sky, bank
        self._ripples, self._patches = split(ripple(512, rng)), spectral(256, 3.0, rng, lo=4, hi=30)
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
