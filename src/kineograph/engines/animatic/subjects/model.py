"""Things made of parts: vehicles, boats, buildings, aircraft, food, objects… a kind is a row of its family's table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.draw import draw
from kineograph.engines.animatic.raster.mesh import Drawn, Painter, Posed, Samples
from kineograph.engines.animatic.shot import Placement, Shot, named_rng
from kineograph.engines.animatic.subjects.bonds import Frame
from kineograph.engines.animatic.subjects.forms import turned
from kineograph.engines.animatic.subjects.joints import solve
from kineograph.engines.animatic.subjects.made import Made, arms_full, assembled, planned, row_of
from kineograph.engines.animatic.subjects.motion import TAU, smooth
from kineograph.engines.animatic.subjects.parts import Workshop, palette_of
from kineograph.engines.animatic.subjects.ride import Bend, Ride
from kineograph.engines.animatic.subjects.stuffs import stuff_of, veined

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

MOVING = frozenset({"walk", "run", "drive", "fly", "swim", "float", "slide"})
TURNING = frozenset({"rotate", "spin"})
# Lamps come on while the light rig goes from day (0) to night (1).
NEARER = 0.5  # of its distance: the way of what passes through its place towards the camera, or away from it
DUSK = 0.15
# Where boats are afloat.
WATER = frozenset({"beach", "harbour", "lake", "sea", "underwater"})


@dataclass(slots=True)
class Model:
    """An Actor (base.py).

    Attributes:
        heading: Radians at the start. turn: seconds of one full turn, None when it does not.
        afloat: Nothing of it is seen below its place: the water hides it.
        grows: Seconds it takes to unfold, from a seventh of its size.
        velocity: Metres a second along the heading; start: metres before its place at t = 0.
        carried: Where what carries it has it: the middle of its foot, with its turn. It still moves in itself.
        surface: Painters of what it is made of.
        hands: Side -> number of the joint and place in the row's units, of those that can hold something.
    """

    steady: ClassVar[bool] = True

    placement: Placement
    made: Made
    ride: Ride
    bends: tuple[Bend, ...]
    heading: float
    velocity: float
    start: float = 0.0
    turn: float | None = None
    afloat: bool = False
    grows: float | None = None
    carried: Callable[[float], Frame] | None = None
    hands: Mapping[str, tuple[int, F64]] = field(default_factory=dict)
    surface: tuple[Painter, ...] = ()
    # The last few moments, newest first. Swapped whole: threads never see halves, at worst one poses again.
    _held: tuple[tuple[float, F32, F32], ...] = field(default=(), init=False, repr=False)

    def posed(self, t: float) -> Sequence[Posed]:
        """Its one mesh in world space at t seconds."""
        return self._posed(t, ())

    def draw(self, t: float, camera: Camera, light: Light, size: tuple[int, int], supersample: int) -> Drawn | None:
        """Lit and ready to composite, its own lamps with it."""
        return draw(self.lit(t, light), camera, light, size, supersample)

    def lit(self, t: float, light: Light) -> Sequence[Posed]:
        """Its meshes at t seconds, with its own lamps as they burn in this light."""
        return self._posed(t, (*self.surface, *self._lamps(light)))

    def way(self, t: float) -> float:
        """Metres gone along the heading at t seconds."""
        return self.velocity * t - self.start

    def stands(self, t: float) -> Frame:
        """Where the middle of its foot is, and how the whole of it is turned."""
        place = self.placement
        turn, shift = self.ride.at(t, place.phase)
        spun = TAU * t / self.turn if self.turn is not None else 0.0
        if self.carried is not None:
            frame = self.carried(t)
            own = frame.turn @ turned(y=spun)
            return Frame(own @ turn, frame.at + own @ shift * self.made.scale)
        world = turned(y=self.heading + spun)
        forward = np.array([math.sin(self.heading), 0.0, -math.cos(self.heading)]) * self.way(t)
        return Frame(world @ turn, np.array([place.x, place.y, place.z]) + forward + world @ shift * self.made.scale)

    def upright(self, t: float) -> Frame:
        """As puppets have it: the way it faces."""
        return self.stands(t)

    def point(self, t: float, at: Sequence[float]) -> Frame:
        """A place given in the units and axes of its row."""
        frame, made = self.stands(t), self.made
        local = made.axes @ (np.asarray(at, np.float64) + np.array([0, made.lift, 0])) * made.scale
        return Frame(frame.turn, frame.at + frame.turn @ local)

    def hand(self, t: float, side: str) -> F64:
        """(3,) where its hand is; `both` is half way between the two."""
        if side == "both":
            return np.asarray((self.hand(t, "L") + self.hand(t, "R")) / 2)
        number, at = self.hands[side]
        turn, shift = solve(self.made.joints, t, self.placement.phase, self.way(t) / self.made.scale)[number]
        raised = at + np.array([0, self.made.lift, 0])
        frame = self.stands(t)
        return np.asarray(frame.at + frame.turn @ (self.made.axes @ (turn @ raised + shift)) * self.made.scale)

    def _posed(self, t: float, painters: tuple[Painter, ...]) -> tuple[Posed, ...]:
        for when, points, normals in self._held:
            if when == t:
                return (Posed(self.made.mesh, points, normals, painters),)
        points, normals = self._at(t)
        self._held = ((t, points, normals), *self._held[:3])
        return (Posed(self.made.mesh, points, normals, painters),)

    def _at(self, t: float) -> tuple[F32, F32]:
        made, place = self.made, self.placement
        way = self.way(t)
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
        if self.grows is not None:
            points *= np.float32(0.15 + 0.85 * smooth(t / self.grows))
        frame = self.stands(t)
        world = frame.turn.astype(np.float32)
        points = points @ world.T + frame.at.astype(np.float32)
        if self.afloat:
            np.maximum(points[:, 1], np.float32(place.y), out=points[:, 1])
        return points, normals @ world.T

    def _lamps(self, light: Light) -> tuple[Painter, ...]:
        """Adds the model's own light: what is always lit, and what comes on as it gets dark."""
        on = min(max((light.night - DUSK) / (0.6 - DUSK), 0.0), 1.0)
        own = self.made.lamps[0] * np.float32(on) + self.made.lamps[1]
        burns = own.any(axis=1)

        def paint(samples: Samples) -> None:
            lit = np.flatnonzero(burns[samples.part])
            samples.emission[lit] += own[samples.part[lit]]

        return (paint,) if burns.any() else ()


