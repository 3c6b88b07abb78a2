import math

import numpy as np
import pytest

from kineograph.engines.animatic.subjects.skirt import AROUND, DOWN, Drape, cut_skirt

SKIRT = cut_skirt(0.6, (0.06, 0.05), 0.25, 0.3, ((0.5, 0.1, 0.1), (0.9, 0.9, 0.9)))
STILL = np.hstack([np.eye(3), np.zeros((3, 1))]).astype(np.float32)


def hem(drape: Drape) -> np.ndarray:
    return SKIRT.posed(drape, STILL, 0.0).vertices[(DOWN - 1) * AROUND : DOWN * AROUND]


def test_a_hanging_skirt_is_widest_at_its_hem_and_keeps_its_length():
    posed = SKIRT.posed(Drape(), STILL, 0.0)
    outer = posed.vertices[: DOWN * AROUND].reshape(DOWN, AROUND, 3)
    radius = np.hypot(outer[..., 0], outer[..., 2]).mean(1)
    assert (np.diff(radius) > 0).all()
    lengths = np.linalg.norm(np.diff(outer, axis=0), axis=2).sum(0)
    assert lengths == pytest.approx(0.25, rel=0.08)


def test_normals_of_the_outer_face_look_outward_and_of_the_inner_face_inward():
    posed = SKIRT.posed(Drape(), STILL, 0.0)
    away = posed.vertices * np.array([1, 0, 1], np.float32)
    facing = (posed.normals * away).sum(1)
    assert (facing[: DOWN * AROUND] > 0).mean() > 0.99
    assert (facing[DOWN * AROUND :] < 0).mean() > 0.99


def test_flaring_lifts_and_widens_the_hem():
    still, thrown = hem(Drape()), hem(Drape(flare=0.8))
    assert np.ptp(thrown[:, 0]) > 1.4 * np.ptp(still[:, 0])
    assert thrown[:, 1].mean() > still[:, 1].mean() + 0.03


def test_cloth_lies_on_a_lifted_thigh():
    ahead = hem(Drape(legs=((0.0, 1.1, 0.2),)))
    still = hem(Drape())
    assert ahead[0, 2] > still[0, 2] + 0.04
    assert ahead[AROUND // 2, 2] == pytest.approx(still[AROUND // 2, 2], abs=0.01)


def test_a_ripple_closes_around():
    for phase in (0.0, 1.3):
        edge = hem(Drape(wave=phase, twist=0.5))
        gaps = np.linalg.norm(np.roll(edge, -1, 0) - edge, axis=1)
        assert gaps.max() < 3 * gaps.mean()


def test_cloth_never_falls_through_the_ground():
    low = SKIRT.posed(Drape(), np.hstack([np.eye(3), [[0], [-0.5], [0]]]).astype(np.float32), 0.0)
    assert low.vertices[:, 1].min() >= 0.004 - 1e-6
    assert math.isfinite(float(low.normals.sum()))
