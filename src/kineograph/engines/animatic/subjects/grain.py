"""Value noise at many places at once: coats take their irregularity from the rest position."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.raster.grain import lattice

F32 = NDArray[np.float32]


def noise_at(points: F32, scale: float, offset: float = 0.0) -> F32:
    """(N,) 0…1, smooth, `scale` features per unit length; built on the rasteriser's lattice."""
    cells = lattice()
    n = cells.shape[0]
    p = points * np.float32(scale) + np.float32(offset)
    whole = np.floor(p)
    u = p - whole
    u = u * u * (3 - 2 * u)
    low = whole.astype(np.int64) % n
    high = (low + 1) % n
    out = np.zeros(len(points), np.float32)
    for corner in range(8):
        picked = [(high if corner >> axis & 1 else low)[:, axis] for axis in range(3)]
        weight = np.prod([u[:, axis] if corner >> axis & 1 else 1 - u[:, axis] for axis in range(3)], axis=0)
        out += weight * cells[picked[2], picked[1], picked[0]]
    return np.asarray(out / 255, np.float32)
