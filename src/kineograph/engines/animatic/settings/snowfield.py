"""Snowfield: soft drifts that glitter, firs under snow, white mountains behind."""

from __future__ import annotations

import numpy as np

from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.noise import F32, spectral
from kineograph.engines.animatic.settings import ice, woods
from kineograph.engines.animatic.settings.base import Layer
from kineograph.engines.animatic.settings.floor import Floor
from kineograph.engines.animatic.settings.hills import plant
from kineograph.engines.animatic.settings.layers import Canvas
from kineograph.engines.animatic.settings.peaks import mountains
from kineograph.engines.animatic.settings.place import Parts, Place
from kineograph.engines.animatic.settings.props import standing
from kineograph.engines.animatic.settings.relief import rolling
from kineograph.engines.animatic.settings.road import grounds
from kineograph.engines.animatic.settings.strokes import stamp
from kineograph.engines.animatic.settings.terrain import Range, raise_range
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot

SNOW = (0.60, 0.63, 0.69)  # of fresh snow, less than measured: the film's curve must keep its relief
SHADED = (0.55, 0.60, 0.68)


def build(shot: Shot) -> Place:
    """The snowfield of a shot; on drifting ice the sea between the floes."""
    if "ice_floe" in shot.spec.looks:
        return ice.build(shot)
    rng = shot.rng("snowfield")
    sky = Sky(shot, ground=(0.72, 0.76, 0.84))
    light, canvas = sky.light(0.0), Canvas.of(shot)
    firs = [woods.spruce(360, light, rng, 0.62) for _ in range(3)]
    back = mountains(shot, canvas, light, firs, rng, snowy=True)[:1]
    back.append(_ground(canvas, light, rng))
    back += _drifts(shot, canvas, light, firs, rng)
    back += _single(shot, canvas, light, firs, rng)
    back += [*grounds(shot, canvas, light), *standing(shot, canvas, light)]
    return Place(shot, sky, Parts(back=back), Weather(shot, mist=0.5, ground=False))


def _drifts(shot: Shot, canvas: Canvas, light: Light, firs: list[F32], rng: np.random.Generator) -> list[Layer]:
    """Two ranges of drifts with firs on them, far to near."""
    half = canvas.frame[0] / canvas.frame[1] / 2 / canvas.rest.focal
    side = float(rng.choice([-1, 1]))
    hero = max((p.z for p in shot.placements), default=0.0)
    unit = float(np.clip(canvas.rest.y / 1.6, 0.35, 2.5))
    begin = max(15.0 * unit, hero * 1.8)
    out = []
    for number, one in enumerate((
        Range(begin * 4, 400, 11.0, 230, side * 0.5 * half, half, 0.45, SHADED, SNOW, grit=0.22),
        Range(begin, begin * 4.2, 2.6 * unit, 70 * unit, -side * 0.6 * half, half, 0.40, SHADED, SNOW, grit=0.16),
        Range(3.6 * unit, begin * 1.1, 0.55 * unit, 20 * unit, side * 0.7 * half, half, 0.45, SHADED, SNOW, grit=0.12),
    )):  # fmt: skip
        if number == 2 and shot.placements:
            continue
        layer, depth = raise_range(canvas, one, rolling(rng), light, rng)
        plant(
            layer,
            depth,
            (150, 9 if unit > 0.7 else 0, 0)[number],
            canvas,
            firs,
            light,
            rng,
            tall=7.0,
            groves=(0.0, 0.3, 9.0)[number],
        )
        out.append(layer)
    return out


def _ground(canvas: Canvas, light: Light, rng: np.random.Generator) -> Layer:
    """Flat snow: wind-worn waves, small relief, crystals that catch the light."""
    floor = Floor.of(canvas, 120.0)
    unit = 1 / float(np.clip(canvas.rest.y / 1.5, 0.25, 1.4))
    soft, fine = spectral(256, 3.0, rng, lo=3), spectral(512, 2.2, rng, lo=8)
    parts = (
        floor.slopes(soft, 4 * unit, 0.055 / unit),
        floor.slopes(soft, 17 * unit, 0.012 / unit),
        floor.slopes(fine, 60 * unit, 0.0016 / unit),
    )
    lit = floor.lit((sum(p[0] for p in parts), sum(p[1] for p in parts)), light, wrap=0.20)  # type: ignore[arg-type]  # sums of arrays
    crystals = np.clip(floor.noise(spectral(512, 0.4, rng, lo=40), 700 * unit) - 2.3, 0, 1)[..., None]
    glitter = crystals * light.key * np.float32(0.9 * (1 - light.night))
    return floor.layer(lit * np.array(SNOW, np.float32) + glitter, light)


def _single(shot: Shot, canvas: Canvas, light: Light, firs: list[F32], rng: np.random.Generator) -> list[Layer]:
    """Two or three firs near by, at the sides."""
    out = []
    hero = max((p.z for p in shot.placements), default=0.0)
    for _ in range(int(rng.integers(2, 4))):
        z = float(rng.uniform(16, 34)) * max(1.0, hero / 9)
        pixels = canvas.blank()
        x = canvas.axis + float(rng.choice([-1, 1])) * canvas.frame[0] * float(rng.uniform(0.24, 0.50))
        tall = float(rng.uniform(4.5, 7.5)) / z * canvas.focal
        foot = canvas.row(0.0, z) + 0.004 * canvas.frame[1]
        stamp(pixels, firs[int(rng.integers(3))], x, foot, tall, light.haze, 0.06, flip=rng.random() < 0.5)
        out.append(Layer(pixels, np.full(canvas.height, z, np.float32), 0.10))
    return sorted(out, key=lambda layer: -float(layer.depth[0]))
