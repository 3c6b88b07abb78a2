"""Films of several scenes: "first … then …" dissolves half way; seasons pass one into the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from kineograph.engines.animatic.direct import Tier, direct
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec
from kineograph.engines.animatic.stage import Film, build_stage
from kineograph.media.frame import Frame, Plane

DISSOLVE = 12  # frames that both scenes share
HOLD = 0.5  # share of the time that a season stands before it passes into the next
# Colour of a tree that nobody gave one, and a kind that takes it and is bare of needles.
_FOLIAGE = {"spring": "green", "summer": "green", "autumn": "orange", "winter": "white"}
_BROADLEAVED = {"tree": "maple", "oak": "maple"}


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
    """One shot; two where the words say "then", one a season where they name several. Arguments as of `direct`; `frames` of
    the whole film."""
    scenes: tuple[SceneSpec, ...] = (spec,)
    lengths: tuple[int, ...] = (frames,)
    if spec.seasons:
        scenes = tuple(_in_season(spec, season) for season in spec.seasons)
        lengths = (frames,) * len(scenes)
    elif spec.then is not None:
        scenes, lengths = (spec, spec.then), (_start(frames) + DISSOLVE, frames - _start(frames))
    return tuple(
        direct(scene, width=width, height=height, frames=count, seed=seed, tier=tier, camera_fixed=camera_fixed)
        for scene, count in zip(scenes, lengths, strict=True)
    )


def length_of(shots: Sequence[Shot]) -> int:
    """Frames of the film that these make."""
    if shots[0].spec.seasons:
        return shots[0].frames
    return sum(shot.frames for shot in shots) - DISSOLVE * (len(shots) - 1)


def film_of(shots: Sequence[Shot]) -> Film:
    """The film of these shots."""
    return joined([build_stage(shot) for shot in shots], shots)


def joined(films: Sequence[Film], shots: Sequence[Shot]) -> Film:
    """The films of these shots as one."""
    if len(films) == 1:
        return films[0]
    return Turn(films, length_of(shots)) if shots[0].spec.seasons else Cut(films[0], films[1], length_of(shots))


def _in_season(spec: SceneSpec, season: str) -> SceneSpec:
    """The same scene at that time of the year."""
    effects = spec.effects - {"leaves", "snow"} | {"autumn": {"leaves"}, "winter": {"snow"}}.get(season, set())
    looks = tuple(look for look in spec.looks if look != "autumn") + (("autumn",) if season == "autumn" else ())
    weather = "snow" if season == "winter" else spec.weather
    subjects = tuple(_in_leaf(one, season) for one in spec.subjects)
    return replace(spec, looks=looks, weather=weather, effects=frozenset(effects), subjects=subjects, then=None)


def _in_leaf(subject: SubjectSpec, season: str) -> SubjectSpec:
    grown = subject.action if season == "spring" or subject.action != "bloom" else "idle"
    if subject.family != "plant" or subject.colour is not None:
        return replace(subject, action=grown)
    kind = _BROADLEAVED.get(subject.kind, subject.kind)
    return replace(subject, action=grown, kind=kind, colour=_FOLIAGE.get(season))


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
        return _blend(self._first.frame(index), self._second.frame(later), (later + 0.5) / DISSOLVE)


class Turn:
    """Films of one place that run side by side, each passing into the next: the turn of the year.

    Args:
        frames: Of each, and of the whole.
    """

    def __init__(self, films: Sequence[Film], frames: int) -> None:
        self._films, self._frames = films, frames
        self.sharp: frozenset[int] = films[0].sharp

    def frame(self, index: int) -> Frame:
        """The frame of this number."""
        place = index / max(self._frames - 1, 1) * len(self._films) - 0.5
        number = min(max(int(place), 0), len(self._films) - 2)
        share = min(max((place - number - HOLD / 2) / (1 - HOLD), 0.0), 1.0)
        if share in (0.0, 1.0):
            return self._films[number + int(share)].frame(index)
        share = share * share * (3 - 2 * share)
        return _blend(self._films[number].frame(index), self._films[number + 1].frame(index), share)


def _blend(a: Frame, b: Frame, share: float) -> Frame:
    return Frame(_mixed(a.y, b.y, share), _mixed(a.u, b.u, share), _mixed(a.v, b.v, share))


def _mixed(a: Plane, b: Plane, share: float) -> Plane:
    return np.asarray(cv2.addWeighted(a, 1 - share, b, share, 0), dtype=np.uint8)
