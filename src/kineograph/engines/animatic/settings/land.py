"""Sky and land for every prompt without a place of its own: ranges of hills behind a plain or a lake, in the right mood."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.noise import spectral
from kineograph.engines.animatic.settings import lakeside, meadow, woods
from kineograph.engines.animatic.settings.base import Layer, Picture
from kineograph.engines.animatic.settings.floor import Floor
from kineograph.engines.animatic.settings.grass import Turf, band, pick, season, slopes, snowed, turf
from kineograph.engines.animatic.settings.hills import wooded
from kineograph.engines.animatic.settings.knoll import knoll
from kineograph.engines.animatic.settings.lake import Lake
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.peaks import mountains
from kineograph.engines.animatic.settings.place import Parts, Place
from kineograph.engines.animatic.settings.props import standing
from kineograph.engines.animatic.settings.road import REACH, Way, grounds, on_road, rail, way_of
from kineograph.engines.animatic.settings.terrain import Range
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot

F64 = NDArray[np.float64]
_BENT = {"storm": 0.5, "wind": 0.3}  # how far the wind lays the grass over
GROUND = (0.11, 0.13, 0.06)
_EDGES = (1.0, 2.0, 4.4, 11.0)


def build(shot: Shot) -> Place:
    """The land of a shot; with a river or a waterfall the place that is made of one."""
    if "waterfall" in shot.spec.looks:
        return lakeside.build(shot)
    if "river" in shot.spec.looks:
        return meadow.build(shot)
    rng = shot.rng("land")
    canvas, looks = Canvas.of(shot), shot.spec.looks
    sky = Sky(shot, ground=GROUND)
    light = sky.light(0.0)
    coast = "coastal_road" in looks
    lake = coast or (not shot.placements and not looks and _wet(shot, float(rng.random())))
    plants, leaves = season(turf(shot.rest.y * 0.13, rng, bloom=0.010), pick("leaves", rng), looks)
    plants = replace(plants, bent=_BENT.get(shot.spec.weather, 0.0))
    if shot.spec.weather == "snow":
        plants = snowed(plants)
    nearest = canvas.rest.focal * shot.rest.y / (1 - canvas.rest.horizon + 0.09)
    far = _far(shot, canvas, leaves, light, rng, lake=lake)
    ground = _ground(canvas, nearest, plants, light, rng, lake=lake and not coast)
    feet = [] if on_road(shot) or "launch" in looks else _before(shot, canvas, plants, light, rng)
    weather = Weather(shot, mist=0.5, ground=False)
    extra = [*grounds(shot, canvas, light), *standing(shot, canvas, light)]
    hill = knoll(shot, canvas, plants.grass * 0.8, leaves, light, rng) if "hill" in looks else None
    if not lake:
        parts = Parts(back=[*far, *ground[::-1], *extra], front=[hill] if hill else feet, grounded=hill is None)
        return Place(shot, sky, parts, weather)
    if coast:
        way = way_of(shot)
        ground = [_ashore(canvas, layer, way, rng) for layer in ground[::-1]]
        extra.append(rail(canvas, way, light))
    water = Lake(shot, sky, rng, rough=2.0 if coast else 1.0)

    def fill(t: float, camera: Camera, now: Light, out: Picture) -> None:
        low = 1.0 if coast else camera.horizon + camera.y * camera.focal / max(nearest - camera.z, 0.3)
        water.fill(t, camera, now, out, min(round(low * len(out)), len(out)))  # the hither shore hides the rest

    parts = Parts(back=far, between=[fill], near=[*ground, *extra], front=feet, waterline=water.line)
    return Place(shot, sky, parts, weather)


def _far(shot: Shot, canvas: Canvas, leaves: F64, light: Light, rng: np.random.Generator, *, lake: bool) -> list[Layer]:
    """Ranges behind the plain or the lake; beyond a coastal road only a headland in the sea."""
    looks = shot.spec.looks
    if "coastal_road" in looks:
        half = canvas.frame[0] / canvas.frame[1] / 2 / canvas.rest.focal
        side = -math.copysign(1.0, shot.sun_azimuth)
        cape = Range(700, 1700, 90, 1500, side * 1.0 * half, 0.55 * half, 0.0, (0.06, 0.085, 0.04), (0.17, 0.14, 0.11))
        return wooded(canvas, [cape], light, leaves, rng, trees=(18,))
    if "snow_peaks" in looks:
        spruces = [woods.spruce(300, light, rng, 0.0) for _ in range(3)]
        return mountains(shot, canvas, light, spruces, rng, snowy=shot.spec.weather == "snow")
    ranges = [one for one in _ranges(shot, canvas, rng, lake=lake) if one.near * light.haze_density < 6]
    if "valley" in looks:
        ranges = _valley(canvas, ranges)
    crowd = 3 if "autumn" in looks else 1  # the wood is what the autumn is about
    trees = (0, 24 * crowd, 26 * crowd)[3 - len(ranges) :]
    single = 0 if lake or "launch" in looks else 2 * crowd
    return wooded(canvas, ranges, light, leaves, rng, trees=trees, single=single)


def _valley(canvas: Canvas, ranges: list[Range]) -> list[Range]:
    """Slopes on both sides instead of hills across: each range twice, rising to the edges of the frame."""
    half = canvas.frame[0] / canvas.frame[1] / 2 / canvas.rest.focal
    far, *near = ranges
    sides = [
        replace(one, height=one.height * 2.6, peak=side * 1.05 * half, spread=0.50 * half, base=0.0)
        for one in near
        for side in (-1.0, 1.0)
    ]
    return [replace(far, peak=0.1 * half), *sides]


def _ashore(canvas: Canvas, layer: Layer, way: Way, rng: np.random.Generator) -> Layer:
    """Ground only on this side of a cliff's edge, a little beyond the road."""
    floor = Floor.of(canvas, REACH)
    z = np.broadcast_to(floor.z[:, None], floor.x.shape)
    edge = way.across(floor.x, z) + way.half + 1.8 + 0.4 * floor.noise(spectral(256, 2.2, rng, lo=4), 9.0)
    cover = np.clip(edge * floor.scale[:, None] * 0.5 + 0.5, 0, 1) * floor.cover[:, None]
    rock = np.clip(1 - edge / 0.5, 0, 1)[..., None] * 0.6
    pixels = layer.pixels * cover[..., None]
    pixels[..., :3] *= 1 - rock
    return replace(layer, pixels=np.ascontiguousarray(pixels, np.float32))


