"""One kernel moves and lights a picture: smooth fields of displacement and gain, read by every pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kineograph.engines.animatic.noise import F32, f4, kernel
from kineograph.engines.animatic.pictures.planes import PAD, WEIGHTS, Cells, cells, clipped, sharp_block, soft_pair
from kineograph.media.frame import Frame, Plane

CELLS = 240  # of the longer side: 8 pixels at 1080p, so that every size moves alike


def grid(width: int, height: int) -> tuple[int, int]:
    """Rows and columns of the fields of a film of this size."""
    longer = max(width, height)
    return round(CELLS * height / longer), round(CELLS * width / longer)


@dataclass(frozen=True, slots=True)
class Fields:
    """What happens to a picture at one moment; all (rows, columns) of `grid`.

    Attributes:
        dx, dy: Where each place takes its pixel from, relative to itself, in frame widths.
        gain: Multiplies brightness.
        tint: Added to U and V where it is not dark, in 8-bit levels.
    """

    dx: F32
    dy: F32
    gain: F32
    tint: tuple[float, float] = (0.0, 0.0)


def warp(source: Frame, fields: Fields) -> Frame:
    """A padded picture, moved and lit. Pure; the result is new memory."""
    out = Frame(*(np.empty((p.shape[0] - 2 * PAD, p.shape[1] - 2 * PAD), np.uint8) for p in source))
    height, width = out.y.shape
    stack = np.stack((fields.dx * width, fields.dy * width, fields.gain), axis=1).astype(np.float32)
    # Fields are smooth: they are interpolated down the columns here, along the rows in the kernel.
    down, beyond = cells(height // 2, stack.shape[0])
    rows = stack[down] + (stack[down + 1] - stack[down]) * beyond[:, None, None]
    index, share = cells(width // 2, stack.shape[2])
    tint = np.array(fields.tint, np.float32)
    _warp(*source, np.ascontiguousarray(rows), index, share, tint, WEIGHTS, *out)
    return out


@kernel
def _warp(
    y0: Plane, u0: Plane, v0: Plane, rows: F32, index: Cells, share: F32, tint: F32, weights: F32, ys: Plane, us: Plane,
    vs: Plane,
) -> None:  # fmt: skip
    low = f4(16)
    mid = f4(128)
    # Cells are wider than pixels: what changes over a cell changes by this share over one.
    dx_slope = f4(rows.shape[2] / ys.shape[1])
    for by in range(us.shape[0]):
        dx, dy, gain = rows[by, 0], rows[by, 1], rows[by, 2]
        dy0, dy1 = rows[max(by - 1, 0), 1], rows[min(by + 1, us.shape[0] - 1), 1]
        upper, lower = ys[2 * by], ys[2 * by + 1]
        for bx in range(us.shape[1]):
            i = index[bx]
            t = share[bx]
            mx = dx[i] + (dx[i + 1] - dx[i]) * t
            my = dy[i] + (dy[i + 1] - dy[i]) * t
            g = gain[i] + (gain[i + 1] - gain[i]) * t
            # The four pixels of a block share 25 taps; what stretches the picture stretches the block too.
            wider = dx_slope * (dx[i + 1] - dx[i])
            taller = (dy1[i] - dy0[i]) * f4(0.25)
            x = f4(2 * bx) + mx - f4(0.5) * wider
            y = f4(2 * by) + my - f4(0.5) * taller
            p, q, r, s = sharp_block(y0, x, y, wider, taller, weights)
            upper[2 * bx] = clipped((p - low) * g + low, low, f4(235))
            upper[2 * bx + 1] = clipped((q - low) * g + low, low, f4(235))
            lower[2 * bx] = clipped((r - low) * g + low, low, f4(235))
            lower[2 * bx + 1] = clipped((s - low) * g + low, low, f4(235))
            bright = min(f4(0.014) * (p - low) * g, f4(1))  # black stays black
            uu, vv = soft_pair(u0, v0, f4(bx) + mx * f4(0.5), f4(by) + my * f4(0.5))
            us[by, bx] = clipped((uu - mid) * g + mid + tint[0] * bright, low, f4(240))
            vs[by, bx] = clipped((vv - mid) * g + mid + tint[1] * bright, low, f4(240))
