"""Models written as data: the list of parts in a row becomes pieces in place, with their joints.

A part is one form of shapes.py with its own arguments, and:
  of, colour   material; role of the palette, colour word ("red.deep") or linear albedo
  bands        [axis, from, to, colour] painted over it between two coordinates, before it is placed
  patches      [centre, radii, colour] painted over it inside ellipsoids, likewise
  at, turn, scale   where it goes: scaled, turned (degrees about x, y, z), moved
  times, step  so many copies, each one step further
  ring, about, centre, start   so many copies around an axis
  mirror       a second copy, reflected in x or z
  joint, roll  what moves it: a joint of the row; a wheel of this radius about its own middle
  lit          its own light when lamps are on, ÷ its colour or as linear RGB; glow: always
  use, dye     a group of parts from parts.toml instead of a form, with its roles dyed
  when         actions it is there for; unless: actions it is not there for
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kineograph.engines.animatic.colours import colour
from kineograph.engines.animatic.spec import SubjectSpec
from kineograph.engines.animatic.subjects.forms import Part, turned
from kineograph.engines.animatic.subjects.recipe import SHADES
from kineograph.engines.animatic.subjects.rows import table
from kineograph.engines.animatic.subjects.shapes import FORMS
from kineograph.engines.animatic.subjects.stuffs import Stuff

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Spec = Mapping[str, Any]

# Keys that place a part; all others are arguments of its form.
_PLACING = frozenset(
    (
        *(
            "form",
            "of",
            "colour",
            "bands",
            "patches",
            "at",
            "turn",
            "scale",
            "times",
            "step",
            "ring",
            "about",
            "centre",
            "start",
        ),
        *("mirror", "joint", "roll", "lit", "glow", "use", "dye", "when", "unless"),
    )
)
_AXES = {"x": 0, "y": 1, "z": 2}


def part(form: str, of: str, colour: Any, **rest: Any) -> dict[str, Any]:
    """A part of a row, as families that work out their parts write it."""
    return {"form": form, "of": of, "colour": colour, **rest}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part in place.

    Attributes:
        colour: (N, 3) linear albedo.
        joint: Name of what moves it; "" stays with the model. A reflected piece hangs on the reflected joint, "name~x".
        lit, glow: (3,) own light, when lamps are on and always.
        worked: Made of what a material word said.
    """

    part: Part
    material: str
    colour: F32
    joint: str = ""
    lit: F32 | None = None
    glow: F32 | None = None
    worked: bool = False

    def moved(self, at: ArrayLike = (0, 0, 0), turn: F64 | None = None, scale: ArrayLike = 1.0) -> Piece:
        """Scaled, turned, moved."""
        return replace(self, part=self.part.moved(at, turn, scale))

    def mirrored(self, axis: str) -> Piece:
        """Reflected in the plane across an axis."""
        flip = np.ones(3)
        flip[_AXES[axis]] = -1
        part = self.part
        # Wheels turn about z alike on both sides.
        joint = self.joint if not self.joint or self.joint.startswith("wheel") else f"{self.joint}~{axis}"
        reflected = Part(part.vertices * flip, part.normals * flip, part.uv, part.triangles[:, ::-1])
        return replace(self, part=reflected, joint=joint)


