"""Space: stars, a milky way, clouds of gas, a planet with its air and perhaps rings; grey ground for those who stand."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light import celestial
from kineograph.engines.animatic.light.environment import environment_of
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32, Real, f4, lean, sample, smoothstep, spectral
from kineograph.engines.animatic.settings import stamps
from kineograph.engines.animatic.settings.base import Layer, Picture
from kineograph.engines.animatic.settings.floor import Floor
from kineograph.engines.animatic.settings.layers import Canvas, Compositor
from kineograph.engines.animatic.settings.relief import rolling
from kineograph.engines.animatic.settings.terrain import Range, raise_range
from kineograph.engines.animatic.shot import Shot

F64 = NDArray[np.float64]
Triple = tuple[float, float, float]
FLOATING = frozenset({"aircraft", "bird", "fish", "insect", "boat"})  # families that need no ground
ADRIFT = frozenset({"float", "fly", "swim", "fall"})  # actions without ground
UPRIGHT = frozenset({"rise", "land"})  # from the ground, to the ground
_FAR = 4000.0  # metres: what is there does not move under the camera
# Gas, two hues each; planets: dark, middle and bright ground, and air.
_GASES: tuple[tuple[Triple, Triple], ...] = (
    ((0.30, 0.06, 0.22), (0.04, 0.16, 0.36)),
    ((0.06, 0.22, 0.26), (0.30, 0.12, 0.05)),
    ((0.20, 0.08, 0.36), (0.36, 0.10, 0.10)),
    ((0.05, 0.12, 0.34), (0.10, 0.26, 0.22)),
)
_PLANETS: tuple[tuple[Triple, Triple, Triple, Triple], ...] = (
    ((0.012, 0.06, 0.20), (0.06, 0.15, 0.05), (0.80, 0.82, 0.85), (0.30, 0.60, 1.0)),
    ((0.22, 0.07, 0.03), (0.42, 0.17, 0.07), (0.62, 0.36, 0.20), (0.95, 0.55, 0.32)),
    ((0.30, 0.21, 0.13), (0.55, 0.42, 0.28), (0.74, 0.64, 0.50), (0.85, 0.72, 0.52)),
    ((0.03, 0.12, 0.16), (0.10, 0.32, 0.36), (0.50, 0.66, 0.68), (0.42, 0.85, 0.90)),
)


@lean
def _globe(out: F32, tile: F32, p: F32, colours: F32, turn: Real, rings: Real) -> None:
    """p: centre x, y and radius (pixels), light (3), tilt, banding. colours: dark, middle, bright, air."""
    reach = p[2] * f4(2.5) if rings > f4(0) else p[2] * f4(1.18)
    c, s = math.cos(p[6]), math.sin(p[6])
    for y in range(max(int(p[1] - reach), 0), min(int(p[1] + reach) + 1, out.shape[0])):
        for x in range(max(int(p[0] - reach), 0), min(int(p[0] + reach) + 1, out.shape[1])):
            u, v = (f4(x) + f4(0.5) - p[0]) / p[2], -(f4(y) + f4(0.5) - p[1]) / p[2]
            d = math.sqrt(u * u + v * v)
            facing = f4(0)
            if d < f4(1.02):
                edge = min(max((f4(1) - d) * p[2] + f4(0.5), f4(0)), f4(1))
                n = math.sqrt(max(f4(1) - d * d, f4(0)))
                a, b = u * c + v * s, v * c - u * s  # the globe's own across and up
                lit = max(u * p[3] + v * p[4] + n * p[5] + f4(0.06), f4(0)) / f4(1.06)
                long = math.atan2(a, n + f4(1e-4)) * f4(40) + turn
                lat = math.asin(min(max(b, f4(-1)), f4(1))) * f4(40)
                warp = sample(tile, long * f4(0.8) + f4(31), lat * f4(2.2)) * f4(3)
                land = sample(tile, long * (f4(1) - p[7] * f4(0.85)), lat + warp * p[7])
                land += f4(0.45) * sample(tile, long * f4(2.7) * (f4(1) - p[7] * f4(0.6)), lat * f4(2.7))
                cloud = sample(tile, long * f4(1.3) + f4(77) + turn * f4(0.3), lat * f4(2.4) + f4(9) + warp)
                k, w = smoothstep(f4(0.0), f4(0.5), land), smoothstep(f4(0.5), f4(1.7), cloud + land * f4(0.2))
                rim = (f4(1) - n) ** f4(3)
                for q in range(3):
                    ground = colours[0, q] + (colours[1, q] - colours[0, q]) * k
                    ground += (colours[2, q] - ground) * w
                    shone = ground * lit * f4(1.15) + colours[3, q] * rim * (lit * f4(0.9) + f4(0.02))
                    out[y, x, q] += (shone - out[y, x, q]) * edge
            facing = u * p[3] + v * p[4]
            if d >= f4(1) and d < f4(1.18):
                halo = math.exp(-(d - f4(1)) * f4(26)) * max(facing * f4(0.7) + f4(0.3), f4(0)) * f4(0.55)
                for q in range(3):
                    out[y, x, q] += colours[3, q] * halo
            if rings > f4(0):
                a, b = u * c + v * s, (v * c - u * s) * f4(4.2)
                ring = math.sqrt(a * a + b * b)
                if ring > f4(1.35) and ring < f4(2.4) and (d > f4(1) or b < f4(0)):
                    band = f4(0.5) + f4(0.5) * sample(tile, ring * f4(90), f4(3))
                    band *= smoothstep(f4(1.35), f4(1.45), ring) * smoothstep(f4(2.4), f4(2.25), ring)
                    dark = f4(0.25) if (facing < f4(-0.2) and d < f4(1.6)) else f4(1)
                    cover = min(max(band, f4(0)), f4(1)) * f4(0.75)
                    for q in range(3):
                        out[y, x, q] += (colours[2, q] * f4(0.8) * dark - out[y, x, q]) * cover


@dataclass(frozen=True, slots=True)
class World:
    """Ground to stand on.

    Attributes:
        dust: Its albedo.
        air: Colour of the sky at the horizon; None where there is none.
        hills: Height of its hills, metres. grit: their roughness.
    """

    dust: tuple[float, float, float]
    air: tuple[float, float, float] | None
    hills: float
    grit: float


# Looks of the place (vocabulary/settings.toml).
WORLDS = {
    "moon": World((0.15, 0.147, 0.143), None, 9.0, 0.6),
    "mars": World((0.30, 0.095, 0.040), (0.52, 0.36, 0.25), 24.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class Planet:
    """Where it hangs, frame heights from the middle of the frame and from its top, and how it looks."""

    x: float
    y: float
    radius: float
    colours: F32
    towards: F32
    tilt: float
    banded: float
    ringed: bool


class Space:
    """See `Setting`.

    Attributes:
        grounded: Somebody stands here: there is ground, and shadows on it.
    """

    gloss = None

    def __init__(self, shot: Shot) -> None:
        rng = shot.rng("space")
        self._canvas = canvas = Canvas.of(shot)
        adrift = all(
            (p.subject.family in FLOATING and p.subject.action not in UPRIGHT) or p.subject.action in ADRIFT
            for p in shot.placements
        )
        world = next((look for look in shot.spec.looks if look in WORLDS), None)
        self.grounded = world is not None or (bool(shot.placements) and not adrift)
        row = WORLDS[world or "moon"]
        self._light = _light(shot, row, standing=self.grounded)
        self._tile = spectral(256, 2.5, rng, lo=3)
        self._planet = _planet(shot, rng, low=self.grounded)
        self._clear = row.air is None or not self.grounded  # no air, no veil before the stars
        self._twinkling = _bright(rng)
        self._back = Compositor(
            shot,
            canvas,
            [Layer(_heaven(canvas, rng) if self._clear else _dusty(canvas, row, rng), _depths(canvas, _FAR))],
        )
        ground = _ground(shot, canvas, row, self._light, rng) if self.grounded else []
        self._ground = Compositor(shot, canvas, ground, arranged=True)

    def light(self, t: float) -> Light:  # noqa: ARG002  (the sun of this film stands still)
        """A hard sun from the side, very little else."""
        return self._light

    def backdrop(self, t: float, camera: Camera, out: Picture) -> None:
        """Stars and gas, stars that twinkle, the planet, the ground."""
        out[:] = 0
        self._back.paint(t, self._back.table(camera), out)
        if self._clear:
            self._twinkle(t, camera, out)
        if self._clear:
            self._hang(t, camera, out)
        if self._ground.layers:
            self._ground.paint(t, self._ground.table(camera), out)

    def _hang(self, t: float, camera: Camera, out: Picture) -> None:
        """The planet in the sky."""
        h, w = out.shape[:2]
        one = self._planet
        drift = 0.02 * camera.x - camera.pan
        p = np.zeros(8, np.float32)
        p[0], p[1], p[2] = (w / h / 2 + one.x - drift) * h, one.y * h, one.radius * h * camera.focal
        p[3:6], p[6], p[7] = one.towards, one.tilt, one.banded
        _globe(out, self._tile, p, one.colours, np.float32(t * 0.35), np.float32(one.ringed))

    def overlay(self, t: float, camera: Camera, out: Picture) -> None:
        """Nothing is between us and the void's guests."""

    def _twinkle(self, t: float, camera: Camera, out: Picture) -> None:
        h, w = out.shape[:2]
        s = self._twinkling
        rows = np.zeros((len(s), stamps.STAMP_COLUMNS), np.float32)
        rows[:, 0], rows[:, 1] = (s[:, 0] * w / h - camera.pan * 0.9) * h, s[:, 1] * h
        rows[:, 2] = rows[:, 3] = np.maximum(s[:, 2] * h, 0.9)
        pulse = 0.65 + 0.35 * np.sin(t * (1.5 + 2.5 * s[:, 3]) + s[:, 4] * 6.28)
        rows[:, 4], rows[:, 9], rows[:, 10], rows[:, 12] = 1, pulse, 1, 1
        rows[:, 6:9] = np.stack([0.8 + 0.5 * s[:, 3], 0.95 + 0 * s[:, 3], 1.3 - 0.5 * s[:, 3]], 1)
        stamps.stamps(out, rows)


