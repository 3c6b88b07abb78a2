"""Whiskers: thin polylines on the head, drawn last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.mesh import Drawn
from kineograph.engines.animatic.spec import Colour as Rgb
from kineograph.engines.animatic.subjects.fur import stroke

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Whisker = F32  # (6, 3) rest positions, root first

COLOUR: Rgb = (0.80, 0.76, 0.68)
THICKNESS = 0.0009  # ÷ frame height


def whiskers_of(muzzle: F64, size: float) -> list[Whisker]:
    """Three to a side, fanned out from the pads of a muzzle of radius `size`."""
    out = []
    for side in (1, -1):
        for j, lift in ((-1, 0.15), (0, 0.18), (1, 0.16)):
            points = []
            for u in np.linspace(0, 1, 6):
                aside = size * 0.75 + u * lift
                up = -size * 0.30 + 0.012 * j + u * (0.022 * j - 0.008) - 0.05 * u * u
                points.append(muzzle + np.array([side * aside, up, size * 0.35 - 0.12 * u * lift]))
            out.append(np.array(points, np.float32))
    return out


def draw_whiskers(
    drawn: Drawn, whiskers: Sequence[Whisker], head: F32, camera: Camera, size: tuple[int, int], light: Light
) -> None:
    """Over the subject, in place.

    Args:
        head: (3, 4) matrix of the bone they grow on.
    """
    lit = np.array(COLOUR, np.float32) * (0.55 * light.key + 0.8 * light.sky)
    width = max(THICKNESS * size[1], 0.42)
    how = np.array([0, 0, 0.0, 0.0], np.float32)
    for whisker in whiskers:
        world = np.ascontiguousarray(whisker @ head[:, :3].T + head[:, 3], np.float32)
        screen = camera.project(world, *size) - np.array([drawn.x, drawn.y, 0], np.float32)
        column, row = int(screen[1, 0]), int(screen[1, 1])
        inside = 0 <= row < drawn.depth.shape[0] and 0 <= column < drawn.depth.shape[1]
        if inside and drawn.depth[row, column] < 0.985 / screen[1, 2]:
            continue  # on the far side of the muzzle
        for i in range(len(screen) - 1):
            step = screen[i + 1, :2] - screen[i, :2]
            long = float(np.hypot(*step))
            if long < 0.3:
                continue
            how[0] = 0.62 - 0.10 * i
            stroke(
                drawn.rgba, screen[i, 0], screen[i, 1], np.float32(step[0] / long), np.float32(step[1] / long),
                np.float32(long), np.float32(width * (1 - 0.12 * i)), lit, how,
            )  # fmt: skip
