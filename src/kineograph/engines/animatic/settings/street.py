"""A street: house fronts, shops and awnings by day; lamps, signs and lit windows in the evening; a mirror when it is wet."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.noise import ripple, spectral
from kineograph.engines.animatic.settings import neon, stamps
from kineograph.engines.animatic.settings.base import Picture
from kineograph.engines.animatic.settings.city import Box, faces, shadows
from kineograph.engines.animatic.settings.evening import dusk
from kineograph.engines.animatic.settings.facade import ground_sun, walls
from kineograph.engines.animatic.settings.gleam import gleam
from kineograph.engines.animatic.settings.lawn import texture
from kineograph.engines.animatic.settings.plates import (
    DUSK,
    LAMP,
    LAMP_CHANNELS,
    Canvas,
    Plate,
    Stack,
    follow,
    relight,
    rows_of,
    standing,
    unchanging,
)
from kineograph.engines.animatic.settings.street_plan import plan
from kineograph.engines.animatic.settings.street_things import furniture
from kineograph.engines.animatic.settings.strips import split
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot

F32 = NDArray[np.float32]

WARM = np.array([1.45, 0.92, 0.44], np.float32)  # of the lamps
LUMA = np.array([0.3, 0.5, 0.2], np.float32)
AIR = 0.9  # of the landscape's haze
LAMP_HIGH = 5.2  # metres
_FROM = np.array([0.45, 0.72, -0.52], np.float32)  # where lamplight comes from
_MOVES = 22.0  # metres at which the house fronts move under the camera
_WET = {"rain": 1.0, "storm": 1.0, "fog": 0.35, "snow": 0.30}  # how much the road mirrors; 0.10 otherwise


class StreetScene:
    """See `Setting`."""

    def __init__(self, shot: Shot) -> None:
        self._shot = shot
        self.sky = Sky(shot, ground=(0.11, 0.11, 0.115))
        self.street = plan(shot)
        self._canvas = canvas = Canvas.of(shot)
        rng = shot.rng("street paint")
        self._noise, self._tile = spectral(256, 1.8, rng, lo=3), spectral(128, 2.6, rng, lo=2)
        self._slopes = split(ripple(256, rng, 8, 90))
        self._wet = _WET.get(shot.spec.weather, 0.10)
        self._rain = 0.55 if shot.spec.weather in ("rain", "storm") else 0.0
        self._weather = Weather(shot, mist=0.5)
        self._cars = rng.random((18, 4))
        self._neon = neon.signs(shot, self.street.half, self.street.middle)
        light, self._fixed = self.sky.light(0.0), unchanging(shot)
        towards = self._towards(light)
        fronts, mirrored = self._fronts(towards, light)
        ground = Plate(self._ground(towards, light, rng), self._depths())
        self._mirror = Plate(mirrored, standing(canvas, _MOVES))
        plates = [Plate(fronts, standing(canvas, _MOVES)), ground]
        plates += furniture(canvas, self.street, light.haze_density * AIR, shot.rng("street things"))
        wind = spectral(64, 3.0, shot.rng("wind"), lo=2, hi=10)
        self._stack = Stack(canvas, plates, light, wind, self.dusk(0.0), fixed=self._fixed)
        self._image = self._imaged(light, self.dusk(0.0)) if self._fixed else None

    def dusk(self, t: float) -> float:
        """How far the lamps are on."""
        return dusk(self._shot, t)

    def light(self, t: float) -> Light:
        """The sky's rig; lamps join it in the evening."""
        light = self.sky.light(t)
        share = np.float32(min(max((self.dusk(t) - 0.3) * 1.6, 0.0), 1.0))
        if share <= 0:
            return light
        mixed = light.direction * (1 - share) + _FROM * share
        return replace(
            light,
            direction=np.asarray(mixed / np.linalg.norm(mixed), np.float32),
            key=np.asarray(light.key + WARM * np.float32(0.16) * share, np.float32),
            sky=np.asarray(light.sky + WARM * np.float32(0.035) * share, np.float32),
        )

    def backdrop(self, t: float, camera: Camera, out: Picture) -> None:
        """Sky, fronts, road, its mirror, lamps and trees, traffic far off."""
        light, on = self.sky.light(t), self.dusk(t)
        h, w = out.shape[:2]
        line = min(max(int(camera.horizon * h) + 2, 0), h)
        self.sky.paint(t, camera, out, line)
        out[line:] = 0
        self._stack.draw((1, 0), t, light, camera, out, on)
        image = self._image if self._image is not None else self._imaged(light, on)
        view = np.array(
            [camera.focal * h, w / 2 - camera.pan * h, camera.horizon * h, camera.x, camera.y, camera.z,
             self.street.middle, self.street.half], np.float32,
        )  # fmt: skip
        self._traffic(t, camera, light, on, out)
        rows = rows_of(self._mirror, self._canvas, camera)
        gleam(out, image, rows, self._slopes, self._tile, view, self._wet, self._rain, t)
        self._stack.draw(range(2, len(self._stack.plates)), t, light, camera, out, on)
        self._glow(camera, on, out)
        if self._neon:
            neon.paint(self._neon, t, camera, 0.35 + 0.65 * on, 0.5 if self._rain else 0.15, out)
        self._weather.behind(t, camera, light, out)

    def overlay(self, t: float, camera: Camera, out: Picture) -> None:
        """Weather before the cast."""
        self._weather.before(t, camera, self.sky.light(t), out)

    def _imaged(self, light: Light, on: float) -> F32:
        """The houses' mirror image under this light, (h, w, 3)."""
        return np.ascontiguousarray(np.moveaxis(relight(self._mirror.paint, light, on)[:, :3], 1, 2))

    # -- what lives ------------------------------------------------------------------------------------------------

    def _traffic(self, t: float, camera: Camera, light: Light, on: float, out: Picture) -> None:
        """Cars far down the road: a dark body, head lamps coming, tail lamps going."""
        h, w = out.shape[:2]
        c = self._cars
        coming = c[:, 0] < 0.5
        z = 38 + ((c[:, 1] * 170 + np.where(coming, -1, 1) * t * (5 + 4 * c[:, 2])) % 170)
        lane = self.street.middle + np.where(coming, -1, 1) * self.street.kerb * 0.45
        order = np.argsort(-z)
        z, lane, coming = z[order], lane[order], coming[order]
        scale = camera.focal * h / np.maximum(z - camera.z, 5)
        x = w / 2 - camera.pan * h + (lane - camera.x) * scale
        y = camera.horizon * h + camera.y * scale
        rows = np.zeros((4 * len(z), stamps.STAMP_COLUMNS), np.float32)
        rows[:, 4], rows[:, 10] = 1, 0.35
        for n in range(len(z)):
            s = scale[n]
            far = 1 - math.exp(-z[n] * light.haze_density * AIR)
            paint = np.array([0.05, 0.055, 0.06]) * (light.sky * 2 + light.key * 0.4) * (1 - far) + light.haze * far
            body, roof, left, right = rows[4 * n : 4 * n + 4]
            body[:4], roof[:4] = (
                (x[n], y[n] - 0.55 * s, 0.95 * s, 0.48 * s),
                (x[n], y[n] - 1.05 * s, 0.72 * s, 0.42 * s),
            )
            body[6:9], roof[6:9] = paint, paint * 1.4
            body[9] = roof[9] = 0.95
            body[10] = roof[10] = 0.2
            for lamp, side in ((left, -0.65), (right, 0.65)):
                lamp[:4] = x[n] + side * s, y[n] - 0.62 * s, max(0.16 * s, 0.9), max(0.16 * s, 0.9)
                lamp[6:9] = (1.7, 1.55, 1.2) if coming[n] else (1.4, 0.08, 0.05)
                lamp[9], lamp[10], lamp[12] = min(0.12 + on * 1.2, 1.0), 0.9, 1
        stamps.stamps(out, rows)

    def _glow(self, camera: Camera, on: float, out: Picture) -> None:
        """Haloes of the lamps, larger in damp air."""
        share = min(max((on - 0.22) * 3, 0.0), 1.0)
        if share <= 0:
            return
        h = out.shape[0]
        damp = 1.0 + 1.6 * min(self._wet, 1.0) * (self._shot.spec.weather != "snow")
        rows = np.zeros((len(self.street.lamps), stamps.STAMP_COLUMNS), np.float32)
        canvas = self._canvas
        for row, (x, z) in zip(rows, self.street.lamps, strict=True):
            arm = x - math.copysign(0.9, x - self.street.middle)
            at = canvas.project(np.array([[arm + canvas.camera.x, LAMP_HIGH, z + canvas.camera.z]], np.float32))[:, :2]
            row[:2] = follow(at, _MOVES, canvas, camera)[0]
            row[2] = row[3] = max(0.30 * camera.focal * h / z, 2.0) * damp
            row[9] = share * 0.50
        rows[:, 4], rows[:, 6:9], rows[:, 10], rows[:, 12] = 1, WARM, 1, 1
        stamps.stamps(out, rows)

    # -- how it is painted -----------------------------------------------------------------------------------------

    def _towards(self, light: Light) -> F32:
        """Where the fronts are lit from: one side of the street in the sun, whatever the sky says."""
        x, y, _ = (float(v) for v in light.direction)
        v = np.array([math.copysign(max(abs(x), 0.55), x), max(y, 0.12), -0.45])
        return np.asarray(v / np.linalg.norm(v), np.float32)

    def _view(self, eye: float, *, flipped: bool = False) -> F32:
        canvas, rest = self._canvas, self._canvas.camera
        horizon = canvas.my + rest.horizon * canvas.height
        row = canvas.shape[0] - horizon if flipped else horizon
        axis = canvas.mx + canvas.width / 2 - rest.pan * canvas.height
        return np.array([rest.focal * canvas.height, axis, row, eye], np.float32)

    def _moved(self) -> list[Box]:
        """The houses as the eye sees them: metres from it."""
        rest = self._canvas.camera
        return [replace(box, x=box.x - rest.x) for box in self.street.houses]

    def _fronts(self, towards: F32, light: Light) -> tuple[F32, F32]:
        """House fronts, and their mirror image in the road."""
        canvas, boxes = self._canvas, self._moved()
        panes = faces(boxes, light.haze_density * AIR, 0)
        throwers = shadows(boxes[: self.street.throwers])
        fronts = canvas.blank(LAMP_CHANNELS)
        walls(fronts, panes, throwers, towards, self._view(canvas.camera.y), self._noise)
        return fronts, self._mirrored(panes, throwers[:0], towards)

    def _mirrored(self, panes: F32, nothing: F32, towards: F32) -> F32:
        """What an eye as far below the road sees, upside down; at half size, for the road blurs it."""
        rows, columns = self._canvas.shape
        small = np.zeros((-(-rows // 2), -(-columns // 2), LAMP_CHANNELS), np.float32)
        view = self._view(-self._canvas.camera.y, flipped=True) * np.array([0.5, 0.5, 0.5, 1], np.float32)
        view[2] += (len(small) * 2 - rows) / 2  # turned over, the odd row is the first
        walls(small, panes, nothing, towards, view, self._noise)
        small = small[::-1]
        self._mirror_sky(small)
        blur = self._canvas.height / 2
        parts = [
            cv2.GaussianBlur(np.ascontiguousarray(part), (0, 0), sigmaX=blur * 0.0014, sigmaY=blur * 0.007)
            for part in np.split(small, 3, axis=2)
        ]
        return np.ascontiguousarray(np.concatenate(parts, axis=2), np.float32)

    def _mirror_sky(self, mirrored: F32) -> None:
        """Where no house is mirrored the sky is."""
        rest = 1 - mirrored[..., 11]
        mirrored[..., 3:6] += rest[..., None] * np.float32(0.8)
        mirrored[..., 6] += rest * np.float32(0.25)
        mirrored[..., 11] = 1

    def _depths(self) -> F32:
        _, depth, cover = self._canvas.ground()
        return np.where(cover > 0, np.minimum(depth, 400), 400).astype(np.float32)

    def _ground(self, towards: F32, light: Light, rng: np.random.Generator) -> F32:
        """Asphalt with its markings, kerbs and slabs, lit by the sun between the houses and by the lamps."""
        canvas, street = self._canvas, self.street
        x, z, cover = canvas.ground()
        scale = canvas.camera.focal * canvas.height / z
        fine = spectral(512, 1.5, rng, lo=8)
        grain = texture(fine, x, z, scale, 160.0) + 0.8 * texture(fine, x, z, scale, 42.0)
        patches = texture(self._tile, x, z, scale, 2.6)
        across = np.abs(x - street.middle)
        metre = 1 / scale[:, None]
        road = np.clip((street.kerb - across) / metre + 0.5, 0, 1)
        albedo = 0.070 + 0.010 * patches + 0.016 * grain + (1 - road) * (0.085 + 0.010 * patches)
        gap = np.minimum((z[:, None] / 0.9) % 1, (across / 0.9) % 1) * 0.9  # metres to the joint of a slab
        joint = (1 - road) * np.clip(1 - gap / np.maximum(0.02, metre), 0, 1) * np.clip(0.25 / metre / 20, 0, 1)
        albedo = albedo * (1 - 0.35 * joint)
        kerb = np.exp(-(((across - street.kerb) / np.maximum(0.10, metre)) ** 2))
        albedo = albedo + 0.07 * kerb
        dash = np.clip((0.07 - np.abs(x - street.middle)) / metre + 0.5, 0, 1) * (((z[:, None] + 1.2) / 6.5) % 1 < 0.5)
        zebra = (((x - street.middle) / 1.1) % 1 < 0.5) * (np.abs(z[:, None] - 15.0) < 1.6) * road
        worn = np.clip(0.85 + 0.25 * grain, 0.4, 1)
        albedo = albedo + (0.26 * dash + 0.22 * np.maximum(zebra, 0)) * worn * road
        albedo = np.clip(albedo * (1 - 0.35 * min(self._wet, 1.0)), 0.01, 0.6)
        if self._shot.spec.weather == "snow":
            ruts = np.exp(-(((across % (street.kerb / 2)) / (street.kerb / 2) - 0.5) ** 2) * 30)  # where wheels went
            snow = np.clip(0.95 - road * (0.10 + 0.55 * ruts * (0.8 + 0.3 * patches)), 0.25, 1)
            albedo = albedo * (1 - snow) + 0.62 * snow
        sun = np.zeros_like(x)
        boxes = shadows(self._moved()[: street.throwers])
        ground_sun(np.ascontiguousarray(x - canvas.camera.x), z, boxes, towards, sun)
        sun = np.asarray(cv2.GaussianBlur(sun, (0, 0), 0.0016 * canvas.height), np.float32)
        shut = 0.55 + 0.45 * np.clip(1 - across / street.half, 0, 1)
        plate = canvas.blank(LAMP_CHANNELS)
        tint = np.array([1.0, 0.985, 0.965])
        hidden = np.clip(1 - np.exp(-z * light.haze_density * AIR), 0, 0.7)[:, None]
        plate[..., 0:3] = (albedo * sun * max(float(towards[1]), 0.12) * (1 - hidden))[..., None] * tint
        plate[..., 3:6] = (albedo * shut * (1 - hidden))[..., None] * tint
        plate[..., 6] = hidden
        pool = np.zeros_like(x)
        for px, pz in street.lamps:
            arm = px - math.copysign(0.9, px - street.middle)
            pool += 1 / (1 + ((x - arm) ** 2 + (z[:, None] - pz) ** 2) / 14.0) ** 1.6
        shops = np.exp(-np.clip(street.half - across, 0, 20) / 1.6)
        plate[..., LAMP] = (albedo * (0.05 + 0.85 * pool + 0.55 * shops) * (1 - hidden))[..., None] * WARM
        plate[..., DUSK] = plate[..., LAMP] @ LUMA * 0.32
        plate[..., 11] = 1
        plate *= cover[:, None, None]
        return plate


def build(shot: Shot) -> StreetScene:
    """The street of a shot."""
    return StreetScene(shot)
