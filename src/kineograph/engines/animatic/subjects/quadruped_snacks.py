"""What animals hold while they eat: in their hands, or between their lips."""

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
LEAF: Rgb = (0.16, 0.46, 0.05)
CAP: Rgb = (0.16, 0.075, 0.03)
LEAVES = 6  # at either end of a twig


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


def sprig(body: Body) -> Shape:
    """A twig across the lips, leaves at both ends."""
    bone, r = body.skeleton.index["head"], body.row.snout_radii[1]
    shape = Shape("leaf", 0.13 * r)
    lips = body.muzzle + r * np.array([0.0, -0.42, 0.72])
    for side in (1.0, -1.0):
        end = lips + r * np.array([3.0 * side, 0.5, 0.5])
        shape.cone(lips, end, 0.16 * r, 0.09 * r, bone=bone, colour=CAP, blend=0.003)
        for k in range(LEAVES):
            root = lips + (end - lips) * (0.30 + 0.70 * k / (LEAVES - 1))
            turn = 2.4 * k
            way = np.array([0.9 * side, 0.9 * np.sin(turn), 0.9 * np.cos(turn)])
            way /= np.linalg.norm(way)
            across = np.cross(way, (0.0, 0.0, 1.0))
            colour = LEAF if k % 2 else BLADE
            middle = root + way * 0.62 * r
            shape.cone(root, middle, 0.10 * r, 0.40 * r, bone=bone, colour=colour, blend=0.003, squash=(across, 0.3))
            shape.cone(
                middle,
                root + way * 1.5 * r,
                0.40 * r,
                0.04 * r,
                bone=bone,
                colour=colour,
                blend=0.003,
                squash=(across, 0.3),
            )
    return shape


SNACKS: dict[str, Callable[[Body], Shape]] = {"stalk": stalk, "nut": nut, "sprig": sprig, "none": nut}
