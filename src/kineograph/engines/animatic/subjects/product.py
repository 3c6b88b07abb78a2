"""Products: table-top things that stand, or turn once around during the film."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import cast

import numpy as np

from kineograph.core.request import FPS
from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.draw import draw
from kineograph.engines.animatic.raster.mesh import Drawn, Mesh, Painter, Posed
from kineograph.engines.animatic.shot import Placement, Shot
from kineograph.engines.animatic.subjects.assembly import Assembly
from kineograph.engines.animatic.subjects.recipe import Choice, choose, rows

TURNING = frozenset({"rotate", "spin"})
# A turn begins a little before the front faces us, so that the first frame shows it and it comes to meet us. Several
# products turn in step: that looks meant, their phases would look like chance.
_OPENING = -0.42


@dataclass(frozen=True, slots=True)
class Product:
    """A rigid model on an axis.

    Attributes:
        seconds: Length of one full turn, or None when it stands still.
    """

    placement: Placement
    mesh: Mesh
    painters: tuple[Painter, ...]
    seconds: float | None

    def posed(self, t: float) -> Sequence[Posed]:
        """The model at t seconds, in world space."""
        angle = self.placement.heading
        if self.seconds is not None:
            angle += _OPENING + 2 * math.pi * t / self.seconds
        cosine, sine = math.cos(angle), math.sin(angle)
        # The model's front (-z) goes to +x as the angle grows to +90° (camera.py).
        turn = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]], np.float32)
        at = np.array([self.placement.x, self.placement.y, self.placement.z], np.float32)
        return (Posed(self.mesh, self.mesh.vertices @ turn + at, self.mesh.normals @ turn, self.painters),)

    def draw(self, t: float, camera: Camera, light: Light, size: tuple[int, int], supersample: int) -> Drawn | None:
        """Lit and ready to composite."""
        return draw(self.posed(t), camera, light, size, supersample)


def build_actor(placement: Placement, shot: Shot) -> Product:
    """Make the model of the placement's kind. In a studio even an idle product turns: that is what it is there for."""
    made = _recipe(placement.subject.kind)(choose(placement))
    turning = placement.subject.action in TURNING or (
        shot.spec.setting == "studio" and placement.subject.action == "idle"
    )
    return Product(placement, made.mesh(placement.height), tuple(made.painters), shot.frames / FPS if turning else None)


def _recipe(kind: str) -> Callable[[Choice], Assembly]:
    """`module:function` of the kind's row, beside this module."""
    module, _, function = str(rows()[kind]["recipe"]).partition(":")
    return cast(Callable[[Choice], Assembly], getattr(import_module(f"{__package__}.{module}"), function))
