"""Still water that mirrors what the frame shows above it, broken by ripples in perspective."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import Real, f4, helper, lean, mix, smoothstep
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.settings.strips import PLANE, along, along2, bell, doubled, look_up, strip, strip2

F32 = NDArray[np.float32]


# Planes of a row: of every second column slopes across and along (three octaves), patches of calm and of wind; then of every
# column the slopes, what glitters, where the picture is mirrored and what is seen there; and a strip of a tile.
_NX2, _Z1, _Z2, _Z3, _PATCH, _NX, _NZ, _SPARK, _U, _V, _R, _G, _B, _STRIP = (np.uint64(PLANE * i) for i in range(14))
_NUMBERS = PLANE * 14


@helper
def _slopes(
    ripple: F32, tile: F32, wx: Real, step: Real, wz: Real, near: Real, fine: Real, coarse: Real, t: Real, count: int,
    row: F32,
) -> None:  # fmt: skip
    """Slopes of the water and how much of it glitters into NX, NZ and SPARK, from `count` places `step` metres apart, two
    columns each: nothing in them is finer."""
    for k in range(np.uint64(count)):
        row[_NX2 + k], row[_Z1 + k], row[_Z2 + k], row[_Z3 + k] = f4(0), f4(0), f4(0), f4(0)
    n = ripple.shape[2]
    strip2(ripple, wz * f4(2.6) + t * f4(4.2), coarse, coarse, row, _STRIP)
    along2(row, _STRIP, n, wx * f4(1.6) + t * f4(2.4), step * f4(1.6), 0, count, _NX2, _Z1)
    strip2(ripple, wz * f4(9.0) + t * f4(8.0), fine * f4(0.6), fine, row, _STRIP)
    along2(row, _STRIP, n, wx * f4(7.0) - t * f4(5.0) + f4(71), step * f4(7.0), 0, count, _NX2, _Z2)
    if near > f4(0.05):
        strip2(ripple, wz * f4(38) - t * f4(11), near, near, row, _STRIP)
        along2(row, _STRIP, n, wx * f4(31) + t * f4(13) + f4(37), step * f4(31), 0, count, _NX2, _Z3)
    strip(tile, wz * f4(0.045), row, _STRIP)
    along(row, _STRIP, tile.shape[0], wx * f4(0.10) + t * f4(0.3), step * f4(0.10), 0, count, _PATCH)
    for k in range(np.uint64(count)):
        patch = f4(0.40) + f4(0.60) * smoothstep(f4(-0.9), f4(1.1), row[_PATCH + k])
        coarse_z, fine_z = row[_Z1 + k], row[_Z2 + k]
        row[_NX2 + k] *= patch
        row[_Z1 + k] = (coarse_z + fine_z * f4(0.7) + row[_Z3 + k]) * patch
        row[_Z2 + k] = fine_z + coarse_z
    doubled(row, _NX2, count - 1, _NX)
    doubled(row, _Z1, count - 1, _NZ)
    doubled(row, _Z2, count - 1, _SPARK)


@helper
def _where(source: F32, first: Real, reach: Real, width: int, row: F32) -> None:
    """Into U and V where the picture above is mirrored in a row whose own image is at `first`."""
    low, right = f4(source.shape[0] - 1.6), f4(source.shape[1] - 1.01)
    for x in range(np.uint64(width)):
        nx, nz = row[_NX + x], row[_NZ + x]
        row[_V + x] = min(max((first - (nz + abs(nz) * f4(0.5)) * reach) * f4(0.5), f4(0)), low)
        row[_U + x] = min(max((f4(np.int32(x)) + nx * reach * f4(0.45)) * f4(0.5), f4(0)), right)


@lean
def _mirror(out: F32, source: F32, ripple: F32, tile: F32, view: F32, lamp: F32, line: int, t: Real, row: F32) -> None:
    """Fill rows line… of out. source: half-size picture above the line.

    view: focal·H, axis column, horizon row, eye height, eye x, eye z, roughness, rain.
    lamp: (5, 3) body colour far, body near, haze, glitter, (glitter column, haze per metre, -).
    """
    h, w = out.shape[0], out.shape[1]
    inverse = f4(1) / h
    for y in range(line, h):
        below = max(f4(y) + f4(0.5) - view[2], f4(0.6))
        z = min(view[0] * view[3] / below, f4(1400))
        v = below * inverse
        # Ripples finer than a pixel fade out.
        fine, coarse = f4(1) / (f4(1) + z * f4(0.012)), f4(1) / (f4(1) + z * f4(0.003))
        near = smoothstep(f4(46), f4(14), z) * f4(0.55)
        hidden = f4(1) - math.exp(-z * lamp[4, 1])
        deep = smoothstep(f4(0), f4(0.40), v)
        reach = (f4(0.010) + v * f4(0.20)) * h * view[6]
        metre = z / view[0]
        wx = (f4(0.5) - view[1]) * metre + view[4]
        _slopes(ripple, tile, wx, metre * f4(2), z + view[5], near, fine, coarse, t, w // 2 + 2, row)
        _where(source, f4(2 * line - y - 1), reach, w, row)
        look_up(source, 0, w, row, _U, _V, _R)
        spread = f4(60) / (f4(0.3) + v * f4(3))
        clear = f4(1) - hidden
        r0, g0, b0 = (
            mix(lamp[0, 0], lamp[1, 0], deep),
            mix(lamp[0, 1], lamp[1, 1], deep),
            mix(lamp[0, 2], lamp[1, 2], deep),
        )
        for x in range(np.uint64(w)):
            # Schlick's law for a wave that leans towards or away.
            grazing = f4(1) - min(max(v * f4(1.1) + row[_NZ + x] * f4(0.10), f4(0)), f4(1))
            fresnel = f4(0.04) + f4(0.90) * grazing * grazing * grazing
            gx = (f4(np.int32(x)) - lamp[4, 0]) * inverse + row[_NX + x] * f4(0.05)
            glitter = bell(gx * gx * spread) * smoothstep(f4(0.7), f4(2.2), row[_SPARK + x])
            body = f4(1) - fresnel
            r = r0 * body + row[_R + x] * fresnel + lamp[3, 0] * glitter
            g = g0 * body + row[_G + x] * fresnel + lamp[3, 1] * glitter
            b = b0 * body + row[_B + x] * fresnel + lamp[3, 2] * glitter
            out[y, x, 0] = r * clear + lamp[2, 0] * hidden
            out[y, x, 1] = g * clear + lamp[2, 1] * hidden
            out[y, x, 2] = b * clear + lamp[2, 2] * hidden


def mirror(
    t: float, camera: Camera, light: Light, line: int, rough: float, tiles: tuple[F32, F32],
    sun: tuple[float, F32] | None, out: Picture,
) -> None:  # fmt: skip
    """
    Paint water into rows `line`… of the picture from the rows above, already painted.

    Args:
        line: First row of water.
        rough: 0.3 calm … 1.5 windy.
        tiles: Ripples (n, 2, n: `strips.split`) and patches of wind (n, n).
        sun: Frame column and radiance (3,) of what glitters, or None.
    """
    height, width = out.shape[:2]
    if line >= height - 1 or line < 8:
        return
    focal = camera.focal * height
    source = _above(out[:line], focal * camera.y, camera.horizon * height, height)
    body = light.sky * 0.5 + light.haze * 0.3
    lamp = np.zeros((5, 3), np.float32)
    lamp[0], lamp[1] = np.array([0.05, 0.085, 0.11]) * body * 1.4, np.array([0.035, 0.085, 0.10]) * body * 1.2
    lamp[2] = light.haze
    lamp[4, 1] = light.haze_density * 0.55
    if sun is not None:
        lamp[3], lamp[4, 0] = sun[1], sun[0]
    axis = width / 2 - camera.pan * height
    view = np.array([focal, axis, camera.horizon * height, camera.y, camera.x, camera.z, rough, 0], np.float32)
    _mirror(out, source, *tiles, view, lamp, line, np.float32(t), np.empty(_NUMBERS, np.float32))


def _above(picture: Picture, distance: float, horizon: float, tall: int) -> F32:
    """What is mirrored, half size: the farther the water that shows it, the more it is drawn out downwards.

    distance: Metres to the water × rows that it is below the horizon. tall: Rows of the whole frame.
    """
    line, width = picture.shape[:2]
    sharp = cv2.resize(picture, (width // 2, line // 2), interpolation=cv2.INTER_AREA)
    sharp = np.minimum(sharp, np.float32(4.0))
    smear = np.asarray(cv2.blur(sharp, (3, max(tall // 28, 3))), np.float32)
    rows = 2 * line - 2 * np.arange(len(sharp)) - 1
    away = np.clip((distance / np.maximum(rows - horizon, 0.6) - 60) / 340, 0, 1)
    share = (0.35 + 0.60 * away * away * (3 - 2 * away)).astype(np.float32)[:, None, None]
    return np.ascontiguousarray(sharp + (smear - sharp) * share)
