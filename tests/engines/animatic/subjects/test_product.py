"""Products: built whole, varied by seed and by words, closed after one turn."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from kineograph.engines.animatic.camera import Camera, CameraPath
from kineograph.engines.animatic.raster.materials import GLASS, table
from kineograph.engines.animatic.settings import studio
from kineograph.engines.animatic.shot import Placement, Shot
from kineograph.engines.animatic.spec import SceneSpec, SubjectSpec
from kineograph.engines.animatic.subjects.product import Product, build_actor
from kineograph.engines.animatic.subjects.recipe import choose, rows

KINDS = sorted(rows())
CAMERA = Camera(y=0.22, focal=2.2, horizon=0.4)


def _shot(
    kind: str, *, seed: int = 3, colour: str | None = None, action: str = "idle", setting: str = "studio"
) -> Shot:
    subject = SubjectSpec("product", kind, colour=colour, action=action)
    placed = Placement(subject, 0.0, 1.2, 0.25, seed=seed)
    return Shot(
        spec=SceneSpec(setting=setting, subjects=(subject,)), width=160, height=120, frames=48, seed=seed,
        camera=CameraPath(CAMERA, CAMERA, 2.0), rest=CAMERA, scale=1.0, placements=(placed,),
    )  # fmt: skip


def _actor(kind: str, **words: str | int | None) -> tuple[Product, Shot]:
    shot = _shot(kind, **words)  # type: ignore[arg-type]  # keywords as in _shot
    return build_actor(shot.placements[0], shot), shot


@pytest.mark.parametrize("kind", KINDS)
def test_every_product_is_whole(kind: str) -> None:
    for seed in range(4):
        mesh = _actor(kind, seed=seed)[0].mesh
        for array in (mesh.vertices, mesh.normals, mesh.colour, mesh.occlusion, mesh.uv):
            assert np.isfinite(array).all()
        assert float(np.ptp(mesh.vertices[:, 1])) == pytest.approx(0.25, rel=1e-3)
        assert float(mesh.vertices[:, 1].min()) == pytest.approx(0, abs=1e-6)
        assert mesh.triangles.max() < len(mesh.vertices)
        assert mesh.colour.min() >= 0
        assert mesh.colour.max() <= 1.0


@pytest.mark.parametrize("kind", KINDS)
def test_normals_look_outwards(kind: str) -> None:
    mesh = _actor(kind)[0].mesh
    corners = mesh.vertices[mesh.triangles]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    said = mesh.normals[mesh.triangles].sum(axis=1)
    sign = np.sign((across * said).sum(axis=1))
    area = np.linalg.norm(across, axis=1)
    for part in np.unique(mesh.part):
        own = mesh.part == part
        middle = np.average(corners[own].mean(axis=1), axis=0, weights=area[own])
        # Seen from its own middle a solid has a positive volume, or it is inside out; open pieces have about none.
        volume = float((sign[own] * ((corners[own].mean(axis=1) - middle) * across[own]).sum(axis=1)).sum())
        size = float(np.linalg.norm(np.ptp(corners[own].reshape(-1, 3), axis=0)))
        assert volume > -0.025 * float(area[own].sum()) * size, int(part)
    assert float(mesh.occlusion.mean()) > 0.35, "inside-out parts would be black"


def test_a_turn_closes_after_the_film_and_passes_the_back() -> None:
    actor, _ = _actor("cup")
    start, half, end = (actor.posed(t)[0] for t in (0.0, 1.0, 2.0))
    np.testing.assert_allclose(start.vertices, end.vertices, atol=1e-5)
    np.testing.assert_allclose(start.normals[:, [0, 2]], -half.normals[:, [0, 2]], atol=1e-5)


def test_outside_a_studio_only_rotate_turns_it() -> None:
    still, turning = (_actor("can", setting="beach", action=action)[0] for action in ("idle", "rotate"))
    np.testing.assert_array_equal(still.posed(0)[0].vertices, still.posed(1)[0].vertices)
    assert np.abs(turning.posed(0)[0].vertices - turning.posed(1)[0].vertices).max() > 0.05


def test_seeds_and_colour_words_make_a_difference() -> None:
    looks = {hashlib.sha256(_actor("bottle", seed=seed)[0].mesh.colour.tobytes()).hexdigest() for seed in range(8)}
    assert len(looks) >= 4
    red, blue = (choose(_shot("can", colour=word).placements[0]).colours["paper"] for word in ("red", "blue"))
    assert red[0] > 4 * red[2]
    assert blue[2] > 4 * blue[0]


@pytest.mark.parametrize("kind", KINDS)
def test_every_product_is_drawn_alike_twice(kind: str) -> None:
    actor, shot = _actor(kind)
    light = studio.build(shot).light(0)
    one, two = (actor.draw(0.3, CAMERA, light, (160, 120), 2) for _ in range(2))
    assert one is not None
    assert two is not None
    assert np.isfinite(one.rgba).all()
    assert one.rgba.tobytes() == two.rgba.tobytes()
    assert one.rgba[..., 3].max() > 0.999


def test_light_comes_through_a_bottles_neck() -> None:
    actor, shot = _actor("bottle")
    mesh = actor.mesh
    assert (table()[mesh.material, GLASS] > 0).any()
    drawn = actor.draw(0.0, CAMERA, studio.build(shot).light(0), (160, 120), 2)
    assert drawn is not None
    column, row = CAMERA.project(np.array([[0, 0.215, 1.2]], np.float32), 160, 120)[0, :2]
    alpha = drawn.rgba[int(row) - drawn.y, int(column) - drawn.x, 3]
    assert 0.03 < alpha < 0.9
