"""The one camera: a shift-lens pinhole, so that every image row of the ground has one depth.

World: metres; x to the right, y up, z away from the viewer; the ground is y = 0. Models: the same axes, feet at y = 0,
front towards -z (to the viewer) at heading 0; a heading of +90° turns the front to the viewer's right (+x).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the film is seen from, at one moment.

    Tilting and panning shift the picture (as a shift lens does) instead of turning the axis: verticals stay vertical, and
    the ground's depth at row r is `focal·H·y / (r - horizon·H)` exactly, for layers and for meshes.

    Attributes:
        x, y, z: The eye, metres. y is the height above the ground.
        focal: Focal length in frame heights (1.2 is a normal lens at 16:9).
        horizon: Row of the horizon as a fraction of the frame height, 0 at the top.
        pan: Shift of the view to the right, in frame heights.
    """

    x: float = 0.0
    y: float = 1.6
    z: float = 0.0
    focal: float = 1.2
    horizon: float = 0.5
    pan: float = 0.0

    def project(self, points: F32, width: int, height: int) -> F32:
        """World points (N, 3) -> (N, 3) of column and row in pixels (pixel centres at .5) and 1/depth.

        Points nearer than 1 cm get depth 1 cm: the caller's near plane is its own business.
        """
        out = np.empty_like(points)
        inverse = 1.0 / np.maximum(points[:, 2] - np.float32(self.z), np.float32(0.01))
        scale = self.focal * height
        out[:, 0] = (points[:, 0] - self.x) * inverse * scale + (width * 0.5 - self.pan * height)
        out[:, 1] = self.horizon * height - (points[:, 1] - self.y) * inverse * scale
        out[:, 2] = inverse
        return out


@dataclass(frozen=True, slots=True)
class CameraPath:
    """A camera that moves: eased from `start` to `end` over `seconds`, plus a slow sway. A pure function of t.

    Attributes:
        sway: Amplitude in metres of the eye's drift; 0 for a fixed camera.
        phase: Radians, so that two films do not sway alike.
    """

    start: Camera
    end: Camera
    seconds: float
    sway: float = 0.0
    phase: float = 0.0

    def at(self, t: float) -> Camera:
        """The camera at t seconds."""
        u = min(max(t / self.seconds, 0.0), 1.0)
        u = u * u * (3 - 2 * u) * 0.35 + u * 0.65  # soft start and stop, but never standing still
        mixed = {
            name: getattr(self.start, name) + (getattr(self.end, name) - getattr(self.start, name)) * u
            for name in ("x", "y", "z", "focal", "horizon", "pan")
        }
        camera = Camera(**mixed)
        if not self.sway:
            return camera
        return replace(
            camera,
            x=camera.x + self.sway * math.sin(0.9 * t + self.phase),
            y=camera.y * (1 + 0.15 * self.sway * math.sin(0.63 * t + 1.7 * self.phase)),
        )
