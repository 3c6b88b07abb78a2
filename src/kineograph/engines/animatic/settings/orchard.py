"""An orchard in blossom: one great tree beside the hero, hazy rows behind, sun flecks and falling petals."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.light.sky import Sky
from kineograph.engines.animatic.noise import spectral, wander
from kineograph.engines.animatic.settings.base import Picture, Setting
from kineograph.engines.animatic.settings.blossom import (
    Habit,
    LitTree,
    Stand,
    grow,
    grow_branch,
    light_tree,
    paint_tree,
)
from kineograph.engines.animatic.settings.lawn import paint_lawn, paint_skirt
from kineograph.engines.animatic.settings.plates import Canvas, Plate, Stack, haze, standing, unchanging
from kineograph.engines.animatic.settings.rays import shafts
from kineograph.engines.animatic.settings.weather import Weather
from kineograph.engines.animatic.shot import Shot

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

# Of a spring haze that separates the rows: half is gone at 33 m.
AIR = 1 / 48
LUMA = np.array([0.3, 0.5, 0.2])
BOUGH = 2.0  # metres: the branch that hangs into the picture is painted for this depth, and moves as if farther


@cache
def palettes() -> dict[str, dict[str, Any]]:
    """Rows of trees.toml by name."""
    return tomllib.loads(files(__package__).joinpath("trees.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the trees stand, metres.

    Attributes:
        hero: (x, z, height, side) of the great tree; side is -1 left, +1 right.
        near: (x, z, size) of trees that frame, at 8–16 m.
        rows: (x, z, size) of those behind, far to near.
        path: World x of a gravel path at the viewer's feet, or None.
        branch: -1 or +1: the corner where a bough hangs into the picture; 0 for none.
    """

    palette: str
    hero: tuple[float, float, float, int]
    near: list[tuple[float, float, float]]
    rows: list[tuple[float, float, float]]
    path: float | None
    branch: int


def lay_out(shot: Shot) -> Plan:
    """Compose the orchard for this frame shape and hero. Everything is drawn here."""
    rng = shot.rng("orchard")
    camera, aspect = shot.rest, shot.width / shot.height
    hero_x, hero_z = (shot.placements[0].x, shot.placements[0].z) if shot.placements else (camera.x, camera.z + 7)
    away = max(hero_z - camera.z, 1.5)
    offset = ((hero_x - camera.x) * camera.focal / away - camera.pan) / (aspect / 2)
    side = int(rng.choice([-1, 1]))
    if abs(offset) > 0.07:
        side = -1 if offset > 0 else 1
    depth = max(away * rng.uniform(1.15, 1.35), away + 0.9)

    def at(fraction: float, metres: float) -> float:
        """World x that stands at a fraction of half the frame width, at this depth."""
        return camera.x + (fraction * aspect / 2 + camera.pan) * metres / camera.focal

    fraction = float(np.interp(aspect, [0.56, 1, 1.78, 2.33], [0.70, 0.58, 0.50, 0.44])) + rng.uniform(-0.06, 0.06)
    top = camera.y + camera.horizon * depth / camera.focal
    tall = float(np.clip(top * rng.uniform(1.08, 1.28), 4.0, 9.0))
    great = (at(side * fraction, depth), camera.z + depth, tall, side)
    far = depth * rng.uniform(1.7, 2.3) + 1
    near = [(at(-side * rng.uniform(0.78, 1.05), far), camera.z + far, rng.uniform(0.95, 1.2))]
    if aspect > 1.2:
        z = far * rng.uniform(1.1, 1.35)
        near.append((at(side * rng.uniform(0.95, 1.15), z), camera.z + z, rng.uniform(0.9, 1.15)))
    path = at(-side * rng.uniform(0.0, 0.35), away) if rng.random() < 0.35 else None
    first = camera.z + far * 1.5
    manner = str(rng.choice(["avenue", "avenue", "grove", "open"]))
    if manner == "avenue":
        rows = _avenue(rng, at(rng.uniform(-0.25, 0.25), 16), first)
    elif manner == "grove":
        rows = _grove(rng, camera, aspect, first, round(12 + 10 * aspect))
    else:  # a clearing: sky beside the great tree
        rows = _grove(rng, camera, aspect, max(first, 20.0), round(5 + 5 * aspect))
        near = near[1:]
    branch = int(rng.choice([-side, -side, side, 0]))
    palette = str(rng.choice(sorted(palettes())))
    return Plan(palette, great, near[::-1], rows, path, branch)


def _avenue(rng: np.random.Generator, middle: float, first: float) -> list[tuple[float, float, float]]:
    """Two rows that meet in the distance."""
    gap = rng.uniform(3.4, 4.8)
    z = np.arange(first, 46, rng.uniform(3.2, 4.2))[::-1]
    return [
        (middle + s * (gap + row * 6.5) + rng.normal(0, 0.3), float(zi) + rng.normal(0, 0.4), rng.uniform(0.85, 1.15))
        for zi in z
        for s in (-1, 1)
        for row in (1, 0)
    ]


