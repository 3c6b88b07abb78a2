"""A room: a window onto the hour and the weather, its light across a wooden floor, furniture, a lamp in the evening."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.noise import spectral, wander
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.settings.evening import dusk
from kineograph.engines.animatic.settings.furniture import LUMA, SWITCHED, WARM, pieces, rooms, slab, stand
from kineograph.engines.animatic.settings.hearth import Fire
from kineograph.engines.animatic.settings.lawn import texture
from kineograph.engines.animatic.settings.plates import (
    DUSK,
    LAMP,
    LAMP_CHANNELS,
    Canvas,
    Plate,
    Stack,
    standing,
    unchanging,
)
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
_WALLS = (
    (0.36, 0.40, 0.33),
    (0.56, 0.50, 0.41),
    (0.50, 0.31, 0.23),
    (0.27, 0.34, 0.40),
    (0.55, 0.41, 0.38),
    (0.60, 0.58, 0.54),
)
_WOODS = ((0.30, 0.185, 0.095), (0.18, 0.105, 0.060), (0.40, 0.29, 0.18))
_CLOTHS = (
    (0.20, 0.25, 0.30),
    (0.38, 0.17, 0.10),
    (0.18, 0.24, 0.16),
    (0.42, 0.37, 0.30),
    (0.32, 0.16, 0.22),
    (0.46, 0.33, 0.10),
)
_SILL, _LINTEL = 0.82, 2.35  # metres
_INSIDE = 0.74  # share of the sky's light that finds its way in


@dataclass(frozen=True, slots=True)
class _Window:
    """A window in the far wall, metres."""

    left: float
    right: float


class Room:
    """See `Setting`.

    Attributes:
        gloss: A waxed floor mirrors a little of who stands on it.
    """

    gloss = (0.07, 0.25)

    def __init__(self, shot: Shot) -> None:
        self._shot = shot
        rng = shot.rng("room")
        self._row_of = next((rooms()[look] for look in shot.spec.looks if look in rooms()), None)
        self._fire: Fire | None = None
        self.sky = Sky(shot, ground=(0.12, 0.14, 0.07))
        self._canvas = canvas = Canvas.of(shot)
        self._unit = float(np.clip(canvas.camera.y / 1.15, 0.30, 1.15))
        hero = max((p.z for p in shot.placements), default=0.0)
        self._wall = max(5.4 * self._unit, hero * 1.30 + 0.7 * self._unit)
        self._side = math.copysign(1.0, shot.sun_azimuth)
        self._window = self._place_window(rng)
        self._hearth = (self._window.left + self._window.right) / 2
        if self._row_of and self._row_of["fire"]:  # the hearth stands where the window would be
            self._window = _Window(self._hearth + 90, self._hearth + 92)
        self._sunward = self._through(self.sky.light(0.0))
        self._noise = spectral(256, 2.4, rng, lo=5)
        plates = [
            Plate(self._outside(rng), standing(canvas, 40.0), wind=0.004, foot=self._row(0.0)),
            Plate(self._inside(rng), standing(canvas, self._wall)),
            Plate(self._floor(rng), self._depths()),
        ]
        light = self.sky.light(0.0)
        wind = spectral(64, 3.0, shot.rng("wind"), lo=2, hi=10)
        self._stack = Stack(canvas, plates, light, wind, self.dusk(0.0), fixed=unchanging(shot))
        self._lit_last = light, 0.0, self._shaded(light, np.float32(0))
        self._weather = Weather(shot, ground=False, mist=0.5)
        clear = replace(shot, wind=0.15, spec=replace(shot.spec, weather="clear"))
        self._dust = Weather(clear, extra=("dust",), ground=False)

    def dusk(self, t: float) -> float:
        """How far the lamp is on."""
        return max(dusk(self._shot, t), self._row_of["on"]) if self._row_of else dusk(self._shot, t)

    def light(self, t: float) -> Light:
        """Soft light from a window beside us; lamplight in the evening."""
        light, on = self.sky.light(t), min(max((self.dusk(t) - 0.25) * 1.8, 0.0), 1.0)
        dim = self._row_of["dim"] if self._row_of else 1.0
        on *= dim * (self._fire.flicker(t) if self._fire else 1.0)
        outside, lamp, inside = self._lit_last
        if outside is not light or lamp != on:
            inside = self._shaded(light, np.float32(on))
            self._lit_last = light, on, inside  # two threads may both make it: the same light either way
        return inside

    def _shaded(self, light: Light, on: np.float32) -> Light:
        towards = np.array([0.66 * self._side, 0.50, -0.56], np.float32)
        day = light.sky * np.float32(0.85) + light.key * np.float32(0.28)
        warm = WARM.astype(np.float32)
        return replace(
            light,
            direction=towards / np.float32(np.linalg.norm(towards)),
            key=day + warm * np.float32(0.26) * on,
            sky=light.sky * np.float32(_INSIDE) + warm * np.float32(0.085) * on,
            bounce=day * np.array([0.30, 0.22, 0.14], np.float32) + warm * np.float32(0.03) * on,
            environment=light.environment * np.float32(0.6) + warm * np.float32(0.06) * on,
            haze_density=1e-6,
            softness=0.5,
        )

    def backdrop(self, t: float, camera: Camera, out: Picture) -> None:
        """What is outside with its weather, the wall around it, the floor."""
        raw, on = self.sky.light(t), self.dusk(t)
        # Only what the window can show is painted; the wall covers the rest.
        low = camera.horizon + (camera.y - _SILL * self._unit) * camera.focal / (self._wall - camera.z) + 0.04
        bottom = min(max(round(low * out.shape[0]), 1), out.shape[0])
        self.sky.paint(t, camera, out, bottom)
        out[bottom:] = 0
        self._stack.draw((0,), t, raw, camera, out, on)
        self._weather.behind(t, camera, raw, out)
        self._weather.before(t, camera, raw, out)
        self._stack.draw((2, 1), t, self._lit(raw), camera, out, on)
        if self._fire is not None:
            self._fire.paint(t, camera, out)

    def overlay(self, t: float, camera: Camera, out: Picture) -> None:
        """Dust in the light."""
        self._dust.before(t, camera, self.light(t), out)

    # -- what is lit how -------------------------------------------------------------------------------------------

    def _lit(self, light: Light) -> Light:
        """For the plates: the key falls through the panes only, the sky's light is what comes in. No air inside."""
        return replace(light, sky=light.sky * np.float32(_INSIDE) + light.key * np.float32(0.05))

    def _through(self, light: Light) -> F64:
        """(3,) towards the sun as it shines in: ahead of us, never so steep that its patch stays under the sill."""
        high = float(np.clip(math.asin(min(max(float(light.direction[1]), 0.0), 1.0)), 0.60, 0.80))
        turn = self._side * 0.45
        return np.array([math.sin(turn) * math.cos(high), math.sin(high), math.cos(turn) * math.cos(high)])

    def _place_window(self, rng: np.random.Generator) -> _Window:
        """On the side where the hero is not."""
        canvas = self._canvas
        half = canvas.width / canvas.height / 2 * self._wall / canvas.camera.focal
        hero = self._shot.placements[0].x if self._shot.placements else 0.0
        wide = min(float(rng.uniform(1.7, 2.6)) * self._unit, half * 1.1)
        side = -math.copysign(1.0, hero) if hero else float(rng.choice([-1, 1]))
        middle = canvas.camera.x + side * min(half * float(rng.uniform(0.22, 0.40)), half)
        return _Window(middle - wide / 2, middle + wide / 2)

    def _row(self, y: float) -> float:
        rest = self._canvas.camera
        at = self._canvas.project(np.array([[rest.x, y, self._wall + rest.z]], np.float32))
        return float(at[0, 1])

    def _depths(self) -> F32:
        _, depth, _ = self._canvas.ground()
        return np.minimum(depth, self._wall).astype(np.float32)

    def _plane(self) -> tuple[F64, F64]:
        """World x (w,) and height (h,) of every pixel of the wall, metres."""
        canvas, rest = self._canvas, self._canvas.camera
        metre = rest.focal * canvas.height / self._wall
        columns = np.arange(canvas.shape[1]) + 0.5 - canvas.mx - canvas.width / 2 + rest.pan * canvas.height
        rows = np.arange(canvas.shape[0]) + 0.5 - canvas.my - rest.horizon * canvas.height
        return np.asarray(rest.x + columns / metre, np.float64), np.asarray(rest.y - rows / metre, np.float64)

    def _pane(self, x: F64, y: F64, soft: F64 | float) -> F64:
        """1 where a place of the wall's plane is glass: two sashes with bars; edges `soft` metres wide."""
        u = self._unit
        w = self._window
        middle, cross = (w.left + w.right) / 2, (_SILL + (_LINTEL - _SILL) * 0.68) * u

        def inside(a: F64, low: float, high: float) -> F64:
            return np.clip((a - low) / soft + 0.5, 0, 1) * np.clip((high - a) / soft + 0.5, 0, 1)

        open_ = inside(x, w.left, w.right) * inside(y, _SILL * u, _LINTEL * u)
        bars = np.maximum(
            inside(x, middle - 0.035 * u, middle + 0.035 * u), inside(y, cross - 0.025 * u, cross + 0.025 * u)
        )
        return np.asarray(open_ * (1 - bars))

    # -- how it is painted -----------------------------------------------------------------------------------------

    def _outside(self, rng: np.random.Generator) -> F32:
        """A hedge and a tree line, unsharp: it is the room that is sharp."""
        canvas = self._canvas
        rows = np.arange(canvas.shape[0], dtype=np.float32)[:, None] - canvas.my
        x = (np.arange(canvas.shape[1]) / canvas.height * 6).astype(np.float32)
        plate = canvas.blank(LAMP_CHANNELS)
        for rise, albedo in ((0.060, (0.10, 0.13, 0.10)), (0.026, (0.075, 0.12, 0.035)), (-0.02, (0.09, 0.15, 0.035))):
            top = (canvas.camera.horizon - rise - 0.016 * wander(x, rng)) * canvas.height
            cover = np.clip((rows - top[None]) / (0.008 * canvas.height) + 0.5, 0, 1)[..., None]
            value = np.zeros(LAMP_CHANNELS, np.float32)
            hidden = 0.45 if rise > 0.05 else 0.18
            value[0:3], value[3:6] = np.array(albedo) * 0.5 * (1 - hidden), np.array(albedo) * (1 - hidden)
            value[6], value[11] = hidden, 1
            plate *= 1 - cover
            plate += cover * value
        return plate

    def _inside(self, rng: np.random.Generator) -> F32:
        """Wall, skirting, window frame, curtains, furniture."""
        canvas, u = self._canvas, self._unit
        x, y = self._plane()
        walls = self._row_of["wall"] if self._row_of else _WALLS
        wall = np.array(walls[int(rng.integers(len(walls)))])
        plaster = self._noise[(np.arange(canvas.shape[0]) * 96 // canvas.height)[:, None] % 256,
                              (np.arange(canvas.shape[1]) * 96 // canvas.height)[None] % 256]  # fmt: skip
        metre = abs(float(x[1] - x[0]))
        plate = canvas.blank(LAMP_CHANNELS)
        # A wall with a window in it is lit by what the floor throws back: brighter below.
        tone = (0.62 + 0.30 * np.exp(-np.clip(y, 0, 9) / (0.9 * u)))[:, None] * (1 + 0.012 * plaster)
        plate[..., 0:3] = wall * (tone * 0.05)[..., None]
        plate[..., 3:6] = wall * tone[..., None]
        plate[..., 11] = 1
        paints = self._paints(wall, rng)
        white = np.array([0.66, 0.65, 0.62])
        span = (float(x[0]), float(x[-1]))
        slab(plate, canvas, (span[0], 0.0, span[1], 0.11 * u), self._wall, white * 0.9, round_=0.005)
        w = self._window
        slab(plate, canvas, (w.left - 0.09 * u, (_SILL - 0.06) * u, w.right + 0.09 * u, (_LINTEL + 0.09) * u), self._wall,
             white, round_=0.01)  # fmt: skip
        slab(plate, canvas, (w.left - 0.16 * u, (_SILL - 0.09) * u, w.right + 0.16 * u, (_SILL - 0.03) * u), self._wall,
             white * 1.1, round_=0.01)  # fmt: skip
        plate *= (1 - self._pane(x[None], y[:, None], metre)[..., None]).astype(np.float32)
        self._curtains(plate, paints["curtain"])
        lamp = self._furnish(plate, paints, span, rng)
        glow = 1 / (1 + ((x[None] - lamp) ** 2 + (y[:, None] - 1.45 * u) ** 2) / (0.55 * u) ** 2)
        lit = plate[..., 3:6] * (glow * 0.85 + 0.05)[..., None] * WARM
        own = plate[..., LAMP].max(-1, keepdims=True) > 0
        plate[..., LAMP] = np.where(own, plate[..., LAMP], lit)
        plate[..., DUSK] = plate[..., LAMP] @ LUMA * SWITCHED
        ground = np.clip((y + 0.004)[:, None, None] / metre + 0.5, 0, 1).astype(np.float32)
        return np.asarray(plate * ground, np.float32)

    def _paints(self, wall: F64, rng: np.random.Generator) -> dict[str, F64]:
        cloth, accent = (np.array(_CLOTHS[k]) for k in rng.permutation(len(_CLOTHS))[:2])
        wood = np.array(_WOODS[int(rng.integers(len(_WOODS)))])
        return {
            "cloth": cloth, "accent": accent, "wood": wood, "metal": np.array([0.10, 0.09, 0.08]), "dark": wood * 0.25,
            "leaf": np.array([0.055, 0.125, 0.040]), "pot": np.array([0.45, 0.30, 0.22]), "books": cloth,
            "paper": np.array([0.62, 0.60, 0.55]), "shade": np.array([0.60, 0.54, 0.44]),
            "steel": np.array([0.36, 0.37, 0.38]), "copper": np.array([0.46, 0.20, 0.09]), "red": np.array([0.50, 0.05, 0.035]),
            "cabinet": cloth * 0.5 + 0.18, "stone": np.array([0.27, 0.24, 0.21]), "glow": np.array([0.9, 0.42, 0.14]),
            "curtain": wall * 0.35 + accent * 0.25 + 0.32,
        }  # fmt: skip

    def _curtains(self, plate: F32, albedo: F64) -> None:
        canvas, u, w = self._canvas, self._unit, self._window
        for edge, way in ((w.left, -1), (w.right, 1)):
            for fold in range(5):
                x = edge + way * (-0.10 + 0.085 * fold) * u
                box = (x - 0.055 * u, 0.05 * u, x + 0.055 * u, (_LINTEL + 0.20) * u)
                slab(plate, canvas, box, self._wall, albedo * (0.92 + 0.10 * (fold % 2)), round_=0.05 * u)
        bar = ((w.left - 0.55 * u), (_LINTEL + 0.18) * u, (w.right + 0.55 * u), (_LINTEL + 0.215) * u)
        slab(plate, canvas, bar, self._wall, np.array([0.12, 0.10, 0.08]), round_=0.01)

    def _furnish(
        self, plate: F32, paints: dict[str, F64], span: tuple[float, float], rng: np.random.Generator
    ) -> float:
        """Stand pieces along the wall beside the window; returns world x of the lamp."""
        rows, u, w = pieces(), self._unit, self._window
        if self._row_of:
            return self._fit(plate, self._row_of, paints, span, rng)
        names = [name for name in rows if name != "floor_lamp" and rows[name]["share"]]
        shares = np.array([rows[name]["share"] for name in names], float)
        order = [str(name) for name in rng.choice(names, len(names), replace=False, p=shares / shares.sum())]
        lamp = w.right + 0.75 * u if rng.random() < 0.5 else w.left - 0.75 * u
        places = [(lamp, "floor_lamp")]
        for way, edge in ((1, w.right + 0.6 * u), (-1, w.left - 0.6 * u)):
            x = edge + (0.5 * u if way * (lamp - edge) > 0 else 0.0)
            if way < 0:
                x = edge - (0.5 * u if lamp < edge else 0.0)
            while order and span[0] - 1 < x < span[1] + 1:
                name = order.pop()
                half = rows[name]["wide"] * u / 2
                places.append((x + way * half, name))
                x += way * (2 * half + float(rng.uniform(0.05, 0.35)) * u)
        for x, name in places:
            self._piece(plate, name, x, paints, rng)
        return lamp

    def _fit(
        self,
        plate: F32,
        row: dict[str, Any],
        paints: dict[str, F64],
        span: tuple[float, float],
        rng: np.random.Generator,
    ) -> float:
        """Stand the pieces of a look in their order, the first on the hero's side; returns world x of the light."""
        rows, u, w = pieces(), self._unit, self._window
        hero = self._shot.placements[0].x if self._shot.placements else 0.0
        first = 1 if hero > self._hearth else -1
        order, lamp, left, right = list(row["along"]), hero, w.left, w.right
        if row["fire"]:
            name = order.pop(0)
            lamp, half = self._hearth, rows[name]["wide"] * u / 2
            left, right = lamp - half, lamp + half
            self._piece(plate, name, lamp, paints, rng)
            self._fire = Fire.at(lamp, self._wall, u, rng)
        for way in (first, -first):
            x = (right if way > 0 else left) + way * 0.42 * u
            while order and span[0] - 0.5 < x < span[1] + 0.5:
                name = order.pop(0)
                half = rows[name]["wide"] * u / 2
                self._piece(plate, name, x + way * half, paints, rng)
                x += way * (2 * half + 0.06 * u)
        for name in row["lamps"]:
            for x in np.arange(span[0] + 0.9 * u, span[1], 1.7 * u):
                self._piece(plate, name, float(x), paints, rng)
        return lamp

    def _piece(self, plate: F32, name: str, x: float, paints: dict[str, F64], rng: np.random.Generator) -> None:
        """Furniture is as small as the room of a small hero: its metres are scaled about the eye."""
        canvas, u = self._canvas, self._unit
        if u == 1:
            stand(plate, canvas, name, x, self._wall, paints, rng)
            return
        rest = canvas.camera
        larger = replace(canvas, camera=replace(rest, y=rest.y / u))
        stand(plate, larger, name, rest.x + (x - rest.x) / u, self._wall / u, paints, rng)

    def _floor(self, rng: np.random.Generator) -> F32:
        """Boards towards the window, its patch of sun on them, shade under what stands at the wall."""
        canvas, u = self._canvas, self._unit
        x, z, cover = canvas.ground()
        scale = canvas.camera.focal * canvas.height / z
        fine = spectral(512, 1.6, rng, lo=8)
        along = np.floor(x / (0.14 * u))
        tone = np.sin(along * 12.9898 + np.floor((z[:, None] / u + along * 0.37) / 1.7) * 78.233) * 43758.5453
        grain = texture(fine, x * 5, z, scale, 30.0 / u)
        wood = np.array(_WOODS[int(rng.integers(len(_WOODS)))])
        shade = tone - np.floor(tone) - 0.5
        if self._row_of and self._row_of["tiled"]:
            board = np.floor(x / (0.42 * u)) + np.floor(z[:, None] / (0.42 * u))
            shade, wood = 3.6 * (np.mod(board, 2.0) - 0.5), np.array([0.34, 0.33, 0.31])
        gap = np.abs((x / (0.14 * u)) % 1 - 0.5) * 0.14 * u
        joint = np.clip(1 - (0.07 * u - gap) * scale[:, None] / 1.2, 0, 1) * np.clip(scale * u / 60, 0, 1)[:, None]
        albedo = wood * (1 + 0.16 * shade + 0.10 * grain)[..., None] * (1 - 0.45 * joint)[..., None]
        s = self._sunward
        away = np.clip(self._wall - z, 0, None)[:, None] / s[2]
        patch = self._pane(x + s[0] * away, s[1] * away + 0 * x, 0.010 + 0.035 * away)
        hidden = 1 - 0.5 * np.exp(-np.clip(self._wall - z, 0, 9) / (0.22 * u))[:, None]
        # The floor shines a little: the window's light lies on it towards us.
        w = self._window
        sheen = np.exp(-(((x - (w.left + w.right) / 2 * z[:, None] / self._wall) / (0.9 * u)) ** 2)) * 0.10
        plate = canvas.blank(LAMP_CHANNELS)
        plate[..., 0:3] = albedo * (patch * s[1] * 1.1 + 0.02)[..., None]
        plate[..., 3:6] = albedo * hidden[..., None] * 1.05 + (sheen * hidden)[..., None]
        plate[..., LAMP] = albedo * (0.22 * hidden)[..., None] * WARM
        plate[..., DUSK] = plate[..., LAMP] @ LUMA * SWITCHED
        plate[..., 11] = 1
        plate *= (cover * np.clip((self._wall - z) * scale + 0.5, 0, 1))[:, None, None]  # no floor behind the wall
        return plate


def build(shot: Shot) -> Room:
    """The room of a shot."""
    return Room(shot)
