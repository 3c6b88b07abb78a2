"""Films looked at small and without encoding: the prompts the engine is judged by, and figures of what an eye would say."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.cut import film_of, length_of
from kineograph.engines.animatic.sheet import shots_for
from kineograph.engines.animatic.spec import SceneSpec
from kineograph.engines.animatic.stage import Film
from kineograph.media.poster import still

RGB = NDArray[np.uint8]
F32 = NDArray[np.float32]

_TABLE: Mapping[str, Any] = tomllib.loads((Path(__file__).parent / "gallery" / "prompts.toml").read_text("utf-8"))
PROMPTS: Mapping[str, str] = _TABLE["prompts"]
SEEDS: Mapping[str, int] = {name: place for place, name in enumerate(PROMPTS, 1)}
GOLDEN: tuple[str, ...] = (*_TABLE["sample"], *_TABLE["golden"])
SAMPLE: tuple[str, ...] = tuple(_TABLE["sample"])

SIZE = (160, 90)
SECONDS = 4.0
BURST = 7  # frames one after the other, at three places of the film
BLOCKS = (32, 18)  # that a frame is averaged to: grain is gone, anything that an eye would see is not


@dataclass(frozen=True, slots=True)
class Seen:
    """One film, as far as it was looked at.

    Attributes:
        scenes: What it shows: one, or two of a "first … then …".
        poster: A third into the film.
        luma: `bursts` of it.
    """

    scenes: tuple[SceneSpec, ...]
    poster: RGB
    luma: F32


@cache
def seen(name: str) -> Seen:
    """The film of one of PROMPTS."""
    return look_at(PROMPTS[name], SEEDS[name])


def look_at(prompt: str, seed: int) -> Seen:
    """The film of any prompt."""
    shots = shots_for(prompt, SIZE, seed, seconds=SECONDS)
    film, frames = film_of(shots), length_of(shots)
    poster = still(film.frame((frames - 1) // 3))
    return Seen(tuple(shot.spec for shot in shots), poster, bursts(film, frames))


def bursts(film: Film, frames: int) -> F32:
    """(3, BURST, 18, 32) luma of blocks, 0…255: some frames one after the other, early, in the middle and late."""
    first = (frames // 8, frames // 2, frames * 7 // 8)
    planes = [[film.frame(start + at).y.astype(np.float32) for at in range(BURST)] for start in first]
    return np.array(
        [[cv2.resize(y, BLOCKS, interpolation=cv2.INTER_AREA) for y in burst] for burst in planes], np.float32
    )


def far(picture: RGB, size: tuple[int, int]) -> F32:
    """CIELAB of a picture seen from so far away that it has only so many patches."""
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2Lab), np.float32)


def distance(one: RGB, other: RGB) -> float:
    """Mean CIE76 colour difference of two pictures seen from afar (16×9 patches); 2.3 is just noticeable on a patch."""
    return float(np.linalg.norm(far(one, (16, 9)) - far(other, (16, 9)), axis=2).mean())


def apart(one: RGB, other: RGB) -> float:
    """CIE76 colour difference of the tenth of 32×18 patches that differ most: a small thing on white paper counts too."""
    differences = np.sort(np.linalg.norm(far(one, BLOCKS) - far(other, BLOCKS), axis=2), axis=None)
    return float(differences[-len(differences) // 10 :].mean())


def moved(luma: F32) -> float:
    """How far the two hundredths of the picture that change most come from the first burst to the last, in levels of 255."""
    change = np.abs(luma[-1].mean(axis=0) - luma[0].mean(axis=0))
    return float(np.percentile(change, 98))


def flicker(luma: F32) -> tuple[float, float]:
    """How far brightness goes to and fro from frame to frame, levels of 255: of the whole picture at most, and of the 8×6
    part that does it most lastingly (the median of its burst).

    Of each two steps in opposite directions the smaller counts. What moves, brightens or fades has none, however fast; a leaf
    that flies through a part has some once; a light that blinks has its strength in most frames.
    """
    count, frames, height, width = luma.shape
    parts = luma.reshape(count, frames, 6, height // 6, 8, width // 8).mean(axis=(3, 5))
    return float(_to_and_fro(luma.mean(axis=(2, 3))).max()), float(np.median(_to_and_fro(parts), axis=1).max())


def _to_and_fro(brightness: F32) -> F32:
    step = np.diff(brightness, axis=1)
    back = np.minimum(np.abs(step[:, 1:]), np.abs(step[:, :-1]))
    return np.asarray(np.where(step[:, 1:] * step[:, :-1] < 0, back, 0), np.float32)


def ssim(one: RGB, other: RGB) -> float:
    """Structural similarity of two pictures of one size, mean over pixels and channels (Wang et al. 2004, sigma 1.5)."""

    def soft(values: F32) -> F32:
        return np.asarray(cv2.GaussianBlur(values, (0, 0), 1.5), np.float32)

    a, b = one.astype(np.float32), other.astype(np.float32)
    mean_a, mean_b = soft(a), soft(b)
    var_a, var_b = soft(a * a) - mean_a**2, soft(b * b) - mean_b**2
    shared = soft(a * b) - mean_a * mean_b
    near, alike = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    score = (2 * mean_a * mean_b + near) * (2 * shared + alike)
    return float((score / ((mean_a**2 + mean_b**2 + near) * (var_a + var_b + alike))).mean())
