"""Those who touch: a person with what is in its hands, a rider on its mount. Drawn as one, so that they hide each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.draw import draw
from kineograph.engines.animatic.raster.mesh import Drawn, Mesh, Posed
from kineograph.engines.animatic.shot import Placement
from kineograph.engines.animatic.subjects import forms
from kineograph.engines.animatic.subjects.base import Actor
from kineograph.engines.animatic.subjects.bonds import Frame
from kineograph.engines.animatic.subjects.puppet import Puppet

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

SAG = 0.035  # of a string, ÷ its length
POINTS = 18  # along a string


class Member(Actor, Protocol):
    """An actor whose parts can be drawn among others'.

    Attributes:
        carried: Where what carries it has it, set once, before any frame is asked for.
    """

    carried: Callable[[float], Frame] | None

    def lit(self, t: float, light: Light) -> Sequence[Posed]:
        """Its meshes, with what they have of this light."""
        ...


@dataclass(frozen=True, slots=True)
class Together:
    """An Actor (base.py) of several; the first is who carries the others."""

    members: tuple[Member, ...]

    @property
    def placement(self) -> Placement:
        """Of the one that carries the others."""
        return self.members[0].placement

    @property
    def steady(self) -> bool:
        """All of them are."""
        return all(member.steady for member in self.members)

    def posed(self, t: float) -> Sequence[Posed]:
        """All their meshes."""
        return [mesh for member in self.members for mesh in member.posed(t)]

    def draw(self, t: float, camera: Camera, light: Light, size: tuple[int, int], supersample: int) -> Drawn | None:
        """All of them in one picture."""
        meshes = [mesh for member in self.members for mesh in member.lit(t, light)]
        haired = [member for member in self.members if isinstance(member, Puppet)]
        margin = max((member.margin(t, camera, size) for member in haired), default=2)
        drawn = draw(meshes, camera, light, size, supersample, margin=margin)
        if drawn is not None:
            for member in haired:
                member.dress(drawn, t, camera, light, size)
        return drawn


@dataclass(slots=True)
class String:
    """From a hand to what floats on it: a thin tube that hangs through a little.

    Attributes:
        radius: Metres.
    """

    steady: ClassVar[bool] = True

    placement: Placement
    mesh: Mesh
    radius: float
    ends: Callable[[float], tuple[F64, F64]]
    carried: Callable[[float], Frame] | None = None

    def posed(self, t: float) -> Sequence[Posed]:
        """Its mesh, laid between the two ends."""
        low, high = self.ends(t)
        u = np.linspace(0, 1, POINTS)[:, None]
        line = low + (high - low) * u
        line[:, 1] -= 4 * (u * (1 - u))[:, 0] * SAG * float(np.linalg.norm(high - low))
        tube = forms.sweep(line, self.radius, around=5)
        return (Posed(self.mesh, tube.vertices.astype(np.float32), tube.normals.astype(np.float32)),)

    def lit(self, t: float, light: Light) -> Sequence[Posed]:
        """The same: it does not shine."""
        del light
        return self.posed(t)

    def draw(self, t: float, camera: Camera, light: Light, size: tuple[int, int], supersample: int) -> Drawn | None:
        """Lit and ready to composite."""
        return draw(self.posed(t), camera, light, size, supersample)
