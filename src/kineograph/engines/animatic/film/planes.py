"""Between the encoder's planes and display RGB: bt709, limited range."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean
from kineograph.media.frame import Plane

# Rec. ITU-R BT.709-6, section 3: luma and colour difference of gamma-coded R, G, B.
_R, _G, _B = 0.2126, 0.7152, 0.0722
_BLUE, _RED = 1 / 1.8556, 1 / 1.5748


def to_rgb(ys: Plane, us: Plane, vs: Plane) -> F32:
    """(h, w, 3) display values 0…1 of planes; U and V are half as large."""
    out = np.empty((*ys.shape, 3), np.float32)
    _to_rgb(ys, us, vs, out)
    return out


def to_planes(rgb: F32) -> tuple[Plane, Plane, Plane]:
    """The planes of display values; what is outside 0…1 is clipped."""
    height, width = rgb.shape[:2]
    ys = np.empty((height, width), np.uint8)
    us, vs = np.empty((height // 2, width // 2), np.uint8), np.empty((height // 2, width // 2), np.uint8)
    _to_planes(np.ascontiguousarray(rgb, np.float32), ys, us, vs)
    return ys, us, vs


@helper
def _between(plane: Plane, y: int, y1: int, x: int, x1: int) -> Real:
    """A quarter of the way from a sample to its neighbours, across and down; from the middle, 128."""
    near = f4(0.75) * f4(plane[y, x]) + f4(0.25) * f4(plane[y, x1])
    far = f4(0.75) * f4(plane[y1, x]) + f4(0.25) * f4(plane[y1, x1])
    return (f4(0.75) * near + f4(0.25) * far - f4(128)) * f4(1 / 224)


@helper
def _unit(x: Real) -> Real:
    return min(max(x, f4(0)), f4(1))


@lean
def _to_rgb(ys: Plane, us: Plane, vs: Plane, out: F32) -> None:
    rows, columns = us.shape[0], us.shape[1]
    for y in range(ys.shape[0]):
        j = min(y >> 1, rows - 1)
        j1 = min(j + 1, rows - 1) if y & 1 else max(j - 1, 0)
        for x in range(ys.shape[1]):
            i = min(x >> 1, columns - 1)
            i1 = min(i + 1, columns - 1) if x & 1 else max(i - 1, 0)
            u, v = _between(us, j, j1, i, i1), _between(vs, j, j1, i, i1)
            grey = (f4(ys[y, x]) - f4(16)) * f4(1 / 219)
            out[y, x, 0] = _unit(grey + f4(1.5748) * v)
            out[y, x, 1] = _unit(grey - f4(0.1873) * u - f4(0.4681) * v)
            out[y, x, 2] = _unit(grey + f4(1.8556) * u)


@lean
def _to_planes(rgb: F32, ys: Plane, us: Plane, vs: Plane) -> None:
    for j in range(us.shape[0]):
        for i in range(us.shape[1]):
            blue, red = f4(0), f4(0)
            for k in range(4):
                y, x = 2 * j + (k >> 1), 2 * i + (k & 1)
                r, g, b = _unit(rgb[y, x, 0]), _unit(rgb[y, x, 1]), _unit(rgb[y, x, 2])
                grey = f4(_R) * r + f4(_G) * g + f4(_B) * b
                ys[y, x] = np.uint8(grey * f4(219) + f4(16.5))
                blue += b - grey
                red += r - grey
            us[j, i] = np.uint8(min(max(blue * f4(_BLUE * 56) + f4(128.5), f4(16)), f4(240)))
            vs[j, i] = np.uint8(min(max(red * f4(_RED * 56) + f4(128.5), f4(16)), f4(240)))
