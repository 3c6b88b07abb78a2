"""The surface a coat is painted on, with its landmarks, and the fields that patterns share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.subjects.grain import noise_at
from kineograph.engines.animatic.subjects.quadruped_frame import Body

F32 = NDArray[np.float32]


@dataclass(slots=True)
class Hide:
    """The surface to be painted: N vertices with landmarks of their body.

    Attributes:
        x, y, z: (N,) rest position, creature axes.
        up: (N,) y of the normal; forward: its z.
        head: (N,) 0…1, how much of the vertex is head; ear, tail: likewise.
        along: (N,) distance from the root of the tail.
        noise: (N,) 0…1, blotches of about a fifth of the height.
        colour: (N, 3) linear albedo, painted in place.
    """

    body: Body
    x: F32
    y: F32
    z: F32
    up: F32
    forward: F32
    head: F32
    ear: F32
    tail: F32
    along: F32
    noise: F32
    colour: F32
    seed: float

    def lay(self, rgb: tuple[float, float, float], mask: F32) -> None:
        """Blend a colour in where the mask is, 0…1."""
        m = np.clip(mask, 0, 1).astype(np.float32)[:, None]
        self.colour *= 1 - m
        self.colour += np.array(rgb, np.float32) * m

    def relative(self) -> tuple[F32, F32, F32]:
        """Position in the head: |aside|, up, forward, in head radii."""
        r = np.float32(self.body.row.head)
        c = self.body.head
        aside, up, ahead = np.abs(self.x) / r, (self.y - np.float32(c[1])) / r, (self.z - np.float32(c[2])) / r
        return aside.astype(np.float32), up.astype(np.float32), ahead.astype(np.float32)


def clip(a: NDArray[np.floating[Any]]) -> F32:
    """Clamp to 0…1."""
    return np.asarray(np.clip(a, 0, 1), np.float32)


def hide_of(body: Body, vertices: F32, normals: F32, colour: F32, share: Callable[[str], F32], seed: float) -> Hide:
    """Landmarks for painting; `share(prefix)` tells how much of each vertex hangs on bones of that name."""
    x, y, z = (np.ascontiguousarray(vertices[:, i]) for i in range(3))
    away = vertices - body.rump.astype(np.float32)
    along = np.sqrt((away * away).sum(1))
    return Hide(
        body,
        x,
        y,
        z,
        normals[:, 1],
        normals[:, 2],
        share("head"),
        share("ear"),
        share("tail"),
        along,
        noise_at(vertices, 5.0, seed),
        colour,
        seed,
    )


def underside(h: Hide) -> F32:
    """Belly and chest, from below."""
    leg = h.body.row.leg
    return clip((-h.up - 0.35) * 2) * clip((leg + 0.06 - h.y) * 9) * clip((h.y - leg * 0.45) * 8) * (1 - h.head)


def bib(h: Hide) -> F32:
    """Chest, between the forelegs and up the throat."""
    row = h.body.row
    front = np.float32(row.body / 2)
    chest = clip((h.z - front - 0.015) * 10) * clip(1.15 - np.abs(h.x) / np.float32(row.chest * 0.66))
    throat = h.y < h.body.head[1] + row.head * 0.1
    return np.asarray(chest * throat * (1 - h.head * 0.6), np.float32)


def socks(h: Hide, height: float) -> F32:
    """Feet, up to a share of the leg."""
    leg = h.body.row.leg
    return clip((leg * (height + 0.10 * h.noise) - h.y) * 22)


def blaze(h: Hide, width: float) -> F32:
    """From the muzzle up between the eyes, and around the mouth."""
    side, up, ahead = h.relative()
    stripe = clip((width + 0.55 * clip((-up + 0.10) * 1.3) - side) * 7) * clip((0.62 - up) * 4)
    return stripe * clip((ahead - 0.30) * 5) * h.head
