"""Compile every kernel ahead of the first order, in processes of their own, at a tiny size."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed

# A few films that together call every kernel: name shown, prompt.
ROUNDS: tuple[tuple[str, str], ...] = (
    ("beach, cats", "a kitten playing on the beach at sunset"),
    ("skyline, rain", "the city in the rain, lights turning on, sparkles"),
    ("studio, products", "a bottle, a can, a box, a cup and a watch rotating on a white background"),
    ("orchard, people", "a girl spinning under cherry blossom trees, petals falling in the wind"),
    ("meadow, dogs", "a dog running in a meadow, fireflies, leaves"),
    ("land, snow", "hills in the snow at night"),
)
SIZE = (128, 128)


def warm(progress: Callable[[str], None]) -> None:
    """Compile all kernels into numba's cache (NUMBA_CACHE_DIR), two processes at a time.

    Args:
        progress: Told of each round when it is done.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1), mp_context=context) as pool:
        rounds = {pool.submit(_round, prompt): name for name, prompt in ROUNDS}
        for done in as_completed(rounds):
            done.result()
            progress(rounds[done])


def _round(prompt: str) -> None:
    """Make two frames of a tiny film."""
    from kineograph.engines.animatic.compile import compile_prompt
    from kineograph.engines.animatic.direct import direct
    from kineograph.engines.animatic.stage import build_stage

    shot = direct(compile_prompt(prompt), width=SIZE[0], height=SIZE[1], frames=24, seed=1)
    stage = build_stage(shot)
    for index in (0, 13):
        stage.frame(index)