@dataclass(slots=True)
class Workshop:
    """Makes pieces of the parts of one individual.

    Attributes:
        colours: Linear albedo by role.
        action: What it does, for parts that are there only then.
        wheels: Joint name -> middle and radius of what rolls.
        stuff: What its main parts are made of, where a word said so.
    """

    colours: Mapping[str, F32]
    action: str = "idle"
    wheels: dict[str, tuple[F64, float]] = field(default_factory=dict)
    stuff: Stuff | None = None

    def make(self, parts: Sequence[Spec]) -> list[Piece]:
        """Everything in the list, in place."""
        return [piece for spec in parts if self._wanted(spec) for piece in self._placed(spec)]

    def albedo(self, value: str | Sequence[float], dye: Mapping[str, Any] | None = None) -> F32:
        """A role, a colour word or a triple as linear albedo."""
        if not isinstance(value, str):
            return np.array(value, np.float32)
        if dye and value in dye:
            value = dye[value]
            return self.albedo(value)
        return self.colours[value] if value in self.colours else worded(value)

    def _wanted(self, spec: Spec) -> bool:
        return self.action in spec.get("when", (self.action,)) and self.action not in spec.get("unless", ())

    def _placed(self, spec: Spec) -> Iterator[Piece]:
        turn = turned(*np.radians(spec["turn"])) if "turn" in spec else None
        ways = list(_copies(spec))
        for piece in self._raw(spec):
            here = piece.moved(spec.get("at", (0, 0, 0)), turn, spec.get("scale", 1.0))
            if not here.joint and "joint" in spec:
                here = replace(here, joint=str(spec["joint"]))
            for number, (move, about) in enumerate(ways):
                copy = here.moved(move, about) if number or move.any() or about is not None else here
                if "roll" in spec:
                    copy = self._wheel(spec, copy, move)
                yield copy
                if "mirror" in spec:
                    yield copy.mirrored(spec["mirror"])

    def _raw(self, spec: Spec) -> Iterator[Piece]:
        """The form, or the pieces of the group it uses, before they are placed."""
        if "use" in spec:
            dye = {role: self.albedo(value) for role, value in spec.get("dye", {}).items()}
            inner = Workshop({**self.colours, **dye}, self.action, stuff=self.stuff)
            yield from inner.make(table("parts.toml")[spec["use"]])
            return
        made = FORMS[spec["form"]](**{k: v for k, v in spec.items() if k not in _PLACING})
        made_of = self.stuff if self.stuff is not None and self.stuff.takes(spec["colour"], spec["of"]) else None
        own = made_of.colour if made_of is not None and made_of.colour is not None else self.albedo(spec["colour"])
        painted = np.broadcast_to(own, made.vertices.shape).astype(np.float32)
        for axis, low, high, paint in spec.get("bands", ()):
            painted = _band(painted, made.vertices[:, _AXES[axis]], (low, high), self.albedo(paint))
        for centre, radii, paint in spec.get("patches", ()):
            painted = _patch(painted, made.vertices, (np.asarray(centre), np.asarray(radii)), self.albedo(paint))
        lit, glow = (_own(spec.get(key), painted) for key in ("lit", "glow"))
        of = spec["of"] if made_of is None else made_of.of
        yield Piece(made, of, painted, lit=lit, glow=glow, worked=made_of is not None)

    def _wheel(self, spec: Spec, piece: Piece, move: F64) -> Piece:
        middle = np.asarray(spec.get("at", (0, 0, 0)), np.float64) + move
        name = f"wheel {middle[0]:.3f} {middle[1]:.3f}"
        self.wheels[name] = (middle, float(spec["roll"]))
        return replace(piece, joint=name)


def _copies(spec: Spec) -> Iterator[tuple[F64, F64 | None]]:
    """Offset and turn of every copy; the first is in place."""
    times, step = int(spec.get("times", 1)), np.asarray(spec.get("step", (0, 0, 0)), np.float64)
    around, centre = int(spec.get("ring", 1)), np.asarray(spec.get("centre", (0, 0, 0)), np.float64)
    axis = spec.get("about", "y")
    for k in range(around):
        angle = math.radians(spec.get("start", 0.0)) + 2 * math.pi * k / around
        turn = turned(**{axis: angle}) if around > 1 or "start" in spec else None
        offset = centre - turn @ centre if turn is not None else centre * 0
        for n in range(times):
            move = step * n
            yield (offset + (turn @ move if turn is not None else move), turn)


def _own(value: float | Sequence[float] | None, painted: F32) -> F32 | None:
    """Own light of a part, linear RGB."""
    if value is None:
        return None
    return np.asarray(painted.mean(axis=0) * value if isinstance(value, (int, float)) else value, np.float32)


def _band(painted: F32, at: F64, span: tuple[float, float], albedo: F32) -> F32:
    """Paint what lies between two coordinates; the edges are as soft as the vertices are apart."""
    low, high = span
    soft = 0.04 * max(float(np.ptp(at)), 1e-6)
    share = np.clip((at - low) / soft + 0.5, 0, 1) * np.clip((high - at) / soft + 0.5, 0, 1)
    return np.asarray(painted + (albedo - painted) * share[:, None], np.float32)


def _patch(painted: F32, at: F64, where: tuple[F64, F64], albedo: F32) -> F32:
    """Paint what lies inside an ellipsoid."""
    centre, radii = where
    share = np.clip((1.1 - np.linalg.norm((at - centre) / radii, axis=1)) / 0.2, 0, 1)
    return np.asarray(painted + (albedo - painted) * share[:, None], np.float32)


def worded(value: str, said: str = "grey") -> F32:
    """A colour word with its shade ("red.deep"), "*" standing for the one that was said."""
    name, _, shade = value.partition(".")
    return colour(said if name == "*" else name, SHADES[shade])


def palette_of(row: Spec, subject: SubjectSpec, rng: np.random.Generator) -> dict[str, F32]:
    """Colours by role: the row's, one of its palettes by seed, and the prompt's colour over the roles it dyes."""
    chosen: dict[str, Any] = dict(row.get("colours", {}))
    palettes = row.get("palettes", ())
    if palettes:
        chosen |= palettes[int(rng.integers(len(palettes)))]
    if subject.colour is not None:
        chosen |= row.get("named", {}).get(subject.colour, row.get("worded", {"main": "*"}))
    said = subject.colour or "grey"
    return {k: worded(v, said) if isinstance(v, str) else np.array(v, np.float32) for k, v in chosen.items()}
