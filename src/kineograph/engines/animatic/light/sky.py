"""The one sky: what is seen above, and the light everything else is lit by."""

from __future__ import annotations

import math
import threading
from dataclasses import replace

import cv2
import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.keys import KeyFrames
from kineograph.engines.animatic.light import celestial, clouds
from kineograph.engines.animatic.light.air import COVER, DRIFT, SHEET, Air, air
from kineograph.engines.animatic.light.drift import drifted
from kineograph.engines.animatic.light.environment import LEVELS, environment_of, lookup
from kineograph.engines.animatic.light.lightning import Lightning
from kineograph.engines.animatic.light.march import LATER, around, march, still
from kineograph.engines.animatic.light.rig import Light, between
from kineograph.engines.animatic.light.sights import sights
from kineograph.engines.animatic.light.tables import grade_of, weather_of
from kineograph.engines.animatic.noise import F32, Real, f4, helper, lean, spectral
from kineograph.engines.animatic.shot import Shot, pace

FPS = 24
EVERY = 1.25  # seconds between key frames of the clouds, at most; the wind carries both to where they are now, and they are mixed
RUSH = 9.0  # in a time lapse clouds go so much faster; so many more key frames are drawn
TURN = 4.0  # degrees the sun may move from one key frame to the next
# Height in km and dip of the layer that is seen to drift, as march.py draws it: torn evening clouds, cumulus, the sheet.
_TORN, _HEAPED, _CLOSED = (1.25, 0.075), (2.0, 0.0), (2.44, 0.11)
COARSE = 2  # key frames are this much smaller than the shaded picture, at least,
ROWS = 320  # and no more to a frame than that: clouds are soft
SUN_RADIUS = 0.025  # of the tangent plane
_1 = np.uint64(1)
_KEPT = 4  # key frames in memory: two threads never need more
VEILED = 0.38  # optical depth of the air before the hero, at most: two thirds of its contrast stay


@helper
def _between(key: F32, v: Real, row: F32) -> None:
    """The key frame between two of its rows: four planes of numbers in `row`."""
    j = int(v)
    b = f4(v - f4(j))
    for i in range(key.shape[1]):
        for c in range(4):
            row[i, c] = key[j, i, c] + (key[j + 1, i, c] - key[j, i, c]) * b


@lean
def _paint(
    key: F32, plate: F32, dark: Real, window: F32, view: F32, disc: F32, flash: Real, bottom: int, row: F32, out: F32
) -> None:
    """view: focal in pixels, column of the axis, row of the horizon. disc: x, y, radius (tangent), colour.
    row: scratch, (columns of the key, 4)."""
    w = out.shape[1]
    kh, kw = key.shape[0], key.shape[1]
    sx = f4(kw) / (window[1] - window[0])
    sy = f4(kh) / (window[3] - window[2])
    px = f4(plate.shape[1] / kw)
    py = f4(plate.shape[0] / kh)
    soft = f4(1.2) / view[0]
    most = f4(kw - 1.001)
    wide = disc[2] * disc[2] * f4(1.3)
    for y in range(bottom):
        e = (view[2] - (f4(y) + f4(0.5))) / view[0]
        v = min(max((window[3] - e) * sy - f4(0.5), f4(0)), f4(kh - 1.001))
        _between(key, v, row)
        start, step = (f4(0.5) - view[1]) / view[0], f4(1) / view[0]
        for x in range(np.uint64(w)):
            u = min(max((start + f4(np.int32(x)) * step - window[0]) * sx - f4(0.5), f4(0)), most)
            i = np.uint64(np.int32(u))
            c = u - f4(np.int32(u))
            left = row[i, 3] + (row[i + _1, 3] - row[i, 3]) * c
            gain = f4(1) + flash * (f4(1) - left * f4(0.7))
            out[y, x, 0] = (row[i, 0] + (row[i + _1, 0] - row[i, 0]) * c) * gain
            out[y, x, 1] = (row[i, 1] + (row[i + _1, 1] - row[i, 1]) * c) * gain
            out[y, x, 2] = (row[i, 2] + (row[i + _1, 2] - row[i, 2]) * c) * gain
        dy = e - disc[1]
        lit, starry = dy * dy < wide, dark > f4(0)
        if not (lit or starry):
            continue
        for x in range(w):
            a = start + f4(x) * step
            u = min(max((a - window[0]) * sx - f4(0.5), f4(0)), most)
            left = row[int(u), 3] + (row[int(u) + 1, 3] - row[int(u), 3]) * (u - f4(int(u)))
            dx = a - disc[0]
            if dx * dx + dy * dy < wide:
                sun = min(max((disc[2] - math.sqrt(dx * dx + dy * dy)) / soft + f4(0.5), f4(0)), f4(1)) * math.sqrt(
                    math.sqrt(left)
                )
                for k in range(3):
                    out[y, x, k] += sun * disc[3 + k]
            if starry:
                _add_plate(
                    plate, u * px, v * py, left * left * dark, out[y, x]
                )  # squared: no star before a cloud's rim


