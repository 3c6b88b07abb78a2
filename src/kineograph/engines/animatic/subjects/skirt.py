"""A skirt as a sheet of cloth in closed form: it hangs in folds, gives way to the knees and is thrown out by a spin."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.raster.materials import material
from kineograph.engines.animatic.raster.mesh import Mesh, Posed
from kineograph.engines.animatic.spec import Colour as Rgb

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

AROUND, DOWN = 120, 22  # vertices
THICKNESS = 0.004
FOLDS = 11


@dataclass(slots=True)
class Drape:
    """How a skirt hangs at one moment. Angles in radians.

    Attributes:
        flare: Thrown out all round, added to its cut.
        swing: Azimuth (0 ahead, + to the left) and angle of a lean of the whole cloth: it trails behind a walker.
        twist: The hem lags behind the waist in a spin.
        wave: Phase of the ripple that runs round.
        legs: Azimuth, angle from the vertical and length of each thigh: the cloth lies on it and falls beyond the knee.
    """

    flare: float = 0.0
    swing: tuple[float, float] = (0.0, 0.0)
    twist: float = 0.0
    wave: float = 0.0
    legs: tuple[tuple[float, float, float], ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Skirt:
    """The cut: an ellipse at the waist and a length; row units, creature axes of the pelvis at rest.

    Attributes:
        top: Height of its upper edge; wide, deep: half axes there.
        length: From there to the hem; cut: angle from the vertical it falls at.
    """

    top: float
    wide: float
    deep: float
    length: float
    cut: float
    mesh: Mesh

    def posed(self, drape: Drape, pelvis: F32, ground: float) -> Posed:
        """In the world.

        Args:
            pelvis: (3, 4) matrix of the bone it hangs from, rest -> world.
            ground: World height it cannot fall below.
        """
        sheet = self._sheet(drape)
        outer = _normals(sheet)
        points = np.concatenate([sheet.reshape(-1, 3), (sheet - outer * THICKNESS).reshape(-1, 3)]).astype(np.float32)
        normals = np.concatenate([outer.reshape(-1, 3), -outer.reshape(-1, 3)]).astype(np.float32)
        turn = pelvis[:, :3]
        world = points @ turn.T + pelvis[:, 3]
        np.maximum(world[:, 1], ground + 0.004, out=world[:, 1])
        facing = normals @ turn.T
        facing /= np.linalg.norm(facing, axis=1, keepdims=True) + 1e-9
        return Posed(self.mesh, np.ascontiguousarray(world), np.ascontiguousarray(facing))

    def _sheet(self, drape: Drape) -> F64:
        """(DOWN, AROUND, 3) the outer face."""
        around = 2 * math.pi * np.arange(AROUND) / AROUND
        down = np.linspace(0, 1, DOWN)[:, None]
        open_ = min(max(drape.flare, 0.0), 1.0)
        fold = np.cos(FOLDS * around + 0.8 * np.sin(2 * around + 1.0)) * (0.20 - 0.10 * open_)
        ripple = 0.05 * np.sin(3 * around - drape.wave) + 0.03 * np.sin(5 * around + 1.7 * drape.wave)
        lean = drape.swing[1] * np.cos(around - drape.swing[0])
        angle = self.cut * (1.15 - 0.45 * down) + drape.flare + np.zeros((DOWN, AROUND))
        angle = angle + (fold + (0.5 + drape.flare) * ripple + lean) * down
        angle -= 0.42 * drape.flare * down**1.5  # cloth thrown out falls at its hem
        for azimuth, lift, thigh in drape.legs:
            near = np.exp(-(((around - azimuth + math.pi) % (2 * math.pi) - math.pi) ** 2) / 0.55)
            beyond = np.clip((down * self.length - thigh * 1.25) / 0.06, 0, 1) * max(lift - 0.5, 0.0) * 1.2
            angle = np.maximum(angle, near * (lift + 0.10 - beyond) + (1 - near) * angle)
        angle = np.clip(angle, -0.10, 1.75)
        step = self.length / (DOWN - 1)
        out = np.cumsum(np.sin(angle), 0) * step
        fall = np.cumsum(np.cos(angle), 0) * step
        turned = around - drape.twist * down**1.4
        x = (self.wide + out) * np.sin(turned)
        z = (self.deep + out) * np.cos(turned)
        return np.stack([x, self.top - fall + 0 * x, z], -1)


def _normals(sheet: F64) -> F64:
    """Unit normals of a sheet that is closed around."""
    around = np.roll(sheet, -1, 1) - np.roll(sheet, 1, 1)
    down = np.gradient(sheet, axis=0)
    n = np.cross(down, around)
    return np.asarray(n / (np.linalg.norm(n, axis=2, keepdims=True) + 1e-12))


def _triangles() -> NDArray[np.int32]:
    """Outer and inner face, joined at the hem; wound for world axes."""
    i = np.arange(DOWN * AROUND).reshape(DOWN, AROUND)
    a, b = i[:-1], np.roll(i, -1, 1)[:-1]
    c, d = i[1:], np.roll(i, -1, 1)[1:]
    quads = np.stack([a, b, c], -1).reshape(-1, 3), np.stack([b, d, c], -1).reshape(-1, 3)
    outer = np.concatenate(quads)
    inner = outer[:, ::-1] + DOWN * AROUND
    hem, next_ = i[-1], np.roll(i[-1], -1)
    under, next_under = hem + DOWN * AROUND, next_ + DOWN * AROUND
    edge = np.concatenate([np.stack([hem, next_, under], -1), np.stack([next_, next_under, under], -1)])
    return np.ascontiguousarray(np.concatenate([outer, inner, edge]), np.int32)


def cut_skirt(top: float, waist: tuple[float, float], length: float, cut: float, colours: tuple[Rgb, Rgb]) -> Skirt:
    """A skirt.

    Args:
        top: Height of the waistline.
        waist: Half axes there.
        colours: Cloth, and the trim of the hem.
    """
    n = DOWN * AROUND
    down = np.repeat(np.linspace(0, 1, DOWN), AROUND)
    colour = np.where((down > 0.90)[:, None], np.array(colours[1]), np.array(colours[0]))
    shade = 1 - 0.35 * np.exp(-down * 6)  # gathered at the waist
    inside = colour * 0.75
    triangles = _triangles()
    around = np.tile(2 * math.pi * np.arange(AROUND) / AROUND, DOWN)
    rest = np.stack([np.sin(around) * (0.1 + 0.1 * down), top - length * down, np.cos(around) * (0.1 + 0.1 * down)], -1)
    mesh = Mesh(
        vertices=np.tile(rest, (2, 1)).astype(np.float32),
        normals=np.zeros((2 * n, 3), np.float32),
        triangles=triangles,
        colour=np.concatenate([colour, inside]).astype(np.float32),
        occlusion=np.concatenate([shade, 0.25 + 0.45 * down]).astype(np.float32),
        material=np.full(len(triangles), material("cloth"), np.uint8),
        rest=np.tile(rest, (2, 1)).astype(np.float32),
        uv=np.zeros((2 * n, 2), np.float32),
        part=np.full(len(triangles), 60, np.uint16),
    )
    return Skirt(top, waist[0], waist[1], length, cut, mesh)
