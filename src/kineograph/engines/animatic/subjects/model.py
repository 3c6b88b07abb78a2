"""Things made of parts: vehicles, boats, buildings, aircraft, food, objects… a kind is a row of its family's table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kineograph.core.request import FPS
from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.draw import draw
from kineograph.engines.animatic.raster.mesh import Drawn, Mesh, Painter, Posed, Samples
from kineograph.engines.animatic.registry import TABLES
from kineograph.engines.animatic.shot import Placement, Shot, named_rng
from kineograph.engines.animatic.subjects.assembly import Assembly
from kineograph.engines.animatic.subjects.forms import turned
from kineograph.engines.animatic.subjects.joints import Joint, Move, joints_of, order_of, solve
from kineograph.engines.animatic.subjects.motion import TAU
from kineograph.engines.animatic.subjects.parts import Piece, Workshop, palette_of
from kineograph.engines.animatic.subjects.rows import table

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

MOVING = frozenset({"walk", "run", "drive", "fly", "swim", "float"})
TURNING = frozenset({"rotate", "spin"})
# Lamps come on while the light rig goes from day (0) to night (1).
DUSK = 0.15


@dataclass(frozen=True, slots=True)
class Ride:
    """How the whole of it moves, in the row's units; (size, times a second) each.

    Attributes:
        bob, drift: Up and down, from side to side. roll, pitch, yaw: degrees.
        lift: How far above its place it keeps.
        hop: Height and times a second of a bounce that touches the ground.
    """

    bob: tuple[float, float] = (0.0, 0.0)
    drift: tuple[float, float] = (0.0, 0.0)
    roll: tuple[float, float] = (0.0, 0.0)
    pitch: tuple[float, float] = (0.0, 0.0)
    yaw: tuple[float, float] = (0.0, 0.0)
    hop: tuple[float, float] = (0.0, 0.0)
    lift: float = 0.0

    def at(self, t: float, phase: float) -> tuple[F64, F64]:
        """Turn and shift of the model at t seconds, model axes."""

        def wave(pair: tuple[float, float], begin: float = 0.0) -> float:
            return pair[0] * math.sin(TAU * (pair[1] * t + begin + phase))

        turn = turned(*(math.radians(wave(p, b)) for p, b in ((self.pitch, 0.2), (self.yaw, 0.55), (self.roll, 0.0))))
        up = self.lift + wave(self.bob) + self.hop[0] * abs(math.sin(math.pi * (self.hop[1] * t + phase)))
        return turn, np.array([wave(self.drift, 0.3), up, 0.0])


@dataclass(frozen=True, slots=True)
class Bend:
    """How the body itself gives, as a wave along an axis.

    Attributes:
        kind: `sway` (a stem in the wind: fixed at the ground) or `swim` (a wave that runs from nose to tail).
        size: At the far end ÷ length of the body. hertz: times a second. waves: lengths of wave along the body.
        across: Axis it moves along: 0 aside, 1 up.
    """

    kind: str
    size: float
    hertz: float
    waves: float = 0.0
    across: int = 0

    def apply(self, points: F32, span: tuple[float, float], t: float, phase: float) -> None:
        """Move points (N, 3) in place. `span` is where the body lies along y (sway) or z (swim)."""
        low, high = span
        along = 1 if self.kind == "sway" else 2
        u = (points[:, along] - np.float32(low)) / np.float32(high - low)
        reach = np.clip(u, 0, 1) ** 2 if self.kind == "sway" else np.clip(0.12 + 0.88 * u, 0, 1.1) ** 1.7
        turn = TAU * (self.hertz * t + phase)
        gust = 0.35 + 0.65 * math.sin(turn) + 0.18 * math.sin(2.7 * turn) if self.kind == "sway" else None
        wave = np.float32(gust) if gust is not None else np.sin(np.float32(turn) - np.float32(TAU * self.waves) * u)
        points[:, self.across] += np.float32(self.size * (high - low)) * reach * wave


@dataclass(frozen=True, slots=True)
class Made:
    """A built model.

    Attributes:
        mesh: Metres, front towards -z.
        joints: Parents first; slices: vertices that hang on each, joint number -> (from, to).
        scale: Metres per unit of the row.
        lamps: (2, parts, 3) own light, when lamps are on and always.
        axes: (3, 3) the row's axes -> the mesh's.
    """

    mesh: Mesh
    joints: tuple[Joint, ...]
    slices: Mapping[int, tuple[int, int]]
    scale: float
    lamps: F32
    axes: F64


@dataclass(slots=True)
class Model:
    """An Actor (base.py).

    Attributes:
        heading: Radians at the start. turn: seconds of one full turn, None when it does not.
        velocity: Metres a second along the heading; start: metres before its place at t = 0.
    """

    placement: Placement
    made: Made
    ride: Ride
    bends: tuple[Bend, ...]
    heading: float
    velocity: float
    start: float = 0.0
    turn: float | None = None
    # The last few moments, newest first. Swapped whole: threads never see halves, at worst one poses again.
    _held: tuple[tuple[float, F32, F32], ...] = field(default=(), init=False, repr=False)

    def posed(self, t: float) -> Sequence[Posed]:
        """Its one mesh in world space at t seconds."""
        return self._posed(t, ())

    def draw(self, t: float, camera: Camera, light: Light, size: tuple[int, int], supersample: int) -> Drawn | None:
        """Lit and ready to composite, its own lamps with it."""
        return draw(self._posed(t, (self._lamps(light),)), camera, light, size, supersample)

    def _posed(self, t: float, painters: tuple[Painter, ...]) -> tuple[Posed, ...]:
        for when, points, normals in self._held:
            if when == t:
                return (Posed(self.made.mesh, points, normals, painters),)
        points, normals = self._at(t)
        self._held = ((t, points, normals), *self._held[:3])
        return (Posed(self.made.mesh, points, normals, painters),)

    def _at(self, t: float) -> tuple[F32, F32]:
        made, place = self.made, self.placement
        way = self.velocity * t - self.start
        points, normals = made.mesh.vertices.copy(), made.mesh.normals.copy()
        for number, (turn, shift) in enumerate(solve(made.joints, t, place.phase, way / made.scale)):
            a, b = made.slices.get(number, (0, 0))
            if a < b:
                into = (made.axes @ turn @ made.axes.T).astype(np.float32)
                moved = (made.axes @ shift * made.scale).astype(np.float32)
                points[a:b] = points[a:b] @ into.T + moved
                normals[a:b] = normals[a:b] @ into.T
        for bend in self.bends:
            along = 1 if bend.kind == "sway" else 2
            lows, highs = float(made.mesh.vertices[:, along].min()), float(made.mesh.vertices[:, along].max())
            bend.apply(points, (lows, highs), t, place.phase)
        turn, shift = self.ride.at(t, place.phase)
        heading = self.heading + (TAU * t / self.turn if self.turn is not None else 0.0)
        world = (turned(y=heading) @ turn).astype(np.float32)
        forward = np.array([math.sin(self.heading), 0.0, -math.cos(self.heading)]) * way
        at = (np.array([place.x, place.y, place.z]) + forward + turned(y=heading) @ shift * made.scale).astype(
            np.float32
        )
        return points @ world.T + at, normals @ world.T

    def _lamps(self, light: Light) -> Painter:
        """Adds the model's own light: what is always lit, and what comes on as it gets dark."""
        on = min(max((light.night - DUSK) / (0.6 - DUSK), 0.0), 1.0)
        own = self.made.lamps[0] * np.float32(on) + self.made.lamps[1]

        def paint(samples: Samples) -> None:
            samples.emission += own[samples.part]

        return paint


