"""Filleted solids: closed, rounded, looking outwards."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kineograph.engines.animatic.subjects import forms

SOLIDS = {
    "lathe": forms.lathe([(0, 0), (0.3, 0), (0.3, 0.5), (0, 0.5)]),
    "cylinder": forms.cylinder(0.2, 0.6, top=0.1),
    "box": forms.rounded_box(0.4, 0.6, 0.2),
    "extrusion": forms.extrusion([(-0.3, -0.2), (0.3, -0.2), (0.2, 0.3), (-0.2, 0.3)], 0.1),
    "tube": forms.sweep(forms.curve([(-0.5, 0, 0), (0, 0.3, 0), (0.5, 0, 0.2)]), 0.05),
    "ball": forms.ellipsoid(0.3, 0.2, 0.4),
    "ring": forms.torus(0.4, 0.1),
}


def _volume(part: forms.Part) -> float:
    """By the divergence theorem, with the faces' sides told by the normals."""
    a, b, c = (part.vertices[part.triangles[:, i]] for i in range(3))
    across = np.cross(b - a, c - a)
    outwards = part.normals[part.triangles].mean(axis=1)
    sign = np.sign((across * outwards).sum(axis=1))
    return float((((a + b + c) / 3 * across).sum(axis=1) * sign).sum()) / 6


@pytest.mark.parametrize("name", SOLIDS)
def test_normals_are_unit_and_point_outwards(name: str) -> None:
    part = SOLIDS[name]
    assert np.isfinite(part.vertices).all()
    np.testing.assert_allclose(np.linalg.norm(part.normals, axis=1), 1, atol=1e-6)
    assert _volume(part) > 0


def test_volumes_are_those_of_the_solids() -> None:
    assert _volume(SOLIDS["lathe"]) == pytest.approx(math.pi * 0.09 * 0.5, rel=0.02)
    assert _volume(SOLIDS["ball"]) == pytest.approx(4 / 3 * math.pi * 0.3 * 0.2 * 0.4, rel=0.02)
    assert _volume(SOLIDS["box"]) == pytest.approx(0.4 * 0.6 * 0.2, rel=0.06)
    assert _volume(SOLIDS["ring"]) == pytest.approx(2 * math.pi**2 * 0.4 * 0.01, rel=0.03)


def test_a_fillet_rounds_sharp_corners_and_leaves_the_runs_between_flat() -> None:
    points, normals = forms.fillet([(0, 0), (1, 0), (1, 1), (0, 1)], 0.1)
    assert float(np.abs(points - [1, 0]).sum(axis=1).min()) > 0.04, "the corner itself is gone"
    assert (np.diff(np.degrees(np.unwrap(np.arctan2(normals[:, 1], normals[:, 0])))) < 45).all()
    flat = points[(points[:, 0] > 0.999) & (points[:, 1] > 0.11) & (points[:, 1] < 0.89)]
    assert len(flat) == 0, "a flat run needs no points: its ends carry the same normal"


def test_the_front_of_a_lathe_is_the_middle_of_its_picture() -> None:
    part = forms.lathe([(0.3, 0), (0.3, 1)], around=64)
    front = part.uv[np.argmin(part.vertices[:, 2])]
    assert front[0] == pytest.approx(0.5)
    right = part.uv[np.argmax(part.vertices[:, 0])]
    assert right[0] == pytest.approx(0.75)
    top = part.uv[np.argmax(part.vertices[:, 1])]
    assert top[1] == pytest.approx(0.0)


def test_faces_of_a_box_are_told_by_u() -> None:
    part = forms.rounded_box(1, 1, 1, radius=0.01)
    for face, direction in enumerate([(0, 0, -1), (1, 0, 0), (0, 0, 1), (-1, 0, 0), (0, 1, 0), (0, -1, 0)]):
        flat = part.normals @ direction > 0.999
        assert (np.floor(part.uv[flat, 0]) == face).all()


def test_turning_by_a_quarter_brings_the_front_to_the_right() -> None:
    assert forms.turned(y=math.pi / 2) @ np.array([0, 0, -1.0]) == pytest.approx([1, 0, 0])


def test_what_is_thin_has_fewer_pieces_around_and_leaves_the_circle_as_little() -> None:
    thick, thin = (forms.lathe([(radius, 0), (radius, 0.05)], around=200) for radius in (0.5, 0.02))
    assert len(thin.triangles) < 0.4 * len(thick.triangles)
    for part, radius in ((thick, 0.5), (thin, 0.02)):
        middles = part.vertices[part.triangles].mean(axis=1)
        assert float(np.hypot(middles[:, 0], middles[:, 2]).min()) > radius - 0.0005
    assert len(forms.lathe([(0.5, 0), (0.5, 0.05)], around=6).triangles) == 2 * 6, "what is to have corners keeps them"
