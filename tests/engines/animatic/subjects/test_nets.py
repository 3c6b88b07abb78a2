from collections import Counter

import numpy as np
import pytest

from kineograph.engines.animatic.subjects.nets import surface
from kineograph.engines.animatic.subjects.sdf import Shape


def melted() -> Shape:
    shape = Shape("fur", 0.03)
    shape.cone((0, 0.4, 0.3), (0, 0.5, -0.3), 0.15, 0.12, bone=0, colour=(1, 1, 1), blend=0.1)
    shape.ellipsoid((0, 0.7, 0.4), (0.2, 0.16, 0.18), bone=1, colour=(1, 0, 0), blend=0.05)
    shape.ellipsoid((0, 0.7, 0.6), 0.1, bone=1, colour=(1, 0, 0), blend=0.02, carve=True)
    return shape


def test_a_melted_surface_is_closed():
    _, _, triangles = surface(melted().primitives(), 0.03)
    edges = Counter((int(t[i]), int(t[(i + 1) % 3])) for t in triangles for i in range(3))
    assert len(triangles) > 500
    assert all(edges[b, a] == n for (a, b), n in edges.items())


def test_triangles_and_normals_look_outward():
    vertices, normals, triangles = surface(melted().primitives(), 0.03)
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    agree = (np.cross(b - a, c - a) * normals[triangles[:, 0]]).sum(1) > 0
    assert agree.mean() > 0.98
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-5)


def test_vertices_of_a_ball_lie_on_it():
    shape = Shape("skin", 0.05)
    shape.ellipsoid((0.1, 0.2, 0.3), 0.4, bone=0, colour=(1, 1, 1), blend=0.02)
    vertices, normals, _ = surface(shape.primitives(), 0.05)
    away = vertices - np.array([0.1, 0.2, 0.3], np.float32)
    np.testing.assert_allclose(np.linalg.norm(away, axis=1), 0.4, atol=1e-3)
    assert (away * normals).sum(1).min() == pytest.approx(0.4, abs=0.01)


def test_carving_takes_away_and_never_adds():
    whole = Shape("skin", 0.03)
    whole.ellipsoid((0, 0, 0), 0.3, bone=0, colour=(1, 1, 1), blend=0.02)
    cut = Shape("skin", 0.03, rows=[*whole.rows])
    cut.ellipsoid((0, 0, 0.3), 0.2, bone=0, colour=(1, 1, 1), blend=0.02, carve=True)
    a, b = surface(whole.primitives(), 0.03)[0], surface(cut.primitives(), 0.03)[0]
    assert b[:, 2].max() < a[:, 2].max() - 0.05
    assert np.linalg.norm(b, axis=1).max() < 0.31
