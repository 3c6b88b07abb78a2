"""The actions of four-legged animals by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kineograph.engines.animatic.subjects.quadruped_acts import (
    Moment,
    doze,
    hop,
    idle,
    jump,
    play,
    run,
    sit,
    sleep,
    walk,
)  # fmt: skip
from kineograph.engines.animatic.subjects.quadruped_meals import eat, howl
from kineograph.engines.animatic.subjects.quadruped_rig import Stance

ACTIONS: dict[str, Callable[[Moment], Stance]] = {
    "idle": idle,
    "sit": sit,
    "walk": walk,
    "run": run,
    "play": play,
    "jump": jump,
    "sleep": sleep,
    "hop": hop,
    "eat": eat,
    "howl": howl,
}


def act(name: str, never: Sequence[str] = ()) -> Callable[[Moment], Stance]:
    """The action of that name; what four legs cannot do (dance, wave, spin) becomes play, anything else idle.

    Args:
        never: What this animal is not built for.
    """
    if name in ("dance", "wave", "spin"):
        name = "play"
    if name in never:
        return doze if name == "sleep" else idle
    return ACTIONS.get(name, idle)
