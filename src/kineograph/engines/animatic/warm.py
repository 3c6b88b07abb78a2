"""Compile every kernel ahead of the first order, in processes of their own, at a tiny size."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed

# A few films that together call every kernel: name shown, prompt.
ROUNDS: tuple[tuple[str, str], ...] = (
    ("beach, cats", "a kitten playing on the beach at sunset"),
    ("skyline, rain", "a city skyline in the rain, a car, lights turning on, sparkles"),
    ("studio, products", "a bottle, a can, a box, a cup and a watch rotating on a white background"),
    ("orchard, people", "a girl spinning under cherry blossom trees, petals falling in the wind"),
    ("meadow, dogs", "a dog running in a meadow, fireflies, leaves"),
    ("land, snow", "hills in the snow at night"),
    ("forest", "a forest"),
    ("lake", "a mountain lake with a waterfall"),
    ("desert", "the desert"),
    ("space", "outer space"),
    ("underwater", "underwater"),
    ("street", "a street in the rain"),
    ("room", "a living room"),
    ("harbour", "a harbour"),
    ("abstract", "an abstract flow of colours"),
    ("snowfield", "a snowfield"),
    ("cave", "a cave"),
    ("theatre", "a theatre stage"),
    ("pictures", ""),
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

    if not prompt:
        _pictures()
        return
    shot = direct(compile_prompt(prompt), width=SIZE[0], height=SIZE[1], frames=24, seed=1)
    stage = build_stage(shot)
    for index in (0, 13):
        stage.frame(index)


def _pictures() -> None:
    """The kernels of films from pictures: living still, product turn, first to last."""
    import numpy as np

    from kineograph.engines.animatic.compile import compile_prompt
    from kineograph.engines.animatic.direct import direct
    from kineograph.engines.animatic.pictures import first_frame, morph

    ramp = np.linspace(0, 255, SIZE[0], dtype=np.uint8)
    image = np.ascontiguousarray(np.broadcast_to(ramp[None, :, None], (SIZE[1], SIZE[0], 3)))
    product = np.full_like(image, 255)
    product[40:100, 48:80] = (40, 120, 90)
    for prompt, picture in (("waves, petals, rain, wind", image), ("product rotating", product)):
        shot = direct(compile_prompt(prompt), width=SIZE[0], height=SIZE[1], frames=24, seed=1)
        first_frame.build(shot, picture).frame(5)
    morph.build(shot, image, np.ascontiguousarray(image[:, ::-1])).frame(5)