def _grove(
    rng: np.random.Generator, camera: Camera, aspect: float, first: float, count: int
) -> list[tuple[float, float, float]]:
    """Trees here and there, denser with distance."""
    z = np.sort(rng.uniform(first**0.5, 46**0.5, count) ** 2)[::-1]
    spots = (np.arange(len(z)) * 0.618034 + rng.random()) % 1 * 2 - 1
    half = aspect / 2 * 1.3 / camera.focal
    return [(camera.x + float(s * half * zi), float(zi), rng.uniform(0.8, 1.2)) for s, zi in zip(spots, z, strict=True)]


def eased(light: Light) -> Light:
    """The rig with part of its colour taken out, as the eye does under a low sun: petals lit by pure orange are no longer
    pink, and would be taken for autumn leaves.
    """

    def grey(colour: F32, share: float) -> F32:
        luma = float(colour @ LUMA)
        return np.asarray(colour * (1 - share) + luma * share, np.float32)

    # Under a crown in rain at dawn hardly any light is left; the eye opens.
    level = float((light.sky + 0.5 * light.key) @ LUMA)
    lift = np.float32(np.clip((0.15 / max(level, 1e-3)) ** 0.6, 1.0, 1.9))
    return replace(
        light,
        key=grey(light.key, 0.42) * lift,
        sky=grey(light.sky, 0.35) * lift,
        haze=grey(light.haze, 0.22) * lift**0.5,
    )


def build(shot: Shot) -> Setting:
    """Grow, light and paint the orchard of this shot."""
    return Orchard(shot)


