"""Desert: dunes with slip faces and wind ripples, and air that shimmers over them by day."""

from __future__ import annotations

import cv2
import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.noise import F32, spectral
from kineograph.engines.animatic.settings.base import Layer, Picture
from kineograph.engines.animatic.settings.floor import Floor
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.place import Parts, Place
from kineograph.engines.animatic.settings.props import standing
from kineograph.engines.animatic.settings.relief import dunes
from kineograph.engines.animatic.settings.road import grounds
from kineograph.engines.animatic.settings.terrain import Range, raise_range
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot

Triple = tuple[float, float, float]
_SANDS: tuple[Triple, ...] = ((0.47, 0.27, 0.13), (0.52, 0.34, 0.19), (0.46, 0.21, 0.095), (0.54, 0.43, 0.32))
_SNOWED: Triple = (0.72, 0.74, 0.79)
# Ranges of dunes, far to near: metres from the eye to where they begin and end, height, metres to a tile.
_RANGES = ((56.0, 150.0, 9.5, 110.0), (20.0, 58.0, 5.2, 64.0), (8.0, 21.0, 2.1, 36.0), (2.4, 8.5, 0.75, 22.0))
_SHIMMER = 0.0016  # frame heights by which hot air shifts what is behind it


def build(shot: Shot) -> Place:
    """The desert of a shot."""
    rng = shot.rng("desert")
    sand = _SANDS[int(rng.integers(len(_SANDS)))]
    if shot.spec.weather == "snow":
        sand = _SNOWED
    sky = Sky(shot, ground=sand)
    light, canvas = sky.light(0.0), Canvas.of(shot)
    back = [_ground(canvas, light, sand, rng), *_dunes(shot, canvas, light, sand, rng)]
    back += [*grounds(shot, canvas, light), *standing(shot, canvas, light)]
    windy = shot.spec.weather in ("clear", "cloud", "wind", "storm")
    hot = shot.sun_elevation > 18 and shot.spec.weather in ("clear", "cloud", "wind")
    tile = spectral(64, 2.6, shot.rng("heat"), lo=2)

    def shimmer(t: float, camera: Camera, light: Light, out: Picture) -> None:  # noqa: ARG001  (a Paint)
        _heat(t, camera, out, tile)

    parts = Parts(back=back, between=[shimmer] if hot else [])
    return Place(shot, sky, parts, Weather(shot, extra=("dust",) if windy else (), mist=0.5, ground=False))


def _dunes(shot: Shot, canvas: Canvas, light: Light, sand: Triple, rng: np.random.Generator) -> list[Layer]:
    """Ranges of dunes from the far to the near, beginning behind the cast."""
    unit = float(np.clip(canvas.rest.y / 1.6, 0.3, 4.0))
    half = canvas.frame[0] / canvas.frame[1] / 2 / canvas.rest.focal
    hero = max((p.z for p in shot.placements), default=0.0)
    side = float(rng.choice([-1, 1]))
    pale = tuple(min(c * 1.10 + 0.015, 0.9) for c in sand)
    out = []
    for number, (near, far, height, period) in enumerate(_RANGES):
        begin = max(near * unit, hero * 1.5)
        if begin > far * unit * 0.8 or (number == len(_RANGES) - 1 and shot.placements):
            continue
        peak = side * float(rng.uniform(0.2, 0.8)) * half * (-1) ** number
        high = height * unit * float(rng.uniform(0.85, 1.2)) * (1.35 if shot.placements else 1.0)
        one = Range(
            begin, far * unit, high, period * unit, peak, half, 0.42, sand,
            (pale[0], pale[1], pale[2]), grit=0.12, ripple=0.8 / unit,
        )  # fmt: skip
        out.append(raise_range(canvas, one, dunes(rng), light, rng)[0])
    return out


def _ground(canvas: Canvas, light: Light, sand: Triple, rng: np.random.Generator) -> Layer:
    """Flat sand with ripples that the wind drew across it."""
    unit = 1 / float(np.clip(canvas.rest.y / 1.6, 0.25, 2.5))
    floor = Floor.of(canvas, 26.0 / unit)
    soft, fine = spectral(256, 2.8, rng, lo=3), spectral(512, 2.0, rng, lo=8)
    bend = floor.noise(soft, 7 * unit) * 1.9 + floor.noise(soft, 22 * unit) * 0.5
    # Crests a hand apart, bent by the ground; they fade where two of them share a pixel.
    apart = 0.13 / unit
    phase = floor.z[:, None] / apart * 2 * np.pi + floor.x / apart * 1.3 + bend
    seen = np.clip(floor.scale * apart / 9 * np.minimum(1, floor.scale * apart / 5) - 0.25, 0, 1)[:, None]
    wave = (np.cos(phase) + 0.35 * np.cos(2 * phase + 0.8)) * seen * (0.7 + 0.3 * floor.noise(soft, 12 * unit))
    swell = floor.slopes(soft, 10 * unit, 0.035 / unit)
    grain = floor.noise(fine, 260 * unit)
    slopes = (swell[0] + 0.045 * wave.astype(np.float32), swell[1] + 0.17 * wave.astype(np.float32))
    albedo = np.array(sand, np.float32) * (1 + 0.07 * grain + 0.05 * floor.noise(soft, 25 * unit))[..., None]
    return floor.layer(albedo * floor.lit(slopes, light), light)


def _heat(t: float, camera: Camera, out: Picture, tile: F32) -> None:
    """Let what is near the horizon tremble."""
    height, width = out.shape[:2]
    middle = camera.horizon * height
    top, bottom = max(round(middle - 0.045 * height), 0), min(round(middle + 0.06 * height), height)
    if bottom - top < 8:
        return
    rows = np.arange(bottom - top, dtype=np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)[None]
    fade = np.clip(np.minimum(rows, bottom - top - 1 - rows) / (0.02 * height), 0, 1)
    u = (columns / height * 60).astype(np.float32) % 63
    v = ((rows / height * 240) + t * 34).astype(np.float32) % 63
    u, v = np.broadcast_to(u, fade.shape[:1] + u.shape[1:]), np.broadcast_to(v, v.shape[:1] + u.shape[1:])
    push = cv2.remap(tile, np.ascontiguousarray(u), np.ascontiguousarray(v), cv2.INTER_LINEAR) * (
        fade * np.float32(_SHIMMER * height)
    )
    x = (columns + push * 0.6).astype(np.float32)
    y = (rows + push).astype(np.float32)
    out[top:bottom] = cv2.remap(out[top:bottom], x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
