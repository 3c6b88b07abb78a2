"""Coats of wild and farm animals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kineograph.engines.animatic.subjects.grain import noise_at
from kineograph.engines.animatic.subjects.hide import Hide, bib, clip, socks, underside


def _tiger(h: Hide) -> None:
    """Dark stripes round the trunk and the legs, a pale underside and face."""
    coat, leg = h.body.coat, h.body.row.leg
    side, up, ahead = h.relative()
    h.lay(coat.light, underside(h) + bib(h) * 0.6)
    front = clip((ahead - 0.10) * 4) * h.head
    h.lay(coat.light, clip((-up + 0.05) * 3) * clip((ahead - 0.35) * 4) * h.head)
    h.lay(coat.light, clip((side - 0.55) * 5) * clip((0.05 - up) * 5) * front)  # cheeks, and spots over the eyes
    h.lay(coat.light, clip((0.24 - np.hypot((side - 0.40) * 0.8, up - 0.40)) * 10) * front)
    size = 0.45 / h.body.row.body
    flank = np.sin(h.z * 62 * size + 2.6 * h.noise + np.abs(h.y - leg) * 5 * size + h.seed)
    limbs = np.sin(h.y * 44 / max(leg / 0.42, 0.6) + h.noise * 2.5)
    rings = np.sin(h.along * 40 * size)
    body = np.where(h.y < leg * 0.72, limbs, flank) * (1 - h.head) * (1 - h.tail)
    brow = np.sin((up - 0.55 * side * side) * 27) * clip((up - 0.26) * 9) * clip((0.62 - side) * 7)
    jaw = np.sin((up + 0.7 * side) * 15) * clip((side - 0.56) * 7)
    nape = np.sin(ahead * 12 + 3 * side) * clip((-0.05 - ahead) * 5)
    crown = np.maximum(np.maximum(brow, jaw), nape)
    h.lay(coat.dark, clip(body * 3.0 - 1.2) + clip(rings * 2.4 - 0.6) * h.tail + clip(crown * 2.4 - 0.5) * h.head)


def _zebra(h: Hide) -> None:
    """Black and white from nose to hooves."""
    coat, leg = h.body.coat, h.body.row.leg
    _, up, ahead = h.relative()
    size = 0.8 / h.body.row.body
    flank = np.sin(h.z * 38 * size + 1.4 * h.noise + np.abs(h.y - leg * 1.3) * 4 * size)
    limbs = np.sin(h.y * 30 / leg + h.noise)
    face = np.sin(up * 7 - ahead * 4 + np.abs(h.x) * 20)
    body = np.where(h.y < leg * 0.8, limbs, flank) * (1 - h.head)
    h.lay(coat.dark, clip(body * 4 + 0.1) * (1 - h.head) + clip(face * 4) * h.head)
    h.lay(coat.dark, clip((ahead - 2.2) * 4) * h.head)


def _rosettes(h: Hide) -> None:
    """A leopard's: rings with a darker middle, smaller towards head and feet."""
    coat = h.body.coat
    h.lay(coat.light, underside(h) + bib(h) * 0.8)
    points = np.stack([h.x, h.y, h.z], 1)
    fine = noise_at(points, 22.0, h.seed * 1.9)
    broad = noise_at(points, 15.0, h.seed * 2.7)
    ring = clip(1 - np.abs(broad - 0.62) * 18)
    h.lay(coat.dark, clip(np.where(h.head + h.tail > 0.4, clip((fine - 0.60) * 16), ring)) * 0.92)


def _giraffe(h: Hide) -> None:
    """Large dark plates with pale seams."""
    coat, leg = h.body.coat, h.body.row.leg
    points = np.stack([h.x, h.y, h.z], 1)
    plates = noise_at(points, 7.5, h.seed * 2.1)
    h.lay(coat.dark, clip((plates - 0.44) * 22) * clip((h.y - leg * 0.35) * 6) * (1 - 0.75 * h.head))


def _cow(h: Hide) -> None:
    """Big dark patches on white, or the other way round."""
    coat = h.body.coat
    points = np.stack([h.x, h.y, h.z], 1)
    patches = noise_at(points, 2.8, h.seed * 1.7)
    side, up, _ = h.relative()
    h.lay(coat.dark, clip((patches - 0.50) * 26) * (1 - h.head))
    h.lay(coat.dark, clip((side - 0.32) * 7) * clip((up + 0.9) * 3) * h.head)
    h.lay(coat.light, socks(h, 0.35) * 0.9)


def _panda(h: Hide) -> None:
    """White with black legs, shoulders, ears and eye patches."""
    coat, row = h.body.coat, h.body.row
    side, up, ahead = h.relative()
    h.lay(coat.dark, clip((row.leg * 0.86 - h.y) * 14))
    shoulders = clip((h.z - row.body * 0.22) * 12) * clip((row.leg + row.chest * 0.75 - h.y) * 12)
    h.lay(coat.dark, shoulders * (1 - h.head))
    patch = clip((0.36 - np.hypot((side - 0.42) * 1.05, (up - 0.02 + (side - 0.42) * 0.55) * 0.85)) * 12)
    h.lay(coat.dark, patch * clip((ahead - 0.2) * 4) * h.head)
    h.lay(coat.dark, clip(h.ear * 1.6))