class Orchard:
    """The set: plates far to near, air and petals."""

    def __init__(self, shot: Shot) -> None:
        """Everything that is done once."""
        self._shot = shot
        self._sky = Sky(shot, ground=(0.13, 0.14, 0.06))
        self._canvas = Canvas.of(shot)
        self._rng = shot.rng("orchard paint")
        self._plan = lay_out(shot)
        self._palette = {k: np.asarray(v) for k, v in palettes()[self._plan.palette].items() if k != "weeping"}
        if shot.spec.weather == "snow":  # on the grass it stays lying
            self._palette["grass"] = np.array([[0.42, 0.46, 0.50], [0.72, 0.75, 0.80]])
        self._tile = spectral(256, 1.8, shot.rng("bark"), lo=3)
        self._weather = Weather(shot, extra=("petals",))
        towards = self._sky.light(0.0).direction.astype(np.float64)
        towards[1] = max(towards[1], 0.14)
        self._towards = towards / np.linalg.norm(towards)
        wind = spectral(128, 3.0, shot.rng("wind"), lo=2, hi=14)
        self._raw = self._sky.light(0.0)
        self._steady = eased(self._raw)
        self._stack = Stack(self._canvas, self._paint(), self._steady, wind, fixed=unchanging(shot))

    def light(self, t: float) -> Light:
        """The sky's rig, eased so that pink stays pink."""
        raw = self._sky.light(t)
        return self._steady if raw is self._raw else eased(raw)

    def backdrop(self, t: float, camera: Camera, out: Picture) -> None:
        """Sky, rows, lawn, the great tree, and the petals beyond the hero."""
        light = self.light(t)
        self._sky.paint(t, camera, out, int(camera.horizon * out.shape[0]) + 2)
        self._stack.draw((0, 1, 2), t, light, camera, out)
        shafts(t, camera, light, self._tile, 0.11, out)
        self._weather.behind(t, camera, light, out)

    def overlay(self, t: float, camera: Camera, out: Picture) -> None:
        """Petals, shafts and a bough before the hero."""
        light = self.light(t)
        shafts(t, camera, light, self._tile, 0.05, out)
        self._weather.before(t, camera, light, out)
        if self._plan.branch:
            self._stack.draw((3,), t, light, camera, out)

    # -- how it is made --------------------------------------------------------------------------------------------

    def _paint(self) -> list[Plate]:
        plan, rng, canvas = self._plan, self._rng, self._canvas
        weeping = bool(palettes()[plan.palette].get("weeping"))
        great = self._grown(Habit(
            plan.hero[2], np.array([-plan.hero[3] * rng.uniform(0.35, 0.8), 0, -0.1]), rng.uniform(0.54, 0.70),
            0.22 if weeping else rng.uniform(0.04, 0.09), 70_000, 0.5, max(plan.hero[2] * 0.34, self._head() * 1.25),
        ))  # fmt: skip
        others = [
            self._grown(Habit(rng.uniform(4.8, 6.2), flowers=30_000, droop=0.2 if weeping else 0.06, clear=1.9))
            for _ in range(3)
        ]
        near, rows = self._stand(others, plan.near, 0.7), self._stand(others, plan.rows, 0.10)
        hero = Stand(great, plan.hero[0], plan.hero[1])
        ground = canvas.blank()
        self._hills(ground)
        for stand in self._stand(others, self._horizon_trees(), 0.012):
            # Sunk, so that the far crowns close the horizon.
            self._tree(ground, replace(stand, y=-1.7), slabs=1)
        paint_lawn(
            ground, canvas, [*rows, *near, hero], self._towards, self._palette, plan.path, self._thick() * 0.55, rng
        )
        for stand in rows:
            self._tree(ground, stand, slabs=3)
        _, floor, cover = canvas.ground()
        if (soft := canvas.height * 0.0024) > 0.4:
            # Sharp where the hero stands, soft behind.
            share = np.where(cover > 0, np.clip((floor - 6) / 9, 0, 1), 1).astype(np.float32)[:, None, None]
            ground += (cv2.GaussianBlur(ground, (0, 0), soft) - ground) * share
        middle, front, bough = canvas.blank(), canvas.blank(), canvas.blank()
        for stand in near:
            self._tree(middle, stand, slabs=6)
            paint_skirt(middle, canvas, stand, self._palette, rng)
        self._tree(front, hero, slabs=12)
        paint_skirt(front, canvas, hero, self._palette, rng)
        self._bough(bough)
        camera, blow = canvas.camera, 0.0035 + 0.0015 * min(self._shot.wind, 6)
        feet = [canvas.project(np.array([[s.x, 0, s.z]], np.float32))[0, 1] for s in (hero, *near[:1], hero)]
        near_z = float(np.mean([s.z for s in near])) - camera.z if near else 20.0
        return [
            Plate(ground, np.where(cover > 0, np.minimum(floor, 30), 30).astype(np.float32)),
            Plate(middle, standing(canvas, near_z), blow * 0.6, feet[1]),
            Plate(front, standing(canvas, hero.z - camera.z), blow, feet[0]),
            Plate(bough, standing(canvas, max(BOUGH, 0.7 * (hero.z - camera.z))), blow * 1.8, canvas.shape[0]),
        ]

    def _head(self) -> float:
        """Metres: as high as the hero is tall."""
        return self._shot.placements[0].height if self._shot.placements else 1.6

    def _grown(self, habit: Habit) -> LitTree:
        return light_tree(grow(habit, self._rng), self._towards, self._palette["petals"], self._rng)

    def _tree(self, plate: F32, stand: Stand, slabs: int) -> None:
        paint_tree(plate, self._canvas, stand, self._palette["bark"], self._towards, self._tile, slabs)

    def _stand(self, trees: list[LitTree], spots: list[tuple[float, float, float]], keep: float) -> list[Stand]:
        thick = self._thick()
        return [
            Stand(
                trees[i % len(trees)], x, z, turn=float(self._rng.uniform(0, 6.2832)), size=size,
                keep=float(np.clip(keep * (20 / z) ** 1.3 if keep < 0.5 else keep, 0.01, 1)),
                haze=float(1 - np.exp(-z * thick)) if z > 7 else 0.0,
            )
            for i, (x, z, size) in enumerate(spots)
        ]  # fmt: skip

    def _thick(self) -> float:
        """Extinction of the orchard's air per metre."""
        return AIR + self._sky.light(0.0).haze_density

    def _horizon_trees(self) -> list[tuple[float, float, float]]:
        half = self._shot.width / self._shot.height * 0.7 / self._shot.rest.focal
        n = round(22 + 22 * half)
        x = np.linspace(-half, half, n) * 62
        return [(float(xi), float(self._rng.uniform(50, 70)), float(self._rng.uniform(0.9, 1.5))) for xi in x]

    def _hills(self, plate: F32) -> None:
        """Two hazy ridges that close the distance."""
        canvas = self._canvas
        rows = np.arange(canvas.shape[0], dtype=np.float32)[:, None] - canvas.my - canvas.camera.horizon * canvas.height
        x = (np.arange(canvas.shape[1], dtype=np.float32) / canvas.height * 2.2).astype(np.float32)
        for rise, share in ((0.055, 0.80), (0.030, 0.66)):
            crest = -canvas.height * (rise + rise * 0.35 * wander(x, self._rng, 1.3, 6))
            cover = np.clip(rows - crest[None] + 0.5, 0, 1)[..., None]
            hill = np.zeros(8, np.float32)
            hill[0:3], hill[3:6], hill[7] = np.array([0.05, 0.075, 0.04]) * 0.7, np.array([0.05, 0.075, 0.045]), 1
            plate *= 1 - cover
            plate += cover * haze(hill[None, None].copy(), share)

    def _bough(self, plate: F32) -> None:
        """A branch out of focus in an upper corner."""
        if not self._plan.branch:
            return
        canvas, rng, side = self._canvas, self._rng, self._plan.branch
        camera, depth = canvas.camera, BOUGH
        aspect = canvas.width / canvas.height
        x = camera.x + (side * (aspect / 2 + 0.06) + camera.pan) * depth / camera.focal
        y = camera.y + (camera.horizon + 0.02) * depth / camera.focal
        towards = np.array([-side * 0.86, -0.38, 0.25])
        tree = grow_branch(
            towards / np.linalg.norm(towards), min(0.40, 0.30 * aspect) * rng.uniform(0.8, 1.1), 700, rng
        )
        lit = light_tree(tree, self._towards, self._palette["petals"], rng, 0.12)
        self._tree(plate, Stand(lit, x, camera.z + depth, y), slabs=3)
        plate[...] = cv2.GaussianBlur(plate, (0, 0), canvas.height * 0.0050)
