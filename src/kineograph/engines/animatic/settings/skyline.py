"""A city skyline over water: by day, at dusk, by night, or from one to the other while windows come on one by one."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.noise import ripple, spectral, wander
from kineograph.engines.animatic.settings import deck, stamps
from kineograph.engines.animatic.settings.base import Picture, Setting
from kineograph.engines.animatic.settings.city import City, faces, plan, shadows
from kineograph.engines.animatic.settings.evening import dusk
from kineograph.engines.animatic.settings.facade import GLASS, walls
from kineograph.engines.animatic.settings.painting import DAB_COLUMNS, dabs
from kineograph.engines.animatic.settings.plates import (
    LAMP_CHANNELS,
    Canvas,
    Plate,
    Stack,
    follow,
    standing,
    unchanging,
)
from kineograph.engines.animatic.settings.strips import split
from kineograph.engines.animatic.settings.traffic import Traffic
from kineograph.engines.animatic.settings.water import mirror
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot

F32 = NDArray[np.float32]

# Metres at which the rows of the city move under the camera. A real one would stand still under a dolly of a metre;
# a model on a table does not, and is the better picture.
MOVES = (42.0, 26.0, 19.0)
AIR = 0.55  # of the landscape's haze: a city is looked at on its clear days
QUAY = 4.0  # metres of stone above the water
LAMP = np.array([1.5, 0.95, 0.45])


def build(shot: Shot) -> Setting:
    """Build the city of this shot."""
    return Skyline(shot)


class Skyline:
    """The set: three rows of city, a quay, and the water that mirrors them."""

    def __init__(self, shot: Shot, city: City | None = None) -> None:
        """Everything that is done once; `city` stands on the far shore, else one drawn by the seed."""
        self._shot = shot
        self._sky = Sky(shot, ground=(0.10, 0.11, 0.12))
        self._canvas = Canvas.of(shot)
        self.city = city or plan(shot)
        self._rng = shot.rng("skyline paint")
        rng = shot.rng("water")
        self._tiles = (split(ripple(256, rng, 6, 90)), spectral(128, 2.6, rng, 2))
        self._rough = float(rng.uniform(0.5, 1.0)) * {"storm": 2.0, "wind": 1.6, "rain": 1.3, "fog": 0.5}.get(
            shot.spec.weather, 1
        )
        self._weather = Weather(shot, focus=None if shot.placements else 30.0, mist=0.45)
        wind = spectral(64, 3.0, shot.rng("wind"), lo=2, hi=10)
        self._stack = Stack(
            self._canvas, self._paint(), self._sky.light(0.0), wind, self.dusk(0.0), fixed=unchanging(shot)
        )
        self._beacons = self._place_beacons()
        metre = self._canvas.camera.focal * self._canvas.height / self.city.shore
        self._traffic = Traffic(
            shot, self._canvas, self._foot() - (self._quay_high() + 1.2) * metre, MOVES[2], self.city.shore
        )

    def light(self, t: float) -> Light:
        """The sky's rig; on the deck the lamps join it at dusk."""
        light, dusk = self._sky.light(t), self.dusk(t)
        if not self._shot.placements or dusk < 0.3:
            return light
        share = np.float32(min((dusk - 0.3) * 1.6, 1.0))
        mixed = light.direction * (1 - share) + deck.FROM * share
        return replace(
            light,
            direction=np.asarray(mixed / np.linalg.norm(mixed), np.float32),
            key=np.asarray(light.key + deck.GLOW * 0.30 * share, np.float32),
        )

    def dusk(self, t: float) -> float:
        """How far the lamps are on, 0 by day … 1 at night. Never falls while the sun goes down."""
        return dusk(self._shot, t)

    def backdrop(self, t: float, camera: Camera, out: Picture) -> None:
        """Sky, city, water."""
        light, dusk = self._sky.light(t), self.dusk(t)
        line = self._waterline(camera, out.shape[0])
        self._sky.paint(t, camera, out, min(line + 2, out.shape[0]))
        self._stack.draw((0, 1, 2), t, light, camera, out, dusk)
        self._lamps(t, camera, dusk, out)
        self._traffic.ashore(t, camera, dusk, out)
        mirror(t, camera, light, line, self._rough, self._tiles, self._glitter(t, camera, out), out)
        self._traffic.afloat(t, camera, light, dusk, out)
        self._stack.draw(range(3, len(self._stack.plates)), t, light, camera, out, dusk)
        self._weather.behind(t, camera, light, out)

    def overlay(self, t: float, camera: Camera, out: Picture) -> None:
        """Weather before the subjects."""
        self._weather.before(t, camera, self._sky.light(t), out)

    # -- what lives ------------------------------------------------------------------------------------------------

    def _waterline(self, camera: Camera, height: int) -> int:
        """First row of water: where the quay, seen as it moves, meets it."""
        foot = np.array([[0.0, self._foot()]], np.float32)
        return round(float(follow(foot, MOVES[2], self._canvas, camera)[0, 1]) * height / self._canvas.height)

    def _foot(self) -> float:
        """Row of the plates at which the quay stands in the water."""
        canvas = self._canvas
        rest = canvas.camera
        return canvas.my + (rest.horizon + rest.focal * rest.y / self.city.shore) * canvas.height + 1.0

    def _quay_high(self) -> float:
        """Metres of stone above the water."""
        return min(QUAY, self.city.shore * 0.023)

    def _glitter(self, t: float, camera: Camera, out: Picture) -> tuple[float, F32] | None:
        direction, radiance = self._sky.sun(t)
        if direction[2] < 0.1 or direction[1] < -0.02:
            return None
        column = out.shape[1] / 2 + (camera.focal * float(direction[0] / direction[2]) - camera.pan) * out.shape[0]
        low = math.exp(-max(float(direction[1]), 0.0) * 2.5)
        return column, np.asarray(np.minimum(radiance * 0.12 * low, 1.2), np.float32)

    def _place_beacons(self) -> list[tuple[F32, float, float]]:
        """Plate pixel (1, 2), depth at which it moves, and phase of every red lamp."""
        out = []
        for x, high, z, row in self.city.beacons:
            rest = self._canvas.camera
            at = self._canvas.project(np.array([[x + rest.x, high, z + rest.z]], np.float32))[:, :2]
            out.append((at, MOVES[row], float(self._rng.random())))
        return out

    def _lamps(self, t: float, camera: Camera, dusk: float, out: Picture) -> None:
        """Red beacons that blink on the tips."""
        if dusk < 0.25 or not self._beacons:
            return
        rows = np.zeros((len(self._beacons), stamps.STAMP_COLUMNS), np.float32)
        for row, (at, depth, phase) in zip(rows, self._beacons, strict=True):
            beat = (t / 1.6 + phase) % 1
            row[:2] = follow(at, depth, self._canvas, camera)[0]
            row[9] = min((dusk - 0.25) * 4, 1) * (0.15 + 0.85 * math.exp(-((beat - 0.5) ** 2) * 40))
        rows[:, 2] = rows[:, 3] = max(out.shape[0] * 0.0042, 1.3)
        rows[:, 4], rows[:, 6:9], rows[:, 10], rows[:, 12] = 1, (2.2, 0.16, 0.10), 1, 1
        stamps.stamps(out, rows)

    # -- how it is painted -----------------------------------------------------------------------------------------

    def _paint(self) -> list[Plate]:
        canvas, light = self._canvas, self._sky.light(0.0)
        rest = canvas.camera
        towards = self._towards(light.direction.astype(np.float64))
        tile = spectral(256, 1.8, self._shot.rng("stains"), lo=3)
        boxes = [box for row in self.city.rows for box in row]
        throwers = shadows(boxes)
        view = np.array([rest.focal * canvas.height, canvas.mx + canvas.width / 2 - rest.pan * canvas.height,
                         canvas.my + rest.horizon * canvas.height, rest.y], np.float32)  # fmt: skip
        plates, first = [], 0
        for row, depth in zip(self.city.rows, MOVES, strict=True):
            paint = canvas.blank(LAMP_CHANNELS)
            if first == 0:
                self._hills(paint)
            panes = faces(row, light.haze_density * AIR, first)
            if self._shot.spec.weather in ("fog", "rain", "storm", "snow"):
                panes[:, GLASS] *= 0.4  # glass that mirrors a white sky would vanish in it
            walls(paint, panes, throwers, towards, view, tile)
            first += len(row)
            plates.append(Plate(paint, standing(canvas, depth)))
        self._quay(plates[2].paint)
        if self._shot.placements:
            plates += deck.paint(
                canvas, self._edge(), self._shot.placements[0].height / 1.3, towards, self._shot.rng("deck")
            )
        return plates

    def _edge(self) -> float:
        """Metres from the eye to the edge of the deck the cast stands on; 0 where there is none."""
        far = max((p.z for p in self._shot.placements), default=0.0) - self._shot.rest.z
        return far + max(0.55 * far, 1.6) if self._shot.placements else 0.0

    def _towards(self, direction: NDArray[np.float64]) -> F32:
        """Where the walls are lit from. A sun out of the picture is walked round to the viewer's side, so that fronts
        have a lit and a shaded face; nobody can tell, and a city in its own shade is a grey one.
        """
        if direction[1] > 0.25:
            direction = np.array([direction[0], direction[1], -max(abs(direction[2]), 0.30)])
        return np.asarray(direction / np.linalg.norm(direction), np.float32)

    def _hills(self, paint: F32) -> None:
        """A far ridge behind the city, where the seed wants one."""
        rng, canvas = self._rng, self._canvas
        if rng.random() < 0.4:
            return
        rows = np.arange(canvas.shape[0], dtype=np.float32)[:, None] - canvas.my - canvas.camera.horizon * canvas.height
        x = (np.arange(canvas.shape[1], dtype=np.float32) / canvas.height * 2.8).astype(np.float32)
        for rise, share in ((rng.uniform(0.06, 0.11), 0.70), (rng.uniform(0.03, 0.06), 0.58)):
            crest = -canvas.height * (rise + rise * 0.5 * wander(x, rng, 1.1, 7))
            cover = np.clip(rows - crest[None] + 0.5, 0, 1)[..., None] * (rows < 40)[..., None]
            hill = np.zeros(LAMP_CHANNELS, np.float32)
            hill[0:3], hill[3:6] = np.array([0.06, 0.075, 0.05]) * 0.6, np.array([0.06, 0.075, 0.055])
            hill[:7] *= 1 - share
            hill[6], hill[11] = share, 1
            paint *= 1 - cover
            paint += cover * hill

    def _quay(self, paint: F32) -> None:
        """Stone above the water, trees and lamps along it."""
        canvas, rng, light = self._canvas, self._rng, self._sky.light(0.0)
        metre = canvas.camera.focal * canvas.height / self.city.shore
        foot = self._foot()
        ground = foot - self._quay_high() * metre
        hidden = min(1 - math.exp(-self.city.shore * light.haze_density * AIR), 0.7)
        near = self.city.shore < 200  # boats lie where trees would stand
        if not near:
            self._trees(paint, ground, metre, hidden)
        rows = np.arange(canvas.shape[0], dtype=np.float32)
        cover = np.clip(rows - ground + 0.5, 0, 1) * np.clip(foot + 3 - rows, 0, 1)
        stone = np.zeros(LAMP_CHANNELS, np.float32)
        stone[0:3], stone[3:6], stone[11] = (0.10, 0.095, 0.09), (0.16, 0.155, 0.15), 1
        stone[:6] *= 1 - hidden
        stone[6] = hidden
        paint *= 1 - cover[:, None, None]
        paint += cover[:, None, None] * stone
        x = np.arange(0, canvas.shape[1], 26 * metre) + rng.uniform(0, 9)
        n = len(x)
        dots = np.zeros((n, DAB_COLUMNS), np.float32)
        dots[:, 0], dots[:, 1] = x, ground - (3.6 if near else 7.0) * metre
        dots[:, 2] = dots[:, 3] = max((0.26 if near else 1.5) * metre, 0.9)
        dots[:, 4], dots[:, 6], dots[:, 8] = 1, 1, 1
        values = np.zeros((n, LAMP_CHANNELS), np.float32)
        values[:, 3:6], values[:, 11] = 0.2, 1
        glow = LAMP * rng.uniform(1.2, 1.8, (n, 1))
        values[:, 7:10] = glow
        values[:, 10] = glow @ np.array([0.3, 0.5, 0.2]) * rng.uniform(0.30, 0.46, n)
        dabs(paint, dots, values)

    def _trees(self, paint: F32, ground: float, metre: float, hidden: float) -> None:
        """A row of round trees along the quay."""
        rng, canvas = self._rng, self._canvas
        dots, values = [], []
        x = 0.0
        while x < canvas.shape[1]:
            x += rng.uniform(4, 11) * metre
            if rng.random() < 0.10:
                x += rng.uniform(10, 60) * metre
            tall, n = rng.uniform(6, 12) * metre, 46
            turn, reach = rng.uniform(0, 6.2832, n), np.sqrt(rng.random(n))
            px, py = np.cos(turn) * reach * tall * 0.42, -tall * 0.58 - np.sin(turn) * reach * tall * 0.42
            lit = np.clip(0.55 + 0.5 * np.sin(turn) * reach, 0.1, 1)[:, None]
            dot = np.zeros((n, DAB_COLUMNS), np.float32)
            dot[:, 0], dot[:, 1] = x + px, ground + py
            dot[:, 2] = dot[:, 3] = np.maximum(tall * rng.uniform(0.10, 0.17, n), 0.8)
            dot[:, 4], dot[:, 6], dot[:, 8] = 1, 0.6, 0.95
            value = np.zeros((n, LAMP_CHANNELS), np.float32)
            green = np.array([0.045, 0.070, 0.026]) * rng.uniform(0.8, 1.25)
            value[:, 0:3], value[:, 3:6] = green * lit * 0.9 * (1 - hidden), green * (0.4 + 0.5 * lit) * (1 - hidden)
            value[:, 6], value[:, 11] = hidden, 1
            street = np.array([0.9, 0.55, 0.22]) * green * 0.8 * (1.1 - lit)
            value[:, 7:10], value[:, 10] = street, street @ np.array([0.3, 0.5, 0.2]) * 0.38
            dots.append(dot)
            values.append(value)
        if dots:
            dabs(paint, np.ascontiguousarray(np.concatenate(dots)), np.ascontiguousarray(np.concatenate(values)))
