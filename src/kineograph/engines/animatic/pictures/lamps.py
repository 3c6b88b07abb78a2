"""Lamps, windows and stars of a picture: what shines by itself in it, and when each of them comes on."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kineograph.engines.animatic.noise import F32
from kineograph.media.frame import Frame, Plane

# A lit front of many windows is switched in cells of this share of the longer side.
_CELL = (1 / 110, 1 / 75)  # height, width
_ONE = 12  # cells: what is larger and hangs together is no single lamp
_DARKER = 18  # levels of mean luma by which a picture must be darker for its lamps to matter


@dataclass(frozen=True, slots=True)
class Lamps:
    """All (height/2, width/2).

    Attributes:
        dark: Luma of the picture with its lamps off, uint8.
        moment: Share of the film at which each place's lamp comes on, float32.
    """

    dark: Plane
    moment: F32


def darker(one: Frame, other: Frame) -> bool:
    """Whether one picture is so much darker than the other that its lamps were switched on in between."""
    return float(one.y.mean()) < float(other.y.mean()) - _DARKER


def lamps_of(before: Frame, after: Frame, rng: np.random.Generator) -> Lamps:
    """The lamps of `after` that were not lit in `before`. Without any, `dark` is the picture itself."""
    size = (after.u.shape[1], after.u.shape[0])
    now = np.asarray(cv2.resize(after.y, size, interpolation=cv2.INTER_AREA), np.uint8)
    moment = np.full(after.u.shape, 0.5, np.float32)
    if not darker(after, before):
        return Lamps(np.full(after.u.shape, 255, np.uint8), moment)
    was = np.asarray(cv2.resize(before.y, size, interpolation=cv2.INTER_AREA), np.float32)
    spread = max(size) / 60
    around = cv2.GaussianBlur(cv2.erode(now, np.ones((5, 5), np.uint8)), (0, 0), spread / 4).astype(np.float32)
    proud = now - around
    gained = (now - was) - cv2.GaussianBlur(now - was, (0, 0), spread)
    lit = np.clip((np.minimum(proud, gained) - 8) / 16, 0, 1).astype(np.float32)
    # A lamp's own halo comes on with it.
    reach = max(3, round(max(size) / 320)) | 1
    lit = np.asarray(
        cv2.GaussianBlur(cv2.dilate(lit, np.ones((reach, reach), np.uint8)), (0, 0), reach / 3), np.float32
    )
    dark = np.minimum(now + (around - now) * lit, now)
    # 255 where nothing is lit: the picture itself is dark there, to the last pixel.
    dark = np.where(lit > 0.02, dark, 255)
    return Lamps(np.asarray(np.clip(dark, 16, 255), np.uint8), _moments(lit > 0.02, rng))


def _moments(lit: np.ndarray, rng: np.random.Generator) -> F32:
    """One moment for each lamp that stands alone, one for each cell of what hangs together."""
    height, width = lit.shape
    longer = max(height, width)
    tall, wide = max(2, round(longer * _CELL[0])), max(2, round(longer * _CELL[1]))
    rows, columns = height // tall + 1, width // wide + 1
    cells = np.kron(_drawn(rng, rows * columns).reshape(rows, columns), np.ones((tall, wide), np.float32))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(lit.astype(np.uint8), connectivity=4)
    single = stats[:, cv2.CC_STAT_AREA] < _ONE * tall * wide
    single[0] = False
    out = np.where(single[labels], _drawn(rng, count)[labels], cells[:height, :width])
    return np.ascontiguousarray(out, dtype=np.float32)


def _drawn(rng: np.random.Generator, count: int) -> F32:
    """Moments between 0.3 and 0.93, most of them in the middle: dusk is when everybody comes home."""
    return (0.3 + 0.63 * rng.beta(1.7, 1.5, count)).astype(np.float32)