def build(shot: Shot) -> Space:
    """The space of a shot."""
    return Space(shot)


def _depths(canvas: Canvas, depth: float) -> F32:
    return np.full(canvas.height, depth, np.float32)


def _bright(rng: np.random.Generator) -> F64:
    """The brightest stars (n, 5): column ÷ width, row ÷ height, radius in frame heights, heat, phase."""
    n = 46
    out = rng.random((n, 5))
    out[:, 2] = 0.0016 + 0.0022 * out[:, 2] ** 4
    return np.asarray(out, np.float64)


def _light(shot: Shot, row: World, *, standing: bool) -> Light:
    """The sun, and what a planet, the ground or its air throws back."""
    side = math.copysign(1.0, shot.sun_azimuth)
    towards = np.array([0.62 * side, 0.50, -0.52], np.float32)
    towards /= np.linalg.norm(towards)
    fill = np.array([0.085, 0.095, 0.125], np.float32)
    ground = np.array(row.dust, np.float32) * np.float32(1.33) if standing else fill * np.float32(0.8)
    if standing and row.air is not None:
        fill = np.array(row.air, np.float32) * np.float32(0.62)

    def radiance(d: F32) -> F32:
        glow = np.exp((d @ towards - 1) * 6)[:, None] * np.float32(0.5)
        low = np.clip(-d[:, 1:2] * 4, 0, 1)
        return np.asarray(fill * (1 - low) + ground * low + glow, np.float32)

    return Light(
        direction=towards,
        key=np.array([1.05, 1.0, 0.93], np.float32),
        sky=fill,
        bounce=ground,
        haze=np.array(row.air if standing and row.air else (0.004, 0.005, 0.010), np.float32),
        haze_density=1 / 1500 if standing and row.air else 1e-6,
        environment=environment_of(radiance),
        softness=0.03,
    )