def _fox(h: Hide) -> None:
    """White throat, cheeks and tip of the tail; dark feet."""
    coat, row = h.body.coat, h.body.row
    side, up, ahead = h.relative()
    h.lay(coat.light, bib(h) * 1.4 + underside(h) * 0.7)
    h.lay(coat.light, clip((-up - 0.12 + 0.30 * side) * 6) * clip((ahead + 0.1) * 4) * h.head)
    h.lay(coat.dark, clip((row.leg * 0.48 - h.y) * 14))
    h.lay(coat.light, clip((h.along / row.tail[0] - 0.72) * 10) * h.tail)


def _bear(h: Hide) -> None:
    """A paler muzzle, darker feet."""
    coat = h.body.coat
    side, up, ahead = h.relative()
    h.lay(coat.light, clip((ahead - 0.85) * 5) * clip((0.35 - up) * 5) * h.head * 0.9)
    h.lay(coat.dark, clip((h.body.row.leg * 0.45 - h.y) * 7) * 0.6)
    del side


def _horse(h: Hide) -> None:
    """Darker legs and nose, a white star."""
    coat, leg = h.body.coat, h.body.row.leg
    side, up, ahead = h.relative()
    h.lay(coat.dark, clip((leg * 0.40 - h.y) * 8) * 0.85)
    h.lay(coat.dark, clip((ahead - 2.4) * 3) * h.head * 0.5)
    h.lay(coat.dark, h.tail)
    h.lay(coat.light, clip((0.22 - side) * 8) * clip((up + 0.9 + 0.2 * ahead) * 4) * clip((ahead - 0.5) * 3) * h.head)


def _deer(h: Hide) -> None:
    """White spots on the back, a pale underside."""
    coat = h.body.coat
    points = np.stack([h.x, h.y, h.z], 1)
    h.lay(coat.light, (underside(h) + bib(h)) * 0.9)
    dots = noise_at(points, 24.0, h.seed)
    h.lay(coat.light, clip((dots - 0.70) * 22) * clip((h.y - h.body.row.leg * 0.95) * 8) * (1 - h.head) * 0.85)
    h.lay(coat.light, clip(-h.up * 2) * h.tail)


def _frog(h: Hide) -> None:
    """Green above, pale throat and belly, dark blotches on back and legs, a dark line from the eye."""
    coat = h.body.coat
    side, up, ahead = h.relative()
    points = np.stack([h.x, h.y, h.z], 1)
    blots = noise_at(points, 11.0, h.seed * 1.3)
    h.lay(coat.dark, clip((blots - 0.62) * 14) * clip((h.up - 0.05) * 4) * 0.75)
    h.lay(coat.light, clip((-h.up - 0.05) * 2.5) * (1 - h.head) + clip((-up - 0.28) * 6) * h.head)
    h.lay(coat.dark, clip((0.10 - np.abs(up + 0.22)) * 16) * clip((ahead - 0.2) * 3) * h.head * 0.8)  # the mouth
    del side


def _plain(h: Hide) -> None:
    """Skin: a little paler below."""
    h.lay(h.body.coat.light, clip(-h.up * 1.2) * 0.25)


def _woolly(h: Hide) -> None:
    """Face and legs keep their colour; the fleece has been given its own."""
    del h


def _raccoon(h: Hide) -> None:
    """A dark mask under a pale brow, pale muzzle, a ringed tail, dark feet."""
    coat, row = h.body.coat, h.body.row
    side, up, ahead = h.relative()
    front = clip((ahead - 0.15) * 4) * h.head
    h.lay(coat.light, clip((0.9 - np.hypot(side, up * 1.2)) * 5) * front)
    h.lay(coat.dark, clip((0.34 - np.hypot((side - 0.42) * 0.75, up - 0.02)) * 10) * front)
    h.lay(coat.dark, clip((row.leg * 0.5 - h.y) * 9))
    h.lay(coat.dark, clip(np.sin(h.along * 46 * 0.5 / row.tail[0]) * 3) * h.tail * 0.85)


def _monkey(h: Hide) -> None:
    """A bare face, ears and hands."""
    coat, row = h.body.coat, h.body.row
    side, up, ahead = h.relative()
    face = clip((0.80 - np.hypot(side * 0.95, (up + 0.16) * 0.95)) * 8) * clip((ahead - 0.45) * 5) * h.head
    h.lay(coat.light, face)
    h.lay(coat.light, clip(h.ear * 1.4) * 0.85)
    h.lay(coat.dark, clip((row.paw * 1.1 - h.y) * 20))


WILD: dict[str, Callable[[Hide], None]] = {
    "tiger": _tiger,
    "zebra": _zebra,
    "rosettes": _rosettes,
    "giraffe": _giraffe,
    "cow": _cow,
    "panda": _panda,
    "fox": _fox,
    "bear": _bear,
    "horse": _horse,
    "deer": _deer,
    "frog": _frog,
    "plain": _plain,
    "woolly": _woolly,
    "raccoon": _raccoon,
    "monkey": _monkey,
}
