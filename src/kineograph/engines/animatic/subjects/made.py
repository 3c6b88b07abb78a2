"""From a row of parts to one mesh with joints: everything of a model that does not change with time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.raster.mesh import Mesh
from kineograph.engines.animatic.registry import TABLES
from kineograph.engines.animatic.subjects.assembly import Assembly
from kineograph.engines.animatic.subjects.forms import turned
from kineograph.engines.animatic.subjects.joints import Joint, Move, joints_of, order_of
from kineograph.engines.animatic.subjects.parts import Piece, Workshop
from kineograph.engines.animatic.subjects.rows import table

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Made:
    """A built model.

    Attributes:
        mesh: Metres, front towards -z.
        joints: Parents first; slices: vertices that hang on each, joint number -> (from, to).
        scale: Metres per unit of the row.
        lamps: (2, parts, 3) own light, when lamps are on and always.
        axes: (3, 3) the row's axes -> the mesh's. lift: how far it was raised to stand on y = 0, the row's units.
        order: Names of the joints. worked: (parts,) made of what a material word said.
    """

    mesh: Mesh
    joints: tuple[Joint, ...]
    slices: Mapping[int, tuple[int, int]]
    scale: float
    lamps: F32
    axes: F64
    lift: float = 0.0
    order: tuple[str, ...] = ()
    worked: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))


def row_of(family: str, kind: str) -> dict[str, Any]:
    """The kind's row over that of the kind it is like, over its family's defaults; `more` adds to the other's parts."""
    rows = table(TABLES[family])
    row = dict(rows["kinds"][kind])
    if "like" in row:
        row = row_of(family, row["like"]) | row
    return {
        **rows["family"],
        **row,
        "parts": [*row.get("parts", ()), *row.get("more", ())],
        "colours": rows["family"].get("colours", {}) | row.get("colours", {}),
    }


def arms_full(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row with those joints that have moves for "hold" doing only these: nobody swings a full can."""
    joints = {}
    for name, spec in row.get("joints", {}).items():
        kept = [move for move in spec.get("moves", ()) if "hold" in move.get("when", ())]
        free = [{key: value for key, value in move.items() if key != "when"} for move in kept]
        joints[name] = {**spec, "moves": free} if free else spec
    return {**row, "joints": joints}


def planned(row: Mapping[str, Any], action: str, rng: np.random.Generator) -> Mapping[str, Any]:
    """The row with the parts, joints and motion that its family's module works out from its proportions, if it has one."""
    if "plan" not in row:
        return row
    return {**row, **import_module(f"{__package__}.{row['plan']}").plan(row, action, rng)}


def assembled(row: Mapping[str, Any], pieces: Sequence[Piece], wheels: Workshop, action: str, height: float) -> Made:
    """Pieces as one mesh, in the order of their joints."""
    names = [name for name in dict.fromkeys(p.joint for p in pieces) if name and name not in wheels.wheels]
    order = [*order_of(row, names), *wheels.wheels]
    pieces = sorted(pieces, key=lambda p: order.index(p.joint) if p.joint else -1)
    made = Assembly()
    axes = turned(y=-math.pi / 2) if row.get("seen", "front") == "side" else np.eye(3)
    for piece in pieces:
        made.add(piece.part, piece.material, piece.colour, turn=axes)
    low, high = made.extent()
    tall = float(row.get("tall", high - low))
    joints = list(joints_of(row, names, action, -low))
    for middle, radius in wheels.wheels.values():
        joints.append(Joint(middle + np.array([0, -low, 0]), (Move("z", roll=radius),), -1, np.ones(3)))
    starts = np.cumsum([0] + [len(p.part.vertices) for p in pieces])
    slices: dict[int, tuple[int, int]] = {}
    for k, piece in enumerate(pieces):
        if piece.joint:
            number = order.index(piece.joint)
            slices[number] = (slices.get(number, (int(starts[k]), 0))[0], int(starts[k + 1]))
    dark = np.zeros(3, np.float32)
    lamps = np.array(
        [
            [dark if own is None else own for own in light]
            for light in ((p.lit for p in pieces), (p.glow for p in pieces))
        ]
    )
    worked = np.array([p.worked for p in pieces], np.bool_)
    return Made(made.mesh(height, tall), tuple(joints), slices, height / tall, lamps, axes, -low, tuple(order), worked)
