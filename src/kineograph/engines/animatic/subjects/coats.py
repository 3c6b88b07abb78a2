"""Coat patterns: colours laid over the body in its rest pose, so that stripes stay on the skin they are on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kineograph.engines.animatic.subjects.coats_wild import WILD
from kineograph.engines.animatic.subjects.grain import noise_at
from kineograph.engines.animatic.subjects.hide import Hide, bib, blaze, clip, socks, underside

WHITEST = 0.70  # albedo of white fur: more, and sunlight leaves no hair to be seen in it


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
    h.lay(coat.light, underside(h) + bib(h))
    h.lay(coat.light, socks(h, 0.24))
    h.lay(coat.light, blaze(h, 0.06) * 0.95)
    _tip(h)


def _tip(h: Hide) -> None:
    """The last quarter of the tail is a little darker."""
    h.lay(h.body.coat.dark, clip((h.along / h.body.row.tail[0] - 0.72) * 4) * h.tail * 0.35)


def _solid(h: Hide) -> None:
    coat = h.body.coat
    h.lay(coat.dark, clip((0.55 - h.noise) * 1.4) * 0.28)
    h.lay(coat.light, (underside(h) + bib(h)) * 0.35)


def _bibbed(h: Hide) -> None:
    """Dark with a white bib, blaze and socks: a tuxedo cat, a collie."""
    light = h.body.coat.light
    h.lay(light, underside(h) + bib(h) * 1.3)
    h.lay(light, socks(h, 0.30))
    h.lay(light, blaze(h, 0.05 + 0.07 * float(np.sin(h.seed) ** 2)))
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
    h.lay(white, underside(h) + bib(h))
    h.lay(white, blaze(h, 0.05))
    h.lay(white, socks(h, 0.34))


def _points(h: Hide) -> None:
    """Pale body; face, ears, feet and tail dark."""
    dark, leg = h.body.coat.dark, h.body.row.leg
    side, up, ahead = h.relative()
    mask = clip(1.55 - np.hypot(side * 1.25, (up + 0.12) * 1.05) * 1.35) * clip((ahead - 0.25) * 2.6) * h.head
    h.lay(dark, mask * 0.93)
    h.lay(dark, clip(h.ear * 1.5) * (h.colour[:, 0] - h.colour[:, 2] > 0.13) * 0.9)
    h.lay(dark, clip((leg * 0.52 - h.y) * 8) * 0.9)
    h.lay(dark, clip(h.along / h.body.row.tail[0] * 2.2) * h.tail * 0.92)
    h.lay(h.body.coat.light, (underside(h) + bib(h)) * 0.7)


def _saddle(h: Hide) -> None:
    coat, row = h.body.coat, h.body.row
    side, up, ahead = h.relative()
    back = clip((h.up + 0.15 + (h.noise - 0.5) * 1.1) * 3) * clip((h.y - row.leg * 0.9) * 9)
    h.lay(coat.dark, back * clip((np.float32(row.body / 2 + 0.16) - h.z) * 9) * (1 - h.head) * (1 - h.tail * 0.3))
    h.lay(coat.light, underside(h) + bib(h) * 1.2)
    h.lay(coat.light, socks(h, 0.30))
    h.lay(coat.light, clip((h.along / row.tail[0] - 0.75) * 7) * h.tail)
    h.lay(coat.light, blaze(h, 0.07))
    patch = clip((0.52 - np.hypot(side - 0.46, up - 0.18)) * 8) * clip((ahead - 0.2) * 4) * h.head
    h.lay(coat.dark, patch * 0.35)


def _countershade(h: Hide) -> None:
    coat = h.body.coat
    h.lay(coat.dark, clip((h.up - 0.25) * 1.2) * clip(h.noise * 1.5) * 0.34)
    h.lay(coat.light, (underside(h) + bib(h)) * 0.85)
    h.lay(coat.light, clip(-h.up * 1.2) * 0.3 * (1 - h.head))
    h.lay(coat.light, h.tail * clip(-h.up * 2 + 0.3) * 0.6)
    h.lay(coat.light, blaze(h, 0.0) * 0.55)


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
    h.lay(coat.light, low + bib(h) * 1.3)
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
    **WILD,
}


def paint(hide: Hide) -> None:
    """Lay the coat's pattern over the hide, in place, with a little mottling of every hair's shade."""
    PATTERNS[hide.body.coat.pattern](hide)
    # White coats are dimmed as a whole before they are cut off, so that their mottling stays.
    hide.colour *= np.where(hide.colour.max(1) > WHITEST, WHITEST / 0.84, 1.0).astype(np.float32)[:, None]
    hide.colour *= (0.86 + 0.28 * hide.noise)[:, None]
    np.minimum(hide.colour, WHITEST, out=hide.colour)
