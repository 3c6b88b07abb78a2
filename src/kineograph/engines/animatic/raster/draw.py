"""Meshes in, a lit picture of them out: the one way subjects reach the screen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.noise import kernel
from kineograph.engines.animatic.raster.glass import lay_glass
from kineograph.engines.animatic.raster.materials import GLASS, table
from kineograph.engines.animatic.raster.mesh import Drawn, Posed
from kineograph.engines.animatic.raster.samples import paint, points_of, samples_of, settle
from kineograph.engines.animatic.raster.shade import light_up
from kineograph.engines.animatic.raster.soup import soup_of
from kineograph.engines.animatic.raster.sunmap import no_map, sun_map
from kineograph.engines.animatic.raster.visible import draw_nearest, empty
from kineograph.engines.animatic.scalar import f4

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
Bytes = NDArray[np.uint8]


def draw(
    posed: Sequence[Posed],
    camera: Camera,
    light: Light,
    size: tuple[int, int],
    supersample: int,
    *,
    margin: int = 2,
    self_shadow: bool = True,
    ceiling: float | None = None,
) -> Drawn | None:
    """Draw meshes that hide and shadow each other.

    Args:
        size: (width, height) of the picture, pixels.
        supersample: Samples per pixel and axis, 1 or 2.
        margin: Empty pixels around the subject, for hairs that stand out.
        self_shadow: False saves a depth map where nobody would see it.
        ceiling: Metres above the ground over which nothing opaque is drawn.

    Returns:
        The lit box, or None when nothing is in view.
    """
    if not posed:
        return None
    soup = soup_of(posed, camera, size)
    window = soup.window(size, margin)
    if window is None:
        return None
    eye = np.array([camera.x, camera.y, camera.z], np.float32)
    opaque = (table()[soup.material, GLASS] == 0).astype(np.uint8)
    seen = empty(window, supersample)
    low = opaque if ceiling is None else _below(soup.vertices, soup.triangles, opaque, f4(ceiling))
    draw_nearest(soup, low, eye, seen)
    points = points_of(soup, seen)
    samples = samples_of(soup, points, camera.focal * size[1])
    paint(samples, posed, soup, points)
    colour = light_up(samples, light, eye, sun_map(soup, light, opaque) if self_shadow else no_map())
    rgba = np.zeros((window[3], window[2], 4), np.float32)
    settle(colour, points.pixel, points.share, rgba.reshape(-1, 4))
    focal = camera.focal * size[1]
    whole = bool(opaque.all())
    nearness = seen.nearness if whole else lay_glass(rgba, soup, seen, eye, light, focal)
    return Drawn(window[0], window[1], rgba, depth_of(nearness, supersample), (soup, seen) if whole else None)


@kernel
def _below(vertices: F32, triangles: I32, chosen: Bytes, height: float) -> Bytes:
    """The chosen triangles less those that lie above a height with all three corners."""
    out = np.zeros(triangles.shape[0], np.uint8)
    for k in range(triangles.shape[0]):
        low = min(vertices[triangles[k, 0], 1], vertices[triangles[k, 1], 1], vertices[triangles[k, 2], 1])
        out[k] = chosen[k] and low < height
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def depth_of(nearness: F32, per: int) -> F32:
    """(h, w) depth of the nearest sample of each pixel, metres; infinite where nothing is."""
    out = np.zeros((nearness.shape[0] // per, nearness.shape[1] // per), np.float32)
    side = np.uint64(per)
    for y in range(np.uint64(out.shape[0])):
        for j in range(side):
            for i in range(side):
                for x in range(np.uint64(out.shape[1])):
                    out[y, x] = max(out[y, x], nearness[y * side + j, x * side + i])
        for x in range(np.uint64(out.shape[1])):
            out[y, x] = f4(1) / out[y, x]
    return out