def _dusty(canvas: Canvas, row: World, rng: np.random.Generator) -> F32:
    """The sky of a world with dust in its air: pale at the horizon, darker above, thin clouds of dust, (h, w, 4)."""
    out = canvas.blank()
    y = np.clip((canvas.horizon - np.arange(canvas.height)) / canvas.frame[1], 0, 1)[:, None]
    tile = spectral(256, 2.8, rng, lo=2, stretch=4.0)
    cloud = cv2.resize(tile, (canvas.width, canvas.height), interpolation=cv2.INTER_CUBIC)
    tone = (0.30 + 0.75 * np.exp(-y * 2.6)) * (1 + 0.07 * cloud * np.exp(-y * 3))
    tint = 1 + y[..., None] * np.array([-0.25, -0.10, 0.20])
    out[..., :3] = np.array(row.air) * tone[..., None] * tint
    out[..., 3] = 1
    return out


def _heaven(canvas: Canvas, rng: np.random.Generator) -> F32:
    """Stars, milky way and gas over the whole canvas, (h, w, 4)."""
    w, h = canvas.width, canvas.height
    focal = canvas.focal
    window = np.array([-canvas.axis / focal, (w - canvas.axis) / focal, 0.0, h / focal], np.float32)
    stars = celestial.plate(window, (w, h), None, rng)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32) / canvas.frame[1]
    out = canvas.blank()
    out[..., 3] = 1
    gas = _GASES[int(rng.integers(len(_GASES)))]
    side = max(w, h)
    big = cv2.resize(spectral(256, 3.0, rng, lo=2), (side, side), interpolation=cv2.INTER_CUBIC)[:h, :w]
    fine = cv2.resize(spectral(512, 2.3, rng, lo=5), (side, side), interpolation=cv2.INTER_CUBIC)[:h, :w]
    for k, hue in enumerate(gas):
        cx, cy = rng.uniform(0.2, 0.8) * w / canvas.frame[1], rng.uniform(0.15, 0.75)
        body = np.exp(-(((x - cx) / 0.75) ** 2 + ((y - cy) / 0.42) ** 2))
        veil = np.clip(0.50 + 0.42 * big * (1 - 2 * k) + 0.16 * fine, 0, 2.0) ** 2.0
        out[..., :3] += (body * veil * 0.24)[..., None] * np.array(hue, np.float32)
    dust = np.clip(1 - 0.5 * np.clip(big + 0.4 * fine - 0.6, 0, 1), 0.3, 1)[..., None]
    out[..., :3] = (out[..., :3] + stars * 1.3) * dust + np.array([0.0016, 0.0020, 0.0042], np.float32)
    return out


