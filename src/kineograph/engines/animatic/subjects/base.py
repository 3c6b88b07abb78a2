"""What a subject is to the stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.mesh import Drawn, Posed
from kineograph.engines.animatic.shot import Placement


class Actor(Protocol):
    """A subject built for one shot: `build_actor(placement, shot)` of its family's module returns one.

    Both methods are pure functions of t: frames can be asked for in any order.
    """

    @property
    def steady(self) -> bool:
        """Nothing but its meshes' places changes with time: no hair on it, no eyes that look about. What merely drifts in
        the picture is then not drawn for every frame (raster/keyed.py)."""
        ...

    @property
    def placement(self) -> Placement:
        """Where it stands, and what it is."""
        ...

    def posed(self, t: float) -> Sequence[Posed]:
        """Its meshes in world space at t seconds: for shadows, reflections and the sun map."""
        ...

    def draw(self, t: float, camera: Camera, light: Light, size: tuple[int, int], supersample: int) -> Drawn | None:
        """Lit and ready to composite; None when out of view. `size` is the picture's (width, height)."""
        ...
