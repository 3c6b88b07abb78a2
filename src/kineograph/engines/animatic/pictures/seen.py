"""What a given picture shows, guessed: sky, water, foliage, the one in front, how near each place is.

Guesses are used softly: every mask is blurred, so that a wrong one moves something a little and tears nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kineograph.engines.animatic.noise import F32
from kineograph.engines.animatic.pictures.planes import RGB
from kineograph.engines.animatic.pictures.warp import grid

LOOKED_AT = 320  # pixels of the longer side at which the picture is looked at
# Depth is spread and blurred over this share of the width: guessed edges never fall on the picture's own, so nothing tears
# (prototypes/render/images.py).
BLUR = 0.045


@dataclass(frozen=True, slots=True)
class Seen:
    """All (rows, columns) of `warp.grid`, 0…1.

    Attributes:
        near: 1 is nearest.
        sky, water, foliage: How much of it is there.
        front: The one the picture is about.
        bright: Luma.
    """

    near: F32
    sky: F32
    water: F32
    foliage: F32
    front: F32
    bright: F32


def look(image: RGB) -> Seen:
    """Guess what is where. Deterministic; 0.1–0.3 CPU-seconds whatever the size."""
    shape = grid(image.shape[1], image.shape[0])
    small, lab = _small(image)
    rough = _roughness(lab)
    sky = _sky(lab, rough)
    water = _water(lab, rough, sky)
    front = _front(small, lab, np.maximum(sky, water))
    foliage = _foliage(lab, rough) * (1 - sky)
    return Seen(
        near=_fit(_near(lab, rough, sky, front), shape, spread=True),
        sky=_fit(_eroded(sky * (1 - _built(lab))), shape),
        water=_fit(water, shape),
        foliage=_fit(foliage.astype(np.float32), shape),
        front=_fit(front, shape),
        bright=_fit((lab[..., 0] / 100).astype(np.float32), shape),
    )


def in_front(image: RGB) -> F32:
    """The one the picture is about, 0 or 1, at LOOKED_AT pixels; all 0 where nobody stands out."""
    small, lab = _small(image)
    rough = _roughness(lab)
    sky = _sky(lab, rough)
    return _front(small, lab, np.maximum(sky, _water(lab, rough, sky)))


def _small(image: RGB) -> tuple[RGB, F32]:
    """The picture as it is looked at, and its CIE L*a*b*."""
    scale = LOOKED_AT / max(image.shape[:2])
    size = (max(round(image.shape[1] * scale), 32), max(round(image.shape[0] * scale), 32))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return small, np.asarray(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def _roughness(lab: F32) -> F32:
    """Local contrast, 0…1: grass, leaves and fur are rough, sky and skin are not."""
    light = lab[..., 0]
    fine = np.abs(light - cv2.GaussianBlur(light, (0, 0), 2.5))
    return np.asarray(np.clip(cv2.GaussianBlur(fine, (0, 0), 5) / 6, 0, 1), np.float32)


def _sky(lab: F32, rough: F32) -> F32:
    """Bright, blue or dark, not green, not rough, and connected with the upper border."""
    height, width = lab.shape[:2]
    light, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    calm = (rough < np.where((b < 2) | (light > 75), 0.75, 0.36)) | (light > 92)
    likely = calm & ((light > 50) | (b < -4) | (light < 25)) & (a > -9) & ((b < 22) | (a > 4) | (light > 78))
    likely[int(height * 0.72) :] = False
    whole = np.asarray(cv2.morphologyEx(likely.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(whole, connectivity=4)
    touching = set(np.unique(labels[: max(2, height // 40)])) - {0}
    out = np.zeros(lab.shape[:2], np.uint8)
    for label in range(1, count):
        if label in touching and stats[label, cv2.CC_STAT_AREA] > 0.03 * height * width:
            out[labels == label] = 1
    return np.asarray(cv2.morphologyEx(out, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8)), np.float32)


def _uprights(lab: F32, length: int) -> np.ndarray:
    """Edges that run straight up for at least `length` pixels, 0 or 1."""
    light = np.ascontiguousarray(lab[..., 0])
    upright = np.abs(cv2.Sobel(light, cv2.CV_32F, 1, 0)) - 1.5 * np.abs(cv2.Sobel(light, cv2.CV_32F, 0, 1)) > 5
    return np.asarray(
        cv2.morphologyEx(upright.astype(np.uint8), cv2.MORPH_OPEN, np.ones((length, 1), np.uint8)), np.uint8
    )


def _built(lab: F32) -> F32:
    """Upright lines and all below them, 0 or 1: towers stand in front of the sky even where the haze hides them."""
    lines = _uprights(lab, 11)
    wide = cv2.dilate(np.maximum.accumulate(lines, axis=0), np.ones((3, lab.shape[1] // 24), np.uint8))
    return np.asarray(wide, np.float32)


def _eroded(sky: F32) -> F32:
    """The sky without a margin at what stands before it, so that clouds move and roofs do not."""
    margin = max(3, sky.shape[1] // 28)
    core = cv2.erode(sky, np.ones((margin, margin), np.uint8), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.GaussianBlur(core, (0, 0), sky.shape[1] * 0.035), np.float32)


def _front(small: RGB, lab: F32, scenery: F32) -> F32:
    """The one in the middle that differs from all that is at the borders: saliency, then GrabCut."""
    height, width = lab.shape[:2]
    blurred = np.asarray(cv2.GaussianBlur(lab, (0, 0), 2), np.float32)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    central = np.exp(-(((columns / width - 0.5) * 2) ** 2) * 1.6 - ((rows / height - 0.55) / 0.5) ** 2)
    saliency = _unlike_the_rim(blurred) * central * (1 - scenery)
    saliency *= np.clip((96 - blurred[..., 0]) / 8, 0, 1)  # the sun and its glitter are nobody
    saliency /= saliency.max() + 1e-6
    mask = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    edge = max(2, width // 40)
    mask[saliency > 0.30] = cv2.GC_PR_FGD
    mask[saliency > 0.72] = cv2.GC_FGD
    mask[:edge], mask[:, :edge], mask[:, -edge:] = cv2.GC_BGD, cv2.GC_BGD, cv2.GC_BGD
    if not (mask == cv2.GC_FGD).any():
        return np.zeros((height, width), np.float32)
    cv2.setRNGSeed(1)  # GrabCut's clustering draws from a generator that remembers earlier calls
    back, fore = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(np.ascontiguousarray(small[..., ::-1]), mask, (0, 0, 0, 0), back, fore, 3, cv2.GC_INIT_WITH_MASK)
    found = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    return _largest(np.asarray(cv2.medianBlur(cv2.morphologyEx(found, cv2.MORPH_OPEN, disc), 5), np.uint8))


def _unlike_the_rim(lab: F32) -> F32:
    """Distance in colour from the nearest of six that the upper and side borders consist of."""
    edge = max(3, lab.shape[1] // 40)
    rim = np.concatenate((lab[:, :edge].reshape(-1, 3), lab[:, -edge:].reshape(-1, 3), lab[:edge].reshape(-1, 3)))
    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    nothing = np.zeros((len(rim), 1), np.int32)
    _, _, centres = cv2.kmeans(np.ascontiguousarray(rim), 6, nothing, stop, 1, cv2.KMEANS_PP_CENTERS)
    weight = np.array((0.6, 1.0, 1.0), np.float32)  # light and shade fall on everybody
    away = [np.linalg.norm((lab - centre) * weight, axis=2) for centre in np.asarray(centres, np.float32)]
    return np.asarray(np.minimum.reduce(away), np.float32)


def _largest(mask: np.ndarray) -> F32:
    """Its largest connected part, holes filled."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return np.zeros(mask.shape, np.float32)
    best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    if stats[best, cv2.CC_STAT_WIDTH] > 0.85 * mask.shape[1]:  # the ground, not somebody on it
        return np.zeros(mask.shape, np.float32)
    part = np.pad((labels == best).astype(np.uint8), 1)
    outside = part.copy()
    cv2.floodFill(outside, None, (0, 0), 1)
    return np.asarray((part | (1 - outside))[1:-1, 1:-1], np.float32)


