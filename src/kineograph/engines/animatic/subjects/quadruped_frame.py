"""What is known of a four-legged animal's body while it is being built: landmarks, legs, shapes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.subjects.quadruped_row import Coat, Row
from kineograph.engines.animatic.subjects.sdf import Shape
from kineograph.engines.animatic.subjects.skeleton import Skeleton

F64 = NDArray[np.float64]


@dataclass(slots=True)
class Leg:
    """One leg at rest.

    Attributes:
        name: `hL`, `fL`, `hR`, `fR`: hind or fore, left or right.
        side: +1 left, -1 right.
        joints: (4, 3) hip or shoulder, knee or elbow, hock or wrist, toes.
    """

    name: str
    fore: bool
    side: int
    joints: F64


@dataclass(slots=True)
class Body:
    """What is known about an animal at rest, creature axes."""

    row: Row
    coat: Coat
    skeleton: Skeleton
    shapes: list[Shape] = field(default_factory=list)
    legs: dict[str, Leg] = field(default_factory=dict)
    head: F64 = field(default_factory=lambda: np.zeros(3))  # centre of the skull
    muzzle: F64 = field(default_factory=lambda: np.zeros(3))  # its tip
    rump: F64 = field(default_factory=lambda: np.zeros(3))  # root of the tail
    withers: F64 = field(default_factory=lambda: np.zeros(3))
    eye: F64 = field(default_factory=lambda: np.zeros(3))  # centre of the left one
