import math

import numpy as np
import pytest

from kineograph.engines.animatic.subjects.skeleton import Skeleton, about, align, reach, rx, ry, rz, share, skin


@pytest.mark.parametrize(("forward", "up"), [(0.1, -0.7), (-0.3, -0.4), (0.5, 0.2)])
@pytest.mark.parametrize("bend", [1, -1])
def test_a_limb_reaches_its_target(forward, up, bend):
    a, b = reach(forward, up, 0.5, 0.4, bend)
    knee = np.array([math.sin(a), -math.cos(a)]) * 0.5
    foot = knee + np.array([math.sin(b), -math.cos(b)]) * 0.4
    np.testing.assert_allclose(foot, (forward, up), atol=1e-6)
    straight = math.atan2(forward, -up)
    assert (a - straight) * bend > 0


def test_a_limb_points_at_what_it_cannot_reach():
    a, b = reach(3.0, -3.0, 0.5, 0.4, 1)
    assert a == pytest.approx(math.pi / 4, abs=0.05)
    assert b == pytest.approx(a, abs=0.1)


def test_half_a_turn_twice_is_the_turn():
    turn = rx(0.7) @ ry(-0.4) @ rz(1.1)
    half = share(turn, 0.5)
    np.testing.assert_allclose(half @ half, turn, atol=1e-9)
    np.testing.assert_allclose(share(np.eye(3), 0.5), np.eye(3))


def test_align_takes_one_direction_to_the_other():
    a, b = np.array([0.2, -0.9, 0.1]), np.array([-0.5, 0.3, 0.8])
    np.testing.assert_allclose(align(a, b) @ a / np.linalg.norm(a), b / np.linalg.norm(b), atol=1e-7)


def test_weights_blend_along_the_tree_but_not_across_it():
    bones = Skeleton()
    bones.add("pelvis", None, (0, 1, 0))
    for side in "LR":
        bones.add(f"thigh{side}", "pelvis", (0, 1, 0))
        bones.add(f"shin{side}", f"thigh{side}", (0, 0.5, 0))
        bones.add(f"foot{side}", f"shin{side}", (0, 0, 0))
    linked = bones.linked()
    index = bones.index
    assert linked[index["pelvis"], index["shinL"]]
    assert not linked[index["pelvis"], index["footL"]]
    assert not linked[index["shinL"], index["shinR"]]
    bones.link("shinL", "shinR")
    assert bones.linked()[index["shinR"], index["shinL"]]


def test_skinning_moves_a_vertex_with_its_bone_and_keeps_normals_unit():
    bones = Skeleton()
    bones.add("root", None, (0, 0, 0))
    bones.add("arm", "root", (1, 0, 0))
    frames = bones.solve({"arm": about((0, 0, 1), math.pi / 2)}, root=(0, 2, 0))
    matrices = frames.matrices(bones, 2 * np.eye(3), np.array([5.0, 0, 0]))
    points = np.array([[2, 0, 0], [0, 0, 0]], np.float32)
    normals = np.array([[0, 1, 0], [0, 1, 0]], np.float32)
    weights = np.array([[1, 0, 0, 0]] * 2, np.float32)
    numbers = np.array([[1, 0, 0, 0], [0, 0, 0, 0]], np.int32)
    moved, turned = skin(matrices, numbers, weights, points, normals)
    np.testing.assert_allclose(moved, [[7, 6, 0], [5, 4, 0]], atol=1e-5)
    np.testing.assert_allclose(turned, [[-1, 0, 0], [0, 1, 0]], atol=1e-5)
