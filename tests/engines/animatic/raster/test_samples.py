"""Samples: what painters are shown, and what becomes of what they change."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kineograph.engines.animatic.camera import Camera
from kineograph.engines.animatic.raster.materials import material
from kineograph.engines.animatic.raster.mesh import Posed, Samples
from kineograph.engines.animatic.raster.samples import only, paint, points_of, samples_of
from kineograph.engines.animatic.raster.soup import soup_of
from kineograph.engines.animatic.raster.visible import draw_nearest, empty

SIZE = (160, 120)
Make = Callable[..., Posed]


def _sampled(posed: list[Posed], camera: Camera, per: int = 2) -> Samples:
    soup = soup_of(posed, camera, SIZE)
    window = soup.window(SIZE, 2)
    assert window is not None
    seen = empty(window, per)
    eye = np.array([camera.x, camera.y, camera.z], np.float32)
    draw_nearest(soup, np.ones(len(soup.triangles), np.uint8), eye, seen)
    points = points_of(soup, seen)
    samples = samples_of(soup, points, camera.focal * SIZE[1])
    paint(samples, posed, soup, points)
    return samples


def test_normals_of_a_ball_point_from_its_centre(ball: Make, camera: Camera) -> None:
    samples = _sampled([ball(0.3)], camera)
    wanted = (samples.position - np.array([0, 0.5, 2], np.float32)) / np.float32(0.3)
    np.testing.assert_allclose(samples.normal, wanted, atol=0.02)
    np.testing.assert_allclose(np.linalg.norm(samples.normal, axis=1), 1, atol=1e-4)


def test_one_point_per_pixel_inside_and_more_on_the_outline(ball: Make, camera: Camera) -> None:
    posed = ball(0.3)
    soup = soup_of([posed], camera, SIZE)
    window = soup.window(SIZE, 2)
    assert window is not None
    seen = empty(window, 2)
    draw_nearest(soup, np.ones(len(soup.triangles), np.uint8), np.array([0, 0.5, 0], np.float32), seen)
    points = points_of(soup, seen)
    covered = int(np.count_nonzero(seen.ids >= 0))
    assert covered / 4 <= len(points.triangle) < covered / 3
    assert float(points.share.sum()) == np.float32(covered / 4)
    assert (np.diff(points.pixel) >= 0).all()


def test_painters_see_only_their_own_mesh_and_material(ball: Make, camera: Camera) -> None:
    shown: list[Samples] = []

    def red(samples: Samples) -> None:
        shown.append(samples)
        samples.colour[:] = (1, 0, 0)

    painted = ball(0.2, of="cloth", at=(-0.3, 0.5, 2), painters=(only("cloth", red), only("leather", red)))
    plain = ball(0.2, of="cloth", at=(0.3, 0.5, 2))
    samples = _sampled([painted, plain], camera)
    assert len(shown) == 1, "nothing of leather is there: its painter is not called"
    assert (shown[0].material == material("cloth")).all()
    left = samples.position[:, 0] < 0
    np.testing.assert_array_equal(samples.colour[left], np.tile(np.float32([1, 0, 0]), (left.sum(), 1)))
    np.testing.assert_allclose(samples.colour[~left], 0.5, rtol=1e-5)


def test_a_footprint_is_a_pixel_of_the_surface(ball: Make, camera: Camera) -> None:
    samples = _sampled([ball(0.05, at=(0, 0.5, 4))], camera)
    np.testing.assert_allclose(samples.footprint, 4 / (camera.focal * SIZE[1]), rtol=0.02)
