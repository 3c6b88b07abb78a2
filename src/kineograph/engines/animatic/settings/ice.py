"""The arctic sea: floes of ice in dark water, icebergs behind them; whoever is there stands on the nearest floe."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.noise import spectral, wander
from kineograph.engines.animatic.settings.base import Layer, Picture
from kineograph.engines.animatic.settings.floor import Floor
from kineograph.engines.animatic.settings.lake import Lake
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.place import Parts, Place
from kineograph.engines.animatic.settings.rocks import face, hazed
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot

F64 = NDArray[np.float64]
_ICE, _EDGE = (0.64, 0.68, 0.74), (0.26, 0.50, 0.62)
_BERG = (0.56, 0.66, 0.76)
_FAR = 320.0  # metres to which floes are drawn


def build(shot: Shot) -> Place:
    """The arctic sea of a shot."""
    rng = shot.rng("ice")
    canvas, sky = Canvas.of(shot), Sky(shot, ground=(0.45, 0.52, 0.60))
    light = sky.light(0.0)
    unit = float(np.clip(shot.rest.y / 1.6, 0.3, 2.0))
    water = Lake(shot, sky, rng, rough=1.6)

    def fill(t: float, camera: Camera, now: Light, out: Picture) -> None:
        water.fill(t, camera, now, out)

    bergs = [_berg(shot, canvas, light, z * unit, rng) for z in (260.0, 150.0)]
    floes = _floes(shot, canvas, light, unit, rng)
    return Place(
        shot,
        sky,
        Parts(back=bergs, between=[fill], near=[floes], waterline=water.line),
        Weather(shot, mist=0.5, ground=False),
    )


def _berg(shot: Shot, canvas: Canvas, light: Light, z: float, rng: np.random.Generator) -> Layer:
    """Two or three icebergs on a far line of the sea, kept off the hero."""
    scale = canvas.focal / z
    u = (np.arange(canvas.width) - canvas.axis) / canvas.frame[0]
    top = np.zeros(canvas.width)
    hero = canvas.column(shot.placements[0].x, shot.placements[0].z) if shot.placements else -9e9
    for _ in range(3):
        at = float(rng.uniform(-0.5, 0.5))
        if abs(at * canvas.frame[0] + canvas.axis - hero) < 0.12 * canvas.frame[0]:
            at = -at
        wide, high = float(rng.uniform(0.05, 0.12)), float(rng.uniform(0.04, 0.13)) * canvas.frame[1]
        d = np.abs(u - at) / wide
        peaks = np.abs(wander((u * 30 + at * 40).astype(np.float32), rng))
        top = np.maximum(top, high * np.clip((1 - d) * 2.2, 0, 1) * np.clip(0.55 + 0.30 * peaks, 0.3, 1.2) * (d < 1))
    rows = np.arange(canvas.height, dtype=np.float32)[:, None] + 0.5
    foot = canvas.row(0.0, z)
    cover = np.clip(rows - (foot - top[None]) + 0.5, 0, 1) * np.clip(foot + 1 - rows, 0, 1) * (top[None] > 0.5)
    pixels = face(cover.astype(np.float32), max(9.0 * scale, 0.045 * canvas.frame[1]), light, rng, _BERG, round_=0.5)
    plain = np.array(_BERG) * (light.sky * 0.8 + light.key * 0.35)
    pixels[..., :3] = 0.35 * pixels[..., :3] + 0.65 * pixels[..., 3:] * plain
    return Layer(hazed(pixels, light, z * 0.5), np.full(canvas.height, z, np.float32))


def _floes(shot: Shot, canvas: Canvas, light: Light, unit: float, rng: np.random.Generator) -> Layer:
    """Plates of ice on the water, a large one under the cast, each with a thick blue edge towards us."""
    floor = Floor.of(canvas, _FAR)
    tile = spectral(256, 3.2, rng, lo=4, hi=40)
    fine = spectral(256, 2.0, rng, lo=8)
    z = np.broadcast_to(floor.z[:, None], floor.x.shape)
    field = floor.noise(tile, 7.0 / unit, squash=1.6) + 0.25 * floor.noise(fine, 9.0 / unit) - 0.25
    for p in shot.placements:
        reach = np.hypot((floor.x - p.x) / (1.9 * p.height), (z - p.z) / (1.5 * p.height))
        field = np.maximum(field, 2.6 * (1.15 - reach) + 0.22 * floor.noise(tile, 24.0 / unit))
    sharp = np.minimum(floor.scale * unit * 0.5, 40.0)[:, None]
    top = np.clip(field * np.maximum(sharp, 3.0) + 0.5, 0, 1) * floor.cover[:, None]
    rows, columns = np.mgrid[0 : canvas.height, 0 : canvas.width].astype(np.float32)
    thick = (0.20 * unit * floor.scale).astype(np.float32)[:, None]
    flat = top.astype(np.float32)
    wall = np.maximum(*(cv2.remap(flat, columns, rows - k * thick, cv2.INTER_LINEAR) for k in (0.5, 1.0)))
    relief = floor.slopes(fine, 12 / unit, 0.03 * unit)
    grain = 1 + 0.05 * floor.noise(fine, 60 / unit)
    snow = np.array(_ICE) * floor.lit(relief, light, wrap=0.2) * grain[..., None]
    edge = np.array(_EDGE) * (light.sky * 0.9 + light.key * 0.25)
    cover = np.maximum(top, wall)[..., None]
    colour = (edge * (1 - top[..., None]) + snow * top[..., None]) * np.ones_like(cover)
    layer = floor.layer(colour, light)
    layer.pixels[:] *= cover.astype(np.float32)
    return layer
