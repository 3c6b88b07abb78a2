"""Films of several scenes: "first … then …" dissolves half way; seasons pass one into the other."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import cv2
import numpy as np

from kineograph.engines.animatic import heap
from kineograph.engines.animatic.direct import Tier, direct
from kineograph.engines.animatic.shot import Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec
from kineograph.engines.animatic.stage import Film, build_stage
from kineograph.media.frame import Frame, Plane

DISSOLVE = 12  # frames that both scenes share
HOLD = 0.5  # share of the time that a season stands before it passes into the next
Place = Callable[[int], tuple[int, float]]
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
    return joined([partial(build_stage, shot) for shot in shots], shots)


def joined(builds: Sequence[Callable[[], Film]], shots: Sequence[Shot]) -> Film:
    """The films of these shots as one; the first is built at once."""
    if len(builds) == 1:
        return builds[0]()
    return (turn if shots[0].spec.seasons else cut)(builds, length_of(shots))


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


class Scenes:
    """Films that pass one into the other, of which one is in memory: frames are best asked for in order.

    What the next scene is mixed with, the one before it makes while it is still there. Any frame can be had at any time, but
    going back builds a scene again.

    Args:
        builds: Of each scene.
        starts: Frame of the film that each begins with.
        place: Of a frame: the number of its scene, and the share, below 1, of the next one.
    """

    sharp: frozenset[int] = frozenset()  # words alone have none

    def __init__(self, builds: Sequence[Callable[[], Film]], starts: Sequence[int], place: Place) -> None:
        self._builds, self._starts, self._place = builds, starts, place
        self._number, self._film = 0, builds[0]()
        self._leaving: dict[int, Frame] = {}
        self._changing, self._mixing = threading.Lock(), threading.Lock()

    def frame(self, index: int) -> Frame:
        """The frame of this number."""
        number, share = self._place(index)
        if share == 0:
            return self._scene(number).frame(index - self._starts[number])
        with self._mixing:
            if index not in self._leaving:
                self._leaving = self._left(index, number)
            left = self._leaving[index]
        return _blend(left, self._scene(number + 1).frame(index - self._starts[number + 1]), share)

    def _left(self, index: int, number: int) -> dict[int, Frame]:
        """From `index` on all frames of a scene that are mixed with the next."""
        scene, out = self._scene(number), {}
        while self._place(index) > (number, 0.0) and self._place(index)[0] == number:
            out[index] = scene.frame(index - self._starts[number])
            index += 1
        return out

    def _scene(self, number: int) -> Film:
        with self._changing:
            if number != self._number:
                del self._film
                gc.collect()  # what is built points at itself here and there
                heap.give_back()
                self._number, self._film = number, self._builds[number]()
            return self._film


def cut(builds: Sequence[Callable[[], Film]], frames: int) -> Scenes:
    """Two films as one of so many frames."""
    second = _start(frames)

    def place(index: int) -> tuple[int, float]:
        later = index - second
        return (0, (later + 0.5) / DISSOLVE) if 0 <= later < DISSOLVE else (int(later >= DISSOLVE), 0.0)

    return Scenes(builds, (0, second), place)


def turn(builds: Sequence[Callable[[], Film]], frames: int) -> Scenes:
    """Films of one place, each of so many frames, that run side by side and pass into each other: the turn of the year."""

    def place(index: int) -> tuple[int, float]:
        moment = index / max(frames - 1, 1) * len(builds) - 0.5
        number = min(max(int(moment), 0), len(builds) - 2)
        share = min(max((moment - number - HOLD / 2) / (1 - HOLD), 0.0), 1.0)
        return (number + 1, 0.0) if share == 1 else (number, share * share * (3 - 2 * share))

    return Scenes(builds, (0,) * len(builds), place)


def _blend(a: Frame, b: Frame, share: float) -> Frame:
    return Frame(_mixed(a.y, b.y, share), _mixed(a.u, b.u, share), _mixed(a.v, b.v, share))


def _mixed(a: Plane, b: Plane, share: float) -> Plane:
    return np.asarray(cv2.addWeighted(a, 1 - share, b, share, 0), dtype=np.uint8)
