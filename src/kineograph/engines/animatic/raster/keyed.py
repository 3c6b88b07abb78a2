"""What only the camera's drift moves is drawn at key moments, and carried from key to key in between.

For every frame the layers of the two keys around it are moved by the map that takes the subject's vertices from where the key
saw them to where this frame sees them, and cross-faded. Where no smooth map does that (a wheel turns, a flag waves), or the light
is not what lies between the keys' (lightning), the subject is drawn as ever: that is read from its vertices, frame by frame.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kineograph.core.request import FPS
from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.keys import KeyFrames
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32, lean
from kineograph.engines.animatic.raster.glide import BORDER, RUN, SCRATCH, framed, glide
from kineograph.engines.animatic.raster.mesh import Drawn
from kineograph.engines.animatic.raster.soup import EVERYWHERE, NEAR, bounds
from kineograph.engines.animatic.scalar import f4
from kineograph.engines.animatic.shot import Shot

I32 = NDArray[np.int32]
Draw = Callable[[float, Camera, Light, tuple[int, int]], Drawn | None]

SPACINGS = (8, 6, 4, 3, 2)  # frames between keys
BOUND = 0.4  # pixels by which the two keys may show a vertex beside its place, each by its share in the frame
PAD = 32  # pixels drawn beyond the picture's edges: what comes in until the next key
_SAMPLED = 800  # vertices a map is fitted to; all are tried
_PROBES = 5  # moments of the film that decide how far apart keys are
_KEPT = 3  # keys in memory: two threads are seldom further apart
_SPREAD = 8  # pixels beyond its vertices that a subject, or its blurred mirror image, may cover
_SAME_LIGHT = 0.02  # of its greatest number


@dataclass(frozen=True, slots=True)
class Key:
    """A subject at one moment.

    Attributes:
        light: What `_numbers` says of its light.
        seen: (N, 3) its vertices as this moment's camera sees them: pixels of the picture, 1/depth.
        layer: What is drawn, framed and flat; spans: first and last column of each row that show anything.
        place: Height and width of the layer, row and column of the picture where it begins.
    """

    t: float
    light: F32
    seen: F32
    layer: F32
    spans: I32
    place: I32


@dataclass(frozen=True, slots=True)
class Way:
    """A smooth map from where vertices are seen to where a key saw them.

    Attributes:
        numbers: (16,) as `glide` takes them.
        strayed: Pixels between the map and the vertex that it fits worst. moved: as far as any vertex goes.
    """

    numbers: F32
    strayed: float
    moved: float


class Keyed:
    """One steady subject, or its mirror image.

    Args:
        draw: As an actor does.
        places: (N, 3) world positions of its vertices, the same ones in the same order at any time.
        light: The setting's.

    Attributes:
        every: Frames between keys; 0 for what must be drawn for each.
    """

    def __init__(self, shot: Shot, draw: Draw, places: Callable[[float], F32], light: Callable[[float], Light]) -> None:
        self._camera, self._size = shot.camera.at, shot.shading_size
        self._last = (shot.frames - 1) / FPS
        self._draw, self._places, self._light = draw, places, light
        self.every = self._spacing()
        self._keys = KeyFrames(self._make, _KEPT)

    def onto(self, t: float, light: Light, picture: F32) -> bool:
        """Composite what is seen at t seconds over the picture; False, and nothing done, where it has to be drawn."""
        if not self.every or not 0 <= t <= self._last:
            return False
        number = math.floor((t * FPS - 0.5) / self.every)
        a = self._keys.at(number)
        b = self._keys.at(number + 1) if t > a.t else a
        share = (t - a.t) / (b.t - a.t) if b is not a else 0.0
        if not _same(_numbers(light), a.light + (b.light - a.light) * np.float32(share)):
            return False
        here = self._seen(t)
        first, second = way_of(here, a.seen), way_of(here, b.seen)
        if (1 - share) * first.strayed + share * second.strayed > BOUND or max(first.moved, second.moved) > PAD:
            return False
        low, high = bounds(here, EVERYWHERE)
        left, top = max(int(low[0]) - _SPREAD, 0), max(int(low[1]) - _SPREAD, 0)
        right, bottom = min(int(high[0]) + _SPREAD, self._size[0]), min(int(high[1]) + _SPREAD, self._size[1])
        if left < right and top < bottom:
            glide(
                a.layer, a.spans, a.place, first.numbers, b.layer, b.spans, b.place, second.numbers, f4(share),
                np.array([left, top, right, bottom], np.int32), np.empty(SCRATCH + 4 * (right - left + RUN), np.float32), picture,
            )  # fmt: skip
        return True

    def _seen(self, t: float) -> F32:
        return self._camera(t).project(np.ascontiguousarray(self._places(t), np.float32), *self._size)

    def _make(self, number: int) -> Key:
        # Half a frame past a frame: none is a key itself, and sharper than its neighbours.
        t = min(max((number * self.every + 0.5) / FPS, 0.0), self._last)
        light, (width, height) = self._light(t), self._size
        drawn = self._draw(t, _padded(self._camera(t), height), light, (width + 2 * PAD, height + 2 * PAD))
        if drawn is None:
            drawn = Drawn(0, 0, np.zeros((1, 1, 4), np.float32), np.zeros((1, 1), np.float32))
        layer, spans = framed(drawn.rgba)
        place = np.array([*layer.shape[:2], drawn.y - PAD - BORDER, drawn.x - PAD - BORDER], np.int32)
        return Key(t, _numbers(light), self._seen(t), layer.reshape(-1), spans, place)

    def _spacing(self) -> int:
        """The widest of SPACINGS that leaves nothing astray at some moments of the film; 0 where none does, or where the light
        flickers: keys would only be drawn besides."""
        strayed, moved, step = 0.0, 0.0, 1 / FPS
        moments = [self._last * (k + 0.5) / _PROBES for k in range(_PROBES)]
        for t in moments:
            here = self._seen(t)
            ways = [way_of(here, self._seen(t + side)) for side in (-step, step)]
            strayed, moved = max(strayed, *(way.strayed for way in ways)), max(moved, *(way.moved for way in ways))
        # From one frame aside to half way between keys what strays grows in proportion; all the way there, what moves.
        fits = (every for every in SPACINGS if 0.5 * every * strayed <= BOUND and every * moved <= PAD)
        every = next(fits, 0)
        lit = (
            [_numbers(self._light(t + side)) for side in (-0.5 * every * step, 0.0, 0.5 * every * step)]
            for t in moments
        )
        return every if sum(_same(now, a + (b - a) * np.float32(0.5)) for a, now, b in lit) >= _PROBES - 1 else 0


def _padded(camera: Camera, height: int) -> Camera:
    """The same view with PAD pixels more on every side."""
    part = height / (height + 2 * PAD)
    horizon = (camera.horizon * height + PAD) / (height + 2 * PAD)
    return replace(camera, focal=camera.focal * part, horizon=horizon, pan=camera.pan * part)


def _numbers(light: Light) -> F32:
    """What a light does to a surface, in few numbers."""
    around = light.environment[-1].reshape(-1)[:: max(light.environment[-1].size // 48, 1)]
    return np.concatenate([light.key, light.sky, light.bounce, light.haze, [light.night], around]).astype(np.float32)


def _same(now: F32, other: F32) -> bool:
    return float(np.abs(now - other).max()) <= _SAME_LIGHT * float(now.max())


def way_of(here: F32, there: F32) -> Way:
    """The map by 1, x, y, x², xy and y² that fits best: it holds the drift, tilting, and a stem that sways.

    Args:
        here, there: (N, 3) the same vertices in two moments: pixels, 1/depth.
    """
    nearest = 1 / NEAR
    if not len(here) or float(here[:, 2].max()) >= nearest or float(there[:, 2].max()) >= nearest:
        return Way(np.zeros(16, np.float32), math.inf, math.inf)
    some = slice(None, None, max(len(here) // _SAMPLED, 1))
    middle = here[some, :2].mean(axis=0, dtype=np.float64)
    scale = 1 / np.maximum(np.abs(here[some, :2] - middle).max(axis=0), 1.0)
    x, y = ((here[some, :2] - middle) * scale).T
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    found = np.linalg.lstsq(terms, there[some, :2].astype(np.float64), rcond=None)[0]
    numbers = np.concatenate([*found.T, middle, scale]).astype(np.float32)
    return Way(numbers, *_tried(here, there, numbers))


@lean
def _tried(here: F32, there: F32, way: F32) -> tuple[float, float]:
    """How far the map leaves the worst vertex from its place, and how far the fastest moves: the larger of both axes."""
    strayed, moved = f4(0), f4(0)
    for k in range(here.shape[0]):
        x, y = (here[k, 0] - way[12]) * way[14], (here[k, 1] - way[13]) * way[15]
        u = way[0] + (way[1] + way[3] * x + way[4] * y) * x + (way[2] + way[5] * y) * y
        v = way[6] + (way[7] + way[9] * x + way[10] * y) * x + (way[8] + way[11] * y) * y
        strayed = max(strayed, abs(u - there[k, 0]), abs(v - there[k, 1]))
        moved = max(moved, abs(there[k, 0] - here[k, 0]), abs(there[k, 1] - here[k, 1]))
    return strayed, moved
