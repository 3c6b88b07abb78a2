"""Shadows of what hardly moves, mixed from those of key moments: a tenth of the work of making one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np

from kineograph.core.request import FPS
from kineograph.engines.animatic.keys import KeyFrames
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32, lean
from kineograph.engines.animatic.raster.mesh import Posed
from kineograph.engines.animatic.raster.shadow import Kept, Patch, slope_of
from kineograph.engines.animatic.scalar import f4

_SPACINGS = (8, 6, 4, 3, 2)  # frames between keys
_PROBES = 3  # moments of the film that decide how far apart keys are
_MEMORY = 3  # keys: two threads are seldom further apart
_TEXELS, _PENUMBRAS = 1.5, 0.5  # that a point may go between two keys: where it is sharp, and besides where it is soft


@dataclass(frozen=True, slots=True)
class Key:
    """Where a subject is at one moment, its shadow, and how far the light throws it."""

    t: float
    places: F32
    slope: F32
    patch: Patch | None


class Caster(Protocol):
    """What an actor is to its shadow."""

    @property
    def steady(self) -> bool:
        """Nothing but its meshes' places changes with time."""
        ...

    def posed(self, t: float) -> Sequence[Posed]:
        """Its meshes at t seconds."""
        ...


class Patches:
    """The shadow patches of one subject, at any moment of a film. Thread-safe.

    Args:
        light: The setting's.

    Attributes:
        every: Frames between keys; 0 for what needs a patch for each.
    """

    def __init__(self, caster: Caster, light: Callable[[float], Light], frames: int) -> None:
        self._posed, self._light = caster.posed, light
        self._last = (frames - 1) / FPS
        self._kept = Kept()
        self._keys = KeyFrames(self._make, _MEMORY)
        self.every = self._spacing() if caster.steady else 0

    def at(self, t: float, light: Light) -> Patch | None:
        """The patch at t seconds, in this light."""
        meshes = self._posed(t)
        if not self.every or not 0 <= t <= self._last:
            return self._kept.patch(meshes, light)
        number = int(t * FPS / self.every + 1e-6)
        a, b = self._keys.at(number), self._keys.at(number + 1)
        share = (t - a.t) / (b.t - a.t) if b.t > a.t else 0.0
        if a.patch is None or b.patch is None or _strayed(a, b, _key(t, meshes, light), share, light) > 1:
            return self._kept.patch(meshes, light)
        return mixed(a.patch, b.patch, share)

    def _make(self, number: int) -> Key:
        return self._moment(min(number * self.every / FPS, self._last))

    def _moment(self, t: float) -> Key:
        meshes, light = self._posed(t), self._light(t)
        return replace(_key(t, meshes, light), patch=self._kept.patch(meshes, light))

    def _spacing(self) -> int:
        """The widest of _SPACINGS between which nothing goes too far at some moments of the film; 0 where none is."""
        most = 1e-6
        first = self._moment(0.0)
        if first.patch is None or self._last < _SPACINGS[0] / FPS:
            return 0
        for t in ((self._last - 1 / FPS) * (k + 0.5) / _PROBES for k in range(_PROBES)):
            a, b = (_key(at, self._posed(at), self._light(at)) for at in (t, t + 1 / FPS))
            most = max(most, _strayed(replace(a, patch=first.patch), b, a, 0.0, self._light(t)))
        return next((every for every in _SPACINGS if every * most <= 1), 0)


def _key(t: float, meshes: Sequence[Posed], light: Light) -> Key:
    places = np.concatenate([one.vertices for one in meshes]) if meshes else np.zeros((0, 3), np.float32)
    return Key(t, np.ascontiguousarray(places, np.float32), slope_of(light), None)


def mixed(a: Patch, b: Patch, share: float) -> Patch:
    """A patch a share of the way from a to b, on the square of a."""
    if a is b or share <= 0:
        return a
    cast, covered = b.cast, b.covered
    if (a.x, a.z, a.texel) != (b.x, b.z, b.texel):
        step, half = a.texel / b.texel, 0.5 * a.texel
        onto = np.array(
            [[step, 0, (a.x - b.x + half) / b.texel - 0.5], [0, step, (a.z - b.z + half) / b.texel - 0.5]], np.float64
        )
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cast, covered = (
            np.asarray(cv2.warpAffine(one, onto, a.cast.shape, flags=how), np.float32) for one in (cast, covered)
        )
    s = np.float32(share)
    (ax, az, bx, bz), (cx, cz, dx, dz) = a.box, b.box
    box = (min(ax, cx), min(az, cz), max(bx, dx), max(bz, dz))
    return replace(a, box=box, cast=a.cast + (cast - a.cast) * s, covered=a.covered + (covered - a.covered) * s)


def _strayed(a: Key, b: Key, here: Key, share: float, light: Light) -> float:
    """How far shadows of points go between two keys, and twice how far from the straight way between them they are here: of
    what is allowed, the worst."""
    if (
        a.patch is None
        or not len(here.places)
        or len(a.places) != len(here.places)
        or len(b.places) != len(here.places)
    ):
        return math.inf
    slopes = np.stack([a.slope, b.slope, here.slope])
    sharp, soft = _TEXELS * a.patch.texel, _PENUMBRAS * light.softness
    return math.sqrt(_worst(a.places, b.places, here.places, slopes, f4(share), f4(sharp), f4(soft)))


@lean
def _worst(a: F32, b: F32, here: F32, slopes: F32, share: float, sharp: float, soft: float) -> float:
    worst = f4(0)
    for k in range(here.shape[0]):
        low, high, now = max(a[k, 1], f4(0)), max(b[k, 1], f4(0)), max(here[k, 1], f4(0))
        far, off = f4(0), f4(0)
        for i in range(2):
            p, q = a[k, 2 * i] - slopes[0, i] * low, b[k, 2 * i] - slopes[1, i] * high
            r = here[k, 2 * i] - slopes[2, i] * now - p - (q - p) * share
            far += (q - p) * (q - p)
            off += f4(4) * r * r
        allowed = sharp + soft * now
        worst = max(worst, max(far, off) / (allowed * allowed))
    return worst