def row_of(family: str, kind: str) -> dict[str, Any]:
    """The kind's row over that of the kind it is like, over its family's defaults; `more` adds to the other's parts."""
    rows = table(TABLES[family])
    row = dict(rows["kinds"][kind])
    if "like" in row:
        row = row_of(family, row["like"]) | row
    return {**rows["family"], **row, "parts": [*row.get("parts", ()), *row.get("more", ())]}


def planned(row: Mapping[str, Any], action: str, rng: np.random.Generator) -> Mapping[str, Any]:
    """The row with the parts, joints and motion that its family's module works out from its proportions, if it has one."""
    if "plan" not in row:
        return row
    return {**row, **import_module(f"{__package__}.{row['plan']}").plan(row, action, rng)}


def assembled(row: Mapping[str, Any], pieces: Sequence[Piece], wheels: Workshop, action: str, height: float) -> Made:
    """Pieces as one mesh, in the order of their joints."""
    names = [name for name in dict.fromkeys(p.joint for p in pieces) if name and name not in wheels.wheels]
    order = [*order_of(row, names), *wheels.wheels]
    pieces = sorted(pieces, key=lambda p: order.index(p.joint) if p.joint else -1)
    made = Assembly()
    axes = turned(y=-math.pi / 2) if row.get("seen", "front") == "side" else np.eye(3)
    for piece in pieces:
        made.add(piece.part, piece.material, piece.colour, turn=axes)
    low, high = made.extent()
    tall = float(row.get("tall", high - low))
    joints = list(joints_of(row, names, action, -low))
    for middle, radius in wheels.wheels.values():
        joints.append(Joint(middle + np.array([0, -low, 0]), (Move("z", roll=radius),), -1, np.ones(3)))
    starts = np.cumsum([0] + [len(p.part.vertices) for p in pieces])
    slices: dict[int, tuple[int, int]] = {}
    for k, piece in enumerate(pieces):
        if piece.joint:
            number = order.index(piece.joint)
            slices[number] = (slices.get(number, (int(starts[k]), 0))[0], int(starts[k + 1]))
    dark = np.zeros(3, np.float32)
    lamps = np.array(
        [
            [dark if own is None else own for own in light]
            for light in ((p.lit for p in pieces), (p.glow for p in pieces))
        ]
    )
    return Made(made.mesh(height, tall), tuple(joints), slices, height / tall, lamps, axes)


