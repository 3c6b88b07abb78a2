import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.light.rig import Light
from kineograph.engines.animatic.raster.mesh import Drawn
from kineograph.engines.animatic.subjects.fur import Style, comb, grow
from kineograph.engines.animatic.subjects.sculpt import Skinned, sculpt
from kineograph.engines.animatic.subjects.sdf import Shape
from kineograph.engines.animatic.subjects.skeleton import Skeleton

LIGHT = Light(
    np.array([0, 1, 0], np.float32),
    *(np.full(3, v, np.float32) for v in (1.0, 0.3, 0.1, 0.0)),
    0.0,
    np.zeros((1, 1, 1, 3), np.float32),
)
SIZE = (120, 120)
CAMERA = Camera(y=0.5, z=-2.0, focal=2.0)


def ball() -> tuple[Skinned, Skeleton]:
    bones = Skeleton()
    bones.add("root", None, (0, 0.5, 0))
    shape = Shape("fur", 0.04, furred=True)
    shape.ellipsoid((0, 0.5, 0), 0.3, bone=0, colour=(0.5, 0.3, 0.2), blend=0.02, flow=(0, -1, 0))
    return sculpt([shape], [], bones, 0.2), bones


def disc() -> Drawn:
    """What the rasteriser would have drawn of the ball: a flat red disc, with the ball's depth."""
    y, x = np.mgrid[0:120, 0:120] + 0.5
    away = np.hypot(x - 60, y - 60) / 120  # metres off the axis, near enough
    inside = away < 0.3
    rgba = np.zeros((120, 120, 4), np.float32)
    rgba[inside] = (0.6, 0.1, 0.1, 1.0)
    depth = np.where(inside, 2 - np.sqrt(np.maximum(0.09 - away**2, 0)), np.inf).astype(np.float32)
    return Drawn(0, 0, rgba, depth)


def combed(count: int, length: float, style: Style | None = None) -> np.ndarray:
    body, bones = ball()
    mesh = body.mesh
    lengths = np.full(len(mesh.vertices), length, np.float32)
    fur = grow(body, body.furred, count, lengths, style or Style(), np.random.default_rng(1))
    drawn = disc()
    matrices = bones.solve({}).matrices(bones, np.eye(3), np.zeros(3))
    comb(drawn, fur, body, matrices, (mesh.vertices, mesh.normals), (CAMERA, SIZE, LIGHT), 1.0)
    return drawn.rgba


def test_hairs_stand_out_from_the_outline_in_the_colour_under_their_root():
    bald, furry = disc().rgba, combed(4000, 0.08)
    outside = (bald[..., 3] == 0) & (furry[..., 3] > 0.2)
    assert outside.sum() > 60
    tips = furry[outside]
    assert (tips[:, 0] > 2.5 * tips[:, 1]).mean() > 0.95


def test_hairs_of_less_than_a_pixel_are_left_out():
    np.testing.assert_array_equal(combed(4000, 0.002), disc().rgba)


def test_no_hair_grows_where_its_length_is_nothing():
    np.testing.assert_array_equal(combed(4000, 0.0), disc().rgba)


def test_hairs_lie_along_the_flow():
    """Flow runs down: more is drawn below the outline than above it."""
    furry = combed(4000, 0.08, Style(up=0.1, mess=0.05))
    alpha = np.where(disc().rgba[..., 3] == 0, furry[..., 3], 0)
    assert alpha[60:].sum() > 2 * alpha[:60].sum()


def test_colours_stay_finite_and_bounded():
    furry = combed(4000, 0.08)
    assert np.isfinite(furry).all()
    assert furry[..., 3].max() <= 1.0 + 1e-6
    assert furry[..., 0].max() < 1.0
