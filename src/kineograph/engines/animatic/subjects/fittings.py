"""Hats, crowns, collars, buckles: what people wear besides cloth, as primitives that rows of wardrobe.toml list."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.spec import Colour as Rgb
from kineograph.engines.animatic.subjects.biped_body import Body
from kineograph.engines.animatic.subjects.rows import tint
from kineograph.engines.animatic.subjects.sdf import CARVE, Shape
from kineograph.engines.animatic.subjects.skeleton import rx, ry, rz
from kineograph.engines.animatic.subjects.wardrobe import Layer

F64 = NDArray[np.float64]
Part = Mapping[str, Any]
CELL = 0.055  # grid step ÷ head radius


def fittings(body: Body, layers: Sequence[Layer]) -> list[Shape]:
    """One surface a layer and material, in the order of the rows."""
    out: list[Shape] = []
    for layer in layers:
        shapes: dict[str, Shape] = {}
        for part in layer.row.get("parts", ()):
            for single in _both(part):
                _add(body, layer, single, shapes)
        out += [shape for shape in shapes.values() if any(not row[CARVE] for row in shape.rows)]
    return out


def spectacles(body: Body, eyes: Sequence[F64], layers: Sequence[Layer]) -> list[Shape]:
    """Rims before the eyes, a bridge, and the arms to the ears; dark glass where the row says so."""
    layer = next((layer for layer in layers if layer.row.get("spectacles")), None)
    if layer is None:
        return []
    hr, bone = body.row.head, body.skeleton.index["head"]
    rim, glass = Shape("plastic", hr * 0.030, crisp=True), Shape("gloss", hr * 0.045, crisp=True)
    wide = body.row.eye * hr * 1.30
    thick = hr * 0.030
    for side, at in zip((1, -1), eyes, strict=True):
        centre = np.asarray(at) + np.array([side * hr * 0.015, 0, body.row.eye * hr * 0.80 + hr * 0.03])
        angles = [2 * math.pi * i / 14 for i in range(15)]
        ring = [
            centre + np.array([math.cos(a) * wide, math.sin(a) * wide, -0.10 * wide * (1 + side * math.cos(a))])
            for a in angles
        ]
        rim.chain(ring, [thick] * 15, [bone], colour=layer.own, blend=hr * 0.01)
        outer = ring[0 if side > 0 else 7]
        ear = body.head + hr * np.array([side * 0.97, 0.02, 0.02])
        rim.chain([outer, ear], [thick, thick * 0.8], [bone], colour=layer.own, blend=hr * 0.01)
        inner = ring[7 if side > 0 else 0]
        rim.chain(
            [inner, np.array([0.0, inner[1] + hr * 0.04, inner[2] + hr * 0.03])],
            [thick] * 2,
            [bone],
            colour=layer.own,
            blend=hr * 0.01,
        )
        if layer.row.get("dark"):
            glass.ellipsoid(centre, (wide, wide, hr * 0.05), bone=bone, colour=layer.own, blend=hr * 0.01)
    return [rim, glass]


def _both(part: Part) -> Iterator[Part]:
    """The part, and its mirror image if it is one of two."""
    yield part
    if not part.get("mirror"):
        return
    other = dict(part)
    for name in ("at", "to"):
        if name in part:
            x, y, z = part[name]
            other[name] = (-x, y, z)
    if "path" in part:
        other["path"] = [(-x, y, z) for x, y, z in part["path"]]
    if "turn" in part:
        a, b, c = part["turn"]
        other["turn"] = (a, -b, -c)
    if part.get("bone", "head").endswith("L"):
        other["bone"] = part["bone"][:-1] + "R"
    yield other


def _add(body: Body, layer: Layer, part: Part, shapes: dict[str, Shape]) -> None:
    cloth = part.get("of", layer.row.get("fabric", "cloth"))
    cell = CELL * float(part.get("fine", layer.row.get("fine", 1.0))) * body.row.head * min(body.coarse, 1.3)
    shape = shapes.setdefault(f"{cloth} {cell:.5f}", Shape(cloth, cell, crisp=True))
    frame = Frame(body, part.get("bone", "head"))
    kind = part["form"]
    colour = colour_of(body, layer, part.get("colour", "own"))
    if kind == "ball":
        frame.ball(shape, part, colour)
    elif kind == "cone":
        frame.path(shape, [part["at"], part["to"]], part, colour)
    elif kind == "path":
        frame.path(shape, part["path"], part, colour)
    elif kind == "ring":
        frame.path(shape, _ring(part), part, colour)
    elif kind == "fan":
        for start, end in _fan(part):
            frame.path(shape, [start, end], part, colour)


def colour_of(body: Body, layer: Layer, name: Any) -> Rgb:
    """A colour of the look, the layer's own or its border, one of the row, or written out."""
    if not isinstance(name, str):
        r, g, b = name
        return (float(r), float(g), float(b))
    if name == "own":
        return layer.own
    if name == "border":
        return layer.trim
    colour = getattr(body.look, name, None)
    return tint(colour, 1.0) if colour is not None else layer.own


