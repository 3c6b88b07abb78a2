"""A stage: red curtains drawn to the sides, boards, footlights, and spotlights on whoever stands there."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.environment import LEVELS, environment_of, lookup
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import F32, f4, lean, sample, spectral
from kineograph.engines.animatic.settings.base import Layer, Picture
from kineograph.engines.animatic.settings.floor import Floor
from kineograph.engines.animatic.settings.glow import shine
from kineograph.engines.animatic.settings.layers import Canvas, Compositor
from kineograph.engines.animatic.shot import Shot

F64 = NDArray[np.float64]
_VELVETS = ((0.36, 0.020, 0.022), (0.30, 0.012, 0.045), (0.050, 0.030, 0.20), (0.024, 0.10, 0.060))
_BEAM = np.array([1.0, 0.94, 0.80], np.float32)
_COARSE = 4
_BOARD = 0.16  # metres


@lean
def _light_cones(beams: F32, dust: F32, view: F32) -> None:
    """Fill (h, w). view: column and row where the lamps meet, half the pool's width in pixels, seconds."""
    h, w = beams.shape
    top, grain = f4(-0.12) * h, f4(60) / h
    for lamp, power in ((f4(0.02), f4(0.15)), (f4(-0.60), f4(0.05)), (f4(0.62), f4(0.05))):
        for y in range(min(int(view[1] + f4(0.04) * h), h)):
            k = min(max((f4(y) + f4(0.5) - top) / max(view[1] - top, f4(1)), f4(0)), f4(1.02))
            middle = view[0] + lamp * w * (f4(1) - k)
            half = f4(0.015) * h + view[2] * k
            soft = f4(1) / (f4(0.10) * half + f4(1))
            bright = power * (f4(1.15) - f4(0.75) * k)
            drift = (f4(y) + f4(0.5)) * grain - view[3] * f4(1.5)
            for x in range(max(int(middle - half), 0), min(int(middle + half) + 2, w)):
                edge = min(max((half - abs(f4(x) + f4(0.5) - middle)) * soft, f4(0)), f4(1))
                speck = sample(dust, (f4(x) + f4(0.5)) * grain + view[3] * f4(2), drift)
                beams[y, x] += bright * edge * max(f4(1) + f4(0.22) * speck, f4(0))


class Theatre:
    """See `Setting`.

    Attributes:
        gloss: Waxed boards mirror a little of who stands on them.
    """

    gloss = (0.14, 0.35)
    grounded = True

    def __init__(self, shot: Shot) -> None:
        self._shot = shot
        rng = shot.rng("theatre")
        self._canvas = canvas = Canvas.of(shot)
        self._light = _light(float(np.sign(shot.sun_azimuth) or 1.0))
        hero = shot.placements[0] if shot.placements else None
        self._x = hero.x if hero else 0.0
        self._z = hero.z if hero else canvas.rest.focal * shot.rest.y / 0.26
        self._tall = hero.height if hero else shot.rest.y
        self._lofty = 0.0 if hero is None else max(hero.y, 0.0)
        velvet = np.array(_VELVETS[int(rng.choice(4, p=[0.6, 0.16, 0.12, 0.12]))])
        self._back = Compositor(
            shot,
            canvas,
            [
                _drape(canvas, self._z * 2.0, velvet * 0.42, (0.0, 0.0), self._pool(), rng),
                self._boards(rng),
                _drape(canvas, self._z * 1.45, velvet, (0.30, 0.10), self._pool(), rng),
            ],
            arranged=True,
        )
        self._dust = spectral(128, 2.2, rng, lo=3)

    def light(self, t: float) -> Light:  # noqa: ARG002  (stage light stands still)
        """A spotlight from above in front, a cooler one from behind."""
        return self._light

    def backdrop(self, t: float, camera: Camera, out: Picture) -> None:
        """Curtains and boards."""
        out[:] = np.float32(0.003)
        self._back.paint(0.0, self._back.table(camera), out)
        self._cones(t, camera, 0.70, out)

    def overlay(self, t: float, camera: Camera, out: Picture) -> None:
        """A little of the light before the cast too."""
        self._cones(t, camera, 0.22, out)

    def _cones(self, t: float, camera: Camera, share: float, out: Picture) -> None:
        """Cones of light through the dust."""
        h, w = out.shape[0] // _COARSE, out.shape[1] // _COARSE
        scale = camera.focal * h / max(self._z - camera.z, 0.5)
        foot = camera.horizon * h + (camera.y - self._lofty) * scale
        at = w / 2 - camera.pan * h + (self._x - camera.x) * scale
        view = np.array([at, foot, 0.50 * self._tall * scale, t], np.float32)
        beams = np.zeros((h, w), np.float32)
        _light_cones(beams, self._dust, view)
        shine(out, beams, _BEAM * np.float32(share))

    def _pool(self) -> tuple[float, float]:
        """Column of the light on the curtain behind, and its half width, pixels."""
        return self._canvas.column(self._x, self._z), 0.9 * self._tall * self._canvas.focal / self._z

    def _boards(self, rng: np.random.Generator) -> Layer:
        """Boards that run to the back, and the pool of light on them."""
        floor = Floor.of(self._canvas, self._z * 2.0)
        unit = max(self._tall / 1.7, 0.2)
        plank = np.floor(floor.x / (_BOARD * unit))
        tone = np.modf(np.abs(np.sin(plank * 12.9898) * 43758.5453))[0]
        gap = np.abs(np.mod(floor.x / (_BOARD * unit), 1.0) - 0.5) * 2
        joint = np.clip((gap - 0.93) * 14, 0, 1) * np.clip(floor.scale * _BOARD * unit / 6 - 0.3, 0, 1)[:, None]
        grain = floor.noise(spectral(512, 1.7, rng, lo=8), 60 / unit)
        wood = np.array([0.27, 0.155, 0.075]) * (0.82 + 0.30 * tone + 0.10 * grain - 0.5 * joint)[..., None]
        d = np.hypot((floor.x - self._x), (floor.z[:, None] - self._z) * 0.8) / (0.78 * self._tall)
        pool = 1 / (1 + np.exp(np.minimum((d - 1) * 9, 60)))
        lit = wood * (np.array([0.030, 0.028, 0.040]) + 1.15 * pool[..., None] * _BEAM + 0.05 * np.exp(-d)[..., None])
        pixels = self._canvas.blank()
        pixels[..., :3], pixels[..., 3] = lit * floor.cover[:, None, None], floor.cover[:, None]
        return Layer(pixels, floor.z)