def _water(lab: F32, rough: F32, sky: F32) -> F32:
    """Below the skyline, not green, and drawn in level lines: waves and mirrored shores are long and flat, sand is bare."""
    height, width = lab.shape[:2]
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    light = cv2.GaussianBlur(lab[..., 0], (0, 0), 0.8)
    across = cv2.GaussianBlur(cv2.Sobel(light, cv2.CV_32F, 1, 0) ** 2, (0, 0), width / 50)
    down = cv2.GaussianBlur(cv2.Sobel(light, cv2.CV_32F, 0, 1) ** 2, (0, 0), width / 50)
    level = np.clip((down / (across + down + 0.05) - 0.56) / 0.2, 0, 1)
    ends = np.where(sky.any(axis=0), height - np.argmax(sky[::-1] > 0.5, axis=0), height * 0.35) / height
    below = np.clip((rows - max(float(np.median(ends)), 0.3)) * 12, 0, 1)
    grassy = np.clip((-lab[..., 1] - 6) / 6, 0, 1) * np.clip((lab[..., 2] - 8) / 8, 0, 1)
    found = (
        level
        * below
        * np.clip(rough * 9 - 0.5, 0, 1)
        * (1 - cv2.GaussianBlur(grassy.astype(np.float32), (0, 0), width / 90))
    )
    return np.asarray(cv2.GaussianBlur(found.astype(np.float32), (0, 0), width / 60), np.float32)