def _planet(shot: Shot, rng: np.random.Generator, *, low: bool) -> Planet:
    """A planet on the side away from the hero: large and half out of the frame, or small and whole."""
    aspect = shot.width / shot.height
    hero = shot.placements[0] if shot.placements else None
    side = -math.copysign(1.0, hero.x) if hero else float(rng.choice([-1, 1]))
    radius = float(rng.uniform(0.13, 0.30)) * min(1.0, aspect) / shot.rest.focal
    light = _light_from(shot)
    kind = int(rng.integers(len(_PLANETS)))
    return Planet(
        x=side * float(rng.uniform(0.22, 0.34)) * aspect,
        y=float(rng.uniform(0.20, 0.32)) if low or hero else float(rng.uniform(0.32, 0.6)),
        radius=radius,
        colours=np.array(_PLANETS[kind], np.float32),
        towards=light,
        tilt=float(rng.uniform(-0.5, 0.5)),
        banded=1.0 if kind == 2 else 0.0,
        ringed=bool(
            kind == 2 or (rng.random() < 0.15 and kind > 0)
        ),  # the blue one is taken for the Earth, which has none
    )


def _light_from(shot: Shot) -> F32:
    """(3,) towards the sun as seen on screen: right, up, to the viewer."""
    side = math.copysign(1.0, shot.sun_azimuth)
    v = np.array([0.72 * side, 0.42, 0.50], np.float32)
    return np.asarray(v / np.linalg.norm(v), np.float32)


def _ground(shot: Shot, canvas: Canvas, row: World, light: Light, rng: np.random.Generator) -> list[Layer]:
    """Dust with craters, and hills at the near horizon of a small world; far to near."""
    half = canvas.frame[0] / canvas.frame[1] / 2 / canvas.rest.focal
    unit = float(np.clip(canvas.rest.y / 1.5, 0.3, 1.4))
    dust = row.dust
    hero = max((p.z for p in shot.placements), default=6.0 * unit)
    hills = Range(
        max(30 * unit, hero * 2),
        160 * unit,
        row.hills * unit,
        120 * unit,
        0.4 * half,
        half,
        0.3,
        dust,
        dust,
        grit=row.grit,
    )
    floor = Floor.of(canvas, 70.0 * unit)
    soft, fine = spectral(256, 2.4, rng, lo=3), spectral(512, 1.8, rng, lo=8)
    parts = [
        floor.slopes(soft, 9 / unit, 0.030 * unit),
        floor.slopes(fine, 60 / unit, 0.006 * unit),
        floor.slopes(fine, 210 / unit, 0.0016 * unit),
        _craters(floor, unit, hero, rng),
    ]
    slopes = (np.sum([p[0] for p in parts], 0), np.sum([p[1] for p in parts], 0))
    albedo = np.array(dust, np.float32) * (1 + 0.12 * floor.noise(soft, 20 / unit))[..., None]
    return [
        floor.layer(albedo * floor.lit(slopes, light), light),
        raise_range(canvas, hills, rolling(rng), light, rng)[0],
    ]


def _craters(floor: Floor, unit: float, hero: float, rng: np.random.Generator) -> tuple[F32, F32]:
    """Slopes of bowls with raised rims, none under the cast."""
    gx, gz = np.zeros_like(floor.x), np.zeros_like(floor.x)
    z = np.broadcast_to(floor.z[:, None], floor.x.shape)
    for _ in range(70):
        size = unit * 0.12 * float(rng.pareto(1.6) + 0.6)
        at_z = float(rng.uniform(1.0, 26.0)) * unit
        at_x = float(rng.uniform(-1, 1)) * at_z * 1.1
        if abs(at_z - hero) < size * 1.6 + 0.4 * unit and abs(at_x) < 2 * unit:
            continue
        dx, dz = floor.x - at_x, z - at_z
        d = np.sqrt(dx * dx + dz * dz) / min(size, 1.6 * unit)
        # A bowl inside, a rim at 1, gone at 1.8.
        push = np.where(d < 1, 0.75 * d, -1.1 * np.exp(-(((d - 1) / 0.30) ** 2))) * (d < 2)
        gx += (push * dx / np.maximum(d * min(size, 1.6 * unit), 1e-3)).astype(np.float32)
        gz += (push * dz / np.maximum(d * min(size, 1.6 * unit), 1e-3)).astype(np.float32)
    return gx, gz
