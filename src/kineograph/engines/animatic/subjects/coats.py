"""Coat patterns: colours laid over the body in its rest pose, so that stripes stay on the skin they are on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.subjects.grain import noise_at
from kineograph.engines.animatic.subjects.quadruped_body import Body

F32 = NDArray[np.float32]

WHITEST = 0.70  # albedo of white fur: more, and sunlight leaves no hair to be seen in it


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


def _underside(h: Hide) -> F32:
    leg = h.body.row.leg
    return clip((-h.up - 0.35) * 2) * clip((leg + 0.06 - h.y) * 9) * clip((h.y - leg * 0.45) * 8) * (1 - h.head)


def _bib(h: Hide) -> F32:
    """Chest, between the forelegs and up the throat."""
    row = h.body.row
    front = np.float32(row.body / 2)
    chest = clip((h.z - front - 0.015) * 10) * clip(1.15 - np.abs(h.x) / np.float32(row.chest * 0.66))
    throat = h.y < h.body.head[1] + row.head * 0.1
    return np.asarray(chest * throat * (1 - h.head * 0.6), np.float32)


def _socks(h: Hide, height: float) -> F32:
    leg = h.body.row.leg
    return clip((leg * (height + 0.10 * h.noise) - h.y) * 22)


def _blaze(h: Hide, width: float) -> F32:
    """From the muzzle up between the eyes, and around the mouth."""
    side, up, ahead = h.relative()
    stripe = clip((width + 0.55 * clip((-up + 0.10) * 1.3) - side) * 7) * clip((0.62 - up) * 4)
    return stripe * clip((ahead - 0.30) * 5) * h.head


def _tabby(h: Hide) -> None:
    coat, leg = h.body.coat, h.body.row.leg
    side, up, ahead = h.relative()
    flank = np.sin(h.z * 27 + 3.6 * h.noise + np.abs(h.x) * 7 + h.seed) * clip((h.y - leg * 0.72) * 9)
    limbs = np.sin(h.y * 58 + h.noise * 3) * clip((leg * 0.74 - h.y) * 12)
    body = np.maximum(flank, limbs) * (1 - h.head) * (1 - h.tail) * (1 - h.ear)
    crown = np.sin(h.x * 62 * 0.185 / h.body.row.head) * clip((up - 0.42) * 6) * clip((ahead + 0.55) * 3)
    cheeks = np.sin(up * 11.5 + side * 3.5 + 0.8) * clip((side - 0.60) * 6) * clip((0.15 - up) * 6)
    rings = np.sin(h.along * 46) * h.tail
    stripes = clip(body * 2.2 - 0.55) + clip((crown + cheeks) * 2.0 - 0.5) * h.head + clip(rings * 1.7 - 0.4)
    spine = clip(1 - np.abs(h.x) * 32) * clip((h.up - 0.6) * 4) * (1 - h.head)
    h.lay(coat.dark, clip(stripes + spine * 0.7) * 0.85)
    h.lay(coat.light, _underside(h) + _bib(h))
    h.lay(coat.light, _socks(h, 0.24))
    h.lay(coat.light, _blaze(h, 0.06) * 0.95)
    _tip(h)


def _tip(h: Hide) -> None:
    """The last quarter of the tail is a little darker."""
    h.lay(h.body.coat.dark, clip((h.along / h.body.row.tail[0] - 0.72) * 4) * h.tail * 0.35)


def _solid(h: Hide) -> None:
    coat = h.body.coat
    h.lay(coat.dark, clip((0.55 - h.noise) * 1.4) * 0.28)
    h.lay(coat.light, (_underside(h) + _bib(h)) * 0.35)


def _bibbed(h: Hide) -> None:
    """Dark with a white bib, blaze and socks: a tuxedo cat, a collie."""
    light = h.body.coat.light
    h.lay(light, _underside(h) + _bib(h) * 1.3)
    h.lay(light, _socks(h, 0.30))
    h.lay(light, _blaze(h, 0.05 + 0.07 * float(np.sin(h.seed) ** 2)))
    if h.seed % 2 < 1:
        h.lay(light, clip((h.along / h.body.row.tail[0] - 0.78) * 9) * h.tail)


def _calico(h: Hide) -> None:
    coat = h.body.coat
    points = np.stack([h.x, h.y, h.z], 1)
    one, two = noise_at(points, 5.5, h.seed * 3.7), noise_at(points, 5.0, h.seed * 5.1 + 20)
    top = clip((h.y - h.body.row.leg * 0.55) * 6)
    h.lay(coat.light, clip((one - 0.50) * 14) * top)
    h.lay(coat.dark, clip((two - 0.56) * 14) * top)
    white = coat.base
    h.lay(white, _underside(h) + _bib(h))
    h.lay(white, _blaze(h, 0.05))
    h.lay(white, _socks(h, 0.34))


def _points(h: Hide) -> None:
    """Pale body; face, ears, feet and tail dark."""
    dark, leg = h.body.coat.dark, h.body.row.leg
    side, up, ahead = h.relative()
    mask = clip(1.55 - np.hypot(side * 1.25, (up + 0.12) * 1.05) * 1.35) * clip((ahead - 0.25) * 2.6) * h.head
    h.lay(dark, mask * 0.93)
    h.lay(dark, clip(h.ear * 1.5) * (h.colour[:, 0] - h.colour[:, 2] > 0.13) * 0.9)
    h.lay(dark, clip((leg * 0.52 - h.y) * 8) * 0.9)
    h.lay(dark, clip(h.along / h.body.row.tail[0] * 2.2) * h.tail * 0.92)
    h.lay(h.body.coat.light, (_underside(h) + _bib(h)) * 0.7)


def _saddle(h: Hide) -> None:
    coat, row = h.body.coat, h.body.row
    side, up, ahead = h.relative()
    back = clip((h.up + 0.15 + (h.noise - 0.5) * 1.1) * 3) * clip((h.y - row.leg * 0.9) * 9)
    h.lay(coat.dark, back * clip((np.float32(row.body / 2 + 0.16) - h.z) * 9) * (1 - h.head) * (1 - h.tail * 0.3))
    h.lay(coat.light, _underside(h) + _bib(h) * 1.2)
    h.lay(coat.light, _socks(h, 0.30))
    h.lay(coat.light, clip((h.along / row.tail[0] - 0.75) * 7) * h.tail)
    h.lay(coat.light, _blaze(h, 0.07))
    patch = clip((0.52 - np.hypot(side - 0.46, up - 0.18)) * 8) * clip((ahead - 0.2) * 4) * h.head
    h.lay(coat.dark, patch * 0.35)


def _countershade(h: Hide) -> None:
    coat = h.body.coat
    h.lay(coat.dark, clip((h.up - 0.25) * 1.2) * clip(h.noise * 1.5) * 0.34)
    h.lay(coat.light, (_underside(h) + _bib(h)) * 0.85)
    h.lay(coat.light, clip(-h.up * 1.2) * 0.3 * (1 - h.head))
    h.lay(coat.light, h.tail * clip(-h.up * 2 + 0.3) * 0.6)
    h.lay(coat.light, _blaze(h, 0.0) * 0.55)


def _spots(h: Hide) -> None:
    coat = h.body.coat
    points = np.stack([h.x, h.y, h.z], 1)
    blots = noise_at(points, 13.0, h.seed * 2.3)
    side, up, _ = h.relative()
    muzzle = clip((0.1 - up) * 5) * clip((0.5 - side) * 5) * h.head
    h.lay(coat.dark, clip((blots - 0.63) * 18) * (1 - muzzle) * (1 - 0.3 * h.head))
    h.lay(coat.dark, clip(h.ear * 1.4) * 0.92)


def _masked(h: Hide) -> None:
    """A husky's: dark cap and back, white face with a dark line down the forehead, white underneath."""
    coat, row = h.body.coat, h.body.row
    side, up, ahead = h.relative()
    low = clip((row.leg * 1.02 - h.y + (h.noise - 0.5) * 0.10) * 9) * (1 - h.head)
    h.lay(coat.light, low + _bib(h) * 1.3)
    h.lay(coat.dark, clip((h.up - 0.1) * 2) * (1 - h.head) * clip((h.y - row.leg) * 6) * 0.65)
    face = clip((0.50 - up - 0.25 * np.abs(side - 0.42)) * 6) * clip((ahead - 0.12) * 5) * h.head
    h.lay(coat.light, face)
    h.lay(coat.base, clip((0.11 - side) * 12) * clip((up - 0.08) * 7) * clip((ahead - 0.2) * 5) * h.head)
    h.lay(coat.light, h.tail * clip(-h.up * 1.6 + 0.1))


PATTERNS: dict[str, Callable[[Hide], None]] = {
    "tabby": _tabby,
    "solid": _solid,
    "bib": _bibbed,
    "calico": _calico,
    "points": _points,
    "saddle": _saddle,
    "counter": _countershade,
    "spots": _spots,
    "mask": _masked,
}


def paint(hide: Hide) -> None:
    """Lay the coat's pattern over the hide, in place, with a little mottling of every hair's shade."""
    PATTERNS[hide.body.coat.pattern](hide)
    # White coats are dimmed as a whole before they are cut off, so that their mottling stays.
    hide.colour *= np.where(hide.colour.max(1) > WHITEST, WHITEST / 0.84, 1.0).astype(np.float32)[:, None]
    hide.colour *= (0.86 + 0.28 * hide.noise)[:, None]
    np.minimum(hide.colour, WHITEST, out=hide.colour)