def _drape(
    canvas: Canvas, z: float, velvet: F64, sides: tuple[float, float], pool: tuple[float, float],
    rng: np.random.Generator,
) -> Layer:  # fmt: skip
    """A curtain in folds: closed, or with `sides` drawn to the edges of the frame (share of its width each) under a
    valance (share of its height)."""
    y, x = np.mgrid[0 : canvas.height, 0 : canvas.width].astype(np.float32)
    frame = canvas.frame[1]
    u = (x - canvas.mx) / canvas.frame[0]
    v = (y - canvas.my) / frame
    bend = (
        0.25 * np.sin(v * 5 + 9 * u)
        + 0.6 * spectral(256, 2.6, rng, lo=3)[0, (x[0] / frame * 60).astype(int) % 256][None]
    )
    count = 30.0 * canvas.frame[0] / frame / 1.78
    fold = np.sin((u * count + bend) * math.pi)
    shade = 0.42 + 0.42 * fold + 0.16 * np.sin((u * count * 2.3 + bend * 2) * math.pi)
    foot = canvas.row(0.0, z)
    cover = np.clip(foot - y, 0, 1)
    if sides[0]:
        drawn = sides[0] * (1 - 0.30 * np.sin(np.clip(v, 0, 1) * math.pi) + 0.22 * (1 - np.clip(v, 0, 1)) ** 2)
        side = np.clip((drawn - np.minimum(u, 1 - u)) * canvas.frame[0] / 2, 0, 1)
        swag = sides[1] * (1 + 0.35 * np.abs(np.sin(u * 5 * math.pi)))
        valance = np.clip((swag - v) * frame / 2, 0, 1)
        cover = cover * np.maximum(side, valance)
        shade = np.where(valance > side, 0.55 + 0.35 * np.cos((v / np.maximum(swag, 1e-3)) * 9), shade)
    light = 0.10 + 0.55 * np.exp(-(((x - pool[0]) / (1.6 * pool[1] + 1)) ** 2)) * np.clip(0.25 + v, 0, 1)
    light = light + 0.30 * np.exp(-np.clip(foot - y, 0, None) / (0.10 * frame))  # footlights
    pixels = canvas.blank()
    pixels[..., :3] = velvet * (np.clip(shade, 0.08, 1.1) * light * 1.5)[..., None] * cover[..., None]
    pixels[..., 3] = cover
    return Layer(np.ascontiguousarray(pixels, np.float32), np.full(canvas.height, z, np.float32))


def _light(side: float) -> Light:
    towards = np.array([0.30 * side, 0.80, -0.52], np.float32)
    towards /= np.linalg.norm(towards)
    fill = np.array([0.10, 0.085, 0.10], np.float32)

    def radiance(d: F32) -> F32:
        glow = np.exp((d @ towards - 1) * 10)[:, None] * np.float32(1.2)
        warm = np.clip(-d[:, 1:2], 0, 1) * np.float32(0.22)
        return np.asarray(fill + glow + warm * np.array([0.8, 0.5, 0.3], np.float32), np.float32)

    environment = environment_of(radiance)
    return Light(
        direction=towards,
        key=np.array([1.05, 0.99, 0.86], np.float32),
        sky=lookup(environment, (0.0, 1.0, 0.0), LEVELS - 1),
        bounce=np.array([0.14, 0.08, 0.045], np.float32),
        haze=np.array([0.01, 0.01, 0.012], np.float32),
        haze_density=1e-6,
        environment=environment,
        softness=0.10,
        night=1.0,
    )


def build(shot: Shot) -> Theatre:
    """The stage of a shot."""
    return Theatre(shot)
