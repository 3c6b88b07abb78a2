"""Look at films without encoding them: stills, strips of moments, contact sheets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.core.request import FPS
from kineograph.engines.animatic.compile import compile_prompt
from kineograph.engines.animatic.cut import film_of, length_of, shots_of
from kineograph.engines.animatic.direct import Tier
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.stage import build_stage
from kineograph.media.poster import png, still

RGB = NDArray[np.uint8]  # (height, width, 3), sRGB


def shots_for(
    prompt: str, size: tuple[int, int], seed: int, *, seconds: float = 5.0, tier: Tier = "quality"
) -> tuple[Shot, ...]:
    """The shots a prompt becomes; `size` is (width, height), both even."""
    frames = round(seconds * FPS)
    return shots_of(compile_prompt(prompt), width=size[0], height=size[1], frames=frames, seed=seed, tier=tier)


def shot_for(prompt: str, size: tuple[int, int], seed: int, *, seconds: float = 5.0, tier: Tier = "quality") -> Shot:
    """The first of them."""
    return shots_for(prompt, size, seed, seconds=seconds, tier=tier)[0]


def moments(shots: Shot | Sequence[Shot], count: int) -> list[RGB]:
    """`count` frames evenly spread over the film, the first and the last among them; one alone is a third in."""
    every = (shots,) if isinstance(shots, Shot) else tuple(shots)
    film, last = film_of(every), length_of(every) - 1
    numbers = [last // 3] if count == 1 else [round(last * k / (count - 1)) for k in range(count)]
    return [still(film.frame(number)) for number in numbers]


def still_of(prompt: str, path: Path, size: tuple[int, int], *, seed: int, seconds: float, at: float) -> Path:
    """One frame of the film, written as PNG; `at` is 0 for the first … 1 for the last."""
    shots = shots_for(prompt, size, seed, seconds=seconds)
    number, shot = round((length_of(shots) - 1) * at), shots[0]
    if shot.spec.seasons:
        shot = shots[min(int(at * len(shots)), len(shots) - 1)]
    elif len(shots) > 1 and at >= 0.5:  # one of the two is enough
        number, shot = number - (length_of(shots) - shots[1].frames), shots[1]
    return png(build_stage(shot).frame(number), path)


def tiled(pictures: Sequence[RGB], columns: int, gap: int = 6) -> RGB:
    """Pictures of one size side by side, row by row, on white."""
    height, width = pictures[0].shape[:2]
    rows = -(-len(pictures) // columns)
    out = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), 255, np.uint8)
    for k, picture in enumerate(pictures):
        y, x = k // columns * (height + gap), k % columns * (width + gap)
        out[y : y + height, x : x + width] = picture
    return out


def shrunk(picture: RGB, width: int) -> RGB:
    """The picture at this width, area-averaged."""
    height = round(picture.shape[0] * width / picture.shape[1])
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
