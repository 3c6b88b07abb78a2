"""What a setting is to the stage, and the still layers it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light

F32 = NDArray[np.float32]
Picture = F32  # (height, width, 3), linear RGB, scene-referred, at shading size


@dataclass(frozen=True, slots=True)
class Layer:
    """A picture painted once per shot and warped per frame.

    Attributes:
        pixels: (h, w, 4) linear premultiplied RGBA, larger than the frame by the margins.
        depth: (h,) metres from the rest camera, one per source row: constant for a billboard, falling for ground.
        wind: 0 still … 1 a leaf: how far the wind field moves it.
    """

    pixels: F32
    depth: F32
    wind: float = 0.0


class Setting(Protocol):
    """A place, built once per shot. Drawing is a pure function of t and camera.

    Everything it shows below the feet of the subjects is in `backdrop`; what passes in front of them (grass blades,
    petals, rain) is in `overlay`.
    """

    def light(self, t: float) -> Light:
        """The light rig at t seconds."""
        ...

    def backdrop(self, t: float, camera: Camera, out: Picture) -> None:
        """Paint everything behind and under the subjects into `out`."""
        ...

    def overlay(self, t: float, camera: Camera, out: Picture) -> None:
        """Paint what is nearer than the subjects over `out`."""
        ...