def _foliage(lab: F32, rough: F32) -> F32:
    """Rough and green, pink or autumn-coloured."""
    a, b = lab[..., 1], lab[..., 2]
    green = np.clip((-a - 3) / 10, 0, 1) * np.clip((b - 2) / 10, 0, 1)
    pink = np.clip((a - 8) / 12, 0, 1) * np.clip((22 - b) / 12, 0, 1) * np.clip((lab[..., 0] - 35) / 20, 0, 1)
    autumn = np.clip((b - 25) / 15, 0, 1) * np.clip((a + 2) / 10, 0, 1)
    leaves = np.maximum(np.maximum(green, pink), autumn) * np.clip(rough * 2.2 - 0.2, 0, 1)
    return np.asarray(cv2.GaussianBlur(leaves, (0, 0), lab.shape[1] / 60), np.float32)


def _near(lab: F32, rough: F32, sky: F32, front: F32) -> F32:
    """Near things are low in the frame and rough; the sky is far; the one in front is as near as its feet."""
    height = lab.shape[0]
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    near = 0.15 + 0.70 * np.clip((rows - 0.40) / 0.60, 0, 1) ** 1.2 + 0.12 * rough - 0.30 * sky
    feet = np.flatnonzero(front.any(axis=1))
    if feet.size:
        foot = max(float(feet[-1]) / height, 0.6)
        near = np.where(front > 0.5, np.maximum(near, 0.80 * foot), near)
    # Towers and trunks that stand side by side would lean with a depth that is guessed row by row.
    leaning = min(max((float(_uprights(lab, 11).mean()) - 0.02) * 30, 0.0), 1.0)
    near = 0.45 + (near - 0.45) * (1 - 0.7 * leaning) * (1 - _drawn(lab))
    return np.asarray(np.clip(near, 0, 1), np.float32)


def _drawn(lab: F32) -> float:
    """0…1: more than half of it is one colour, like the paper of a drawing or the page on a screen. Such a picture is flat,
    and guessed depth would bend its straight lines."""
    paper = np.linalg.norm(lab - np.median(lab, axis=(0, 1)), axis=2) < 4
    return min(max((float(paper.mean()) - 0.55) * 10, 0.0), 1.0)


def _fit(values: F32, shape: tuple[int, int], *, spread: bool = False) -> F32:
    """Resized to the grid; `spread` dilates and blurs it as depth needs it."""
    size = (shape[1], shape[0])
    out = np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)
    if spread:
        out = np.asarray(cv2.dilate(out, np.ones((7, 7), np.uint8)), np.float32)
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), max(shape) * BLUR), np.float32)
    return np.ascontiguousarray(np.clip(out, 0, 1), dtype=np.float32)
