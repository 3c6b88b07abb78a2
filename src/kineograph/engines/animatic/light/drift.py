"""The sky between two key frames of its clouds, carried by the wind."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean

_1 = np.uint64(1)


@helper
def _carried(
    key: F32, window: F32, e: Real, y: Real, wind: F32, k: Real, right: Real, ahead: Real, row: F32
) -> tuple[Real, Real]:
    """k times the row of a key frame that the wind has carried to row y, at tangent e, in `row`: column to begin at, and steps."""
    kh, kw = key.shape[0], key.shape[1]
    sx, sy = f4(kw) / (window[1] - window[0]), f4(kh) / (window[3] - window[2])
    z = wind[4] / (e + wind[5])
    was = max(z + ahead, z * f4(0.5))  # so far away was it when the key frame was drawn
    v = min(max(f4(y) - (wind[4] / was - wind[5] - e) * sy, f4(0)), f4(kh - 1.001))
    j = int(v)
    b = (v - f4(j)) * k
    for i in range(kw):
        for c in range(4):
            row[i, c] = key[j, i, c] * (k - b) + key[j + 1, i, c] * b
    step = z / was
    return ((window[0] + f4(0.5) / sx) * step + right / was - window[0]) * sx - f4(0.5), step


@lean
def _drifted(first: F32, second: F32, back: F32, window: F32, wind: F32, share: Real, rows: F32, out: F32) -> None:
    kh, kw = out.shape[0], out.shape[1]
    most = f4(kw - 1.001)
    for y in range(kh):
        e = max(window[3] - (f4(y) + f4(0.5)) * (window[3] - window[2]) / f4(kh), f4(0.0015))
        p0, p1 = _carried(first, window, e, y, wind, f4(1) - share, wind[0], wind[1], rows[0])
        q0, q1 = _carried(second, window, e, y, wind, share, wind[2], wind[3], rows[1])
        for x in range(np.uint64(kw)):
            u = min(max(p0 + f4(np.int32(x)) * p1, f4(0)), most)
            w = min(max(q0 + f4(np.int32(x)) * q1, f4(0)), most)
            i, j = np.uint64(np.int32(u)), np.uint64(np.int32(w))
            a, b = u - f4(np.int32(u)), w - f4(np.int32(w))
            left = rows[0, i, 3] * (f4(1) - a) + rows[0, i + _1, 3] * a
            left += rows[1, j, 3] * (f4(1) - b) + rows[1, j + _1, 3] * b
            for c in range(3):
                colour = rows[0, i, c] * (f4(1) - a) + rows[0, i + _1, c] * a
                colour += rows[1, j, c] * (f4(1) - b) + rows[1, j + _1, c] * b
                out[y, x, c] = colour + back[y, x, c] * left
            out[y, x, 3] = left * back[y, x, 3]


def drifted(first: F32, second: F32, back: F32, window: F32, wind: F32, share: float) -> F32:
    """The sky between two key frames of its clouds: both carried by the wind to where they are now, then mixed.

    Args:
        first, second: As `march` gives them, and `back` as `still` does.
        window: Of all three.
        wind: (6,) kilometres right and ahead blown since `first`, and since `second` (that is: until then, negative);
            height in kilometres of the layer that moves, and the tangent by which its far end dips below the horizon.
        share: Of `second`.

    Returns:
        (height, width, 4) radiance and transmittance to the stars.
    """
    out = np.empty_like(first)
    rows = np.empty((2, first.shape[1], 4), np.float32)
    _drifted(first, second, back, window, wind, np.float32(share), rows, out)
    return out
