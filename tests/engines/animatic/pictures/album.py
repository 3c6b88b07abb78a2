"""Pictures of all the kinds that people send, made by the renderer or drawn here; none is downloaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kineograph.engines.animatic.sheet import moments, shots_for

Picture = NDArray[np.uint8]  # (height, width, 3 or 4)


def filmed(prompt: str, width: int, height: int) -> Picture:
    """A still of our own, with the noise of a sensor."""
    still = moments(shots_for(prompt, (width, height), 3, seconds=2.0), 1)[0].astype(np.float32)
    return noisy(still, 1.5)


def noisy(picture: NDArray[np.float32], amount: float) -> Picture:
    rng = np.random.default_rng(4)
    return np.clip(picture + rng.normal(0, amount, picture.shape), 0, 255).astype(np.uint8)


def drawing() -> Picture:
    """Pencil on paper: a house, a tree and a sun."""
    paper = np.full((420, 600, 3), (247, 244, 236), np.float32)
    ink, thin = (60, 58, 70), cv2.LINE_AA
    cv2.rectangle(paper, (150, 200), (330, 360), ink, 3, thin)
    cv2.polylines(paper, [np.array([(135, 205), (240, 110), (345, 205)], np.int32)], True, (150, 60, 50), 4, thin)
    cv2.rectangle(paper, (220, 280), (265, 360), (90, 70, 50), 3, thin)
    cv2.circle(paper, (480, 90), 40, (225, 170, 40), 3, thin)
    for angle in np.linspace(0, 2 * np.pi, 12, endpoint=False):
        a, b = ((480 + r * np.cos(angle), 90 + r * np.sin(angle)) for r in (50, 70))
        cv2.line(paper, (int(a[0]), int(a[1])), (int(b[0]), int(b[1])), (225, 170, 40), 3, thin)
    cv2.line(paper, (470, 360), (470, 260), (90, 70, 50), 6, thin)
    cv2.circle(paper, (470, 235), 45, (70, 130, 70), 4, thin)
    cv2.line(paper, (40, 362), (570, 358), ink, 2, thin)
    return noisy(paper, 1.0)


def screenshot() -> Picture:
    """A window with a menu, text and a button: hard edges, flat colours, no noise."""
    page = np.full((720, 1280, 3), 245, np.uint8)
    page[:56] = (36, 41, 47)
    page[56:, :220] = (234, 238, 242)
    for row in range(14):
        cv2.putText(
            page, f"Line {row}: the quick brown fox", (260, 120 + row * 36), 0, 0.8, (40, 44, 52), 1, cv2.LINE_8
        )
    for row in range(8):
        cv2.rectangle(page, (20, 90 + row * 48), (200, 120 + row * 48), (208, 215, 222), -1)
    cv2.rectangle(page, (1040, 640), (1220, 690), (31, 136, 61), -1)
    return page


def waves(width: int, height: int) -> Picture:
    """Soft stripes and specks in every direction, cheap at any size."""
    y, x = np.mgrid[:height, :width].astype(np.float32) / max(width, height)
    red = 128 + 90 * np.sin(19 * x + 7 * y)
    return noisy(np.stack([red, 90 + 100 * y, 128 + 80 * np.cos(23 * y - 9 * x)], 2), 2.0)


def cut_disc() -> Picture:
    """A magenta disc with a green bar, transparent around it."""
    y, x = np.mgrid[:300, :300]
    out = np.zeros((300, 300, 4), np.uint8)
    inside = (x - 150) ** 2 + (y - 150) ** 2 < 110**2
    out[inside] = (200, 20, 160, 255)
    out[inside & (np.abs(y - 150) < 25)] = (30, 170, 60, 255)
    return out


ALBUM: Mapping[str, Callable[[], Picture]] = {
    "portrait": lambda: filmed("close-up portrait of a smiling woman in a park", 480, 640),
    "landscape": lambda: filmed("a mountain lake at sunset", 640, 360),
    "product": lambda: filmed("a bottle on a white background", 480, 480),
    "street": lambda: filmed("a man walking in a street at noon", 640, 360),
    "night": lambda: filmed("a city skyline at night", 640, 360),
    "drawing": drawing,
    "screenshot": screenshot,
    "tiny": lambda: waves(16, 16),
    "huge": lambda: waves(4200, 2800),
    "panorama": lambda: waves(3000, 380),
    "odd": lambda: waves(301, 997),
    "one-colour": lambda: np.full((200, 320, 3), (180, 40, 40), np.uint8),
    "transparent": cut_disc,
}
PLAIN = frozenset({"one-colour"})  # where nothing can be seen to move


@cache
def _pixels(name: str) -> Picture:
    return ALBUM[name]()


def saved(name: str, folder: Path) -> Path:
    """The picture as a file, as somebody would send it."""
    path = folder / f"{name}.{'jpg' if name == 'huge' else 'png'}"
    Image.fromarray(_pixels(name)).save(path)
    return path