def _ring(part: Part) -> list[tuple[float, float, float]]:
    """A closed ellipse round a height; `arc` opens it, radians from the front."""
    x, y, z = part["at"]
    wide, deep = part["size"]
    first, last = part.get("arc", (0.0, 2 * math.pi))
    count = int(part.get("count", 16))
    drop = float(part.get("drop", 0.0))  # lower at the back
    angles = [first + (last - first) * i / count for i in range(count + 1)]
    return [(x + math.sin(a) * wide, y - drop * (1 - math.cos(a)) / 2, z + math.cos(a) * deep) for a in angles]


def _fan(part: Part) -> Iterator[tuple[tuple[float, float, float], tuple[float, float, float]]]:
    """Points that stand on a ring, `rise` high and leaning outward by `lean`."""
    ring = _ring(part)
    x, _, z = part["at"]
    rise, lean = float(part["rise"]), float(part.get("lean", 0.0))
    for a in ring[:-1] if "arc" not in part else ring:
        yield a, (a[0] + (a[0] - x) * lean, a[1] + rise, a[2] + (a[2] - z) * lean)


class Frame:
    """A bone's own axes: origin and units, in which rows are written."""

    def __init__(self, body: Body, bone: str) -> None:
        row = body.row
        self.body, self.bone = body, body.skeleton.index[bone]
        if bone in ("head", "neck"):
            self.origin, self.unit = body.head, np.ones(3) * row.head
        elif bone in ("chest", "spine"):
            # Aside in shoulder half widths, up from the base of the neck in torso heights, ahead in torso depths.
            self.origin = np.array([0.0, body.neck[1], 0.0])
            self.unit = np.array([row.shoulder, body.torso_height, row.torso * 0.80])
        elif bone == "pelvis":
            self.origin = np.array([0.0, row.leg, 0.0])
            wide = row.hips + row.leg_radii[0]
            self.unit = np.array([wide, body.torso_height, wide * 0.84])
        else:
            self.origin = np.asarray(body.skeleton.joint[self.bone], float)
            self.unit = np.ones(3) * row.arm_radii[0]
        self.round = (
            float(np.cbrt(self.unit.prod())) if bone in ("head", "neck") or self.unit[0] == self.unit[1] else row.torso
        )

    def at(self, place: Sequence[float]) -> F64:
        """A place of a row, creature axes."""
        return np.asarray(self.origin + self.unit * np.asarray(place, float))

    def ball(self, shape: Shape, part: Part, colour: Rgb) -> None:
        """An ellipsoid, turned about x, then y, then z."""
        size = np.asarray(part["size"], float) * np.ones(3) * self.round
        a, b, c = part.get("turn", (0.0, 0.0, 0.0))
        shape.ellipsoid(
            self.at(part["at"]), size, bone=self.bone, colour=colour, blend=self._blend(part),
            turn=rz(c) @ ry(b) @ rx(a), carve=bool(part.get("carve", False)),
        )  # fmt: skip

    def path(self, shape: Shape, points: Sequence[Sequence[float]], part: Part, colour: Rgb) -> None:
        """Capsules through the points; `r` is one radius, or the first and the last."""
        r = part["r"]
        first, last = (r, r) if isinstance(r, (int, float)) else (r[0], r[-1])
        many = r if not isinstance(r, (int, float)) and len(r) == len(points) else None
        squash = ((0.0, 1.0, 0.0), float(part["flat"])) if "flat" in part else None
        for i in range(len(points) - 1):
            u, v = i / (len(points) - 1), (i + 1) / (len(points) - 1)
            radii = (many[i], many[i + 1]) if many else (first + (last - first) * u, first + (last - first) * v)
            shape.cone(
                self.at(points[i]), self.at(points[i + 1]), radii[0] * self.round, radii[1] * self.round,
                bone=self.bone, colour=colour, blend=self._blend(part), carve=bool(part.get("carve", False)), squash=squash,
            )  # fmt: skip

    def _blend(self, part: Part) -> float:
        return max(float(part.get("blend", 0.06)) * self.round, 1e-4)
