"""Between the encoder's planes and display RGB: bt709, limited range."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean
from kineograph.media.frame import Plane

# Rec. ITU-R BT.709-6, section 3: luma and colour difference of gamma-coded R, G, B.
_R, _G, _B = 0.2126, 0.7152, 0.0722
_BLUE, _RED = 1 / 1.8556, 1 / 1.5748
_1 = np.uint64(1)


def to_rgb(ys: Plane, us: Plane, vs: Plane) -> F32:
    """(3, h, w) display values 0…1 of planes; U and V are half as large. Channels lie apart, as kernels run fastest."""
    out = np.empty((3, *ys.shape), np.float32)
    _to_rgb(ys, us, vs, np.empty((3, ys.shape[1] + 2), np.float32), out)
    return out


def to_planes(rgb: F32) -> tuple[Plane, Plane, Plane]:
    """The planes of display values (3, h, w), both even; what is outside 0…1 is clipped."""
    height, width = rgb.shape[1:]
    ys = np.empty((height, width), np.uint8)
    us, vs = np.empty((height // 2, width // 2), np.uint8), np.empty((height // 2, width // 2), np.uint8)
    _to_planes(np.ascontiguousarray(rgb, np.float32), np.empty((2, width), np.float32), ys, us, vs)
    return ys, us, vs


@helper
def _unit(x: Real) -> Real:
    return min(max(x, f4(0)), f4(1))


@helper
def _across(near: Plane, far: Plane, soft: F32, out: F32) -> None:
    """One row of chroma twice as wide: a quarter of the way from each sample to its neighbours, down and across.

    Args:
        near, far: Rows of samples; soft: scratch, two longer.
    """
    n = near.shape[0]
    for i in range(np.uint64(n)):
        soft[i + _1] = (f4(0.75) * f4(near[i]) + f4(0.25) * f4(far[i]) - f4(128)) * f4(1 / 224)
    soft[0], soft[n + 1] = soft[1], soft[n]
    for i in range(np.uint64(n)):
        out[i + i] = f4(0.75) * soft[i + _1] + f4(0.25) * soft[i]
        out[i + i + _1] = f4(0.75) * soft[i + _1] + f4(0.25) * soft[i + _1 + _1]


@lean
def _to_rgb(ys: Plane, us: Plane, vs: Plane, rows: F32, out: F32) -> None:
    last = us.shape[0] - 1
    for y in range(ys.shape[0]):
        j = min(y >> 1, last)
        j1 = min(j + 1, last) if y & 1 else max(j - 1, 0)
        _across(us[j], us[j1], rows[0], rows[1])
        _across(vs[j], vs[j1], rows[0], rows[2])
        for x in range(np.uint64(ys.shape[1])):
            grey = (f4(ys[y, x]) - f4(16)) * f4(1 / 219)
            out[0, y, x] = _unit(grey + f4(1.5748) * rows[2, x])
            out[1, y, x] = _unit(grey - f4(0.1873) * rows[1, x] - f4(0.4681) * rows[2, x])
            out[2, y, x] = _unit(grey + f4(1.8556) * rows[1, x])


@lean
def _to_planes(rgb: F32, rows: F32, ys: Plane, us: Plane, vs: Plane) -> None:
    for j in range(us.shape[0]):
        rows[:] = f4(0)
        for y in range(2 * j, 2 * j + 2):
            for x in range(np.uint64(ys.shape[1])):
                r, g, b = _unit(rgb[0, y, x]), _unit(rgb[1, y, x]), _unit(rgb[2, y, x])
                grey = f4(_R) * r + f4(_G) * g + f4(_B) * b
                ys[y, x] = np.uint8(grey * f4(219) + f4(16.5))
                rows[0, x] += b - grey
                rows[1, x] += r - grey
        for i in range(np.uint64(us.shape[1])):
            blue, red = rows[0, i + i] + rows[0, i + i + _1], rows[1, i + i] + rows[1, i + i + _1]
            us[j, i] = np.uint8(min(max(blue * f4(_BLUE * 56) + f4(128.5), f4(16)), f4(240)))
            vs[j, i] = np.uint8(min(max(red * f4(_RED * 56) + f4(128.5), f4(16)), f4(240)))
