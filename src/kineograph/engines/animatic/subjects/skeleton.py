"""Bones, two-bone IK and linear-blend skinning. A pose maps bone names to local rotations and is a pure function of time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numba import float32
from numpy.typing import ArrayLike, NDArray

from kineograph.engines.animatic.noise import kernel

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]

IDENTITY = np.eye(3)


def rx(a: float) -> F64:
    """Rotation about x: positive turns y towards z (a nod forward and down)."""
    c, s = math.cos(a), math.sin(a)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def ry(a: float) -> F64:
    """Rotation about y: positive turns z towards x (to the creature's left)."""
    c, s = math.cos(a), math.sin(a)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def rz(a: float) -> F64:
    """Rotation about z: positive turns x towards y (the left side rises)."""
    c, s = math.cos(a), math.sin(a)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def about(axis: ArrayLike, a: float) -> F64:
    """Rotation by a radians about a unit axis (Rodrigues)."""
    x, y, z = np.asarray(axis, float)
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(IDENTITY + math.sin(a) * k + (1 - math.cos(a)) * (k @ k))


def share(turn: F64, part: float) -> F64:
    """`part` of a rotation: 0.5 for the helper bone halfway at a hip or shoulder."""
    cosine = min(max((float(np.trace(turn)) - 1) / 2, -1.0), 1.0)
    angle = math.acos(cosine)
    if angle < 1e-6:
        return IDENTITY
    axis = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]])
    return about(axis / (2 * math.sin(angle) + 1e-12), angle * part)


def length(a: F64) -> float:
    """Of a vector (3,); numpy's takes several times as long for one alone."""
    return math.sqrt(float(a @ a))


def cross(a: F64, b: F64) -> F64:
    """Cross product of two vectors (3,); numpy's takes ten times as long for two alone."""
    (ax, ay, az), (bx, by, bz) = a.tolist(), b.tolist()
    return np.array([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])


def align(a: ArrayLike, b: ArrayLike) -> F64:
    """Shortest rotation that takes direction a to direction b."""
    u, v = np.asarray(a, float), np.asarray(b, float)
    u, v = u / length(u), v / length(v)
    x, y, z = cross(u, v)
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(IDENTITY + k + k @ k / (1 + float(u @ v) + 1e-9))


def reach(forward: float, up: float, upper: float, lower: float, bend: int) -> tuple[float, float]:
    """Two-bone IK in a plane: angles of both segments, 0 straight down, positive forward.

    Args:
        forward, up: The target, seen from the joint.
        upper, lower: Lengths of the segments.
        bend: +1 the middle joint goes forward (a knee), -1 backward (an elbow).

    A target out of reach is pointed at with an almost straight limb.
    """
    r = math.hypot(forward, up)
    r = min(max(r, abs(upper - lower) * 1.02 + 1e-4), (upper + lower) * 0.9995)
    at = math.atan2(forward, -up)
    b = math.acos(max(-1.0, min(1.0, (upper**2 + r * r - lower**2) / (2 * upper * r))))
    g = math.acos(max(-1.0, min(1.0, (upper**2 + lower**2 - r * r) / (2 * upper * lower))))
    first = at + bend * b
    return first, first + bend * (g - math.pi)


@dataclass(slots=True)
class Skeleton:
    """A tree of joints at rest; parents come before children.

    Attributes:
        index: Bone name -> number.
        parent: Number of the parent, -1 for the root.
        joint: (3,) rest position of each bone's joint, creature axes.
        links: Extra pairs of bones whose weights may blend (neighbouring panels of a skirt).
    """

    index: dict[str, int] = field(default_factory=dict)
    parent: list[int] = field(default_factory=list)
    joint: list[F64] = field(default_factory=list)
    links: list[tuple[int, int]] = field(default_factory=list)

    def add(self, name: str, parent: str | None, joint: ArrayLike) -> int:
        """A new bone; returns its number."""
        number = len(self.parent)
        self.index[name] = number
        self.parent.append(-1 if parent is None else self.index[parent])
        self.joint.append(np.asarray(joint, float))
        return number

    def link(self, a: str, b: str) -> None:
        """Let weights blend between two bones that the tree does not join."""
        self.links.append((self.index[a], self.index[b]))

    def linked(self) -> NDArray[np.bool_]:
        """(B, B) whether two bones may share a vertex: at most two links apart, or linked by hand."""
        near = np.eye(len(self.parent), dtype=np.bool_)
        for i, p in enumerate(self.parent):
            for other in (p, self.parent[p] if p >= 0 else -1):
                if other >= 0:
                    near[i, other] = near[other, i] = True
        for a, b in self.links:
            near[a, b] = near[b, a] = True
        return near

    def solve(self, pose: Mapping[str, F64], root: ArrayLike = (0.0, 0.0, 0.0)) -> Frames:
        """Where every bone is: local rotations of the pose down the tree; root moves the first bone."""
        turns = np.empty((len(self.parent), 3, 3))
        joints = np.empty((len(self.parent), 3))
        for name, i in self.index.items():
            local = pose.get(name)
            p = self.parent[i]
            if p < 0:
                turns[i] = IDENTITY if local is None else local
                joints[i] = self.joint[i] + np.asarray(root)
            else:
                turns[i] = turns[p] if local is None else turns[p] @ local
                joints[i] = joints[p] + turns[p] @ (self.joint[i] - self.joint[p])
        return Frames(turns, joints)


@dataclass(frozen=True, slots=True)
class Frames:
    """Every bone at one moment, creature axes: rotations (B, 3, 3) and joint positions (B, 3)."""

    turns: F64
    joints: F64

    def matrices(self, skeleton: Skeleton, world: F64, origin: F64) -> F32:
        """(B, 3, 4) rest -> world. `world` is a (3, 3) creature-to-world matrix with its scale, origin in metres."""
        rest = np.stack(skeleton.joint)
        out = np.empty((len(self.joints), 3, 4))
        out[:, :, :3] = world @ self.turns
        moved = self.joints - np.einsum("bij,bj->bi", self.turns, rest)
        out[:, :, 3] = moved @ world.T + origin
        return np.ascontiguousarray(out.astype(np.float32))


@kernel
def skin_kernel(matrices: F32, bones: I32, weights: F32, points: F32, normals: F32, out: tuple[F32, F32]) -> None:
    """Linear-blend skinning of points and unit normals."""
    moved, turned = out
    for i in range(np.uint64(points.shape[0])):  # unsigned: numba guards signed indices
        length = float32(1e-12)
        for r in range(3):
            p, n = float32(0), float32(0)
            for k in range(4):
                w, b = weights[i, k], np.uint64(bones[i, k])
                if w < float32(1e-3):
                    continue
                x, y, z = matrices[b, r, 0] * w, matrices[b, r, 1] * w, matrices[b, r, 2] * w
                p += x * points[i, 0] + y * points[i, 1] + z * points[i, 2] + matrices[b, r, 3] * w
                n += x * normals[i, 0] + y * normals[i, 1] + z * normals[i, 2]
            moved[i, r] = p
            turned[i, r] = n
            length += n * n
        length = float32(1) / math.sqrt(length)
        for r in range(3):
            turned[i, r] *= length


def skin(matrices: F32, bones: I32, weights: F32, points: F32, normals: F32) -> tuple[F32, F32]:
    """World positions and unit normals (N, 3) of vertices bound to four bones each."""
    moved, turned = np.empty_like(points), np.empty_like(normals)
    skin_kernel(matrices, bones, weights, points, normals, (moved, turned))
    return moved, turned
