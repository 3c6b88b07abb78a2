"""A picture as the encoder takes it: three I420 planes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]


class Frame(NamedTuple):
    """I420, uint8, bt709 limited range (Y 16–235, U and V 16–240).

    Attributes:
        y: (height, width), both even.
        u, v: (height/2, width/2).
    """

    y: Plane
    u: Plane
    v: Plane
