"""What a prompt becomes, before a film is made of it: the reading, and a still."""

from __future__ import annotations

import os
from pathlib import Path

from kineograph.core.request import ASPECT_RATIOS, SIZES
from kineograph.settings import Settings

SECONDS = 5  # length of the film that a still is taken from


def size_of(longer: int, aspect_ratio: str) -> tuple[int, int]:
    """Width and height of a still, both even, in the shape of the films of this ratio."""
    width, height = SIZES["480p", aspect_ratio]
    scale = longer / max(width, height)
    return (round(width * scale / 2) * 2, round(height * scale / 2) * 2)


def make_still(
    settings: Settings, prompt: str, path: Path, *, seed: int, at: float, longer: int, aspect_ratio: str
) -> Path:
    """Render one frame of the film that this prompt and seed give, as PNG.

    Args:
        at: Moment, 0 the first frame … 1 the last.
        longer: Pixels of the longer side.
        aspect_ratio: One of ASPECT_RATIOS.
    """
    assert aspect_ratio in ASPECT_RATIOS
    kernels = settings.data / "kernels"
    kernels.mkdir(parents=True, exist_ok=True)
    # Before numba is imported: what was compiled for films serves stills too.
    os.environ.setdefault("NUMBA_CACHE_DIR", str(kernels))
    from kineograph.engines.animatic.sheet import still_of

    return still_of(prompt, path, size_of(longer, aspect_ratio), seed=seed, seconds=SECONDS, at=at)