def _wet(shot: Shot, chance: float) -> bool:
    """A lake where the words name water, none where they name dry land, else half the time."""
    words = " ".join(word for said in shot.spec.words.values() for word in said).lower()
    if any(word in words for word in ("lake", "river", "pond", "湖", "河")):
        return True
    return chance < 0.5 and not any(word in words for word in ("plain", "hill", "countryside", "平原", "丘"))


def _ranges(shot: Shot, canvas: Canvas, rng: np.random.Generator, *, lake: bool) -> list[Range]:
    """Mountains or blue hills far off, hills before them, drawn by seed; far to near."""
    side = float(rng.choice([-1, 1]))
    half = canvas.frame[0] / canvas.frame[1] / 2 / canvas.rest.focal
    high = float(rng.uniform(500, 1250)) * (1.15 if lake else 0.9)
    rock, turf_ = (0.13, 0.125, 0.13), (0.10, 0.115, 0.085)
    peak = side * float(rng.uniform(0.3, 0.7)) * half
    out = [
        Range(2400, 6500, high, 6800, peak, 0.7 * half, 0.42, turf_, rock, 0.42 if high > 850 else 9.0),
        Range(600, 2000, 130, 1900, -peak, half, 0.30, (0.05, 0.085, 0.035), (0.10, 0.13, 0.05)),
        Range(150, 560, 26, 760, peak * 1.2, 0.8 * half, 0.15, (0.07, 0.115, 0.03), (0.16, 0.18, 0.055)),
    ]
    turned = slopes(shot.spec.looks)
    if turned is not None:
        out = [out[0], *(replace(one, low=turned[0], high=turned[1]) for one in out[1:])]
    if shot.spec.weather == "snow":
        out = [replace(one, snow=-0.5) for one in out]
    return out


def _ground(
    canvas: Canvas, nearest: float, plants: Turf, light: Light, rng: np.random.Generator, *, lake: bool
) -> list[Layer]:
    """A plain of short grass to the hills' feet, or the near shore of a lake."""
    wide = max(0.6, canvas.width / canvas.height / 1.6)
    if lake:
        shore = nearest * float(rng.uniform(1.12, 1.28))
        return [band(canvas, nearest * 0.9, shore, int(5200 * wide), plants, light, rng, wind=0.9)]
    out = []
    for k in range(3):
        near, far = nearest * _EDGES[k], nearest * _EDGES[k + 1]
        out.append(
            band(canvas, near, far, int((7500, 8500, 9000)[k] * wide), plants, light, rng, wind=(0.8, 0.5, 0.2)[k])
        )
    far = nearest * _EDGES[-1]
    out.append(band(canvas, far, far * 6, int(8000 * wide), plants, light, rng, wind=0.0))
    return out


def _before(shot: Shot, canvas: Canvas, plants: Turf, light: Light, rng: np.random.Generator) -> list[Layer]:
    feet = min((p.z for p in shot.placements), default=math.inf)
    if feet == math.inf:
        return []
    low = replace(plants, height=plants.height * 0.6)
    wide = max(0.6, canvas.width / canvas.height / 1.6)
    return [band(canvas, feet * 0.92, feet * 0.985, int(1200 * wide), low, light, rng, soil=False, wind=0.8)]
