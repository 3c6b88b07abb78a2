"""Products: table-top things that stand, or turn once around during the film."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import ClassVar, cast

import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.draw import draw
from kineograph.engines.animatic.raster.mesh import Drawn, Mesh, Painter, Posed
from kineograph.engines.animatic.shot import Placement, Shot
from kineograph.engines.animatic.subjects.assembly import Assembly
from kineograph.engines.animatic.subjects.bonds import Frame
from kineograph.engines.animatic.subjects.forms import turned
from kineograph.engines.animatic.subjects.recipe import Choice, choose, rows

TURNING = frozenset({"rotate", "spin"})
# A turn begins a little before the front faces us, so that the first frame shows it and it comes to meet us. Several
# products turn in step: that looks meant, their phases would look like chance.
_OPENING = -0.42


@dataclass(slots=True)
class Product:
    """A rigid model on an axis.

    Attributes:
        seconds: Length of one full turn, or None when it stands still.
        carried: Where what carries it has the middle of its foot.
    """

    steady: ClassVar[bool] = True

    placement: Placement
    mesh: Mesh
    painters: tuple[Painter, ...]
    seconds: float | None
    carried: Callable[[float], Frame] | None = None
    # The last few moments, newest first. Swapped whole: threads never see halves, at worst one poses again.
    _held: tuple[tuple[float, Posed], ...] = field(default=(), init=False, repr=False)

    def posed(self, t: float) -> Sequence[Posed]:
        """The model at t seconds, in world space."""
        for when, posed in self._held:
            if when == t:
                return (posed,)
        frame = self.stands(t)
        turn, at = frame.turn.T.astype(np.float32), frame.at.astype(np.float32)
        posed = Posed(self.mesh, self.mesh.vertices @ turn + at, self.mesh.normals @ turn, self.painters)
        self._held = ((t, posed), *self._held[:3])
        return (posed,)

    def lit(self, t: float, light: Light) -> Sequence[Posed]:
        """The same: it has no lamps."""
        del light
        return self.posed(t)

    def stands(self, t: float) -> Frame:
        """Where the middle of its foot is, and how it is turned."""
        angle = 0.0 if self.seconds is None else _OPENING + 2 * math.pi * t / self.seconds
        if self.carried is not None:
            frame = self.carried(t)
            return Frame(frame.turn @ turned(y=angle), frame.at)
        angle += self.placement.heading
        return Frame(turned(y=angle), np.array([self.placement.x, self.placement.y, self.placement.z]))

    def draw(self, t: float, camera: Camera, light: Light, size: tuple[int, int], supersample: int) -> Drawn | None:
        """Lit and ready to composite."""
        return draw(self.posed(t), camera, light, size, supersample)


def build_actor(placement: Placement, shot: Shot) -> Product:
    """Make the model of the placement's kind. In a studio even an idle product turns: that is what it is there for."""
    made = _recipe(placement.subject.kind)(choose(placement))
    turning = placement.subject.action in TURNING or (
        shot.spec.setting == "studio" and placement.subject.action == "idle"
    )
    return Product(placement, made.mesh(placement.height), tuple(made.painters), shot.seconds if turning else None)


def _recipe(kind: str) -> Callable[[Choice], Assembly]:
    """`module:function` of the kind's row, beside this module."""
    module, _, function = str(rows()[kind]["recipe"]).partition(":")
    return cast(Callable[[Choice], Assembly], getattr(import_module(f"{__package__}.{module}"), function))
