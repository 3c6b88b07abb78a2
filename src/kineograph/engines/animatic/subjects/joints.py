"""What moves in a model: joints in a tree, each a closed form of time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.subjects.forms import turned
from kineograph.engines.animatic.subjects.motion import TAU

F64 = NDArray[np.float64]
FLIPS = {"x": np.array([-1.0, 1, 1]), "y": np.array([1, -1.0, 1]), "z": np.array([1, 1, -1.0])}


@dataclass(frozen=True, slots=True)
class Move:
    """One rotation of a joint.

    Attributes:
        about: `x`, `y` or `z` of the model.
        bias: Degrees it is held at.
        swing: Degrees to either side, times a second, and where in its cycle it begins (0…1).
        rate: Turns a second.
        roll: Radius of a wheel that follows the ground; 0 for none.
    """

    about: str
    bias: float = 0.0
    swing: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rate: float = 0.0
    roll: float = 0.0

    def angle(self, t: float, phase: float, way: float) -> float:
        """Radians at t seconds; `way` is the ground covered, in the row's units."""
        size, hertz, begin = self.swing
        out = math.radians(self.bias) + TAU * self.rate * t
        out += math.radians(size) * math.sin(TAU * (hertz * t + begin + phase))
        return out - way / self.roll if self.roll else out


@dataclass(frozen=True, slots=True)
class Joint:
    """A pivot and what turns about it, in order.

    Attributes:
        parent: Number of the joint it hangs on; -1 for the model itself.
        flip: Reflection of the joint it mirrors: ones when it is none's mirror image.
        slide: The way it goes, the row's units, `rate` times a second from its beginning (0…1) on, and over again: drops.
    """

    at: F64
    moves: tuple[Move, ...]
    parent: int
    flip: F64
    slide: tuple[F64, float, float] | None = None

    def local(self, t: float, phase: float, way: float) -> tuple[F64, F64]:
        """Rotation and shift about the pivot."""
        turn = np.eye(3)
        for move in self.moves:
            turn = turn @ turned(**{move.about: move.angle(t, phase, way)})
        turn = turn * self.flip[:, None] * self.flip[None]
        at = self.at * self.flip
        if self.slide is None:
            return turn, at - turn @ at
        ahead, rate, begin = self.slide
        u = (rate * t + begin + phase) % 1.0
        return turn, at - turn @ at + ahead * self.flip * u * (0.35 + 0.65 * u)


def solve(joints: Sequence[Joint], t: float, phase: float, way: float) -> list[tuple[F64, F64]]:
    """Rotation and shift of every joint at t seconds, parents first."""
    out: list[tuple[F64, F64]] = []
    for joint in joints:
        turn, shift = joint.local(t, phase, way)
        if joint.parent >= 0:
            above, beyond = out[joint.parent]
            turn, shift = above @ turn, above @ shift + beyond
        out.append((turn, shift))
    return out


def joints_of(row: Mapping[str, Any], names: Sequence[str], action: str, lift: float) -> tuple[Joint, ...]:
    """Joints by the names pieces hang on ("name" or its mirror image "name~x"), with every parent before its children.

    Args:
        names: Filled up with the parents that are needed: the result follows `order_of(row, names)`.
        lift: How far the model was raised to stand on y = 0, in its own units.
    """
    order = order_of(row, names)
    out = []
    for full in order:
        name, _, axis = full.partition("~")
        spec = row["joints"][name]
        at = np.asarray(spec.get("at", (0, 0, 0)), np.float64) + np.array([0, lift, 0])
        moves = tuple(_move(m) for m in spec.get("moves", ()) if action in m.get("when", (action,)))
        parent = spec.get("parent", "")
        above = order.index(_above(parent, axis, order)) if parent else -1
        slide = spec.get("slide")
        falls = None if slide is None else (np.asarray(slide["way"]), float(slide["rate"]), float(slide["begin"]))
        out.append(Joint(at, moves, above, FLIPS[axis] if axis else np.ones(3), falls))
    return tuple(out)


def order_of(row: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Joint names with their parents, parents first."""
    out: list[str] = []

    def put(full: str) -> None:
        name, _, axis = full.partition("~")
        parent = row["joints"][name].get("parent", "")
        if parent:
            both = row["joints"][name].get("pair", True) and row["joints"][parent].get("pair", False)
            put(f"{parent}~{axis}" if axis and both else parent)
        if full not in out:
            out.append(full)

    for name in names:
        put(name)
    return out


def _above(parent: str, axis: str, order: Sequence[str]) -> str:
    return f"{parent}~{axis}" if axis and f"{parent}~{axis}" in order else parent


def _move(spec: Mapping[str, Any]) -> Move:
    swing = [*spec.get("swing", (0, 0)), 0.0, 0.0][:3]
    return Move(
        spec["about"],
        spec.get("bias", 0.0),
        (swing[0], swing[1], swing[2]),
        spec.get("rate", 0.0),
        spec.get("roll", 0.0),
    )
