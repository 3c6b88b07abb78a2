"""The subject of a reference picture, cut out: what is carried into a scene of our own."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.noise import F32
from kineograph.engines.animatic.pictures.planes import RGB
from kineograph.engines.animatic.pictures.seen import in_front
from kineograph.engines.animatic.pictures.silhouette import Mask, silhouette

RGBA = NDArray[np.uint8]  # (height, width, 4), sRGB, straight alpha

_LONGEST = 1440  # pixels of the longer side that are kept: more than any film shows of one subject
_DISTINCT = 1.7  # subjects measured 2.3 to 6, pieces of scenery 1.2 to 1.5
_FRAME = 0.035  # of the shorter side: the white border of a picture that is shown whole


def cut_out(image: RGB | RGBA) -> RGBA:
    """The subject, cropped to itself, with clean edges.

    By the picture's own transparency; else by its outline on plain paper; else whoever stands in front (GrabCut); where
    nobody can be told from the background, the whole picture as a print with a white border.
    """
    image = _bounded(image)
    colour = np.ascontiguousarray(image[..., :3])
    if image.shape[2] == 4 and 0.01 < float((image[..., 3] > 127).mean()) < 0.97:
        return _cropped(colour, np.ascontiguousarray(image[..., 3]))
    mask = silhouette(colour)
    if mask is None:
        mask = _somebody(colour)
    return _cropped(colour, mask) if mask is not None else _print(colour)


def _bounded(image: RGB | RGBA) -> RGB | RGBA:
    scale = _LONGEST / max(image.shape[:2])
    if scale >= 1:
        return image
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _somebody(colour: RGB) -> Mask | None:
    """A soft mask of the one in front; None where it is nearly nothing, nearly everything, cut by three borders, or
    where its outline is no edge in the picture: then it is a piece of scenery and nobody."""
    found = in_front(colour)
    share = float(found.mean())
    edges = [found[0], found[-1], found[:, 0], found[:, -1]]
    touched = sum(float(edge.mean()) > 0.15 for edge in edges)
    if not 0.03 < share < 0.7 or touched > 2 or _distinct(colour, found) < _DISTINCT:
        return None
    height, width = colour.shape[:2]
    large = cv2.resize(found * 255, (width, height), interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(large, (0, 0), max(height, width) / 320)
    return np.asarray(np.clip((soft - 127.5) * 4 + 110, 0, 255), np.uint8)


def _distinct(colour: RGB, found: F32) -> float:
    """Contrast along the outline ÷ contrast around it."""
    small = cv2.resize(colour, (found.shape[1], found.shape[0]), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    lab = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), (0, 0), 1.2)
    steep = cv2.Sobel(lab, cv2.CV_32F, 1, 0) ** 2 + cv2.Sobel(lab, cv2.CV_32F, 0, 1) ** 2
    slope = cv2.dilate(np.sqrt(steep.sum(axis=2)), np.ones((3, 3), np.uint8))
    inside = found.astype(np.uint8)
    outline = cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8)) > 0
    around = (cv2.dilate(inside, np.ones((21, 21), np.uint8)) > 0) & (found < 0.5) & ~outline
    return float(slope[outline].mean()) / max(float(slope[around].mean()), 1e-3) if around.any() else 0.0


def _cropped(colour: RGB, mask: Mask) -> RGBA:
    """The box around the mask; colours beyond its firm part are the subject's own, drawn out: no fringe of background."""
    rows, columns = np.flatnonzero((mask > 24).any(axis=1)), np.flatnonzero((mask > 24).any(axis=0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    part, alpha = colour[box], np.asarray(cv2.erode(mask, np.ones((3, 3), np.uint8)))[box]
    firm = (cv2.erode(alpha, np.ones((5, 5), np.uint8)) > 230).astype(np.float32)
    clean = _drawn_out(part.astype(np.float32), firm, max(part.shape) / 90)
    share = np.clip(cv2.GaussianBlur(firm, (0, 0), 1.2), 0, 1)[..., None]
    return np.dstack((np.clip(part * share + clean * (1 - share), 0, 255).astype(np.uint8), alpha))


def _drawn_out(colour: F32, known: F32, reach: float) -> F32:
    """Colour continued from where it is known, by blurs of growing width."""
    out = np.zeros_like(colour)
    weight = np.full((*known.shape, 1), 1e-6, np.float32)
    for sigma, trust in ((reach / 4, 1.0), (reach, 1e-2), (reach * 6, 1e-4)):
        near = cv2.GaussianBlur(known, (0, 0), sigma)[..., None] * trust
        out += cv2.GaussianBlur(colour * known[..., None], (0, 0), sigma) * trust
        weight += near
    return np.asarray(out / weight, np.float32)


def _print(colour: RGB) -> RGBA:
    """The whole picture as a photograph on white card with round corners."""
    height, width = colour.shape[:2]
    edge = max(3, round(min(height, width) * _FRAME))
    card = cv2.copyMakeBorder(colour, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(246, 244, 240))
    alpha = np.zeros(card.shape[:2], np.uint8)
    cv2.rectangle(
        alpha, (edge // 2, edge // 2), (card.shape[1] - edge // 2 - 1, card.shape[0] - edge // 2 - 1), 255, -1
    )
    corner = np.asarray(cv2.GaussianBlur(alpha, (0, 0), edge / 3), np.float32)
    return np.dstack((card, np.clip((corner - 127.5) * edge / 2 + 127.5, 0, 255).astype(np.uint8)))
