"""Cuts what reaches past the eye: a triangle dropped whole would leave a torn hole in an extreme close-up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera

if TYPE_CHECKING:
    from kineograph.engines.animatic.raster.soup import Soup

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]


def cut(soup: Soup, camera: Camera, size: tuple[int, int], near: float) -> Soup:
    """The soup with its triangles cut where they are `near` metres before the eye; itself where none reaches that near.

    What lies behind the cut of such a triangle is gone; triangles that lie wholly there stay, for their shadows.
    """
    depth = soup.vertices[:, 2] - np.float32(camera.z)
    ahead = depth > near
    if ahead.all():
        return soup
    count = ahead[soup.triangles].sum(axis=1)
    crossing = np.flatnonzero((count == 1) | (count == 2))
    if not len(crossing):
        return soup
    corners, single = soup.triangles[crossing], count[crossing] == 1
    # The corner that is alone on its side comes first; from it two edges lead through the cut.
    alone = np.argmax(ahead[corners] == single[:, None], axis=1)
    one, b, c = np.take_along_axis(corners, (alone[:, None] + np.arange(3)) % 3, axis=1).T
    starts, ends = np.concatenate([one, one]), np.concatenate([b, c])
    share = ((np.float32(near) - depth[starts]) / (depth[ends] - depth[starts]))[:, None]

    def longer(values: F32) -> F32:
        rows = values.reshape(len(values), -1)
        between = rows[starts] + (rows[ends] - rows[starts]) * share
        return np.concatenate([values, between.reshape(-1, *values.shape[1:])]).astype(np.float32)

    vertices = longer(soup.vertices)
    old, k = len(soup.vertices), len(crossing)
    screen = camera.project(vertices[old:], *size)
    screen[:, 2] = np.minimum(screen[:, 2], np.float32(1 / near))  # rounding may not push it past the cut
    first, second = old + np.arange(k), old + k + np.arange(k)
    triangles = soup.triangles.copy()
    tips = np.stack([one, first, second], axis=1)
    stumps = np.stack([first, b, c], axis=1)
    triangles[crossing] = np.where(single[:, None], tips, stumps)
    rest = np.stack([first, c, second], axis=1)[~single]  # of a stump, which has four corners, the other half
    owner = np.concatenate([np.arange(len(triangles)), crossing[~single]])
    order = np.argsort(owner, kind="stable")
    return replace(
        soup,
        screen=np.concatenate([soup.screen, screen]).astype(np.float32),
        vertices=vertices,
        normals=longer(soup.normals),
        colour=longer(soup.colour),
        occlusion=longer(soup.occlusion),
        rest=longer(soup.rest),
        uv=longer(soup.uv),
        triangles=np.concatenate([triangles, rest])[order].astype(np.int32),
        material=soup.material[owner[order]],
        part=soup.part[owner[order]],
        first=np.searchsorted(owner[order], soup.first),
    )
