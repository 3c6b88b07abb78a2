"""Skirts, coat tails and capes as sheets of cloth in closed form: they hang in folds, give way to the knees and are thrown
out by a spin."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.raster.materials import material
from kineograph.engines.animatic.raster.mesh import Mesh, Painter, Posed
from kineograph.engines.animatic.spec import Colour as Rgb

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

AROUND, DOWN = 120, 22  # vertices
THICKNESS = 0.004
FOLDS = 11
STIFF = 0.7  # what is cut wider than this stands out by itself: a tutu
ROUND = (0.0, 2 * math.pi)


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
    """The cut: an ellipse at the waist and a length; row units, creature axes of the bone it hangs from at rest.

    Attributes:
        top: Height of its upper edge; wide, deep: half axes there.
        length: From there to the hem; cut: angle from the vertical it falls at; fall: share of it that is left at the hem.
        arc: Azimuths it reaches from and to: all round, or the part of an apron or a cape.
        bone: Number of the bone.
        free: It hangs clear of the legs.
        back: z of its ellipse's middle.
    """

    top: float
    wide: float
    deep: float
    length: float
    cut: float
    mesh: Mesh
    fall: float = 0.70
    arc: tuple[float, float] = ROUND
    bone: int = 0
    free: bool = False
    back: float = 0.0
    painters: tuple[Painter, ...] = ()

    def posed(self, drape: Drape, pelvis: F32, ground: float) -> Posed:
        """In the world.

        Args:
            pelvis: (3, 4) matrix of the bone it hangs from, rest -> world.
            ground: World height it cannot fall below.
        """
        sheet = self._sheet(drape)
        outer = _normals(sheet, closed=self.arc == ROUND)
        points = np.concatenate([sheet.reshape(-1, 3), (sheet - outer * THICKNESS).reshape(-1, 3)]).astype(np.float32)
        normals = np.concatenate([outer.reshape(-1, 3), -outer.reshape(-1, 3)]).astype(np.float32)
        turn = pelvis[:, :3]
        world = points @ turn.T + pelvis[:, 3]
        np.maximum(world[:, 1], ground + 0.004, out=world[:, 1])
        facing = normals @ turn.T
        facing /= np.linalg.norm(facing, axis=1, keepdims=True) + 1e-9
        return Posed(self.mesh, np.ascontiguousarray(world), np.ascontiguousarray(facing), self.painters)

    def _sheet(self, drape: Drape) -> F64:
        """(DOWN, AROUND, 3) the outer face."""
        around = _around(self.arc)
        down = np.linspace(0, 1, DOWN)[:, None]
        flare = drape.flare if self.cut < STIFF else 0.15 * drape.flare
        open_ = min(max(flare, 0.0), 1.0)
        fold = np.cos(FOLDS * around + 0.8 * np.sin(2 * around + 1.0)) * (0.20 - 0.10 * open_)
        fold = fold * min(1.0, 0.25 + self.fall)  # stiff cloth hardly folds
        ripple = 0.05 * np.sin(3 * around - drape.wave) + 0.03 * np.sin(5 * around + 1.7 * drape.wave)
        lean = drape.swing[1] * np.cos(around - drape.swing[0])
        # Cloth that falls straight bends at the hips and not before.
        bend = (1 - down) if self.fall >= 0.5 else (1 - down) ** 2.5
        angle = self.cut * (self.fall + (1.15 - self.fall) * bend) + flare + np.zeros((DOWN, AROUND))
        angle = angle + (fold + (0.5 + flare) * ripple + lean) * down
        angle -= 0.42 * flare * down**1.5  # cloth thrown out falls at its hem
        for azimuth, lift, thigh in () if self.free else drape.legs:
            near = np.exp(-(((around - azimuth + math.pi) % (2 * math.pi) - math.pi) ** 2) / 0.55)
            beyond = np.clip((down * self.length - thigh * 1.25) / 0.06, 0, 1) * max(lift - 0.5, 0.0) * 1.4
            angle = np.maximum(angle, near * (lift + 0.10 - beyond) + (1 - near) * angle)
        angle = np.clip(angle, -0.10, max(1.75, self.cut))
        step = self.length / (DOWN - 1)
        out = np.cumsum(np.sin(angle), 0) * step
        fall = np.cumsum(np.cos(angle), 0) * step
        turned = around - drape.twist * down**1.4
        x = (self.wide + out) * np.sin(turned)
        z = (self.deep + out) * np.cos(turned) + self.back
        return np.stack([x, self.top - fall + 0 * x, z], -1)


def _around(arc: tuple[float, float]) -> F64:
    """(AROUND,) azimuths of the columns; a closed sheet does not repeat its first."""
    return np.linspace(*arc, AROUND, endpoint=arc != ROUND)


def _normals(sheet: F64, *, closed: bool = True) -> F64:
    """Unit normals of a sheet."""
    around = np.roll(sheet, -1, 1) - np.roll(sheet, 1, 1) if closed else np.gradient(sheet, axis=1)
    down = np.gradient(sheet, axis=0)
    n = np.cross(down, around)
    return np.asarray(n / (np.linalg.norm(n, axis=2, keepdims=True) + 1e-12))


def _triangles(*, closed: bool = True) -> NDArray[np.int32]:
    """Outer and inner face, joined at the hem; wound for world axes."""
    i = np.arange(DOWN * AROUND).reshape(DOWN, AROUND)
    if closed:
        i = np.concatenate([i, i[:, :1]], 1)
    a, b, c, d = i[:-1, :-1], i[:-1, 1:], i[1:, :-1], i[1:, 1:]
    quads = np.stack([a, b, c], -1).reshape(-1, 3), np.stack([b, d, c], -1).reshape(-1, 3)
    outer = np.concatenate(quads)
    inner = outer[:, ::-1] + DOWN * AROUND
    hem, next_ = i[-1, :-1], i[-1, 1:]
    under, next_under = hem + DOWN * AROUND, next_ + DOWN * AROUND
    edge = np.concatenate([np.stack([hem, next_, under], -1), np.stack([next_, next_under, under], -1)])
    return np.ascontiguousarray(np.concatenate([outer, inner, edge]), np.int32)


def cut_skirt(
    top: float, waist: tuple[float, float], length: float, cut: float, colours: tuple[Rgb, Rgb], *,
    fall: float = 0.70, arc: tuple[float, float] = ROUND, bone: int = 0, free: bool = False, back: float = 0.0,
    border: float = 0.10, fabric: str = "cloth", part: int = 60,
) -> Skirt:  # fmt: skip
    """A skirt.

    Args:
        top: Height of the waistline.
        waist: Half axes there.
        colours: Cloth, and the trim of the hem.
        border: Width of the trim ÷ length.

    The others are as in `Skirt`.
    """
    closed = arc == ROUND
    n = DOWN * AROUND
    down = np.repeat(np.linspace(0, 1, DOWN), AROUND)
    side = np.tile(np.linspace(-1, 1, AROUND), DOWN)
    trimmed = down > 1 - border
    if not closed and border > 0:  # a cape's border runs up its sides
        trimmed |= np.abs(side) > 1 - 0.5 * border
    colour = np.where(trimmed[:, None], np.array(colours[1]), np.array(colours[0]))
    shade = 1 - 0.35 * np.exp(-down * 6)  # gathered at the waist
    inside = colour * 0.75
    triangles = _triangles(closed=closed)
    empty = np.zeros((2 * n, 3), np.float32)
    mesh = Mesh(
        vertices=empty,
        normals=empty,
        triangles=triangles,
        colour=np.concatenate([colour, inside]).astype(np.float32),
        occlusion=np.concatenate([shade, 0.25 + 0.45 * down]).astype(np.float32),
        material=np.full(len(triangles), material(fabric), np.uint8),
        rest=empty,
        uv=np.zeros((2 * n, 2), np.float32),
        part=np.full(len(triangles), part, np.uint16),
    )
    skirt = Skirt(top, waist[0], waist[1], length, cut, mesh, fall, arc, bone, free, back)
    rest = np.tile(skirt._sheet(Drape()).reshape(-1, 3), (2, 1)).astype(np.float32)
    return replace(skirt, mesh=replace(mesh, vertices=rest, rest=rest))
