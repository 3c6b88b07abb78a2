"""Pictures made by code, photograph-like enough for what is tested with them; and shots to film them by."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.direct import direct
from kineograph.engines.animatic.shot import Shot

Picture = np.ndarray

SIZE = (480, 272)


def rough(rng: np.random.Generator, width: int, height: int, fine: int) -> np.ndarray:
    """Noise in octaves, -1…1."""
    out = np.zeros((height, width), np.float32)
    for octave in range(5):
        cells = (max(2, fine * height // width * 2**octave // 8), max(2, fine * 2**octave // 8))
        out += cv2.resize(
            rng.normal(0, 0.6**octave, cells).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
        )
    return np.clip(out / 2.2, -1, 1)


def landscape(width: int = SIZE[0], height: int = SIZE[1], seed: int = 1) -> Picture:
    """Blue sky with clouds, hazy hills, a green field."""
    rng = np.random.default_rng(seed)
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    columns = np.linspace(0, 1, width, dtype=np.float32)[None]
    sky = np.stack([80 + 110 * rows + 0 * columns, 130 + 70 * rows + 0 * columns, 225 - 20 * rows + 0 * columns], 2)
    cloud = np.clip(rough(rng, width, height, 12), 0, 1)[..., None]
    picture = sky * (1 - cloud) + 240 * cloud
    for base, colour in ((0.52, (110, 125, 150)), (0.62, (70, 110, 60))):
        ridge = base + 0.05 * np.sin(columns * 9 + base * 40) + 0.02 * np.sin(columns * 31)
        ground = np.array(colour) + 34 * rough(rng, width, height, 90)[..., None]
        picture = np.where((rows > ridge)[..., None], ground, picture)
    return np.clip(picture, 0, 255).astype(np.uint8)


def towers(width: int = SIZE[0], height: int = SIZE[1], night: bool = False, seed: int = 5) -> Picture:
    """Towers with windows, by day or with lit windows by night; same walls for both."""
    rng = np.random.default_rng(seed)
    rows = np.linspace(0, 1, height)[:, None, None]
    top, low = ((6, 10, 30), (30, 26, 48)) if night else ((90, 140, 220), (205, 215, 225))
    picture = (np.array(top) * (1 - rows) + np.array(low) * rows) * np.ones((1, width, 1))
    x = 0
    while x < width:
        w, h = int(width * rng.uniform(0.05, 0.10)), int(height * rng.uniform(0.25, 0.65))
        wall = 120 + rng.uniform(-30, 30)
        picture[height - h :, x : x + w] = (14, 15, 26) if night else (wall, wall, wall)
        for y in range(height - h + 6, height - 8, 11):
            for window in range(x + 5, min(x + w, width) - 8, 10):
                lit = rng.random() < 0.5
                picture[y : y + 5, window : window + 5] = (
                    ((250, 220, 160) if lit else (10, 10, 18)) if night else (85, 95, 110)
                )
        x += w
    return np.clip(cv2.GaussianBlur(picture, (0, 0), 1.1), 0, 255).astype(np.uint8)


def bottle(width: int = 272, height: int = 272) -> Picture:
    """A green bottle with a red label on white paper, and its soft shadow to the right."""
    rows, columns = np.mgrid[:height, :width] / height
    half = np.interp(rows[:, 0], [0, 0.12, 0.3, 0.4, 0.88, 1], [0.05, 0.05, 0.05, 0.15, 0.15, 0.15])
    half[(rows[:, 0] < 0.12) | (rows[:, 0] > 0.88)] = 0
    across = np.where(half[:, None] > 0, (columns - 0.5) / np.maximum(half[:, None], 1e-6), 9)
    shadow = 70 * np.exp(-(((columns - 0.62) / 0.14) ** 2) - ((rows - 0.885) / 0.018) ** 2)
    picture = np.stack([246 - shadow] * 3, 2)
    shade = np.sqrt(np.clip(1 - across**2, 0, 1))[..., None]
    label = ((np.abs(rows - 0.64) < 0.1) & (np.abs(across) < 0.45))[..., None]
    glass = np.where(label, np.array((200, 40, 40)), np.array((30, 110, 70))) * (0.45 + 0.55 * shade)
    picture = np.where((np.abs(across) < 1)[..., None], glass, picture)
    return np.clip(cv2.GaussianBlur(picture, (0, 0), 0.6), 0, 255).astype(np.uint8)


def psnr(a: Picture, b: Picture) -> float:
    """Decibels between two pictures of bytes."""
    error = np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


@pytest.fixture(scope="session")
def painted() -> dict[str, Callable[..., Picture]]:
    return {"landscape": landscape, "towers": towers, "bottle": bottle}


@pytest.fixture(scope="session")
def decibels() -> Callable[[Picture, Picture], float]:
    return psnr


@pytest.fixture(scope="session")
def shoot() -> Callable[..., Shot]:
    """A shot for a prompt."""

    def made(
        prompt: str = "a calm day", size: tuple[int, int] = SIZE, frames: int = 48, seed: int = 3, **more: object
    ) -> Shot:
        fixed = bool(more.pop("camera_fixed", False))
        shot = direct(
            compile_prompt(prompt, None), width=size[0], height=size[1], frames=frames, seed=seed, camera_fixed=fixed
        )
        return replace(shot, **more)

    return made
