"""What animals with hands hold while they eat."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.spec import Colour as Rgb
from kineograph.engines.animatic.subjects.quadruped_frame import Body
from kineograph.engines.animatic.subjects.sdf import Shape

F64 = NDArray[np.float64]
BAMBOO: Rgb = (0.22, 0.44, 0.07)
BLADE: Rgb = (0.08, 0.34, 0.04)
ACORN: Rgb = (0.42, 0.20, 0.06)
CAP: Rgb = (0.16, 0.075, 0.03)


def _palm(body: Body) -> tuple[F64, int]:
    """Under the right forefoot as it stands, and its bone. Raised, what is ahead of the paw points up."""
    at = body.legs["fR"].joints[3] + np.array([0.0, -0.2 * body.row.paw, 0.9 * body.row.paw])
    return at, body.skeleton.index["fR3"]


def stalk(body: Body) -> Shape:
    """A stick of bamboo with knots and leaves."""
    at, bone = _palm(body)
    row, long = body.row, 2.3 * body.row.head
    shape = Shape("leaf", 0.10 * row.head)
    inward = np.array([0.55, 0.1, 0.8]) / np.linalg.norm([0.55, 0.1, 0.8])
    low, high, thick = at - inward * 0.35 * long, at + inward * 0.75 * long, 0.085 * row.head
    shape.cone(low, high, thick, thick * 0.8, bone=bone, colour=BAMBOO, blend=0.004)
    for k in range(4):
        knot = low + (high - low) * (0.1 + 0.27 * k)
        shape.ellipsoid(knot, np.full(3, thick * 1.25), bone=bone, colour=BLADE, blend=0.004)
    for k, lean in enumerate(((0.9, 0.5), (-0.9, 0.6), (0.3, -0.9), (-0.4, 0.9))):
        out = inward * 0.5 + np.array([lean[0], lean[1], 0.0])
        tip = high + out / np.linalg.norm(out) * 0.42 * long
        root = high - inward * 0.06 * long * k
        shape.cone(root, tip, thick * 1.1, 0.004, bone=bone, colour=BLADE, blend=0.004, squash=(inward, 0.35))
    return shape


def nut(body: Body) -> Shape:
    """An acorn between the paws."""
    at, bone = _palm(body)
    r = 0.34 * body.row.head
    shape = Shape("gloss", 0.16 * r)
    middle = at + np.array([1.0 * body.row.paw, 0.0, 0.5 * r])
    shape.ellipsoid(middle, np.array([0.8, 0.8, 1.0]) * r, bone=bone, colour=ACORN, blend=0.01)
    shape.ellipsoid(
        middle - np.array([0, 0, 0.55 * r]), np.array([0.9, 0.9, 0.5]) * r, bone=bone, colour=CAP, blend=0.01
    )
    return shape


SNACKS: dict[str, Callable[[Body], Shape]] = {"stalk": stalk, "nut": nut, "none": nut}
