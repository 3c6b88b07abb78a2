"""A ball, a tile and lights for the rasteriser's tests, as fixtures that are functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.environment import environment_of
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.materials import material
from kineograph.engines.animatic.raster.mesh import Mesh, Painter, Posed

F32 = NDArray[np.float32]


@pytest.fixture(scope="session")
def camera() -> Camera:
    return Camera(x=0.0, y=0.5, z=0.0, focal=1.2, horizon=0.5)


@pytest.fixture(scope="session")
def ball() -> Callable[..., Posed]:
    return _ball


@pytest.fixture(scope="session")
def tile() -> Callable[..., Posed]:
    return _tile


@pytest.fixture(scope="session")
def lit() -> Callable[..., Light]:
    return _lit


def _ball(
    radius: float = 0.3,
    *,
    of: str = "matte",
    colour: tuple[float, float, float] = (0.5, 0.5, 0.5),
    at: tuple[float, float, float] = (0.0, 0.5, 2.0),
    n: int = 40,
    painters: tuple[Painter, ...] = (),
) -> Posed:
    """A ball with exact normals."""
    a, b = np.meshgrid(np.linspace(0, np.pi, n), np.linspace(0, 2 * np.pi, 2 * n), indexing="ij")
    normals = np.stack([np.sin(a) * np.sin(b), np.cos(a), np.sin(a) * np.cos(b)], -1).reshape(-1, 3).astype(np.float32)
    i = np.arange(n * 2 * n).reshape(n, 2 * n)
    quads = np.stack([i[:-1, :-1], i[1:, :-1], i[1:, 1:], i[:-1, 1:]], -1).reshape(-1, 4)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32)
    vertices = normals * np.float32(radius)
    count, faces = len(vertices), len(triangles)
    mesh = Mesh(
        vertices, normals, triangles,
        np.tile(np.array(colour, np.float32), (count, 1)), np.ones(count, np.float32),
        np.full(faces, material(of), np.uint8), vertices, np.zeros((count, 2), np.float32), np.zeros(faces, np.uint16),
    )  # fmt: skip
    return Posed(mesh, vertices + np.array(at, np.float32), normals, painters)


def _tile(half: float = 1.5, *, at_z: float = 2.0, y: float = 0.0) -> Posed:
    """A square of paper on the ground, looking up."""
    corners = np.array([[-half, y, -half], [half, y, -half], [half, y, half], [-half, y, half]], np.float32)
    up = np.tile(np.array([0, 1, 0], np.float32), (4, 1))
    mesh = Mesh(
        corners, up, np.array([[0, 1, 2], [0, 2, 3]], np.int32), np.full((4, 3), 0.5, np.float32),
        np.ones(4, np.float32), np.full(2, material("paper"), np.uint8), corners, np.zeros((4, 2), np.float32),
        np.zeros(2, np.uint16),
    )  # fmt: skip
    return Posed(mesh, corners + np.array([0, 0, at_z], np.float32), up)


def _lit(
    *,
    key: float = 1.0,
    direction: tuple[float, float, float] = (-0.6, 0.7, -0.4),
    around: float = 0.3,
    haze: float = 0.0,
) -> Light:
    """A key light and a uniform surrounding."""
    towards = np.array(direction, np.float32)
    grey = np.full(3, around, np.float32)
    return Light(
        direction=towards / np.linalg.norm(towards),
        key=np.full(3, key, np.float32),
        sky=grey,
        bounce=grey,
        haze=np.array([0.6, 0.7, 0.8], np.float32),
        haze_density=haze,
        environment=_uniform(around),
    )


@cache
def _uniform(around: float) -> F32:
    return environment_of(lambda d: np.full_like(d, around))
