"""Compile every kernel ahead of the first order, in processes of their own, at a tiny size."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed

# A few films that together call every kernel: name shown, prompt. The longest first; and what is compiled beside it shares
# little with it (the sky, the sea and fur there; pictures, shading and glass here), or both would compile the same.
ROUNDS: tuple[tuple[str, str], ...] = (
    ("beach, cats", "a kitten playing on the beach at sunset, a lighthouse"),
    ("pictures", ""),
    ("studio, products", "a bottle, a can, a box, a cup and a watch rotating on a white background"),
    ("skyline, rain", "a city skyline in the rain, a car, lights turning on, sparkles"),
    ("lake", "a mountain lake with a waterfall"),
    ("meadow, dogs", "a dog running in a meadow, fireflies, leaves, watercolour style"),
    ("orchard, people", "a girl spinning under cherry blossom trees, petals falling in the wind"),
    ("land, snow", "a ball on hills in the snow at night, paper cut style"),
    ("forest", "a ball in a forest, ink wash style"),
    ("street, neon", "a neon street in tokyo in the rain"),
    ("desert, fire", "a campfire in the desert at night, anime style"),
    ("space", "outer space"),
    ("underwater", "underwater"),
    ("room", "a ball in a living room, clay style"),
    ("harbour", "a harbour with a lighthouse at night"),
    ("abstract", "an abstract flow of colours"),
    ("snowfield", "a ball in a snowfield, pixel style"),
    ("cave", "a ball in a cave, noir style"),
    ("theatre", "a ball on a theatre stage, vintage style"),
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
    gc.disable()  # the compiler's many small objects cost more to look through than the memory is worth
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
