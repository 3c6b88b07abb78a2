"""Where each part of one picture went in another: optical flow that admits what it does not know."""

from __future__ import annotations

import cv2
import numpy as np

from kineograph.engines.animatic.noise import F32
from kineograph.engines.animatic.pictures.planes import RGB
from kineograph.engines.animatic.pictures.warp import grid

QUARTER = 480  # pixels of the longer side at which flow is sought: a quarter of 1080p
TRUST = 2.0  # pixels there: forth and back must end this close together
# Share of one picture found in the other, and likeness of outlines. Measured: 0.75-0.94 shifted, zoomed or darkened, 0.19 of
# outlines by day and by night; unrelated pictures 0.00-0.06 and at most 0.05.
FOUND, ALIKE = 0.15, 0.12
CAP = 0.10  # of the width: beyond it a match is chance


def flows(first: RGB, last: RGB) -> tuple[F32, F32]:
    """Flow first → last and last → first on the grid of `warp`, (rows, columns, 2) in frame widths.

    Equalised luma, so that noon and night still match; weighted by how well forth and back agree; no further than CAP.
    Where nothing agrees, the flow of the neighbourhood fades to none: those places dissolve instead of melting.
    """
    a, b = _equalised(first), _equalised(last)
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    nothing = np.zeros((*a.shape, 2), np.float32)
    forth = np.asarray(finder.calc(a, b, nothing.copy()), np.float32)
    back = np.asarray(finder.calc(b, a, nothing.copy()), np.float32)
    shape = grid(first.shape[1], first.shape[0])
    return _cleaned(forth, _agreement(forth, back), shape), _cleaned(back, _agreement(back, forth), shape)


def related(first: RGB, last: RGB) -> bool:
    """Whether the two show the same place or thing: much of one is found in the other, or their outlines lie alike (day and
    night share little else)."""
    a, b = _equalised(first), _equalised(last)
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    nothing = np.zeros((*a.shape, 2), np.float32)
    forth, back = (np.asarray(finder.calc(*pair, nothing.copy()), np.float32) for pair in ((a, b), (b, a)))
    if float(_agreement(forth, back).mean()) > FOUND:
        return True
    p, q = _outlines(a), _outlines(b)
    return float((p * q).mean() / np.sqrt((p * p).mean() * (q * q).mean() + 1e-6)) > ALIKE


def _outlines(image: np.ndarray) -> F32:
    """Where edges are, softened, above and below what is usual around them."""
    soft = cv2.GaussianBlur(image.astype(np.float32), (0, 0), 1.2)
    edges = np.hypot(cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1))
    edges = cv2.GaussianBlur(np.minimum(edges, np.percentile(edges, 95)).astype(np.float32), (0, 0), 2)
    return np.asarray(edges - cv2.GaussianBlur(edges, (0, 0), 20), np.float32)


def _equalised(image: RGB) -> np.ndarray:
    height, width = image.shape[:2]
    scale = QUARTER / max(height, width)
    small = cv2.resize(image, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.createCLAHE(3, (8, 8)).apply(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)), np.uint8)


def _agreement(forth: F32, back: F32) -> F32:
    """0…1: whether going there and coming back ends where it began."""
    height, width = forth.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    returned = cv2.remap(back, x + forth[..., 0], y + forth[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    away = np.linalg.norm(forth + returned, axis=2)
    return np.asarray(np.exp(-((away / TRUST) ** 2)), np.float32)


def _cleaned(flow: F32, trust: F32, shape: tuple[int, int]) -> F32:
    """Averaged by trust, capped, on the grid."""
    width = flow.shape[1]
    soft = cv2.GaussianBlur(trust, (0, 0), 2)
    total = cv2.GaussianBlur(flow * soft[..., None], (0, 0), 6)
    weight = cv2.GaussianBlur(soft, (0, 0), 6)[..., None] + 0.15
    mean = total / weight / width
    length = np.linalg.norm(mean, axis=2, keepdims=True)
    capped = mean * np.minimum(1, CAP / (length + 1e-9))
    small = cv2.resize(capped, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    # Once more on the grid: what is left of a single wrong match must not pinch.
    return np.ascontiguousarray(cv2.GaussianBlur(small, (0, 0), 2), dtype=np.float32)
