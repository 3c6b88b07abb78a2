"""Still water that mirrors what the frame shows above it, broken by ripples in perspective."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import Real, f4, helper, lean, mix, sample, sample2, smoothstep
from kineograph.engines.animatic.settings.base import Picture

F32 = NDArray[np.float32]


@helper
def _slopes(ripple: F32, tile: F32, wx: Real, wz: Real, near: Real, fine: Real, coarse: Real, t: Real) -> tuple[
    Real, Real, Real
]:  # fmt: skip
    """Slope of the water across and along, and how much of it glitters."""
    ax, az = sample2(ripple, wx * f4(1.6) + t * f4(2.4), wz * f4(2.6) + t * f4(4.2))
    bx, bz = sample2(ripple, wx * f4(7.0) - t * f4(5.0) + f4(71), wz * f4(9.0) + t * f4(8.0))
    cx, cz = f4(0), f4(0)
    if near > f4(0.05):
        cx, cz = sample2(ripple, wx * f4(31) + t * f4(13) + f4(37), wz * f4(38) - t * f4(11))
    patch = f4(0.40) + f4(0.60) * smoothstep(
        f4(-0.9), f4(1.1), sample(tile, wx * f4(0.10) + t * f4(0.3), wz * f4(0.045))
    )
    return (
        (ax * coarse + bx * fine * f4(0.6) + cx * near) * patch,
        (az * coarse + bz * fine * f4(0.7) + cz * near) * patch,
        bz * fine + az * coarse,
    )


@lean
def _mirror(out: F32, sharp: F32, smear: F32, ripple: F32, tile: F32, view: F32, lamp: F32, line: int, t: Real) -> None:
    """Fill rows line… of out. sharp, smear: half-size pictures above the line, plain and drawn out downwards.

    Ripples are looked up for every second pixel and are straight between: nothing in them is finer, and they are what
    water costs.

    view: focal·H, axis column, horizon row, eye height, eye x, eye z, roughness, rain.
    lamp: (5, 3) body colour far, body near, haze, glitter, (glitter column, haze per metre, -).
    """
    h, w = out.shape[0], out.shape[1]
    sh, sw = sharp.shape[0], sharp.shape[1]
    inverse = f4(1) / h
    top = sh - f4(1.6)
    for y in range(line, h):
        below = max(f4(y) + f4(0.5) - view[2], f4(0.6))
        z = min(view[0] * view[3] / below, f4(1400))
        v = below * inverse
        # Ripples finer than a pixel fade out; the far water is a smooth, drawn-out mirror.
        fine, coarse = f4(1) / (f4(1) + z * f4(0.012)), f4(1) / (f4(1) + z * f4(0.003))
        near = smoothstep(f4(46), f4(14), z) * f4(0.55)
        drawn_out = f4(0.35) + f4(0.60) * smoothstep(f4(60), f4(400), z)
        hidden = f4(1) - math.exp(-z * lamp[4, 1])
        deep = smoothstep(f4(0), f4(0.40), v)
        reach = (f4(0.010) + v * f4(0.20)) * h * view[6]
        wz = z + view[5]
        wx, metre = (f4(0.5) - view[1]) / view[0] * z + view[4], z / view[0]
        nx, nz, sparkle = _slopes(ripple, tile, wx, wz, near, fine, coarse, t)
        px, pz, ps = nx, nz, sparkle
        for x in range(w):
            if x & 1:
                nx, nz, sparkle = px, pz, ps
                px, pz, ps = _slopes(ripple, tile, wx + f4(x + 1) * metre, wz, near, fine, coarse, t)
                nx, nz, sparkle = (nx + px) * f4(0.5), (nz + pz) * f4(0.5), (sparkle + ps) * f4(0.5)
            else:
                nx, nz, sparkle = px, pz, ps
            ry = (f4(2 * line - y - 1) - (nz + abs(nz) * f4(0.5)) * reach) * f4(0.5)
            rx = (f4(x) + nx * reach * f4(0.45)) * f4(0.5)
            ry, rx = min(max(ry, f4(0)), top), min(max(rx, f4(0)), f4(sw - 1.01))
            i, j = int(rx), int(ry)
            a, b = rx - f4(i), ry - f4(j)
            # Schlick's law for a wave that leans towards or away.
            grazing = f4(1) - min(max(v * f4(1.1) + nz * f4(0.10), f4(0)), f4(1))
            fresnel = f4(0.04) + f4(0.90) * grazing * grazing * grazing
            gx = (f4(x) - lamp[4, 0]) * inverse + nx * f4(0.05)
            glitter = f4(0)
            if lamp[3, 0] > f4(0) and gx * gx < f4(0.06) + v * f4(0.1):
                width = f4(60) / (f4(0.3) + v * f4(3))
                glitter = math.exp(-gx * gx * width) * smoothstep(f4(0.7), f4(2.2), sparkle)
            for c in range(3):
                seen = (sharp[j, i, c] * (f4(1) - a) + sharp[j, i + 1, c] * a) * (f4(1) - b) + (
                    sharp[j + 1, i, c] * (f4(1) - a) + sharp[j + 1, i + 1, c] * a
                ) * b
                drawn = smear[j, i, c] * (f4(1) - a) + smear[j, i + 1, c] * a
                seen += (drawn - seen) * drawn_out
                col = mix(lamp[0, c], lamp[1, c], deep) * (f4(1) - fresnel) + seen * fresnel + lamp[3, c] * glitter
                out[y, x, c] = col + (lamp[2, c] - col) * hidden


def mirror(
    t: float, camera: Camera, light: Light, line: int, rough: float, tiles: tuple[F32, F32],
    sun: tuple[float, F32] | None, out: Picture,
) -> None:  # fmt: skip
    """
    Paint water into rows `line`… of the picture from the rows above, already painted.

    Args:
        line: First row of water.
        rough: 0.3 calm … 1.5 windy.
        tiles: Ripples (n, n, 2) and patches of wind (n, n).
        sun: Frame column and radiance (3,) of what glitters, or None.
    """
    height, width = out.shape[:2]
    if line >= height - 1 or line < 8:
        return
    half = (width // 2, line // 2)
    sharp = np.asarray(cv2.resize(out[:line], half, interpolation=cv2.INTER_AREA), dtype=np.float32)
    sharp = np.minimum(sharp, np.float32(4.0))
    smear = np.asarray(cv2.blur(sharp, (3, max(height // 28, 3))), dtype=np.float32)
    body = light.sky * 0.5 + light.haze * 0.3
    lamp = np.zeros((5, 3), np.float32)
    lamp[0], lamp[1] = np.array([0.05, 0.085, 0.11]) * body * 1.4, np.array([0.035, 0.085, 0.10]) * body * 1.2
    lamp[2] = light.haze
    lamp[4, 1] = light.haze_density * 0.55
    if sun is not None:
        lamp[3], lamp[4, 0] = sun[1], sun[0]
    focal = camera.focal * height
    axis = width / 2 - camera.pan * height
    view = np.array([focal, axis, camera.horizon * height, camera.y, camera.x, camera.z, rough, 0], np.float32)
    _mirror(out, np.ascontiguousarray(sharp), np.ascontiguousarray(smear), *tiles, view, lamp, line, np.float32(t))