@helper
def _add_plate(plate: F32, u: Real, v: Real, k: Real, out: F32) -> None:
    u = min(u + f4(0.5), f4(plate.shape[1] - 1.001))
    v = min(v + f4(0.5), f4(plate.shape[0] - 1.001))
    i = int(u)
    j = int(v)
    c = f4(u - i)
    b = f4(v - j)
    for q in range(3):
        top = plate[j, i, q] * (f4(1) - c) + plate[j, i + 1, q] * c
        low = plate[j + 1, i, q] * (f4(1) - c) + plate[j + 1, i + 1, q] * c
        out[q] += (top * (f4(1) - b) + low * b) * k


class Sky:
    """Sky, clouds and light rig of one shot.

    Args:
        shot: Gives elevation, azimuth, cover, weather, wind and palette.
        ground: Albedo (3,) of what lies below, for bounce and environment.
    """

    def __init__(self, shot: Shot, ground: tuple[float, float, float] = (0.16, 0.15, 0.11)) -> None:
        self._shot = shot
        self._seconds = shot.seconds
        self._weather = weather_of(shot.spec.weather)
        lapse = shot.spec.tempo == "lapse"
        self._rush = RUSH / pace(shot.spec) if lapse else 1.0
        turns, most = abs(shot.sun_elevation_to - shot.sun_elevation), 2 * EVERY / self._rush if lapse else EVERY
        self._every = self._seconds / max(math.ceil(self._seconds / most), math.ceil(turns / TURN))
        self._thick = _thick(shot, self._weather.sight)
        self._grade = grade_of(shot.spec.time, shot.grade)
        self._grade_to = grade_of(shot.spec.time_to or shot.spec.time, shot.grade)
        self._ground = np.array(ground, np.float32)
        rng = shot.rng("sky")
        self._moon = self._place_moon(rng)
        self._drift = self._draw_drift(rng)
        self.window = _window(shot)
        self._turns = abs(shot.sun_elevation - shot.sun_elevation_to) >= 0.5  # the light changes
        self._airs: dict[float, Air] = {}
        self._bake(shot.rng("clouds"))
        self._tiles = (
            spectral(512, 2.6, rng, 3),
            spectral(512, 2.2, rng, 6),
            spectral(256, 2.2, rng, 6),
            spectral(1024, 3.0, rng, 5) if self._torn > -5 else np.zeros((2, 2), np.float32),
        )
        self._plate = self._paint_plate(shot.rng("stars"))
        self._lightning = Lightning.of(shot) if shot.spec.weather == "storm" else None
        self._sights = sights(shot, self._flash)
        self._keys, self._backs = (KeyFrames(make, _KEPT) for make in (self._make_key, self._make_back))
        self._lights = self._make_lights()

    # -- what others use -------------------------------------------------------------------------------------------

    def light(self, t: float) -> Light:
        """The light rig at t seconds."""
        flash = self._flash(t)
        place = self._progress(t) * (len(self._lights) - 1)
        i = min(int(place), len(self._lights) - 1)
        light = (
            self._lights[i] if i == len(self._lights) - 1 else between(self._lights[i], self._lights[i + 1], place - i)
        )
        if not flash:
            return light
        lit = np.float32(1 + flash)
        return replace(
            light,
            sky=light.sky * lit,
            haze=light.haze * np.float32(1 + 0.6 * flash),
            environment=light.environment * lit,
        )

    def radiance(self, directions: F32, t: float = 0.0) -> F32:
        """Radiance (K, 3) from unit directions (K, 3): sky and average cloud above, lit ground below, no disc."""
        here = self._air(t)
        ground = self._ground * (here.key * max(float(here.direction[1]), 0.0) + here.ambient)
        return around(here.table, here.numbers, ground.astype(np.float32), directions)

    def paint(self, t: float, camera: Camera, out: F32, bottom: int | None = None, picture: F32 | None = None) -> None:
        """Paint the sky into rows 0…bottom of `out` (height, width, 3); rows below the horizon repeat it. `picture`: that of
        the moment, from whoever needs it too."""
        h, w = out.shape[:2]
        focal = camera.focal * h
        view = np.array([focal, w * 0.5 - camera.pan * h, camera.horizon * h], np.float32)
        here = self._air(t)
        s = here.sunward
        ahead = max(float(s[2]), 1e-3)
        disc = np.array(
            [s[0] / ahead, s[1] / ahead, SUN_RADIUS if s[2] > 0.05 and s[1] > -0.06 else 0, *here.sun], np.float32
        )
        dark = np.float32(np.clip((-self._elevation(t) - 4) / 8, 0, 1) if len(self._plate) > 2 else 0)
        key = self.picture(t) if picture is None else picture
        last = h if bottom is None else bottom
        row = np.empty((key.shape[1], 4), np.float32)
        _paint(key, self._plate, dark, self.window, view, disc, np.float32(self._flash(t)), last, row, out)
        for sight in self._sights:
            sight(t, camera, h, out[:last])

    def render(self, camera: Camera, size: tuple[int, int], t: float) -> F32:
        """The sky alone as a picture; `size` is (width, height)."""
        out = np.empty((size[1], size[0], 3), np.float32)
        self.paint(t, camera, out)
        return out

    def picture(self, t: float) -> F32:
        """Coarse radiance and star transmittance (h, w, 4) over `window`, without disc and stars: for mirrors."""
        place = t / self._every
        i = math.floor(place + 1e-6)
        share = max(place - i, 0.0)
        first = self._keys.at(i)
        second = self._keys.at(i + 1) if share > 1e-6 else first
        back = self._backs.at(i if self._turns else 0)
        if self._turns and share > 1e-6:
            back = np.asarray(cv2.addWeighted(back, 1 - share, self._backs.at(i + 1), share, 0), np.float32)
        gone, coming = share * self._every, (share - 1) * self._every
        right, ahead = self._drift
        wind = np.array([right * gone, ahead * gone, right * coming, ahead * coming, *self._layer], np.float32)
        return drifted(first, second, back, self.window, wind, share)

    def sun(self, t: float) -> tuple[F32, F32]:
        """Direction (3,) and radiance (3,) of what glitters on water: the sun's disc, or the moon at night."""
        here = self._air(t)
        if here.night > 0.05:
            return here.direction, here.key * np.float32(6)
        return here.sunward, here.sun

    # -- how it is made --------------------------------------------------------------------------------------------

    def _progress(self, t: float) -> float:
        return min(max(t / self._seconds, 0.0), 1.0)

    def _elevation(self, t: float) -> float:
        a, b = self._shot.sun_elevation, self._shot.sun_elevation_to
        return a + (b - a) * self._progress(t)

    def _air(self, t: float) -> Air:
        """Airs are kept on a grid of a quarter of a degree: what changes less is not seen."""
        elevation = round(self._elevation(t) * 4) / 4
        found = self._airs.get(elevation)
        if found is None:
            grade = self._grade if self._progress(t) < 0.5 else self._grade_to
            found = air(elevation, math.radians(self._shot.sun_azimuth), self._moon, self._weather, grade)
            found.numbers[COVER] = self._cover
            found.numbers[SHEET, 3] = self._torn
            found.numbers[DRIFT, 0] = self._drift[1]
            found.numbers[DRIFT, 3] = 0.12
            self._airs[elevation] = found  # two threads may both make it: the same numbers either way
        return found

    def _place_moon(self, rng: np.random.Generator) -> tuple[float, float]:
        """Azimuth and elevation, radians: on a third of the frame, opposite the sun's side."""
        rest, aspect = self._shot.rest, self._shot.width / self._shot.height
        if "moon" in self._shot.spec.effects:  # beside the hero's head, clear of clouds and mountains
            hero = next(iter(self._shot.placements), None)
            across = (hero.x - rest.x) / max(hero.z - rest.z, 0.1) * rest.focal if hero else 0.0
            away = -math.copysign(1.0, across) if abs(across) > 0.02 else float(rng.choice((-1.0, 1.0)))
            x = away * float(rng.uniform(0.20, 0.30)) * aspect / rest.focal
            y = (rest.horizon - float(rng.uniform(0.11, 0.15))) / rest.focal
            return math.atan(x), math.atan(y * math.cos(math.atan(x)))
        side = -math.copysign(1.0, self._shot.sun_azimuth)
        x = side * rng.uniform(0.10, 0.32) * aspect / rest.focal
        y = rng.uniform(0.45, 0.72) * rest.horizon / rest.focal
        return math.atan(x), math.atan(y * math.cos(math.atan(x)))

    def _draw_drift(self, rng: np.random.Generator) -> tuple[float, float]:
        wind = self._shot.wind * self._weather.gust
        across = rng.choice([-1, 1]) * rng.uniform(0.8, 1.2) * (0.016 + 0.004 * wind)
        return float(across * self._rush), float(-rng.uniform(0.01, 0.03) * self._rush)

    def _bake(self, rng: np.random.Generator) -> None:
        """Which clouds there are; the brick itself comes later."""
        closed = self._weather.overcast
        low, high = self._weather.cover
        elevation = max(self._shot.sun_elevation, self._shot.sun_elevation_to)
        evening = float(np.clip((16 - elevation) / 8, 0, 1)) * float(np.clip((elevation + 14) / 8, 0, 1))
        # A low sun is seen best through a thin torn layer; heaps of cumulus before it are few.
        self._torn = (
            rng.uniform(-0.75, -0.1) * evening + rng.uniform(-1.7, -0.8) * (1 - evening) if not closed else -9.0
        )
        cover = self._shot.cover * (1 - 0.75 * evening) if not closed else rng.uniform(low, high) if high else 0.0
        cirrus = 0.0 if closed else rng.uniform(0.1, 0.75)
        self._cover = (cover, clouds.BASE, cirrus, self._drift[0])
        self._layer = _CLOSED if closed else _TORN if self._torn > -0.5 else _HEAPED
        self._cloud_rng = rng
        self._bricks: tuple[F32, F32, F32, F32, F32] | None = None
        self._baking = threading.Lock()

    def _baked(self) -> tuple[F32, F32, F32, F32, F32]:
        """The brick, where its clouds are and from what corner on, its transmittance at the beginning and at the end.

        Made when the sky is first looked at: a set that hides it (trees out of focus) only takes its light."""
        with self._baking:
            if self._bricks is None:
                brick = np.zeros((2, 4, 4), np.float32)
                self._bricks = (brick, brick[0], np.zeros(2, np.float32), brick, brick)
                if self._cover[0] > 0.01:
                    brick = clouds.density(self._cover[0], self._cloud_rng)
                    ends = [self._air(0.0).direction, self._air(self._seconds).direction]
                    first = clouds.transmittance(brick, ends[0])
                    same = bool(np.allclose(ends[0], ends[1], atol=0.02))
                    last = first if same else clouds.transmittance(brick, ends[1])
                    self._bricks = (brick, *self._map(clouds.tops(brick)), first, last)
            return self._bricks

    def _map(self, tops: F32) -> tuple[F32, F32]:
        """Where clouds are on all that drifts into the picture, and the corner (2,) it begins at, km."""
        drift = np.array([LATER, LATER + self._seconds + self._every])[:, None] * self._drift
        (left, near), (right, far) = drift.min(0) - 0.1, drift.max(0) + 0.1
        left, right = left + float(self.window[0]) * clouds.FAR, right + float(self.window[1]) * clouds.FAR
        where = clouds.map_of(tops, self._tiles[0], (left, right), (near, far + clouds.FAR))
        return where, np.array([left, near], np.float32)

    def _make_back(self, number: int) -> F32:
        here = self._air(number * self._every)
        return still(here.table, here.numbers, self._tiles[:2], self.window, self._key_size())

    def _make_key(self, number: int) -> F32:
        t = min(number * self._every, self._seconds + self._every)  # as far as the map of clouds goes
        brick, where, corner, first, last = self._baked()
        lit = first
        if last is not first:
            share = np.float32(self._progress(t))
            lit = first * (1 - share) + last * share
        soft, _, detail, torn = self._tiles
        bricks, tiles = (brick, lit, where, corner), (soft, detail, torn)
        picture = march(self._air(t).numbers, bricks, tiles, self.window, self._key_size(), t + LATER)
        return np.asarray(cv2.GaussianBlur(picture, (3, 3), 0.7), dtype=np.float32)

    def _texture(self, coarse: float) -> tuple[int, int]:
        pixels = self._shot.rest.focal * self._shot.shading_size[1] / coarse
        left, right, bottom, top = (float(v) for v in self.window)
        return max(8, round((right - left) * pixels)), max(8, round((top - bottom) * pixels))

    def _key_size(self) -> tuple[int, int]:
        width, height = self._texture(max(COARSE, self._shot.shading_size[1] / ROWS))
        return width | 1, height | 1

    def _paint_plate(self, rng: np.random.Generator) -> F32:
        if min(self._shot.sun_elevation, self._shot.sun_elevation_to) > -4 or self._weather.overcast > 0.5:
            return np.zeros((2, 2, 3), np.float32)
        x = math.tan(self._moon[0])
        at = (x, math.tan(self._moon[1]) * math.hypot(x, 1))
        large = 0.062 / self._shot.rest.focal if "moon" in self._shot.spec.effects else None
        return celestial.plate(self.window, self._texture(1), at, rng, large)

    def _flash(self, t: float) -> float:
        """Lightning, as extra brightness of the sheet; 0 in any other weather."""
        return self._lightning.power(t) if self._lightning else 0.0

    def _make_lights(self) -> list[Light]:
        if not self._turns:
            return [self._light_at(0.0, self._environment(0.0))]
        # Key and sky change fast around the horizon: nine steps. The slow surroundings make do with three.
        around_ = [self._environment(self._seconds * k / 2) for k in range(3)]
        return [self._light_at(self._seconds * k / 8, _mixed(around_, k / 4)) for k in range(9)]

    def _environment(self, t: float) -> F32:
        """What surrounds the set, brought to the brightness of the adapted ambient light (air.py)."""
        environment = environment_of(lambda directions: self.radiance(directions, t))
        up = float(lookup(environment, (0.0, 1.0, 0.0), LEVELS - 1).mean())
        return environment * np.float32(float(self._air(t).ambient.mean()) / max(up, 1e-6))

    def _light_at(self, t: float, environment: F32) -> Light:
        here = self._air(t)
        bounce = self._ground * (here.key * max(float(here.direction[1]), 0.0) + here.ambient)
        return Light(
            direction=here.direction,
            key=here.key,
            sky=here.ambient,
            bounce=bounce.astype(np.float32),
            haze=here.haze,
            haze_density=self._thick,
            environment=environment,
            night=here.night,
            softness=0.07 + 0.5 * self._weather.overcast,
        )


def _thick(shot: Shot, sight: float) -> float:
    """Extinction of the air per metre: the weather's, but never so thick that the hero drowns in it."""
    far = min((p.z - shot.rest.z for p in shot.placements[:1]), default=0.0)
    return min(1 / sight, VEILED / far) if far > 1 else 1 / sight


def _window(shot: Shot) -> F32:
    """Tangent coordinates of all sky the camera will see: left, right, bottom, top."""
    views = (shot.rest, shot.camera.start, shot.camera.end)
    half = shot.width / shot.height / 2
    focal = min(v.focal for v in views)
    left = (-half + min(v.pan for v in views)) / focal - 0.03
    right = (half + max(v.pan for v in views)) / focal + 0.03
    return np.array([left, right, -0.02, max(v.horizon for v in views) / focal + 0.03], np.float32)


def _mixed(steps: list[F32], place: float) -> F32:
    """Linear between the steps at 0, 1, 2…"""
    i = min(int(place), len(steps) - 2)
    share = np.float32(place - i)
    return steps[i] * (1 - share) + steps[i + 1] * share