def build_actor(placement: Placement, shot: Shot) -> Model:
    """Make the model of the placement's kind, coloured by its seed, doing what it is asked to."""
    subject = placement.subject
    own, action = row_of(subject.family, subject.kind), subject.action
    row = arms_full(own) if placement.pose else own
    if action == "idle" and placement.y > 0.5 * placement.height and not placement.bond:
        action = row.get("aloft", action)  # nothing else keeps it up there
    whole = planned(row, action, named_rng(placement.seed, "plan"))
    stuff = stuff_of(subject, named_rng(placement.seed, "stuff"))
    workshop = Workshop(palette_of(whole, subject, named_rng(placement.seed, "palette")), action, stuff=stuff)
    made = assembled(whole, workshop.make(whole["parts"]), workshop, action, placement.height)
    model = staged(whole, made, placement, action, shot)
    if stuff is not None and stuff.veins is not None:
        model.surface = (veined(stuff, made.worked, float(placement.seed % 97)),)
    return model


def staged(row: Mapping[str, Any], made: Made, placement: Placement, action: str, shot: Shot) -> Model:
    """The model on its set: how it rides, gives, faces and goes."""
    motion = row.get("motion", {})
    moves: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in _at_action(motion, action).items()}
    seconds = shot.seconds
    afloat = action == "swim" and bool(row.get("surface"))
    if "draught" in row:
        afloat = shot.spec.setting in WATER
        moves = {**moves, "lift": -row["draught"]} if afloat else {}
    if "climb" in moves:
        tall = placement.height / made.scale
        moves["climb"] = tuple(far * tall for far in moves["climb"])
    if action == "jump" and shot.spec.setting in WATER and "leap" in moves:
        afloat = True
    if placement.y > 0.25 * placement.height and not afloat:
        moves.pop("lift", None)  # it has been placed in the air
    grows = 0.7 * seconds if action == "bloom" and row.get("grows") else None
    bends = tuple(Bend(**spec) for spec in row.get("bends", ()) if action in spec.get("when", (action,)))
    turns = action in TURNING or (shot.spec.setting == "studio" and action == "idle" and row.get("turns", True))
    show = math.radians(row.get("show", 0.0))
    heading, velocity, start = placement.heading, placement.velocity, 0.0
    if velocity == 0 and abs(heading) < 0.5 and not placement.bond:
        heading += math.copysign(show, heading)  # what is best seen from its side is shown from there
    if action == "spread":  # wings are seen from the side of the bird, not from before: they are flat
        heading = math.copysign(0.9, heading)
    if velocity == 0 and (action in MOVING or "ollie" in moves) and row.get("speed"):
        # Nobody gave it a way to go: it passes through its place, as far as it stays in the picture.
        way = min(row["speed"] * seconds, _in_view(placement, heading, placement.height / row.get("slim", 0.5), shot))
        velocity, start = way / seconds, way / 2
    hands = {n: (made.order.index(joint), np.asarray(at)) for n, (joint, at) in row.get("hands", {}).items()}
    return Model(
        placement, made, Ride(**moves, seconds=seconds), bends, heading, velocity, start, seconds if turns else None, afloat, grows,
        hands=hands,
    )  # fmt: skip


def _in_view(placement: Placement, heading: float, length: float, shot: Shot) -> float:
    """Metres that something of this length can go through its place without leaving the picture."""
    across, ahead = abs(math.sin(heading)), abs(math.cos(heading))
    half = 0.5 * shot.width / shot.height * placement.z / shot.rest.focal
    room = 0.95 * half - abs(placement.x) - 0.5 * length * across
    return min(max(2 * room / max(across, 0.05), 0.3 * length), NEARER * placement.z / max(ahead, 0.05))


def _at_action(motion: Mapping[str, Any], action: str) -> dict[str, Any]:
    """The ride of the action: its own table over the plain values."""
    plain = {k: v for k, v in motion.items() if not isinstance(v, Mapping)}
    return plain | dict(motion.get(action, {}))
