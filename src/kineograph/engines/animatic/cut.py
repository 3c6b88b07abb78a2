"""First … then …: a film of two scenes, one dissolving into the other half way."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from kineograph.engines.animatic.direct import Tier, direct
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec
from kineograph.engines.animatic.stage import Film, build_stage
from kineograph.media.frame import Frame, Plane

DISSOLVE = 12  # frames that both scenes share


def shots_of(
    spec: SceneSpec,
    *,
    width: int,
    height: int,
    frames: int,
    seed: int,
    tier: Tier = "fast",
    camera_fixed: bool = False,
) -> tuple[Shot, ...]:
    """One shot, or two where the words say "then". Arguments as of `direct`; `frames` of the whole film."""
    scenes = (spec,) if spec.then is None else (spec, spec.then)
    lengths = (frames,) if spec.then is None else (_start(frames) + DISSOLVE, frames - _start(frames))
    return tuple(
        direct(scene, width=width, height=height, frames=count, seed=seed, tier=tier, camera_fixed=camera_fixed)
        for scene, count in zip(scenes, lengths, strict=True)
    )


def length_of(shots: Sequence[Shot]) -> int:
    """Frames of the film that these make."""
    return sum(shot.frames for shot in shots) - DISSOLVE * (len(shots) - 1)


def film_of(shots: Sequence[Shot]) -> Film:
    """The film of one shot, or of two."""
    built = [build_stage(shot) for shot in shots]
    return built[0] if len(built) == 1 else Cut(built[0], built[1], length_of(shots))


def _start(frames: int) -> int:
    """Number of the frame that the second scene begins with."""
    return (frames - DISSOLVE) // 2


class Cut:
    """Two films as one.

    Args:
        frames: Of the whole.
    """

    def __init__(self, first: Film, second: Film, frames: int) -> None:
        self._first, self._second = first, second
        self._start = _start(frames)
        self.sharp = first.sharp | frozenset(number + self._start for number in second.sharp)

    def frame(self, index: int) -> Frame:
        """The frame of this number."""
        later = index - self._start
        if later < 0:
            return self._first.frame(index)
        if later >= DISSOLVE:
            return self._second.frame(later)
        share = (later + 0.5) / DISSOLVE
        a, b = self._first.frame(index), self._second.frame(later)
        return Frame(_mixed(a.y, b.y, share), _mixed(a.u, b.u, share), _mixed(a.v, b.v, share))


def _mixed(a: Plane, b: Plane, share: float) -> Plane:
    return np.asarray(cv2.addWeighted(a, 1 - share, b, share, 0), dtype=np.uint8)