def build_actor(placement: Placement, shot: Shot) -> Model:
    """Make the model of the placement's kind, coloured by its seed, doing what it is asked to."""
    subject = placement.subject
    row, action = row_of(subject.family, subject.kind), subject.action
    if action == "idle" and placement.y > 0.5 * placement.height:
        action = row.get("aloft", action)  # nothing else keeps it up there
    whole = planned(row, action, named_rng(placement.seed, "plan"))
    workshop = Workshop(palette_of(whole, subject, named_rng(placement.seed, "palette")), action)
    made = assembled(whole, workshop.make(whole["parts"]), workshop, action, placement.height)
    return staged(whole, made, placement, action, shot)


def staged(row: Mapping[str, Any], made: Made, placement: Placement, action: str, shot: Shot) -> Model:
    """The model on its set: how it rides, gives, faces and goes."""
    motion = row.get("motion", {})
    moves: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in _at_action(motion, action).items()}
    bends = tuple(Bend(**spec) for spec in row.get("bends", ()) if action in spec.get("when", (action,)))
    seconds = shot.frames / FPS
    turns = action in TURNING or (shot.spec.setting == "studio" and action == "idle" and row.get("turns", True))
    show = math.radians(row.get("show", 0.0))
    heading, velocity, start = placement.heading, placement.velocity, 0.0
    if velocity == 0 and abs(heading) < 0.5:
        heading += math.copysign(show, heading)  # what is best seen from its side is shown from there
    if velocity == 0 and action in MOVING and row.get("speed"):
        # Nobody gave it a way to go: it passes through its place, as far as stays in view.
        way = min(row["speed"] * seconds, row.get("way", 1.2) * placement.height / row.get("slim", 0.5))
        velocity, start = way / seconds, way / 2
    return Model(placement, made, Ride(**moves), bends, heading, velocity, start, seconds if turns else None)


def _at_action(motion: Mapping[str, Any], action: str) -> dict[str, Any]:
    """The ride of the action: its own table over the plain values."""
    plain = {k: v for k, v in motion.items() if not isinstance(v, Mapping)}
    return plain | dict(motion.get(action, {}))
